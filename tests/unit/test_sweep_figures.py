"""Figures of sweeps are what anybody would count by hand."""

from __future__ import annotations

import math

import pytest
from shapely.geometry import Polygon, box

from fleet_manager.core.planning.coverage.figures import CELLS_ACROSS, figures
from fleet_manager.core.planning.coverage.pace import sweep_s

BRUSH_M = 0.8
CELL = 1 / CELLS_ACROSS


def test_one_pass_along_a_strip_covers_as_much_as_the_brush_is_wide_once() -> None:
    wide_m = 1.1 * BRUSH_M
    zone = box(0, 0, 10, wide_m)
    counted = figures(zone, [(BRUSH_M / 2, wide_m / 2), (10 - BRUSH_M / 2, wide_m / 2)], BRUSH_M)
    # Of the four corners a quarter disc each is in a round brush's reach.
    out_m2 = BRUSH_M**2 * (1 - math.pi / 4)
    assert counted.reachable_m2 == pytest.approx(10 * wide_m - out_m2, rel=0.02)
    assert counted.covered == pytest.approx(1 / 1.1, abs=CELL)
    assert counted.overlap == 0.0
    assert counted.turns == 0
    assert counted.over_bound == pytest.approx(9.2 * BRUSH_M / counted.reachable_m2)
    assert counted.brushes_across == pytest.approx(1.1, abs=0.01)


def test_coming_back_on_the_same_way_is_counted_as_driven_twice() -> None:
    zone = box(0, 0, 20, 1.1 * BRUSH_M)
    ends = [(0.4, 0.44), (19.6, 0.44)]
    counted = figures(zone, [*ends, ends[0]], BRUSH_M)
    assert counted.overlap == pytest.approx(1.0, abs=0.02)
    assert counted.turns == 1


def test_two_strips_that_share_a_quarter_of_the_brush_are_driven_twice_there() -> None:
    zone, apart = box(0, 0, 40, 1.75 * BRUSH_M), 0.75 * BRUSH_M
    low, high = BRUSH_M / 2, BRUSH_M / 2 + apart
    path = [(0.4, low), (39.6, low), (39.6, high), (0.4, high)]
    counted = figures(zone, path, BRUSH_M)
    # Twice lies a quarter of the brush's width, once all 1.75 of it.
    assert counted.overlap == pytest.approx(0.25 / 1.75, abs=CELL)


def test_what_is_left_and_what_is_out_of_reach_are_told_apart() -> None:
    neck = box(10, 4, 14, 4.5)  # narrower than the brush
    zone = box(0, 0, 10, 10).union(neck)
    assert isinstance(zone, Polygon)
    half = [(0.4, y + 0.4) if at % 2 == 0 else (9.6, y + 0.4) for at, y in enumerate((0.0, 4.6))]
    counted = figures(zone, half, BRUSH_M)
    assert counted.reachable_m2 == pytest.approx(100, rel=0.01)
    assert counted.covered < 0.2


def test_a_robot_that_has_to_stay_inside_reaches_less() -> None:
    zone = box(0, 0, 10, 10)
    counted = figures(zone, [(1, 1), (9, 1)], BRUSH_M, footprint_radius_m=0.6)
    assert counted.reachable_m2 == pytest.approx((10 - 2 * (0.6 - 0.4)) ** 2, rel=0.02)


def test_a_straight_run_takes_its_ramps_and_the_rest_at_full_speed() -> None:
    # Up to 0.9 m/s at 0.6 m/s² and down at three quarters of it, 1.575 m in 3.5 s; the rest even.
    assert sweep_s([(0, 0), (10, 0)]) == pytest.approx(3.5 + (10 - 1.575) / 0.9)


def test_a_run_too_short_for_full_speed_has_ramps_alone() -> None:
    # v² (1/1.2 + 1/0.9) = 0.7 m gives 0.6 m/s.
    assert sweep_s([(0, 0), (0.7, 0)]) == pytest.approx(0.6 / 0.6 + 0.6 / 0.45, rel=1e-3)


def test_what_is_left_of_a_path_takes_what_is_left_of_the_time() -> None:
    path = [(0.0, 0.0), (10.0, 0.0), (10.0, 5.0), (0.0, 5.0)]
    assert sweep_s(path, from_m=15.0) == pytest.approx(sweep_s([(10, 5), (0, 5)]))
    assert sweep_s(path, from_m=25.0) == 0.0
    corner_s = sweep_s(path) - sum(sweep_s(path[at : at + 2]) for at in range(3))
    assert corner_s > 2 * (math.pi / 2) / 0.8  # two turns, and settling after each
