"""What can be asked about the map while robots drive: closures, weather, versions."""

from __future__ import annotations

from msgspec import Struct

from fleet_manager.core.campus_features import Weather
from fleet_manager.core.closure import Obstacle, Window


class AddClosure(Struct, frozen=True):
    """Close or slow lanes, zones and passages; the fields are those of `closure.Closure`."""

    lanes: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    kinds: tuple[str, ...] | None = None
    speed_limit_mps: float | None = None
    window: Window = Window()
    reason: str = ""
    by: str = ""


class ReportObstacle(Struct, frozen=True):
    """Something stands on the lanes; one that is known is there for longer.

    Attributes:
        by: the person or robot that saw it.
    """

    obstacle: Obstacle
    by: str = ""


class ChangeClosure(Struct, frozen=True):
    """Have a closure that is not over hold at other times.

    Attributes:
        reason: another one; None: the one it has.
    """

    closure_id: str
    window: Window
    reason: str | None = None
    by: str = ""


class RemoveClosure(Struct, frozen=True):
    """Open what a closure has closed, or call off one that is to come."""

    closure_id: str
    by: str = ""


class SetWeather(Struct, frozen=True):
    """Say what the weather is; () when there is nothing to heed."""

    conditions: tuple[Weather, ...]
    by: str = ""
    station: str = ""


class PublishMap(Struct, frozen=True):
    """Lead robots by another version of the map, which the library of maps has.

    Attributes:
        parent: version that has to be in use; None: any.
        source: "files" or "api".
    """

    version: str
    by: str = ""
    note: str = ""
    parent: str | None = None
    source: str = "api"
