"""Recurrence rules: which are usable, and that a look for the next occurrence is short."""

from __future__ import annotations

import random
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr

from fleet_manager.core.recurrence import BadRecurrence, Recurrence

NOW_S = datetime(2027, 1, 15, 8, tzinfo=UTC).timestamp()
SEED = 20261125
RULES = 300
ZONES = ("Europe/Berlin", "Asia/Shanghai", "America/Sao_Paulo", "Australia/Lord_Howe")


def from_the_start(recurrence: Recurrence, after_s: float) -> float | None:
    """The first occurrence after a time, by going through all since the start."""
    zone = ZoneInfo(recurrence.timezone)
    begin = datetime(recurrence.start.year, recurrence.start.month, recurrence.start.day)
    local = datetime.fromtimestamp(after_s, zone).replace(tzinfo=None)
    for candidate in rrulestr(recurrence.rrule, dtstart=begin):
        due_s = candidate.replace(tzinfo=zone).timestamp()
        if candidate >= local - timedelta(days=1) and due_s > after_s:
            return due_s
    return None


def random_rule(chance: random.Random) -> str:
    frequency = chance.choice(["MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
    parts = [f"FREQ={frequency}"]
    if chance.random() < 0.6:
        parts.append(f"INTERVAL={chance.choice([2, 3, 7, 13, 50])}")
    if chance.random() < 0.2:
        parts.append(f"COUNT={chance.choice([3, 500])}")
    more = (
        f"BYDAY={chance.choice(['MO', 'TU,TH', 'SA,SU'])}",
        f"BYHOUR={chance.choice(['6', '2,14', '0,23'])}",
        f"BYMINUTE={chance.choice(['0', '30,45'])}",
        f"BYMONTH={chance.choice(['1,3,10', '4,5,6,7'])}",
        "WKST=SU",
    )
    return ";".join([*parts, *(part for part in more if chance.random() < 0.3)])


def test_a_look_finds_what_going_through_all_since_the_start_finds() -> None:
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    for _ in range(RULES):
        start = date(2027, 1, 1) + timedelta(days=chance.randrange(90))
        rule = Recurrence(random_rule(chance), chance.choice(ZONES), start)
        after_s = NOW_S + chance.uniform(-10, 100) * 86_400.0
        try:
            rule.check(NOW_S)
        except BadRecurrence:
            continue
        assert rule.after(after_s) == from_the_start(rule, after_s), (rule, after_s)


def test_a_rule_of_every_minute_is_looked_through_quickly_after_years() -> None:
    rule = Recurrence("FREQ=MINUTELY", "Asia/Shanghai", date(2020, 1, 1))
    rule.check(NOW_S)
    began_s = time.process_time()
    for number in range(20):
        after_s = NOW_S + 60.0 * number
        assert rule.after(after_s) == after_s + 60.0
    assert time.process_time() - began_s < 2.0


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("timezone", {"timezone": "Europe/Nowhere"}),
        ("timezone", {"timezone": "../../etc/passwd"}),
        ("start", {"start": date(1, 1, 1)}),
        ("start", {"start": date(9999, 12, 31)}),
        ("until", {"until": date(2026, 12, 31)}),
        ("rrule", {"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}),
        ("rrule", {"rrule": "FREQ=SECONDLY"}),
        ("rrule", {"rrule": "FREQ=DAILY;UNTIL=20280101"}),
        ("rrule", {"rrule": "FREQ=DAILY;INTERVAL=0"}),
        ("rrule", {"rrule": "FREQ=DAILY\nFREQ=WEEKLY"}),
        ("rrule", {"rrule": "daily"}),
        (
            "start",
            {
                "rrule": "FREQ=YEARLY;BYHOUR=0,1,2,3,4,5,6,7;BYMINUTE=1,2,3,4,5,6,7;BYDAY=MO,TU",
                "start": date(2001, 1, 1),
            },
        ),
    ],
)
def test_what_cannot_be_used_is_refused_by_field(field: str, changes: dict[str, object]) -> None:
    given: dict[str, object] = {
        "rrule": "FREQ=DAILY",
        "timezone": "Europe/Berlin",
        "start": date(2027, 1, 1),
    }
    recurrence = Recurrence(**(given | changes))  # type: ignore[arg-type]
    with pytest.raises(BadRecurrence) as refused:
        recurrence.check(NOW_S)
    assert refused.value.field == field
    assert refused.value.remedy
