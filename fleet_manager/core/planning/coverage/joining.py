"""Joins strips, cells and rounds to one path that stays in the reach."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from fleet_manager.core.geometry import Xy, length_m
from fleet_manager.core.planning.coverage.ground import Ground
from fleet_manager.core.planning.coverage.order import best_order
from fleet_manager.core.planning.coverage.strips import Cell

Array = NDArray[np.float64]

_RING_STARTS = 8
_MANY_ENDS = 160
_BACK = 0.5  # a path begins near the start rather than ends there
_ON_EDGE_M = 5e-3
_LONGEST_EDGE = 3.0
"""Along the edge is joined what lies so many times the straight distance apart, at most."""


@dataclass(frozen=True)
class Ring:
    """One round along an edge; may begin at some of its corners."""

    points: tuple[Xy, ...]

    def options(self) -> list[list[tuple[Xy, ...]]]:
        """Rounds from different corners."""
        corners = self.points[:-1]
        step = max(1, len(corners) // _RING_STARTS)
        return [
            [(*corners[first:], *corners[:first], corners[first])]
            for first in range(0, len(corners), step)
        ]


@dataclass(frozen=True)
class Patch:
    """Something that cells leave; may be gone over either way."""

    points: tuple[Xy, ...]

    def options(self) -> list[list[tuple[Xy, ...]]]:
        """To and fro."""
        return [[self.points], [self.points[::-1]]]


Piece = Ring | Patch | Cell


def joined(ground: Ground, edges: Edges, pieces: Sequence[Piece], start: Xy) -> tuple[Xy, ...]:
    """All pieces in a good order from a start and back, with ways inside between them."""
    options = [piece.options() for piece in pieces]
    ways = [option for each in options for option in each]
    begins, ends = [way[0][0] for way in ways], [way[-1][-1] for way in ways]
    count = len(ways)
    if len(pieces) == 1:
        apart = np.zeros((count, count))
    else:
        apart = _lengths_m(ground, ends, begins)
    there = np.array([math.dist(start, begin) for begin in begins])
    back = np.array([math.dist(end, start) * _BACK for end in ends])
    path: list[Xy] = []
    for piece, way in best_order([len(each) for each in options], apart, there, back):
        for number, points in enumerate(options[piece][way]):
            if path:
                along = edges.between(path[-1], points[0]) if number else None
                path.extend(along or ground.way(path[-1], points[0])[1:])
            path.extend(points[1:] if path else points)
    return without_repeats(path)


def _lengths_m(ground: Ground, starts: Sequence[Xy], ends: Sequence[Xy]) -> Array:
    """Of the ways between the ends of pieces; as the crow flies where they are very many."""
    if len(starts) > _MANY_ENDS:
        apart = np.array(starts)[:, None] - np.array(ends)[None, :]
        return np.asarray(np.hypot(apart[..., 0], apart[..., 1]))
    found = ground.ways.lengths_m(starts, ends)
    if np.isinf(found).any():
        found = np.where(np.isinf(found), ground.ways_in_zone.lengths_m(starts, ends), found)
    return found


class Edges:
    """The outlines of the reach, to drive along from the end of one strip to the next."""

    def __init__(self, ground: Ground) -> None:
        self._rings = [_Outline(ring) for ring in ground.outlines]

    def between(self, start: Xy, end: Xy) -> tuple[Xy, ...] | None:
        """The way along an outline, without the start; None where there is no short one."""
        limit_m = _LONGEST_EDGE * math.dist(start, end)
        for ring in self._rings:
            first, last = ring.place(start), ring.place(end)
            if first is None or last is None:
                continue
            way = ring.way(first, last)
            if length_m([start, *way, end]) <= limit_m:
                return (*way, end)
        return None


class _Outline:
    def __init__(self, points: Sequence[Xy]) -> None:
        self._points = np.array(points)
        steps = np.diff(self._points, axis=0)
        self._steps = steps
        self._lengths = np.hypot(steps[:, 0], steps[:, 1])
        self._at = np.concatenate([[0.0], np.cumsum(self._lengths)])

    @cached_property
    def _round_m(self) -> float:
        return float(self._at[-1])

    def place(self, point: Xy) -> float | None:
        """How far along the outline a point on it lies, metres."""
        away = np.array(point) - self._points[:-1]
        share = np.clip((away * self._steps).sum(axis=1) / self._lengths**2, 0.0, 1.0)
        off = np.hypot(*(away - share[:, None] * self._steps).T)
        nearest = int(np.argmin(off))
        if off[nearest] > _ON_EDGE_M:
            return None
        return float(self._at[nearest] + share[nearest] * self._lengths[nearest])

    def way(self, first_m: float, last_m: float) -> list[Xy]:
        """Corners between two places, the shorter way round."""
        forward_m = (last_m - first_m) % self._round_m
        if forward_m <= self._round_m / 2:
            return self._corners(first_m, forward_m)
        return self._corners(last_m, self._round_m - forward_m)[::-1]

    def _corners(self, from_m: float, length: float) -> list[Xy]:
        after_m = (self._at[:-1] - from_m) % self._round_m
        inside = np.flatnonzero((after_m > 0.0) & (after_m < length))
        ordered = inside[np.argsort(after_m[inside])]
        return [(float(x), float(y)) for x, y in self._points[ordered]]


def without_repeats(points: Sequence[Xy]) -> tuple[Xy, ...]:
    """A path without steps of no length."""
    kept = [points[0]]
    kept += [point for before, point in pairwise(points) if math.dist(before, point) > 1e-9]
    return tuple(kept)
