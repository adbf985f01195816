"""The map changes while a robot drives: a bridge closes, a version is published; whole stack."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fleet_manager.demo.options import DemoOptions
from tests.e2e.stack import Stack, running_stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

SPEED = 8.0
BRIDGE = ["lane_bridge_1_0", "lane_bridge_1_1", "lane_bridge_1_2"]
ON_BRIDGE = {"bridge_1_1", "bridge_1_2"}


def change_fleet(_fleet: Any) -> None:
    """The campus' own fleet."""


@pytest.fixture(scope="module")
def stack(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One security robot, nobody about."""
    options = DemoOptions(robots="security_1", speed=SPEED, people=0, seed=7)
    data_dir = tmp_path_factory.mktemp("live-map")
    with running_stack(root, data_dir, options, change_fleet) as stack:
        yield stack


def test_a_map_published_under_way_leads_the_robot_on_and_it_arrives(stack: Stack) -> None:
    identifier = stack.dispatch("go_to", place="bridge_west", robot="security_1")
    stack.wait("it drives", lambda: stack.robot("security_1")["speed_mps"] > 0.5, within_s=120)
    order = stack.robot("security_1")["order_id"]
    document = copy.deepcopy(stack.get("/map"))
    for key in ("version", "footprint_radius_m"):
        document.pop(key)
    for feature in document["features"]:
        if feature["id"] in BRIDGE:
            feature["properties"]["speed_limit_mps"] = 0.7
    before = stack.get("/map/versions")
    body = {"document": document, "by": "test", "parent": before[0]["version"], "force": True}
    published = stack.post("/map/versions", body)
    assert published["number"] == before[0]["number"] + 1
    assert stack.robot("security_1")["order_id"] == order, "its base is the same: it goes on"
    state = stack.wait_for_end(identifier, within_s=900)
    assert state["status"] == "completed", state.get("reason")
    assert stack.get("/system")["map_version"] == published["version"]
    errors = stack.robot("security_1")["errors"]
    assert not [each for each in errors if each["type"] == "map_mismatch"]


def test_a_bridge_that_closes_before_the_robot_is_driven_round(stack: Stack) -> None:
    identifier = stack.dispatch("go_to", place="bridge_east", robot="security_1")
    stack.wait("it drives", lambda: stack.robot("security_1")["speed_mps"] > 0.3, within_s=120)
    closure = stack.post("/closures", {"lanes": BRIDGE, "reason": "works", "by": "test"})
    passed: set[str] = set()

    def ended() -> bool:
        passed.add(stack.robot("security_1")["last_node_id"])
        return bool(stack.task(identifier)["status"] == "completed")

    stack.wait("it arrives another way", ended, within_s=1800)
    assert not passed & ON_BRIDGE, passed
    assert any(each.startswith("north_way") for each in passed if each), passed
    answer = stack.http.delete(f"/closures/{closure['id']}")
    assert answer.is_success
