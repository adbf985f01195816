"""When robots depart by what the log tells: their ways, and after whom they come."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence

from fleet_manager.core.robot import Movement, Wait
from fleet_manager.core.state import FleetState
from fleet_manager.core.traffic.precedence import open_waits
from fleet_manager.core.traffic.stays import stay_s

Takes = Callable[[str, Sequence[int]], list[float]]
"""What edges take a robot, seconds."""


class Times:
    """When robots depart by the ways and waits of a state, if all go on from now."""

    def __init__(
        self,
        edge_between: Mapping[tuple[str, str], int],
        takes_s: Takes,
        state: FleetState,
        now_s: float,
    ) -> None:
        self._between, self._takes = edge_between, takes_s
        self.state, self.now_s = state, now_s

    def all(self) -> Mapping[str, list[float]]:
        """By robot, from the node that it has reached on; shorter than its way where it is stuck.

        What is missing waits in a circle, or leads where no lane is; it has to be planned anew.
        """
        state, found = self.state, dict[str, list[float]]()
        takes: dict[str, list[float]] = {}
        ready = deque[str]()
        for name, record in state.robots.items():
            movement = record.movement
            if movement is not None and not movement.outdated:
                takes[name] = self._takes_s(name, movement)
                found[name] = []
                ready.append(name)
        tries = 0
        while ready and tries <= len(ready):
            name = ready.popleft()
            before = len(found[name])
            if self._go_on(name, found, takes):
                tries = 0
            else:
                tries = 0 if len(found[name]) > before else tries + 1
                ready.append(name)
        return found

    def _takes_s(self, name: str, movement: Movement) -> list[float]:
        edges: list[int] = []
        for step in movement.steps(movement.passed):
            if step not in self._between:
                break
            edges.append(self._between[step])
        return self._takes(name, edges)

    def _go_on(
        self, name: str, found: dict[str, list[float]], takes: Mapping[str, list[float]]
    ) -> bool:
        """Add departures of a robot until one waits for what has no time yet; True: all have."""
        movement = self.state.robots[name].movement
        assert movement is not None
        departs_s = found[name]
        waits = open_waits(self.state, movement)
        while len(departs_s) < len(takes[name]):
            row = len(departs_s)
            node = movement.passed + row
            last_s = departs_s[-1] + takes[name][row - 1] if row else self.now_s
            when_s = max(last_s, self.now_s) + stay_s(self.state, name, movement.nodes[node])
            if row == 0 and movement.left:
                when_s = self.now_s
            for wait in waits:
                if wait.node == node:
                    until_s = self._until_s(wait, found, takes)
                    if until_s is None:
                        return False
                    when_s = max(when_s, until_s)
            departs_s.append(when_s)
        return True

    def _until_s(
        self, wait: Wait, found: Mapping[str, list[float]], takes: Mapping[str, list[float]]
    ) -> float | None:
        other = self.state.robots[wait.robot].movement
        assert other is not None
        row = wait.until - other.passed
        if wait.robot not in takes or row < 0 or row >= len(takes[wait.robot]):
            return self.now_s
        if row >= len(found[wait.robot]):
            return None
        return found[wait.robot][row] + takes[wait.robot][row]
