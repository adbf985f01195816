"""What a path leaves unclean, and where to go for it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from fleet_manager.core.geometry import Xy, length_m
from fleet_manager.core.planning.coverage.ground import Ground, polygons_of
from fleet_manager.core.planning.coverage.joining import Patch, without_repeats

Array = NDArray[np.float64]

_ARC = 6
_PATCH = 0.25
_PATCH_LONG = 1.5
"""From so many squares of the brush's width on, and so many widths of way, what is left is a piece
of its own."""


def left_over(ground: Ground, path: tuple[Xy, ...]) -> BaseGeometry:
    """What a robot leaves unclean that strays from a path by the tracking error."""
    known = ground.left.get(path)
    if known is None:
        swept = LineString(path).buffer(ground.radius_m, quad_segs=_ARC)
        known = ground.left[path] = ground.certain.difference(swept)
    return known


def patches(ground: Ground, path: tuple[Xy, ...]) -> list[Patch]:
    """What a path leaves that is long enough for a place in the order of cells."""
    found = []
    for piece in polygons_of(left_over(ground, path)):
        if piece.area > _PATCH * ground.brush_width_m**2:
            there = into_reach(ground, spots(ground, piece))
            if length_m(there) > _PATCH_LONG * ground.brush_width_m:
                found.append(Patch(_through(ground, there)))
    return found


def _through(ground: Ground, points: Sequence[Xy]) -> tuple[Xy, ...]:
    """A path through points that stays in the reach."""
    ways = [ground.way(a, b) for a, b in pairwise(points)]
    return without_repeats([points[0], *(point for way in ways for point in way[1:])])


def spots(ground: Ground, piece: Polygon) -> list[Array]:
    """Places on a piece, from which a brush cleans it all: along its longer axis."""
    box = shapely.oriented_envelope(piece)
    middle = [shapely.get_coordinates(piece.centroid)[0]]
    if box.geom_type != "Polygon":
        return middle
    corners = shapely.get_coordinates(box)
    sides = [float(np.hypot(*(corners[k + 1] - corners[k]))) for k in (0, 1)]
    along = 0 if sides[0] >= sides[1] else 1
    count = max(1, math.ceil(sides[along] / ground.brush_width_m))
    if count == 1:
        return middle
    begin = (corners[along] + corners[(along + 3) % 4]) / 2
    end = (corners[along + 1] + corners[along + 2]) / 2
    return [begin + (end - begin) * (k + 0.5) / count for k in range(count)]


def into_reach(ground: Ground, places: Sequence[Array]) -> list[Xy]:
    """The places in the reach nearest to some others."""
    lines = shapely.shortest_line(ground.reach, shapely.points(np.array(places)))
    found = shapely.get_coordinates(lines)[::2].tolist()
    return list(without_repeats([(x, y) for x, y in found]))
