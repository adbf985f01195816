"""What a campus map is made of: waypoints, lanes, zones, assets, buildings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shapely.geometry import Polygon

from fleet_manager.core.geometry import Xy

REVERSE = "~"
"""Ends the id of the directed lane that drives a `both` lane backwards."""


class Role(StrEnum):
    """What a waypoint is."""

    JUNCTION = "junction"
    BAY = "bay"
    DOCK = "dock"
    CROSSING = "crossing"
    BRIDGE = "bridge"
    DOOR = "door"
    LIFT = "lift"
    RAMP = "ramp"


RESTING_ROLES = frozenset({Role.BAY, Role.DOCK})
NO_STOPPING_ROLES = frozenset({Role.CROSSING, Role.BRIDGE, Role.DOOR, Role.LIFT, Role.RAMP})


class ZonePurpose(StrEnum):
    """What a zone is for."""

    CLEAN = "clean"
    WATCH = "watch"
    CLOSED = "closed"


class AssetKind(StrEnum):
    """What an asset is."""

    EXTINGUISHER = "extinguisher"
    HYDRANT = "hydrant"
    EXIT = "exit"
    AED = "aed"
    ELECTRICAL_PANEL = "electrical_panel"


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the map's origin lies on the Earth (WGS84).

    Attributes:
        bearing_deg: of the map's y axis, clockwise from true north.
    """

    latitude_deg: float
    longitude_deg: float
    bearing_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class Level:
    """A floor of the campus; `elevation_m` is above the anchor."""

    id: str
    name: str
    elevation_m: float


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A node of the graph.

    Attributes:
        heading_rad: how a robot stands here, counter-clockwise from east; None: any way.
        resource: id of what only one robot at a time may use, or None.
    """

    id: str
    x_m: float
    y_m: float
    level: str
    role: Role
    name: str | None = None
    heading_rad: float | None = None
    resource: str | None = None

    @property
    def xy(self) -> Xy:
        """Position, metres."""
        return (self.x_m, self.y_m)

    @property
    def is_bay(self) -> bool:
        """Whether a robot may rest here (a bay or a dock)."""
        return self.role in RESTING_ROLES


@dataclass(frozen=True, slots=True)
class Lane:
    """A directed edge of the graph: a robot drives from `start` to `end`.

    Attributes:
        id: of the map's feature; the way back of a `both` lane `L` is `L~`.
        points: from the start waypoint to the end waypoint, metres.
        length_m: along the points.
        width_m: the robot has to stay in.
        slope: rise over run in driving direction.
        kinds: robot kinds that may drive here; None: all.
        resource: id of what only one robot at a time may use, or None.
        reverse: id of the lane that is this one driven backwards, or None. The two exclude
            each other.
    """

    id: str
    start: str
    end: str
    points: tuple[Xy, ...]
    length_m: float
    width_m: float
    speed_limit_mps: float
    level: str
    surface: str = "asphalt"
    slope: float = 0.0
    indoor: bool = False
    kinds: frozenset[str] | None = None
    resource: str | None = None
    reverse: str | None = None

    @property
    def feature_id(self) -> str:
        """Id of the map's feature, the same for both directions."""
        return self.id.removesuffix(REVERSE)

    def admits(self, kind: str) -> bool:
        """Whether robots of this kind may drive here."""
        return self.kinds is None or kind in self.kinds

    def duration_s(self, max_speed_mps: float) -> float:
        """Time to drive the lane at the robot's or the lane's speed, whichever is less."""
        return self.length_m / min(max_speed_mps, self.speed_limit_mps)


@dataclass(frozen=True, slots=True)
class Zone:
    """An area that is cleaned, watched or closed.

    Attributes:
        access: waypoint from which it is worked (every clean zone has one), or None.
    """

    id: str
    name: str
    level: str
    purpose: ZonePurpose
    polygon: Polygon
    surface: str = "paving"
    access: str | None = None

    @property
    def area_m2(self) -> float:
        """Its area without holes."""
        return float(self.polygon.area)


@dataclass(frozen=True, slots=True)
class Asset:
    """A thing that is inspected from its access waypoint."""

    id: str
    name: str
    level: str
    kind: AssetKind
    x_m: float
    y_m: float
    access: str
    due_interval_days: float

    @property
    def xy(self) -> Xy:
        """Position, metres."""
        return (self.x_m, self.y_m)


@dataclass(frozen=True, slots=True)
class Building:
    """A house: nothing drives through it outside its indoor lanes."""

    id: str
    name: str
    level: str
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A wall, trees, water: nothing drives there."""

    id: str
    level: str
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class KeepClear:
    """An area where a robot may pass but not stop, such as a fire lane."""

    id: str
    level: str
    polygon: Polygon
