"""How far a robot gets before its round footprint touches something."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from campus_sim.walls import Array

Disc = tuple[float, float, float]
"""x, y, radius; metres."""

_HALVINGS = 16


def free_share(
    start: tuple[float, float],
    end: tuple[float, float],
    radius_m: float,
    segments: Array,
    discs: Iterable[Disc],
) -> float:
    """The share (0 to 1) of a straight move that a disc makes before it touches anything.

    Who touches already may move away. Moves are short: a step of a robot, not a journey.

    Args:
        start: centre before the move, metres.
        end: centre after it.
        radius_m: of the disc that moves.
        segments: walls within its reach, shape (k, 4).
        discs: what else stands about.
    """
    dx, dy = end[0] - start[0], end[1] - start[1]
    share = 1.0
    for x, y, other_m in discs:
        share = min(share, _until_disc(x - start[0], y - start[1], dx, dy, radius_m + other_m))
    if len(segments):
        share = _until_walls(start, dx, dy, share, radius_m, segments)
    return share


def distance_m(x_m: float, y_m: float, segments: Array) -> float:
    """Distance from a point to the nearest of some segments, shape (k, 4)."""
    ax, ay = segments[:, 0], segments[:, 1]
    dx, dy = segments[:, 2] - ax, segments[:, 3] - ay
    along = np.clip(((x_m - ax) * dx + (y_m - ay) * dy) / (dx * dx + dy * dy), 0.0, 1.0)
    squared = (ax + along * dx - x_m) ** 2 + (ay + along * dy - y_m) ** 2
    return math.sqrt(float(squared.min()))


def _until_disc(x: float, y: float, dx: float, dy: float, touch_m: float) -> float:
    """Solves |(x, y) - s (dx, dy)| = touch_m for the first s in 0 to 1; 1 when there is none."""
    moved2 = dx * dx + dy * dy
    towards = x * dx + y * dy
    gap2 = x * x + y * y - touch_m * touch_m
    if towards <= 0.0 or moved2 == 0.0:
        return 1.0
    if gap2 <= 0.0:
        return 0.0
    inside = towards * towards - moved2 * gap2
    if inside <= 0.0:
        return 1.0
    return min((towards - math.sqrt(inside)) / moved2, 1.0)


def _until_walls(
    start: tuple[float, float],
    dx: float,
    dy: float,
    share: float,
    radius_m: float,
    segments: Array,
) -> float:
    def clearance_m(part: float) -> float:
        return distance_m(start[0] + part * dx, start[1] + part * dy, segments)

    after_m = clearance_m(share)
    if after_m >= radius_m:
        return share
    before_m = clearance_m(0.0)
    if before_m < radius_m:
        return share if after_m > before_m else 0.0
    free, touching = 0.0, share
    for _ in range(_HALVINGS):
        middle = (free + touching) / 2
        if clearance_m(middle) >= radius_m:
            free = middle
        else:
            touching = middle
    return free
