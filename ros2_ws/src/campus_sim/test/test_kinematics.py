"""Drives against closed forms: ramps, arcs and braking distances, without noise."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from small_campus import ACCELERATION_MPS2, MAX_SPEED_MPS, TURN_RATE_RADPS, drive, small_world

from campus_sim.body import Command
from campus_sim.kinematics import advance


def test_a_robot_starts_at_its_dock_with_its_back_to_it(tmp_path: Path) -> None:
    body = small_world(tmp_path).bodies[1]
    assert (body.x_m, body.y_m, body.theta_rad) == (0.0, 8.0, 0.0)


@pytest.mark.parametrize("speed_mps", [0.77, 1.5])
def test_a_straight_line_is_a_ramp_and_then_constant(tmp_path: Path, speed_mps: float) -> None:
    world = small_world(tmp_path)
    drive(world, 5.0, r1=Command(speed_mps))
    body = world.bodies[0]
    ramp_s = speed_mps / ACCELERATION_MPS2
    assert body.x_m == pytest.approx(speed_mps * ramp_s / 2 + speed_mps * (5.0 - ramp_s), abs=1e-9)
    assert body.y_m == 0.0
    assert body.v_mps == speed_mps


def test_commands_beyond_the_limits_of_the_kind_are_cut(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    drive(world, 4.0, r1=Command(99.0, 0.0), r2=Command(0.0, -99.0))
    assert world.bodies[0].v_mps == MAX_SPEED_MPS
    assert world.bodies[1].w_radps == -TURN_RATE_RADPS
    drive(world, 0.1, r1=Command(math.nan, math.inf))
    assert world.bodies[0].v_mps == pytest.approx(MAX_SPEED_MPS - 0.1 * ACCELERATION_MPS2)


@pytest.mark.parametrize("speed_mps", [0.95, 2.0])
def test_the_braking_distance_is_v_squared_over_twice_a(tmp_path: Path, speed_mps: float) -> None:
    world = small_world(tmp_path)
    drive(world, 4.0, r1=Command(speed_mps))
    before_m = world.bodies[0].x_m
    drive(world, 3.0)
    braked_m = world.bodies[0].x_m - before_m
    assert braked_m == pytest.approx(speed_mps**2 / (2 * ACCELERATION_MPS2), abs=1e-9)
    assert world.bodies[0].v_mps == 0.0


def test_constant_speed_and_turn_rate_are_a_circle_of_radius_v_over_w(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    command = Command(1.2, 0.4)
    drive(world, 3.0, r1=command)
    body = world.bodies[0]
    centre = (
        body.x_m - 3.0 * math.sin(body.theta_rad),
        body.y_m + 3.0 * math.cos(body.theta_rad),
    )
    start = (body.x_m, body.y_m)
    quarter = round(math.pi / 2 / 0.4 * 10)
    for _ in range(quarter):
        world.step({"r1": command})
        assert math.dist((body.x_m, body.y_m), centre) == pytest.approx(3.0, abs=1e-9)
    chord_m = 2 * 3.0 * math.sin(0.04 * quarter / 2)
    assert math.dist(start, (body.x_m, body.y_m)) == pytest.approx(chord_m, abs=1e-9)


def test_an_arc_is_exact_whatever_the_step() -> None:
    whole = advance(1.0, 2.0, 0.3, 5.0, 2.0)
    pose = (1.0, 2.0, 0.3)
    for _ in range(7):
        pose = advance(*pose, 5.0 / 7, 2.0 / 7)
    assert pose == pytest.approx(whole, abs=1e-12)
