"""Lidar by geometry: only the rays that meet a segment or a disc are computed, for all robots."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

RAYS = 360
FIRST_RAD = -math.pi
STEP_RAD = 2 * math.pi / RAYS

_ANGLES = FIRST_RAD + STEP_RAD * np.arange(RAYS)
_COS, _SIN = np.cos(_ANGLES), np.sin(_ANGLES)
_SLACK = 1e-9


def cast(
    poses: Array,
    segments: Sequence[Array],
    discs: Array,
    range_max_m: float,
    visible: npt.NDArray[np.bool_] | None = None,
) -> Array:
    """Distances from each robot's centre to the nearest thing along each ray.

    Args:
        poses: x, y (metres), heading (radians) of n robots, shape (n, 3).
        segments: of each robot those in its reach, shape (k, 4).
        discs: x, y, radius in metres of all that moves, shape (m, 3). The first n are the robots
            themselves; a robot does not see its own.
        range_max_m: what is farther is not seen.
        visible: which discs are on the level of which robot, shape (n, m); None: all.

    Returns:
        Metres, shape (n, 360), inf where nothing is seen; rays counter-clockwise from -pi in the
        robot's frame.
    """
    ranges = np.full(len(poses) * RAYS, np.inf)
    _cast_segments(ranges, poses, segments)
    _cast_discs(ranges, poses, discs, range_max_m, visible)
    ranges[ranges > range_max_m] = np.inf
    return ranges.reshape(len(poses), RAYS)


def _cast_segments(ranges: Array, poses: Array, segments: Sequence[Array]) -> None:
    owner = np.repeat(np.arange(len(poses)), [len(each) for each in segments])
    if not len(owner):
        return
    ends = np.concatenate(segments)
    cos, sin = np.cos(poses[owner, 2]), np.sin(poses[owner, 2])
    ax, ay = _in_frame(ends[:, 0] - poses[owner, 0], ends[:, 1] - poses[owner, 1], cos, sin)
    bx, by = _in_frame(ends[:, 2] - poses[owner, 0], ends[:, 3] - poses[owner, 1], cos, sin)
    area = ax * by - ay * bx
    first = np.where(area > 0, np.arctan2(ay, ax), np.arctan2(by, bx))
    last = np.where(area > 0, np.arctan2(by, bx), np.arctan2(ay, ax))
    span = np.where(np.abs(area) > 1e-12, (last - first) % (2 * math.pi), -1.0)
    pair, ray = _rays_between(first, span)
    # The ray r meets the line through a and b at the distance cross(a, b) / cross(r, b - a).
    dx, dy = bx - ax, by - ay
    distance = area[pair] / (_COS[ray] * dy[pair] - _SIN[ray] * dx[pair])
    np.minimum.at(ranges, owner[pair] * RAYS + ray, distance)


def _cast_discs(
    ranges: Array,
    poses: Array,
    discs: Array,
    range_max_m: float,
    visible: npt.NDArray[np.bool_] | None,
) -> None:
    dx = discs[None, :, 0] - poses[:, None, 0]
    dy = discs[None, :, 1] - poses[:, None, 1]
    squared = dx * dx + dy * dy
    near = squared < (range_max_m + discs[:, 2]) ** 2
    own = np.arange(len(poses))
    near[own, own] = False
    if visible is not None:
        near &= visible
    owner, other = np.nonzero(near)
    if not len(owner):
        return
    distance = np.sqrt(squared[owner, other])
    radius = discs[other, 2]
    bearing = np.arctan2(dy[owner, other], dx[owner, other]) - poses[owner, 2]
    half = np.arcsin(np.minimum(radius / np.maximum(distance, 1e-9), 1.0))
    pair, ray = _rays_between(bearing - half, 2 * half)
    off = _ANGLES[ray] - bearing[pair]
    across = distance[pair] * np.sin(off)
    depth = distance[pair] * np.cos(off)
    hit = depth - np.sqrt(np.maximum(radius[pair] ** 2 - across**2, 0.0))
    np.minimum.at(ranges, owner[pair] * RAYS + ray, np.maximum(hit, 0.0))


def _in_frame(dx: Array, dy: Array, cos: Array, sin: Array) -> tuple[Array, Array]:
    return dx * cos + dy * sin, dy * cos - dx * sin


def _rays_between(first_rad: Array, span_rad: Array) -> tuple[Indices, Indices]:
    """The rays in each of p angular intervals: which interval, and which ray, for every ray."""
    from_ray = (first_rad - FIRST_RAD) / STEP_RAD
    low = np.ceil(from_ray - _SLACK).astype(np.intp)
    high = np.floor(from_ray + span_rad / STEP_RAD + _SLACK).astype(np.intp)
    counts = np.maximum(high - low + 1, 0)
    pair = np.repeat(np.arange(len(low)), counts)
    before = np.cumsum(counts) - counts
    ray = (np.arange(len(pair)) - before[pair] + low[pair]) % RAYS
    return pair, ray
