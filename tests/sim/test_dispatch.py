"""Who gets which task and why, on Canalside: waiting, emergencies, what can never run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fleet_manager.core.campus import Campus
from fleet_manager.core.commands import EndTask, PlanReady, SubmitTask
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.decisions import plans
from fleet_manager.core.errors import InvalidRequest
from fleet_manager.core.events import RoundsPlanned
from fleet_manager.core.map_commands import AddClosure, RemoveClosure
from fleet_manager.core.planning import jobs
from fleet_manager.core.planning.explain import explain
from fleet_manager.core.task import TaskStatus
from tests.sim.robots import START_S, World
from tests.sim.test_campus_day import status, submit, task, until


def world_of(campus: Campus, fleet: FleetConfig, *robots: str) -> World:
    world = World(campus, fleet, list(robots))
    for _ in world.run(2):
        pass
    return world


@pytest.fixture
def world(campus: Campus, fleet: FleetConfig) -> World:
    return world_of(campus, fleet, "security_1", "security_3", "cleaning_1", "safety_1")


def urgent(world: World, place: str, priority: int = 9) -> str:
    events = world.do(SubmitTask("respond", {"place": place}, priority))
    return next(event.task.id for event in events if hasattr(event, "task"))


def test_a_task_waits_for_a_robot_that_is_about_to_be_free_beside_it(
    campus: Campus, fleet: FleetConfig
) -> None:
    """One robot inspects something near; the other stands far away and has nothing to do."""
    world = world_of(campus, fleet, "safety_1", "safety_4")
    near = min(
        campus.assets,
        key=lambda each: (
            world.state.routes("safety_1").duration_s(
                world.state.robot("safety_1").at[0], campus.asset(each).access
            )
            or 1e9
        ),
    )
    first = submit(world, "inspect", assets=[near], robot="safety_1")
    until(world, lambda: status(world, first) is TaskStatus.UNDERWAY, 60)
    second = submit(world, "inspect", assets=[near])
    assert status(world, second) is TaskStatus.QUEUED
    assert task(world, second).reason == "waits for safety_1, which will soon be free"
    told = {each.robot: each for each in explain(world.state, second, world.now_s).robots}
    assert told["safety_4"].eligible, "it could, but later"
    assert "free in" in told["safety_1"].reason
    assert told["safety_1"].cost_s < told["safety_4"].cost_s
    until(world, lambda: task(world, second).robot, 600)
    assert task(world, second).robot == "safety_1"


def test_an_emergency_takes_the_nearest_robot_from_other_work_which_keeps_its_progress(
    world: World,
) -> None:
    places = ["gate_a", "library", "laboratory_a", "canteen"]
    usual = submit(world, "patrol", places=places, robot="security_1")
    other = submit(world, "patrol", places=["gate_b", "clinic"] * 4, robot="security_3")
    until(world, lambda: len(task(world, usual).remaining) == 2, 1800)
    emergency = urgent(world, "laboratory_a")
    assert task(world, emergency).robot == "security_1"
    assert status(world, usual) is TaskStatus.QUEUED
    assert task(world, usual).attempts[0].why == f"security_1 was called to {emergency}"
    assert status(world, other) is TaskStatus.UNDERWAY
    until(world, lambda: status(world, emergency) is TaskStatus.COMPLETED, 1200)
    until(world, lambda: status(world, usual) is TaskStatus.COMPLETED, 3600)
    attempts = [phase.attempt for phase in task(world, usual).phases[:2]]
    assert attempts == [1, 1], "what was done is not done again"


def test_an_emergency_takes_an_idle_robot_that_is_hardly_later_and_never_more_urgent_work(
    campus: Campus, fleet: FleetConfig
) -> None:
    world = world_of(campus, fleet, "security_1", "security_2")
    one, two = (urgent(world, place) for place in ("library", "canteen"))
    assert {task(world, one).robot, task(world, two).robot} == {"security_1", "security_2"}
    third = urgent(world, "library")
    assert status(world, third) is TaskStatus.QUEUED
    assert task(world, third).reason.startswith("waits for security_")
    assert all(task(world, each).robot for each in (one, two))


def test_who_was_considered_is_told_after_the_assignment_too(world: World) -> None:
    identifier = submit(world, "patrol", places=["gate_b"])
    decided = explain(world.state, identifier, world.now_s).decided
    assert decided is not None
    assert decided.robot == task(world, identifier).robot == "security_3"
    assert "min away" in decided.chosen
    others = {each.robot: each for each in decided.considered}
    assert "later" in others["security_1"].why
    assert others["security_1"].cost_s is not None
    until(world, lambda: task(world, identifier).ended, 3600)
    kept = explain(world.state, identifier, world.now_s).decided
    assert kept is not None
    assert kept.considered == decided.considered


def test_what_can_never_run_says_why(world: World, campus: Campus) -> None:
    world.do(AddClosure(zones=("plaza_a_west",), reason="fair"))
    identifier = submit(world, "clean", zone="plaza_a_west")
    assert task(world, identifier).reason.startswith("can never run: zone plaza_a_west is closed")
    assert explain(world.state, identifier, world.now_s).never
    (closure,) = world.state.closures
    world.do(RemoveClosure(closure))
    until(world, lambda: task(world, identifier).robot, 60)


def test_a_battery_that_is_too_small_even_when_full_is_told(
    campus: Campus, fleet: FleetConfig
) -> None:
    kinds = {
        name: replace(kind, battery=replace(kind.battery, capacity_wh=1.0))
        for name, kind in fleet.kinds.items()
    }
    world = world_of(campus, replace(fleet, kinds=kinds), "security_1")
    identifier = submit(world, "patrol", places=["gate_b"])
    reason = task(world, identifier).reason
    assert reason.startswith("can never run: it takes ")
    assert "of a full battery" in reason


@pytest.mark.parametrize(
    ("start_s", "due_s", "says"),
    [
        (None, START_S - 60.0, "ago"),
        (None, START_S, "ago"),
        (START_S + 600.0, START_S + 300.0, "after it is to be done"),
        (None, float("nan"), "not a time"),
        (float("inf"), None, "not a time"),
    ],
)
def test_times_that_cannot_be_kept_are_refused(
    world: World, start_s: float | None, due_s: float | None, says: str
) -> None:
    asked = SubmitTask("go_to", {"place": "gate_a"}, earliest_start_s=start_s, due_s=due_s)
    with pytest.raises(InvalidRequest, match=says) as refused:
        world.do(asked)
    assert refused.value.remedy


def test_what_is_due_soon_goes_first(campus: Campus, fleet: FleetConfig) -> None:
    world = world_of(campus, fleet, "cleaning_1")
    busy = submit(world, "clean", zone="plaza_a_west")
    submit(world, "clean", zone="plaza_a_east")
    due = world.do(SubmitTask("clean", {"zone": "depot_apron_a"}, due_s=world.now_s + 400.0))
    soon = next(event.task.id for event in due if hasattr(event, "task"))
    world.do(EndTask(busy))
    until(world, lambda: task(world, soon).robot, 600)


def test_inspections_that_wait_become_rounds_which_are_driven_as_planned(
    campus: Campus, fleet: FleetConfig
) -> None:
    world = world_of(campus, fleet, "safety_1")
    ids = [submit(world, "inspect", assets=[asset]) for asset in sorted(campus.assets)[:8]]
    for _ in world.run(2 * 3600):
        for wish in plans.wanted(world.state, world.now_s):
            job = wish.make()
            world.do(PlanReady(job.id, job.kind, jobs.run(job)))
        if all(task(world, each).ended for each in ids):
            break
    assert {status(world, each) for each in ids} == {TaskStatus.COMPLETED}
    (planned,) = [event for event in world.events if isinstance(event, RoundsPlanned)]
    ((robot, turns),) = planned.rounds
    assert robot == "safety_1"
    given = sorted(ids, key=lambda each: task(world, each).attempts[0].from_s)
    assert given[1:] == [turn.task_id for turn in turns], "the first was given out before"
    assert not world.state.rounds


def test_a_task_in_a_round_says_so_and_a_round_whose_robot_is_lost_holds_nobody_up(
    campus: Campus, fleet: FleetConfig
) -> None:
    world = world_of(campus, fleet, "safety_1", "safety_4")
    ids = [submit(world, "inspect", assets=[asset]) for asset in sorted(campus.assets)[:10]]
    (wish,) = plans.wanted(world.state, world.now_s)
    job = wish.make()
    result = jobs.run(job)
    world.do(PlanReady("rounds:stale", job.kind, result))
    assert not world.state.rounds, "a plan of another state is dropped"
    world.do(PlanReady(job.id, job.kind, result))
    assert {turn.task_id for turns in world.state.rounds.values() for turn in turns} <= set(ids)
    assert not plans.wanted(world.state, world.now_s)
    for _ in world.run(2):
        pass
    owner, turns = max(world.state.rounds.items(), key=lambda each: len(each[1]))
    last = turns[-1].task_id
    assert task(world, last).reason == f"is in the round of {owner}, {len(turns) - 1} before it"
    world.robots[owner].alive = False
    other = {"safety_1": "safety_4", "safety_4": "safety_1"}[owner]
    until(world, lambda: task(world, last).ended, 7200)
    assert task(world, last).robot == other
