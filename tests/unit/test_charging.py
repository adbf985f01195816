"""The charge policy on energies alone: turns at a dock, who comes in, and which dock it is."""

from __future__ import annotations

import math

import pytest

from fleet_manager.core.config import BatterySpec
from fleet_manager.core.planning.charging import (
    CHANGE_S,
    DELAY_S,
    DETOUR,
    EASY_S,
    KEPT_S,
    OTHERS_HOME_S,
    ROUND_S,
    Claim,
    Need,
    Option,
    choose,
    docks_needed,
    gives_up,
    next_at,
    slack_s,
    to_come_in,
    turns,
)

BATTERY = BatterySpec(1000.0, idle_w=36.0, drive_w_per_mps=60.0, tool_w=0.0, charge_w=360.0)


def need(robot: str, charge_wh: float, upper: float = 1.0) -> Need:
    """Of a robot with a reserve of 150 Wh."""
    return Need(robot, BATTERY, charge_wh, 150.0, upper)


def coming(robot: str, charge_wh: float, way_wh: float = 20.0, way_s: float = 600.0) -> Claim:
    """Of a robot on its way."""
    return Claim(need(robot, charge_wh), way_s, way_wh)


def docked(robot: str, charge_wh: float) -> Claim:
    """Of a robot at the dock."""
    return Claim(need(robot, charge_wh), 0.0, 0.0, docked=True)


def test_coming_in_takes_the_way_a_detour_delays_and_the_way_to_the_next_dock() -> None:
    claim = Claim(need("a", 300.0, upper=1.2), 600.0, 20.0, beyond_wh=4.0)
    expected_wh = 24.0 * (1.0 + DETOUR) * 1.2 + 36.0 * 1.2 * DELAY_S / 3600.0
    assert claim.needed_wh == pytest.approx(expected_wh)
    patience_s = (300.0 - 150.0 - expected_wh) / (36.0 * 1.2) * 3600.0
    assert claim.patience_s == pytest.approx(patience_s)


def test_one_robot_has_a_free_dock_when_it_arrives() -> None:
    (turn,) = turns([coming("a", 400.0)])
    assert turn.begin_s == 600.0
    assert turn.slack_s == pytest.approx(coming("a", 400.0).patience_s)


def test_the_most_urgent_comes_first_and_the_next_after_it_has_been_served() -> None:
    first, second = turns([coming("b", 600.0), coming("a", 200.0)])
    assert [first.robot, second.robot] == ["a", "b"]
    left_wh = 200.0 - coming("a", 200.0).needed_wh
    served_s = (need("a", 0.0).leave_wh - left_wh) / 360.0 * 3600.0
    assert second.begin_s == pytest.approx(600.0 + served_s + CHANGE_S)


def test_who_stands_at_the_dock_is_served_until_it_can_wait_for_its_next_turn() -> None:
    leave_wh = need("a", 0.0).leave_wh
    assert leave_wh == pytest.approx(150.0 + 36.0 * (ROUND_S + DELAY_S) / 3600.0)
    full, short = docked("a", 900.0), docked("a", leave_wh - 36.0)
    assert turns([full, coming("b", 500.0, way_s=10.0)])[1].begin_s == pytest.approx(CHANGE_S)
    later = turns([short, coming("b", 500.0, way_s=10.0)])[1].begin_s
    assert later == pytest.approx(CHANGE_S + 36.0 / 360.0 * 3600.0)


def test_all_up_to_the_one_whose_time_is_up_come_in() -> None:
    claims = [coming("a", 190.0), coming("b", 192.0), coming("c", 900.0)]
    plan = {turn.robot: turn.slack_s for turn in turns(claims)}
    assert plan["a"] > 300.0 > plan["b"], "b alone would have time; it has not after a"
    assert to_come_in(claims, 300.0) == ["a", "b"]
    assert to_come_in([coming("c", 900.0)], 300.0) == []
    assert slack_s([]) == math.inf


def test_a_dock_is_chosen_where_there_is_time_for_everybody() -> None:
    own = coming("a", 400.0, way_s=100.0)
    far = coming("a", 390.0, way_s=900.0)
    busy = [docked("x", 160.0), coming("b", 185.0, way_s=60.0)]
    assert slack_s([*busy, own]) < EASY_S
    choice = choose([Option("near", own, busy), Option("far", far)])
    assert choice is not None
    assert choice.dock == "far"
    assert choose([]) is None


def test_another_robots_home_or_a_change_has_to_save_time() -> None:
    here, there = coming("a", 600.0, way_s=700.0), coming("a", 600.0, way_s=500.0)
    options = [Option("own", here), Option("other", there, cost_s=KEPT_S)]
    choice = choose(options)
    assert choice is not None
    assert choice.dock == "own"
    assert OTHERS_HOME_S > KEPT_S
    nearer = choose([Option("own", here), Option("other", there)])
    assert nearer is not None
    assert nearer.dock == "other"


def test_where_nobody_has_time_left_the_dock_with_most_is_chosen() -> None:
    tight, worse = coming("a", 197.0), coming("a", 185.0)
    choice = choose([Option("worse", worse), Option("tight", tight)])
    assert choice is not None
    assert choice.dock == "tight"
    assert choice.slack_s < EASY_S


def test_the_next_is_the_most_urgent_of_those_that_want_to_charge() -> None:
    claims = [coming("a", 200.0), coming("b", 300.0), coming("c", 250.0)]
    assert next_at(claims, {"b": None, "c": None}) == "c"
    assert next_at(claims, {}) is None


def test_a_dock_is_given_up_full_or_sooner_where_others_cannot_wait() -> None:
    patient, urgent = coming("b", 800.0), coming("b", 183.0)
    assert patient.patience_s > 6 * 3600.0
    assert gives_up([docked("a", 950.0), patient], 600.0, 940.0, 300.0)
    assert not gives_up([docked("a", 700.0), patient], 600.0, 940.0, 300.0)
    assert gives_up([docked("a", 700.0), urgent], 600.0, 940.0, 300.0)
    assert gives_up([docked("a", 300.0), urgent], 600.0, 940.0, 300.0)
    assert not gives_up([docked("a", 160.0), urgent], 600.0, 940.0, 300.0), "it could not wait"
    assert not gives_up([urgent], 600.0, 940.0, 300.0)


def test_how_many_docks_robots_need_that_only_wait() -> None:
    """A round of 7200 s holds so many services of what is drawn in it, and changes."""
    served_s = 36.0 * 1.3 * (ROUND_S + DELAY_S) / (360.0 - 36.0 * 0.3) + CHANGE_S
    at_one = int(ROUND_S // served_s)
    assert docks_needed([BATTERY] * at_one) == 1
    assert docks_needed([BATTERY] * (at_one + 1)) == 2
    assert docks_needed([]) == 0
