"""What has been decided about the map while robots drive: closures, weather, versions."""

from __future__ import annotations

from msgspec import Struct

from fleet_manager.core.campus_features import Weather
from fleet_manager.core.closure import Closure, ClosureTrigger, Window


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


class ClosureChanged(Struct, frozen=True, tag=True):
    """A closure holds at other times or for another reason, said by `by`."""

    closure_id: str
    trigger: ClosureTrigger
    time_s: float
    window: Window
    changes_s: float | None = None
    reason: str = ""
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


class MapPublished(Struct, frozen=True, tag=True):
    """Robots are led by another version of the map from now on.

    Attributes:
        number: 1, 2, 3, … of all publications.
        version: of the campus (`Campus.version`).
        parent: version in use before; "" for the first.
        source: "files" at a start of the manager, "api" while it ran.
    """

    number: int
    version: str
    time_s: float
    by: str = ""
    note: str = ""
    parent: str = ""
    source: str = "api"


class BaseOutdated(Struct, frozen=True, tag=True):
    """The base of a robot is not on the map any more; until it stands it holds these resources."""

    robot: str
    resources: tuple[str, ...]


class PhaseRepointed(Struct, frozen=True, tag=True):
    """A phase is to be done from another waypoint, or on another outline: anew."""

    task_id: str
    phase_id: int
    waypoint: str
    time_s: float
