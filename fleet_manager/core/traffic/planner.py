"""Plans ways for robots, one after the other, in the time that the others leave to them.

Each plan leads to a bay that is free from then on, and keeps to the order in which others use what
it crosses. So there is always a plan that is being followed, and no robot ever waits for another
that waits for it (prioritised safe-interval planning on well-formed maps: Čáp et al. 2015; Ma et
al. 2017). What is planned is taken as late as it happens: `may_depart` asks whether all robots that
come before have given back what a robot needs next, whatever time it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.traffic import sipp, timetable
from fleet_manager.core.traffic.network import Floats, Network
from fleet_manager.core.traffic.sipp import Scratch
from fleet_manager.core.traffic.timetable import NONE

ENTRIES_FOR_A_ROBOT = 400
NODES_AT_MOST = 1024
STATES_AT_MOST = 400_000


class TableFull(CampusFleetError):
    """More is planned than the table has room for."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A node to be visited, and for how long, seconds."""

    node: int
    stay_s: float = 0.0


class TrafficPlanner:
    """The plans of all robots on a graph, and what they wait for.

    Robots are numbers from 0; times are seconds of any clock that does not run backwards.

    Args:
        network: the graph for one size of robot.
        units: how many units of space there are.
        robots: how many robots there may be.
    """

    def __init__(self, network: Network, units: int, robots: int) -> None:
        self.network = network
        self.entries = timetable.entries_for(units, robots, robots * ENTRIES_FOR_A_ROBOT + 1)
        self.plans = timetable.plans_for(robots, NODES_AT_MOST)
        nodes = len(network.indptr) - 1
        self._scratch: Scratch = sipp.scratch_for(nodes, STATES_AT_MOST)
        self._nowhere = np.zeros(nodes, np.uint8)

    def place(self, robot: int, node: int, now_s: float) -> None:
        """A robot stands at a node, which nobody else has, for as long as it has no plan."""
        plans = self.plans
        plans.node[robot, 0] = node
        plans.nodes[robot] = 1
        plans.reached[robot] = 0
        plans.left[robot] = 0
        plans.arrive_s[robot, 0] = now_s
        plans.depart_s[robot, 0] = np.inf
        for unit in timetable.units_at(self.network, node):
            timetable.insert(
                self.entries, unit, robot, NONE, NONE, timetable.DEPARTING, now_s, np.inf
            )

    def at(self, robot: int) -> int:
        """The last node that a robot has reached."""
        return int(self.plans.node[robot, self.plans.reached[robot]])

    def end(self, robot: int) -> int:
        """The node at which a robot's plan ends."""
        return int(self.plans.node[robot, self.plans.nodes[robot] - 1])

    def way(self, robot: int) -> list[int]:
        """The nodes of a robot's plan from the last one that it has reached."""
        plans = self.plans
        row = plans.node[robot, plans.reached[robot] : plans.nodes[robot]]
        return [int(node) for node in row]

    def stands(self, robot: int) -> bool:
        """Whether a robot is at the end of its plan."""
        plans = self.plans
        return bool(plans.reached[robot] == plans.nodes[robot] - 1)

    def retime(self, now_s: float) -> None:
        """Work out when everything will happen from now on; before plans are made."""
        timetable.retime(self.network, self.entries, self.plans, now_s)

    def plan(
        self,
        robot: int,
        stops: Sequence[Stop],
        left_s: Floats,
        rest: NDArray[np.uint8],
        now_s: float,
    ) -> bool:
        """Plan a robot's way from the end of its plan; False: there is none now.

        Args:
            left_s: by number of stops served and node: what it takes at least from there to the
                end, shape (stops + 1, nodes); infinite: nothing leads there.
            rest: by node whether the way may end there, shape (nodes,).

        Raises:
            TableFull: the way is too long.
        """
        plans = self.plans
        start = int(plans.nodes[robot]) - 1
        ready_s = max(now_s, float(plans.arrive_s[robot, start]))
        last = sipp.search(
            self.network,
            self.entries,
            self._scratch,
            robot,
            int(plans.node[robot, start]),
            ready_s,
            np.array([each.node for each in stops], np.int32),
            np.array([each.stay_s for each in stops], np.float64),
            left_s,
            rest,
            STATES_AT_MOST,
        )
        if last == NONE:
            return False
        self._follow(robot, start, last)
        return True

    def _follow(self, robot: int, start: int, last: int) -> None:
        plans, scratch = self.plans, self._scratch
        states = [last]
        while scratch.parent[states[-1]] != NONE:
            states.append(int(scratch.parent[states[-1]]))
        k = start
        if start > 0 and self.stands(robot):
            k = self._begin_anew(robot)
        first = k
        plans.stay_s[robot, k] = 0.0
        for state in reversed(states[:-1]):
            move = int(scratch.move[state])
            if move == NONE:  # a stop is served
                plans.stay_s[robot, k] = scratch.ready_s[state] - plans.arrive_s[robot, k]
                continue
            edges = self.network.move_edges[
                self.network.move_at[move] : self.network.move_at[move + 1]
            ]
            if k + len(edges) >= plans.node.shape[1]:
                raise TableFull("a way of too many nodes", "ask for fewer places at once")
            grasp, when_s = k, float(scratch.depart_s[state])
            for edge in edges.tolist():
                plans.edge[robot, k] = edge
                plans.depart_s[robot, k] = when_s
                plans.grasp[robot, k] = grasp
                when_s += float(self.network.duration_s[edge])
                k += 1
                plans.node[robot, k] = self.network.heads[edge]
                plans.arrive_s[robot, k] = when_s
                plans.stay_s[robot, k] = 0.0
        plans.nodes[robot] = k + 1
        plans.depart_s[robot, k] = np.inf
        if not timetable.occupy(self.network, self.entries, plans, robot, first):
            raise TableFull("too many ways are planned", "this is a defect: report it")

    def _begin_anew(self, robot: int) -> int:
        """Forget the nodes behind a robot that stands at its plan's end; what it has stays."""
        plans, entries = self.plans, self.entries
        at = int(plans.reached[robot])
        plans.node[robot, 0] = plans.node[robot, at]
        plans.arrive_s[robot, 0] = plans.arrive_s[robot, at]
        plans.reached[robot] = 0
        plans.left[robot] = 0
        entry = int(entries.first[robot])
        while entry != NONE:
            entries.taken[entry] = NONE
            entry = int(entries.of_robot[entry])
        return 0

    def may_depart(self, robot: int) -> bool:
        """Whether a robot at a node may leave for the next: nobody before it is there any more."""
        plans = self.plans
        k = int(plans.reached[robot])
        if plans.left[robot] or k >= plans.nodes[robot] - 1:
            return False
        return bool(timetable.may_take(self.entries, robot, int(plans.grasp[robot, k])))

    def waits_for(self, robot: int) -> int | None:
        """A robot that has to move first; None: it waits for nobody."""
        k = int(self.plans.reached[robot])
        if self.plans.left[robot] or k >= self.plans.nodes[robot] - 1:
            return None
        found = int(timetable.waits_for(self.entries, robot, int(self.plans.grasp[robot, k])))
        return None if found == NONE else found

    def departed(self, robot: int, now_s: float) -> None:
        """A robot has left the node it was at, and is clear of it."""
        plans = self.plans
        k = int(plans.reached[robot])
        plans.left[robot] = 1
        plans.depart_s[robot, k] = now_s
        plans.arrive_s[robot, k + 1] = now_s + self.network.duration_s[plans.edge[robot, k]]
        timetable.drop_given(self.entries, plans, robot)

    def arrived(self, robot: int, now_s: float) -> None:
        """A robot has reached the next node of its way."""
        plans = self.plans
        plans.reached[robot] += 1
        plans.left[robot] = 0
        plans.arrive_s[robot, plans.reached[robot]] = now_s
        timetable.drop_given(self.entries, plans, robot)

    def held(self, robot: int) -> set[int]:
        """Units that a robot has now."""
        plans, entries = self.plans, self.entries
        reached = int(plans.reached[robot])
        grasped = NONE
        if reached < plans.nodes[robot] - 1 and (
            plans.left[robot] or plans.grasp[robot, reached] < reached
        ):
            grasped = int(plans.grasp[robot, reached])
        found = set()
        entry = int(entries.first[robot])
        while entry != NONE:
            if entries.taken[entry] < reached or entries.taken[entry] <= grasped:
                found.add(int(entries.unit[entry]))
            entry = int(entries.of_robot[entry])
        return found
