"""Whatever robots do in whatever order, no two meet and all arrive: every interleaving is tried.

Larger graphs: `scripts/soak traffic_model`.
"""

from __future__ import annotations

import pytest

from fleet_manager.core.traffic.timetable import NONE
from tests.property.traffic_model import SHAPES, Broken, Model, one_of_many

TRIED = [
    *((name, 2, 2) for name in SHAPES),
    *((name, 3, 1) for name, shape in SHAPES.items() if len(shape.bays) > 3),
]


@pytest.mark.parametrize("late", [False, True], ids=["early", "late"])
@pytest.mark.parametrize(("name", "robots", "goals"), TRIED)
def test_in_every_state_nobody_meets_and_everybody_arrives(
    name: str, robots: int, goals: int, late: bool
) -> None:
    assert Model(SHAPES[name], robots, goals, late).explore(100_000) > 50


@pytest.mark.parametrize("name", ["corridor", "T-junction", "loop"])
def test_a_robot_that_stops_for_ever_is_named_by_all_behind_it_and_the_others_arrive(
    name: str,
) -> None:
    robots = 2 if name == "corridor" else 3
    assert Model(SHAPES[name], robots, 1, late=True, deaths=True).explore(100_000) > 100


@pytest.mark.parametrize("seed", range(1, 4))
def test_graphs_drawn_at_random(seed: int) -> None:
    print(f"seed {seed}")
    assert one_of_many(seed, robots=2)["problems"] == []


def test_a_robot_that_does_not_wait_is_found() -> None:
    model = Model(SHAPES["loop"], 2, 1, late=True)
    planner = model.planner

    def whenever(robot: int) -> bool:
        return not planner.plans.left[robot] and not planner.stands(robot)

    planner.may_depart = whenever  # type: ignore[method-assign]
    with pytest.raises(Broken, match="meet in unit"):
        model.explore(100_000)


def test_plans_by_old_times_are_found() -> None:
    model = Model(SHAPES["corridor"], 2, 2, late=False)
    model.planner.retime = lambda now_s: None  # type: ignore[method-assign]
    with pytest.raises(Broken):
        model.explore(100_000)


def test_a_circle_is_found() -> None:
    """Robot 1 goes from 5 by 3, 2, 1 to 6, and then robot 0 by 0, 1, 2, 3 to 5.

    If robot 0 is to be the first at node 2, and still the second at node 1, neither ever is.
    """
    model = Model(SHAPES["corridor"], 2, 1, late=True)
    model._happen(("plan", 1, 6), (1, 1, NONE), 0.0)
    model._happen(("plan", 0, 5), (1, 1, NONE), 0.0)
    assert model._circle() == ""
    entries = model.planner.entries
    unit = 2
    one = int(entries.head[unit])
    other = int(entries.after[one])
    assert (entries.robot[one], entries.robot[other], entries.after[other]) == (1, 0, NONE)
    entries.head[unit], entries.after[other], entries.after[one] = other, one, NONE
    entries.before[other], entries.before[one] = NONE, other
    assert "circle" in model._circle()
