"""Plans ways for robots, one after the other, in the time that the others leave to them.

Each plan leads to a bay that is free from then on, and keeps to the order in which others use what
it crosses. So there is always a plan that is being followed, and no robot ever waits for another
that waits for it (prioritised safe-interval planning on well-formed maps: Čáp et al. 2015; Ma et
al. 2017). What is planned is taken as late as it happens: `may_depart` asks whether all robots that
come before have given back what a robot needs next, whatever time it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.traffic import sipp, timetable, timing
from fleet_manager.core.traffic.network import Floats, Network
from fleet_manager.core.traffic.sipp import Scratch
from fleet_manager.core.traffic.timetable import NONE, Plans

ENTRIES_FOR_A_ROBOT = 1000
NODES_AT_MOST = 1024
STATES_AT_MOST = 400_000


class TableFull(CampusFleetError):
    """More is planned than the table has room for."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A node to be visited, and for how long, seconds."""

    node: int
    stay_s: float = 0.0


def _rows(plans: Plans) -> tuple[NDArray[Any], ...]:
    """What is kept of each node of a way."""
    return (
        plans.node,
        plans.edge,
        plans.depart_s,
        plans.arrive_s,
        plans.stay_s,
        plans.takes_s,
        plans.clear_s,
        plans.grasp,
    )


class TrafficPlanner:
    """The plans of all robots on a graph, and what they wait for.

    Robots are numbers from 0; times are seconds of any clock that does not run backwards. A robot's
    nodes are numbered along its way; `forgotten` of them, which lie behind it, are not kept.

    Attributes:
        served: of the plan that was made last, the nodes at which its stops are.

    Args:
        networks: the graph for each kind of robot: the same nodes and edges, other units and times.
        units: how many units of space there are.
        robots: how many robots there may be.
        kinds: number of each robot's network; None: there is one.
    """

    def __init__(
        self,
        networks: Network | Sequence[Network],
        units: int,
        robots: int,
        kinds: Sequence[int] | None = None,
    ) -> None:
        many = (networks,) if isinstance(networks, Network) else tuple(networks)
        self.networks: tuple[Network, ...] = many
        self.kinds = (0,) * robots if kinds is None else tuple(kinds)
        self.entries = timetable.entries_for(units, robots, robots * ENTRIES_FOR_A_ROBOT + 1)
        self.plans = timetable.plans_for(robots, NODES_AT_MOST)
        self.forgotten = [0] * robots
        self.served: list[int] = []
        nodes = len(many[0].indptr) - 1
        self._scratch: Scratch = sipp.scratch_for(nodes, STATES_AT_MOST)

    def network(self, robot: int) -> Network:
        """The graph for a robot."""
        return self.networks[self.kinds[robot]]

    def place(self, robot: int, node: int, now_s: float, units: Iterable[int] = ()) -> None:
        """A robot stands at a node, which nobody else has, for as long as it has no plan.

        Args:
            units: that it has beside those of the node.
        """
        plans = self.plans
        timetable.drop_all(self.entries, robot)
        self.forgotten[robot] = 0
        plans.node[robot, 0] = node
        plans.nodes[robot] = 1
        plans.reached[robot] = 0
        plans.left[robot] = 0
        plans.released[robot] = 0
        plans.arrive_s[robot, 0] = now_s
        plans.stay_s[robot, 0] = 0.0
        plans.depart_s[robot, 0] = np.inf
        at = {*timetable.units_at(self.network(robot), node).tolist(), *units}
        self._hold(robot, sorted(at))

    def take_off(self, robot: int, units: Iterable[int] = ()) -> None:
        """A robot is nowhere on the graph; it has these units for as long as it is."""
        timetable.drop_all(self.entries, robot)
        self.forgotten[robot] = 0
        self.plans.nodes[robot] = 1
        self.plans.reached[robot] = 0
        self.plans.left[robot] = 0
        self.plans.released[robot] = 0
        self.plans.node[robot, 0] = 0
        self.plans.depart_s[robot, 0] = np.inf
        self._hold(robot, sorted(set(units)))

    def _hold(self, robot: int, units: Iterable[int]) -> None:
        long_ago_s = -np.inf
        for unit in units:
            new = timetable.insert(
                self.entries, unit, robot, NONE, NONE, timetable.DEPARTING, long_ago_s, np.inf
            )
            if new == NONE:
                raise TableFull("too many ways are planned", "this is a defect: report it")

    def enter(
        self,
        robot: int,
        nodes: Sequence[int],
        edges: Sequence[int],
        stays_s: Sequence[float],
        departs_s: Sequence[float],
        takes_s: Sequence[float],
        *,
        left: bool,
        now_s: float,
        units: Collection[int] = (),
    ) -> None:
        """Enter a way that was planned before, by the times at which it is driven from now on.

        Args:
            nodes, edges: of the way; the robot is at the first node, or on its way from it to the
                second.
            departs_s, takes_s, stays_s: of each node but the last.
            units: that it has until it leaves the first node, beside those of the node.
        """
        plans, network = self.plans, self.network(robot)
        if len(nodes) > plans.node.shape[1]:
            raise TableFull("a way of too many nodes", "ask for fewer places at once")
        self.place(robot, nodes[0], now_s, units)
        count = len(nodes)
        plans.nodes[robot] = count
        plans.left[robot] = left
        plans.node[robot, :count] = nodes
        plans.edge[robot, : count - 1] = edges
        plans.stay_s[robot, : count - 1] = stays_s
        plans.stay_s[robot, count - 1] = 0.0
        plans.depart_s[robot, : count - 1] = departs_s
        plans.depart_s[robot, count - 1] = np.inf
        plans.takes_s[robot, : count - 1] = takes_s
        plans.clear_s[robot, : count - 1] = network.clear_s[list(edges)]
        for k in range(count - 1):
            plans.arrive_s[robot, k + 1] = departs_s[k] + takes_s[k]
            stops = k == 0 or network.may_stop[nodes[k]]
            plans.grasp[robot, k] = k if stops else plans.grasp[robot, k - 1]
        if not timetable.occupy(network, self.entries, plans, robot, 0):
            raise TableFull("too many ways are planned", "this is a defect: report it")
        if units:
            timetable.give_rest(network, self.entries, plans, robot)
        timetable.drop_given(self.entries, plans, robot)

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
        timing.retime(self.entries, self.plans, now_s)

    def release(self, robot: int, node: int) -> None:
        """A robot may go on to a node of its way; nobody is planned to come before it until there.

        It counts with the next `retime`.
        """
        self.plans.released[robot] = max(0, node - self.forgotten[robot])

    def halt(self, robot: int, *, halted: bool) -> None:
        """A robot stays where it is, with its plan, until it is said to go on.

        It counts with the next `retime`.
        """
        self.plans.halted[robot] = halted

    def cut(self, robot: int, node: int) -> None:
        """Have a robot's plan end at a node where it may stop; what lay beyond is free."""
        timetable.drop_from(self.entries, self.plans, robot, node - self.forgotten[robot])

    def plan(
        self,
        robot: int,
        stops: Sequence[Stop],
        left_s: Floats,
        rest: NDArray[np.uint8],
        now_s: float,
        network: Network | None = None,
    ) -> bool:
        """Plan a robot's way from the end of its plan; False: there is none now.

        Args:
            left_s: by number of stops served and node: what it takes at least from there to the
                end, shape (stops + 1, nodes); infinite: nothing leads there.
            rest: by node whether the way may end there, shape (nodes,).
            network: the graph with the times of now; None: that of the robot.

        Raises:
            TableFull: the way is too long.
        """
        start, last = self._search(robot, stops, left_s, rest, now_s, network)
        if last == NONE:
            return False
        self._follow(robot, start, last, self.network(robot) if network is None else network)
        return True

    def _search(
        self,
        robot: int,
        stops: Sequence[Stop],
        left_s: Floats,
        rest: NDArray[np.uint8],
        now_s: float,
        network: Network | None,
    ) -> tuple[int, int]:
        """The row from which a way was searched for, and the last state of what was found."""
        plans = self.plans
        self.forgotten[robot] += timetable.forget_behind(self.entries, plans, robot)
        start = int(plans.nodes[robot]) - 1
        ready_s = max(now_s, float(plans.arrive_s[robot, start] + plans.stay_s[robot, start]))
        last = sipp.search(
            self.network(robot) if network is None else network,
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
        return start, int(last)

    def replan(
        self,
        robot: int,
        node: int,
        stops: Sequence[Stop],
        left_s: Floats,
        rest: NDArray[np.uint8],
        now_s: float,
        network: Network | None = None,
        *,
        sooner_by_s: float = -np.inf,
    ) -> bool:
        """Plan another way from a node of a robot's plan; False: there is none, the old one stays.

        Args:
            node: where the robot may stop; the others as of `plan`.
            sooner_by_s: the way has to end so much sooner than the old one.

        Raises:
            TableFull: the way is too long.
        """
        plans = self.plans
        self.forgotten[robot] += timetable.forget_behind(self.entries, plans, robot)
        row, count = node - self.forgotten[robot], int(plans.nodes[robot])
        latest_s = float(plans.arrive_s[robot, count - 1]) - sooner_by_s
        kept = [each[robot, row:count].copy() for each in _rows(plans)]
        timetable.drop_from(self.entries, plans, robot, row)
        start, last = self._search(robot, stops, left_s, rest, now_s, network)
        if last != NONE and self._scratch.ready_s[last] <= latest_s:
            self._follow(robot, start, last, self.network(robot) if network is None else network)
            return True
        for each, before in zip(_rows(plans), kept, strict=True):
            each[robot, row:count] = before
        plans.nodes[robot] = count
        self._occupy(robot, row)
        return False

    def _occupy(self, robot: int, begin: int) -> None:
        """Enter a robot's way from a row on."""
        if not timetable.occupy(self.network(robot), self.entries, self.plans, robot, begin):
            raise TableFull("too many ways are planned", "this is a defect: report it")
        if begin == 0:
            timetable.give_rest(self.network(robot), self.entries, self.plans, robot)

    def _follow(self, robot: int, start: int, last: int, network: Network) -> None:
        plans, scratch = self.plans, self._scratch
        states = [last]
        while scratch.parent[states[-1]] != NONE:
            states.append(int(scratch.parent[states[-1]]))
        k = start
        self.served = []
        for state in reversed(states[:-1]):
            move = int(scratch.move[state])
            if move == NONE:  # a stop is served
                plans.stay_s[robot, k] = scratch.ready_s[state] - plans.arrive_s[robot, k]
                self.served.append(k + self.forgotten[robot])
                continue
            edges = network.move_edges[network.move_at[move] : network.move_at[move + 1]]
            if k + len(edges) >= plans.node.shape[1]:
                raise TableFull("a way of too many nodes", "ask for fewer places at once")
            grasp, when_s = k, float(scratch.depart_s[state])
            for edge in edges.tolist():
                plans.edge[robot, k] = edge
                plans.depart_s[robot, k] = when_s
                plans.grasp[robot, k] = grasp
                plans.takes_s[robot, k] = network.duration_s[edge]
                plans.clear_s[robot, k] = network.clear_s[edge]
                when_s += float(network.duration_s[edge])
                k += 1
                plans.node[robot, k] = network.heads[edge]
                plans.arrive_s[robot, k] = when_s
                plans.stay_s[robot, k] = 0.0
        plans.nodes[robot] = k + 1
        plans.depart_s[robot, k] = np.inf
        self._occupy(robot, start)

    def waits(self, robot: int) -> list[tuple[int, int, int, bool]]:
        """Whom a robot comes directly after, as node, other robot, its node, and how.

        The departure from the node waits until the other has left its node, or, where the last is
        true, has arrived at the one after it. Nodes count what has been forgotten; the other's is
        -1 where it never leaves.
        """
        rows = timetable.waits(self.entries, robot).tolist()
        own = self.forgotten[robot]
        return [
            (
                max(node, 0) + own,
                other,
                until + self.forgotten[other] if until != NONE else NONE,
                how == timetable.ARRIVING,
            )
            for node, other, until, how in rows
        ]

    def followers(self, robot: int) -> set[int]:
        """Robots that come directly after a robot."""
        return set(timetable.followers(self.entries, robot).tolist())

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
        plans.arrive_s[robot, k + 1] = now_s + plans.takes_s[robot, k]
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
