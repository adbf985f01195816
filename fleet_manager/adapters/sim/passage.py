"""A door, lift or crossing worked out from event to event: asked, it opens; released, it closes."""

from __future__ import annotations

import math

from fleet_manager.core.campus import Campus, Passage, PassageKind
from fleet_manager.core.passage import (
    PassageAction,
    PassageReport,
    PassageRequest,
    PassageStatus,
)

AMBER_S = 3.0


class SimPassage:
    """Does what it is asked for in its time; a lift carries the robot of its session.

    Attributes:
        due_s: when it changes by itself; infinite: never.
    """

    def __init__(self, campus: Campus, feature: Passage) -> None:
        self.id = feature.id
        self.due_s = math.inf
        self._feature = feature
        self._heights_m = {each: campus.levels[each].elevation_m for each in feature.levels}
        self._level = feature.levels[0]
        self._status = PassageStatus.CLOSED
        self._session_id = self._robot = self._wanted = ""
        crossing = feature.kind is PassageKind.CROSSING
        self._closing_s = min(AMBER_S, feature.opening_s) if crossing else feature.opening_s

    def ask(self, request: PassageRequest, now_s: float) -> bool:
        """Take a request; returns whether it changes anything."""
        before = (self._status, self._session_id, self._wanted)
        if self._session_id not in {"", request.session_id}:
            return False
        if request.action is PassageAction.RELEASE:
            self._session_id = self._robot = self._wanted = ""
        elif request.level in self._heights_m:
            self._session_id, self._robot = request.session_id, request.robot
            self._wanted = request.level
        self._settle(now_s)
        return before != (self._status, self._session_id, self._wanted)

    def wake(self, now_s: float) -> None:
        """What was due has happened: it is open, closed or there."""
        if self._status is PassageStatus.OPENING:
            self._become(PassageStatus.OPEN, math.inf)
        elif self._status is PassageStatus.CLOSING:
            self._become(PassageStatus.CLOSED, math.inf)
        elif self._status is PassageStatus.MOVING:
            self._level = self._goes_to
            self._become(PassageStatus.CLOSED, math.inf)
        self._settle(now_s)

    def _settle(self, now_s: float) -> None:
        """Begin what is wanted, if nothing is under way."""
        if self._status is PassageStatus.OPEN and self._wanted != self._level:
            self._become(PassageStatus.CLOSING, now_s + self._closing_s)
        elif self._status is PassageStatus.CLOSED and self._wanted == self._level:
            self._become(PassageStatus.OPENING, now_s + self._feature.opening_s)
        elif self._status is PassageStatus.CLOSED and self._wanted:
            rise_m = abs(self._heights_m[self._wanted] - self._heights_m[self._level])
            self._goes_to = self._wanted
            self._become(PassageStatus.MOVING, now_s + rise_m / self._feature.speed_mps)

    def _become(self, status: PassageStatus, due_s: float) -> None:
        self._status, self.due_s = status, due_s

    def is_open_to(self, robot: str, level: str) -> bool:
        """Whether a robot may go in or out on a level."""
        return (self._status, self._robot, self._level) == (PassageStatus.OPEN, robot, level)

    def report(self, now_s: float) -> PassageReport:
        """What it says of itself."""
        return PassageReport(
            self.id, self._status, self._level, self._session_id, self._robot, now_s
        )
