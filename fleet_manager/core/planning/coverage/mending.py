"""Goes to what a path leaves unclean: bends at the ends of strips, else short detours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

from fleet_manager.core.geometry import Xy, length_m
from fleet_manager.core.planning.coverage.ground import Ground, polygons_of
from fleet_manager.core.planning.coverage.joining import without_repeats
from fleet_manager.core.planning.coverage.leavings import into_reach, left_over, spots

LEFT_AT_MOST = 0.0045
"""Of the area that can be reached, so much may stay unclean."""
_ROUNDS = 5
_BENDING_ROUNDS = 2
_BEND_HELPS = 0.7  # of a gap is closed by a bend
_BEND_LONG = 0.75  # brush widths, until a bend is back on its strip

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Change:
    """The path between two places along it is replaced by points."""

    from_m: float
    to_m: float
    points: tuple[Xy, ...]
    gain_m2: float
    cost_m: float


def mended(ground: Ground, path: tuple[Xy, ...]) -> tuple[Xy, ...]:
    """The path with bends and detours, until at most `LEFT_AT_MOST` is left, or none helps."""
    allowed_m2 = LEFT_AT_MOST * ground.reachable.area
    least_m2 = (ground.brush_width_m / 20) ** 2
    for number in range(_ROUNDS):
        left = left_over(ground, path)
        missing_m2 = left.area - allowed_m2
        pieces = [piece for piece in polygons_of(left) if piece.area > least_m2]
        if missing_m2 <= 0.0 or not pieces:
            break
        line = _Line(path)
        found: list[_Change] = []
        if number < _BENDING_ROUNDS:
            found = [bend for piece in pieces for bend in _bends(ground, line, piece)]
        if not found:
            pieces.sort(key=lambda piece: -piece.area)
            found = [_detour(ground, line, piece) for piece in _enough(pieces, missing_m2)]
        path = line.changed(_worth(found, missing_m2))
    return path


def _enough(pieces: Sequence[Polygon], missing_m2: float) -> Iterator[Polygon]:
    """The largest pieces, until they are twice what is missing."""
    for piece in pieces:
        yield piece
        missing_m2 -= piece.area / 2
        if missing_m2 <= 0.0:
            return


def _worth(found: Sequence[_Change], missing_m2: float) -> list[_Change]:
    """Those that gain most for their length, until nothing is missing; none over another."""
    chosen: list[_Change] = []
    for each in sorted(found, key=lambda each: -each.gain_m2 / each.cost_m):
        if missing_m2 <= 0.0:
            break
        if all(each.to_m <= other.from_m or each.from_m >= other.to_m for other in chosen):
            chosen.append(each)
            missing_m2 -= each.gain_m2
    return chosen


class _Line:
    """A path with the distances of its points along it."""

    def __init__(self, path: Sequence[Xy]) -> None:
        self.path = path
        self.points: Array = np.array(path)
        self.shape = LineString(path)
        steps = np.diff(self.points, axis=0)
        self.lengths_m: Array = np.hypot(steps[:, 0], steps[:, 1])
        self.at_m: Array = np.concatenate([[0.0], np.cumsum(self.lengths_m)])

    def changed(self, changes: Sequence[_Change]) -> tuple[Xy, ...]:
        """The path with stretches of it replaced."""
        found: list[Xy] = []
        kept = 0
        for each in sorted(changes, key=lambda each: (each.from_m, each.to_m)):
            last = int(np.searchsorted(self.at_m, each.from_m, side="right"))
            found.extend(self.path[kept:last])
            found.extend(each.points)
            kept = max(last, int(np.searchsorted(self.at_m, each.to_m, side="left")))
        found.extend(self.path[kept:])
        return without_repeats(found)


def _bends(ground: Ground, line: _Line, piece: Polygon) -> Iterator[_Change]:
    """At the ends of the strips beside a gap: on along the edge, and slanting onto the strip.

    The gap between the ends of two strips that are not joined there narrows from both sides, for
    about as much driving as it is wide, and without a turn more.
    """
    middle = spots(ground, piece)
    if len(middle) > 1:
        return
    gap = np.array(into_reach(ground, middle)[0])
    apart = np.hypot(*(line.points - gap).T)
    near = [int(each) for each in np.flatnonzero(apart < 1.2 * ground.brush_width_m)]
    found = [bend for each in near if (bend := _bend(ground, line, each, gap, piece.area / 2))]
    yield from sorted(found, key=lambda each: each.cost_m)[:2]


def _bend(ground: Ground, line: _Line, corner: int, gap: Array, gain_m2: float) -> _Change | None:
    if not 0 < corner < len(line.points) - 1:
        return None
    here = line.points[corner]
    aside = (gap - here) / 2
    aside_m = float(np.hypot(*aside))
    if aside_m < 0.02:
        return None
    long_m = _BEND_LONG * ground.brush_width_m
    for step in (1, -1):
        away = line.points[corner + step] - here
        before = here - line.points[corner - step]
        away_m, before_m = float(np.hypot(*away)), float(np.hypot(*before))
        # A strip, come to along the edge, on the side of it that the gap is not on.
        if away_m < 3 * long_m or abs(aside @ away) > 0.8 * aside_m * away_m:
            continue
        if before @ aside < 0.5 * before_m * aside_m:
            continue
        bent, back = here + aside, here + away * (long_m / away_m)
        points = [_xy(here), _xy(bent), _xy(back)][::step]
        if not (ground.ways.sees(points[0], points[1]) and ground.ways.sees(points[1], points[2])):
            continue
        at_m = float(line.at_m[corner])
        from_m, to_m = (at_m, at_m + long_m) if step > 0 else (at_m - long_m, at_m)
        cost_m = length_m(points) - long_m
        return _Change(from_m, to_m, tuple(points), _BEND_HELPS * gain_m2, cost_m)
    return None


def _detour(ground: Ground, line: _Line, piece: Polygon) -> _Change:
    """Out to a piece and back to the same place."""
    there = into_reach(ground, spots(ground, piece))
    ends = shapely.points([there[0], there[-1]])
    first, last = shapely.distance(line.shape, ends).tolist()
    if last < first:
        there = there[::-1]
        ends = ends[::-1]
    at_m = float(shapely.line_locate_point(line.shape, ends[0]))
    leave = _xy(shapely.get_coordinates(line.shape.interpolate(at_m))[0])
    way: list[Xy] = [leave]
    for point in (*there, leave):
        way.extend(ground.way(way[-1], point)[1:])
    cost_m = length_m(way) + ground.brush_width_m
    return _Change(at_m, at_m, tuple(way), piece.area, cost_m)


def _xy(point: Array) -> Xy:
    return (float(point[0]), float(point[1]))
