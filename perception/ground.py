"""Where on the ground something stands that a camera sees, and how surely."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

import numpy as np
from numpy.typing import NDArray

from perception.camera import Camera, Pose, axes, eye, undistorted
from perception.roles import ON_THE_GROUND, Role
from perception.runtime.detector import Box

Floats = NDArray[np.float64]

FURTHEST_M = 40.0
"""Beyond, a pixel is metres wide for a camera on a robot."""
PIXEL_STDDEV = 1.5
BOX_STDDEV = 0.04
"""Of a box's edge, as a share of its height: detectors cut feet off, or take shadows in."""
GUESSED_RANGE_M = 8.0
"""Of what hangs or rises above the horizon; its direction is known, its distance is not."""


@dataclass(frozen=True)
class Place:
    """A place on the ground: metres, with its 2 × 2 covariance.

    Attributes:
        range_m: from the camera, along the ground.
        guessed: whether only the direction was seen.
    """

    x_m: float
    y_m: float
    covariance: Floats
    range_m: float
    guessed: bool = False

    @property
    def stddev_m(self) -> float:
        """Along the worse of its two axes."""
        return float(np.sqrt(max(np.linalg.eigvalsh(self.covariance)[-1], 0.0)))


def place_of(camera: Camera, pose: Pose, role: Role, box_px: Box) -> Place | None:
    """Where the lower edge of a box stands.

    The covariance is of first order in the pixel, the camera's pitch and the pose.

    Returns: None where that is beyond FURTHEST_M, and for things that stand on the ground also
        where it is above the horizon.
    """
    left, top, right, bottom = box_px
    deviation = max(PIXEL_STDDEV, BOX_STDDEV * (bottom - top))
    given = np.asarray(
        [
            (left + right) / 2,
            bottom,
            camera.mount.pitch_down_rad,
            pose.x_m,
            pose.y_m,
            pose.heading_rad,
        ]
    )
    here = _meets_ground(camera, given)
    watcher = eye(camera, pose)
    if here is None:
        if role in ON_THE_GROUND:
            return None
        return _in_direction(camera, pose, given, watcher)
    range_m = hypot(here[0] - watcher[0], here[1] - watcher[1])
    if range_m > FURTHEST_M:
        return None if role in ON_THE_GROUND else _in_direction(camera, pose, given, watcher)
    steps = np.asarray([0.5, 0.5, 1e-4, 1e-3, 1e-3, 1e-4])
    slopes = np.empty((2, 6))
    for number, step in enumerate(steps):
        aside = given.copy()
        aside[number] += step
        there = _meets_ground(camera, aside)
        if there is None:  # no further than FURTHEST_M, it is a whole degree below the horizon
            return None
        slopes[:, number] = (there - here) / step
    noise = np.zeros((6, 6))
    noise[0, 0] = noise[1, 1] = deviation**2
    noise[2, 2] = camera.mount.pitch_stddev_rad**2
    noise[3:, 3:] = pose.covariance
    return Place(float(here[0]), float(here[1]), slopes @ noise @ slopes.T, range_m)


def _meets_ground(camera: Camera, given: Floats) -> Floats | None:
    """x, y at which the ray of (pixel x, pixel y, pitch, x, y, heading) meets the ground."""
    u, v, pitch, x, y, heading = given.tolist()
    slope = undistorted(camera, np.asarray([[u, v]]))[0]
    ray = axes(camera, heading, pitch) @ np.asarray([slope[0], slope[1], 1.0])
    if ray[2] > -1e-3:
        return None
    origin = eye(camera, Pose(x, y, heading))
    return np.asarray(origin[:2] - ray[:2] * (origin[2] / ray[2]))


def _in_direction(camera: Camera, pose: Pose, given: Floats, watcher: Floats) -> Place:
    slope = undistorted(camera, given[None, :2])[0]
    ray = axes(camera, pose.heading_rad, camera.mount.pitch_down_rad) @ [slope[0], slope[1], 1.0]
    along = ray[:2] / max(float(np.linalg.norm(ray[:2])), 1e-6)
    there = watcher[:2] + along * GUESSED_RANGE_M
    across = np.asarray([-along[1], along[0]])
    covariance = (
        np.outer(along, along) * (GUESSED_RANGE_M / 2) ** 2
        + np.outer(across, across) * 0.5**2
        + pose.covariance[:2, :2]
    )
    return Place(float(there[0]), float(there[1]), covariance, GUESSED_RANGE_M, guessed=True)


def moved(place: Place, odometry: Pose, on_map: Pose) -> Place:
    """A place in the odometry's frame as one of the map.

    Args:
        odometry: the robot in the odometry's frame.
        on_map: the same robot, at the same time, on the map; its covariance is added, with the
            heading's at the distance from the robot.
    """
    turn = on_map.heading_rad - odometry.heading_rad
    rotation = np.asarray([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    arm = rotation @ np.asarray([place.x_m - odometry.x_m, place.y_m - odometry.y_m])
    slopes = np.asarray([[1.0, 0.0, -arm[1]], [0.0, 1.0, arm[0]]])
    covariance = rotation @ place.covariance @ rotation.T + slopes @ on_map.covariance @ slopes.T
    return Place(
        on_map.x_m + float(arm[0]),
        on_map.y_m + float(arm[1]),
        covariance,
        place.range_m,
        place.guessed,
    )
