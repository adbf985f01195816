"""What work draws of a battery by the model, and how a robot's own share of it is learned."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.core.config import BatterySpec, KindSpec
from fleet_manager.core.consumption import SPREAD, Consumption, differs
from fleet_manager.core.planning.energy_model import (
    DRIVETRAIN,
    GRAVITY_MPS2,
    SLOWER,
    charge_power_w,
    charge_s,
    drive_wh,
    edges_wh,
)
from fleet_manager.core.planning.routes import Routes

BATTERY = BatterySpec(1000.0, idle_w=36.0, drive_w_per_mps=60.0, tool_w=200.0, charge_w=400.0)
KIND = KindSpec("porter", frozenset({"go_to"}), 0.4, 1.5, 0.8, 1.2, BATTERY, mass_kg=100.0)


def test_driving_draws_by_metre_and_by_second() -> None:
    slow, fast = drive_wh(KIND, 100.0, 200.0), drive_wh(KIND, 100.0, 100.0)
    assert fast == pytest.approx((60.0 * 100.0 + 36.0 * 100.0 * SLOWER) / 3600.0)
    assert slow - fast == pytest.approx(36.0 * 100.0 * SLOWER / 3600.0)


def test_climbing_draws_more_than_going_down_gives_back() -> None:
    level, up, down = (drive_wh(KIND, 100.0, 0.0, slope) for slope in (0.0, 0.05, -0.05))
    height_wh = 100.0 * GRAVITY_MPS2 * 5.0 / 3600.0
    assert up - level == pytest.approx(height_wh / DRIVETRAIN)
    assert level - down == pytest.approx(height_wh * DRIVETRAIN)
    assert drive_wh(KIND, 100.0, 0.0, -0.3) == 0.0, "no energy flows back into the battery"


def test_single_lanes_and_arrays_of_lanes_draw_the_same() -> None:
    lengths, seconds = np.array([3.0, 120.0, 50.0]), np.array([2.0, 90.0, 300.0])
    slopes = np.array([0.04, -0.02, -0.4])
    each = [drive_wh(KIND, *values) for values in zip(lengths, seconds, slopes, strict=True)]
    assert edges_wh(KIND, lengths, seconds, slopes) == pytest.approx(each)


@pytest.mark.parametrize("taper_from", [1.0, 0.8, 0.3])
def test_the_time_to_charge_is_that_of_power_added_up(taper_from: float) -> None:
    battery = replace(BATTERY, taper_from=taper_from)
    charge_wh, seconds = 200.0, 0.0
    while charge_wh < 990.0:
        charge_wh += charge_power_w(battery, charge_wh) / 3600.0
        seconds += 1.0
    assert charge_s(battery, 200.0, 990.0) == pytest.approx(seconds, rel=0.01)
    assert charge_s(battery, 700.0, 600.0) == 0.0


def test_ways_to_a_dock_draw_what_ways_from_each_waypoint_do(root: Path) -> None:
    site = root / "maps/xixi"
    campus = load_campus(site)
    kind = replace(load_fleet(site, campus).kinds["security"], mass_kg=120.0)
    routes = Routes(campus, kind)
    dock = campus.docks[0].id
    back = routes.towards(dock)
    for start in list(campus.waypoints)[::400]:
        seconds, energy_wh = back.of(start)
        there_s, there_wh = routes.reach(start).of(dock)
        assert seconds == pytest.approx(there_s)
        if math.isfinite(seconds):
            assert energy_wh == pytest.approx(there_wh, rel=0.02)
            assert energy_wh == pytest.approx(routes.energy_wh(start, dock), rel=0.02)
    assert back.of("nowhere") == (math.inf, math.inf)


def test_ramps_of_the_site_cost_their_height(root: Path) -> None:
    """To the second storey of a car park and back, against 60 m on level ground, by hand."""
    site = root / "maps/xixi"
    campus = load_campus(site)
    ramp = campus.lane("ramp_c17_l2")
    rise_m = campus.levels[ramp.end_level].elevation_m - campus.levels[ramp.level].elevation_m
    for kind in load_fleet(site, campus).kinds.values():
        assert kind.mass_kg > 0.0, f"{kind.name} robots weigh nothing"
        routes = Routes(campus, kind)
        level = drive_wh(kind, ramp.length_m, routes.leg(ramp.start, ramp.end).duration_s)
        up, down = (
            routes.energy_wh(*ends) - level
            for ends in ((ramp.start, ramp.end), (ramp.end, ramp.start))
        )
        height_wh = kind.mass_kg * GRAVITY_MPS2 * rise_m / 3600.0
        rolling_wh = kind.battery.drive_w_per_mps * ramp.length_m / 3600.0
        assert up == pytest.approx(height_wh / DRIVETRAIN, rel=0.01)
        assert down == pytest.approx(-min(height_wh * DRIVETRAIN, rolling_wh), rel=0.01)


def learned(own: float, noise: float, stretches: int, seed: int) -> Consumption:
    """After stretches of a robot that draws `own` times the model, each within `noise` of that."""
    rng = np.random.default_rng(seed)
    known = Consumption()
    for drawn in own + rng.uniform(-noise, noise, stretches):
        known = known.after(20.0, 20.0 * float(drawn), 0.3)
    return known


@pytest.mark.parametrize("own", [0.7, 0.9, 1.0, 1.2, 1.3])
def test_a_robots_share_is_learned_within_a_few_percent_in_a_charge(own: float) -> None:
    known = learned(own, 0.1, 40, seed=1)
    assert known.factor == pytest.approx(own, abs=0.06)


def test_nothing_is_drawn_beyond_the_upper_bound_once_it_is_known() -> None:
    """Any way is within the band of 30 %; what is known only ever narrows it from above."""
    beyond = 0
    for seed in range(200):
        rng = np.random.default_rng([seed, 7])
        own, noise = float(rng.uniform(0.75, 1.25)), float(rng.uniform(0.0, 0.15))
        known = Consumption()
        for _ in range(60):
            drawn = min(max(own + float(rng.uniform(-noise, noise)), 0.7), 1.3)
            beyond += drawn > known.upper
            known = known.after(20.0, 20.0 * drawn, 0.3)
        if own < 0.9 and noise < 0.05:
            assert known.upper < 1.0 + SPREAD, "a frugal robot may go further"
    assert beyond == 0


def test_one_mad_stretch_does_not_change_what_is_known_much() -> None:
    known = learned(1.0, 0.05, 40, seed=3)
    assert known.after(20.0, 400.0, 0.3).factor < known.factor + 0.1


def test_a_robot_that_draws_more_than_its_kind_ever_should_is_found_out() -> None:
    known = learned(1.6, 0.05, 60, seed=4)
    assert known.factor == pytest.approx(1.6, abs=0.1)
    assert known.upper > 1.6


def test_only_what_changes_predictions_is_told_to_the_log() -> None:
    known = learned(1.0, 0.05, 100, seed=5)
    assert differs(known, Consumption())
    assert not differs(known, known.after(20.0, 20.0 * known.factor, 0.3))
