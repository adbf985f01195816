"""Unit meshes that scenes are put together of, and the transforms that place them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
MeshName = Literal["box", "ball", "limb", "drum", "cone", "cabin", "rock"]
MESH_NAMES: Final[tuple[MeshName, ...]] = ("box", "ball", "limb", "drum", "cone", "cabin", "rock")


@dataclass(frozen=True)
class Mesh:
    """Triangles as rows of three vertices.

    Attributes:
        positions: [3 n, 3], inside the cube from -1 to 1 (a limb: z from 0 to 1).
        normals: [3 n, 3], of unit length.
    """

    positions: Array
    normals: Array

    def indexed(self) -> tuple[Array, NDArray[np.uint32]]:
        """[m, 6] different vertices with normals, and [3 n] which of them the triangles use."""
        rows = np.concatenate([self.positions, self.normals], axis=1).round(5)
        vertices, which = np.unique(rows, axis=0, return_inverse=True)
        return vertices.astype(np.float32), which.ravel().astype(np.uint32)


def _flat(triangles: list[list[tuple[float, float, float]]]) -> Mesh:
    points = np.array(triangles, dtype=np.float32)
    normals = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    return Mesh(points.reshape(-1, 3), np.repeat(normals, 3, axis=0).astype(np.float32))


def _box(top: tuple[float, float] = (1.0, 1.0), shift: float = 0.0) -> Mesh:
    """A box whose top may be smaller than its bottom, and moved along x."""
    tx, ty = top
    low = [(-1.0, -1.0, -1.0), (1.0, -1.0, -1.0), (1.0, 1.0, -1.0), (-1.0, 1.0, -1.0)]
    high = [
        (-tx + shift, -ty, 1.0),
        (tx + shift, -ty, 1.0),
        (tx + shift, ty, 1.0),
        (-tx + shift, ty, 1.0),
    ]
    triangles = [[low[0], low[2], low[1]], [low[0], low[3], low[2]]]
    triangles += [[high[0], high[1], high[2]], [high[0], high[2], high[3]]]
    for here in range(4):
        there = (here + 1) % 4
        triangles += [[low[here], low[there], high[there]], [low[here], high[there], high[here]]]
    return _flat(triangles)


def _icosphere(rounds: int) -> Array:
    """[n, 3, 3] triangles of the unit sphere."""
    golden = (1 + 5**0.5) / 2
    corners = np.array(
        [
            *[(-1, golden, 0), (1, golden, 0), (-1, -golden, 0), (1, -golden, 0)],
            *[(0, -1, golden), (0, 1, golden), (0, -1, -golden), (0, 1, -golden)],
            *[(golden, 0, -1), (golden, 0, 1), (-golden, 0, -1), (-golden, 0, 1)],
        ],
        dtype=np.float64,
    )
    faces = [
        *[(0, 11, 5), (0, 5, 1), (0, 1, 7), (0, 7, 10), (0, 10, 11), (1, 5, 9), (5, 11, 4)],
        *[(11, 10, 2), (10, 7, 6), (7, 1, 8), (3, 9, 4), (3, 4, 2), (3, 2, 6), (3, 6, 8)],
        *[(3, 8, 9), (4, 9, 5), (2, 4, 11), (6, 2, 10), (8, 6, 7), (9, 8, 1)],
    ]
    triangles = corners[np.array(faces)]
    for _ in range(rounds):
        a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
        ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
        parts = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
        triangles = np.concatenate([np.stack(part, axis=1) for part in parts])
    triangles /= np.linalg.norm(triangles, axis=2, keepdims=True)
    return np.asarray(triangles, np.float32)


def _ball() -> Mesh:
    points = _icosphere(1).reshape(-1, 3)
    return Mesh(points, points.copy())


def _rock() -> Mesh:
    """A ball with dents: crumpled bags, stones, leaves of bushes and trees."""
    triangles = _icosphere(2)
    waves = np.random.default_rng(5).normal(size=(12, 3)).astype(np.float32) * 2.4
    phases = np.arange(12, dtype=np.float32)
    dents = np.sin(triangles @ waves.T + phases).mean(axis=2, keepdims=True)
    return _flat((triangles * (0.86 + 0.45 * dents)).tolist())


def _turned(profile: list[tuple[float, float]], sides: int = 10) -> Mesh:
    """A profile of (radius, z), turned about z, with smooth normals on its sides."""
    angles = np.linspace(0, 2 * np.pi, sides + 1)
    positions, normals = [], []
    for (r0, z0), (r1, z1) in pairwise(profile):
        slope = np.array([z1 - z0, r0 - r1])
        slope = slope / max(float(np.hypot(*slope)), 1e-9)
        for a, b in pairwise(angles):
            quad = [
                (r0 * np.cos(a), r0 * np.sin(a), z0),
                (r0 * np.cos(b), r0 * np.sin(b), z0),
                (r1 * np.cos(b), r1 * np.sin(b), z1),
                (r1 * np.cos(a), r1 * np.sin(a), z1),
            ]
            turned = [(slope[0] * np.cos(t), slope[0] * np.sin(t), slope[1]) for t in (a, b, b, a)]
            for corner in (0, 1, 2, 0, 2, 3):
                positions.append(quad[corner])
                normals.append(turned[corner])
    return Mesh(np.array(positions, np.float32), np.array(normals, np.float32))


@cache
def unit_mesh(name: MeshName) -> Mesh:
    """The mesh of a name; a limb goes from z = 0 (thicker) to z = 1."""
    if name == "box":
        return _box()
    if name == "ball":
        return _ball()
    if name == "limb":
        return _turned([(0, -0.07), (0.85, -0.02), (1, 0.06), (0.78, 0.96), (0, 1.05)], sides=8)
    if name == "drum":
        return _turned([(0, -1), (1, -1), (1, 1), (0, 1)], sides=12)
    if name == "cone":
        return _turned([(0, -1), (1, -1), (0.12, 1), (0, 1)], sides=12)
    if name == "cabin":
        return _box(top=(0.68, 0.82), shift=-0.06)
    return _rock()


# --- transforms: [3, 4], columns x, y, z (with their half lengths) and the place ---


def turned_about_z(angle_rad: float) -> NDArray[np.float64]:
    """[3, 3] rotation about the vertical."""
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1.0]])


def turned_about_y(angle_rad: float) -> NDArray[np.float64]:
    """[3, 3] rotation about y: forward (x) goes down with a positive angle."""
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[cosine, 0, sine], [0, 1.0, 0], [-sine, 0, cosine]])


def turned_about_x(angle_rad: float) -> NDArray[np.float64]:
    """[3, 3] rotation about x."""
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[1.0, 0, 0], [0, cosine, -sine], [0, sine, cosine]])


def placed(
    place_m: NDArray[np.float64] | tuple[float, float, float],
    half_m: tuple[float, float, float],
    rotation: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """The transform of a mesh of these half lengths at a place, turned by a rotation."""
    transform = np.empty((3, 4))
    transform[:, :3] = np.diag(half_m) if rotation is None else rotation * np.asarray(half_m)
    transform[:, 3] = place_m
    return transform


def between(
    start_m: NDArray[np.float64], end_m: NDArray[np.float64], radius_m: float, flat: float = 1.0
) -> NDArray[np.float64]:
    """The transform of a limb or drum from one point to another.

    Args:
        flat: how thick it is across its second axis, as a share of the radius.
    """
    along = end_m - start_m
    length = max(float(np.linalg.norm(along)), 1e-6)
    axis = along / length
    helper = np.array([1.0, 0, 0]) if abs(axis[0]) < 0.8 else np.array([0, 1.0, 0])
    across = np.cross(axis, helper)
    across /= np.linalg.norm(across)
    transform = np.empty((3, 4))
    transform[:, 0] = across * radius_m
    transform[:, 1] = np.cross(axis, across) * radius_m * flat
    transform[:, 2] = along
    transform[:, 3] = start_m
    return transform
