"""What stands in the way stops a robot: walls, other robots, people."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from small_campus import RADIUS_M, WALL_X_M, drive, small_world

from campus_sim.body import Command
from campus_sim.people import RADIUS_M as PERSON_RADIUS_M
from campus_sim.people import STOPS_BEFORE_M


def test_a_wall_stops_a_robot_at_its_footprint_and_lets_it_back(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    body = world.bodies[0]
    drive(world, 20.0, r1=Command(2.0))
    assert body.x_m == pytest.approx(WALL_X_M - RADIUS_M, abs=1e-3)
    assert body.x_m <= WALL_X_M - RADIUS_M
    assert body.collisions == 1
    assert body.distance_m == pytest.approx(body.x_m, abs=1e-6)
    drive(world, 3.0, r1=Command(-1.0))
    assert body.x_m == pytest.approx(WALL_X_M - RADIUS_M - 2.5, abs=1e-3)


def test_robots_stop_each_other(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    first, second = world.bodies
    second.x_m, second.y_m, second.theta_rad = 6.0, 0.1, math.pi
    drive(world, 8.0, r1=Command(1.0), r2=Command(1.0))
    gap_m = math.dist((first.x_m, first.y_m), (second.x_m, second.y_m))
    assert gap_m == pytest.approx(2 * RADIUS_M, abs=1e-3)
    assert gap_m >= 2 * RADIUS_M - 1e-9
    assert (first.v_mps, second.v_mps) == (0.0, 0.0)
    assert min(first.collisions, second.collisions) >= 1


def test_robots_and_people_never_overlap(tmp_path: Path) -> None:
    world = small_world(tmp_path, people=10, seed=3)
    wild = itertools.cycle([Command(1.5, 0.4), Command(1.5, -0.6), Command(-1.0, 0.1)])
    touched = RADIUS_M + PERSON_RADIUS_M - 1e-6
    for _ in range(40):
        commands = {"r1": next(wild), "r2": next(wild)}
        for _ in range(15):
            world.step(commands)
            for body in world.bodies:
                gaps = world.people.positions - (body.x_m, body.y_m)
                assert np.hypot(*gaps.T).min() >= touched


def test_people_stop_before_a_robot_and_then_turn_back(tmp_path: Path) -> None:
    world = small_world(tmp_path, people=1, seed=2)
    body = world.bodies[0]
    before = world.people.positions[0].copy()
    world.step({})
    step = world.people.positions[0] - before
    ahead = world.people.positions[0] + step / np.linalg.norm(step) * 1.2
    body.x_m, body.y_m = ahead.tolist()
    assert RADIUS_M + PERSON_RADIUS_M + STOPS_BEFORE_M > 1.2
    stood = world.people.positions[0].copy()
    drive(world, 1.5)
    assert np.array_equal(world.people.positions[0], stood)
    drive(world, 3.0)
    gone_m = np.linalg.norm(world.people.positions[0] - ahead)
    assert gone_m > 1.5


def test_people_walk_about_outside_of_houses(tmp_path: Path) -> None:
    world = small_world(tmp_path, people=6)
    before = world.people.positions.copy()
    walked_m = np.zeros(6)
    for _ in range(600):
        last = world.people.positions
        world.people.step(0.1, np.empty((0, 3)))
        walked_m += np.linalg.norm(world.people.positions - last, axis=1)
        assert world.people.positions[:, 0].max() < WALL_X_M
    assert (walked_m > 0.8 * 60).all()
    assert (np.linalg.norm(world.people.positions - before, axis=1) > 0.1).any()


def test_nobody_stands_before_a_standing_robot_for_ever(tmp_path: Path) -> None:
    world = small_world(tmp_path, people=10, seed=7)
    beside = world.people.positions[:5] + np.array([1.2, 0.3])
    robots = np.hstack([beside, np.full((5, 1), RADIUS_M)])
    stood_s = np.zeros(10)
    for _ in range(3000):
        before = world.people.positions.copy()
        world.people.step(0.1, robots)
        moved = np.hypot(*(world.people.positions - before).T) > 1e-6
        stood_s = np.where(moved, 0.0, stood_s + 0.1)
        assert stood_s.max() < 10.0
