"""Shortest ways inside a polygon with holes, over its visibility graph."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from fleet_manager.core.geometry import Xy

Array = NDArray[np.float64]

_TOLERANCE_M = 1e-6
_MANY = 120
_COARSE_M = (0.03, 0.06, 0.12)
"""An area with more inward corners than `_MANY` is drawn in by so much, with fewer corners, the
first that does; ways are longer by about as much at each corner."""


class InsideWays:
    """Answers how to get from one point of an area to another without leaving it.

    The shortest way in a polygon turns only at corners that point inwards (Lozano-Pérez and
    Wesley 1979), so that the graph of those that see each other holds every shortest way.

    Args:
        area: polygon or polygons, metres.
        coarse: ways may keep a little off the corners of an area that has very many.
    """

    def __init__(self, area: Polygon | MultiPolygon, *, coarse: bool = True) -> None:
        self._area = area.buffer(_TOLERANCE_M)
        shapely.prepare(self._area)
        self._corners: Array = _inward_corners(area)
        self._exact: InsideWays | None = None
        if len(self._corners) > _MANY and coarse:
            self._exact = InsideWays(area, coarse=False)
            for drawn_in_m in _COARSE_M:
                self._corners = _inward_corners(area.buffer(-drawn_in_m).simplify(drawn_in_m))
                if len(self._corners) <= _MANY:
                    break

    def sees(self, start: Xy, end: Xy) -> bool:
        """Whether the straight line between two points stays inside."""
        return start == end or bool(self._area.covers(LineString([start, end])))

    def way(self, start: Xy, end: Xy) -> tuple[Xy, ...] | None:
        """The shortest way from start to end, both included; None if there is none inside."""
        if self.sees(start, end):
            return (start, end)
        found = self._around_corners(start, end) if len(self._corners) else None
        if found is None and self._exact is not None:
            return self._exact.way(start, end)
        return found

    def _around_corners(self, start: Xy, end: Xy) -> tuple[Xy, ...] | None:
        lengths, before = self._between_corners
        first, last = self._to_corners(_places([start, end]))
        total = first[:, None] + lengths + last[None, :]
        best = np.unravel_index(int(np.argmin(total)), total.shape)
        if not math.isfinite(total[best]):
            return None
        source, corner = int(best[0]), int(best[1])
        back = [corner]
        while corner != source:
            corner = int(before[source, corner])
            back.append(corner)
        middle = [(float(x), float(y)) for x, y in self._corners[back[::-1]]]
        return tuple(_without_repeats([start, *middle, end]))

    def lengths_m(self, starts: Sequence[Xy], ends: Sequence[Xy]) -> Array:
        """Lengths of the shortest ways, len(starts) x len(ends); inf where there is none inside."""
        from_, to = _places(starts), _places(ends)
        found = _straight_m(from_, to)
        found[~self._see(from_, to)] = np.inf
        if len(self._corners) and np.isinf(found).any():
            lengths, _ = self._between_corners
            first, last = self._to_corners(from_), self._to_corners(to)
            onwards = np.array([(each[:, None] + lengths).min(axis=0) for each in first])
            around = np.array([(onwards + each[None, :]).min(axis=1) for each in last]).T
            found = np.minimum(found, around)
        return found

    def _to_corners(self, places: Array) -> Array:
        found = _straight_m(places, self._corners)
        found[~self._see(places, self._corners)] = np.inf
        return found

    @cached_property
    def _between_corners(self) -> tuple[Array, NDArray[np.int32]]:
        """Lengths of the ways between corners, and what comes before each on them."""
        from scipy.sparse.csgraph import dijkstra

        straight = self._to_corners(self._corners)
        lengths, before = dijkstra(
            np.where(np.isinf(straight), 0.0, straight), directed=False, return_predecessors=True
        )
        return lengths, before

    def _see(self, places: Array, others: Array) -> NDArray[np.bool_]:
        lines = np.empty((len(places), len(others), 2, 2))
        lines[:, :, 0] = places[:, None]
        lines[:, :, 1] = others[None, :]
        inside = shapely.covers(self._area, shapely.linestrings(lines))
        return np.asarray(inside | (_straight_m(places, others) == 0.0), dtype=np.bool_)


def _inward_corners(area: BaseGeometry) -> Array:
    """Corners of polygons at which the inside is wider than a half plane."""
    found = [np.empty((0, 2))]
    for part in shapely.get_parts(area).tolist():
        turned = orient(part)
        for ring in (turned.exterior, *turned.interiors):
            here = shapely.get_coordinates(ring)[:-1]
            into, out = here - np.roll(here, 1, axis=0), np.roll(here, -1, axis=0) - here
            cross = into[:, 0] * out[:, 1] - into[:, 1] * out[:, 0]
            found.append(here[cross < 0.0])
    return np.concatenate(found)


def _places(points: Sequence[Xy]) -> Array:
    return np.array(points, dtype=np.float64).reshape(-1, 2)


def _straight_m(places: Array, others: Array) -> Array:
    apart = places[:, None] - others[None, :]
    return np.asarray(np.hypot(apart[..., 0], apart[..., 1]), dtype=np.float64)


def _without_repeats(points: list[Xy]) -> list[Xy]:
    kept = points[:1]
    kept += [point for before, point in pairwise(points) if point != before]
    return kept
