"""Recurring work: when it is due, and what became of it."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from fleet_manager.core.config import ScheduleSpec
from fleet_manager.core.recurrence import Recurrence

HISTORY_LIMIT = 50
GRACE_S = 3600.0
"""An occurrence that is later than this (the manager was off) is passed over."""


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
    return recurrence(spec).after(after_s)


def recurrence(spec: ScheduleSpec) -> Recurrence:
    """When a schedule comes, whether it is enabled or not."""
    return Recurrence(
        spec.rrule, spec.timezone, spec.start, spec.until, spec.exceptions, spec.moves
    )
