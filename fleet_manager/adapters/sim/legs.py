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
BEGINS_TURNED_RAD = 0.7
"""A robot that stands turns on the spot before it begins to roll, if it has to turn by more."""
CURVE_RAD = 0.15
"""Smaller turns cost nothing."""
BRAKES_WITH, TURNS_WITH = 0.75, 0.8
"""Of its acceleration, and of its turn rate."""
SETTLES_S = 0.3
"""The last degrees of a turn on the spot."""
REACTS_S = 0.15
LOOKAHEAD_M, SLOWED_M = 0.55, 0.3
"""Of a robot at a corner: how far ahead it steers for, and how long it is as slow as that takes."""
CUTS = 0.7
"""Corners are cut: the part of the slow stretch that is left."""
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


def beginning_s(kind: KindSpec, speed_mps: float, turn_rad: float) -> float:
    """What setting off from a standstill costs against driving at full speed at once."""
    turned_s = turning_s(kind, turn_rad) if turn_rad >= BEGINS_TURNED_RAD else 0.0
    return turned_s + 0.5 * speed_mps / kind.max_acceleration_mps2


def stopping_s(kind: KindSpec, speed_mps: float, turn_rad: float = 0.0) -> float:
    """What coming to a stand costs, with a turn there to the heading that is wanted."""
    turned_s = turning_s(kind, turn_rad) if turn_rad > 0.0 else 0.0
    return turned_s + REACTS_S + 0.5 * speed_mps / (BRAKES_WITH * kind.max_acceleration_mps2)


def turning_s(kind: KindSpec, turn_rad: float) -> float:
    """What a turn on the spot takes."""
    return turn_rad / (TURNS_WITH * kind.max_turn_rate_radps) + SETTLES_S


def corner_s(kind: KindSpec, speed_mps: float, turn_rad: float) -> float:
    """What a corner costs a robot that drives: slower through it, or a stop where it is sharp.

    It is driven at the speed at which the curve of the look-ahead takes the turn rate (regulated
    pure pursuit, campus_robot.follower).
    """
    if turn_rad < CURVE_RAD:
        return 0.0
    if turn_rad >= TURNS_STANDING_RAD:
        return stopping_s(kind, speed_mps, turn_rad) + beginning_s(kind, speed_mps, 0.0)
    curvature_per_m = 2.0 * math.sin(min(turn_rad, math.pi / 2)) / LOOKAHEAD_M
    slow_mps = max(TURNS_WITH * kind.max_turn_rate_radps / curvature_per_m, 0.2)
    if slow_mps >= speed_mps:
        return 0.0
    per_speed = (1.0 + 1.0 / BRAKES_WITH) / kind.max_acceleration_mps2
    ramps_s = (speed_mps - slow_mps) ** 2 / (2.0 * speed_mps) * per_speed
    return ramps_s + CUTS * SLOWED_M * (1.0 / slow_mps - 1.0 / speed_mps)


def turn_between_rad(before_rad: float | None, after_rad: float | None) -> float:
    """The turn from one heading to another; 0 where one is not known."""
    if before_rad is None or after_rad is None:
        return 0.0
    return angle_between_rad(before_rad, after_rad)


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
