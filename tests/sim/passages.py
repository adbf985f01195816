"""Doors, lifts and crossings of a few lines, in virtual time."""

from __future__ import annotations

from dataclasses import dataclass

from fleet_manager.core.campus import Campus, Passage
from fleet_manager.core.passage import (
    PassageAction,
    PassageReport,
    PassageRequest,
    PassageStatus,
)


@dataclass
class FakePassage:
    """Does what it is asked for in its time; a lift carries the robot of its session.

    Attributes:
        stuck: does not open any more, and says nothing of it.
        broken: says that it is out of order.
        asked: requests heard, in their order.
    """

    feature: Passage
    heights_m: dict[str, float]
    level: str
    status: PassageStatus = PassageStatus.CLOSED
    session_id: str = ""
    robot: str = ""
    wanted: str = ""
    left_s: float = 0.0
    stuck: bool = False
    broken: bool = False
    asked: int = 0

    @classmethod
    def of(cls, campus: Campus, feature: Passage) -> FakePassage:
        """It begins closed, on its lowest level."""
        heights_m = {each: campus.levels[each].elevation_m for each in feature.levels}
        return cls(feature, heights_m, feature.levels[0])

    def ask(self, request: PassageRequest) -> None:
        """Take a request; one for another session than it serves is left alone."""
        self.asked += 1
        if self.session_id not in {"", request.session_id}:
            return
        if request.action is PassageAction.RELEASE:
            self.session_id = self.robot = self.wanted = ""
            if self.status is PassageStatus.OPEN:
                self.status = PassageStatus.CLOSED
        else:
            self.session_id, self.robot = request.session_id, request.robot
            self.wanted = request.level

    def restart(self) -> None:
        """Forget the session, as a gateway that is switched off and on."""
        self.session_id = self.robot = self.wanted = ""
        self.status = PassageStatus.CLOSED

    def step(self, dt_s: float) -> None:
        """Let time pass."""
        if self.broken:
            self.status = PassageStatus.OUT_OF_ORDER
            return
        if self.status is PassageStatus.OUT_OF_ORDER:
            self.status = PassageStatus.CLOSED
        if self.stuck or not self.wanted:
            return
        if self.status is PassageStatus.OPEN and self.wanted != self.level:
            self.status = PassageStatus.MOVING
            rise_m = abs(self.heights_m[self.wanted] - self.heights_m[self.level])
            self.left_s = rise_m / self.feature.speed_mps
        elif self.status is PassageStatus.CLOSED:
            away = self.wanted != self.level
            self.status = PassageStatus.MOVING if away else PassageStatus.OPENING
            rise_m = abs(self.heights_m[self.wanted] - self.heights_m[self.level])
            self.left_s = rise_m / self.feature.speed_mps if away else self.feature.opening_s
        elif self.status in (PassageStatus.MOVING, PassageStatus.OPENING):
            self.left_s -= dt_s
            if self.left_s <= 0 and self.status is PassageStatus.MOVING:
                self.level, self.left_s = self.wanted, self.feature.opening_s
                self.status = PassageStatus.OPENING
            elif self.left_s <= 0:
                self.status = PassageStatus.OPEN

    def report(self, now_s: float) -> PassageReport:
        """What it says of itself."""
        return PassageReport(
            self.feature.id, self.status, self.level, self.session_id, self.robot, now_s
        )

    def is_open_to(self, robot: str, level: str) -> bool:
        """Whether a robot may go in or out."""
        return (self.status, self.robot, self.level) == (PassageStatus.OPEN, robot, level)
