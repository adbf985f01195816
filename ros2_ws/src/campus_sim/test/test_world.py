"""Seed and commands fix the run; sensors err as much as they should and no more."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from small_campus import small_world

from campus_sim.body import Command
from campus_sim.noise import USUAL
from campus_sim.world import World

STEPS = 400


def run_of(world: World, turn_radps: float = 0.2) -> list[object]:
    """Everything the robots are told, bit for bit, and where all end."""
    told: list[object] = []
    for step in range(STEPS):
        world.step({"r1": Command(1.0, turn_radps, True), "r2": Command(0.5 + step % 3, -0.1)})
        for reading in world.readings.values():
            scan = None if reading.scan is None else reading.scan.tobytes()
            told.append((reading.odometry, reading.pose, scan, reading.battery))
    told.append(world.people.positions.tobytes())
    told.append([grid.dirty.tobytes() for grid in world.dirt.values()])
    return told


def test_the_same_seed_and_commands_are_the_same_run(tmp_path: Path) -> None:
    runs = [run_of(small_world(tmp_path, seed=7, people=5, noise=USUAL)) for _ in range(2)]
    assert runs[0] == runs[1]


def test_another_seed_or_another_command_is_another_run(tmp_path: Path) -> None:
    first = run_of(small_world(tmp_path, seed=7, people=5, noise=USUAL))
    assert first != run_of(small_world(tmp_path, seed=8, people=5, noise=USUAL))
    assert first != run_of(small_world(tmp_path, seed=7, people=5, noise=USUAL), turn_radps=0.21)


def test_the_localiser_errs_by_its_noise_and_is_silent_at_times(tmp_path: Path) -> None:
    world = small_world(tmp_path, seed=4, noise=USUAL)
    errors, silences, silent_s = [], [], 0.0
    for _ in range(12_000):
        world.step({})
        body = world.bodies[0]
        pose = world.readings["r1"].pose
        if world.steps % 2:
            continue
        if pose is None:
            silent_s += 0.2
            continue
        if silent_s:
            silences.append(silent_s)
            silent_s = 0.0
        errors.append((pose.x_m - body.x_m, pose.y_m - body.y_m, pose.theta_rad - body.theta_rad))
    assert np.allclose(
        np.std(errors, axis=0), [USUAL.pose_m, USUAL.pose_m, USUAL.pose_rad], rtol=0.1
    )
    assert np.abs(np.mean(errors, axis=0)).max() < 0.002
    # 1200 s: ten silences are expected; Poisson keeps within 2 to 20.
    assert 2 <= len(silences) <= 20
    assert max(silences) <= USUAL.dropout_s[1] + 0.2


def test_odometry_drifts_slowly_and_stands_still_with_the_robot(tmp_path: Path) -> None:
    world = small_world(tmp_path, seed=4, noise=USUAL)
    for _ in range(100):
        world.step({})
    assert world.readings["r1"].odometry.v_mps == 0.0
    body = world.bodies[0]
    for _ in range(150):
        world.step({"r1": Command(1.5, 0.0)})
    odometry = world.readings["r1"].odometry
    off_m = math.dist((odometry.x_m, odometry.y_m), (body.x_m, body.y_m))
    assert body.distance_m > 20
    assert 0.01 < off_m < 0.05 * body.distance_m
