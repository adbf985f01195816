"""What fixed stations say: readings of air and heat, and counts of health checks, never persons."""

from __future__ import annotations

from msgspec import Struct

LEAST_PEOPLE = 5
LEAST_WINDOW_S = 900.0


class Reading(Struct, frozen=True):
    """A reading (campus_msgs/StationReading).

    Attributes:
        quantity: temperature, co, smoke_density, …; `value` is in `unit` (SI or UCUM).
    """

    station: str
    quantity: str
    value: float
    unit: str
    stamp_s: float


class HealthCheck(Struct, frozen=True):
    """How many of the people at a kiosk had a raised temperature, over a time; Unix seconds.

    Fewer than LEAST_PEOPLE people, or a shorter time than LEAST_WINDOW_S, would say something of
    one of them; such a count is refused, and nothing of it is kept.
    """

    station: str
    from_s: float
    until_s: float
    people: int
    raised: int
