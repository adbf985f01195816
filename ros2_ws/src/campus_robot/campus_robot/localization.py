"""Where the robot is: wheel odometry corrected by the localiser's pose (extended Kalman filter)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from campus_robot.motion import Pose
from campus_robot.path import wrap

Array = npt.NDArray[np.float64]

ODOMETRY_VARIANCE_M2_PER_M = 0.01
TURN_VARIANCE_RAD2_PER_RAD = 0.002
TURN_VARIANCE_RAD2_PER_M = 0.0005
POSE_STDDEV_FLOOR_M = 0.02
POSE_STDDEV_FLOOR_RAD = 0.01
ODOMETRY_JUMP_M = 2.0
GATE = 25.0
OUTLIERS_BEFORE_RESET = 10


class Localizer:
    """State (x, y, theta) in the map frame with its covariance (3x3; m², rad²).

    `level` is that of the localiser's last pose, "" where it does not tell.
    """

    def __init__(self, limit_m: float = 0.5) -> None:
        self.limit_m = limit_m
        self.level = ""
        self.mean: Array | None = None
        self.covariance: Array = np.eye(3) * 1e6
        self._odometry: Pose | None = None
        self._outliers = 0

    @property
    def pose(self) -> Pose | None:
        """The best estimate; None before the localiser's first pose."""
        if self.mean is None:
            return None
        return Pose(float(self.mean[0]), float(self.mean[1]), float(self.mean[2]))

    @property
    def stddev_m(self) -> float:
        """The larger of the two standard deviations of the position, metres."""
        return math.sqrt(max(float(self.covariance[0, 0]), float(self.covariance[1, 1])))

    @property
    def localized(self) -> bool:
        """Whether the position is known well enough to drive."""
        return self.mean is not None and self.stddev_m <= self.limit_m

    def odometry(self, odometry: Pose) -> float:
        """Moves the estimate by what the wheels measured; returns the distance driven, metres."""
        last, self._odometry = self._odometry, odometry
        if last is None:
            return 0.0
        dx, dy = odometry.x_m - last.x_m, odometry.y_m - last.y_m
        distance_m = math.hypot(dx, dy)
        if distance_m > ODOMETRY_JUMP_M:
            return 0.0
        turn_rad = wrap(odometry.theta_rad - last.theta_rad)
        if self.mean is None or (distance_m < 1e-9 and abs(turn_rad) < 1e-9):
            return distance_m
        c, s = math.cos(last.theta_rad), math.sin(last.theta_rad)
        self._predict(c * dx + s * dy, c * dy - s * dx, turn_rad)
        return distance_m

    def _predict(self, forward_m: float, left_m: float, turn_rad: float) -> None:
        assert self.mean is not None
        theta = float(self.mean[2])
        c, s = math.cos(theta), math.sin(theta)
        dx, dy = c * forward_m - s * left_m, s * forward_m + c * left_m
        self.mean = np.array([self.mean[0] + dx, self.mean[1] + dy, wrap(theta + turn_rad)])
        jacobian = np.array([[1.0, 0.0, -dy], [0.0, 1.0, dx], [0.0, 0.0, 1.0]])
        distance_m = math.hypot(forward_m, left_m)
        noise_m2 = ODOMETRY_VARIANCE_M2_PER_M * distance_m
        noise_rad2 = (
            TURN_VARIANCE_RAD2_PER_RAD * abs(turn_rad) + TURN_VARIANCE_RAD2_PER_M * distance_m
        )
        self.covariance = jacobian @ self.covariance @ jacobian.T
        self.covariance[0, 0] += noise_m2
        self.covariance[1, 1] += noise_m2
        self.covariance[2, 2] += noise_rad2

    def correct(self, measured: Pose, covariance: Any, level: str = "") -> None:
        """Takes a pose of the localiser, with its 3x3 covariance of (x, y, theta).

        On another level than before, after a ride, the position is taken anew.
        """
        z = np.array([measured.x_m, measured.y_m, measured.theta_rad])
        noise = np.array(covariance, dtype=np.float64).reshape(3, 3)
        floors = (POSE_STDDEV_FLOOR_M, POSE_STDDEV_FLOOR_M, POSE_STDDEV_FLOOR_RAD)
        for i, floor in enumerate(floors):
            noise[i, i] = max(noise[i, i], floor**2)
        elsewhere = bool(level and self.level and level != self.level)
        self.level = level or self.level
        if self.mean is None or elsewhere:
            self._reset(z, noise)
            return
        innovation = z - self.mean
        innovation[2] = wrap(float(innovation[2]))
        inverse = np.linalg.inv(self.covariance + noise)
        if float(innovation @ inverse @ innovation) > GATE:
            self._outliers += 1
            if self._outliers >= OUTLIERS_BEFORE_RESET:
                self._reset(z, noise)
            return
        self._outliers = 0
        gain = self.covariance @ inverse
        self.mean = self.mean + gain @ innovation
        self.mean[2] = wrap(float(self.mean[2]))
        self.covariance = (np.eye(3) - gain) @ self.covariance
        self.covariance = (self.covariance + self.covariance.T) / 2

    def _reset(self, mean: Array, covariance: Array) -> None:
        self.mean, self.covariance, self._outliers = mean, covariance, 0
