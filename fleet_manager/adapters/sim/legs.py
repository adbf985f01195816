"""How long robots take for a stretch of their way: speed, turning, starting and stopping."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from fleet_manager.core.config import KindSpec
from fleet_manager.core.geometry import Xy, angle_between_rad, heading_rad, length_m, point_at

TURNS_STANDING_RAD = 1.75
"""As robots do (campus_robot.follower): from here on they stop and turn on the spot."""
CURVE_RAD = 0.35
SWEEP_CUSP_RAD = 0.5
SWEEP_SPEED_MPS = 0.9
TRANSFER_SPEED_MPS = 0.8
APPROACH_SPEED_MPS = 0.5
SHORT_M = 0.01


@dataclass(slots=True)
class Leg:
    """A stretch that a robot drives without a stop, at a constant speed.

    Attributes:
        begun_s: when it begins to roll, or rolls on after a stop.
        from_m: how far along it was then.
    """

    points: Sequence[Xy]
    length_m: float
    speed_mps: float
    begun_s: float
    from_m: float = 0.0

    def along_m(self, now_s: float) -> float:
        """How far along the robot is."""
        gone_m = self.from_m + self.speed_mps * max(0.0, now_s - self.begun_s)
        return min(gone_m, self.length_m)

    def at(self, now_s: float) -> Xy:
        """Where the robot is."""
        return point_at(self.points, self.along_m(now_s))

    @property
    def ends_s(self) -> float:
        """When the robot is at its end."""
        return self.begun_s + (self.length_m - self.from_m) / self.speed_mps

    def when_s(self, along_m: float) -> float:
        """When the robot comes to a point of it; in the past where it has passed it."""
        return self.begun_s + (along_m - self.from_m) / self.speed_mps

    def change(self, now_s: float, speed_mps: float, stands_s: float = 0.0) -> None:
        """From now on drive at another speed, after standing for a while."""
        self.from_m = self.along_m(now_s)
        self.begun_s = max(self.begun_s, now_s + stands_s)
        self.speed_mps = speed_mps


def leg_of(points: Sequence[Xy], speed_mps: float, begun_s: float) -> Leg:
    """A leg along points."""
    return Leg(points, length_m(points), speed_mps, begun_s)


def turning_s(kind: KindSpec, before_rad: float | None, after_rad: float) -> float:
    """What turning from one heading to another costs: on the spot when sharp, else in driving.

    Args:
        before_rad: None: it stands any way.
    """
    if before_rad is None:
        return 0.0
    turn_rad = angle_between_rad(before_rad, after_rad)
    if turn_rad < CURVE_RAD:
        return 0.0
    turn_s = turn_rad / kind.max_turn_rate_radps
    if turn_rad < TURNS_STANDING_RAD:
        return 0.5 * turn_s
    return turn_s + starting_s(kind, kind.max_speed_mps)


def starting_s(kind: KindSpec, speed_mps: float) -> float:
    """What starting from, or stopping to, a standstill costs against driving at full speed."""
    return 0.5 * speed_mps / kind.max_acceleration_mps2


def first_heading_rad(points: Sequence[Xy]) -> float | None:
    """Heading at the beginning of a way; None: it has no length."""
    for start, end in pairwise(points):
        if math.dist(start, end) > SHORT_M:
            return heading_rad(start, end)
    return None


def last_heading_rad(points: Sequence[Xy]) -> float | None:
    """Heading at the end of a way; None: it has no length."""
    for end, start in pairwise(points[::-1]):
        if math.dist(start, end) > SHORT_M:
            return heading_rad(start, end)
    return None


def sweep_pace_s_per_m(kind: KindSpec, path: Sequence[Xy]) -> float:
    """Seconds for a metre of a sweep, its turns shared out evenly over it."""
    speed_mps = min(SWEEP_SPEED_MPS, kind.max_speed_mps)
    total_m = max(length_m(path), SHORT_M)
    turns_s = 0.0
    for (a, b), (c, d) in pairwise(pairwise(path)):
        if math.dist(a, b) <= SHORT_M or math.dist(c, d) <= SHORT_M:
            continue
        turn_rad = angle_between_rad(heading_rad(a, b), heading_rad(c, d))
        if turn_rad >= SWEEP_CUSP_RAD:
            turns_s += turn_rad / kind.max_turn_rate_radps + 2 * starting_s(kind, speed_mps)
    return 1.0 / speed_mps + turns_s / total_m
