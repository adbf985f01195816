"""Robots that follow their plans on a small graph, each late at random, and never meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import numpy as np

from fleet_manager.core.traffic.network import Network
from fleet_manager.core.traffic.planner import TrafficPlanner

STEPS_AT_MOST = 20_000


def least_s(network: Network, goal: int) -> Any:
    """Least time from each node to one, shape (1, nodes)."""
    nodes = len(network.indptr) - 1
    tails = np.repeat(np.arange(nodes), np.diff(network.indptr))
    left_s = np.full(nodes, np.inf)
    left_s[goal] = 0.0
    for _ in range(nodes):
        before = left_s.copy()
        np.minimum.at(left_s, tails, left_s[network.heads] + network.duration_s)
        if (before == left_s).all():
            break
    return left_s[None, :]


class Driving:
    """Robots, each of which stands in a bay or is on its way to another.

    Args:
        starts: bay of each robot.
        bays: all there are.
        late: share of chances that a robot lets pass.
    """

    def __init__(
        self,
        network: Network,
        units: int,
        starts: Sequence[int],
        bays: Sequence[int],
        random: Random,
        late: float = 0.5,
    ) -> None:
        self.network, self.bays, self.random, self.late = network, list(bays), random, late
        self.robots = range(len(starts))
        self.planner = TrafficPlanner(network, units, len(starts))
        self.left_s: Mapping[int, Any] = {bay: least_s(network, bay) for bay in bays}
        self.ends_s = [0.0 for _ in starts]
        self.now_s = 0.0
        for robot, node in enumerate(starts):
            self.planner.place(robot, node, 0.0)

    def free(self) -> list[int]:
        """Bays where nobody stands and to which nobody is bound."""
        bound = {self.planner.end(robot) for robot in self.robots}
        return [bay for bay in self.bays if bay not in bound]

    def plan(self, robot: int, bay: int) -> bool:
        """Ask for a way to a bay."""
        rest = np.zeros(len(self.network.may_stop), np.uint8)
        rest[bay] = 1
        self.planner.retime(self.now_s)
        return self.planner.plan(robot, (), self.left_s[bay], rest, self.now_s)

    def go(self, robot: int, bay: int) -> None:
        """A way to a free bay, which there always is."""
        assert self.plan(robot, bay), "a well-formed map has a way"

    def all_stand(self) -> bool:
        """Whether all are at the ends of their ways."""
        return all(self.planner.stands(robot) for robot in self.robots)

    def step(self) -> None:
        """A second in which robots leave and arrive, in any order."""
        self.now_s += 1.0
        planner = self.planner
        for robot in self.random.sample(self.robots, len(self.robots)):
            if self.random.random() < self.late:
                continue
            if planner.may_depart(robot):
                edge = planner.plans.edge[robot, planner.plans.reached[robot]]
                self.ends_s[robot] = self.now_s + self.network.duration_s[edge]
                planner.departed(robot, self.now_s)
            elif planner.plans.left[robot] and self.ends_s[robot] <= self.now_s:
                planner.arrived(robot, self.now_s)
            self._nobody_meets()

    def _nobody_meets(self) -> None:
        holder: dict[int, int] = {}
        for robot in self.robots:
            for unit in self.planner.held(robot):
                assert holder.setdefault(unit, robot) == robot, (unit, robot, holder[unit])

    def until_all_stand(self) -> None:
        """Drive until all have arrived."""
        for _ in range(STEPS_AT_MOST):
            if self.all_stand():
                return
            self.step()
        raise AssertionError(f"not all have arrived: {list(map(self.planner.way, self.robots))}")

    def serve(self, goals: Sequence[int]) -> None:
        """Drive all to their goals.

        A goal in which another rests is free when that has gone; where goals are taken in a circle,
        somebody goes to a bay to spare.
        """
        planner = self.planner
        for _ in range(STEPS_AT_MOST):
            waiting = [r for r in self.robots if planner.stands(r) and planner.end(r) != goals[r]]
            free = self.free()
            ready = [robot for robot in waiting if goals[robot] in free]
            if ready:
                self.go(ready[0], goals[ready[0]])
            elif waiting and self.all_stand():
                self.go(self.random.choice(waiting), free[0])
            elif not waiting and self.all_stand():
                assert [planner.at(robot) for robot in self.robots] == list(goals)
                return
            self.step()
        raise AssertionError("not all have arrived")
