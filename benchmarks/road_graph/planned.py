"""Our planner as a director of robots on random roads."""

from __future__ import annotations

import numpy as np

from benchmarks.road_graph.roads import Roads
from benchmarks.road_graph.trial import Flags, Nodes
from fleet_manager.core.planning.machine_code import kernel
from fleet_manager.core.traffic import timetable
from fleet_manager.core.traffic.network import Floats, Network
from fleet_manager.core.traffic.planner import TrafficPlanner
from fleet_manager.core.traffic.timetable import Entries, Plans

SWITCHES_A_STEP = 8
AGAIN_AFTER_STEPS = 10
WORTH_STEPS = 4.0
"""A way that is planned anew has to win so many steps."""


class Planned:
    """Plans each robot to its bay, and releases robots in the planned order."""

    name = "ours"

    def __init__(self, roads: Roads, robots: int) -> None:
        self.roads = roads
        self.robots = robots
        self.planner = TrafficPlanner(roads.network, roads.units, robots)
        self._rest = np.zeros(roads.nodes, np.uint8)
        self._at = np.zeros(robots, np.int32)
        self._bay = np.zeros(robots, np.int64)
        self._tried = np.full(robots, -AGAIN_AFTER_STEPS)
        self.switched = 0

    def begin(self, spots: Nodes) -> None:
        """See `Director`."""
        for robot, node in enumerate(spots.tolist()):
            self.planner.place(robot, node, 0.0)

    def prepare(self, step: int) -> None:
        """See `Director`."""
        self.planner.retime(float(step))
        self._switch(step)

    def _switch(self, step: int) -> None:
        """Plan robots anew that wait for others which are late, the latest first."""
        held_up = steps_held_up(self.planner.entries, self.planner.plans, float(step))
        held_up[step - self._tried < AGAIN_AFTER_STEPS] = 0.0
        latest = np.argsort(-held_up, kind="stable")[:SWITCHES_A_STEP]
        for robot in latest[held_up[latest] > WORTH_STEPS].tolist():
            self._tried[robot] = step
            self.switched += self._plan_anew(robot, step)

    def _plan_anew(self, robot: int, step: int) -> bool:
        planner = self.planner
        bay = int(self._bay[robot])
        node = int(planner.plans.reached[robot]) + planner.forgotten[robot]
        rest = int(self.roads.bays[bay])
        self._rest[rest] = 1
        left_s = self.roads.steps_to[bay][None, :].astype(np.float64)
        found = planner.replan(
            robot, node, (), left_s, self._rest, float(step), sooner_by_s=WORTH_STEPS
        )
        self._rest[rest] = 0
        return found

    def assign(self, robot: int, bay: int, step: int) -> bool:
        """See `Director`."""
        node = int(self.roads.bays[bay])
        self._rest[node] = 1
        left_s = self.roads.steps_to[bay][None, :].astype(np.float64)
        found = self.planner.plan(robot, (), left_s, self._rest, float(step))
        self._rest[node] = 0
        if found:
            self._bay[robot] = bay
        return found

    def move(self, stalled: Flags, step: int) -> Nodes:
        """See `Director`."""
        planner = self.planner
        advance(self.roads.network, planner.entries, planner.plans, float(step), stalled, self._at)
        return self._at

    def bytes_used(self) -> int:
        """See `Director`."""
        planner = self.planner
        tables = (self.roads.network, planner.entries, planner.plans, planner._scratch)
        return sum(each.nbytes for table in tables for each in table)


@kernel
def steps_held_up(entries: Entries, plans: Plans, now_s: float) -> Floats:
    """How many steps of its way each robot waits that may not leave now; 0 for others."""
    found = np.zeros(len(plans.nodes))
    for robot in range(len(plans.nodes)):
        k, last = plans.reached[robot], plans.nodes[robot] - 1
        if k < last and not timetable.may_take(entries, robot, plans.grasp[robot, k]):
            found[robot] = plans.arrive_s[robot, last] - now_s - (last - k)
    return found


@kernel
def advance(
    network: Network, entries: Entries, plans: Plans, now_s: float, stalled: Flags, at: Nodes
) -> None:
    """Who may leave does so at once, and is at the next node a step later."""
    robots = len(plans.nodes)
    changed = True
    while changed:
        changed = False
        for robot in range(robots):
            k = plans.reached[robot]
            if plans.left[robot] == 1 or stalled[robot] == 1 or k >= plans.nodes[robot] - 1:
                continue
            if timetable.may_take(entries, robot, plans.grasp[robot, k]):
                plans.left[robot] = 1
                plans.depart_s[robot, k] = now_s
                plans.arrive_s[robot, k + 1] = now_s + network.duration_s[plans.edge[robot, k]]
                timetable.drop_given(entries, plans, robot)
                changed = True
    for robot in range(robots):
        if plans.left[robot] == 1:
            plans.reached[robot] += 1
            plans.left[robot] = 0
            timetable.drop_given(entries, plans, robot)
        at[robot] = plans.node[robot, plans.reached[robot]]
