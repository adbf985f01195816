"""Where the robot was when a frame was taken: odometry by its stamp, joined to the map."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from campus_robot.motion import Pose
from campus_robot.path import wrap
from perception.camera import Pose as MapPose
from perception.watch import Surroundings

KEPT = 200
"""Odometry of some seconds: frames wait to be looked at."""
OLDEST_POSE_S = 2.0
APART_S = 0.5
"""Between a frame and the nearest odometry, or two of it around the frame."""


@dataclass(frozen=True)
class Fix:
    """A pose of the localiser: on the map, its covariance (x, y, heading), its level."""

    time_s: float
    pose: Pose
    covariance: tuple[float, ...]
    level: str


class Whereabouts:
    """Remembers what odometry and localiser said lately."""

    def __init__(self) -> None:
        self._odometry: deque[tuple[float, Pose]] = deque(maxlen=KEPT)
        self._fix: Fix | None = None

    def odometry(self, time_s: float, pose: Pose) -> None:
        """Take in wheel odometry; time that runs back begins anew (a simulation that restarts)."""
        if self._odometry and time_s < self._odometry[-1][0]:
            self._odometry.clear()
            self._fix = None
        self._odometry.append((time_s, pose))

    def localised(self, fix: Fix) -> None:
        """Take in the localiser's pose."""
        self._fix = fix

    @property
    def level(self) -> str:
        """Of the localiser's last pose; "" where it does not tell."""
        return self._fix.level if self._fix else ""

    def at(self, time_s: float) -> Surroundings | None:
        """Where the robot was at a time; None: it is not known well enough."""
        fix = self._fix
        if fix is None or abs(time_s - fix.time_s) > OLDEST_POSE_S:
            return None
        then, at_fix = self._odometry_at(time_s), self._odometry_at(fix.time_s)
        if then is None or at_fix is None:
            return None
        # What was driven from the fix to the frame, on the map.
        turn = fix.pose.theta_rad - at_fix.theta_rad
        dx, dy = then.x_m - at_fix.x_m, then.y_m - at_fix.y_m
        c, s = math.cos(turn), math.sin(turn)
        covariance = np.asarray(fix.covariance, float).reshape(3, 3)
        on_map = MapPose(
            fix.pose.x_m + c * dx - s * dy,
            fix.pose.y_m + s * dx + c * dy,
            wrap(then.theta_rad + turn),
            covariance,
        )
        return Surroundings(MapPose(then.x_m, then.y_m, then.theta_rad), on_map)

    def _odometry_at(self, time_s: float) -> Pose | None:
        """Odometry at a time, between the two around it."""
        before = after = None
        for each in reversed(self._odometry):
            if each[0] <= time_s:
                before = each
                break
            after = each
        if before is None or after is None:
            nearest = before or after
            if nearest is None or abs(nearest[0] - time_s) > APART_S:
                return None
            return nearest[1]
        if after[0] - before[0] > 2 * APART_S:
            return None
        part = (time_s - before[0]) / (after[0] - before[0])
        one, two = before[1], after[1]
        return Pose(
            one.x_m + part * (two.x_m - one.x_m),
            one.y_m + part * (two.y_m - one.y_m),
            wrap(one.theta_rad + part * wrap(two.theta_rad - one.theta_rad)),
        )
