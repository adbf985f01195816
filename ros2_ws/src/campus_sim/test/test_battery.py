"""Batteries against energy worked out by hand: P t / C."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from small_campus import document, drive, small_world, write_files

from campus_sim.body import Command
from campus_sim.configuration import load_campus, load_fleet
from campus_sim.noise import NONE
from campus_sim.slopes import Slopes
from campus_sim.world import World, WorldOptions

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


def on_a_slope(folder: Path, slope: float, mass_kg: float) -> World:
    """The street from west_1 (4, 0) to east_1 (24, 0) rises eastwards by `slope`."""
    campus = document()
    lane = next(each for each in campus["features"] if each["id"] == "west_1-east_1")
    lane["properties"]["slope"] = slope
    map_dir, fleet_file = write_files(folder, campus)
    text = fleet_file.read_text()
    fleet_file.write_text(
        text.replace("    max_speed", f"    mass_kg: {mass_kg}\n    max_speed", 1)
    )
    read = load_campus(map_dir)
    options = WorldOptions(charges={"r1": 0.8, "r2": 0.8}, noise=NONE)
    return World(read, load_fleet(fleet_file, read), options)


def drained_wh(world: World, seconds: float, speed_mps: float) -> float:
    before = world.batteries[0].state_of_charge
    drive(world, seconds, r1=Command(speed_mps))
    return (before - world.batteries[0].state_of_charge) * CAPACITY_WH


@pytest.mark.parametrize("mass_kg", [20.0, 400.0])
def test_a_ramp_costs_its_height_and_gives_back_no_more_than_rolling(
    tmp_path: Path, mass_kg: float
) -> None:
    """10 m up a slope of 5 % and down again, backwards; 20 kg need power downhill, 400 kg none."""
    world = on_a_slope(tmp_path, 0.05, mass_kg)
    drive(world, 8.0, r1=Command(1.0))
    assert 4.0 < world.bodies[0].x_m < 14.0
    up_wh = drained_wh(world, 8.0, 1.0)
    drive(world, 3.0)
    drive(world, 2.0, r1=Command(-1.0))
    down_wh = drained_wh(world, 5.0, -1.0)
    weight_n = mass_kg * 9.81 * 0.05
    up_w = IDLE_W + DRIVE_W_PER_MPS + weight_n / 0.8
    down_w = IDLE_W + max(DRIVE_W_PER_MPS - weight_n * 0.8, 0.0)
    assert up_wh * 3600 == pytest.approx(up_w * 8.0, rel=1e-9)
    assert down_wh * 3600 == pytest.approx(down_w * 5.0, rel=1e-9)


def test_a_robot_that_drives_across_a_slope_climbs_nothing(tmp_path: Path) -> None:
    on_a_slope(tmp_path, 0.05, 100.0)
    slopes = Slopes(load_campus(tmp_path))
    for theta_rad, slope in ((0.0, 0.05), (math.pi, -0.05), (math.pi / 2, 0.0)):
        assert slopes.under("ground", (10.0, 0.5), theta_rad) == pytest.approx(slope)
    assert slopes.under("ground", (10.0, 1.5), 0.0) == 0.0, "beside the lane"
    assert slopes.under("roof", (10.0, 0.5), 0.0) == 0.0


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
