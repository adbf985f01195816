"""Whom a step waits for, and how a speed is held."""

from __future__ import annotations

import math

import pytest

from campus_sim.attendance import Attendance
from campus_sim.pace import Pace


def test_a_step_waits_for_those_that_have_been_heard_until_they_answer() -> None:
    attendance = Attendance(["a", "b", "c"], 2.0)
    attendance.ask(100, now_s=0.0)
    assert not attendance.missing
    assert attendance.heard("a", 100, 0.1)
    assert attendance.heard("b", 100, 0.1)
    assert attendance.never_heard == {"c"}
    attendance.ask(200, now_s=1.0)
    assert attendance.missing == {"a", "b"}
    assert attendance.heard("b", 200, 1.1)
    assert not attendance.heard("a", 100, 1.2)  # late: it is there, but this is no answer
    assert attendance.missing == {"a"}


def test_a_silent_robot_is_gone_until_it_is_heard_again() -> None:
    attendance = Attendance(["a", "b"], 2.0)
    for name in "ab":
        attendance.heard(name, 0, 0.0)
    attendance.ask(100, now_s=10.0)
    attendance.heard("b", 0, 11.5)
    assert attendance.dismiss_silent(12.0) == set()
    assert attendance.dismiss_silent(12.1) == {"a"}
    assert attendance.missing == {"b"}  # its last word was later
    attendance.heard("b", 100, 12.2)
    attendance.ask(200, now_s=13.0)
    assert attendance.missing == {"b"}
    attendance.heard("a", 100, 13.1)
    assert attendance.missing == {"a", "b"}


@pytest.mark.parametrize("speed", [0.0, math.inf])
def test_no_ceiling_never_waits(speed: float) -> None:
    pace = Pace(speed, 0.1, 0.0)
    for now_s in (0.0, 0.0, 0.1):
        assert pace.wait_s(now_s) == 0.0
        pace.stepped(now_s)


def test_a_ceiling_is_held_and_lost_time_is_not_made_up_for() -> None:
    pace = Pace(10.0, 0.1, 0.0)  # a step each 10 ms
    pace.stepped(0.0)
    assert pace.wait_s(0.0) == pytest.approx(0.01)
    pace.stepped(0.01)
    pace.stepped(5.0)  # five seconds late
    assert pace.wait_s(5.0) <= 0.01
    pace.stepped(5.0)
    assert pace.wait_s(5.0) == pytest.approx(0.01)
