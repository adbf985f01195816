"""A car that cannot turn on the spot drives the same orders as every robot (docs/your-robot.md)."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from robot_world import DT_S, World, action, order

from campus_robot.car_steering import Car, CarSteering
from campus_robot.executor import Status
from campus_robot.motion import Motion, Pose
from campus_robot.robot import Command
from campus_robot.topics import PLANT

CAR = Car(wheelbase_m=0.6, turning_radius_m=0.9)


class CarWorld(World):
    """The robot of the other tests on the base of a car: bicycle model, the rear axle's middle."""

    def __init__(self, **options: Any) -> None:
        self.steering, self.rolled_m = CarSteering(CAR), 0.0
        super().__init__(**options)

    def move(self, command: Command) -> None:
        told = self.steering.steer(command.motion, self.rolled_m)
        step = self.limits.max_acceleration_mps2 * DT_S
        self.v = min(max(told.v_mps, self.v - step), self.v + step)
        self.w = self.v * math.tan(told.angle_rad) / CAR.wheelbase_m
        self.rolled_m = self.v * DT_S
        theta = self.pose.theta_rad + self.w * DT_S / 2
        self.pose = Pose(
            self.pose.x_m + self.v * DT_S * math.cos(theta),
            self.pose.y_m + self.v * DT_S * math.sin(theta),
            self.pose.theta_rad + self.w * DT_S,
        )


def test_a_curve_is_steered_by_the_bicycle_model() -> None:
    told = CarSteering(CAR).steer(Motion(1.2, 0.6), 0.0)
    assert told.v_mps == 1.2
    assert told.angle_rad == pytest.approx(math.atan(0.6 * 0.5))


def test_what_is_too_tight_is_steered_as_tight_as_it_goes() -> None:
    tightest_rad = math.atan(0.6 / 0.9)
    assert CarSteering(CAR).steer(Motion(0.5, -1.2), 0.0).angle_rad == pytest.approx(-tightest_rad)
    assert CarSteering(CAR).steer(Motion(-0.5, -1.2), 0.0).angle_rad == pytest.approx(tightest_rad)
    assert CarSteering(CAR).steer(Motion(), 0.0).v_mps == 0.0


@pytest.mark.parametrize("turn_radps", [0.8, -0.8])
def test_a_turn_on_the_spot_stays_near_it(turn_radps: float) -> None:
    world = CarWorld()
    spot = world.pose
    turned_rad, farthest_m = 0.0, 0.0
    for _ in range(150):
        before_rad = world.pose.theta_rad
        world.move(Command(Motion(0.0, turn_radps)))
        turned_rad += world.pose.theta_rad - before_rad
        farthest_m = max(
            farthest_m, math.hypot(world.pose.x_m - spot.x_m, world.pose.y_m - spot.y_m)
        )
    assert math.copysign(1.0, turned_rad) == math.copysign(1.0, turn_radps)
    assert abs(turned_rad) > math.pi, "half a turn within 15 s"
    # A stroke, and what braking to turn round takes: 0.4² / (2 · 0.8).
    assert farthest_m < 2 * (CAR.stroke_m + 0.1)


def test_an_order_with_sharp_corners_is_driven_to_its_end() -> None:
    world = CarWorld()
    corners = [(0.0, 0.0), (10.0, 0.0), (10.0, 8.0), (2.0, 8.0)]
    stop = {3: (action("p", "patrol_point", dwell_s="1", place='"gate"'),)}
    world.tick(orders=[order(corners, actions=stop, width_m=3.0)])
    world.until(lambda: world.idle, 120)
    assert world.robot.executor.runs["p"].status is Status.FINISHED
    assert math.hypot(world.pose.x_m - 2.0, world.pose.y_m - 8.0) < 0.15
    for before, after in pairwise(world.track):
        rolled_m = math.hypot(after.x_m - before.x_m, after.y_m - before.y_m)
        turned_rad = abs(after.theta_rad - before.theta_rad)
        assert turned_rad <= rolled_m / CAR.turning_radius_m * 1.02 + 1e-9, "it is still a car"


def test_the_guide_does_what_it_says() -> None:
    guide = Path(__file__).parents[4] / "docs/your-robot.md"
    lines = guide.read_text(encoding="utf-8").splitlines()
    first = next(at for at, line in enumerate(lines) if "import Car, CarSteering" in line)
    last = next(at for at, line in enumerate(lines) if at > first and line.startswith("*("))
    block = "\n".join(line.removeprefix("    ") for line in lines[first:last])
    assert "assert" in block
    exec(compile(block, str(guide), "exec"), {})


def test_the_guide_names_the_topics_of_the_robot() -> None:
    guide = (Path(__file__).parents[4] / "docs/your-robot.md").read_text(encoding="utf-8")
    named = dict(re.findall(r"^\| `(\w+)` \| (\w+/\w+) \|", guide, re.MULTILINE))
    wanted = {
        topic.name.removeprefix("/{robot}/"): topic.type.replace("/msg/", "/")
        for key, topic in PLANT.items()
        if key not in ("clock", "image")
    }
    assert named == wanted
