"""What has been decided about the map while robots drive: closures, weather, versions."""

from __future__ import annotations

from msgspec import Struct

from fleet_manager.core.campus_features import Weather
from fleet_manager.core.closure import Closure, ClosureTrigger


class ClosureAdded(Struct, frozen=True, tag=True):
    """Something is closed or slowed, now or later; `number` is the counter of closures."""

    closure: Closure
    number: int


class ClosureMoved(Struct, frozen=True, tag=True):
    """A closure came into force, rests, ended or was removed (by `by`)."""

    closure_id: str
    trigger: ClosureTrigger
    time_s: float
    changes_s: float | None = None
    by: str = ""


class WeatherSet(Struct, frozen=True, tag=True):
    """The weather that rules of the map are held to has changed."""

    conditions: tuple[Weather, ...]
    time_s: float
    by: str = ""
    station: str = ""


class OrderRestated(Struct, frozen=True, tag=True):
    """A robot is told its order again: the same way, with the limits and the map of now."""

    robot: str
    time_s: float
