"""No patrol is better than its bound: against plans of every small kind, and known optima."""

from __future__ import annotations

import itertools
import math

import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings

from fleet_manager.core.planning.patrol.bounds import Bound, held_karp, lower_bound
from fleet_manager.core.planning.patrol.tours import shortest_tour, tour_length

Floats = npt.NDArray[np.float64]
ROUNDING = 1e-6


def straight(points: Floats) -> Floats:
    """Distances of points in the plane."""
    found: Floats = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    return found


def shortest_by_trial(distances: Floats, sites: tuple[int, ...]) -> float:
    """The shortest closed tour through sites, every order tried."""
    if len(sites) < 2:
        return 0.0
    first, rest = sites[0], sites[1:]
    return min(tour_length(distances, (first, *order)) for order in itertools.permutations(rest))


def partitions(sites: list[int], most: int) -> list[list[tuple[int, ...]]]:
    """All ways to part sites into at most so many groups."""
    if not sites:
        return [[]]
    first, found = sites[0], []
    for parts in partitions(sites[1:], most):
        found += [[*parts[:at], (first, *part), *parts[at + 1 :]] for at, part in enumerate(parts)]
        if len(parts) < most:
            found.append([(first,), *parts])
    return found


def best_of_small_plans(distances: Floats, weights: Floats, robots: int) -> float:
    """The best plan of evenly spaced teams on closed tours, a team for each group of sites."""
    best = math.inf
    for parts in partitions(list(range(len(distances))), robots):
        lengths = [shortest_by_trial(distances, part) for part in parts]
        heaviest = [max(weights[list(part)]) for part in parts]
        for teams in itertools.product(range(1, robots + 1), repeat=len(parts)):
            if sum(teams) == robots:
                idle = [w * s / k for w, s, k in zip(heaviest, lengths, teams, strict=True)]
                best = min(best, max(idle))
    return best


points = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=3, max_size=5, unique=True
)


@settings(max_examples=80, deadline=None)
@given(points, st.integers(1, 3), st.data())
def test_no_plan_of_small_patrols_beats_the_bound(
    places: list[tuple[int, int]], robots: int, data: st.DataObject
) -> None:
    distances = straight(np.array(places, dtype=np.float64))
    choice = st.lists(
        st.sampled_from([1.0, 1.5, 2.0, 4.0]), min_size=len(places), max_size=len(places)
    )
    weights = np.array(data.draw(choice))
    best = best_of_small_plans(distances, weights, robots)
    bound = lower_bound(distances, weights, robots, best, steps=400)
    assert bound.value_s <= best * (1 + ROUNDING) + ROUNDING, bound


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 8))
def test_the_bound_of_one_robot_is_no_more_than_the_shortest_tour(seed: int, count: int) -> None:
    distances = straight(np.random.default_rng(seed).uniform(0, 100, (count, 2)))
    shortest = shortest_by_trial(distances, tuple(range(count)))
    assert held_karp(distances, shortest, steps=500) <= shortest * (1 + ROUNDING)


def grid(columns: int, rows: int) -> Floats:
    """Distances of crossings along the streets of a grid."""
    at = np.array(list(itertools.product(range(columns), range(rows))), dtype=np.float64)
    found: Floats = np.abs(at[:, None] - at[None]).sum(axis=2)
    return found


@pytest.mark.parametrize("robots", [1, 2, 3, 4, 8])
def test_robots_spaced_on_a_tour_over_a_grid_are_proven_best(robots: int) -> None:
    """A grid with an even side has a tour whose every step is 1: no patrol does better."""
    distances = grid(6, 5)
    tour = tour_length(distances, shortest_tour(distances))
    assert tour == pytest.approx(30.0)
    bound = lower_bound(distances, np.ones(30), robots, tour / robots)
    assert bound.value_s == pytest.approx(30.0 / robots, rel=1e-3)


def test_a_robot_for_each_site_may_stay_there() -> None:
    assert lower_bound(grid(2, 2), np.ones(4), 4) == Bound(0.0, "trivial")


def test_one_way_streets_count_with_their_shorter_direction() -> None:
    distances = grid(3, 2)
    longer = distances + np.triu(np.full_like(distances, 5.0), 1)
    assert lower_bound(longer, np.ones(6), 2).value_s == pytest.approx(
        lower_bound(distances, np.ones(6), 2).value_s
    )


def test_tours_are_the_same_for_the_same_seed_and_pass_every_site_once() -> None:
    distances = straight(np.random.default_rng(3).uniform(0, 100, (60, 2)))
    tour = shortest_tour(distances, 500, seed=5)
    assert sorted(tour) == list(range(60))
    assert tour[0] == 0
    assert shortest_tour(distances, 500, seed=5) == tour


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 8])
def test_short_tours_are_the_shortest(count: int) -> None:
    distances = straight(np.random.default_rng(count).uniform(0, 100, (count, 2)))
    shortest = shortest_by_trial(distances, tuple(range(count)))
    assert tour_length(distances, shortest_tour(distances)) == pytest.approx(shortest)
