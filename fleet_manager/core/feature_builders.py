"""Makes one feature of a campus from its GeoJSON; references between them are held to later."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from shapely.geometry import LineString

from fleet_manager.core.campus_features import (
    PASSAGE_ROLES,
    REVERSE,
    Asset,
    AssetKind,
    Building,
    Camera,
    Cover,
    Entrance,
    Ground,
    KeepClear,
    Lane,
    Level,
    Measure,
    MusterPoint,
    Obstacle,
    ObstacleKind,
    Part,
    Passage,
    PassageKind,
    Role,
    Sector,
    Station,
    Structure,
    Wall,
    Waypoint,
    Weather,
    WeatherRule,
    Zone,
    ZonePurpose,
)
from fleet_manager.core.errors import MapFormatError
from fleet_manager.core.feature_reader import FeatureReader, shown
from fleet_manager.core.geometry import length_m

_END_TOLERANCE_M = 0.01  # by how much a lane's line may miss its waypoints
HOURS = 24


def waypoint(reader: FeatureReader) -> Waypoint:
    x_m, y_m = reader.point()
    role = reader.choice("role", Role)
    passage = reader.optional_text("passage")
    resource = reader.optional_text("resource")
    if passage is not None and role not in PASSAGE_ROLES:
        raise reader.fail(
            f"it lies in the passage {passage!r} but has the role {role}",
            "give it the role door, lift or crossing, or leave the passage out",
        )
    if passage is not None and resource not in {None, passage}:
        raise reader.fail(
            f"it has the passage {passage!r} and another resource {resource!r}",
            "leave the resource out: a passage is used by one robot at a time anyway",
        )
    return Waypoint(
        id=reader.feature_id,
        x_m=x_m,
        y_m=y_m,
        level=reader.level(),
        role=role,
        name=reader.optional_text("name"),
        heading_rad=reader.optional_angle("heading_deg"),
        resource=passage or resource,
        passage=passage,
    )


def zone(reader: FeatureReader) -> Zone:
    return Zone(
        id=reader.feature_id,
        name=reader.text("name"),
        level=reader.level(),
        purpose=reader.choice("purpose", ZonePurpose),
        polygon=reader.polygon(),
        surface=reader.text("surface", default="paving"),
        access=reader.optional_text("access"),
    )


def asset(reader: FeatureReader) -> Asset:
    x_m, y_m = reader.point()
    return Asset(
        id=reader.feature_id,
        name=reader.text("name"),
        level=reader.level(),
        kind=reader.choice("kind", AssetKind),
        x_m=x_m,
        y_m=y_m,
        access=reader.text("access"),
        due_interval_days=reader.number("due_interval_days", least=0.0),
    )


def building(reader: FeatureReader) -> Building:
    levels = reader.levels(default=(reader.level(),))
    if levels[0] != reader.level():
        raise reader.fail(
            f"level is {reader.level()!r}, its lowest of levels is {levels[0]!r}",
            "give the lowest of its levels as level",
        )
    return Building(
        id=reader.feature_id,
        name=reader.text("name"),
        level=levels[0],
        polygon=reader.polygon(),
        levels=levels,
        height_m=reader.number("height_m", least=0.1, most=1000.0, default=6.0),
    )


def obstacle(reader: FeatureReader) -> Obstacle:
    kind = reader.choice("kind", ObstacleKind, default=ObstacleKind.OTHER)
    return Obstacle(reader.feature_id, reader.level(), reader.polygon(), kind)


def keep_clear(reader: FeatureReader) -> KeepClear:
    return KeepClear(reader.feature_id, reader.level(), reader.polygon())


def wall(reader: FeatureReader) -> Wall:
    line = LineString(reader.line())
    return Wall(reader.feature_id, reader.level(), line, reader.optional_text("building"))


def door(reader: FeatureReader) -> Passage:
    return Passage(
        id=reader.feature_id,
        name=reader.text("name"),
        kind=PassageKind.DOOR,
        levels=(reader.level(),),
        shape=LineString(reader.line()),
        opening_s=reader.number("opening_s", least=0.0, most=600.0, default=3.0),
        timeout_s=reader.number("timeout_s", least=1.0, most=3600.0, default=30.0),
        building=reader.optional_text("building"),
    )


def lift(reader: FeatureReader) -> Passage:
    levels = reader.levels()
    if len(levels) < 2:
        raise reader.fail("the lift serves one level", "name at least two levels of the map")
    return Passage(
        id=reader.feature_id,
        name=reader.text("name"),
        kind=PassageKind.LIFT,
        levels=levels,
        shape=reader.polygon(),
        opening_s=reader.number("opening_s", least=0.0, most=600.0, default=3.0),
        timeout_s=reader.number("timeout_s", least=1.0, most=3600.0, default=120.0),
        speed_mps=reader.number("speed_mps", least=0.05, most=20.0, default=1.0),
        building=reader.optional_text("building"),
    )


def crossing(reader: FeatureReader) -> Passage:
    return Passage(
        id=reader.feature_id,
        name=reader.text("name"),
        kind=PassageKind.CROSSING,
        levels=(reader.level(),),
        shape=reader.polygon(),
        opening_s=reader.number("opening_s", least=0.0, most=600.0, default=15.0),
        timeout_s=reader.number("timeout_s", least=1.0, most=3600.0, default=180.0),
    )


def entrance(reader: FeatureReader) -> Entrance:
    x_m, y_m = reader.point()
    return Entrance(
        id=reader.feature_id,
        name=reader.text("name"),
        level=reader.level(),
        x_m=x_m,
        y_m=y_m,
        building=reader.text("building"),
        access=reader.text("access"),
        door=reader.optional_text("door"),
    )


def camera(reader: FeatureReader) -> Camera:
    x_m, y_m = reader.point()
    heading_rad = reader.optional_angle("heading_deg")
    if heading_rad is None:
        raise reader.fail("heading_deg is missing", "give it a number as heading_deg")
    return Camera(
        id=reader.feature_id,
        name=reader.text("name"),
        level=reader.level(),
        x_m=x_m,
        y_m=y_m,
        heading_rad=heading_rad,
        field_of_view_rad=math.radians(reader.number("field_of_view_deg", 1.0, 360.0)),
        range_m=reader.number("range_m", 0.5, 500.0),
        height_m=reader.number("height_m", 0.0, 100.0, default=4.0),
    )


def station(reader: FeatureReader) -> Station:
    x_m, y_m = reader.point()
    measures = frozenset(reader.choices("measures", Measure))
    return Station(reader.feature_id, reader.text("name"), reader.level(), x_m, y_m, measures)


def sector(reader: FeatureReader) -> Sector:
    weights = reader.properties.get("risk_by_hour", [1.0] * HOURS)
    listed = isinstance(weights, Sequence) and not isinstance(weights, str)
    if not listed or len(weights) != HOURS:
        raise reader.fail(
            f"risk_by_hour is {shown(weights)}", "list 24 weights, one for each hour of the day"
        )
    longest = reader.properties.get("max_idleness_s")
    return Sector(
        id=reader.feature_id,
        name=reader.text("name"),
        level=reader.level(),
        polygon=reader.polygon(),
        risk_by_hour=tuple(reader.checked("risk_by_hour", each, 0.0, 1e6) for each in weights),
        max_idleness_s=None if longest is None else reader.number("max_idleness_s", 1.0, 1e7),
    )


def muster_point(reader: FeatureReader) -> MusterPoint:
    x_m, y_m = reader.point()
    capacity = int(reader.number("capacity", 1.0, 1e6, default=100.0))
    return MusterPoint(reader.feature_id, reader.text("name"), reader.level(), x_m, y_m, capacity)


def part(reader: FeatureReader) -> Part:
    return Part(reader.feature_id, reader.text("name"), reader.polygon())


def ground(reader: FeatureReader) -> Ground:
    cover = reader.choice("cover", Cover)
    return Ground(reader.feature_id, reader.level(), cover, reader.polygon())


def weather_rule(raw: Any) -> WeatherRule:
    """A rule of the head's `weather`.

    Raises:
        MapFormatError: it cannot be read.
    """
    if not isinstance(raw, Mapping):
        raise MapFormatError(f"a weather rule is {shown(raw)}", "write it as an object")
    reader = FeatureReader("", raw)
    limit = raw.get("speed_limit_mps")
    structures = raw.get("structures")
    return WeatherRule(
        id=reader.text("id"),
        weather=reader.choice("weather", Weather),
        kinds=reader.texts("kinds"),
        surfaces=reader.texts("surfaces"),
        structures=None
        if structures is None
        else frozenset(reader.choices("structures", Structure)),
        min_slope=reader.number("min_slope", 0.0, 1.0, default=0.0),
        indoor=reader.flag("indoor", default=False),
        speed_limit_mps=None if limit is None else reader.number("speed_limit_mps", 0.05, 15.0),
    )


def directed_lanes(
    reader: FeatureReader, waypoints: Mapping[str, Waypoint], levels: Mapping[str, Level]
) -> Iterator[Lane]:
    """The lane of a feature, and its reverse where it is driven both ways."""
    start, end = (_existing(reader, key, waypoints) for key in ("from", "to"))
    points = reader.line()
    for each, point, place in ((start, points[0], "begins"), (end, points[-1], "ends")):
        off_m = math.dist(each.xy, point)
        if off_m > _END_TOLERANCE_M:
            raise reader.fail(
                f"the line {place} {off_m:.2f} m from waypoint {each.id!r}",
                "draw it from the waypoint `from` to the waypoint `to`",
            )
    points = (start.xy, *points[1:-1], end.xy)
    lift_id, run_m = _carried_by(reader, start, end), length_m(points)
    if lift_id is not None:
        run_m = abs(levels[end.level].elevation_m - levels[start.level].elevation_m)
    if start.id == end.id or run_m == 0.0:
        raise reader.fail("the lane has no length", "join two waypoints that lie apart")
    direction = reader.text("direction")
    if direction not in {"both", "forward"}:
        raise reader.fail(f"direction is {direction!r}", "choose both or forward")
    structure = reader.properties.get("structure")
    identifier = reader.feature_id
    lane = Lane(
        id=identifier,
        start=start.id,
        end=end.id,
        points=points,
        length_m=run_m,
        width_m=reader.number("width_m", least=0.1, most=50.0),
        speed_limit_mps=reader.number("speed_limit_mps", least=0.05, most=15.0),
        level=start.level,
        surface=reader.text("surface", default="asphalt"),
        slope=reader.number("slope", least=-1.0, most=1.0, default=0.0),
        indoor=reader.flag("indoor", default=False),
        kinds=reader.texts("kinds"),
        resource=lift_id or reader.optional_text("resource"),
        reverse=identifier + REVERSE if direction == "both" else None,
        end_level=end.level,
        lift=lift_id,
        structure=None if structure is None else reader.choice("structure", Structure),
    )
    yield lane
    if lane.reverse is not None:
        yield replace(
            lane,
            id=lane.reverse,
            start=lane.end,
            end=lane.start,
            points=points[::-1],
            level=lane.end_level,
            end_level=lane.level,
            slope=-lane.slope if lane.slope else 0.0,
            reverse=identifier,
        )


def _carried_by(reader: FeatureReader, start: Waypoint, end: Waypoint) -> str | None:
    """The lift in which a lane runs, or None; a lane to another level is a lift or a ramp."""
    if start.level != reader.level():
        raise reader.fail(
            f"level is {reader.level()!r}, its start {start.id!r} is on {start.level!r}",
            "give the level of its start",
        )
    if start.level == end.level:
        return None
    if start.passage and start.passage == end.passage and start.role is Role.LIFT:
        return start.passage
    if reader.properties.get("structure") == Structure.RAMP:
        return None
    raise reader.fail(
        f"it leads from level {start.level!r} to {end.level!r} without a lift or ramp",
        "join two waypoints of one lift, or give it the structure ramp",
    )


def _existing(reader: FeatureReader, key: str, waypoints: Mapping[str, Waypoint]) -> Waypoint:
    identifier = reader.text(key)
    if identifier not in waypoints:
        raise reader.fail(
            f"{key} names the waypoint {identifier!r}, which is not on the map",
            "correct the id or draw the waypoint",
        )
    return waypoints[identifier]
