"""Whatever is redrawn and published while robots drive: all goes on, and a replay is the same."""

from __future__ import annotations

import contextlib
import copy
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.core.campus import Campus
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.commands import SubmitTask
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.errors import InvalidRequest
from fleet_manager.core.map_commands import PublishMap
from fleet_manager.core.map_events import BaseOutdated
from tests.sim.robots import START_S, World

ROBOTS = ["security_1", "security_3", "cleaning_1", "safety_2"]
ROBOTS_THAT_PATROL = ["security_1", "security_3", "safety_2"]
PLACES = ["gate_a", "gate_b", "library", "canteen", "clinic", "tower_b", "bridge_west"]
LONGEST_S = 8 * 3600.0
EDITS = ["move", "slow", "remove_lane", "remove_bay", "none"]
SCRIPTS = 10
SEED = 20261125


@pytest.fixture(scope="module")
def campus(root: Path) -> Campus:
    return load_campus(root / "maps/canalside")


@pytest.fixture(scope="module")
def fleet(root: Path, campus: Campus) -> FleetConfig:
    return load_fleet(root / "maps/canalside/fleet.yaml", campus)


def redrawn(
    document: dict[str, Any], edit: str, ahead: tuple[str, ...], chance: random.Random
) -> dict[str, Any]:
    """A document with something changed before a robot, or somewhere if it does not drive.

    Args:
        ahead: the waypoints of the robot's base that it has not passed.
    """
    new = copy.deepcopy(document)
    features = {each["id"]: each for each in new["features"]}
    lanes = [each for each in new["features"] if each["properties"]["feature"] == "lane"]
    on_way = [each for each in lanes if {*_ends(each)} <= {*ahead}]
    lane = chance.choice(on_way or lanes)
    if edit == "slow":
        lane["properties"]["speed_limit_mps"] = 0.4
    elif edit == "remove_lane":
        new["features"].remove(lane)
    elif edit == "move":
        _moved(new, features[_ends(lane)[1]], chance)
    elif edit == "remove_bay":
        bays = [each for each in features.values() if each["properties"].get("role") == "bay"]
        _without(new, chance.choice([each["id"] for each in bays if _is_spare(each)]))
    return new


def _ends(lane: dict[str, Any]) -> tuple[str, str]:
    return lane["properties"]["from"], lane["properties"]["to"]


def _is_spare(bay: dict[str, Any]) -> bool:
    """Whether no place or zone needs a bay."""
    return "name" not in bay["properties"] and not bay["id"].endswith("_access")


def _moved(document: dict[str, Any], chosen: dict[str, Any], chance: random.Random) -> None:
    shift = [chance.uniform(-0.3, 0.3), chance.uniform(-0.3, 0.3)]

    def move(position: list[float]) -> None:
        position[0], position[1] = position[0] + shift[0], position[1] + shift[1]

    move(chosen["geometry"]["coordinates"])
    for each in document["features"]:
        for key, index in (("from", 0), ("to", -1)):
            if each["properties"].get(key) == chosen["id"]:
                move(each["geometry"]["coordinates"][index])


def _without(document: dict[str, Any], identifier: str) -> None:
    document["features"] = [
        each
        for each in document["features"]
        if identifier
        not in (each["id"], *(each["properties"].get(key) for key in ("from", "to", "access")))
    ]


def run_script(world: World, campus: Campus, chance: random.Random) -> None:
    """Tasks, waits and publications at random; at the end the first map again, and all ends."""
    document = dict(campus.document)
    for number in range(chance.randint(2, 5)):
        robot = ROBOTS_THAT_PATROL[number % len(ROBOTS_THAT_PATROL)]
        asked = SubmitTask("patrol", {"places": chance.sample(PLACES, 2), "robot": robot})
        with contextlib.suppress(InvalidRequest):  # a place that is cut off on this map
            world.do(asked)
        for _ in world.run(chance.randint(15, 150)):
            pass
        movement = world.state.robot(robot).movement
        ahead = movement.waypoints[movement.passed : movement.released_to + 1] if movement else ()
        document = redrawn(document, chance.choice(EDITS), ahead, chance)
        new = campus_from_geojson(document)
        if new.version != world.state.site.campus.version:
            world.gate.library.add(new)
            world.do(PublishMap(new.version, "planner", "test"))
    if world.state.site.campus.version != campus.version:
        world.do(PublishMap(campus.version, "planner", "test"))
    while any(not each.ended for each in world.state.tasks.values()):
        world.step()
        assert world.now_s - START_S < LONGEST_S, [
            f"{t.id} {t.status} {t.robot}: {t.reason}" for t in world.state.tasks.values()
        ]


@pytest.mark.timeout(600)  # twenty scripts, a minute alone
def test_all_goes_on_whatever_is_published(campus: Campus, fleet: FleetConfig) -> None:
    outdated = 0
    for number in range(SCRIPTS):
        print(f"script {SEED + number}")
        world = World(campus, fleet, ROBOTS)
        for _ in world.run(2):
            pass
        run_script(world, campus, random.Random(SEED + number))
        outdated += sum(isinstance(event, BaseOutdated) for event in world.events)
        logged = msgspec.json.encode(world.state.logged())
        assert msgspec.json.encode(world.replayed().logged()) == logged
    assert outdated >= SCRIPTS / 2, "bases have changed under robots, or nothing was tried"
