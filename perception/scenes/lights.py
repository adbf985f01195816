"""The light of worlds: day, overcast, dusk, night, rain, and indoors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from perception.scenes.scene import Colour, Glow, Light

Rng = np.random.Generator
Spots = list[tuple[float, float, float]]


def _times(colour: Colour, factor: float) -> Colour:
    return (colour[0] * factor, colour[1] * factor, colour[2] * factor)


def _direction(rng: Rng, low_deg: float, high_deg: float) -> tuple[float, float, float]:
    height, turn = np.radians(rng.uniform(low_deg, high_deg)), rng.uniform(0, 2 * np.pi)
    flat = float(np.cos(height))
    return (flat * float(np.cos(turn)), flat * float(np.sin(turn)), float(np.sin(height)))


def day(rng: Rng, _spots: Spots) -> Light:
    """Sun and blue sky."""
    strength = float(rng.uniform(0.9, 1.5))
    warm = float(rng.uniform(0.8, 1.0))
    zenith = (0.18, 0.32, float(rng.uniform(0.5, 0.75)))
    return Light(
        to_sun=_direction(rng, 22, 72),
        sun=(strength, strength * (0.9 + 0.08 * warm), strength * warm * 0.9),
        sky=_times((0.28, 0.33, 0.42), float(rng.uniform(0.7, 1.2))),
        zenith=zenith,
        exposure=float(rng.uniform(0.4, 0.85)),
    )


def overcast(rng: Rng, _spots: Spots) -> Light:
    """Even light from a grey sky."""
    grey = float(rng.uniform(0.45, 0.9))
    return Light(
        to_sun=_direction(rng, 40, 80),
        sun=_times((0.12, 0.12, 0.12), grey),
        sky=(grey, grey, grey * 1.05),
        bounce=_times((0.3, 0.29, 0.28), grey),
        zenith=(0.6, 0.62, 0.66),
        horizon=(0.75, 0.76, 0.78),
        haze_per_m=float(rng.uniform(0.002, 0.012)),
        exposure=float(rng.uniform(0.45, 1.0)),
    )


def rain(rng: Rng, spots: Spots) -> Light:
    """Overcast, hazy, and the ground is wet."""
    base = overcast(rng, spots)
    return Light(
        **{
            **base.__dict__,
            "wetness": float(rng.uniform(0.5, 1.0)),
            "haze_per_m": float(rng.uniform(0.008, 0.025)),
            "exposure": base.exposure * 0.85,
        }
    )


def dusk(rng: Rng, spots: Spots) -> Light:
    """A low warm sun, or none any more, and the first lamps."""
    low = float(rng.uniform(0.1, 0.9))
    glows = _lamps(rng, spots, float(rng.uniform(0.3, 0.8)), 4)
    return Light(
        to_sun=_direction(rng, 4, 14),
        sun=(low, low * 0.55, low * 0.28),
        sky=_times((0.2, 0.2, 0.28), float(rng.uniform(0.6, 1.1))),
        bounce=(0.08, 0.07, 0.07),
        zenith=(0.16, 0.2, 0.36),
        horizon=(0.75, float(rng.uniform(0.35, 0.55)), 0.32),
        exposure=float(rng.uniform(0.6, 1.4)),
        glows=glows,
    )


def night(rng: Rng, spots: Spots) -> Light:
    """Lamps, and little else."""
    ambient = float(rng.uniform(0.025, 0.09))
    return Light(
        sun=(0, 0, 0),
        sky=(ambient, ambient, ambient * 1.3),
        bounce=_times((0.5, 0.5, 0.5), ambient),
        zenith=(0.01, 0.012, 0.02),
        horizon=(0.03, 0.03, float(rng.uniform(0.03, 0.05))),
        haze_per_m=0.003,
        exposure=float(rng.uniform(0.8, 2.2)),
        wetness=float(rng.choice([0.0, 0.0, 0.7])),
        glows=_lamps(rng, spots, float(rng.uniform(0.7, 1.6)), 6),
    )


def indoor(rng: Rng, spots: Spots) -> Light:
    """Ceiling lights, from bright to dim."""
    level = float(rng.uniform(0.12, 0.55))
    warm = float(rng.uniform(0.75, 1.0))
    glows = tuple(
        Glow(x, y, 2.4, _times((1.0, 0.95, 0.9 * warm), float(rng.uniform(0.2, 0.6))), 7.0)
        for x, y, _ in spots[:5]
    )
    return Light(
        sun=(0, 0, 0),
        sky=(level, level, level * warm),
        bounce=_times((0.8, 0.8, 0.8 * warm), level),
        zenith=(0.8, 0.8, 0.8),
        horizon=(0.5, 0.5, 0.5),
        haze_per_m=0.0,
        exposure=float(rng.uniform(0.5, 1.2)),
        glows=glows,
    )


def light_of_hour(hour: float, lamps: Spots, wet: float = 0.0) -> Light:
    """The light outdoors at an hour of the day (0 to 24), with lamps when it is dark.

    A sun that rises at six in the east and sets at eighteen in the west, 60 degrees high at noon.
    """
    turn = (hour - 6.0) / 12.0 * np.pi
    high = float(np.sin(turn)) * np.radians(60.0)
    shine = float(np.clip(np.degrees(high) / 12.0, 0.0, 1.0))
    dawn = float(np.clip(np.degrees(high) / 12.0 + 1.0, 0.0, 1.0))  # 0 from 12 degrees below
    flat = float(np.cos(max(high, 0.05)))
    sky = 0.035 + 0.33 * dawn**1.5
    return Light(
        to_sun=(flat * float(np.cos(turn)), -0.3, float(np.sin(max(high, 0.05)))),
        sun=(1.3 * shine, (0.75 + 0.47 * shine) * shine, (0.45 + 0.65 * shine) * shine),
        sky=(sky * 0.9, sky, sky * 1.2),
        bounce=_times((0.42, 0.4, 0.38), sky),
        zenith=_times((0.22, 0.36, 0.62), 0.03 + 0.97 * dawn**2),
        horizon=_times((0.74, 0.76, 0.8), 0.04 + 0.96 * dawn**2),
        exposure=1.5 - 0.9 * dawn,
        wetness=wet,
        glows=tuple(Glow(*spot, (1.1, 0.85, 0.5), 13.0) for spot in lamps) if dawn < 0.6 else (),
    )


def indoors() -> Light:
    """Even light of ceilings."""
    return Light(
        sun=(0, 0, 0),
        sky=(0.42, 0.41, 0.39),
        bounce=(0.34, 0.33, 0.31),
        zenith=(0.6, 0.6, 0.58),
        horizon=(0.5, 0.5, 0.48),
        haze_per_m=0.0,
        exposure=0.9,
    )


def _lamps(rng: Rng, spots: Spots, strength: float, count: int) -> tuple[Glow, ...]:
    tints: tuple[Colour, ...] = ((1.0, 0.75, 0.42), (0.9, 0.95, 1.0), (1.0, 0.9, 0.7))
    tint = tints[rng.integers(3)]
    return tuple(
        Glow(x, y, z, _times(tint, strength), float(rng.uniform(7, 14)))
        for x, y, z in spots[:count]
    )


LIGHTS: Final[dict[str, Callable[[Rng, Spots], Light]]] = {
    light.__name__: light for light in (day, overcast, rain, dusk, night, indoor)
}
