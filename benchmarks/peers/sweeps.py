"""Other ways to sweep a zone: strips in one direction, rounds along the edge first, a spiral."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from shapely.geometry import MultiLineString, Polygon
from shapely.geometry.base import BaseGeometry

from fleet_manager.core.geometry import Xy
from fleet_manager.core.planning.coverage.ground import Ground, polygons_of
from fleet_manager.core.planning.coverage.strips import cells, directions_rad

Pieces = list[list[tuple[Xy, ...]]]
"""Of each piece the ways to do it."""


def boustrophedon(polygon: Polygon, brush_m: float, start: Xy) -> tuple[Xy, ...]:
    """Choset and Pignon (1998): cells along the longest edge, always the nearest next."""
    ground = Ground.of(polygon, brush_m)
    found = cells(ground, directions_rad(ground)[0])
    return _nearest_next(ground, [_ways(each.options()) for each in found], start)


def rounds_first(polygon: Polygon, brush_m: float, start: Xy) -> tuple[Xy, ...]:
    """One round along every edge, then cells over the rest: the usual way of cleaning robots."""
    ground = Ground.of(polygon, brush_m)
    rings = list(ground.outlines)
    driven = MultiLineString(rings).buffer(ground.radius_m)
    left = ground.reachable.difference(driven)
    pieces: Pieces = [[ring] for ring in rings]
    found = cells(ground, directions_rad(ground)[0], left)
    pieces += [_ways(each.options()) for each in found]
    return _nearest_next(ground, pieces, start)


def spiral(polygon: Polygon, brush_m: float, start: Xy) -> tuple[Xy, ...]:
    """Contour-parallel: round after round along the edge, each a strip further in."""
    ground = Ground.of(polygon, brush_m)
    pieces: Pieces = []
    inner: BaseGeometry = ground.reach
    while not inner.is_empty:
        for part in polygons_of(inner):
            for ring in (part.exterior, *part.interiors):
                points = [(float(x), float(y)) for x, y in ring.coords]
                pieces.append([tuple(points)])
        inner = inner.buffer(-ground.spacing_m, join_style="mitre").simplify(0.01)
    return _nearest_next(ground, pieces, start)


def _ways(options: Sequence[Sequence[tuple[Xy, Xy]]]) -> list[tuple[Xy, ...]]:
    return [tuple(point for strip in option for point in strip) for option in options]


def _nearest_next(ground: Ground, pieces: Pieces, start: Xy) -> tuple[Xy, ...]:
    left, path, here = list(pieces), [], start
    while left:
        piece, way = min(
            ((piece, _from(way, here)) for piece in left for way in piece),
            key=lambda each: math.dist(each[1][0], here),
        )
        left.remove(piece)
        for point in way:
            path.extend(ground.way(path[-1], point)[1:] if path else [point])
        here = path[-1]
    return tuple(point for at, point in enumerate(path) if not at or path[at - 1] != point)


def _from(way: tuple[Xy, ...], here: Xy) -> tuple[Xy, ...]:
    """A closed round begins at the corner nearest to the robot."""
    if way[0] != way[-1]:
        return way
    at = min(range(len(way) - 1), key=lambda index: math.dist(way[index], here))
    return (*way[at:-1], *way[:at], way[at])


PEERS: dict[str, Callable[[Polygon, float, Xy], tuple[Xy, ...]]] = {
    "one direction": boustrophedon,
    "rounds first": rounds_first,
    "spiral": spiral,
}
