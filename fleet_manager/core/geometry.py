"""Plane geometry of lanes and moving robots: polylines in metres and the area they sweep."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

Xy = tuple[float, float]
"""A point: metres east and north of the map's anchor."""


def length_m(points: Sequence[Xy]) -> float:
    """Length of a polyline; 0 for fewer than two points."""
    return sum(math.dist(a, b) for a, b in pairwise(points))


def heading_rad(start: Xy, end: Xy) -> float:
    """Direction from start to end, counter-clockwise from east, -pi to pi."""
    return math.atan2(end[1] - start[1], end[0] - start[0])


def angle_between_rad(a_rad: float, b_rad: float) -> float:
    """Smallest turn from one direction to another, 0 to pi."""
    return abs(math.remainder(b_rad - a_rad, math.tau))


def point_at(points: Sequence[Xy], distance_m: float) -> Xy:
    """Point of a polyline this far from its start; beyond the ends, the end.

    Raises:
        ValueError: there are no points.
    """
    if not points:
        raise ValueError("a polyline needs at least one point")
    left_m = max(0.0, distance_m)
    for a, b in pairwise(points):
        step_m = math.dist(a, b)
        if left_m <= step_m and step_m > 0.0:
            part = left_m / step_m
            return (a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part)
        left_m -= step_m
    return points[-1]


def project(points: Sequence[Xy], point: Xy) -> tuple[float, float]:
    """Where a polyline comes nearest to a point.

    Returns:
        Distance along the polyline from its start and distance from the point to it, metres.

    Raises:
        ValueError: there are no points.
    """
    if not points:
        raise ValueError("a polyline needs at least one point")
    best = (0.0, math.dist(points[0], point))
    before_m = 0.0
    for a, b in pairwise(points):
        step_m = math.dist(a, b)
        if step_m > 0.0:
            along = (point[0] - a[0]) * (b[0] - a[0]) + (point[1] - a[1]) * (b[1] - a[1])
            part = min(1.0, max(0.0, along / step_m**2))
            foot = (a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part)
            off_m = math.dist(foot, point)
            if off_m < best[1]:
                best = (before_m + part * step_m, off_m)
        before_m += step_m
    return best


def polyline_distance_m(a: Sequence[Xy], b: Sequence[Xy]) -> float:
    """Shortest distance between two polylines (or points: one-element sequences)."""
    return float(_shape(a).distance(_shape(b)))


def swept_area(points: Sequence[Xy], radius_m: float) -> Polygon:
    """What a disc of this radius covers while its centre follows the polyline.

    Discs are 32-gons around the true circle, so that the area is never too small.
    """
    outward_m = radius_m / math.cos(math.pi / 32)
    swept = _shape(points).buffer(outward_m, quad_segs=8)
    assert isinstance(swept, Polygon)
    return swept


def _shape(points: Sequence[Xy]) -> BaseGeometry:
    if not points:
        raise ValueError("a polyline needs at least one point")
    return Point(points[0]) if len(points) == 1 else LineString(points)
