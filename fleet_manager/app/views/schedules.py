"""Schedules as documents, in the form of schedule.yaml."""

from __future__ import annotations

from typing import Any

from fleet_manager.core.schedule import Schedule


def schedule_view(schedule: Schedule) -> dict[str, Any]:
    """A schedule and when it is due next, Unix seconds."""
    spec = schedule.spec
    return {
        "id": spec.id,
        "name": spec.name,
        "rrule": spec.rrule,
        "timezone": spec.timezone,
        "start": spec.start.isoformat(),
        "until": None if spec.until is None else spec.until.isoformat(),
        "exceptions": [each.isoformat() for each in spec.exceptions],
        "moves": [
            {"at": each.at.isoformat(), "to": None if each.to is None else each.to.isoformat()}
            for each in spec.moves
        ],
        "enabled": spec.enabled,
        "request": dict(spec.request),
        "next_run_s": schedule.next_run_s,
    }


def schedule_history(schedule: Schedule) -> list[dict[str, Any]]:
    """What became of the last occurrences, newest first; times in Unix seconds."""
    return [
        {
            "due_s": firing.due_s,
            "time_s": firing.time_s,
            "task_id": firing.task_id,
            "why": firing.why,
        }
        for firing in reversed(schedule.history)
    ]
