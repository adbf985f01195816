"""The core with robots of a few lines in virtual time: whole tasks, outages, batteries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from fleet_manager.core.campus import Campus, Zone, ZonePurpose
from fleet_manager.core.commands import (
    ConfirmPosition,
    EndTask,
    InterruptTask,
    ResumeTask,
    StartManager,
    SubmitTask,
    TellRobots,
)
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.events import TaskMoved, TaskSubmitted
from fleet_manager.core.order import InstantActionType
from fleet_manager.core.robot import RobotStatus
from fleet_manager.core.task import Task, TaskStatus, TaskTrigger
from tests.sim.robots import World


def submit(world: World, category: str, **description: object) -> str:
    events = world.do(SubmitTask(category, description))
    (task,) = (event.task for event in events if isinstance(event, TaskSubmitted))
    return task.id


def to_clean(campus: Campus) -> list[Zone]:
    return [zone for zone in campus.zones.values() if zone.purpose is ZonePurpose.CLEAN]


def until(world: World, condition: Callable[[], object], seconds: float) -> float:
    for gone_s in world.run(seconds):
        if condition():
            return gone_s
    tasks = [f"{t.id} {t.status} {t.robot}: {t.reason}" for t in world.state.tasks.values()]
    pytest.fail(f"not within {seconds} s; {tasks}")


def task(world: World, identifier: str) -> Task:
    return world.state.tasks[identifier]


def status(world: World, identifier: str) -> TaskStatus:
    return world.state.tasks[identifier].status


@pytest.fixture
def world(campus: Campus, fleet: FleetConfig) -> World:
    """Twelve robots in their docks, heard."""
    world = World(campus, fleet)
    for _ in world.run(2):
        pass
    return world


def test_a_busy_campus_finishes_everything_and_replays_to_the_same_state(
    world: World, campus: Campus
) -> None:
    names = list(campus.names)
    zones = [zone.id for zone in to_clean(campus)][:4]
    assets = list(campus.assets)
    ids = [submit(world, "patrol", places=names[at : at + 6], rounds=2) for at in (0, 5, 10)]
    ids += [submit(world, "clean", zone=zone) for zone in zones]
    ids += [submit(world, "inspect", assets=assets[at : at + 6]) for at in (0, 6, 12)]
    ids += [submit(world, "patrol", places=names[::-1])]
    until(world, lambda: all(task(world, each).ended for each in ids), 6 * 3600)
    assert {status(world, each) for each in ids} == {TaskStatus.COMPLETED}
    assert world.replayed().logged() == world.state.logged()


def test_robots_that_meet_head_on_pass_each_other(campus: Campus, fleet: FleetConfig) -> None:
    world = World(campus, fleet, ["security_1", "security_3"])
    for _ in world.run(2):
        pass
    one = submit(world, "patrol", places=["bridge_east"], robot="security_1")
    two = submit(world, "patrol", places=["bridge_west"], robot="security_3")
    until(world, lambda: task(world, one).ended and task(world, two).ended, 3600)
    one = submit(world, "go_to", place="gate_b", robot="security_1")
    two = submit(world, "go_to", place="gate_a", robot="security_3")
    until(world, lambda: task(world, one).ended and task(world, two).ended, 3600)


def test_a_cancelled_robot_is_brought_into_a_bay(world: World, campus: Campus) -> None:
    identifier = submit(world, "patrol", places=["bridge_east"], robot="security_1")
    until(world, lambda: world.robots["security_1"].driven_m > 60, 600)
    world.do(EndTask(identifier))
    assert status(world, identifier) is TaskStatus.CANCELED
    until(world, lambda: world.state.robot("security_1").parked, 300)
    assert campus.is_bay(world.state.robot("security_1").at[0])


def test_an_interrupted_task_goes_on_when_resumed(world: World) -> None:
    identifier = submit(world, "patrol", places=["gate_a", "library", "bridge_east"])
    until(world, lambda: len(task(world, identifier).remaining) == 2, 1200)
    world.do(InterruptTask(identifier))
    world.do(InterruptTask(identifier))
    first, second = task(world, identifier).held_by
    assert status(world, identifier) is TaskStatus.STANDBY
    world.do(ResumeTask(identifier, (first,)))
    assert status(world, identifier) is TaskStatus.STANDBY
    assert task(world, identifier).held_by == (second,)
    world.do(ResumeTask(identifier, (second,)))
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 3600)
    assert task(world, identifier).phases[0].attempt == 1


def test_the_task_of_a_dead_robot_is_finished_by_another_with_its_progress(
    world: World, fleet: FleetConfig
) -> None:
    identifier = submit(world, "patrol", places=["gate_a", "library", "laboratory_a", "canteen"])
    until(world, lambda: len(task(world, identifier).remaining) == 2, 1800)
    first = task(world, identifier).robot
    assert first is not None
    done = {p.id: p.finished_s for p in task(world, identifier).phases if p.finished_s}
    world.robots[first].alive = False
    until(world, lambda: world.state.robot(first).status is RobotStatus.OFFLINE, 10)
    assert status(world, identifier) is TaskStatus.DELAYED
    held = world.state.held[first]
    until(world, lambda: task(world, identifier).robot not in (None, first), 300)
    assert world.state.held[first] == held, "a silent robot's claims are not freed by time"
    world.do(ConfirmPosition(first, world.state.robot(first).movement.waypoints[0], "guard"))
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 3600)
    assert task(world, identifier).attempts[0].robot == first
    for phase in task(world, identifier).phases:
        if phase.id in done:
            assert phase.finished_s == done[phase.id]


def test_a_rebooted_robot_finishes_its_task(world: World) -> None:
    identifier = submit(world, "patrol", places=["bridge_east"], robot="security_1")
    until(world, lambda: world.robots["security_1"].driven_m > 60, 600)
    world.robots["security_1"].reboot()
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 3600)


def test_a_new_manager_goes_on_with_the_same_orders(world: World) -> None:
    identifier = submit(world, "patrol", places=["bridge_east"], robot="security_1")
    until(world, lambda: world.robots["security_1"].driven_m > 60, 600)
    telemetry = world.state.telemetry
    order = world.state.robot("security_1").movement
    world.state = world.replayed()
    assert world.state.robot("security_1").movement == order
    assert world.state.telemetry is not telemetry
    world.do(StartManager(2))
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 3600)


def test_a_robot_with_a_low_battery_charges_and_its_work_is_done(world: World) -> None:
    zone = max(to_clean(world.gate.site.campus), key=lambda zone: zone.area_m2)
    for robot in world.robots.values():
        robot.battery = 0.9
    identifier = submit(world, "clean", zone=zone.id)
    until(world, lambda: bool(task(world, identifier).robot), 10)
    first = task(world, identifier).robot
    assert first is not None
    until(world, lambda: task(world, identifier).phases[0].started_s, 3600)
    for _ in world.run(60):
        pass
    world.robots[first].battery = 0.14
    until(world, lambda: world.robots[first].charging, 3600)
    assert task(world, identifier).attempts[0].robot == first
    assert task(world, identifier).phases[0].from_m > 0.0
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 4 * 3600)
    until(world, lambda: world.robots[first].battery > 0.9, 4 * 3600)


def test_an_emergency_stop_of_all_stops_all_until_a_named_person_releases_it(world: World) -> None:
    identifier = submit(world, "patrol", places=["bridge_east"])
    until(world, lambda: status(world, identifier) is TaskStatus.UNDERWAY, 30)
    world.do(TellRobots(InstantActionType.EMERGENCY_STOP, None, "guard", "drill"))
    before = [robot.driven_m for robot in world.robots.values()]
    for _ in world.run(60):
        pass
    assert [robot.driven_m for robot in world.robots.values()] == before
    world.do(TellRobots(InstantActionType.RELEASE_STOP, None, "guard"))
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 3600)


def test_idle_robots_go_home(world: World) -> None:
    identifier = submit(world, "patrol", places=["gate_a"], robot="security_1")
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 1200)
    home = world.gate.site.fleet.robots["security_1"].home
    until(world, lambda: world.state.robot("security_1").at == (home,), 1200)


def test_work_for_more_than_one_charge_is_begun_with_a_full_battery(
    campus: Campus, fleet: FleetConfig
) -> None:
    kinds = dict(fleet.kinds)
    battery = replace(kinds["cleaning"].battery, capacity_wh=40.0)
    kinds["cleaning"] = replace(kinds["cleaning"], battery=battery)
    world = World(campus, replace(fleet, kinds=kinds), ["cleaning_1"])
    world.robots["cleaning_1"].battery = 0.95
    for _ in world.run(2):
        pass
    zone = to_clean(campus)[0].id
    identifier = submit(world, "clean", zone=zone)
    until(world, lambda: status(world, identifier) is TaskStatus.UNDERWAY, 60)
    moved = [e.trigger for e in world.events if isinstance(e, TaskMoved)]
    assert TaskTrigger.ASSIGN in moved


def test_a_robot_that_leaves_the_fleet_leaves_its_task_to_another(
    world: World, campus: Campus, fleet: FleetConfig
) -> None:
    identifier = submit(world, "patrol", places=["bridge_east"])
    until(world, lambda: status(world, identifier) is TaskStatus.UNDERWAY, 60)
    gone = task(world, identifier).robot
    robots = {name: spec for name, spec in fleet.robots.items() if name != gone}
    after = World(campus, replace(fleet, robots=robots))
    after.now_s = world.now_s
    for event in world.events:
        after.gate.apply(after.state, event)
    after.do(StartManager(2))
    until(after, lambda: status(after, identifier) is TaskStatus.COMPLETED, 3600)
    assert task(after, identifier).attempts[0].robot == gone


def test_a_place_that_leaves_the_map_fails_its_task_and_frees_its_robot(
    world: World, campus: Campus, fleet: FleetConfig
) -> None:
    identifier = submit(world, "patrol", places=["library"])
    until(world, lambda: status(world, identifier) is TaskStatus.UNDERWAY, 60)
    lanes = {
        key: lane for key, lane in campus.lanes.items() if "library" not in (lane.start, lane.end)
    }
    waypoints = {key: each for key, each in campus.waypoints.items() if key != "library"}
    smaller = replace(campus, lanes=lanes, waypoints=waypoints, version="smaller")
    after = World(smaller, fleet)
    after.now_s = world.now_s
    for event in world.events:
        after.gate.apply(after.state, event)
    after.do(StartManager(2))
    assert status(after, identifier) is TaskStatus.FAILED
    assert "library" in task(after, identifier).reason
    other = submit(after, "patrol", places=["gate_a"])
    until(after, lambda: status(after, other) is TaskStatus.COMPLETED, 3600)
