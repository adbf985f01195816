"""Recurring work: when it is due (RFC 5545 in local time), and what became of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from msgspec import Struct
from msgspec.structs import replace

from fleet_manager.core.config import ScheduleSpec

HISTORY_LIMIT = 50
GRACE_S = 3600.0
"""An occurrence that is later than this (the manager was off) is passed over."""


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
        begin = datetime(self.start.year, self.start.month, self.start.day)
        rule = rrulestr(self.rrule, dtstart=begin)
        # Local times run backwards for an hour in autumn: begin a day early and sift.
        local = datetime.fromtimestamp(after_s, UTC).astimezone(zone).replace(tzinfo=None)
        candidate = rule.after(local - timedelta(days=1), inc=True)
        while candidate is not None:
            day = candidate.date()
            if self.until is not None and day > self.until:
                return None
            due_s = candidate.replace(tzinfo=zone, fold=0).timestamp()
            if due_s > after_s and day not in self.exceptions:
                return float(due_s)
            candidate = rule.after(candidate)
        return None


class Firing(Struct, frozen=True):
    """What became of one occurrence; `task_id` is None where it was passed over."""

    due_s: float
    time_s: float
    task_id: str | None = None
    why: str = ""


class Schedule(Struct, frozen=True):
    """A schedule and what it has done.

    Attributes:
        handled_s: occurrences up to this time are dealt with, Unix seconds.
        next_run_s: the next one; None: never again, or disabled.
    """

    spec: ScheduleSpec
    handled_s: float
    next_run_s: float | None = None
    history: tuple[Firing, ...] = ()

    def fired(self, firing: Firing) -> Schedule:
        """The schedule after an occurrence has been dealt with."""
        return replace(
            self,
            handled_s=firing.due_s,
            next_run_s=next_run_s(self.spec, firing.due_s),
            history=(*self.history[-(HISTORY_LIMIT - 1) :], firing),
        )


def next_run_s(spec: ScheduleSpec, after_s: float) -> float | None:
    """The first occurrence after a time, both Unix seconds; None: there is none."""
    if not spec.enabled:
        return None
    rule = Recurrence(spec.rrule, spec.timezone, spec.start, spec.until, spec.exceptions)
    return rule.after(after_s)
