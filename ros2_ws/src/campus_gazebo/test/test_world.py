"""The campus in a simulator: what is made of its poses, contacts and scans."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from campus_gazebo.simulator import Place, Turn
from campus_gazebo.world import GazeboWorld
from campus_sim.body import Command
from campus_sim.configuration import load_campus, load_fleet
from campus_sim.noise import NONE
from campus_sim.world import WorldOptions

ROBOTS = ("security_1", "cleaning_1")


class Ideal:
    """A simulator whose robots drive exactly as they are told, unless something holds them."""

    def __init__(self) -> None:
        self.places: dict[str, Place] = {}
        self.turns: dict[str, Turn] = {}
        self.touching: set[str] = set()
        self.held: set[str] = set()
        self.now_s = 0.0
        self.speeds: dict[str, tuple[float, float]] = {}
        self.moves: list[dict[str, Place]] = []
        self.takes_moves = True

    def spawn(self, models: Any) -> None:
        self.places |= {name: place for name, (_, place) in models.items()}

    def watch(self, robots: Any) -> None:
        self.speeds = dict.fromkeys(robots, (0.0, 0.0))

    def drive(self, robot: str, v_mps: float, w_radps: float) -> None:
        self.speeds[robot] = (v_mps, w_radps)

    def move(self, places: Any) -> None:
        self.moves.append(dict(places))
        if self.takes_moves:
            self.places |= places

    def advance(self, duration_s: float) -> None:
        self.now_s += duration_s
        self.touching = set(self.held)
        for name, (wanted_mps, w_radps) in self.speeds.items():
            here = self.places[name]
            v_mps = 0.0 if name in self.held else wanted_mps
            middle_rad = here.yaw_rad + w_radps * duration_s / 2
            self.places[name] = Place(
                here.x_m + v_mps * duration_s * math.cos(middle_rad),
                here.y_m + v_mps * duration_s * math.sin(middle_rad),
                here.z_m,
                here.yaw_rad + w_radps * duration_s,
            )

    def close(self) -> None:
        """Nothing to leave."""


@pytest.fixture
def simulator() -> Ideal:
    return Ideal()


@pytest.fixture
def world(root: Path, simulator: Ideal) -> GazeboWorld:
    campus = load_campus(root / "maps/canalside")
    fleet = load_fleet(root / "maps/canalside/fleet.yaml", campus)
    fleet = replace(fleet, robots={name: fleet.robots[name] for name in ROBOTS})
    return GazeboWorld(campus, fleet, WorldOptions(noise=NONE), simulator)


def test_motors_ramp_as_the_fleet_file_says(world: GazeboWorld, simulator: Ideal) -> None:
    for step in range(1, 30):
        world.step({"security_1": Command(9.0, 0.0)})
        # 0.8 m/s² up to 1.5 m/s; the mean of a step is what the wheels are told
        wanted_mps = min(1.5, 0.8 * (step - 0.5) * 0.1)
        assert simulator.speeds["security_1"][0] == pytest.approx(wanted_mps, abs=0.02)
    world.step({})
    assert simulator.speeds["security_1"][0] == pytest.approx(1.5 - 0.8 * 0.05)


def test_odometry_and_pose_follow_the_simulators_poses(world: GazeboWorld) -> None:
    start = world.bodies[0].x_m, world.bodies[0].y_m, world.bodies[0].theta_rad
    for _ in range(40):
        world.step({"security_1": Command(0.5, 0.2)})
    body, reading = world.bodies[0], world.readings["security_1"]
    counted = reading.odometry
    gone_m = math.dist(start[:2], (body.x_m, body.y_m))
    assert gone_m > 1.0
    assert math.hypot(counted.x_m, counted.y_m) == pytest.approx(gone_m, abs=0.01)
    assert counted.theta_rad == pytest.approx(body.theta_rad - start[2], abs=1e-6)
    assert reading.pose is not None
    assert (reading.pose.x_m, reading.pose.y_m) == pytest.approx((body.x_m, body.y_m))


def test_a_bumper_that_is_held_counts_once(world: GazeboWorld, simulator: Ideal) -> None:
    world.step({"security_1": Command(0.5, 0.0)})
    simulator.held = {"security_1"}
    for _ in range(5):
        world.step({"security_1": Command(0.5, 0.0)})
    assert world.bodies[0].collisions == 1
    assert world.bodies[0].touching
    simulator.held = set()
    world.step({})
    assert not world.bodies[0].touching


def test_a_turn_of_the_lidar_is_told_once(world: GazeboWorld, simulator: Ideal) -> None:
    ranges = np.full(360, 3.0, dtype=np.float32)
    simulator.turns["security_1"] = Turn(simulator.now_s, ranges)
    world.step({})
    assert world.readings["security_1"].scan is ranges
    world.step({})
    assert world.readings["security_1"].scan is None
    assert world.readings["cleaning_1"].scan is None


def test_a_brush_cleans_where_the_simulator_has_the_robot(world: GazeboWorld) -> None:
    zone = next(iter(world.dirt))
    inside = world._campus.zones[zone].polygon.buffer(-1.0).representative_point()
    world.put("cleaning_1", inside.x, inside.y, 0.0)
    world.step({})
    world.step({})
    assert not world.carried
    for _ in range(30):
        world.step({"cleaning_1": Command(0.5, 0.0, brush=True)})
    assert 0.0 < world.dirt[zone].clean_fraction < 0.5
    assert world.bodies[1].distance_m < 2.0, "to be carried is not to drive"


def test_who_is_carried_is_asked_for_until_there(world: GazeboWorld, simulator: Ideal) -> None:
    simulator.takes_moves = False
    world.put("security_1", 100.0, 200.0, 0.0)
    for _ in range(3):
        world.step({})
    assert len(simulator.moves) == 3
    assert world.carried == {"security_1"}
    simulator.takes_moves = True
    world.step({})
    world.step({})
    assert not world.carried
    assert (world.bodies[0].x_m, world.bodies[0].y_m) == (100.0, 200.0)


def test_batteries_drain_by_what_is_driven(world: GazeboWorld) -> None:
    world.put("security_1", 100.0, 200.0, 0.0)
    before = [each.state_of_charge for each in world.batteries]
    for _ in range(600):
        world.step({"security_1": Command(1.5, 0.5)})
    drawn_wh = (before[0] - world.batteries[0].state_of_charge) * 800
    # 35 W idle and 60 W per m/s at 1.5 m/s: 125 W for a minute
    assert drawn_wh == pytest.approx(125 / 60, rel=0.1)
