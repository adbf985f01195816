"""What stands on a level of the campus, as segments that are found by where a robot is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from fleet_manager.core.campus import REVERSE, Building, Campus, Lane, PassageKind, Structure

Array = npt.NDArray[np.float64]

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
    """

    solid: BaseGeometry
    walls: BaseGeometry
    leaves: Sequence[tuple[str, tuple[float, float, float, float]]]

    @property
    def all(self) -> BaseGeometry:
        """Solids and walls together."""
        return shapely.union_all([self.solid, self.walls])


def shape_of(campus: Campus, level: str) -> LevelShape:
    """What stands on a level: a house with indoor lanes there is hollow, one without is solid."""
    lanes = [
        lane
        for lane in campus.lanes.values()
        if lane.lift is None and level in (lane.level, lane.end_level) and not _is_back(lane)
    ]
    indoor = [lane for lane in lanes if lane.indoor]
    houses = [each for each in campus.buildings.values() if level in _levels(each)]
    hollow = _hollow(houses, indoor)
    solids = [each.polygon for each in houses if each.id not in hollow]
    solids += [each.polygon for each in campus.obstacles.values() if each.level == level]
    under = [lane for lane in lanes if lane.indoor or lane.structure is Structure.UNDERPASS]
    solid = shapely.union_all(solids).difference(shapely.union_all([_corridor(x) for x in under]))
    doors = [
        each
        for each in campus.passages.values()
        if each.kind is PassageKind.DOOR and level in each.levels
    ]
    openings = [each.shape.buffer(LEAF_M, cap_style="flat") for each in doors]
    lines = [each.polygon.boundary for each in houses if each.id in hollow]
    lines += [each.line for each in campus.walls.values() if each.level == level]
    walls = _cut(lines, lanes, openings)
    leaves = [(each.id, ends) for each in doors for ends in _pieces(each.shape)]
    for lift in campus.passages.values():
        if lift.kind is PassageKind.LIFT and level in lift.levels:
            outline = Polygon(lift.shape).exterior
            (shaft,) = _cut([outline], lanes, [])
            walls.append(shaft)
            leaves += [(lift.id, ends) for ends in _pieces(outline.difference(shaft))]
    return LevelShape(solid, shapely.union_all(walls), tuple(leaves))


def _is_back(lane: Lane) -> bool:
    return lane.id.endswith(REVERSE)


def _levels(building: Building) -> tuple[str, ...]:
    return building.levels or (building.level,)


def _corridor(lane: Lane) -> BaseGeometry:
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
            _corridor(lanes[i]).buffer(0.02, join_style="mitre")
            for i in tree.query(line, predicate="dwithin", distance=CROSSES_M)
        ]
        through += [openings[i] for i in doors.query(line, predicate="intersects")]
        cut.append(line.difference(shapely.union_all(through)) if through else line)
    return cut


def _pieces(geometry: BaseGeometry) -> list[tuple[float, float, float, float]]:
    """The straight pieces of lines."""
    return [tuple(each) for each in _segments_of_lines(geometry).tolist()]  # type: ignore[misc]


def _segments_of_lines(geometry: BaseGeometry) -> Array:
    pieces = []
    for part in shapely.get_parts(geometry):
        if part.geom_type in ("LineString", "LinearRing"):
            points = np.asarray(part.coords, dtype=np.float64)[:, :2]
            pieces.append(np.hstack([points[:-1], points[1:]]))
    return np.vstack(pieces) if pieces else np.empty((0, 4))


def segments_of(solid: BaseGeometry) -> Array:
    """Outlines of areas, holes included, and lines: rows of x1, y1, x2, y2 in metres, (n, 4)."""
    rings = [
        ring
        for part in shapely.get_parts(solid)
        if part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors)
    ]
    pieces = [_segments_of_lines(ring) for ring in rings]
    pieces.append(_segments_of_lines(solid))
    return np.vstack(pieces)


class Neighbourhood:
    """Segments near a position: the plane is a grid whose cells remember what is in reach of them.

    Args:
        segments: shape (n, 4), metres.
        reach_m: how far from a position a segment matters.
        cell_m: width of a cell.
    """

    def __init__(self, segments: Array, reach_m: float, cell_m: float) -> None:
        self._segments = segments
        self._reach_m = reach_m
        self._cell_m = cell_m
        lines = [LineString(ends) for ends in segments.reshape(-1, 2, 2)]
        self._tree = shapely.STRtree(lines)
        self._cells: dict[tuple[int, int], npt.NDArray[np.intp]] = {}
        self._found: dict[tuple[int, int], Array] = {}

    def at(self, x_m: float, y_m: float) -> Array:
        """All segments within the reach of a position and perhaps some more, shape (k, 4)."""
        key = self._key(x_m, y_m)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._segments[self.numbers_at(x_m, y_m)]
        return found

    def numbers_at(self, x_m: float, y_m: float) -> npt.NDArray[np.intp]:
        """Which segments those are."""
        key = self._key(x_m, y_m)
        found = self._cells.get(key)
        if found is None:
            size_m = self._cell_m
            left_m, low_m = key[0] * size_m, key[1] * size_m
            cell = box(left_m, low_m, left_m + size_m, low_m + size_m)
            near = self._tree.query(cell, predicate="dwithin", distance=self._reach_m)
            found = self._cells[key] = np.sort(near)
        return found

    def _key(self, x_m: float, y_m: float) -> tuple[int, int]:
        return int(x_m // self._cell_m), int(y_m // self._cell_m)


class Surroundings:
    """Walls and shut doors near a position of a level.

    Args:
        walls: segments that stand for ever, shape (n, 4).
        leaves: of doors, shape (m, 4).
        shut: which of the leaves are shut now, shape (m,); shared with who changes it.
    """

    def __init__(
        self,
        walls: Array,
        leaves: Array,
        shut: npt.NDArray[np.bool_],
        reach_m: float,
        cell_m: float,
    ) -> None:
        self._walls = Neighbourhood(walls, reach_m, cell_m)
        self._leaves = leaves
        self._near = Neighbourhood(leaves, reach_m, cell_m) if len(leaves) else None
        self._shut = shut

    def at(self, x_m: float, y_m: float) -> Array:
        """Segments of walls and shut doors in reach, shape (k, 4)."""
        walls = self._walls.at(x_m, y_m)
        if self._near is None:
            return walls
        numbers = self._near.numbers_at(x_m, y_m)
        shut = numbers[self._shut[numbers]]
        return np.vstack([walls, self._leaves[shut]]) if len(shut) else walls


class LevelWalls:
    """A level as robots touch it and as they see it; its doors open and shut."""

    def __init__(
        self,
        campus: Campus,
        level: str,
        touch: tuple[float, float],
        sight: tuple[float, float],
    ) -> None:
        self.level = level
        self.shape = shape_of(campus, level)
        walls = segments_of(shapely.GeometryCollection([*_parts(self.shape)]))
        leaves = np.array([ends for _, ends in self.shape.leaves]).reshape(-1, 4)
        self._passages = [passage for passage, _ in self.shape.leaves]
        self._shut = np.ones(len(leaves), dtype=np.bool_)
        self.touch = Surroundings(walls, leaves, self._shut, *touch)
        self.sight = Surroundings(walls, leaves, self._shut, *sight)

    def open(self, passages: Iterable[str]) -> None:
        """Have the doors of these passages open and all others shut."""
        opened = set(passages)
        self._shut[:] = [each not in opened for each in self._passages]


def _parts(shape: LevelShape) -> list[BaseGeometry]:
    return [*shapely.get_parts(shape.solid), *shapely.get_parts(shape.walls)]
