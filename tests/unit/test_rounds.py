"""Rounds on a line of places, small enough to know the best ones."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from fleet_manager.core.planning.jobs import PlanningJob, run
from fleet_manager.core.planning.rounds import (
    NoRounds,
    RoundRobot,
    Rounds,
    RoundsProblem,
    Visit,
    plan_rounds,
)

ITERATIONS = 200


def on_a_line(
    spots: list[float],
    starts: list[float],
    visits: tuple[Visit, ...] | None = None,
    charge: float = 10_000.0,
) -> RoundsProblem:
    """Visits and robots on a line; a metre takes a second and draws one. Robots end where they
    began."""
    at = np.array([*spots, *starts, *starts], np.float32)
    apart = np.abs(at[:, None] - at[None, :])
    made = visits or tuple(Visit(f"v{number}", 10.0) for number in range(len(spots)))
    robots = tuple(RoundRobot(f"r{number}", 0, 0.0, charge) for number in range(len(starts)))
    return RoundsProblem(made, robots, (apart,), (apart,))


def visits_of(found: Rounds) -> dict[str, tuple[str, ...]]:
    return dict(found.rounds)


def test_each_robot_visits_what_is_near_it() -> None:
    found = plan_rounds(on_a_line([10.0, 20.0, 980.0, 990.0], [0.0, 1000.0]), ITERATIONS)
    assert {robot: set(made) for robot, made in found.rounds} == {
        "r0": {"v0", "v1"},
        "r1": {"v2", "v3"},
    }
    assert found.draw == 2 * 20 + 2 * 20
    assert not found.left_out


def test_no_order_of_one_round_is_shorter() -> None:
    spots = [310.0, 40.0, 150.0, 620.0, 90.0]
    problem = on_a_line(spots, [100.0])
    found = plan_rounds(problem, ITERATIONS)
    best = min(
        sum(abs(a - b) for a, b in zip([100.0, *order], [*order, 100.0], strict=True))
        for order in permutations(spots)
    )
    assert found.draw == best


def test_windows_are_kept_and_what_begins_when_is_told() -> None:
    visits = (
        Visit("far", 10.0, late_s=110.0),
        Visit("near", 10.0, early_s=300.0),
    )
    found = plan_rounds(on_a_line([100.0, 10.0], [0.0], visits), ITERATIONS)
    assert visits_of(found) == {"r0": ("far", "near")}
    ((far_s, near_s),) = found.begins_s
    assert 100.0 <= far_s <= 110.0
    assert near_s >= 300.0


def test_what_nobody_can_do_in_time_or_with_its_charge_is_left_out() -> None:
    visits = (Visit("late", 10.0, late_s=50.0), Visit("far", 10.0), Visit("near", 10.0))
    found = plan_rounds(on_a_line([100.0, 500.0, 20.0], [0.0], visits, charge=300.0), ITERATIONS)
    assert set(found.left_out) == {"late", "far"}
    assert visits_of(found) == {"r0": ("near",)}


def test_of_two_that_do_not_go_together_the_weightier_is_made() -> None:
    visits = (Visit("plain", 10.0, late_s=60.0), Visit("urgent", 10.0, late_s=60.0, weight=4.0))
    found = plan_rounds(on_a_line([50.0, -50.0], [0.0], visits), ITERATIONS)
    assert found.left_out == ("plain",)


def test_work_counts_against_the_charge() -> None:
    visits = (Visit("heavy", 10.0, work_draw=100.0),)
    assert plan_rounds(on_a_line([50.0], [0.0], visits, charge=199.0), ITERATIONS).left_out
    assert not plan_rounds(on_a_line([50.0], [0.0], visits, charge=200.0), ITERATIONS).left_out


def test_visits_go_to_kinds_of_robots_that_can_make_them() -> None:
    problem = on_a_line([10.0, 20.0], [0.0, 500.0])
    slow = problem.seconds[0] * 3.0
    problem = replace(
        problem,
        visits=(Visit("a", 10.0), Visit("b", 10.0, kinds=frozenset({1}))),
        robots=(problem.robots[0], replace(problem.robots[1], kind=1)),
        seconds=(problem.seconds[0], slow),
        draws=(problem.draws[0], problem.draws[0]),
    )
    assert visits_of(plan_rounds(problem, ITERATIONS))["r1"] == ("b",)


def test_earlier_rounds_are_where_the_search_begins() -> None:
    rng = np.random.default_rng(3)
    problem = on_a_line(rng.uniform(0, 3000, 30).tolist(), [0.0, 1500.0, 3000.0])
    first = plan_rounds(problem, 400)
    warm = replace(problem, before=(*first.rounds, ("gone", ("v1",))))
    assert plan_rounds(warm, 1).draw <= first.draw
    fewer = replace(warm, robots=problem.robots[:2], **_without_last(problem))
    assert not plan_rounds(fewer, 50).left_out


def _without_last(problem: RoundsProblem) -> dict[str, tuple[np.ndarray]]:
    """The matrices without the last robot."""
    visits, robots = len(problem.visits), len(problem.robots)
    kept = [at for at in range(visits + 2 * robots) if at not in (visits + 2, visits + 5)]
    matrix = problem.seconds[0][np.ix_(kept, kept)]
    return {"seconds": (matrix,), "draws": (matrix,)}


def test_a_plan_depends_on_its_input_and_iterations_alone() -> None:
    problem = on_a_line([float(each * 37 % 101) for each in range(25)], [0.0, 50.0])
    job = PlanningJob("rounds:1", "rounds", 100, problem)
    assert run(job) == run(job)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"robots": ()}, "no robots"),
        ({"visits": ()}, "no visits"),
        ({"visits": (Visit("v0", 1.0, early_s=9.0, late_s=8.0),)}, "v0: the window closes"),
    ],
)
def test_what_makes_no_rounds_is_refused(change: dict[str, tuple[()]], says: str) -> None:
    with pytest.raises(NoRounds, match=says) as refused:
        plan_rounds(replace(on_a_line([1.0], [0.0]), **change), 1)
    assert refused.value.remedy
