"""Plans: the best of all candidates on places whose best plan is known, and what is refused."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest

from fleet_manager.core.planning.patrol.plan import gaps_of
from fleet_manager.core.planning.patrol.planner import Effort, on_patrol, plan_patrol
from fleet_manager.core.planning.patrol.problem import CannotPatrol, PatrolProblem, PatrolSite
from fleet_manager.core.planning.patrol.rounds import every, offsets

Floats = npt.NDArray[np.float64]
QUICK = Effort(iterations=20_000, bound_steps=1000)


def problem(travel_s: Floats, weights: tuple[float, ...] = (), **given: float) -> PatrolProblem:
    """Sites 0, 1, … with times between them."""
    of = weights or (1.0,) * len(travel_s)
    sites = (PatrolSite(f"w{at}", weight) for at, weight in enumerate(of))
    return PatrolProblem(tuple(sites), travel_s, **given)


def grid(columns: int, rows: int) -> Floats:
    """Times along the streets of a grid, a second a block."""
    at = np.array(list(itertools.product(range(columns), range(rows))), dtype=np.float64)
    found: Floats = np.abs(at[:, None] - at[None]).sum(axis=2)
    return found


def clusters() -> Floats:
    """Two squares of four sites, 1 s along a side, 100 s apart."""
    corners = np.array([(0, 0), (0, 1), (1, 1), (1, 0)], dtype=np.float64)
    at = np.concatenate([corners, corners + np.array([100.0, 0.0])])
    found: Floats = np.abs(at[:, None] - at[None]).sum(axis=2)
    return found


def test_two_robots_each_keep_to_their_own_square() -> None:
    plan = plan_patrol(problem(clusters()), 2, effort=QUICK)
    assert plan.worst_weighted_idleness_s == pytest.approx(4.0)
    assert sorted(sorted(team.sites) for team in plan.teams) == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_three_robots_share_two_squares_by_need() -> None:
    # Two in one square see it every 2 s; the other square's 4 s count.
    plan = plan_patrol(problem(clusters()), 3, effort=QUICK)
    assert plan.worst_weighted_idleness_s == pytest.approx(4.0)


@pytest.mark.parametrize("robots", [1, 2, 3, 5])
def test_on_a_grid_with_an_even_side_the_plan_is_proven_best(robots: int) -> None:
    plan = plan_patrol(problem(grid(4, 3)), robots, effort=QUICK)
    assert plan.worst_weighted_idleness_s == pytest.approx(12.0 / robots)
    assert plan.gap < 1e-3


def test_as_many_robots_as_sites_stay_where_they_are() -> None:
    plan = plan_patrol(problem(grid(2, 2)), 6, effort=QUICK)
    assert plan.worst_weighted_idleness_s == 0.0
    assert (len(plan.teams), plan.relief) == (4, 2)


def test_light_sites_are_left_out_of_some_rounds() -> None:
    # A ring of eight heavy sites 1 s apart; light ones 10 s off every second of them.
    ring, spur = np.arange(8), np.array([0.0] * 8 + [10.0] * 4)
    at = np.concatenate([ring, ring[::2]])
    apart = np.abs(at[:, None] - at[None])
    travel_s = np.minimum(apart, 8 - apart) + spur[:, None] + spur[None]
    np.fill_diagonal(travel_s, 0.0)
    plan = plan_patrol(problem(travel_s, (8.0,) * 8 + (1.0,) * 4), 1, effort=QUICK)
    # With all of them in every round it takes 88 s. With a light one in each of four it takes
    # 28 s, and a site that comes before the way off it once and after it then waits for 48 s.
    assert plan.worst_weighted_idleness_s <= 8 * 48.0 + 1e-6
    assert "rounds" in plan.method


def test_what_a_site_is_worth_at_an_hour_counts() -> None:
    day = tuple(9.0 if 8 <= hour < 18 else 1.0 for hour in range(24))
    sites = (PatrolSite("gate", weights_by_hour=day), PatrolSite("yard"), PatrolSite("shed"))
    at = np.array([0.0, 10.0, 20.0])
    patrol = PatrolProblem(sites, np.abs(at[:, None] - at[None]))
    assert plan_patrol(patrol, 2, hour=12, effort=QUICK).idleness_s[0] == 0.0
    assert plan_patrol(patrol, 2, hour=3, effort=QUICK).worst_weighted_idleness_s <= 20.0


def test_stays_lengthen_the_round() -> None:
    sites = tuple(PatrolSite(f"w{each}", dwell_s=5.0) for each in range(4))
    plan = plan_patrol(PatrolProblem(sites, grid(2, 2)), 1, effort=QUICK)
    assert plan.worst_weighted_idleness_s == pytest.approx(4.0 + 4 * 5.0)


def test_one_way_rings_are_driven_in_their_direction() -> None:
    step = np.arange(6)
    travel_s = np.mod(step[None] - step[:, None], 6).astype(np.float64)
    plan = plan_patrol(problem(travel_s), 2, effort=QUICK)
    assert plan.worst_weighted_idleness_s == pytest.approx(3.0)


def test_promises_come_before_weights() -> None:
    # By weight alone the single robot would go to w0 far more often than to the others.
    at = np.array([0.0, 30.0, 31.0, 32.0])
    promises_s = (float("inf"), 64.0, 64.0, 64.0)
    sites = tuple(
        PatrolSite(f"w{each}", 8.0 if each == 0 else 1.0, promise_s=promise_s)
        for each, promise_s in enumerate(promises_s)
    )
    plan = plan_patrol(PatrolProblem(sites, np.abs(at[:, None] - at[None])), 1, effort=QUICK)
    assert plan.broken == ()


def test_robots_that_must_charge_are_relieved() -> None:
    patrol = problem(grid(4, 3), availability=0.75, pause_s=100.0)
    assert [on_patrol(patrol, robots) for robots in (1, 2, 4, 8)] == [1, 1, 3, 6]
    plan = plan_patrol(patrol, 4, effort=QUICK)
    assert (plan.relief, sum(team.robots for team in plan.teams)) == (1, 3)
    assert plan.worst_weighted_idleness_s == pytest.approx(4.0)


def test_a_robot_that_nobody_relieves_leaves_its_sites_while_it_charges() -> None:
    plan = plan_patrol(problem(grid(4, 3), availability=0.75, pause_s=100.0), 1, effort=QUICK)
    assert plan.worst_weighted_idleness_s == pytest.approx(112.0)


def test_no_robots_are_refused() -> None:
    with pytest.raises(CannotPatrol, match="0 robots"):
        plan_patrol(problem(grid(2, 2)), 0)


def test_a_plan_is_the_same_for_the_same_seed() -> None:
    points = np.random.default_rng(4).uniform(0, 100, (30, 2))
    patrol = problem(np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)))
    assert (
        plan_patrol(patrol, 3, effort=QUICK).as_json()
        == plan_patrol(patrol, 3, effort=QUICK).as_json()
    )


def test_rounds_are_as_weights_allow() -> None:
    weights = np.array([4.0, 3.0, 2.0, 1.0, 0.5])
    assert every(weights, 4).tolist() == [1, 1, 2, 4, 4]
    assert every(weights, 6).tolist() == [1, 1, 2, 3, 6]


@pytest.mark.parametrize(("robots", "rounds"), [(5, 4), (3, 2), (4, 4), (6, 4), (1, 8)])
def test_robots_share_each_round_evenly(robots: int, rounds: int) -> None:
    found = np.sort(np.mod(offsets(float(rounds), robots, rounds), 1.0))
    assert found == pytest.approx(np.arange(robots) / robots)


def test_every_site_is_visited_by_each_plan() -> None:
    rng = np.random.default_rng(7)
    points = rng.uniform(0, 100, (40, 2))
    travel_s = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    weights = tuple(rng.choice([1.0, 2.0, 5.0], 40).tolist())
    for robots in (1, 4, 9):
        plan = plan_patrol(problem(travel_s, weights), robots, effort=QUICK)
        assert np.isfinite(gaps_of(plan.teams, 40)[0]).all()
        assert plan.bound.value_s <= plan.worst_weighted_idleness_s
