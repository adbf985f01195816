"""Lets a car-like (Ackermann) base do what robots are told: a turn on the spot is made to and fro.

`cmd_vel` is a speed and a turn rate, as a differential drive takes them. A car turns only as it
rolls, by v/R at the most. What is wanted tighter than that is made in strokes: forward with the
wheels to one side, back with them to the other. Kinematic bicycle model: tan(angle) = L·w/v.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from campus_robot.motion import Motion

CREEP_MPS = 0.05
"""Slower than this, a turn is one on the spot."""


@dataclass(frozen=True, slots=True)
class Car:
    """A base that steers its front wheels.

    Attributes:
        wheelbase_m: from axle to axle.
        turning_radius_m: the smallest, of the middle of the rear axle.
        stroke_m: how far it rolls to either side of the spot on which it is told to turn; keep it
            below the kind's `obstacle_margin_m`.
        stroke_mps: how fast it rolls then, at the most.
    """

    wheelbase_m: float
    turning_radius_m: float
    stroke_m: float = 0.25
    stroke_mps: float = 0.4


@dataclass(frozen=True, slots=True)
class Steering:
    """What a car's base is told: speed, negative backwards, and the angle of its front wheels."""

    v_mps: float = 0.0
    angle_rad: float = 0.0


class CarSteering:
    """Turns commanded motion into steering; one for each car.

    Args:
        car: its measures.
    """

    def __init__(self, car: Car) -> None:
        self.car = car
        self._off_m = 0.0
        self._forward = True

    def steer(self, wanted: Motion, rolled_m: float) -> Steering:
        """Steering for a command.

        Args:
            wanted: from `cmd_vel`.
            rolled_m: since the last call, by the odometer; negative backwards.
        """
        tightest = 1.0 / self.car.turning_radius_m
        if abs(wanted.v_mps) < CREEP_MPS < abs(wanted.w_radps):
            return self._stroke(wanted.w_radps, rolled_m, tightest)
        self._off_m, self._forward = 0.0, True
        if abs(wanted.v_mps) < 1e-6:
            return Steering()
        curvature = min(max(wanted.w_radps / wanted.v_mps, -tightest), tightest)
        return Steering(wanted.v_mps, math.atan(self.car.wheelbase_m * curvature))

    def _stroke(self, turn_radps: float, rolled_m: float, tightest: float) -> Steering:
        self._off_m += rolled_m
        if abs(self._off_m) >= self.car.stroke_m:
            self._forward = self._off_m < 0
        way = 1.0 if self._forward else -1.0
        speed_mps = min(self.car.stroke_mps, abs(turn_radps) / tightest)
        curvature = math.copysign(tightest, turn_radps) * way
        return Steering(way * speed_mps, math.atan(self.car.wheelbase_m * curvature))
