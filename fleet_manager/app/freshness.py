"""Tells reports that a network has overtaken from those that say how a robot is now."""

from __future__ import annotations

from collections import deque

from fleet_manager.core.report import RobotReport

BOOTS_KEPT = 8


class Freshness:
    """Knows of each robot the newest report, and which starts of its process are past."""

    def __init__(self) -> None:
        self._newest: dict[str, tuple[str, int]] = {}
        self._past: dict[str, deque[str]] = {}
        self.stale = 0

    def is_news(self, report: RobotReport) -> bool:
        """Whether a report is not older than one that was taken before."""
        boot_id, sequence = self._newest.get(report.robot, (report.boot_id, 0))
        past = self._past.setdefault(report.robot, deque(maxlen=BOOTS_KEPT))
        older = report.boot_id == boot_id and report.sequence < sequence
        if older or report.boot_id in past:
            self.stale += 1
            return False
        if report.boot_id != boot_id:
            past.append(boot_id)
        self._newest[report.robot] = (report.boot_id, report.sequence)
        return True
