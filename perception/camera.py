"""A camera on its mount: from pixels to rays, from places to pixels."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import cos, sin
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from perception.errors import GeometryError
from perception.runtime.card_file import read_card_file

FORM = "docs/perception.md"
Above = Annotated[float, Meta(gt=0.0)]
Floats = NDArray[np.float64]


class Mount(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a camera sits: on a robot relative to its middle on the floor, else on the map.

    Attributes:
        pitch_down_rad: below the horizon.
        yaw_rad: counter-clockwise from ahead (on a robot) or from east.
        pitch_stddev_rad: how far it may nod (suspension, kerbs).
    """

    height_m: Above
    pitch_down_rad: float = 0.0
    yaw_rad: float = 0.0
    x_m: float = 0.0
    y_m: float = 0.0
    pitch_stddev_rad: Above = 0.01


class Camera(Struct, frozen=True, forbid_unknown_fields=True):
    """A calibrated camera (pinhole with the distortion of sensor_msgs' "plumb_bob").

    Attributes:
        size: height and width in pixels of the pictures it was calibrated with.
        focal_px: along x and y.
        middle_px: where the optical axis meets the picture: x, y.
        distortion: k1, k2, p1, p2, k3.
    """

    size: tuple[Annotated[int, Meta(gt=0)], Annotated[int, Meta(gt=0)]]
    focal_px: tuple[Above, Above]
    middle_px: tuple[float, float]
    mount: Mount
    distortion: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Pose:
    """Where a robot (or, all zero, the map itself) is: metres, radians counter-clockwise from east.

    Attributes:
        covariance: of x, y and heading; 3 × 3.
    """

    x_m: float = 0.0
    y_m: float = 0.0
    heading_rad: float = 0.0
    covariance: Floats = field(default_factory=lambda: np.zeros((3, 3)))

    def __post_init__(self) -> None:
        values = [self.x_m, self.y_m, self.heading_rad]
        if not np.isfinite(values).all() or not np.isfinite(self.covariance).all():
            raise GeometryError("a pose that is not finite", "check the localiser")


FIXED = Pose()
"""The pose of a camera whose mount is given on the map."""


def load_camera(path: Path) -> Camera:
    """A camera's calibration from a YAML file.

    Raises:
        CardError: it cannot be used; the message names the line.
    """
    return read_card_file(path, Camera, FORM).values


def axes(camera: Camera, heading_rad: float, pitch_down_rad: float) -> Floats:
    """Columns: the camera's right, down and forward in map axes (east, north, up)."""
    yaw = heading_rad + camera.mount.yaw_rad
    east, north, level, down = cos(yaw), sin(yaw), cos(pitch_down_rad), sin(pitch_down_rad)
    forward = (east * level, north * level, -down)
    right = (north, -east, 0.0)
    below = (-east * down, -north * down, -level)
    return np.asarray([right, below, forward]).T


def eye(camera: Camera, pose: Pose) -> Floats:
    """Where the camera is: x, y, z in metres."""
    mount, c, s = camera.mount, cos(pose.heading_rad), sin(pose.heading_rad)
    return np.asarray(
        [
            pose.x_m + c * mount.x_m - s * mount.y_m,
            pose.y_m + s * mount.x_m + c * mount.y_m,
            mount.height_m,
        ]
    )


def undistorted(camera: Camera, pixels: Floats) -> Floats:
    """n × 2 pixels as n × 2 slopes from the optical axis, right and down."""
    if not any(camera.distortion):
        straight: Floats = (pixels - np.asarray(camera.middle_px)) / np.asarray(camera.focal_px)
        return straight
    (fx, fy), (cx, cy) = camera.focal_px, camera.middle_px
    matrix = np.asarray([[fx, 0, cx], [0, fy, cy], [0, 0, 1.0]])
    found = cv2.undistortPoints(
        pixels.reshape(-1, 1, 2).astype(np.float64), matrix, np.asarray(camera.distortion)
    )
    return np.asarray(found, np.float64).reshape(-1, 2)


def pixel_of(camera: Camera, pose: Pose, place_m: tuple[float, float, float]) -> Floats | None:
    """The pixel (x, y) at which a place (x, y, z on the map) is seen; None: behind the camera.

    It may lie outside the picture.
    """
    offset = np.asarray(place_m) - eye(camera, pose)
    right, down, ahead = offset @ axes(camera, pose.heading_rad, camera.mount.pitch_down_rad)
    if ahead < 0.05:
        return None
    slope = np.asarray([right / ahead, down / ahead])
    if any(camera.distortion):
        k1, k2, p1, p2, k3 = camera.distortion
        x, y = slope
        r2 = float(slope @ slope)
        radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
        slope = np.asarray(
            [
                x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
                y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
            ]
        )
    return np.asarray(slope * np.asarray(camera.focal_px) + np.asarray(camera.middle_px))
