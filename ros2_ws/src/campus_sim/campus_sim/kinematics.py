"""Motion of a differential drive: velocities ramp to what is wanted, poses follow exact arcs."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fleet_manager.core.config import KindSpec

HALF_TRACK_PER_RADIUS = 0.6
"""Where a wheel stands, seen from the middle, as a share of the footprint's radius."""


@dataclass(frozen=True, slots=True)
class Drive:
    """What a drive can do. The turn acceleration is that of wheels limited like the body is."""

    max_speed_mps: float
    max_acceleration_mps2: float
    max_turn_rate_radps: float
    max_turn_acceleration_radps2: float

    @staticmethod
    def of(kind: KindSpec) -> Drive:
        """The drive of a kind of robot."""
        return Drive(
            kind.max_speed_mps,
            kind.max_acceleration_mps2,
            kind.max_turn_rate_radps,
            kind.max_acceleration_mps2 / (HALF_TRACK_PER_RADIUS * kind.footprint_radius_m),
        )


def ramp(now: float, wanted: float, rate: float, dt_s: float) -> tuple[float, float]:
    """A velocity that approaches `wanted` by at most `rate` per second.

    Returns:
        The velocity after `dt_s`, and its exact integral over that time.
    """
    gap = wanted - now
    needed_s = abs(gap) / rate
    if needed_s >= dt_s:
        end = now + math.copysign(rate * dt_s, gap)
        return end, (now + end) / 2 * dt_s
    return wanted, (now + wanted) / 2 * needed_s + wanted * (dt_s - needed_s)


def clipped(value: float, limit: float) -> float:
    """The value within ±limit; 0 for what is not a finite number."""
    return min(max(value, -limit), limit) if math.isfinite(value) else 0.0


def advance(
    x_m: float, y_m: float, theta_rad: float, distance_m: float, turn_rad: float
) -> tuple[float, float, float]:
    """The pose after an arc of length `distance_m` over which the heading turns by `turn_rad`."""
    half = turn_rad / 2
    chord_m = distance_m * (math.sin(half) / half if abs(half) > 1e-9 else 1.0)
    heading = theta_rad + half
    return (
        x_m + chord_m * math.cos(heading),
        y_m + chord_m * math.sin(heading),
        math.remainder(theta_rad + turn_rad, 2 * math.pi),
    )
