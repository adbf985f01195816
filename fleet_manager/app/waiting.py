"""Counts how long robots have waited where, and for whom; in memory, over the last day."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from fleet_manager.app.clock import FleetClock
from fleet_manager.app.pace import due
from fleet_manager.core.planning.availability import unavailable
from fleet_manager.core.report import ActionStatus
from fleet_manager.core.state import FleetState
from fleet_manager.core.traffic.precedence import waits_at_end

LOOK_EVERY_S = 1.0
LONGEST_LOOK_S = 5.0
"""What lies longer between two looks was not seen: the manager stood still, or the clock jumped."""
HOUR_S = 3600.0
HOURS = 24
PAIRS_AN_HOUR = 20_000
"""So many pairs of a place and a robot are told apart in an hour, who waits and who is waited for
alike; beyond that only places are counted, of which a map has so many."""
AT_WORK = frozenset({ActionStatus.INITIALIZING, ActionStatus.RUNNING, ActionStatus.PAUSED})

log = structlog.get_logger(__name__)


class Watched(Protocol):
    """What is looked at: the loop."""

    @property
    def state(self) -> FleetState:
        """The fleet as it is now."""

    @property
    def clock(self) -> FleetClock:
        """Fleet time."""

    def changes(self) -> AsyncIterator[int]:
        """The version of the state, each time it has changed."""


@dataclass(frozen=True, slots=True)
class WaitedAt:
    """How long robots have waited at a waypoint.

    Attributes:
        waited_s: of all robots together.
        robots: how many have waited.
        behind: seconds by robot that was waited for; who waits for two counts for each.
    """

    waypoint: str
    waited_s: float
    robots: int
    behind: dict[str, float]


@dataclass(slots=True)
class _Hour:
    """What was waited in one hour: seconds by waypoint, and by waypoint and robot."""

    places: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    waiting: set[tuple[str, str]] = field(default_factory=set)
    behind: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))

    def add(self, waypoint: str, robot: str, ahead: Iterable[str], lasted_s: float) -> None:
        self.places[waypoint] += lasted_s
        if self._has_room:
            self.waiting.add((waypoint, robot))
        for other in ahead:
            if (waypoint, other) in self.behind or self._has_room:
                self.behind[waypoint, other] += lasted_s

    @property
    def _has_room(self) -> bool:
        return len(self.waiting) + len(self.behind) < PAIRS_AN_HOUR


def waits_behind(state: FleetState, robot: str) -> tuple[str, ...]:
    """Whom a robot waits for at the end of its base; () while it drives, works or cannot go on."""
    movement = state.robot(robot).movement
    if movement is None or movement.canceling or movement.outdated:
        return ()
    if movement.passed < movement.released_to or unavailable(state, robot) is not None:
        return ()
    report = state.telemetry.reports[robot]
    if report.driving or any(each.status in AT_WORK for each in report.action_states):
        return ()
    return tuple(dict.fromkeys(each.robot for each in waits_at_end(state, movement)))


class WaitingTally:
    """Seconds that robots have waited behind others, by waypoint, in the hours of the last day."""

    def __init__(self) -> None:
        self._hours: dict[int, _Hour] = {}
        self._looked_s: float | None = None

    def look(self, state: FleetState, now_s: float) -> None:
        """Count what has passed since the last look for each robot that waits now."""
        if self._looked_s is not None and now_s < self._looked_s:
            self._looked_s = now_s
        if not due(self._looked_s, now_s, LOOK_EVERY_S):
            return
        lasted_s = 0.0 if self._looked_s is None else now_s - self._looked_s
        self._looked_s = now_s
        if not 0.0 < lasted_s <= LONGEST_LOOK_S:
            return
        number = math.floor(now_s / HOUR_S)
        for name in state.robots:
            ahead = waits_behind(state, name)
            movement = state.robots[name].movement
            if ahead and movement is not None:
                hour = self._hours.setdefault(number, _Hour())
                hour.add(movement.nodes[movement.passed].waypoint, name, ahead, lasted_s)
        for old in [each for each in self._hours if each <= number - HOURS]:
            del self._hours[old]

    def since(self, now_s: float, hours: int) -> list[WaitedAt]:
        """Where robots have waited in this hour of the clock and the hours before it.

        Args:
            now_s: fleet time, Unix seconds.
            hours: how many in all, 1 to 24; the present one is not over.

        Returns:
            The longest waits first.
        """
        first = math.floor(now_s / HOUR_S) - hours + 1
        found = [hour for number, hour in self._hours.items() if number >= first]
        places: dict[str, float] = defaultdict(float)
        robots: dict[str, set[str]] = defaultdict(set)
        behind: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for hour in found:
            for waypoint, waited_s in hour.places.items():
                places[waypoint] += waited_s
            for waypoint, robot in hour.waiting:
                robots[waypoint].add(robot)
            for (waypoint, other), waited_s in hour.behind.items():
                behind[waypoint][other] += waited_s
        waits = [
            WaitedAt(
                waypoint,
                waited_s,
                len(robots[waypoint]),
                dict(sorted(behind[waypoint].items(), key=lambda each: (-each[1], each[0]))),
            )
            for waypoint, waited_s in places.items()
        ]
        return sorted(waits, key=lambda each: (-each.waited_s, each.waypoint))

    async def follow(self, loop: Watched) -> None:
        """Look at a fleet until its loop ends; a look that fails is told in the log."""
        async for _ in loop.changes():
            try:
                self.look(loop.state, loop.clock.now_s())
            except Exception:
                log.exception("waiting not counted")
