"""Robots that follow their plans, however late, never have a unit at once and all arrive."""

from __future__ import annotations

from collections import deque
from random import Random

import numpy as np
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from fleet_manager.core.traffic.network import Network, network_of
from fleet_manager.core.traffic.planner import TrafficPlanner

CLEAR_S = 0.25
STEPS_AT_MOST = 20_000


class Graph:
    """A random connected graph with leaf bays, and times to each node from all others."""

    def __init__(self, random: Random, robots: int) -> None:
        count = random.randint(2, 24)
        pairs = {(random.randrange(node), node) for node in range(1, count)}
        for _ in range(random.randint(0, count)):
            one, other = sorted(random.sample(range(count), 2))
            pairs.add((one, other))
        self.bays = []
        for _ in range(robots + random.randint(1, 4)):
            bay = count + len(self.bays)
            pairs.add((random.randrange(count), bay))
            self.bays.append(bay)
        self.nodes = count + len(self.bays)
        lanes = sorted(pairs)
        both = sorted([*lanes, *((b, a) for a, b in lanes)])
        self.lane_of = [lanes.index((min(pair), max(pair))) for pair in both]
        lane_s = [random.choice([1.0, 2.0, 5.0]) for _ in lanes]
        duration_s = np.array([lane_s[lane] for lane in self.lane_of])
        node_units = [[node] for node in range(self.nodes)]
        edge_units = [[self.nodes + lane] for lane in self.lane_of]
        # Some lanes and nodes that are on the way exclude each other, as in a narrow place.
        shared = self.nodes + len(lanes)
        for unit in range(shared, shared + random.randint(0, 3)):
            lane = random.randrange(len(lanes))
            for edge, each in enumerate(self.lane_of):
                if each == lane or random.random() < 0.1:
                    edge_units[edge].append(unit)
            end = both[self.lane_of.index(lane)][0]
            if end < count:
                node_units[end].append(unit)
        self.units = shared + 3
        may_stop = np.ones(self.nodes, np.uint8)
        for node in range(count):
            may_stop[node] = random.random() > 0.15
        self.network: Network = network_of(
            self.nodes,
            both,
            duration_s,
            np.full(len(both), CLEAR_S),
            node_units,
            edge_units,
            may_stop,
        )
        self.edges = both

    def left_s(self, goal: int) -> np.ndarray:
        """Least time from each node to a goal, shape (1, nodes)."""
        found = np.full(self.nodes, np.inf)
        found[goal] = 0.0
        queue = deque([goal])
        while queue:
            there = queue.popleft()
            for edge, (tail, head) in enumerate(self.edges):
                each_s = found[there] + self.network.duration_s[edge]
                if head == there and each_s < found[tail]:
                    found[tail] = each_s
                    queue.append(tail)
        return found[None, :]


def check_nobody_meets(planner: TrafficPlanner, robots: int) -> None:
    holder: dict[int, int] = {}
    for robot in range(robots):
        for unit in planner.held(robot):
            assert holder.setdefault(unit, robot) == robot, (unit, robot, holder[unit])


def follows(planner: TrafficPlanner, robots: int, now_s: float) -> None:
    """The order in which robots use units has no circle: everything has a time."""
    planner.retime(now_s)
    plans = planner.plans
    for robot in range(robots):
        row = plans.depart_s[robot, plans.reached[robot] : plans.nodes[robot] - 1]
        assert np.isfinite(row).all(), f"robot {robot} never leaves"


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_robots_arrive_however_late_they_are(seed: int) -> None:
    note(f"seed {seed}")
    drive(seed)


def drive(seed: int, goals_each: int = 6) -> None:
    """Random goals, random delays: in half of all steps a robot does not move."""
    random = Random(seed)
    robots = random.randint(1, 7)
    graph = Graph(random, robots)
    planner = TrafficPlanner(graph.network, graph.units, robots)
    bays = random.sample(graph.bays, len(graph.bays))
    for robot in range(robots):
        planner.place(robot, bays[robot], 0.0)
    free = bays[robots:]
    left = [goals_each] * robots
    arrives_s = [np.inf] * robots
    now_s = 0.0
    for _ in range(STEPS_AT_MOST):
        planner.retime(now_s)
        for robot in random.sample(range(robots), robots):
            if planner.stands(robot) and left[robot]:
                goal = random.choice(free)
                rest = np.zeros(graph.nodes, np.uint8)
                rest[goal] = 1
                here = planner.end(robot)
                planned = planner.plan(robot, (), graph.left_s(goal), rest, now_s)
                assert planned, "there is a way when all others have arrived"
                free.remove(goal)
                free.append(here)
                left[robot] -= 1
        check_nobody_meets(planner, robots)
        follows(planner, robots, now_s)
        now_s += 1.0
        for robot in random.sample(range(robots), robots):
            if random.random() < 0.5:
                continue
            if planner.may_depart(robot):
                planner.departed(robot, now_s)
                k = planner.plans.reached[robot]
                takes_s = graph.network.duration_s[planner.plans.edge[robot, k]]
                arrives_s[robot] = now_s + takes_s
            elif planner.plans.left[robot] and arrives_s[robot] <= now_s:
                planner.arrived(robot, now_s)
            check_nobody_meets(planner, robots)
        if not any(left) and all(planner.stands(robot) for robot in range(robots)):
            return
    raise AssertionError(f"not all have arrived: {left}")


@pytest.mark.parametrize("seed", range(20))
def test_two_robots_swap_the_ends_of_a_corridor(seed: int) -> None:
    """rmf_ros2#503: they go through a third bay or pass where there is room, again and again."""
    print(f"seed {seed}")
    random = Random(seed)
    # A corridor 0 - 1 - 2 - 3 with a bay at each end and a spare one in the middle.
    lanes = [(0, 1), (1, 2), (2, 3), (0, 4), (3, 5), (1, 6)]
    both = sorted([*lanes, *((b, a) for a, b in lanes)])
    units = [[7 + lanes.index((min(each), max(each)))] for each in both]
    network = network_of(
        7, both, np.full(12, 2.0), np.full(12, CLEAR_S), [[n] for n in range(7)], units
    )
    planner = TrafficPlanner(network, 13, 2)
    ends = [4, 5]
    for robot in range(2):
        planner.place(robot, ends[robot], 0.0)
    assert swaps(planner, ends, random, 50) == 50


def swaps(planner: TrafficPlanner, ends: list[int], random: Random, count: int) -> int:
    """How often two robots change places before they are stuck."""
    hops = {4: [3, 2, 3, 4, 0, 5, 3], 5: [3, 4, 2, 1, 5, 0, 4], 6: [2, 1, 2, 3, 3, 4, 0]}
    now_s = 0.0
    for done in range(count):
        first = random.randrange(2)
        other = 1 - first
        here, there = planner.end(first), planner.end(other)
        for robot, goal in ((first, 6), (other, here), (first, there)):
            rest = np.zeros(7, np.uint8)
            rest[goal] = 1
            left_s = np.array([hops[goal]], float) * 2.0
            assert planner.plan(robot, (), left_s, rest, now_s)
        for _ in range(1000):
            now_s += 1.0
            for robot in random.sample((0, 1), 2):
                if random.random() < 0.3:
                    continue
                if planner.may_depart(robot):
                    planner.departed(robot, now_s)
                elif planner.plans.left[robot]:
                    planner.arrived(robot, now_s)
            check_nobody_meets(planner, 2)
            if planner.stands(0) and planner.stands(1):
                break
        else:
            return done
        planner.retime(now_s)
    return count
