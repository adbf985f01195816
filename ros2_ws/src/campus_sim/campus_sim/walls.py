"""Walls and doors of a level, as segments that are found by where a robot is."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, box
from shapely.geometry.base import BaseGeometry

from fleet_manager.core.campus import Campus
from fleet_manager.core.level_shape import LevelShape, shape_of

Array = npt.NDArray[np.float64]


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
