"""Peers of the traffic benchmark do what their papers say, and collisions are seen."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from benchmarks.peers.lane_locks import Ghosts, LaneLocks
from benchmarks.peers.pibt import Pibt
from benchmarks.road_graph.planned import Planned
from benchmarks.road_graph.roads import Roads, random_roads, roads_of
from benchmarks.road_graph.trial import Director, Trial, met, run, street_keys

# A corridor 0 - 1 - 2 - 3 - 4 with a bay at each end, 5 and 6.
CORRIDOR = np.array([(0, 1), (1, 2), (2, 3), (3, 4), (0, 5), (4, 6)])
BYPASS = np.array([*CORRIDOR.tolist(), (1, 7), (7, 3)])
BAYS = np.array([5, 6])


def after(director: Director, roads: Roads, steps: int) -> list[int]:
    """Where two robots are that want each other's bay; no two of them ever meet."""
    at = np.array([5, 6], np.int32)
    director.begin(at)
    director.assign(0, 1, 0)
    director.assign(1, 0, 0)
    streets = street_keys(roads)
    for step in range(steps):
        now = director.move(np.zeros(2, np.uint8), step).copy()
        assert met(at, now, streets, roads.nodes) == 0
        at = now
    return at.tolist()


@pytest.mark.parametrize("swap", [False, True])
def test_pibt_passes_where_there_is_a_way_around(swap: bool) -> None:
    roads = roads_of(8, BYPASS, BAYS)
    assert after(Pibt(roads, 2, swap), roads, 6) == [6, 5]


def test_pibt_passes_at_a_dead_end_beside_the_corridor_only_by_swaps() -> None:
    # A bay beside the middle: the swap rule has one robot back out to the crossing.
    roads = roads_of(8, np.array([*CORRIDOR.tolist(), (2, 7)]), BAYS)
    assert after(Pibt(roads, 2, swap=True), roads, 40) == [6, 5]
    assert after(Pibt(roads, 2, swap=False), roads, 40) != [6, 5]


def test_locked_lanes_end_head_on() -> None:
    roads = roads_of(8, BYPASS, BAYS)
    assert after(LaneLocks(roads, 2), roads, 40) != [6, 5]


def test_what_meets_is_seen() -> None:
    roads = roads_of(7, CORRIDOR, BAYS)
    streets = street_keys(roads)

    def count(before: list[int], then: list[int]) -> int:
        return met(np.array(before, np.int32), np.array(then, np.int32), streets, roads.nodes)

    assert count([0, 2], [1, 3]) == 0
    assert count([0, 1], [1, 2]) == 0, "one follows the other"
    assert count([0, 2], [1, 1]) == 1, "on one crossing"
    assert count([0, 1], [1, 0]) == 1, "through each other"
    assert count([0, 6], [2, 6]) == 1, "where no street leads"


@pytest.mark.parametrize("make", [Planned, LaneLocks, Ghosts, lambda r, n: Pibt(r, n, True)])
def test_robots_alone_need_the_shortest_way(make: Any) -> None:
    roads = random_roads(2, 5, 100, 140)
    found = run(make(roads, 1), roads, 1, 400, 0.0, 5)
    assert found.goals > 10
    assert set(found.delays) == {0.0}


def test_roads_have_as_many_streets_as_asked_for_and_are_in_one_part() -> None:
    roads = random_roads(20, 3, 400, 560)
    streets = roads.without_bays()
    assert (len(streets), streets.number_of_edges(), len(roads.bays)) == (400, 560, 30)
    assert np.isfinite(roads.steps_to).all()
    assert roads.bridges() > 20
    assert roads.dead_ends() > 15


def test_a_trial_that_is_taken_up_again_goes_on_as_if_it_had_not_stopped() -> None:
    roads = random_roads(12, 7, 200, 280)
    trials = [Trial(Planned(roads, 12), roads, 12, 0.2, 7) for _ in range(2)]
    for step in range(80):
        trials[0].step()
        trials[1].step()
        if step == 30:
            trials[1] = pickle.loads(pickle.dumps(trials[1]))
    assert trials[0].outcome.delays == trials[1].outcome.delays != []
    assert trials[0].at.tolist() == trials[1].at.tolist()
