"""When closures are in force, across changes of the clocks, and how their status moves."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from fleet_manager.core.closure import (
    CLOSURE_TRANSITIONS,
    TRIGGER_TO,
    ClosureStatus,
    Window,
)
from fleet_manager.core.recurrence import Recurrence

BERLIN = "Europe/Berlin"
NIGHTLY = Recurrence("FREQ=DAILY;BYHOUR=2;BYMINUTE=30;BYSECOND=0", BERLIN, date(2027, 3, 1))


def at_s(text: str, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN), fold=fold).timestamp()


def test_without_times_it_is_in_force_for_ever() -> None:
    assert Window().at(0.0) == (ClosureStatus.ACTIVE, None)


def test_once_it_begins_and_ends_at_its_times() -> None:
    window = Window(100.0, 200.0)
    assert window.at(99.0) == (ClosureStatus.SCHEDULED, 100.0)
    assert window.at(100.0) == (ClosureStatus.ACTIVE, 200.0)
    assert window.at(200.0) == (ClosureStatus.ENDED, None)


@pytest.mark.parametrize(
    ("day", "hours_to_next"),
    [("2027-03-10", 24), ("2027-03-27", 24), ("2027-03-28", 23), ("2027-10-31", 25)],
)
def test_it_comes_at_the_same_local_time_across_a_change_of_the_clocks(
    day: str, hours_to_next: int
) -> None:
    window = Window(recurrence=NIGHTLY, duration_s=7200.0)
    begin_s = at_s(f"{day} 02:30")
    assert window.at(begin_s) == (ClosureStatus.ACTIVE, begin_s + 7200.0)
    assert window.at(begin_s + 7199.0)[0] is ClosureStatus.ACTIVE
    status, next_s = window.at(begin_s + 7200.0)
    assert status is ClosureStatus.SCHEDULED
    assert next_s == begin_s + hours_to_next * 3600.0


def test_it_is_over_after_its_last_date() -> None:
    last = Recurrence(NIGHTLY.rrule, BERLIN, date(2027, 3, 1), date(2027, 3, 2))
    window = Window(recurrence=last, duration_s=3600.0)
    assert window.at(at_s("2027-03-02 03:00"))[0] is ClosureStatus.ACTIVE
    assert window.at(at_s("2027-03-02 03:30")) == (ClosureStatus.ENDED, None)


def test_time_moves_it_only_along_its_table() -> None:
    for (before, after), trigger in TRIGGER_TO.items():
        assert CLOSURE_TRANSITIONS[before][trigger] is after
