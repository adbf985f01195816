"""Plans how a brush sweeps a zone: to and fro, along its edges where that helps.

Boustrophedon decomposition after Choset and Pignon, "Coverage path planning: the boustrophedon
cellular decomposition" (1998). Strips go from edge to edge and follow the edge from one to the
next, so that no round along the edge is needed where edges are straight; what is left in corners
and between the ends of strips is gone to by short detours. Directions, and rounds along all
edges, are tried and judged by the whole path that comes of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from shapely.geometry import MultiLineString, Polygon

from fleet_manager.core.geometry import Xy, heading_rad, length_m
from fleet_manager.core.planning.coverage.ground import Ground
from fleet_manager.core.planning.coverage.joining import Edges, Piece, Ring, joined
from fleet_manager.core.planning.coverage.leavings import left_over, patches
from fleet_manager.core.planning.coverage.mending import LEFT_AT_MOST, mended
from fleet_manager.core.planning.coverage.strips import Cell, cells, directions_rad

_TURN_COST_M = 0.5  # a corner costs what this much driving costs: braking, turning, starting
_WITH_ROUNDS = 2
_DIRECTIONS = 3  # of those with the least estimate so many are planned
_ALONG_RAD = math.radians(3.0)
_ENDS = 0.75
_LEFT_COST = 5.0  # what is left unclean costs so many times its share of the path


@dataclass(frozen=True)
class SweepPlan:
    """A path for the middle of the brush.

    Attributes:
        path: points, metres; inside the zone.
        length_m: along the path.
        area_m2: of the zone.
        reachable_m2: of the zone that the brush can touch.
        covered_fraction: of what it can touch, what a brush on this path touches, 0 to 1.
        out_of_reach: what of the zone no brush of this width touches.
    """

    path: tuple[Xy, ...]
    length_m: float
    area_m2: float
    reachable_m2: float
    covered_fraction: float
    out_of_reach: tuple[Polygon, ...] = ()

    def share_after(self, from_m: float) -> float:
        """What is left of the path behind a place along it, 0 to 1."""
        return max(0.0, 1.0 - from_m / self.length_m) if self.length_m > 0.0 else 0.0


def plan_sweep(
    polygon: Polygon,
    brush_width_m: float,
    start_xy: Xy | None = None,
    footprint_radius_m: float = 0.0,
    name: str = "the zone",
) -> SweepPlan:
    """A path on which a brush cleans a polygon, holes left out.

    A robot that follows it within `TRACKING_ERROR_M` leaves no gap between the strips.

    Args:
        polygon: of the zone, metres.
        brush_width_m: what the brush cleans across the path.
        start_xy: where the robot comes from; the path begins near it.
        footprint_radius_m: a robot that has to stay inside the polygon wholly gives its radius;
            0: it may reach over the edge, as where nothing stands around the zone.
        name: of the zone, for errors.

    Raises:
        CannotSweep: the outline crosses itself, the brush is not positive, or nowhere fits into
            the polygon; names the zone.
    """
    ground = Ground.of(polygon, brush_width_m, footprint_radius_m, start_xy, name)
    path = _best(ground, start_xy)
    swept = MultiLineString([path]).buffer(brush_width_m / 2) if len(path) > 1 else Polygon()
    touched_m2 = swept.intersection(ground.reachable).area
    reachable_m2 = ground.reachable.area
    return SweepPlan(
        path=path,
        length_m=length_m(path),
        area_m2=polygon.area,
        reachable_m2=reachable_m2,
        covered_fraction=touched_m2 / reachable_m2,
        out_of_reach=ground.out_of_reach,
    )


def _best(ground: Ground, start_xy: Xy | None) -> tuple[Xy, ...]:
    """Of all candidates the one that costs least once it is whole."""
    ranked = sorted((_cost(ground, path), path) for path in _candidates(ground, start_xy))
    best, least = ranked[0][1], math.inf
    for _, path in ranked:
        if _driving(path) < least:  # else it costs more already, before it is whole
            whole = mended(ground, path)
            cost = _cost(ground, whole)
            if cost < least:
                best, least = whole, cost
    return best


def _candidates(ground: Ground, start_xy: Xy | None) -> Iterator[tuple[Xy, ...]]:
    """Paths in the best directions: from edge to edge, and with rounds along all edges."""
    edges = Edges(ground)
    rings = [Ring(points) for points in ground.outlines]
    start = start_xy if start_xy is not None else rings[0].points[0]
    plain = {angle_rad: cells(ground, angle_rad) for angle_rad in directions_rad(ground)}
    ranked = sorted(
        (_estimate(ground, angle_rad, found), angle_rad)
        for angle_rad, found in plain.items()
        if found
    )
    for _, angle_rad in ranked[:_DIRECTIONS]:
        yield _patched(ground, edges, plain[angle_rad], start)
    driven = MultiLineString([ring.points for ring in rings]).buffer(ground.radius_m)
    left = ground.reachable.difference(driven)
    angles = [angle_rad for _, angle_rad in ranked[:_WITH_ROUNDS]] or [0.0]
    for angle_rad in angles:
        yield _patched(ground, edges, [*rings, *cells(ground, angle_rad, left)], start)


def _patched(ground: Ground, edges: Edges, pieces: Sequence[Piece], start: Xy) -> tuple[Xy, ...]:
    """The path through pieces, and through what they leave as pieces of their own."""
    path = joined(ground, edges, pieces, start)
    left = patches(ground, path)
    return joined(ground, edges, [*pieces, *left], start) if left else path


def _estimate(ground: Ground, angle_rad: float, found: Sequence[Cell]) -> float:
    """What strips will cost, about: driving, two turns for each, and getting to each cell.

    Edges that the strips end at are driven along too, half of them from strip to strip.
    """
    strips = [strip for cell in found for strip in cell.strips]
    ends_m = sum(
        math.dist(a, b)
        for outline in ground.outlines
        for a, b in pairwise(outline)
        if abs(math.remainder(heading_rad(a, b) - angle_rad, math.pi)) > _ALONG_RAD
    )
    driven_m = sum(math.dist(*strip) for strip in strips)
    return driven_m + _ENDS * ends_m + 2 * _TURN_COST_M * len(strips) + len(found)


def _cost(ground: Ground, path: tuple[Xy, ...]) -> float:
    """In metres: driving, turning, and what it will take to clean what is left."""
    left_m2 = max(0.0, left_over(ground, path).area - LEFT_AT_MOST * ground.reachable.area)
    return _driving(path) + _LEFT_COST * left_m2 / ground.brush_width_m


def _driving(path: Sequence[Xy]) -> float:
    """Driving and turning, in metres."""
    turns = sum(_turn_rad(*corner) for corner in zip(path, path[1:], path[2:], strict=False))
    return length_m(path) + _TURN_COST_M * turns / (math.pi / 2)


def _turn_rad(a: Xy, b: Xy, c: Xy) -> float:
    into = math.atan2(b[1] - a[1], b[0] - a[0])
    return abs(math.remainder(math.atan2(c[1] - b[1], c[0] - b[0]) - into, math.tau))
