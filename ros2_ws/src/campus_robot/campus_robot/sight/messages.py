"""Turns reports into what is kept in the outbox, and that into campus_msgs/Detection."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from geometry_msgs.msg import Point

import campus_msgs.msg as campus
from campus_robot.messages import time_of
from campus_robot.obstacles import Scan as ScanReading
from perception.assets import Scan
from perception.egress import SafePicture
from perception.watch import Report


def content_of(report: Report, boot_id: str, level: str) -> str:
    """A report without its picture, as JSON."""
    return json.dumps(
        {
            "boot_id": boot_id,
            "class_name": report.name,
            "score": round(min(max(report.score, 0.0), 1.0), 4),
            "track_id": report.track_id,
            "asset_id": report.asset_id,
            "level": level,
            "stamp_ns": report.stamp_ns,
            "x_m": report.place.x_m,
            "y_m": report.place.y_m,
            "stddev_m": report.place.stddev_m,
        }
    )


def picture_of(picture: SafePicture) -> bytes:
    """The bytes that leave; nothing but a SafePicture has them.

    Raises:
        TypeError: it is none.
    """
    if type(picture) is not SafePicture:
        raise TypeError(f"{type(picture).__name__} is no picture that may leave")
    return picture.jpeg


def detection_message(source: str, sequence: int, content: str, jpeg: bytes) -> Any:
    """A Detection from what the outbox kept."""
    kept = json.loads(content)
    message = campus.Detection(
        source=source,
        boot_id=kept["boot_id"],
        sequence=sequence,
        class_name=kept["class_name"],
        score=kept["score"],
        track_id=kept["track_id"],
        asset_id=kept["asset_id"],
        level=kept["level"],
        position=Point(x=kept["x_m"], y=kept["y_m"], z=0.0),
        position_stddev_m=kept["stddev_m"],
        jpeg=jpeg,
    )
    message.header.stamp = time_of(kept["stamp_ns"])
    message.header.frame_id = "map"
    return message


def scan_of(reading: ScanReading) -> Scan:
    """A turn of the lidar, in the robot's frame; what is out of its range met nothing."""
    ranges = reading.ranges_m
    bearings = reading.angle_min_rad + reading.increment_rad * np.arange(len(ranges))
    met = np.isfinite(ranges) & (ranges >= reading.range_min_m) & (ranges < reading.range_max_m)
    return Scan(bearings, np.where(met, ranges, np.inf))
