"""What stands on a level of a campus: solids, walls cut open where lanes run, doors; its floor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import shapely
from shapely.geometry import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from fleet_manager.core.campus import REVERSE, Building, Campus, Lane, PassageKind, Structure

CROSSES_M = 0.1
"""A wall is cut open where a lane comes this near: it runs through it."""
LEAF_M = 0.15
"""Half the thickness of a wall at a door's leaf."""


@dataclass(frozen=True)
class LevelShape:
    """What stands on a level.

    Attributes:
        solid: houses without ways in them, and obstacles.
        walls: of houses with ways in them, of rooms and lift shafts, cut open where lanes run.
        leaves: doors of houses and lifts: the passage, and its ends x1, y1, x2, y2 in metres.
        hollow: ids of the houses with ways in them.
        lines: the walls again, by id of the house, wall or lift that they belong to.
        under: where lanes lead through what would be solid.
    """

    solid: BaseGeometry
    walls: BaseGeometry
    leaves: Sequence[tuple[str, tuple[float, float, float, float]]]
    hollow: frozenset[str]
    lines: Mapping[str, BaseGeometry]
    under: BaseGeometry

    @property
    def all(self) -> BaseGeometry:
        """Solids and walls together."""
        return shapely.union_all([self.solid, self.walls])


def shape_of(campus: Campus, level: str) -> LevelShape:
    """What stands on a level: a house with indoor lanes there is hollow, one without is solid."""
    lanes = driven_lanes(campus, level)
    indoor = [lane for lane in lanes if lane.indoor]
    houses = [each for each in campus.buildings.values() if level in levels_of(each)]
    hollow = _hollow(houses, indoor)
    solids = [each.polygon for each in houses if each.id not in hollow]
    solids += [each.polygon for each in campus.obstacles.values() if each.level == level]
    beneath = [lane for lane in lanes if lane.indoor or lane.structure is Structure.UNDERPASS]
    under = shapely.union_all([corridor(each) for each in beneath])
    doors = [
        each
        for each in campus.passages.values()
        if each.kind is PassageKind.DOOR and level in each.levels
    ]
    openings = [each.shape.buffer(LEAF_M, cap_style="flat") for each in doors]
    lines: dict[str, BaseGeometry] = {
        each.id: each.polygon.boundary for each in houses if each.id in hollow
    }
    lines |= {each.id: each.line for each in campus.walls.values() if each.level == level}
    walls = dict(zip(lines, _cut(list(lines.values()), lanes, openings), strict=True))
    leaves = [(each.id, ends) for each in doors for ends in _pieces(each.shape)]
    for lift in campus.passages.values():
        if lift.kind is PassageKind.LIFT and level in lift.levels:
            outline = Polygon(lift.shape).exterior
            (shaft,) = _cut([outline], lanes, [])
            walls[lift.id] = shaft
            leaves += [(lift.id, ends) for ends in _pieces(outline.difference(shaft))]
    return LevelShape(
        shapely.union_all(solids).difference(under),
        shapely.union_all(list(walls.values())),
        tuple(leaves),
        frozenset(hollow),
        walls,
        under,
    )


def driven_lanes(campus: Campus, level: str) -> list[Lane]:
    """Lanes on a level and ramps to and from it, one of each that is driven both ways; no lifts."""
    return [
        lane
        for lane in campus.lanes.values()
        if lane.lift is None
        and level in (lane.level, lane.end_level)
        and not lane.id.endswith(REVERSE)
    ]


def floor_of(campus: Campus, level: str) -> BaseGeometry:
    """Where there is ground or floor on a level: the campus; indoors, houses and lanes.

    Of a map without boundary or houses, the box around all that lies on the level.
    """
    lanes = driven_lanes(campus, level)
    houses = [each.polygon for each in campus.buildings.values() if level in levels_of(each)]
    if houses and not _lies_outdoors(campus, level):
        return shapely.union_all([*houses, *map(corridor, lanes)])
    if campus.boundary is not None and _lies_outdoors(campus, level):
        return campus.boundary
    spots = [each.xy for each in campus.waypoints.values() if each.level == level]
    walls = [each.line for each in campus.walls.values() if each.level == level]
    obstacles = [each.polygon for each in campus.obstacles.values() if each.level == level]
    around = shapely.GeometryCollection(
        [*houses, *walls, *obstacles, shapely.MultiPoint(spots), *map(corridor, lanes)]
    )
    return around if around.is_empty else box(*around.bounds)


def _lies_outdoors(campus: Campus, level: str) -> bool:
    """Whether robots drive outdoors on a level; if none drive there, whether houses stand on it."""
    lanes = driven_lanes(campus, level)
    if lanes:
        return not all(lane.indoor for lane in lanes)
    outdoors = {each.level for each in campus.buildings.values()}
    outdoors |= {each.level for each in campus.obstacles.values()}
    return level in outdoors or level in {each.level for each in campus.ground.values()}


def levels_of(building: Building) -> tuple[str, ...]:
    """Levels of a building, the lowest first."""
    return building.levels or (building.level,)


def corridor(lane: Lane) -> BaseGeometry:
    """The width of a lane along its line; without caps at its ends."""
    return LineString(lane.points).buffer(lane.width_m / 2, cap_style="flat")


def _hollow(houses: Sequence[Building], indoor: Sequence[Lane]) -> set[str]:
    """Houses in which indoor lanes run, not only to a door."""
    tree = shapely.STRtree([LineString(lane.points) for lane in indoor])
    found = set()
    for house in houses:
        inner = house.polygon.buffer(-CROSSES_M)
        if len(tree.query(inner, predicate="intersects")):
            found.add(house.id)
    return found


def _cut(
    lines: Sequence[BaseGeometry], lanes: Sequence[Lane], openings: Sequence[BaseGeometry]
) -> list[BaseGeometry]:
    """Lines without what lies in the corridors of lanes that run through them, and in openings."""
    centres = [LineString(lane.points) for lane in lanes]
    tree = shapely.STRtree(centres)
    doors = shapely.STRtree(list(openings))
    cut: list[BaseGeometry] = []
    for line in lines:
        through = [
            corridor(lanes[i]).buffer(0.02, join_style="mitre")
            for i in tree.query(line, predicate="dwithin", distance=CROSSES_M)
        ]
        through += [openings[i] for i in doors.query(line, predicate="intersects")]
        cut.append(line.difference(shapely.union_all(through)) if through else line)
    return cut


def _pieces(geometry: BaseGeometry) -> list[tuple[float, float, float, float]]:
    """The straight pieces of lines."""
    return [
        (x1, y1, x2, y2)
        for part in shapely.get_parts(geometry)
        for (x1, y1), (x2, y2) in pairwise(shapely.get_coordinates(part).tolist())
    ]
