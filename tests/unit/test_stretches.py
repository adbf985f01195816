"""Stretches follow one another without a gap, each as far as battery, water and bin go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fleet_manager.core.config import BatterySpec, KindSpec, Policy
from fleet_manager.core.geometry import length_m
from fleet_manager.core.planning.coverage import CannotSweep
from fleet_manager.core.planning.coverage.pace import sweep_s
from fleet_manager.core.planning.coverage.stretches import (
    path_until,
    resumed_m,
    stretches,
    sweep_wh,
)

BATTERY = BatterySpec(capacity_wh=1000, idle_w=50, drive_w_per_mps=100, tool_w=250, charge_w=500)
KIND = KindSpec("cleaning", frozenset({"clean"}), 0.5, 1.0, 0.6, 1.0, BATTERY, brush_width_m=0.5)
POLICY = Policy(reserve=0.15, charge_to=0.95)
PATH = [(0.0, 0.0), (400.0, 0.0), (400.0, 0.5), (0.0, 0.5)]
WHOLE_M = 800.5


def test_energy_is_that_of_driving_and_of_the_time_with_the_brush_down() -> None:
    expected_j = 100 * WHOLE_M + (50 + 250) * sweep_s(PATH, KIND)
    assert sweep_wh(PATH, KIND) == pytest.approx(expected_j / 3600)


def test_a_sweep_within_every_limit_is_one_stretch() -> None:
    (only,) = stretches(PATH, KIND, POLICY)
    assert (only.from_m, only.to_m, only.ends) == (0.0, WHOLE_M, "done")
    assert only.energy_wh == pytest.approx(sweep_wh(PATH, KIND))


@pytest.mark.parametrize(
    ("limits", "ends", "lasts_m"),
    [
        ({"water_m2": 150.0}, "water", 300.0),
        ({"bin_m2": 100.0, "water_m2": 150.0}, "bin", 200.0),
    ],
)
def test_a_stretch_ends_where_the_first_of_water_and_bin_does(
    limits: dict[str, float], ends: str, lasts_m: float
) -> None:
    found = stretches(PATH, replace(KIND, **limits), POLICY)  # type: ignore[arg-type]
    assert [each.from_m for each in found[1:]] == [each.to_m for each in found[:-1]]
    assert found[-1].to_m == WHOLE_M
    assert [each.ends for each in found] == [ends] * (len(found) - 1) + ["done"]
    assert all(each.to_m - each.from_m == pytest.approx(lasts_m) for each in found[:-1])


def test_the_battery_leaves_the_reserve_and_the_way() -> None:
    small = replace(KIND, battery=replace(BATTERY, capacity_wh=100))
    found = stretches(PATH, small, POLICY, way_wh=20.0)
    usable_wh = (0.95 - 0.15) * 100 - 20
    assert [each.ends for each in found][:-1] == ["battery"] * (len(found) - 1)
    assert all(each.energy_wh <= usable_wh + 1e-9 for each in found)
    assert sum(each.energy_wh for each in found) == pytest.approx(sweep_wh(PATH, small))


def test_what_is_covered_already_is_in_no_stretch() -> None:
    (only,) = stretches(PATH, KIND, POLICY, from_m=500.0)
    assert (only.from_m, only.to_m) == (500.0, WHOLE_M)
    assert stretches(PATH, KIND, POLICY, from_m=WHOLE_M) == ()


def test_a_tank_that_lasts_for_nothing_is_refused_with_its_name() -> None:
    with pytest.raises(CannotSweep, match="water of a cleaning robot") as refused:
        stretches(PATH, replace(KIND, water_m2=1.0), POLICY)
    assert "dock" in refused.value.remedy
    with pytest.raises(CannotSweep, match="battery"):
        stretches(PATH, KIND, POLICY, way_wh=900.0)


def test_a_path_is_cut_where_it_is_asked_to_be() -> None:
    assert path_until(PATH, 400.25) == ((0.0, 0.0), (400.0, 0.0), (400.0, 0.25))
    assert length_m(path_until(PATH, 123.4)) == pytest.approx(123.4)
    assert path_until(PATH, 1e9) == tuple(PATH)


def test_a_sweep_is_taken_up_half_a_brush_before_it_was_left() -> None:
    assert resumed_m(100.0, WHOLE_M, KIND) == pytest.approx(99.75)
    assert resumed_m(0.1, WHOLE_M, KIND) == 0.0
    assert resumed_m(WHOLE_M + 1, WHOLE_M, KIND) == WHOLE_M
