"""Grounds and buildings: what a scene stands on and between."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray

from perception.scenes.parts import Parts, Surface
from perception.scenes.scene import Building, Colour, Ground, Point

LAYER_M = 0.002
KERB_M = 0.04


@lru_cache(maxsize=4096)
def triangulated(outline: tuple[Point, ...]) -> NDArray[np.float64]:
    """[n, 3, 2] triangles of a polygon, counter-clockwise.

    Raises:
        ValueError: the outline is no polygon.
    """
    polygon = shapely.Polygon(outline)
    if not polygon.is_valid or polygon.area == 0:
        raise ValueError(f"an outline of {len(outline)} points is no polygon")
    pieces = shapely.get_parts(shapely.constrained_delaunay_triangles(polygon))
    triangles = np.array([shapely.get_coordinates(piece)[:3] for piece in pieces])
    (ax, ay), (bx, by) = (
        (triangles[:, 1] - triangles[:, 0]).T,
        (triangles[:, 2] - triangles[:, 0]).T,
    )
    clockwise = ax * by - ay * bx < 0
    triangles[clockwise] = triangles[clockwise][:, ::-1]
    return triangles


def _level(outline: tuple[Point, ...], z_m: float) -> NDArray[np.float64]:
    flat = triangulated(outline)
    return np.concatenate([flat, np.full((*flat.shape[:2], 1), z_m)], axis=2)


def add_ground(parts: Parts, ground: Ground) -> None:
    """A piece of ground, a little above those of lower layers so that the two do not flicker."""
    surface = Surface(ground.texture, ground.variant, ground.tile_m, 1.0, ground.gloss)
    z_m = ground.height_m + LAYER_M * ground.layer
    parts.triangles(_level(ground.outline, z_m), (0, 0, 1), ground.colour, surface)
    if ground.height_m >= KERB_M:
        kerb = Surface("concrete", 0, 1.0)
        add_walls(parts, ground.outline, 0.0, z_m, (0.42, 0.42, 0.4), kerb)


def add_walls(
    parts: Parts,
    outline: tuple[Point, ...],
    base_m: float,
    top_m: float,
    colour: Colour,
    surface: Surface,
    inward: bool = False,
) -> None:
    """Upright walls along an outline, facing out of it (or into it)."""
    corners = np.array(outline, dtype=np.float64)
    nxt = np.roll(corners, -1, axis=0)
    area = float((corners[:, 0] * nxt[:, 1] - nxt[:, 0] * corners[:, 1]).sum())
    if (area < 0) != inward:
        corners, nxt = corners[::-1], np.roll(corners[::-1], -1, axis=0)
    for (ax, ay), (bx, by) in zip(corners, nxt, strict=True):
        length = float(np.hypot(bx - ax, by - ay))
        if length < 1e-6:
            continue
        quad = np.array(
            [
                [(ax, ay, base_m), (bx, by, base_m), (bx, by, top_m)],
                [(ax, ay, base_m), (bx, by, top_m), (ax, ay, top_m)],
            ]
        )
        parts.triangles(quad, ((by - ay) / length, (ax - bx) / length, 0.0), colour, surface)


def add_building(parts: Parts, building: Building) -> None:
    """A house seen from outside, or a room seen from within."""
    surface = Surface(building.texture, building.variant, building.tile_m)
    top_m = building.base_m + building.height_m
    add_walls(
        parts,
        building.outline,
        building.base_m,
        top_m,
        building.colour,
        surface,
        building.inward,
    )
    if building.inward:
        ceiling = _level(building.outline, top_m)[:, ::-1]
        parts.triangles(ceiling, (0, 0, -1), building.roof_colour, Surface("panels", 0, 1.8))
    else:
        parts.triangles(_level(building.outline, top_m), (0, 0, 1), building.roof_colour)
