"""Batteries against energy worked out by hand: P t / C."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_campus import drive, small_world

from campus_sim.body import Command

CAPACITY_WH, IDLE_W, DRIVE_W_PER_MPS, TOOL_W, CHARGE_W = 100.0, 36.0, 72.0, 90.0, 360.0


def test_driving_and_brushing_drain_what_they_draw(tmp_path: Path) -> None:
    world = small_world(tmp_path, charge=0.8)
    drive(world, 2.0, r1=Command(1.0, brush=True))  # leaves the dock
    before = world.batteries[0].state_of_charge
    drive(world, 10.0, r1=Command(1.0, brush=True))
    drained = before - world.batteries[0].state_of_charge
    power_w = IDLE_W + DRIVE_W_PER_MPS * 1.0 + TOOL_W
    assert drained == pytest.approx(power_w * 10 / 3600 / CAPACITY_WH, rel=1e-9)
    reading = world.batteries[0].reading()
    assert not reading.charging
    assert reading.current_a * reading.voltage_v == pytest.approx(-power_w)


def test_a_robot_at_a_dock_charges_until_it_is_full(tmp_path: Path) -> None:
    world = small_world(tmp_path, charge=0.5)
    drive(world, 60.0)
    expected = 0.5 + CHARGE_W * 60 / 3600 / CAPACITY_WH
    assert world.batteries[0].state_of_charge == pytest.approx(expected, rel=1e-9)
    assert world.batteries[0].reading().charging
    drive(world, 500.0)
    reading = world.batteries[0].reading()
    assert reading.state_of_charge == 1.0
    assert reading.full
    assert not reading.charging


def test_an_empty_battery_stops_the_robot(tmp_path: Path) -> None:
    world = small_world(tmp_path, charge=0.004)
    drive(world, 20.0, r1=Command(0.5, brush=True))
    assert world.batteries[0].state_of_charge == 0.0
    assert world.bodies[0].v_mps == 0.0
    assert not world.bodies[0].brushing
