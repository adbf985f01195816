"""Thins out where robots report to be into tracks for the database."""

from __future__ import annotations

import math

from fleet_manager.core.report import RobotReport
from fleet_manager.ports import Batch, TrackPoint

RETENTION_S = 90 * 86_400.0
STEP_M = 1.0
STANDING_S = 60.0
WRITE_EVERY_S = 5.0  # tracks do not deserve a write to disk of their own more often


class Tracks:
    """A point a metre of driving, and one a minute of standing."""

    def __init__(self) -> None:
        self._last: dict[str, TrackPoint] = {}
        self._waiting: list[TrackPoint] = []

    def add(self, report: RobotReport, now_s: float) -> None:
        """Note where a robot is at a fleet time."""
        last = self._last.get(report.robot)
        if (
            last is not None
            and last.level == report.level
            and math.dist((last.x_m, last.y_m), (report.x_m, report.y_m)) < STEP_M
            and now_s - last.time_s < STANDING_S
        ):
            return
        point = TrackPoint(
            robot=report.robot,
            time_s=now_s,
            x_m=report.x_m,
            y_m=report.y_m,
            yaw_rad=report.yaw_rad,
            level=report.level,
            speed_mps=report.speed_mps,
            battery=report.battery,
        )
        self._last[report.robot] = point
        self._waiting.append(point)

    def fill(self, batch: Batch, now_s: float) -> None:
        """Have points written with a batch that is written anyway, or when they have waited."""
        if self._waiting and (batch or now_s - self._waiting[0].time_s >= WRITE_EVERY_S):
            batch.track += self._waiting
            self._waiting = []
