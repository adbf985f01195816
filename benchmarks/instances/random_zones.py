"""Zones at random, with holes: what people draw, and what nobody should have drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True)
class RandomZone:
    """A zone, and the brush that is to clean it."""

    seed: int
    polygon: Polygon
    brush_width_m: float
    start: tuple[float, float]


def random_zone(seed: int) -> RandomZone:
    """A valid polygon with at least one hole, 5 to 45 m across; the same for the same seed."""
    rng = np.random.default_rng([4, seed])
    brush_m = float(rng.choice([0.45, 0.7, 0.7, 0.7, 1.0]))
    while True:
        outline = [_star, _wings, _path][int(rng.integers(3))](rng)
        zone: BaseGeometry = outline
        for _ in range(int(rng.integers(1, 7))):
            zone = zone.difference(_hole(rng, outline))
        parts = [each for each in shapely.get_parts(zone) if each.geom_type == "Polygon"]
        largest = max(parts, key=lambda each: each.area)
        if largest.interiors and largest.is_valid and _fits(largest, brush_m):
            break
    turned = affinity.rotate(largest, float(rng.uniform(0, 180)))
    polygon = affinity.translate(turned, *rng.uniform(-500, 500, 2).tolist())
    start = shapely.get_coordinates(polygon.exterior)[int(rng.integers(3))]
    return RandomZone(seed, polygon, brush_m, (float(start[0]), float(start[1])))


def _fits(zone: Polygon, brush_m: float) -> bool:
    return zone.buffer(-0.6 * brush_m).area > 0.3 * zone.area


def _star(rng: np.random.Generator) -> Polygon:
    """Seen whole from its middle, with corners near and far."""
    corners, size_m = int(rng.integers(4, 13)), float(rng.uniform(5, 20))
    radii = size_m * rng.uniform(0.45, 1.0, corners)
    angles = np.sort(rng.uniform(0, math.tau, corners))
    points = [(r * math.cos(a), r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]
    found = Polygon(points)
    return found if found.is_valid and found.area > 30 else _star(rng)


def _wings(rng: np.random.Generator) -> Polygon:
    """Rectangles put together at right angles: L, T, U and the like."""
    found: BaseGeometry = box(0, 0, *rng.uniform(6, 25, 2).tolist())
    for _ in range(int(rng.integers(1, 4))):
        west, south, east, north = found.bounds
        x, y = rng.uniform((west, south), (east, north)).tolist()
        wide_m, high_m = rng.uniform(3, 15, 2).tolist()
        joined = found.union(box(x, y, x + wide_m, y + high_m))
        found = joined if joined.geom_type == "Polygon" else found
    assert isinstance(found, Polygon)
    return Polygon(found.exterior)


def _path(rng: np.random.Generator) -> Polygon:
    """A broad winding path with round bends."""
    points, heading = [np.zeros(2)], 0.0
    for _ in range(int(rng.integers(2, 6))):
        heading += float(rng.uniform(-1.2, 1.2))
        step = np.array([math.cos(heading), math.sin(heading)])
        points.append(points[-1] + step * rng.uniform(4, 12))
    found = LineString(points).buffer(float(rng.uniform(2, 6)), quad_segs=4)
    return Polygon(found.exterior)


def _hole(rng: np.random.Generator, outline: Polygon) -> BaseGeometry:
    """A pillar, a bed, or a kiosk, anywhere: also at the edge, where it makes a bay."""
    west, south, east, north = outline.bounds
    x, y = rng.uniform((west, south), (east, north)).tolist()
    size_m = float(rng.uniform(0.2, 0.15 * math.sqrt(outline.area) + 0.3))
    kind = int(rng.integers(3))
    if kind == 0:
        return Point(x, y).buffer(size_m, quad_segs=int(rng.integers(2, 7)))
    shape = box(x - size_m, y - size_m * float(rng.uniform(0.3, 1)), x + size_m, y + size_m)
    if kind == 1:
        return shape
    return affinity.rotate(shape, float(rng.uniform(0, 90)))
