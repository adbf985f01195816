"""Staff ask, robots do: every kind of task from HTTP request to result, on the whole stack."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fleet_manager.demo.options import DemoOptions
from tests.e2e.stack import Stack, running_stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

SPEED = 8.0
ROBOTS = "security_1,cleaning_1,safety_1"


def change_fleet(_fleet: Any) -> None:
    """The campus' own fleet."""


@pytest.fixture(scope="module")
def stack(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One robot of each kind, nobody about."""
    options = DemoOptions(robots=ROBOTS, speed=SPEED, people=0, seed=7)
    data_dir = tmp_path_factory.mktemp("main-job")
    with running_stack(root, data_dir, options, change_fleet) as stack:
        yield stack


def near(stack: Stack, robot: str, features: list[Any]) -> list[Any]:
    """Features (points) by their distance from a robot."""
    state = stack.robot(robot)
    here = (state["x_m"], state["y_m"])
    return sorted(features, key=lambda each: math.dist(each["geometry"]["coordinates"], here))


def area_m2(zone: Any) -> float:
    ring = zone["geometry"]["coordinates"][0]
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring))) / 2


def places_of(state: Any) -> list[str]:
    """What the phases of a task stand for, in their order."""
    phases = state["phases"]
    return [phases[key]["detail"] for key in sorted(phases, key=int)]


def test_a_patrol_visits_its_places_in_order(stack: Stack) -> None:
    candidates = [
        each
        for each in near(stack, "security_1", stack.features("waypoint"))
        if each["properties"]["role"] == "junction"
    ]
    places = [each["id"] for each in candidates[2:5]]
    identifier = stack.dispatch("patrol", places=places, rounds=1)
    passed: list[str] = []

    def ended() -> bool:
        robot = stack.robot("security_1")
        if robot["last_node_id"] and passed[-1:] != [robot["last_node_id"]]:
            passed.append(robot["last_node_id"])
        return bool(stack.task(identifier)["status"] == "completed")

    stack.wait(f"patrol {places}", ended, within_s=900)
    state = stack.task(identifier)
    assert state["assigned_to"]["name"] == "security_1"
    assert places_of(state) == places
    finished = [state["phases"][key]["unix_millis_finish_time"] for key in ("1", "2", "3")]
    assert finished == sorted(finished)
    visited = iter(passed)
    assert all(place in visited for place in places), f"{places} not in order in {passed}"


def test_a_cleaned_zone_is_clean_in_the_simulators_grid(stack: Stack) -> None:
    zones = [each for each in stack.features("zone") if each["properties"]["purpose"] == "clean"]
    zone = min(zones, key=area_m2)["id"]
    identifier = stack.dispatch("clean", zone=zone)
    state = stack.wait_for_end(identifier, within_s=1800)
    assert state["status"] == "completed", state.get("reason")
    condition = stack.wait(
        f"condition of {zone}",
        lambda: stack.get(f"/zones/{zone}")["condition"],
        within_s=20,
    )
    assert condition["source"] == "simulator"
    stack.wait(
        f"{zone} is clean",
        lambda: stack.get(f"/zones/{zone}")["condition"]["clean_fraction"] >= 0.95,
        within_s=20,
    )


def test_five_assets_are_inspected(stack: Stack) -> None:
    assets = [each["id"] for each in near(stack, "safety_1", stack.features("asset"))[:5]]
    before_s = stack.now_s()
    identifier = stack.dispatch("inspect", assets=assets)
    state = stack.wait_for_end(identifier, within_s=1800)
    assert state["status"] == "completed", state.get("reason")
    assert sorted(places_of(state)) == sorted(assets)
    inspected = {each["id"]: each["last_inspected_s"] for each in stack.get("/assets")}
    assert all(inspected[asset] is not None and inspected[asset] >= before_s for asset in assets)


def test_a_cancelled_robot_stops_inside_its_base(stack: Stack) -> None:
    junctions = [
        each["id"]
        for each in near(stack, "security_1", stack.features("waypoint"))
        if each["properties"]["role"] == "junction"
    ]
    identifier = stack.dispatch("patrol", places=[junctions[-1]], robot="security_1")
    stack.wait(
        "it drives for the task",
        lambda: (
            stack.task(identifier)["status"] == "underway"
            and stack.robot("security_1")["speed_mps"] > 0.3
        ),
        within_s=120,
    )
    places = {each["id"]: each["geometry"]["coordinates"] for each in stack.features("waypoint")}
    before = stack.robot("security_1")
    base = [places[each] for each in stack.get("/traffic")["robots"]["security_1"]["base"]]
    stack.post("/tasks/cancel_task", {"type": "cancel_task_request", "task_id": identifier})
    state = stack.wait_for_end(identifier, within_s=60)
    assert state["status"] == "canceled"
    after = stack.wait(
        "it stands, or is led into a bay by another order",
        lambda: (robot := stack.robot("security_1"))["order_id"] != before["order_id"] and robot,
        within_s=60,
    )
    moved_m = math.dist((before["x_m"], before["y_m"]), (after["x_m"], after["y_m"]))
    left_m = max(math.dist((before["x_m"], before["y_m"]), point) for point in base)
    assert moved_m <= left_m + 1.0
