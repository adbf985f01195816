"""When something comes again and again: rules of RFC 5545 in local time, and which are usable."""

from __future__ import annotations

import re
from collections.abc import Iterator
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


class Move(Struct, frozen=True):
    """One occurrence that comes at another time, or not at all.

    Attributes:
        at: when the rule has it, local.
        to: when it comes, local; None: it does not.
    """

    at: datetime
    to: datetime | None = None


class Occurrence(Struct, frozen=True):
    """One time that something comes.

    Attributes:
        due_s: when, Unix seconds.
        at: when the rule has it, local; by this it can be moved.
        moved: it comes at another time than that.
    """

    due_s: float
    at: datetime
    moved: bool = False


class Recurrence(Struct, frozen=True):
    """When something comes again and again.

    Attributes:
        rrule: recurrence rule of RFC 5545 without DTSTART and UNTIL, in local time.
        timezone: IANA name.
        start, until: first and last local date; None: for ever.
        exceptions: local dates on which it does not come.
        moves: single occurrences that come at another time, or not at all.
    """

    rrule: str
    timezone: str
    start: date
    until: date | None = None
    exceptions: tuple[date, ...] = ()
    moves: tuple[Move, ...] = ()

    def after(self, after_s: float) -> float | None:
        """The first occurrence after a time, both Unix seconds; None: there is none.

        A local time that a change to summer time leaves out is taken as the same time before the
        change; one that comes twice is taken the first time, and only then.
        """
        planned = next((each.due_s for each in self._by_rule(after_s)), None)
        coming = [each.due_s for each in self._moved() if each.due_s > after_s]
        return min((each for each in (planned, *coming) if each is not None), default=None)

    def between(self, from_s: float, until_s: float, most: int) -> list[Occurrence]:
        """Occurrences from a time on and before another, both Unix seconds, in their order.

        Args:
            most: so many of the rule's at most.
        """
        # `_by_rule` begins behind a time; the one at the time itself belongs to them.
        rule = takewhile(lambda each: each.due_s < until_s, self._by_rule(from_s - 1e-3))
        moved = [each for each in self._moved() if from_s <= each.due_s < until_s]
        return sorted([*islice(rule, most), *moved], key=lambda each: each.due_s)

    def _by_rule(self, after_s: float) -> Iterator[Occurrence]:
        """Occurrences after a time that come when the rule has them."""
        zone = ZoneInfo(self.timezone)
        # Local times run backwards for an hour in autumn: begin a day early and sift.
        local = datetime.fromtimestamp(after_s, UTC).astimezone(zone).replace(tzinfo=None)
        early = local - timedelta(days=1)
        elsewhere = {each.at for each in self.moves}
        rule = rrulestr(self.rrule, dtstart=_near(self.rrule, _midnight(self.start), early))
        for candidate in rule.xafter(early, inc=True):
            day = candidate.date()
            if self.until is not None and day > self.until:
                return
            due_s = _unix_s(candidate, zone)
            if due_s > after_s and day not in self.exceptions and candidate not in elsewhere:
                yield Occurrence(due_s, candidate)

    def _moved(self) -> Iterator[Occurrence]:
        zone = ZoneInfo(self.timezone)
        for each in self.moves:
            if each.to is not None:
                yield Occurrence(_unix_s(each.to, zone), each.at, True)

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


def _unix_s(local: datetime, zone: ZoneInfo) -> float:
    return float(local.replace(tzinfo=zone, fold=0).timestamp())


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)
