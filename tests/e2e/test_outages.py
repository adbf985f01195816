"""The work goes on when a manager or robot process dies, and when a battery runs low."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fleet_manager.demo.options import DemoOptions
from tests.e2e.stack import Stack, running_stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

SPEED = 8.0
ROBOTS = "security_1,security_3,cleaning_1"


def change_fleet(fleet: Any) -> None:
    """Silent robots lose their tasks after 20 s; cleaning robots have a battery for minutes."""
    fleet["policy"]["reassign_after_s"] = 20
    fleet["kinds"]["cleaning"]["battery"].update(
        {"capacity_wh": 80, "idle_w": 60, "charge_w": 2000}
    )


@pytest.fixture(scope="module")
def stack(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A process for each robot, so that one can die alone."""
    options = DemoOptions(robots=ROBOTS, speed=SPEED, people=0, seed=11, robots_per_process=1)
    data_dir = tmp_path_factory.mktemp("outages")
    with running_stack(root, data_dir, options, change_fleet) as stack:
        yield stack


def far_places(stack: Stack, robot: str, count: int) -> list[str]:
    """Junctions some way off."""
    state = stack.robot(robot)
    here = (state["x_m"], state["y_m"])
    junctions = [
        each for each in stack.features("waypoint") if each["properties"]["role"] == "junction"
    ]
    junctions.sort(key=lambda each: math.dist(each["geometry"]["coordinates"], here))
    return [each["id"] for each in junctions[4 : 4 + count]]


def underway(stack: Stack, identifier: str) -> Any:
    """The task's state once its robot drives."""

    def drives() -> Any:
        state = stack.task(identifier)
        if state["status"] != "underway":
            return None
        return state if stack.robot(state["assigned_to"]["name"])["speed_mps"] > 0.2 else None

    return stack.wait(f"task {identifier} is underway", drives, within_s=120)


def test_a_robot_with_a_low_battery_goes_to_charge_by_itself(stack: Stack) -> None:
    robot = stack.robots_of("cleaning")[0]
    zones = [each for each in stack.features("zone") if each["properties"]["purpose"] == "clean"]
    stack.dispatch("clean", zone=zones[0]["id"])
    stack.wait("it charges", lambda: stack.robot(robot)["charging"], within_s=3000)
    low = stack.robot(robot)["battery"]
    stack.wait("it gains", lambda: stack.robot(robot)["battery"] > low + 0.05, within_s=600)


def test_a_manager_killed_in_mid_task_finishes_it_after_its_restart(stack: Stack) -> None:
    identifier = stack.dispatch("patrol", places=far_places(stack, "security_1", 3), rounds=1)
    before = underway(stack, identifier)
    stack.kill("manager")
    stack.start("manager")
    stack.wait_until_ready(set(ROBOTS.split(",")))
    after = stack.wait_for_end(identifier, within_s=1200)
    assert after["status"] == "completed", after.get("reason")
    assert after["assigned_to"] == before["assigned_to"]


def test_another_robot_finishes_the_task_of_a_dead_one(stack: Stack) -> None:
    """It dies away from the others; what it holds there stays closed, another does the rest."""
    places = ["canteen", "lecture_hall", "tower_b"]
    identifier = stack.dispatch("patrol", places=places, rounds=1)
    stack.wait(
        "its first place is done",
        lambda: stack.task(identifier)["phases"]["1"]["unix_millis_finish_time"],
        within_s=1200,
    )
    first = stack.task(identifier)["assigned_to"]["name"]
    stack.kill(stack.process_of(first))
    stack.wait(
        "it is shown offline",
        lambda: stack.robot(first)["status"] == "offline",
        within_s=60,
    )
    state = stack.wait_for_end(identifier, within_s=1800)
    assert state["status"] == "completed", state.get("reason")
    assert state["assigned_to"]["name"] != first
    assert state["attempts"][0]["robot"] == first
