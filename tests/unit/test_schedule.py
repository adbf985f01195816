"""When schedules are due: local time, summer time, exceptions, and what was missed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from fleet_manager.core.config import ScheduleSpec
from fleet_manager.core.recurrence import Move
from fleet_manager.core.schedule import next_run_s, recurrence

BERLIN = "Europe/Berlin"


def spec(rrule: str, **changes: object) -> ScheduleSpec:
    fields: dict[str, object] = {
        "id": "s",
        "name": "S",
        "rrule": rrule,
        "timezone": BERLIN,
        "start": date(2026, 1, 1),
        "until": None,
        "exceptions": (),
        "enabled": True,
        "request": {},
    }
    return ScheduleSpec(**(fields | changes))  # type: ignore[arg-type]


def runs(schedule: ScheduleSpec, begin: datetime, days: int) -> list[str]:
    """Local times at which it runs."""
    end_s = (begin + timedelta(days=days)).timestamp()
    after_s, found = begin.timestamp(), []
    while (due_s := next_run_s(schedule, after_s)) is not None and due_s < end_s:
        found.append(datetime.fromtimestamp(due_s, ZoneInfo(schedule.timezone)).isoformat())
        after_s = due_s
    return found


def test_a_time_that_comes_twice_in_autumn_runs_once() -> None:
    daily = spec("FREQ=DAILY;BYHOUR=2;BYMINUTE=30;BYSECOND=0")
    assert runs(daily, datetime(2026, 10, 24, tzinfo=UTC), 3) == [
        "2026-10-24T02:30:00+02:00",
        "2026-10-25T02:30:00+02:00",
        "2026-10-26T02:30:00+01:00",
    ]


def test_a_time_that_spring_leaves_out_runs_once_that_day() -> None:
    daily = spec("FREQ=DAILY;BYHOUR=2;BYMINUTE=30;BYSECOND=0")
    found = runs(daily, datetime(2026, 3, 28, tzinfo=UTC), 3)
    assert [each[:10] for each in found] == ["2026-03-28", "2026-03-29", "2026-03-30"]


def test_hourly_work_runs_at_each_local_hour_that_exists_once() -> None:
    hourly = spec("FREQ=HOURLY;BYMINUTE=0;BYSECOND=0")
    found = runs(hourly, datetime(2026, 10, 24, 23, 30, tzinfo=UTC), 1)
    assert len(found) == len(set(found))


def test_exceptions_until_and_disabled() -> None:
    daily = "FREQ=DAILY;BYHOUR=9;BYMINUTE=0;BYSECOND=0"
    begin = datetime(2026, 5, 1, tzinfo=UTC)
    limited = spec(daily, exceptions=(date(2026, 5, 2),), until=date(2026, 5, 4))
    assert [each[:10] for each in runs(limited, begin, 10)] == [
        "2026-05-01",
        "2026-05-03",
        "2026-05-04",
    ]
    assert runs(spec(daily, enabled=False), begin, 10) == []


def test_a_first_day_in_the_future_is_waited_for() -> None:
    weekly = spec("FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0;BYSECOND=0", start=date(2027, 1, 1))
    due_s = next_run_s(weekly, datetime(2026, 5, 1, tzinfo=UTC).timestamp())
    assert due_s == datetime(2027, 1, 4, 9, tzinfo=ZoneInfo(BERLIN)).timestamp()


def test_a_moved_occurrence_runs_when_it_was_moved_to_and_the_others_as_ever() -> None:
    moves = (Move(datetime(2026, 6, 2, 22), datetime(2026, 6, 4, 7, 15)),)
    nightly = spec("FREQ=DAILY;BYHOUR=22;BYMINUTE=0;BYSECOND=0", moves=moves)
    assert runs(nightly, datetime(2026, 6, 1, 12, tzinfo=UTC), 4) == [
        "2026-06-01T22:00:00+02:00",
        "2026-06-03T22:00:00+02:00",
        "2026-06-04T07:15:00+02:00",
        "2026-06-04T22:00:00+02:00",
    ]


def test_one_of_two_occurrences_of_a_day_is_left_out() -> None:
    moves = (Move(datetime(2026, 6, 2, 4)),)
    twice = spec("FREQ=DAILY;BYHOUR=4,16;BYMINUTE=0;BYSECOND=0", moves=moves)
    assert runs(twice, datetime(2026, 6, 1, 22, tzinfo=UTC), 1) == ["2026-06-02T16:00:00+02:00"]


def test_occurrences_between_two_times_know_when_the_rule_had_them() -> None:
    moves = (Move(datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 24, 23)),)
    daily = spec("FREQ=DAILY;BYHOUR=2;BYMINUTE=30;BYSECOND=0", moves=moves)
    begin = datetime(2026, 10, 24, 0, 30, tzinfo=UTC)  # at an occurrence, which belongs to them
    found = recurrence(daily).between(begin.timestamp(), begin.timestamp() + 2 * 86400 + 3601, 10)
    assert [(each.due_s - begin.timestamp(), each.at.day, each.moved) for each in found] == [
        (0, 24, False),
        (20.5 * 3600, 25, True),
        (49 * 3600, 26, False),  # two days and the hour that autumn has twice
    ]
    assert len(recurrence(daily).between(begin.timestamp(), begin.timestamp() + 9e6, 10)) == 11
