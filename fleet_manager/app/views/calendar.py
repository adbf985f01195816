"""What schedules and programmes do between two times: planned, run, or passed over."""

from __future__ import annotations

from typing import Any

from fleet_manager.core.programme import ProgrammeSpec
from fleet_manager.core.schedule import Schedule, recurrence

MOST_OF_A_SCHEDULE = 500
"""A schedule that comes more often in the time is not listed whole."""


def occurrences_of(
    schedule: Schedule, from_s: float, until_s: float, now_s: float
) -> tuple[list[dict[str, Any]], bool]:
    """Occurrences from a time on and before another, and whether these are all.

    Those of the past are what its history has kept; those to come are worked out.

    Args:
        from_s, until_s, now_s: Unix seconds of fleet time.
    """
    spec = schedule.spec
    common = {"schedule": spec.id, "name": spec.name, "category": spec.request.get("category", "")}
    past = [
        common
        | {
            "due_s": each.due_s,
            "at": None,
            "moved": False,
            "outcome": "ran" if each.task_id else "passed_over",
            "task_id": each.task_id,
            "task_status": None,
            "why": each.why,
        }
        for each in schedule.history
        if from_s <= each.due_s < until_s
    ]
    begin_s = max(from_s, now_s)
    if not spec.enabled or begin_s >= until_s:
        return past, True
    coming = recurrence(spec).between(begin_s, until_s, MOST_OF_A_SCHEDULE)
    planned = [
        common
        | {
            "due_s": each.due_s,
            "at": each.at.isoformat(),
            "moved": each.moved,
            "outcome": "planned",
            "task_id": None,
            "task_status": None,
            "why": "",
        }
        for each in coming
    ]
    return past + planned, len(coming) < MOST_OF_A_SCHEDULE


def windows_of(spec: ProgrammeSpec, from_s: float, until_s: float) -> list[dict[str, Any]]:
    """When a programme runs in a time, Unix seconds; one without a window always does."""
    common = {"programme": spec.id, "name": spec.name}
    if not spec.enabled:
        return []
    if spec.window is None:
        return [common | {"from_s": from_s, "until_s": until_s}]
    duration_s = spec.window.duration_s
    opened = spec.window.recurrence.between(from_s - duration_s, until_s, MOST_OF_A_SCHEDULE)
    return [common | {"from_s": each.due_s, "until_s": each.due_s + duration_s} for each in opened]
