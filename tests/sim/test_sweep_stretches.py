"""A zone is cleaned in stretches: water and bin are served between, nothing is left out or lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from fleet_manager.core.campus import Campus, ZonePurpose
from fleet_manager.core.commands import InterruptTask, ResumeTask, SubmitTask
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.events import ServiceMoved, ServiceStep, TaskSubmitted
from fleet_manager.core.geometry import Xy, length_m
from fleet_manager.core.task import Task, TaskStatus
from tests.sim.robots import World

WATER_M2 = 120.0
SERVICE_S = 90.0
NAMES = ["cleaning_1", "cleaning_2"]


def with_kind(fleet: FleetConfig, **fields: object) -> FleetConfig:
    kind = replace(fleet.kinds["cleaning"], **fields)  # type: ignore[arg-type]
    return replace(fleet, kinds={**fleet.kinds, "cleaning": kind})


def world_of(campus: Campus, fleet: FleetConfig, names: list[str]) -> World:
    world = World(campus, fleet, names)
    for _ in world.run(2):
        pass
    return world


def largest_zone(campus: Campus) -> str:
    zones = [zone for zone in campus.zones.values() if zone.purpose is ZonePurpose.CLEAN]
    return max(zones, key=lambda zone: zone.area_m2).id


def clean(world: World, zone: str) -> str:
    events = world.do(SubmitTask("clean", {"zone": zone}))
    (task,) = (event.task for event in events if isinstance(event, TaskSubmitted))
    return task.id


def until(world: World, condition: Callable[[], object], seconds: float) -> None:
    for _ in world.run(seconds):
        if condition():
            return
    tasks = [f"{t.id} {t.status} {t.robot}: {t.reason}" for t in world.state.tasks.values()]
    pytest.fail(f"not within {seconds} s; {tasks}")


def sweeps(world: World) -> dict[str, tuple[str, list[Xy], float]]:
    """Of each action that robots were told: who, the path, and where on it to begin."""
    found: dict[str, tuple[str, list[Xy], float]] = {}
    for name, robot in world.robots.items():
        for node in robot.order.nodes if robot.order else ():
            for action in node.actions:
                if action.action_type == "clean_zone":
                    path = [(x, y) for x, y in action.parameters["path"]]
                    found[action.action_id] = (name, path, action.parameters["from_m"])
    return found


def task(world: World, identifier: str) -> Task:
    return world.state.tasks[identifier]


def test_a_sweep_ends_where_the_water_does_and_is_continued_there_once_served(
    campus: Campus, fleet: FleetConfig
) -> None:
    world = world_of(campus, with_kind(fleet, water_m2=WATER_M2, service_s=SERVICE_S), NAMES[:1])
    zone = largest_zone(campus)
    identifier = clean(world, zone)
    told: dict[str, tuple[str, list[Xy], float]] = {}

    def done() -> bool:
        told.update(sweeps(world))
        return task(world, identifier).status is TaskStatus.COMPLETED

    until(world, done, 6 * 3600)
    kind = world.gate.site.kind(NAMES[0])
    brush_m = kind.brush_width_m
    assert brush_m is not None
    whole_m = world.gate.site.sweep(zone, None, kind).length_m
    lasts_m = WATER_M2 / brush_m
    stretches = [(from_m, length_m(path)) for _, path, from_m in told.values()]
    assert len(stretches) == -(-whole_m // lasts_m), stretches
    for (_, to_m), (from_m, _) in pairwise(stretches):
        # Taken up half a brush before it was left: no gap, and next to nothing twice.
        assert to_m - brush_m <= from_m <= to_m
    assert stretches[-1][1] == pytest.approx(whole_m, abs=0.1)
    assert all(to_m - from_m <= lasts_m + brush_m for from_m, to_m in stretches)
    served = [each for each in world.events if isinstance(each, ServiceMoved)]
    ready = [each.time_s for each in served if each.step is ServiceStep.READY]
    begun = [each.time_s for each in served if each.step is ServiceStep.BEGUN]
    assert len(ready) >= len(stretches) - 1
    assert all(end - start >= SERVICE_S for start, end in zip(begun, ready, strict=False))


def test_another_robot_goes_on_while_the_first_is_served(
    campus: Campus, fleet: FleetConfig
) -> None:
    world = world_of(campus, with_kind(fleet, bin_m2=WATER_M2, service_s=1800.0), NAMES)
    identifier = clean(world, largest_zone(campus))
    until(world, lambda: task(world, identifier).status is TaskStatus.COMPLETED, 6 * 3600)
    robots = [each.robot for each in task(world, identifier).attempts]
    assert set(robots) == set(NAMES)
    assert "its bin is full" in task(world, identifier).attempts[0].why


def test_what_was_covered_before_an_interruption_is_not_swept_again(
    campus: Campus, fleet: FleetConfig
) -> None:
    world = world_of(campus, fleet, NAMES[:1])
    identifier = clean(world, largest_zone(campus))
    until(world, lambda: task(world, identifier).phases[0].started_s, 3600)
    for _ in world.run(120):
        pass
    world.do(InterruptTask(identifier))
    token = task(world, identifier).held_by[0]
    covered_m = task(world, identifier).phases[0].from_m
    assert covered_m > 50.0
    world.do(ResumeTask(identifier, (token,)))
    until(world, lambda: any(each[2] > 0.0 for each in sweeps(world).values()), 3600)
    (from_m,) = [each[2] for each in sweeps(world).values()]
    assert covered_m - 0.7 <= from_m <= covered_m
    assert world.replayed().tasks == world.state.tasks
