"""A polyline to drive along, measured by arc length, with a speed limit and width per segment."""

from __future__ import annotations

import math
from bisect import bisect_right

SAME_POINT_M = 1e-3


class Path:
    """Points in the map frame, metres; segments carry limits; grows at its end."""

    def __init__(self, x_m: float, y_m: float) -> None:
        self.points: list[tuple[float, float]] = [(x_m, y_m)]
        self.at_m: list[float] = [0.0]
        self.limits_mps: list[float] = []
        self.widths_m: list[float] = []
        self.headings_rad: list[float] = []

    @property
    def length_m(self) -> float:
        """Arc length from the first point to the last."""
        return self.at_m[-1]

    def append(self, x_m: float, y_m: float, limit_mps: float, width_m: float) -> None:
        """Adds a straight segment to (x_m, y_m); a point equal to the last is left out."""
        x0, y0 = self.points[-1]
        length_m = math.hypot(x_m - x0, y_m - y0)
        if length_m < SAME_POINT_M:
            return
        self.points.append((x_m, y_m))
        self.at_m.append(self.at_m[-1] + length_m)
        self.limits_mps.append(limit_mps)
        self.widths_m.append(width_m)
        self.headings_rad.append(math.atan2(y_m - y0, x_m - x0))

    def segment_at(self, s_m: float) -> int:
        """Index of the segment at arc length `s_m`; -1 for a path of one point."""
        return min(max(bisect_right(self.at_m, s_m) - 1, 0), len(self.limits_mps) - 1)

    def point_at(self, s_m: float) -> tuple[float, float]:
        """The point at arc length `s_m`, clamped to the path."""
        if not self.limits_mps:
            return self.points[0]
        i = self.segment_at(s_m)
        (x0, y0), (x1, y1) = self.points[i], self.points[i + 1]
        share = (s_m - self.at_m[i]) / (self.at_m[i + 1] - self.at_m[i])
        share = min(max(share, 0.0), 1.0)
        return x0 + share * (x1 - x0), y0 + share * (y1 - y0)

    def points_between(self, from_m: float, to_m: float) -> list[tuple[float, float]]:
        """Inner vertices between two arc lengths, and the point at `to_m`."""
        first = bisect_right(self.at_m, from_m)
        inner = []
        for i in range(first, len(self.at_m)):
            if self.at_m[i] >= to_m:
                break
            inner.append(self.points[i])
        inner.append(self.point_at(to_m))
        return inner

    def project(self, x_m: float, y_m: float, from_m: float, to_m: float) -> tuple[float, float]:
        """Arc length and signed lateral offset (left positive) of the nearest point in a window."""
        if not self.limits_mps:
            return 0.0, math.hypot(x_m - self.points[0][0], y_m - self.points[0][1])
        best = (math.inf, from_m, 0.0)
        last = self.segment_at(to_m)
        for i in range(self.segment_at(from_m), last + 1):
            (x0, y0), (x1, y1) = self.points[i], self.points[i + 1]
            length_m = self.at_m[i + 1] - self.at_m[i]
            ux, uy = (x1 - x0) / length_m, (y1 - y0) / length_m
            along_m = (x_m - x0) * ux + (y_m - y0) * uy
            low, high = max(from_m - self.at_m[i], 0.0), min(to_m - self.at_m[i], length_m)
            along_m = min(max(along_m, low), high)
            dx, dy = x_m - (x0 + along_m * ux), y_m - (y0 + along_m * uy)
            distance_m = math.hypot(dx, dy)
            if distance_m < best[0] - 1e-9:
                side = math.copysign(distance_m, ux * dy - uy * dx)
                best = (distance_m, self.at_m[i] + along_m, side)
        return best[1], best[2]

    def turn_at(self, vertex: int) -> float:
        """Change of heading at an inner vertex, 0 to pi radians; 0 at the ends."""
        if vertex <= 0 or vertex >= len(self.headings_rad):
            return 0.0
        return abs(wrap(self.headings_rad[vertex] - self.headings_rad[vertex - 1]))


def wrap(angle_rad: float) -> float:
    """An angle in (-pi, pi]."""
    wrapped = math.fmod(angle_rad + math.pi, 2 * math.pi)
    return wrapped + math.pi if wrapped <= 0 else wrapped - math.pi
