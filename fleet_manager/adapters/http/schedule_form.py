"""Reads a schedule that was sent, and refuses times that do not exist or never come."""

from __future__ import annotations

from fleet_manager.adapters.http.schemas.schedules import ScheduleForm
from fleet_manager.core.config import ScheduleSpec
from fleet_manager.core.errors import InvalidRequest
from fleet_manager.core.recurrence import BadRecurrence, Move, Recurrence
from fleet_manager.core.schedule import recurrence


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
    spec = ScheduleSpec(
        id=identifier,
        name=form.name,
        rrule=form.rrule,
        timezone=form.timezone or campus_timezone,
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
        moves=tuple(
            sorted((Move(each.at, each.to) for each in form.moves), key=lambda each: each.at)
        ),
    )
    check_recurrence(recurrence(spec), now_s)
    return spec


def check_recurrence(asked: Recurrence, now_s: float) -> None:
    """Refuse a recurrence that does not exist, never comes, or takes long to look through.

    Args:
        now_s: fleet time, Unix seconds.

    Raises:
        InvalidRequest: names the field of the body and what to do.
    """
    try:
        asked.check(now_s)
    except BadRecurrence as error:
        raise InvalidRequest(f"body.{error}", error.remedy) from error
