"""Finds the nearest thing a lidar sees in the corridor a robot is about to drive through."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from campus_robot.motion import Pose

Array = npt.NDArray[np.float64]


@lru_cache(maxsize=8)
def _directions(angle_min_rad: float, increment_rad: float, count: int) -> tuple[Array, Array]:
    angles = angle_min_rad + increment_rad * np.arange(count)
    return np.cos(angles), np.sin(angles)


class Scan:
    """One turn of the lidar, robot frame; rays counter-clockwise from `angle_min_rad`."""

    def __init__(
        self,
        ranges_m: Any,
        angle_min_rad: float = -math.pi,
        increment_rad: float | None = None,
        range_min_m: float = 0.05,
        range_max_m: float = 20.0,
    ) -> None:
        self.ranges_m: Array = np.asarray(ranges_m, dtype=np.float64)
        self.angle_min_rad = angle_min_rad
        count = len(self.ranges_m)
        self.increment_rad = increment_rad or 2 * math.pi / max(count, 1)
        self.range_min_m = range_min_m
        self.range_max_m = range_max_m

    def points_within(self, radius_m: float) -> tuple[Array, Array]:
        """Hits nearer than `radius_m`: two arrays (n,) of x and y in the robot frame, metres."""
        cosines, sines = _directions(self.angle_min_rad, self.increment_rad, len(self.ranges_m))
        reach_m = min(radius_m, self.range_max_m * 0.999)
        near = (self.ranges_m > self.range_min_m) & (self.ranges_m < reach_m)
        ranges_m = self.ranges_m[near]
        return ranges_m * cosines[near], ranges_m * sines[near]

    def range_towards(self, bearing_rad: float, half_width_rad: float = math.radians(2)) -> float:
        """Median range around a bearing in the robot frame, metres; inf where nothing is hit."""
        count = len(self.ranges_m)
        if count == 0:
            return math.inf
        middle = (bearing_rad - self.angle_min_rad) / self.increment_rad
        spread = half_width_rad / self.increment_rad
        rays = np.arange(math.ceil(middle - spread), math.floor(middle + spread) + 1) % count
        ranges_m = self.ranges_m[rays if len(rays) else [round(middle) % count]]
        hits = np.where(
            np.isfinite(ranges_m) & (ranges_m > self.range_min_m) & (ranges_m < self.range_max_m),
            ranges_m,
            np.inf,
        )
        return float(np.sort(hits)[len(hits) // 2])


def distance_in_corridor(
    scan: Scan,
    pose: Pose,
    ahead: Sequence[tuple[float, float]],
    half_width_m: float,
    reach_m: float,
) -> float:
    """Distance along `ahead` (map points, metres) to the first hit in the corridor around it.

    The corridor starts at the robot's centre; inf when it is free for `reach_m`.
    """
    xs, ys = scan.points_within(reach_m + half_width_m)
    if len(xs) == 0:
        return math.inf
    cosine, sine = math.cos(pose.theta_rad), math.sin(pose.theta_rad)
    x0 = y0 = driven_m = 0.0
    nearest_m = math.inf
    for map_x, map_y in ahead:
        dx, dy = map_x - pose.x_m, map_y - pose.y_m
        x1, y1 = cosine * dx + sine * dy, cosine * dy - sine * dx
        length_m = math.hypot(x1 - x0, y1 - y0)
        if length_m > 1e-6:
            ux, uy = (x1 - x0) / length_m, (y1 - y0) / length_m
            along = (xs - x0) * ux + (ys - y0) * uy
            across = np.abs((ys - y0) * ux - (xs - x0) * uy)
            inside = (across < half_width_m) & (along > 0) & (along < length_m)
            if inside.any():
                nearest_m = min(nearest_m, driven_m + float(along[inside].min()))
                break
            driven_m += length_m
            x0, y0 = x1, y1
        if driven_m > reach_m:
            break
    return nearest_m
