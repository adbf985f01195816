"""Robots in Gazebo 11's physics move, see and touch as the fleet file and the map say."""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from shapely.geometry import Point

from tests.gazebo.conftest import Server
from tests.stopwatch import core_seconds

pytestmark = [pytest.mark.gazebo, pytest.mark.timeout(300)]

ROBOTS = ("security_1", "cleaning_1", "safety_1")
DT_S = 0.1


@pytest.fixture(scope="module")
def world(server: Server) -> Iterator[Any]:
    """One robot of each kind at its dock on Canalside, without errors of odometer or localiser."""
    from campus_gazebo.gazebo11 import Gazebo11
    from campus_gazebo.gazebo11_messages import messages
    from campus_gazebo.world import GazeboWorld
    from campus_sim.configuration import load_campus, load_fleet
    from campus_sim.noise import NONE
    from campus_sim.world import WorldOptions

    campus = load_campus(server.map_dir)
    fleet = load_fleet(server.map_dir / "fleet.yaml", campus)
    fleet = replace(fleet, robots={name: fleet.robots[name] for name in ROBOTS})
    with contextlib.closing(Gazebo11(messages(server.messages), server.port, 60.0)) as simulator:
        yield GazeboWorld(campus, fleet, WorldOptions(noise=NONE), simulator)


def drive(world: Any, seconds: float, **speeds: tuple[float, float]) -> None:
    from campus_sim.body import Command

    for _ in range(round(seconds / DT_S)):
        world.step({name: Command(*each) for name, each in speeds.items()})


def body_of(world: Any, name: str) -> Any:
    return next(each for each in world.bodies if each.name == name)


def put(world: Any, name: str, x_m: float, y_m: float, yaw_rad: float) -> Any:
    """Put a robot somewhere else, at a stand."""
    drive(world, 2.0)
    world.put(name, x_m, y_m, yaw_rad)
    deadline_s = time.monotonic() + 30.0
    drive(world, DT_S)
    while name in world.carried:
        assert time.monotonic() < deadline_s, f"{name} is not put at {x_m}, {y_m}"
        drive(world, DT_S)
    drive(world, 0.5)
    body = body_of(world, name)
    assert math.dist((body.x_m, body.y_m), (x_m, y_m)) < 0.05
    return body


@pytest.mark.parametrize("name", ROBOTS)
def test_a_robot_drives_as_far_as_its_wheels_turn(name: str, world: Any) -> None:
    drive(world, 2.0)
    body = body_of(world, name)
    before = (body.x_m, body.y_m, body.theta_rad)
    drive(world, 5.0, **{name: (0.8, 0.0)})
    drive(world, 3.0)
    gone_m = math.dist(before[:2], (body.x_m, body.y_m))
    off_rad = math.remainder(body.theta_rad - before[2], 2 * math.pi)
    # Ramps up and down are equally long, so it goes v·t in all.
    print(f"{name}: {gone_m:.3f} m of 4.000 m, heading off by {off_rad:.4f} rad")
    assert gone_m == pytest.approx(4.0, abs=0.06)
    assert abs(off_rad) < 0.03
    # Where the heading points is where it goes.
    bearing_rad = math.atan2(body.y_m - before[1], body.x_m - before[0])
    assert abs(math.remainder(bearing_rad - before[2], 2 * math.pi)) < 0.03


@pytest.mark.parametrize("turn_radps", [0.6, -0.6])
@pytest.mark.parametrize("name", ROBOTS)
def test_a_robot_turns_in_place_to_the_side_it_is_told(
    name: str, turn_radps: float, world: Any
) -> None:
    drive(world, 2.0)
    body = body_of(world, name)
    turned_rad, before = 0.0, (body.x_m, body.y_m)
    for _ in range(40):
        drive(world, DT_S, **{name: (0.0, turn_radps)})
        turned_rad += body.turned_rad
    for _ in range(20):
        drive(world, DT_S)
        turned_rad += body.turned_rad
    print(f"{name}: turned {turned_rad:.3f} rad of {4 * turn_radps:.3f}")
    assert turned_rad == pytest.approx(4 * turn_radps, rel=0.05)
    assert math.dist(before, (body.x_m, body.y_m)) < 0.05


@pytest.mark.parametrize("name", ROBOTS)
def test_a_robot_brakes_within_its_braking_distance(name: str, world: Any) -> None:
    body = body_of(world, name)
    put(world, name, 106.0, 219.0 + 5.0 * ROBOTS.index(name), 0.0)
    top_mps = body.drive.max_speed_mps
    drive(world, top_mps / body.drive.max_acceleration_mps2 + 1.0, **{name: (top_mps, 0.0)})
    speed_mps, before = body.v_mps, (body.x_m, body.y_m)
    assert speed_mps == pytest.approx(top_mps, abs=0.05)
    drive(world, 4.0)
    braked_m = math.dist(before, (body.x_m, body.y_m))
    allowed_m = top_mps**2 / (2 * body.drive.max_acceleration_mps2)
    print(
        f"{name}: braked from {speed_mps:.2f} m/s in {braked_m:.3f} m, v²/2a is {allowed_m:.3f} m"
    )
    assert body.v_mps == pytest.approx(0.0, abs=0.02)
    assert braked_m < allowed_m * 1.05 + speed_mps * DT_S


def test_lidars_see_walls_where_the_map_has_them(world: Any) -> None:
    from campus_sim import raycast, sensors

    errors = []
    for x_m, y_m, yaw_rad in ((131.8, 247.0, 0.3), (81.0, 207.6, -1.0), (126.6, 302.0, 2.0)):
        body = put(world, "safety_1", x_m, y_m, yaw_rad)
        drive(world, 0.4)
        seen = world._simulator.turns["safety_1"].ranges_m
        pose = np.array([[body.x_m, body.y_m, body.theta_rad]])
        walls = [world._levels.of("ground").sight.at(body.x_m, body.y_m)]
        nobody = np.array([[body.x_m, body.y_m, body.radius_m]])
        drawn = raycast.cast(pose, walls, nobody, sensors.RANGE_MAX_M)[0]
        both = np.isfinite(seen) & np.isfinite(drawn) & (drawn < sensors.RANGE_MAX_M - 0.1)
        assert both.sum() > 15, "there are walls about"
        # Rays along a wall's edge hit or miss it by a hair: a few of them may differ by metres.
        gaps = np.sort(np.abs(seen[both] - drawn[both]))
        errors.append(gaps[: int(0.98 * len(gaps))])
        missed = np.isfinite(drawn) & ~np.isfinite(seen) & (drawn < sensors.RANGE_MAX_M - 0.2)
        assert missed.sum() <= 0.03 * np.isfinite(drawn).sum()
    every = np.concatenate(errors)
    print(f"{len(every)} rays: mean error {every.mean():.4f} m, greatest {every.max():.3f} m")
    assert every.mean() < 0.05


def before_a_wall(world: Any, far_m: float) -> tuple[float, float, float]:
    """A spot and the heading from which a house's wall is straight ahead, with nothing between."""
    shape = world._levels.of("ground").shape
    for house in world._campus.buildings.values():
        corners = list(house.polygon.exterior.coords)
        for (x1, y1), (x2, y2) in itertools.pairwise(corners):
            length_m = math.dist((x1, y1), (x2, y2))
            if length_m < 8.0:
                continue
            for side in (1.0, -1.0):
                out = (side * (y2 - y1) / length_m, side * (x1 - x2) / length_m)
                spot = ((x1 + x2) / 2 + far_m * out[0], (y1 + y2) / 2 + far_m * out[1])
                gap_m = shape.all.distance(Point(spot))
                if abs(gap_m - far_m) < 0.01:
                    return (*spot, math.atan2(-out[1], -out[0]))
    raise AssertionError("no house has a free wall")


def test_a_robot_that_runs_into_a_wall_stands_and_its_bumper_says_so(world: Any) -> None:
    x_m, y_m, heading_rad = before_a_wall(world, 3.0)
    body = put(world, "security_1", x_m, y_m, heading_rad)
    touches = body.collisions
    drive(world, 4.0 / 0.4, security_1=(0.4, 0.0))
    gone_m = math.dist((x_m, y_m), (body.x_m, body.y_m))
    assert gone_m == pytest.approx(3.0 - body.radius_m, abs=0.1)
    assert body.collisions > touches
    drive(world, 3.0, security_1=(-0.4, 0.0))
    assert not body.touching


def test_a_step_takes_less_time_than_it_simulates(world: Any, server: Server) -> None:
    pids = [server.pid, os.getpid()]
    began_s, before_s = time.monotonic(), core_seconds(pids)
    drive(world, 10.0, **dict.fromkeys(ROBOTS, (0.2, 0.3)))
    taken_s, core_s = time.monotonic() - began_s, core_seconds(pids) - before_s
    print(
        f"{len(ROBOTS)} robots: {10.0 / taken_s:.1f} simulated s per s, {core_s:.1f} core-s in all"
    )
    # What it takes of one core does not depend on who else is busy on this machine.
    assert core_s < 10.0


def test_steps_end_where_they_are_asked_to(world: Any) -> None:
    simulator = world._simulator
    began_s = simulator.now_s
    drive(world, 2.0)
    assert simulator.now_s - began_s == pytest.approx(2.0, abs=1e-6)
    assert all(turn.at_s > simulator.now_s - 0.21 for turn in simulator.turns.values())
