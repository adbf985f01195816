"""Places where robots block each other for ever unless somebody thinks ahead."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from fleet_manager.core.traffic.network import Network, network_of
from tests.property.traffic_drive import Driving


def network(lanes: list[tuple[int, int]], lane_s: float = 2.0) -> tuple[Network, int]:
    """Lanes driven both ways; each lane and node is a unit. Returns the number of units too."""
    nodes = 1 + max(max(lane) for lane in lanes)
    both = sorted([*lanes, *((b, a) for a, b in lanes)])
    units = [[nodes + lanes.index(p if p in lanes else p[::-1])] for p in both]
    count = len(both)
    made = network_of(
        nodes,
        both,
        np.full(count, lane_s),
        np.full(count, 0.25),
        [[n] for n in range(nodes)],
        units,
    )
    return made, nodes + len(lanes)


def test_two_robots_swap_the_ends_of_a_corridor_a_thousand_times() -> None:
    """rmf_ros2#503: the bay in the middle is enough, whoever is late."""
    seed = 503
    print(f"seed {seed}")
    # 0 - 1 - 2 - 3 with bays 4 and 5 at the ends and 6 at node 1.
    made, units = network([(0, 1), (1, 2), (2, 3), (0, 4), (3, 5), (1, 6)])
    drive = Driving(made, units, [4, 5], [4, 5, 6], Random(seed), late=0.3)
    for swap in range(1000):
        drive.serve([5, 4] if swap % 2 == 0 else [4, 5])


def test_a_train_of_ten_enters_a_dead_end_with_ten_bays_and_leaves_it() -> None:
    seed = 10
    print(f"seed {seed}")
    # A street 0 … 9 with a bay at each node, and before it a street 20 … 29 with as many.
    street = [(n, n + 1) for n in range(9)]
    before = [(n, n + 1) for n in range(20, 29)]
    inner, outer = [30 + n for n in range(10)], [40 + n for n in range(10)]
    lanes = [*street, *before, (0, 29)]
    lanes += [(n, 30 + n) for n in range(10)] + [(20 + n, 40 + n) for n in range(10)]
    used = sorted({node for lane in lanes for node in lane})
    number = {node: at for at, node in enumerate(used)}
    made, units = network([(number[a], number[b]) for a, b in lanes])
    inside, outside = [number[n] for n in inner], [number[n] for n in outer]
    random = Random(seed)
    drive = Driving(made, units, outside, [*inside, *outside], random)
    # All at once, the nearest bays first: whoever comes later has to pass those that rest.
    for robot, bay in enumerate(inside):
        drive.go(robot, bay)
    drive.until_all_stand()
    assert drive.free() == outside
    for robot, bay in zip(random.sample(range(10), 10), outside, strict=True):
        drive.go(robot, bay)
    drive.until_all_stand()
    assert drive.free() == inside


def test_where_every_bay_is_full_nobody_is_sent_off() -> None:
    made, units = network([(0, 1), (1, 2), (0, 3), (1, 4), (2, 5)])
    drive = Driving(made, units, [3, 4, 5], [3, 4, 5], Random(1))
    for robot in range(3):
        for bay in (3, 4, 5):
            if bay != drive.planner.at(robot):
                assert not drive.plan(robot, bay)
    drive.step()
    assert drive.all_stand()


def test_a_bay_is_promised_only_once() -> None:
    made, units = network([(0, 1), (1, 2), (0, 3), (1, 4), (2, 5)])
    drive = Driving(made, units, [3, 5], [3, 4, 5], Random(1))
    drive.go(0, 4)
    assert not drive.plan(1, 4)
    drive.go(1, 3)  # which is free once robot 0 has left it
    drive.until_all_stand()
    assert [drive.planner.at(robot) for robot in range(2)] == [4, 3]


@pytest.mark.parametrize("seed", range(5))
def test_all_bays_are_exchanged_with_one_to_spare(seed: int) -> None:
    """As many robots as a tree has bays but one, in any order to any other."""
    print(f"seed {seed}")
    random = Random(seed)
    count = 6
    lanes = [(random.randrange(node), node) for node in range(1, count)]
    bays = list(range(count, count + 9))
    lanes += [(random.randrange(count), bay) for bay in bays]
    made, units = network(lanes)
    starts = random.sample(bays[:-1], 8)
    drive = Driving(made, units, starts, bays, random)
    for _ in range(5):
        drive.serve(random.sample(bays[:-1], 8))


def test_a_robot_that_dies_on_a_bridge_stops_only_who_has_to_cross() -> None:
    """Who waits names it; the others go on."""
    # 0 - 1 is the bridge; at 6 on the left are the bays 2 and 3, at 1 on the right 4, 5 and 7.
    made, units = network([(0, 1), (0, 6), (2, 6), (3, 6), (1, 4), (1, 5), (1, 7)])
    drive = Driving(made, units, [2, 4, 5], [2, 3, 4, 5, 7], Random(1), late=0.0)
    planner = drive.planner
    drive.go(1, 3)
    for what in (planner.departed, planner.arrived, planner.departed):
        what(1, drive.now_s)  # on the bridge, and never heard of again
    drive.go(0, 4)
    drive.go(2, 7)
    planner.departed(0, 1.0)
    planner.arrived(0, 3.0)
    assert not planner.may_depart(0)
    assert planner.waits_for(0) == 1
    assert planner.waits_for(2) is None
    for what in (planner.departed, planner.arrived, planner.departed, planner.arrived):
        assert planner.plans.left[2] or planner.may_depart(2)
        what(2, 5.0)
    assert planner.at(2) == 7
