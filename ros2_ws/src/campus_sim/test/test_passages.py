"""Doors, lifts and crossings of the simulator, and the levels between which robots ride."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from house_campus import house
from small_campus import FLEET

from campus_sim.body import Command
from campus_sim.configuration import load_campus, load_fleet
from campus_sim.noise import NONE
from campus_sim.sensors import Ranges
from campus_sim.walls import shape_of
from campus_sim.world import World, WorldOptions
from fleet_manager.core.passage import PassageAction, PassageRequest, PassageStatus

EAST = 180  # the ray straight ahead of a robot that heads east


@pytest.fixture
def world(tmp_path: Path) -> World:
    return made(tmp_path)


def made(tmp_path: Path, **options: Any) -> World:
    (tmp_path / "campus.geojson").write_text(json.dumps(house()), encoding="utf-8")
    (tmp_path / "fleet.yaml").write_text(FLEET, encoding="utf-8")
    campus = load_campus(tmp_path)
    fleet = load_fleet(tmp_path / "fleet.yaml", campus)
    return World(campus, fleet, WorldOptions(1, 0, {"r1": 0.9, "r2": 0.9}, NONE, **options))


def ask(
    world: World,
    passage: str,
    level: str,
    action: PassageAction = PassageAction.OPEN,
    epoch: int = 1,
) -> None:
    world.passages.ask(PassageRequest(passage, "s1", "r1", level, action), epoch)


def seconds(world: World, for_s: float, **commands: Command) -> None:
    for _ in range(round(for_s * 10)):
        world.step(commands)


def ahead_m(world: World) -> float:
    """What the first robot sees straight ahead, in the newest scan."""
    for _ in range(2):
        world.step({})
        scan: Ranges | None = world.readings["r1"].scan
        if scan is not None:
            found = float(scan[EAST])
    return found


def put(
    world: World, x_m: float, level: str = "ground", theta_rad: float = 0.0, y_m: float = 0.0
) -> None:
    body = world.bodies[0]
    body.x_m, body.y_m, body.theta_rad, body.level = x_m, y_m, theta_rad, level


def test_a_shut_door_is_a_wall_to_lidar_and_body_and_an_open_one_is_none(world: World) -> None:
    assert ahead_m(world) == pytest.approx(10.0, abs=0.05)
    seconds(world, 12.0, r1=Command(1.5))
    assert world.bodies[0].x_m == pytest.approx(9.5, abs=0.05)
    assert world.bodies[0].collisions == 1
    ask(world, "door", "ground")
    seconds(world, 2.3)
    assert world.passages.units["door"].status is PassageStatus.OPEN
    assert ahead_m(world) == pytest.approx(20.0 - 9.5, abs=0.1), "the lift's door"
    seconds(world, 4.0, r1=Command(1.5))
    assert world.bodies[0].x_m > 12.0


def test_a_door_does_not_close_on_a_robot(world: World) -> None:
    ask(world, "door", "ground")
    seconds(world, 2.3)
    put(world, 10.0)
    ask(world, "door", "ground", PassageAction.RELEASE)
    seconds(world, 10.0)
    assert world.passages.units["door"].status is PassageStatus.OPEN
    put(world, 12.0)
    seconds(world, 3.0)
    assert world.passages.units["door"].status is PassageStatus.CLOSED


def test_a_lift_carries_its_robot_and_opens_on_the_level_that_is_asked(world: World) -> None:
    ask(world, "lift", "ground")
    seconds(world, 2.3)
    put(world, 21.5, theta_rad=math.pi)
    ask(world, "lift", "l2")
    seconds(world, 2.0 + 0.3)
    assert world.passages.units["lift"].status is PassageStatus.MOVING
    assert world.bodies[0].level == "ground"
    assert ahead_m(world) == pytest.approx(1.5, abs=0.05), "the cabin's door"
    seconds(world, 4.0 / 0.5 + 2.0 + 0.3)
    lift = world.passages.units["lift"]
    assert (lift.status, lift.level) == (PassageStatus.OPEN, "l2")
    assert world.bodies[0].level == "l2"
    assert world.readings["r1"].pose is None or world.readings["r1"].pose.level == "l2"
    assert ahead_m(world) == pytest.approx(11.5, abs=0.05), "the wall of the upper level"
    seconds(world, 4.0, r1=Command(1.5))
    assert world.bodies[0].x_m < 18.0


def test_a_robot_is_on_the_next_level_from_the_middle_of_a_ramp_on_both_ways(
    world: World,
) -> None:
    body = world.bodies[0]
    put(world, 12.0, y_m=-5.0)
    levels: dict[str, list[float]] = {"ground": [], "l2": []}
    for _ in range(60):
        seconds(world, 0.1, r1=Command(1.0))
        levels[body.level].append(body.x_m)
    assert max(levels["ground"]) < 15.2
    assert min(levels["l2"]) > 15.0
    assert max(levels["l2"]) > 16.5
    pose = next(world.readings["r1"].pose for _ in range(2) if not world.step({}))
    assert pose is None or pose.level == "l2"
    seconds(world, 6.0, r1=Command(-1.0))
    assert body.x_m < 14.9
    assert body.level == "ground"


def test_who_passes_beside_a_ramp_stays_on_its_level(world: World) -> None:
    put(world, 12.0, y_m=-5.0 + 0.9 + 0.1)
    seconds(world, 6.0, r1=Command(1.0))
    assert world.bodies[0].x_m > 16.0
    assert world.bodies[0].level == "ground"


def test_a_lift_that_is_away_is_a_shut_door(world: World) -> None:
    ask(world, "lift", "l2")
    seconds(world, 20.0)
    put(world, 16.0)
    assert ahead_m(world) == pytest.approx(4.0, abs=0.05)
    put(world, 16.0, "l2")
    assert ahead_m(world) == pytest.approx(7.0, abs=0.05), "the back wall of the cabin"


def test_robots_of_different_levels_neither_see_nor_touch_each_other(world: World) -> None:
    put(world, 14.0)
    other = world.bodies[1]
    other.x_m, other.y_m, other.level = 17.0, 0.0, "l2"
    assert ahead_m(world) == pytest.approx(6.0, abs=0.05)
    seconds(world, 4.0, r1=Command(1.0))
    assert world.bodies[0].x_m > 17.0
    seconds(world, 2.0)
    other.level = "ground"
    other.x_m = world.bodies[0].x_m + 1.5
    assert ahead_m(world) == pytest.approx(1.0, abs=0.05)


def test_requests_are_states_that_are_wanted_and_one_session_at_a_time_is_served(
    world: World,
) -> None:
    ask(world, "door", "ground")
    world.passages.ask(PassageRequest("door", "s2", "r2", "ground", PassageAction.OPEN), 1)
    ask(world, "door", "ground")
    unit = world.passages.units["door"]
    assert (unit.session_id, unit.robot) == ("s1", "r1")
    world.passages.ask(PassageRequest("door", "s2", "r2", "ground", PassageAction.RELEASE), 1)
    assert unit.session_id == "s1"
    ask(world, "door", "ground", PassageAction.RELEASE, epoch=2)
    world.passages.ask(PassageRequest("door", "s2", "r2", "ground", PassageAction.OPEN), 1)
    assert unit.session_id == "", "an older manager is not listened to"
    ask(world, "nothing", "ground")


def test_a_signal_turns_green_after_its_time_and_stays_while_a_robot_crosses(world: World) -> None:
    road = world.passages.units["road"]
    ask(world, "road", "ground")
    seconds(world, 4.8)
    assert road.status is PassageStatus.OPENING
    seconds(world, 0.5)
    assert road.status is PassageStatus.OPEN
    put(world, 5.5)
    ask(world, "road", "ground", PassageAction.RELEASE)
    seconds(world, 10.0)
    assert road.status is PassageStatus.OPEN
    put(world, 9.0)
    seconds(world, 4.0)
    assert road.status is PassageStatus.CLOSED


def test_a_passage_told_to_fail_does_not_react_for_that_time(tmp_path: Path) -> None:
    world = made(tmp_path, failing={"door": (0.0, 10.0)})
    ask(world, "door", "ground")
    seconds(world, 9.0)
    assert world.passages.units["door"].status is PassageStatus.CLOSED
    seconds(world, 4.0)
    assert world.passages.units["door"].status is PassageStatus.OPEN


def test_a_house_without_ways_in_it_is_solid(tmp_path: Path) -> None:
    made(tmp_path)
    campus = load_campus(tmp_path)
    shape = shape_of(campus, "ground")
    assert shape.solid.is_empty
    assert not np.isclose(shape.walls.length, 0.0)
    assert {passage for passage, _ in shape.leaves} == {"door", "lift"}
