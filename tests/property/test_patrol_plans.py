"""Plans keep what they say: idleness as measured, promises under chance, robots that are late."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings

from fleet_manager.core.planning.patrol.bounds import lower_bound
from fleet_manager.core.planning.patrol.fleet_size import promising, proven_minimum, smallest_fleet
from fleet_manager.core.planning.patrol.plan import PatrolPlan, gaps_of
from fleet_manager.core.planning.patrol.planner import Effort, plan_patrol
from fleet_manager.core.planning.patrol.problem import PatrolProblem, PatrolSite
from fleet_manager.core.planning.patrol.unpredictable import (
    Choice,
    drawn,
    entropy_bits,
    visits_of,
    with_freedom,
)
from tests.property.every_patrol import best_patrol

Floats = npt.NDArray[np.float64]
QUICK = Effort(iterations=4000, bound_steps=300)
ROUNDING = 1e-6

points = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=14, unique=True
)
weights = st.sampled_from([(1.0,), (1.0, 2.0, 4.0), (1.0, 1.5, 3.0, 7.0)])


def problem_of(
    places: Sequence[tuple[int, int]], kinds: Sequence[float], seed: int
) -> PatrolProblem:
    """Sites in the plane; ways against the slope take longer, stays and weights are drawn."""
    rng = np.random.default_rng(seed)
    at = np.array(places, dtype=np.float64)
    apart = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    uphill = np.maximum(0.0, at[None, :, 1] - at[:, None, 1]) * float(rng.integers(0, 2))
    sites = (
        PatrolSite(f"w{index}", float(rng.choice(kinds)), dwell_s=float(rng.integers(0, 2)))
        for index in range(len(places))
    )
    return PatrolProblem(tuple(sites), apart + uphill)


def driven_to(plan: PatrolPlan) -> list[int]:
    """Sites that robots come to; at the others one stays."""
    return [site for team in plan.teams if team.duration_s > 0.0 for site in sorted(team.sites)]


def driven(problem: PatrolProblem, plan: PatrolPlan, until_s: float) -> dict[int, list[float]]:
    """Arrivals at each site of robots that drive the plan from place to place.

    A robot leaves when it has stayed and its timetable says so, and needs its time for the way.
    """
    seen: dict[int, list[float]] = defaultdict(list)
    for team in plan.teams:
        for offset_s in team.offsets_s:
            if team.duration_s <= 0.0:
                continue
            count = len(team.visits)
            at = next(
                (i for i, v in enumerate(team.visits) if v.at_s >= offset_s - ROUNDING), count
            )
            now_s = -math.inf
            here: int | None = None
            while now_s <= until_s:
                turn, index = divmod(at, count)
                visit = team.visits[index]
                due_s = visit.at_s + turn * team.duration_s - offset_s
                if here is not None:
                    stay_s = problem.sites[here].dwell_s
                    now_s = max(due_s, now_s + stay_s + problem.travel_s[here, visit.site])
                else:
                    now_s = due_s
                seen[visit.site].append(now_s)
                here, at = visit.site, at + 1
    return seen


def longest_gap_s(arrivals: Sequence[float], begin_s: float, end_s: float) -> float:
    """The longest time without a visit in a span, what is open at its end included."""
    inside = sorted(each for each in arrivals if each <= end_s)
    times = [max(begin_s, each) for each in inside if each >= begin_s]
    last = max((each for each in inside if each < begin_s), default=begin_s)
    return max(b - a for a, b in itertools.pairwise([last, *times, end_s]))


@settings(max_examples=30, deadline=None)
@given(points, weights, st.integers(1, 4), st.integers(0, 10_000))
def test_robots_that_drive_a_plan_measure_the_idleness_it_says(
    places: list[tuple[int, int]], kinds: tuple[float, ...], robots: int, seed: int
) -> None:
    problem = problem_of(places, kinds, seed)
    plan = plan_patrol(problem, robots, effort=QUICK)
    longest_s = max(team.duration_s for team in plan.teams)
    begin_s, end_s = longest_s, 3.0 * longest_s + max(plan.idleness_s)
    seen = driven(problem, plan, end_s)
    for site in driven_to(plan):
        measured_s = longest_gap_s(seen[site], begin_s, end_s)
        assert measured_s == pytest.approx(plan.idleness_s[site], rel=1e-6, abs=1e-6), plan.method


@settings(max_examples=40, deadline=None)
@given(points, weights, st.integers(1, 4), st.integers(0, 10_000))
def test_no_plan_is_better_than_its_bound(
    places: list[tuple[int, int]], kinds: tuple[float, ...], robots: int, seed: int
) -> None:
    plan = plan_patrol(problem_of(places, kinds, seed), robots, effort=QUICK)
    assert plan.bound.value_s <= plan.worst_weighted_idleness_s * (1 + ROUNDING) + ROUNDING


@settings(max_examples=15, deadline=None)
@given(points, st.integers(1, 3), st.integers(0, 10_000), st.floats(1.05, 3.0))
def test_what_cannot_be_foreseen_still_keeps_the_promise(
    places: list[tuple[int, int]], robots: int, seed: int, slack: float
) -> None:
    problem = problem_of(places, (1.0, 2.0), seed)
    before = plan_patrol(problem, robots, effort=QUICK)
    promise_s = slack * max(before.idleness_s)
    if promise_s <= 0.0:
        return
    problem = promising(problem, promise_s)
    plan = with_freedom(problem, plan_patrol(problem, robots, effort=QUICK), seed, bin_s=2.0)
    assert not plan.broken
    seen: dict[int, list[float]] = defaultdict(list)
    end_s = 12.0 * promise_s
    for number, (team, freedom) in enumerate(zip(plan.teams, plan.freedom, strict=True)):
        for robot in range(team.robots):
            if team.duration_s <= 0.0:
                seen[team.visits[0].site] += [each * promise_s for each in range(13)]
                continue
            rng = np.random.default_rng([seed, number, robot])
            run = visits_of(problem, team, freedom, robot, rng)
            for site, arrive_s, _ in itertools.takewhile(lambda each: each[1] <= end_s, run):
                seen[site].append(arrive_s)
    for site in range(len(places)):
        assert longest_gap_s([0.0, *seen[site]], 0.0, end_s) <= promise_s * (1 + ROUNDING)


@settings(max_examples=30, deadline=None)
@given(points, st.integers(1, 3), st.integers(0, 10_000), st.floats(0.0, 0.5))
def test_robots_that_are_late_leave_sites_alone_for_no_more_than_their_delay_longer(
    places: list[tuple[int, int]], robots: int, seed: int, share: float
) -> None:
    """Arrivals up to a delay late: a gap grows by that delay at most."""
    problem = problem_of(places, (1.0,), seed)
    plan = plan_patrol(problem, robots, effort=QUICK)
    rng = np.random.default_rng(seed)
    longest_s = max(team.duration_s for team in plan.teams)
    delay_s = share * longest_s
    end_s = 4.0 * longest_s
    seen = driven(problem, plan, end_s + delay_s)
    for site in driven_to(plan):
        late = [each + rng.uniform(0.0, delay_s) for each in seen[site]]
        measured_s = longest_gap_s(late, 2 * longest_s, end_s)
        assert measured_s <= plan.idleness_s[site] + delay_s + ROUNDING


@settings(max_examples=25, deadline=None)
@given(points, weights, st.integers(2, 4), st.integers(0, 10_000))
def test_what_a_lost_robot_leaves_is_as_the_plan_says(
    places: list[tuple[int, int]], kinds: tuple[float, ...], robots: int, seed: int
) -> None:
    problem = problem_of(places, kinds, seed)
    plan = plan_patrol(problem, robots, effort=QUICK)
    if plan.worst_with_one_lost_s == math.inf:
        assert min(team.robots for team in plan.teams) == 1
        return
    longest_s = max(team.duration_s for team in plan.teams)
    begin_s, end_s = longest_s, 3.0 * longest_s + max(plan.idleness_s)
    worst_s = plan.worst_weighted_idleness_s
    for number, team in enumerate(plan.teams):
        for lost in range(team.robots):
            left = replace(team, offsets_s=team.offsets_s[:lost] + team.offsets_s[lost + 1 :])
            teams = (*plan.teams[:number], left, *plan.teams[number + 1 :])
            seen = driven(problem, replace(plan, teams=teams), end_s)
            for site in team.sites:
                gap_s = longest_gap_s(seen[site], begin_s, end_s)
                worst_s = max(worst_s, plan.weights[site] * gap_s)
    assert worst_s == pytest.approx(plan.worst_with_one_lost_s)


def path(size: int) -> Floats:
    at = np.arange(size, dtype=np.float64)
    found: Floats = np.abs(at[:, None] - at[None])
    return found


def star(size: int) -> Floats:
    found = np.full((size, size), 2.0)
    found[0] = found[:, 0] = 1.0
    np.fill_diagonal(found, 0.0)
    return found


def cycle(size: int) -> Floats:
    return np.minimum(path(size), size - path(size))


@pytest.mark.parametrize("robots", [1, 2])
@pytest.mark.parametrize(
    ("shape", "of"),
    [
        (path(4), (1.0,) * 4),
        (path(3), (1.0, 1.0, 2.0)),
        (path(4), (2.0, 1.0, 1.0, 2.0)),
        (star(4), (1.0,) * 4),
        (star(4), (1.0, 2.0, 1.0, 1.0)),
        (cycle(4), (1.0,) * 4),
        (cycle(5), (1.0,) * 5),
        (path(3), (2.0, 3.0, 5.0)),
        (cycle(3), (2.0, 3.0, 4.0)),
    ],
    ids=[
        "path",
        "path weighted",
        "path of heavy ends",
        "star",
        "star weighted",
        "ring",
        "ring 5",
        "path uneven",
        "ring uneven",
    ],
)
def test_no_bound_is_above_the_best_of_all_patrols(
    shape: Floats, of: tuple[float, ...], robots: int
) -> None:
    sites = tuple(PatrolSite(f"w{at}", weight) for at, weight in enumerate(of))
    problem = PatrolProblem(sites, shape)
    best_s = best_patrol(problem, robots)
    bound = lower_bound(problem.travel_s, problem.weights(), robots, best_s, 1000)
    plan = plan_patrol(problem, robots, effort=QUICK)
    print(f"best {best_s:g}, bound {bound.value_s:.3g}, gap {best_s / bound.value_s - 1:.1%}")
    assert bound.value_s <= best_s * (1 + ROUNDING)
    assert best_s <= plan.worst_weighted_idleness_s * (1 + ROUNDING)


@settings(max_examples=25, deadline=None)
@given(points, st.integers(0, 10_000), st.floats(0.2, 1.2))
def test_the_fewest_robots_keep_the_promise_and_are_no_fewer_than_proven(
    places: list[tuple[int, int]], seed: int, share: float
) -> None:
    problem = problem_of(places, (1.0,), seed)
    alone = plan_patrol(problem, 1, effort=QUICK)
    problem = promising(problem, share * max(alone.idleness_s))
    found = smallest_fleet(problem, effort=QUICK)
    assert not found.plan.broken
    assert found.least <= found.robots <= len(places)
    assert proven_minimum(problem, QUICK.bound_steps)[0] == found.least


def test_entropy_is_that_of_what_is_drawn() -> None:
    options = [Choice(0, 0.0, 3), Choice(1, 0.0, 0)]
    # A half for the second; an eighth for each of the first's four bins: 0.5 * 1 + 0.5 * 3.
    assert entropy_bits(options) == pytest.approx(2.0)
    rng = np.random.default_rng(1)
    counts: dict[tuple[int, float], int] = defaultdict(int)
    for _ in range(8000):
        choice, arrive_s = drawn(options, rng, 10.0)
        counts[choice.pending, arrive_s] += 1
    assert set(counts) == {(0, 0.0), (0, 10.0), (0, 20.0), (0, 30.0), (1, 0.0)}
    assert counts[1, 0.0] == pytest.approx(4000, abs=300)


def test_a_plan_without_slack_is_known_in_advance() -> None:
    sites = tuple(PatrolSite(f"w{at}", promise_s=8.0) for at in range(5))
    problem = PatrolProblem(sites, path(5))
    plan = with_freedom(problem, plan_patrol(problem, 1, effort=QUICK))
    assert plan.bits_per_visit == 0.0
    assert np.all(gaps_of(plan.teams, 5)[0] <= 8.0 + ROUNDING)
