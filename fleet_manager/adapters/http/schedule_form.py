"""Reads a schedule that was sent, and refuses times that do not exist or never come."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrule, rruleset, rrulestr

from fleet_manager.adapters.http.schemas.schedules import ScheduleForm
from fleet_manager.core.config import ScheduleSpec
from fleet_manager.core.errors import InvalidRequest

FIRST_START, LAST_START = date(2000, 1, 1), date(2100, 12, 31)
OCCURRENCES_AT_MOST = 100_000
"""Between the start and now; each look for the next occurrence passes them all."""

_PART = re.compile(r"[A-Z]+=[A-Z0-9,+-]+")
_ELSEWHERE = {
    "DTSTART": "give the first date as start",
    "UNTIL": "give the last date as until",
    "SECONDLY": "run it once a minute at most",
    "BYEASTER": "give the dates themselves",
}


def schedule_spec(
    identifier: str, form: ScheduleForm, campus_timezone: str, now_s: float
) -> ScheduleSpec:
    """The schedule that a form describes.

    Args:
        identifier: of the schedule.
        form: as it was sent.
        campus_timezone: IANA name, for a form that has none.
        now_s: fleet time, Unix seconds.

    Raises:
        InvalidRequest: names the field and what to do.
    """
    timezone = form.timezone or campus_timezone
    check_timezone(timezone)
    if not FIRST_START <= form.start <= LAST_START:
        raise _wrong("start", f"{form.start}", f"give a date from {FIRST_START} to {LAST_START}")
    if form.until is not None and form.until < form.start:
        raise _wrong(
            "until", f"{form.until} is before the start, {form.start}", "correct it or leave it out"
        )
    check_rule(form.rrule, form.start, now_s)
    return ScheduleSpec(
        id=identifier,
        name=form.name,
        rrule=form.rrule,
        timezone=timezone,
        start=form.start,
        until=form.until,
        exceptions=tuple(sorted(set(form.exceptions))),
        enabled=form.enabled,
        request={
            "category": form.request.category.value,
            "description": form.request.description,
            "priority": form.request.priority,
            "labels": form.request.labels,
        },
    )


def check_timezone(timezone: str) -> None:
    """Hold a timezone to those that there are.

    Raises:
        InvalidRequest: there is none of this name.
    """
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _wrong(
            "timezone", f"there is no timezone {timezone!r}", "use an IANA name: Asia/Shanghai"
        ) from error


def check_rule(rule_text: str, start: date, now_s: float) -> None:
    """Hold a recurrence rule to what can be looked through.

    Raises:
        InvalidRequest: says what is wrong with it.
    """
    text = rule_text.upper().removeprefix("RRULE:")
    for word, remedy in _ELSEWHERE.items():
        if word in text:
            raise _wrong("rrule", f"{word} has no place here", remedy)
    parts = dict(part.split("=") for part in text.split(";") if _PART.fullmatch(part))
    example = 'write it as in RFC 5545, such as "FREQ=DAILY;BYHOUR=22;BYMINUTE=0;BYSECOND=0"'
    if len(parts) != len(text.split(";")):
        raise _wrong("rrule", f"{rule_text!r} is no recurrence rule", example)
    for key in ("INTERVAL", "COUNT"):
        if not (number := parts.get(key, "1")).isdigit() or not 1 <= int(number) <= 10_000:
            raise _wrong("rrule", f"{key} is {number}", "give a number from 1 to 10000")
    begin = datetime.combine(start, datetime.min.time())
    try:
        rule = rrulestr(rule_text, dtstart=begin)
        if isinstance(rule, rruleset):
            raise ValueError("more than one rule")
        _check_occurrences(rule, begin, now_s)
    except InvalidRequest:
        raise
    except (ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise _wrong("rrule", f"{rule_text!r} is no recurrence rule: {error}", example) from error


def _check_occurrences(rule: rrule, begin: datetime, now_s: float) -> None:
    """A rule that never comes, or came too often since its start, would hold everybody up.

    A search for what never comes ends in the year 9999 only. The calendar repeats itself every 400
    years, so that it may as well begin a few centuries before that.
    """
    late = begin.replace(year=begin.year + 400 * ((9989 - begin.year) // 400))
    if next(iter(rule.replace(dtstart=late)), None) is None:
        raise _wrong("rrule", "it never comes", "see its BY… parts against each other")
    now = datetime.fromtimestamp(now_s, UTC).replace(tzinfo=None)
    past = islice(rule.replace(until=now), OCCURRENCES_AT_MOST)
    if now > begin and sum(1 for _ in past) >= OCCURRENCES_AT_MOST:
        raise _wrong(
            "start", f"{begin.date()} is too long ago for so frequent a rule", "give a later date"
        )


def _wrong(field: str, problem: str, remedy: str) -> InvalidRequest:
    return InvalidRequest(f"body.{field}: {problem}", remedy)
