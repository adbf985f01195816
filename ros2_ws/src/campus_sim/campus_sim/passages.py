"""Doors, lifts and crossings of the campus as their gateways drive them: asked, they open."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shapely.geometry import LineString, Point

from campus_sim.body import Body
from fleet_manager.core.campus import Campus, Passage, PassageKind
from fleet_manager.core.passage import (
    PassageAction,
    PassageReport,
    PassageRequest,
    PassageStatus,
)

CLEAR_M = 0.15
"""A door does not close on a robot that is nearer than this."""
AMBER_S = 3.0

Spell = tuple[float, float]
"""From when to when, seconds since the start."""


@dataclass(slots=True)
class Unit:
    """One passage.

    Attributes:
        level: where it is; of a moving lift, the level it has left.
        wanted: level at which it is to be open; "" while nobody asks.
        left_s: until it is open, closed or there.
        goes_to: level that a moving lift arrives at.
    """

    feature: Passage
    heights_m: Mapping[str, float]
    level: str
    status: PassageStatus = PassageStatus.CLOSED
    session_id: str = ""
    robot: str = ""
    wanted: str = ""
    left_s: float = 0.0
    goes_to: str = ""

    def ask(self, request: PassageRequest) -> None:
        """Take a request; while another session is served, and for a foreign level, it is left."""
        if self.session_id not in {"", request.session_id}:
            return
        if request.action is PassageAction.RELEASE:
            self.session_id = self.robot = self.wanted = ""
        elif request.level in self.heights_m:
            self.session_id, self.robot = request.session_id, request.robot
            self.wanted = request.level

    @property
    def idle(self) -> bool:
        """Whether nothing happens until somebody asks."""
        return self.status is PassageStatus.CLOSED and not self.wanted

    @property
    def closing_s(self) -> float:
        """Time to close."""
        crossing = self.feature.kind is PassageKind.CROSSING
        return min(AMBER_S, self.feature.opening_s) if crossing else self.feature.opening_s

    def step(self, dt_s: float, *, blocked: bool) -> bool:
        """Let time pass; returns whether a lift has just arrived on another level.

        Args:
            blocked: somebody stands in it, or in its door.
        """
        self.left_s -= dt_s
        match self.status:
            case PassageStatus.OPEN if self.wanted != self.level and not blocked:
                self._become(PassageStatus.CLOSING, self.closing_s)
            case PassageStatus.CLOSING if blocked:
                self._become(PassageStatus.OPENING, self.feature.opening_s)
            case PassageStatus.CLOSING if self.left_s <= 0:
                self._become(PassageStatus.CLOSED, 0.0)
            case PassageStatus.CLOSED if self.wanted == self.level:
                self._become(PassageStatus.OPENING, self.feature.opening_s)
            case PassageStatus.CLOSED if self.wanted:
                rise_m = abs(self.heights_m[self.wanted] - self.heights_m[self.level])
                self.goes_to = self.wanted
                self._become(PassageStatus.MOVING, rise_m / self.feature.speed_mps)
            case PassageStatus.OPENING if self.left_s <= 0:
                self._become(PassageStatus.OPEN, 0.0)
            case PassageStatus.MOVING if self.left_s <= 0:
                self.level = self.goes_to
                self._become(PassageStatus.CLOSED, 0.0)
                return True
        return False

    def _become(self, status: PassageStatus, for_s: float) -> None:
        self.status, self.left_s = status, for_s

    def report(self) -> PassageReport:
        """What it says of itself, without a stamp."""
        return PassageReport(self.feature.id, self.status, self.level, self.session_id, self.robot)


class Passages:
    """All passages of a campus.

    Args:
        failing: those that do not react for some time, by their id.
    """

    def __init__(self, campus: Campus, failing: Mapping[str, Spell]) -> None:
        self.units = {
            each.id: Unit(
                each,
                {level: campus.levels[level].elevation_m for level in each.levels},
                each.levels[0],
            )
            for each in campus.passages.values()
        }
        self._failing = dict(failing)
        self._epoch = 0
        self.changed = True

    def ask(self, request: PassageRequest, manager_epoch: int) -> None:
        """Take a request, unless it comes from a manager older than one that was heard."""
        unit = self.units.get(request.passage)
        if unit is not None and manager_epoch >= self._epoch:
            self._epoch = manager_epoch
            unit.ask(request)

    def step(
        self,
        now_s: float,
        dt_s: float,
        bodies: Sequence[Body],
        leaves: Mapping[tuple[str, str], Sequence[LineString]],
    ) -> None:
        """Let time pass; a lift takes those in its cabin along.

        Args:
            now_s: since the start.
            leaves: doors of passages, by passage and level.
        """
        for identifier, unit in self.units.items():
            begin_s, end_s = self._failing.get(identifier, (math.inf, math.inf))
            if unit.idle or begin_s <= now_s < end_s:
                continue
            before, level = unit.status, unit.level
            inside = [body for body in bodies if body.level == level]
            doors = leaves.get((identifier, level), ())
            blocked = any(_in_the_way(unit, body, doors) for body in inside)
            if unit.step(dt_s, blocked=blocked):
                for body in inside:
                    if unit.feature.shape.contains(Point(body.x_m, body.y_m)):
                        body.level = unit.level
            self.changed |= unit.status is not before

    def open_on(self, level: str) -> Iterable[str]:
        """Passages that are open on a level."""
        return (
            each.feature.id
            for each in self.units.values()
            if each.status is PassageStatus.OPEN and each.level == level
        )


def _in_the_way(unit: Unit, body: Body, leaf: Sequence[LineString]) -> bool:
    here = Point(body.x_m, body.y_m)
    if unit.feature.kind is PassageKind.CROSSING:
        return bool(unit.feature.shape.distance(here) < body.radius_m)
    return any(each.distance(here) < body.radius_m + CLEAR_M for each in leaf)
