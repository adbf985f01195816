"""Doors and a lift over ROS: a ride while the manager dies, a door that does not open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fleet_manager.demo.options import DemoOptions
from tests import two_levels
from tests.e2e.stack import Stack, running_stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

SPEED = 8.0


def change_fleet(_fleet: Any) -> None:
    """The campus' own fleet."""


@pytest.fixture(scope="module")
def stack(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Two robots before a house with two levels, whose north door never opens."""
    folder = tmp_path_factory.mktemp("passages")
    map_dir = two_levels.write(folder / "map")
    options = DemoOptions(speed=SPEED, people=0, seed=5, fail_passages=("door_n",))
    with running_stack(root, folder / "data", options, change_fleet, map_dir) as stack:
        yield stack


def passage(stack: Stack, identifier: str) -> Any:
    """State of a door or lift."""
    return stack.get(f"/passages/{identifier}")


def test_a_ride_goes_on_while_the_manager_is_killed_and_started_again(stack: Stack) -> None:
    identifier = stack.dispatch("go_to", place="bay_2n", robot="guard_2")

    def rides() -> bool:
        lift = passage(stack, "lift")
        return bool(lift["session"] == "riding" and lift["robot"] == "guard_2")

    stack.wait("the lift takes the robot up", rides, within_s=300)
    stack.kill("manager")
    stack.start("manager")
    stack.wait_until_ready({"guard_1", "guard_2"})
    state = stack.wait_for_end(identifier, within_s=300)
    assert state["status"] == "completed", state.get("reason")
    assert stack.robot("guard_2")["level"] == "l2"
    stack.wait(
        "the lift is free and closed",
        lambda: (
            (passage(stack, "lift")["robot"], passage(stack, "lift")["state"]) == (None, "closed")
        ),
        within_s=60,
    )
    about_the_lift = [each for each in stack.get("/incidents") if each["place"] == "lift"]
    assert not about_the_lift


def test_a_door_that_does_not_open_is_an_alert_and_the_robot_takes_the_other(
    stack: Stack,
) -> None:
    identifier = stack.dispatch("go_to", place="Office", robot="guard_1")

    def alerts() -> list[Any]:
        return [each for each in stack.get("/incidents") if each["place"] == "door_n"]

    (alert,) = stack.wait("an alert about the door", alerts, within_s=300)
    assert (alert["kind"], alert["status"], alert["robot"]) == (
        "passage_failed",
        "raised",
        "guard_1",
    )
    assert "North door does not open: guard_1 has waited" in alert["title"]
    assert passage(stack, "door_n")["state"] == "out_of_order"
    passed: set[str] = set()

    def ended() -> bool:
        passed.add(stack.robot("guard_1")["last_node_id"])
        return bool(stack.task(identifier)["status"] == "completed")

    stack.wait("it arrives through the other door", ended, within_s=900)
    assert stack.robot("guard_1")["level"] == "l2"
    assert passed & {"w_s", "in_door_s", "in_s"}, passed
    assert not passed & {"in_door_n", "in_n"}, passed
