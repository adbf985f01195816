"""Every interleaving of a few robots on a small graph, tried on the planner itself.

A breadth-first search over the states of `TrafficPlanner`, which are copied and put back as bytes;
there is no second model that could be wrong on its own. Events are: a robot that stands gets a way
to a free bay (each free bay is tried), a robot leaves a node, a robot arrives, and, where that is
asked for, one robot stops for ever, wherever it is. Who is late is in the choice of the next event:
any robot may be overtaken by any events of the others, for ever.

What plans look like depends on the times of day at which they are made. Two clocks are tried. With
the one that stands still, robots are faster than any plan; with the one that runs on by more than
any way takes between two events, slower.

In each state these must hold, all worked out here and not by the planner:

- No two robots are on elements with a unit in common (`_meet`).
- What robots wait for has no circle (`_circle`).
- If nobody can move, all stand at the ends of their ways. Each event is progress, so from every
  state every robot reaches its goal, whoever goes first.
- If one has stopped for ever and nobody can move, each that has not arrived waits for it, directly
  or behind others, and is told so by `waits_for`.
- Each way that is asked for is found, as the graph is well-formed.

States are the same where ways, who has left, and the order of all units are the same; times follow
from these.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np

from fleet_manager.core.traffic import sipp, timetable
from fleet_manager.core.traffic.network import Network, network_of
from fleet_manager.core.traffic.planner import TrafficPlanner
from fleet_manager.core.traffic.timetable import ARRIVING, NONE

STATES_AT_MOST = 400_000
ENTRIES, NODES, STATES = 40, 24, 5000
"""For each robot: room in the tables, which is copied with each state."""
CLEAR_S = 0.25
LATER_S = 1000.0
"""More than any way takes."""

State = tuple[bytes, tuple[int, ...], tuple[int, ...]]
"""The tables; ways that each robot still gets, and last the robot that has stopped for ever; what
the planner keeps beside its tables."""
Event = tuple[str, int, int]


@dataclass(frozen=True)
class Shape:
    """A small well-formed graph.

    Attributes:
        lanes: pairs of nodes, both ways.
        bays: nodes; robots start in the first ones.
        narrow: sets of lanes (by index) that are one unit together.
        no_stop: nodes where robots must not wait.
    """

    lanes: Sequence[tuple[int, int]]
    bays: Sequence[int]
    narrow: Sequence[frozenset[int]] = ()
    no_stop: Sequence[int] = ()

    @property
    def nodes(self) -> int:
        """How many there are."""
        return 1 + max(max(lane) for lane in self.lanes)

    def network(self) -> tuple[Network, int]:
        """With the number of units; lanes take 1, 2 and 3 s in turn."""
        lanes = list(self.lanes)
        both = sorted([*lanes, *((b, a) for a, b in lanes)])
        lane_of = [lanes.index(pair if pair in lanes else pair[::-1]) for pair in both]
        units = [[self.nodes + lane] for lane in lane_of]
        for extra, members in enumerate(self.narrow, self.nodes + len(lanes)):
            for edge, lane in enumerate(lane_of):
                if lane in members:
                    units[edge].append(extra)
        may_stop = np.ones(self.nodes, np.uint8)
        may_stop[list(self.no_stop)] = 0
        network = network_of(
            self.nodes,
            both,
            np.array([1.0 + lane % 3 for lane in lane_of]),
            np.full(len(both), CLEAR_S),
            [[node] for node in range(self.nodes)],
            units,
            may_stop,
        )
        return network, self.nodes + len(lanes) + len(self.narrow)


SHAPES = {
    # Bays at both ends and one in the middle: robots that swap pass there.
    "corridor": Shape([(0, 1), (1, 2), (2, 3), (0, 4), (3, 5), (1, 6)], [4, 5, 6]),
    "corridor of one unit": Shape(
        [(0, 1), (1, 2), (2, 3), (0, 4), (3, 5), (0, 6)], [4, 5, 6], [frozenset({0, 1, 2})]
    ),
    "crossing without a stop": Shape(
        [(0, 1), (1, 2), (0, 3), (1, 4), (2, 5), (0, 6)], [3, 4, 5, 6], no_stop=[1]
    ),
    "T-junction": Shape([(0, 1), (0, 2), (0, 3), (1, 4), (2, 5), (3, 6), (3, 7)], [4, 5, 6, 7]),
    "loop": Shape([(0, 1), (1, 2), (2, 3), (3, 0), (0, 4), (1, 5), (2, 6), (3, 7)], [4, 5, 6, 7]),
    "loop with a dead end": Shape(
        [(0, 1), (1, 2), (2, 0), (2, 3), (0, 4), (1, 5), (3, 6), (3, 7), (3, 8)], [4, 5, 6, 7, 8]
    ),
}


class Broken(AssertionError):
    """A state that must not be, with the events that lead there."""


class Model:
    """All states of a few robots.

    Args:
        goals: how many ways each robot gets.
        late: the clock that runs on, not the one that stands still.
        deaths: one of the robots may stop for ever.
    """

    def __init__(
        self, shape: Shape, robots: int, goals: int, late: bool, deaths: bool = False
    ) -> None:
        self.shape, self.robots, self.goals, self.deaths = shape, robots, goals, deaths
        self.all = range(robots)
        self.step_s = LATER_S if late else 0.0
        self.network, units = shape.network()
        self.planner = TrafficPlanner(self.network, units, robots)
        entries = timetable.entries_for(units, robots, robots * ENTRIES + 1)
        plans = timetable.plans_for(robots, NODES)
        self.planner._scratch = sipp.scratch_for(shape.nodes, STATES)
        self.memory, (self.planner.entries, self.planner.plans) = _in_one_piece(entries, plans)
        self.left_s = self._left_s()
        for robot in range(robots):
            self.planner.place(robot, shape.bays[robot], 0.0)

    def _left_s(self) -> dict[int, Any]:
        """Least times to each bay, shape (1, nodes)."""
        network, found = self.network, {}
        tails = np.repeat(np.arange(self.shape.nodes), np.diff(network.indptr))
        for bay in self.shape.bays:
            left_s = np.full(self.shape.nodes, np.inf)
            left_s[bay] = 0.0
            for _ in range(self.shape.nodes):
                np.minimum.at(left_s, tails, left_s[network.heads] + network.duration_s)
            found[bay] = left_s[None, :]
        return found

    def explore(self, most: int) -> int:
        """Look at all states; returns how many there are.

        Raises:
            Broken: something does not hold in one of them.
            ValueError: there are more than `most`.
        """
        first = self._save(((self.goals,) * self.robots) + (NONE,))
        seen = {self._key(first[1]): (None, ("begin", -1, -1))}
        queue = deque([(first, self._key(first[1]), 0.0)])
        while queue:
            state, key, now_s = queue.popleft()
            now_s += self.step_s
            moved = False
            for event in [*self._events(state)]:
                self._load(state)
                moved |= event[0] in ("leave", "arrive")
                goals = self._happen(event, state[1], now_s)
                if goals is None:
                    self._broken("no way is found", seen, key, event)
                reached = self._key(goals)
                if reached in seen:
                    continue
                seen[reached] = (key, event)
                if len(seen) > most:
                    raise ValueError(f"more than {most} states")
                wrong = self._meet() or self._circle()
                if wrong:
                    self._broken(wrong, seen, key, event)
                queue.append((self._save(goals), reached, now_s))
            self._load(state)
            if not moved and not all(self._excused(each, state[1][-1]) for each in self.all):
                self._broken("nobody can move", seen, key, ("then", -1, -1))
        return len(seen)

    def _excused(self, robot: int, dead: int) -> bool:
        """Whether a robot has arrived, or waits for the one that has stopped, behind any others."""
        asked: set[int] = set()
        while robot != dead and not self.planner.stands(robot):
            ahead = self.planner.waits_for(robot)
            if ahead is None or robot in asked:
                return False
            asked.add(robot)
            robot = ahead
        return not asked or robot == dead

    def _broken(self, what: str, seen: dict[Any, Any], key: Any, event: Event) -> None:
        events = [event]
        while key is not None:
            key, before = seen[key]
            events.append(before)
        raise Broken(f"{what} after {events[::-1]}")

    def _events(self, state: State) -> Iterator[Event]:
        self._load(state)
        planner = self.planner
        bound = {planner.end(robot) for robot in range(self.robots)}
        dead = state[1][-1]
        for robot in range(self.robots):
            if robot == dead:
                continue
            if self.deaths and dead == NONE and not planner.stands(robot):
                yield "die", robot, -1
            if planner.plans.left[robot]:
                yield "arrive", robot, -1
            elif planner.may_depart(robot):
                yield "leave", robot, -1
            elif planner.stands(robot) and state[1][robot]:
                for bay in self.shape.bays:
                    if bay not in bound:
                        yield "plan", robot, bay

    def _happen(self, event: Event, goals: tuple[int, ...], now_s: float) -> Any:
        """Goals that are left to each robot after the event; None: there is no way."""
        what, robot, bay = event
        planner = self.planner
        if what == "arrive":
            planner.arrived(robot, now_s)
        elif what == "leave":
            planner.departed(robot, now_s)
        elif what == "die":
            return (*goals[:-1], robot)
        else:
            rest = np.zeros(self.shape.nodes, np.uint8)
            rest[bay] = 1
            planner.retime(now_s)
            if not planner.plan(robot, (), self.left_s[bay], rest, now_s):
                return None
            return (*goals[:robot], goals[robot] - 1, *goals[robot + 1 :])
        return goals

    def _save(self, goals: tuple[int, ...]) -> State:
        return self.memory.tobytes(), goals, tuple(getattr(self.planner, "forgotten", ()))

    def _load(self, state: State) -> None:
        self.memory[:] = np.frombuffer(state[0], np.uint8)
        if state[2]:
            self.planner.forgotten[:] = state[2]

    def _key(self, goals: tuple[int, ...]) -> Any:
        """What makes a state: ways, who has left, and in which order units are used."""
        plans, entries = self.planner.plans, self.planner.entries
        reached = plans.reached.tolist()
        ways = tuple(
            plans.node[robot, reached[robot] : plans.nodes[robot]].tobytes()
            for robot in range(self.robots)
        )
        order = []
        robots, taken = entries.robot.tolist(), entries.taken.tolist()
        given, after = entries.given.tolist(), entries.after.tolist()
        for head in entries.head.tolist():
            entry = head
            while entry != NONE:
                robot = robots[entry]
                until = NONE if given[entry] == NONE else given[entry] - reached[robot]
                order.append((robot, max(NONE, taken[entry] - reached[robot]), until))
                entry = after[entry]
            order.append((NONE, NONE, NONE))
        return ways, plans.left.tobytes(), goals, tuple(order)

    def _meet(self) -> str:
        """Whether two robots are on elements with a unit in common, in words."""
        network, plans = self.network, self.planner.plans
        holder: dict[int, int] = {}
        for robot in range(self.robots):
            k = int(plans.reached[robot])
            node = int(plans.node[robot, k])
            units: set[int] = set()
            if plans.left[robot]:
                edge = int(plans.edge[robot, k])
                units |= {*network.edge_units[network.edge_ptr[edge] : network.edge_ptr[edge + 1]]}
                node = int(network.heads[edge])
            units |= {*network.node_units[network.node_ptr[node] : network.node_ptr[node + 1]]}
            for unit in units:
                if holder.setdefault(unit, robot) != robot:
                    return f"robots {holder[unit]} and {robot} meet in unit {unit}"
        return ""

    def _circle(self) -> str:
        """Whether robots wait for each other, in words: not all departures can be put in order."""
        plans, entries = self.planner.plans, self.planner.entries
        reached, last = plans.reached.tolist(), (plans.nodes - 1).tolist()
        robots, taken = entries.robot.tolist(), entries.taken.tolist()
        given, how = entries.given.tolist(), entries.how.tolist()
        before, of_robot = entries.before.tolist(), entries.of_robot.tolist()
        gone = [reached[robot] + int(plans.left[robot]) for robot in range(self.robots)]
        waits: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for robot in range(self.robots):
            entry = int(entries.first[robot])
            while entry != NONE:
                other = before[entry]
                if other != NONE and robots[other] != robot:
                    # Arriving at the next node lies between two departures: the later one tells.
                    until = given[other] + (how[other] == ARRIVING)
                    until = last[robots[other]] if given[other] == NONE else until
                    waits.setdefault((robot, taken[entry]), []).append((robots[other], until))
                entry = of_robot[entry]
        moved = True
        while moved:
            moved = False
            for robot in range(self.robots):
                while gone[robot] < last[robot] and all(
                    gone[other] > until or gone[other] == last[other] == until != NONE
                    for other, until in waits.get((robot, gone[robot]), ())
                ):
                    gone[robot] += 1
                    moved = True
        ends = gone == last
        return "" if ends else f"robots wait in a circle, at nodes {gone} of ways of {last}"


def _in_one_piece(*tables: Any) -> tuple[Any, list[Any]]:
    """The tables with all their arrays in one piece of memory, and that memory as bytes."""
    arrays = [each for table in tables for each in table]
    sizes = [-(-each.nbytes // 8) * 8 for each in arrays]
    memory = np.zeros(sum(sizes), np.uint8)
    found, at = [], 0
    for table in tables:
        fields = []
        for each in table:
            view = memory[at : at + each.nbytes].view(each.dtype).reshape(each.shape)
            view[...] = each
            fields.append(view)
            at += -(-each.nbytes // 8) * 8
        found.append(type(table)(*fields))
    return memory, found


def one_of_many(seed: int, robots: int | None = None) -> dict[str, Any]:
    """All states of two to four robots on a graph drawn at random, for campaigns."""
    random = Random(seed)
    robots = random.choice([2, 3, 3, 4]) if robots is None else robots
    shape = random_shape(random, robots)
    found: dict[str, Any] = {"robots": robots, "lanes": len(shape.lanes), "problems": []}
    for late in (False, True):
        model = Model(shape, robots, 2 if robots < 4 else 1, late)
        try:
            found["states, late" if late else "states, early"] = model.explore(STATES_AT_MOST)
        except Broken as broken:
            found["problems"].append(f"{shape}, late={late}: {broken}")
    return found


def random_shape(random: Random, robots: int) -> Shape:
    """A connected graph with a leaf bay more than robots, or two."""
    count = random.randint(2, 5)
    lanes = {(random.randrange(node), node) for node in range(1, count)}
    for _ in range(random.randint(0, 2)):
        one, other = sorted(random.sample(range(count), 2))
        lanes.add((one, other))
    bays = list(range(count, count + robots + random.choice([1, 1, 2])))
    all_lanes = [*sorted(lanes), *((random.randrange(count), bay) for bay in bays)]
    narrow = []
    if random.random() < 0.4:
        narrow.append(frozenset(random.sample(range(len(lanes)), min(2, len(lanes)))))
    # Where a robot must not wait, ways go on to a node where it may.
    no_stop = [0] if random.random() < 0.3 and all(0 not in lane for lane in all_lanes[-3:]) else []
    return Shape(all_lanes, bays, narrow, no_stop)
