"""What the tags of OpenStreetMap say: ways that robots may drive, figures with units, levels."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from fleet_manager.adapters.maps.formats.osm_file import Tags

YES = frozenset({"yes", "true", "1"})
_ALLOWED = frozenset({"yes", "designated", "permissive", "destination", "customers", "delivery"})
_FORBIDDEN = frozenset({"no", "private"})
_KMH_MPS = 1 / 3.6
_UNITS_M = {"": 1.0, "m": 1.0, "cm": 0.01, "km": 1000.0, "ft": 0.3048, "'": 0.3048}
_UNITS_MPS = {"": _KMH_MPS, "km/h": _KMH_MPS, "kmh": _KMH_MPS, "kph": _KMH_MPS}
_UNITS_MPS |= {"mph": 0.44704, "knots": 0.514444}
_NUMBER = re.compile(r"\s*([-+]?\d+(?:[.,]\d+)?)\s*([^\d\s]*)\s*")
_FEET = re.compile(r"\s*(\d+)\s*'\s*(?:(\d+)\s*\"\s*)?")
_COMPASS = (
    *("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE"),
    *("S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"),
)


@dataclass(frozen=True)
class WayKind:
    """What is assumed of a kind of way that says nothing else.

    Attributes:
        on_foot: a way for walking: a one-way rule for vehicles may be lifted for it.
    """

    width_m: float
    speed_limit_mps: float
    on_foot: bool = False


DRIVEN = {
    "tertiary": WayKind(6.0, 2.0),
    "tertiary_link": WayKind(4.0, 2.0),
    "unclassified": WayKind(5.0, 2.0),
    "residential": WayKind(5.0, 2.0),
    "living_street": WayKind(4.0, 1.5),
    "service": WayKind(3.5, 2.0),
    "road": WayKind(3.5, 1.5),
    "track": WayKind(2.5, 1.5),
    "pedestrian": WayKind(4.0, 1.5, on_foot=True),
    "cycleway": WayKind(2.0, 1.5, on_foot=True),
    "footway": WayKind(2.0, 1.5, on_foot=True),
    "path": WayKind(1.5, 1.5, on_foot=True),
    "corridor": WayKind(2.0, 1.0, on_foot=True),
}
"""Values of highway that become lanes."""

PUBLIC_ROADS = {
    "motorway": 12.0,
    "trunk": 10.0,
    "primary": 9.0,
    "secondary": 8.0,
    "motorway_link": 5.0,
    "trunk_link": 5.0,
    "primary_link": 5.0,
    "secondary_link": 5.0,
}
"""Values of highway on which robots do not drive, with widths in metres."""

GATES = frozenset(
    {"gate", "lift_gate", "swing_gate", "sliding_gate", "sliding_beam", "hampshire_gate"}
)
"""Barriers on ways that open when asked."""

IMPASSABLE = frozenset(
    {
        *("stile", "kissing_gate", "turnstile", "full-height_turnstile", "cycle_barrier"),
        *("motorcycle_barrier", "log", "horse_stile", "jersey_barrier", "debris", "chain"),
        *("block", "cattle_grid", "wall", "fence", "hedge"),
    }
)
"""Barriers on ways that robots do not get past."""


def may_drive(tags: Tags) -> bool:
    """Whether a way is open to robots: as to people on foot (foot before access)."""
    if "foot" in tags:
        return tags["foot"] not in _FORBIDDEN
    return tags.get("access") not in _FORBIDDEN or tags.get("bicycle") in _ALLOWED


def access_of(tags: Tags) -> str:
    """The tag that closes a way, as it is written."""
    key = "foot" if tags.get("foot") in _FORBIDDEN else "access"
    return f"{key}={tags.get(key, '')}"


def direction_of(tags: Tags) -> str:
    """Which way a way is driven: both, forward or backward."""
    oneway = tags.get("oneway", "")
    kind = DRIVEN.get(tags.get("highway", ""))
    if kind is not None and kind.on_foot and tags.get("oneway:foot") == "no":
        return "both"
    if oneway in YES:
        return "forward"
    if oneway in {"-1", "reverse"}:
        return "backward"
    if not oneway and tags.get("junction") in {"roundabout", "circular"}:
        return "forward"
    return "both"


def metres(text: str) -> float | None:
    """A length as OpenStreetMap writes it: `2.5`, `2.5 m`, `8'`, `7'6"`; None if it is none."""
    feet = _FEET.fullmatch(text)
    if feet:
        return (int(feet[1]) + int(feet[2] or 0) / 12) * 0.3048
    return _with_unit(text, _UNITS_M)


def metres_per_second(text: str) -> float | None:
    """A speed: `30`, `20 mph`, `walk`; None if it is none (`none`, `signals`, `RU:urban`)."""
    if text.strip() == "walk":
        return 7 * _KMH_MPS
    speed_mps = _with_unit(text, _UNITS_MPS)
    return speed_mps if speed_mps is not None and speed_mps > 0.0 else None


def slope(text: str) -> float | None:
    """Rise over run of an incline: `5%`, `-3 %`, `4°`; None if it gives no figure (`up`)."""
    found = _NUMBER.fullmatch(text)
    if found is None or found[2] not in {"%", "°"}:
        return None
    figure = float(found[1].replace(",", "."))
    if found[2] == "%":
        rise = figure / 100
    else:
        rise = math.tan(math.radians(figure)) if abs(figure) <= 45.0 else math.inf
    return rise if abs(rise) <= 1.0 else None


def direction_deg(text: str) -> float | None:
    """A direction clockwise from north: `225`, `SW`; None if it is none."""
    if text.strip().upper() in _COMPASS:
        return _COMPASS.index(text.strip().upper()) * 22.5
    found = _NUMBER.fullmatch(text)
    if found is None or found[2] not in {"", "°"}:
        return None
    return float(found[1].replace(",", ".")) % 360.0


def number(text: str) -> float | None:
    """A figure without a unit; None if it is none."""
    return _with_unit(text, {"": 1.0})


def levels_of(tags: Tags) -> tuple[float, ...]:
    """Levels of an element (`0`, `-1`, `0;1`, `1-3`), as they are listed; (0,) without a tag."""
    found: list[float] = []
    for part in tags.get("level", "").split(";"):
        run = re.fullmatch(r"\s*(-?\d{1,3})\s*-\s*(-?\d{1,3})\s*", part)
        one = re.fullmatch(r"\s*(-?\d{1,3}(?:\.\d{1,2})?)\s*", part)
        if run:
            ends = sorted((int(run[1]), int(run[2])))
            found.extend(float(each) for each in range(ends[0], ends[1] + 1))
        elif one:
            found.append(float(one[1]) + 0.0)
    return tuple(dict.fromkeys(found)) or (0.0,)


def is_set(tags: Tags, key: str) -> bool:
    """Whether a key has a value other than no."""
    return tags.get(key, "no") != "no"


def has_signals(tags: Tags) -> bool:
    """Whether a crossing has lights."""
    return tags.get("crossing") == "traffic_signals" or tags.get("crossing:signals") in YES


def title_of(tags: Tags, otherwise: str) -> str:
    """What people call an element."""
    for key in ("name", "addr:housename", "ref", "description"):
        if tags.get(key, "").strip():
            return tags[key].strip()
    return otherwise


def _with_unit(text: str, units: dict[str, float]) -> float | None:
    found = _NUMBER.fullmatch(text)
    if found is None or found[2].lower() not in units:
        return None
    return float(found[1].replace(",", ".")) * units[found[2].lower()]
