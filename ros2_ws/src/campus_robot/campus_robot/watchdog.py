"""Notices silence: of the manager (heartbeat) and of the robot's own sensors."""

from __future__ import annotations

from collections.abc import Mapping

HEARTBEAT_TIMEOUT_S = 10.0
SENSOR_TIMEOUTS_S: Mapping[str, float] = {"odom": 1.0, "scan": 1.0, "battery_state": 30.0}
NEEDED_TO_DRIVE = ("odom", "scan")


class Watchdog:
    """Times are seconds of the robot's clock; everything counts as heard at the start."""

    def __init__(self, now_s: float) -> None:
        self._manager_s = now_s
        self._sensors_s = dict.fromkeys(SENSOR_TIMEOUTS_S, now_s)

    def manager_heard(self, now_s: float) -> None:
        """Any message of a manager whose epoch is not stale is a sign of life."""
        self._manager_s = now_s

    def sensor_heard(self, name: str, now_s: float) -> None:
        """A reading of one of SENSOR_TIMEOUTS_S arrived."""
        self._sensors_s[name] = now_s

    def heartbeat_lost(self, now_s: float) -> bool:
        """Whether the manager has been silent for longer than HEARTBEAT_TIMEOUT_S."""
        return now_s - self._manager_s > HEARTBEAT_TIMEOUT_S

    def silent_sensors(self, now_s: float) -> tuple[str, ...]:
        """Names of the sensors that are silent."""
        return tuple(
            name
            for name, heard_s in self._sensors_s.items()
            if now_s - heard_s > SENSOR_TIMEOUTS_S[name]
        )
