"""When something comes again and again: rules of RFC 5545 in local time, and which are usable."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrule, rruleset, rrulestr
from msgspec import Struct

from fleet_manager.core.errors import InvalidRequest

FIRST_START, LAST_START = date(2000, 1, 1), date(2100, 12, 31)
OCCURRENCES_AT_MOST = 100_000
"""That a look for the next occurrence may have to pass."""
EXAMPLE = 'write it as in RFC 5545, such as "FREQ=DAILY;BYHOUR=22;BYMINUTE=0;BYSECOND=0"'

_PART = re.compile(r"[A-Z]+=[A-Z0-9,+-]+")
_ELSEWHERE = {
    "DTSTART": "give the first date as start",
    "UNTIL": "give the last date as until",
    "SECONDLY": "run it once a minute at most",
    "BYEASTER": "give the dates themselves",
}
_STEPS = {
    "MINUTELY": timedelta(minutes=1),
    "HOURLY": timedelta(hours=1),
    "DAILY": timedelta(days=1),
    "WEEKLY": timedelta(weeks=1),
}


class BadRecurrence(InvalidRequest):
    """A recurrence that does not exist, never comes, or cannot be looked through.

    Attributes:
        field: rrule, timezone, start or until.
    """

    def __init__(self, field: str, problem: str, remedy: str) -> None:
        super().__init__(f"{field}: {problem}", remedy)
        self.field = field
        self.problem = problem


class Recurrence(Struct, frozen=True):
    """When something comes again and again.

    Attributes:
        rrule: recurrence rule of RFC 5545 without DTSTART and UNTIL, in local time.
        timezone: IANA name.
        start, until: first and last local date; None: for ever.
        exceptions: local dates on which it does not come.
    """

    rrule: str
    timezone: str
    start: date
    until: date | None = None
    exceptions: tuple[date, ...] = ()

    def after(self, after_s: float) -> float | None:
        """The first occurrence after a time, both Unix seconds; None: there is none.

        A local time that a change to summer time leaves out is taken as the same time before the
        change; one that comes twice is taken the first time, and only then.
        """
        zone = ZoneInfo(self.timezone)
        # Local times run backwards for an hour in autumn: begin a day early and sift.
        local = datetime.fromtimestamp(after_s, UTC).astimezone(zone).replace(tzinfo=None)
        early = local - timedelta(days=1)
        rule = rrulestr(self.rrule, dtstart=_near(self.rrule, _midnight(self.start), early))
        for candidate in rule.xafter(early, inc=True):
            day = candidate.date()
            if self.until is not None and day > self.until:
                return None
            due_s = candidate.replace(tzinfo=zone, fold=0).timestamp()
            if due_s > after_s and day not in self.exceptions:
                return float(due_s)
        return None

    def check(self, now_s: float) -> None:
        """Refuse what does not exist, never comes, or takes too long to look through.

        Args:
            now_s: fleet time, Unix seconds.

        Raises:
            BadRecurrence: names the field and what to do.
        """
        check_timezone(self.timezone)
        if not FIRST_START <= self.start <= LAST_START:
            remedy = f"give a date from {FIRST_START} to {LAST_START}"
            raise BadRecurrence("start", f"{self.start}", remedy)
        if self.until is not None and self.until < self.start:
            problem = f"{self.until}, before it starts on {self.start}"
            raise BadRecurrence("until", problem, "correct until or leave it out")
        _check_rule(self.rrule, self.start, now_s)


def check_timezone(timezone: str) -> None:
    """Hold a timezone to those that there are.

    Raises:
        BadRecurrence: there is none of this name.
    """
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        problem = f"there is no timezone {timezone!r}"
        raise BadRecurrence("timezone", problem, "use an IANA name: Asia/Shanghai") from error


def _check_rule(rule_text: str, start: date, now_s: float) -> None:
    text = rule_text.upper().removeprefix("RRULE:")
    for word, remedy in _ELSEWHERE.items():
        if word in text:
            raise BadRecurrence("rrule", f"{word} has no place here", remedy)
    parts = dict(part.split("=") for part in text.split(";") if _PART.fullmatch(part))
    if len(parts) != len(text.split(";")):
        raise BadRecurrence("rrule", f"{rule_text!r} is no recurrence rule", EXAMPLE)
    for key in ("INTERVAL", "COUNT"):
        if not (number := parts.get(key, "1")).isdigit() or not 1 <= int(number) <= 10_000:
            raise BadRecurrence("rrule", f"{key} is {number}", "give a number from 1 to 10000")
    try:
        rule = rrulestr(rule_text, dtstart=_midnight(start))
        if isinstance(rule, rruleset):
            raise ValueError("more than one rule")
        _check_occurrences(rule, rule_text, _midnight(start), now_s)
    except InvalidRequest:
        raise
    except (ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        problem = f"{rule_text!r} is no recurrence rule: {error}"
        raise BadRecurrence("rrule", problem, EXAMPLE) from error


def _check_occurrences(rule: rrule, rule_text: str, begin: datetime, now_s: float) -> None:
    """A rule that never comes, or came too often since its start, would hold everybody up.

    A search for what never comes ends in the year 9999 only. The calendar repeats itself every 400
    years, so that it may as well begin a few centuries before that.
    """
    late = begin.replace(year=begin.year + 400 * ((9989 - begin.year) // 400))
    if next(iter(rule.replace(dtstart=late)), None) is None:
        raise BadRecurrence("rrule", "it never comes", "see its BY… parts against each other")
    now = datetime.fromtimestamp(now_s, UTC).replace(tzinfo=None)
    near = rule.replace(dtstart=_near(rule_text, begin, now - timedelta(days=2)))
    past = takewhile(lambda each: each <= now, near)
    passed = sum(1 for _ in islice(past, OCCURRENCES_AT_MOST))
    if passed >= OCCURRENCES_AT_MOST:
        problem = f"{begin.date()} is too long ago for so frequent a rule"
        raise BadRecurrence("start", problem, "give a later date")


def _near(rule_text: str, begin: datetime, wanted: datetime) -> datetime:
    """A start from which a rule gives the same occurrences after a time as from its own start.

    A search passes all occurrences since the start. Where a rule's period has a fixed length and
    its occurrences are not counted, whole periods may be left out: every BY… part looks at the
    occurrence itself.
    """
    text = rule_text.upper().removeprefix("RRULE:")
    parts = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
    step = _STEPS.get(parts.get("FREQ", ""))
    if step is None or "COUNT" in parts or wanted <= begin:
        return begin
    step *= int(parts.get("INTERVAL", "1"))
    return begin + (wanted - begin) // step * step


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)
