"""What a campus map is made of: waypoints, lanes, zones, assets, buildings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from shapely.geometry import LineString, Polygon

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


class PassageKind(StrEnum):
    """What has to be asked for before a robot may pass."""

    DOOR = "door"
    LIFT = "lift"
    CROSSING = "crossing"


PASSAGE_ROLES = {
    Role.DOOR: PassageKind.DOOR,
    Role.LIFT: PassageKind.LIFT,
    Role.CROSSING: PassageKind.CROSSING,
}
"""Roles of waypoints that may lie in a passage, with the kind of it."""


class Structure(StrEnum):
    """What a lane runs over or through, where it is not plain ground."""

    BRIDGE = "bridge"
    RAMP = "ramp"
    UNDERPASS = "underpass"


class Cover(StrEnum):
    """What the ground is covered with, for pictures and simulators."""

    WATER = "water"
    GRASS = "grass"
    TREES = "trees"
    PLAZA = "plaza"
    CAR_PARK = "car_park"
    PUBLIC_ROAD = "public_road"
    FIELD = "field"


class ObstacleKind(StrEnum):
    """What an obstacle is."""

    WATER = "water"
    WALL = "wall"
    FENCE = "fence"
    TREES = "trees"
    PUBLIC_ROAD = "public_road"
    CONSTRUCTION = "construction"
    OTHER = "other"


class Weather(StrEnum):
    """Weather that closes lanes or slows robots."""

    RAIN = "rain"
    ICE = "ice"
    WIND = "wind"
    HEAT = "heat"


class Measure(StrEnum):
    """What a station measures."""

    AIR = "air"
    HEAT = "heat"


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
        resource: id of what only one robot at a time may use, or None; of a waypoint in a
            passage, the passage.
        passage: id of the door, lift or signalled crossing that it lies in, or None.
    """

    id: str
    x_m: float
    y_m: float
    level: str
    role: Role
    name: str | None = None
    heading_rad: float | None = None
    resource: str | None = None
    passage: str | None = None

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
        length_m: along the points; in a lift, the height that it carries a robot.
        width_m: the robot has to stay in.
        level: of the start.
        slope: rise over run in driving direction.
        kinds: robot kinds that may drive here; None: all.
        resource: id of what only one robot at a time may use, or None.
        reverse: id of the lane that is this one driven backwards, or None. The two exclude
            each other.
        end_level: of the end; another than `level` on ramps and in lifts.
        lift: id of the lift that carries the robot from start to end, or None: it drives.
        structure: what the lane runs over or through, or None: plain ground.
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
    end_level: str = ""
    lift: str | None = None
    structure: Structure | None = None

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
    """A house: nothing drives through its walls but at doors, nor inside but on indoor lanes.

    Attributes:
        level: the lowest on which it stands.
        levels: all of its levels, lowest first.
        height_m: above its lowest level.
    """

    id: str
    name: str
    level: str
    polygon: Polygon
    levels: tuple[str, ...] = ()
    height_m: float = 6.0


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A wall, trees, water: nothing drives there."""

    id: str
    level: str
    polygon: Polygon
    kind: ObstacleKind = ObstacleKind.OTHER


@dataclass(frozen=True, slots=True)
class KeepClear:
    """An area where a robot may pass but not stop, such as a fire lane."""

    id: str
    level: str
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class Wall:
    """A wall inside a building; nothing drives through it."""

    id: str
    level: str
    line: LineString
    building: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A door, lift or signalled crossing: requested, waited for, held by one robot, released.

    Attributes:
        levels: that it serves, lowest first; of a door or crossing, its one level.
        shape: a door's leaf (LineString), a lift's cabin or a crossing (Polygon).
        opening_s: from the request until it is open; of a lift, for its doors alone.
        speed_mps: of a lift's cabin; 0 of others.
        timeout_s: not open this long after the request, it counts as out of order.
    """

    id: str
    name: str
    kind: PassageKind
    levels: tuple[str, ...]
    shape: LineString | Polygon
    opening_s: float
    timeout_s: float
    speed_mps: float = 0.0
    building: str | None = None


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where people and robots get into a building; `access` is the waypoint before it."""

    id: str
    name: str
    level: str
    x_m: float
    y_m: float
    building: str
    access: str
    door: str | None = None


@dataclass(frozen=True, slots=True)
class Camera:
    """A fixed camera and what it sees.

    Attributes:
        heading_rad: counter-clockwise from east.
        field_of_view_rad: horizontal, about the heading.
    """

    id: str
    name: str
    level: str
    x_m: float
    y_m: float
    heading_rad: float
    field_of_view_rad: float
    range_m: float
    height_m: float

    def view(self) -> Polygon:
        """The cone that it sees, on the ground, without what stands in it."""
        steps = max(2, math.ceil(self.field_of_view_rad / math.radians(10.0)))
        first = self.heading_rad - self.field_of_view_rad / 2
        angles = [first + self.field_of_view_rad * step / steps for step in range(steps + 1)]
        arc = [
            (self.x_m + self.range_m * math.cos(a), self.y_m + self.range_m * math.sin(a))
            for a in angles
        ]
        return Polygon([(self.x_m, self.y_m), *arc])


@dataclass(frozen=True, slots=True)
class Station:
    """A fixed station that measures air or heat."""

    id: str
    name: str
    level: str
    x_m: float
    y_m: float
    measures: frozenset[Measure]


@dataclass(frozen=True, slots=True)
class Sector:
    """An area that is patrolled as one.

    Attributes:
        risk_by_hour: 24 weights, from the hour that begins at 0:00 local time.
        max_idleness_s: promised time between visits, or None.
    """

    id: str
    name: str
    level: str
    polygon: Polygon
    risk_by_hour: tuple[float, ...]
    max_idleness_s: float | None = None


@dataclass(frozen=True, slots=True)
class MusterPoint:
    """Where people gather after an alarm."""

    id: str
    name: str
    level: str
    x_m: float
    y_m: float
    capacity: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the campus with a name of its own."""

    id: str
    name: str
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class Ground:
    """What lies on the ground, for pictures and simulators; it stops nobody."""

    id: str
    level: str
    cover: Cover
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class WeatherRule:
    """What weather does to lanes.

    Attributes:
        kinds: robot kinds that it concerns; None: all.
        surfaces: of the lanes; None: any.
        structures: of the lanes; None: any.
        min_slope: least steepness (rise over run, up or down) of the lanes.
        indoor: whether indoor lanes are concerned too.
        speed_limit_mps: while it lasts; None: the lanes are closed.
    """

    id: str
    weather: Weather
    kinds: frozenset[str] | None = None
    surfaces: frozenset[str] | None = None
    structures: frozenset[Structure] | None = None
    min_slope: float = 0.0
    indoor: bool = False
    speed_limit_mps: float | None = None

    def concerns(self, lane: Lane) -> bool:
        """Whether it applies to a lane (for the kinds that it names)."""
        return (
            (self.indoor or not lane.indoor)
            and (self.surfaces is None or lane.surface in self.surfaces)
            and (self.structures is None or lane.structure in self.structures)
            and abs(lane.slope) >= self.min_slope
        )
