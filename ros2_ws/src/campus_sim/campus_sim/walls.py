"""What stands on a level of the campus, as segments that are found by where a robot is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, box
from shapely.geometry.base import BaseGeometry

from fleet_manager.core.campus import Building, Campus, Obstacle

Array = npt.NDArray[np.float64]


def solid_of(campus: Campus, level: str) -> BaseGeometry:
    """Buildings and obstacles of a level as one area; indoor lanes are cut free at their width."""
    stand: list[Building | Obstacle] = [*campus.buildings.values(), *campus.obstacles.values()]
    solids = [each.polygon for each in stand if each.level == level]
    indoor = [
        LineString(lane.points).buffer(lane.width_m / 2, cap_style="flat")
        for lane in campus.lanes.values()
        if lane.indoor and lane.level == level
    ]
    return shapely.union_all(solids).difference(shapely.union_all(indoor))


def segments_of(solid: BaseGeometry) -> Array:
    """The outlines of an area, holes included: rows of x1, y1, x2, y2 in metres, shape (n, 4)."""
    rings = [
        ring
        for part in shapely.get_parts(solid)
        if part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors)
    ]
    pieces = []
    for ring in rings:
        points = np.asarray(ring.coords, dtype=np.float64)[:, :2]
        pieces.append(np.hstack([points[:-1], points[1:]]))
    return np.vstack(pieces) if pieces else np.empty((0, 4))


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
        self._cells: dict[tuple[int, int], Array] = {}

    def at(self, x_m: float, y_m: float) -> Array:
        """All segments within the reach of a position and perhaps some more, shape (k, 4)."""
        size_m = self._cell_m
        key = (int(x_m // size_m), int(y_m // size_m))
        found = self._cells.get(key)
        if found is None:
            left_m, low_m = key[0] * size_m, key[1] * size_m
            cell = box(left_m, low_m, left_m + size_m, low_m + size_m)
            near = self._tree.query(cell, predicate="dwithin", distance=self._reach_m)
            found = self._cells[key] = self._segments[np.sort(near)]
        return found
