"""Strips in one direction over the ground, gathered into cells (boustrophedon decomposition)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from fleet_manager.core.geometry import Xy, heading_rad
from fleet_manager.core.planning.coverage.ground import SLIVER_M2, Ground

_INSIDE_M = 1e-3
"""The first and the last strip lie this far within the reach, so that they cut its outline."""
_SHORTEST_M = 0.02
_SHORTER = 0.58
"""Between rounds strips end by so many spacings before what they clean; the brush is round, and
goes on to the next strip along the end."""
_SPLIT = 4.0
"""A cell ends where an end of a strip jumps by so many spacings."""
_SAME_RAD = math.radians(1.0)

_EVEN_M = 0.03
"""An edge that rises by no more along a strip is driven along itself: drawn edges are never quite
parallel."""


class _Strip(NamedTuple):
    """In the turned frame: where it is cut, its ends, and how far these are off the cut."""

    y: float
    low: float
    high: float
    low_off: float = 0.0
    high_off: float = 0.0


@dataclass(frozen=True)
class Cell:
    """Strips side by side with nothing between them; may begin at any of four ends."""

    strips: tuple[tuple[Xy, Xy], ...]

    def options(self) -> list[list[tuple[Xy, Xy]]]:
        """The four ways to and fro over it: strips in their order and direction."""
        return [
            [
                strip if (number + first) % 2 == 0 else strip[::-1]
                for number, strip in enumerate(strips)
            ]
            for strips in (self.strips, self.strips[::-1])
            for first in (0, 1)
        ]


def directions_rad(ground: Ground) -> list[float]:
    """Directions worth trying, 0 to pi: those of edges, the longest first, and of the box."""
    lengths: list[tuple[float, float]] = []
    for ring in ground.outlines:
        lengths += [(math.dist(a, b), heading_rad(a, b) % math.pi) for a, b in pairwise(ring)]
    box = shapely.oriented_envelope(ground.reach)
    corners = shapely.get_coordinates(box)[:3].tolist()
    boxed = [(0.0, heading_rad(tuple(a), tuple(b)) % math.pi) for a, b in pairwise(corners)]
    found: list[list[float]] = []  # total length, direction
    for length_m, angle_rad in sorted(lengths, reverse=True) + boxed:
        for each in found:
            if abs(math.remainder(each[1] - angle_rad, math.pi)) < _SAME_RAD:
                each[0] += length_m
                break
        else:
            found.append([length_m, angle_rad])
    return [angle_rad for _, angle_rad in sorted(found, key=lambda each: -each[0])]


def cells(ground: Ground, angle_rad: float, left: BaseGeometry | None = None) -> list[Cell]:
    """Strips in a direction, as cells.

    Args:
        left: what rounds along the edges leave to clean; None: there are no rounds, and the
            strips go from edge to edge.
    """
    cosine, sine = math.cos(angle_rad), math.sin(angle_rad)

    def turned_back(x: float, y: float) -> Xy:
        return (x * cosine - y * sine, x * sine + y * cosine)

    if left is None:
        rows = _rows_from_edge_to_edge(ground, angle_rad)
    else:
        rows = _rows_within(ground, angle_rad, left)
    return [
        Cell(
            tuple(
                (turned_back(low, y + low_off), turned_back(high, y + high_off))
                for y, low, high, low_off, high_off in cell
            )
        )
        for cell in _linked(rows, _SPLIT * ground.spacing_m)
    ]


def _rows_from_edge_to_edge(ground: Ground, angle_rad: float) -> list[list[_Strip]]:
    edges = _turned_edges(ground, angle_rad)
    low, high = float(edges[:, 1].min()) + _INSIDE_M, float(edges[:, 1].max()) - _INSIDE_M
    count = 1 + max(0, math.ceil((high - low) / ground.spacing_m - 1e-9))
    levels = np.linspace(low, high, count) if count > 1 else np.array([(low + high) / 2])
    rows = _cut(edges, levels)
    rows[0] = [_on_edge(strip, edges) for strip in rows[0]]
    rows[-1] = [_on_edge(strip, edges) for strip in rows[-1]]
    return rows


def _on_edge(strip: _Strip, edges: NDArray[np.float64]) -> _Strip:
    """The edge that a strip runs along, if there is one."""
    x1, y1, x2, y2 = edges.T
    even = (abs(y1 - strip.y) <= _EVEN_M) & (abs(y2 - strip.y) <= _EVEN_M)
    along = (np.minimum(x1, x2) <= strip.low + _EVEN_M) & (
        np.maximum(x1, x2) >= strip.high - _EVEN_M
    )
    for edge in edges[even & along].tolist():
        low, high = sorted([(edge[0], edge[1]), (edge[2], edge[3])])
        return _Strip(strip.y, low[0], high[0], low[1] - strip.y, high[1] - strip.y)
    return strip


def _rows_within(ground: Ground, angle_rad: float, left: BaseGeometry) -> list[list[_Strip]]:
    """Strips only as long as there is something left to clean."""
    inner = affinity.rotate(left, -angle_rad, (0.0, 0.0), use_radians=True)
    if not inner.is_valid:  # turned, slivers may cross themselves
        inner = shapely.make_valid(inner)
    if inner.area <= SLIVER_M2:
        return []
    _, low, _, high = inner.bounds
    count = max(1, math.ceil((high - low) / ground.spacing_m - 1e-9))
    step_m = (high - low) / count
    levels = np.linspace(low + step_m / 2, high - step_m / 2, count)
    rows = _cut(_turned_edges(ground, angle_rad), levels)
    strips = np.array([strip[:3] for row in rows for strip in row]).reshape(-1, 3)
    y, begin, end = strips.T
    bands = shapely.box(begin - step_m / 2, y - step_m / 2, end + step_m / 2, y + step_m / 2)
    pieces = shapely.intersection(inner, bands)
    bounds, areas_m2 = shapely.bounds(pieces), shapely.area(pieces)
    kept: dict[float, list[_Strip]] = {}
    for strip, box, area_m2 in zip(strips.tolist(), bounds.tolist(), areas_m2, strict=True):
        if area_m2 > SLIVER_M2:
            less_m = min(_SHORTER * step_m, (box[2] - box[0]) / 3)
            first, last = max(strip[1], box[0] + less_m), min(strip[2], box[2] - less_m)
            kept.setdefault(strip[0], []).append(_Strip(strip[0], first, max(first, last)))
    return [kept.get(level, []) for level in levels.tolist()]


def _turned_edges(ground: Ground, angle_rad: float) -> NDArray[np.float64]:
    """Edges of the reach with the direction laid along x: x1, y1, x2, y2."""
    cosine, sine = math.cos(angle_rad), math.sin(angle_rad)
    found = []
    for ring in ground.outlines:
        points = np.array(ring) @ np.array([[cosine, -sine], [sine, cosine]])
        found.append(np.hstack([points[:-1], points[1:]]))
    return np.concatenate(found)


def _cut(edges: NDArray[np.float64], levels: NDArray[np.float64]) -> list[list[_Strip]]:
    """Where lines along x are inside the edges: a row of strips for each level."""
    x1, y1, x2, y2 = edges.T
    crossed = (y1 <= levels[:, None]) != (y2 <= levels[:, None])
    rows = []
    for level, edge in zip(levels.tolist(), crossed, strict=True):
        at = x1[edge] + (level - y1[edge]) * (x2[edge] - x1[edge]) / (y2[edge] - y1[edge])
        ends = np.sort(at).tolist()
        pairs = zip(ends[::2], ends[1::2], strict=True)
        rows.append([_Strip(level, low, high) for low, high in pairs if high - low > _SHORTEST_M])
    return rows


def _linked(rows: Iterable[Sequence[_Strip]], jump_m: float) -> list[list[_Strip]]:
    """Cells: runs of strips of which each meets one strip of the row before and no other."""
    found: list[list[_Strip]] = []
    open_cells: list[list[_Strip]] = []
    for row in rows:
        still_open: list[list[_Strip]] = []
        for strip in row:
            before = [cell for cell in open_cells if _overlap(cell[-1], strip)]
            lone = len(before) == 1 and sum(_overlap(before[0][-1], each) for each in row) == 1
            if lone and _jump_m(before[0][-1], strip) <= jump_m:
                before[0].append(strip)
                still_open.append(before[0])
            else:
                found.append([strip])
                still_open.append(found[-1])
        open_cells = still_open
    return found


def _overlap(a: _Strip, b: _Strip) -> bool:
    return a.low < b.high and b.low < a.high


def _jump_m(a: _Strip, b: _Strip) -> float:
    return max(abs(a.low - b.low), abs(a.high - b.high))
