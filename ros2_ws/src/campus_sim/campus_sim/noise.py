"""How inexact drives and sensors are, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Noise:
    """Standard deviations, and how often and how long the localiser is silent.

    Attributes:
        slip: of distance and turn in a step, relative.
        wheel_scale: of the odometer's scale, relative; one draw per robot.
        odometry: of distance and turn in a step as the odometer counts them, relative.
        drift_rad_per_m: of the odometer's heading; one draw per robot.
        pose_m: of the localiser's position.
        pose_rad: of its heading.
        dropout_per_s: how often the localiser falls silent.
        dropout_s: least and greatest length of a silence.
        range_m: of the lidar.
    """

    slip: float = 0.02
    wheel_scale: float = 0.005
    odometry: float = 0.01
    drift_rad_per_m: float = 0.002
    pose_m: float = 0.03
    pose_rad: float = 0.01
    dropout_per_s: float = 1 / 120
    dropout_s: tuple[float, float] = (0.5, 3.0)
    range_m: float = 0.01


USUAL = Noise()
NONE = Noise(0, 0, 0, 0, 0, 0, 0, (0, 0), 0)
