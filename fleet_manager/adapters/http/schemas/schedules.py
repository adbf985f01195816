"""Schedules in the form of schedule.yaml (docs/map-format.md)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from fleet_manager.adapters.http.schemas.base import Answer, Asked
from fleet_manager.adapters.http.schemas.tasks import Description, Labels
from fleet_manager.core.task import Category

ScheduleId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]


class ScheduledRequest(Asked):
    """The task that each occurrence asks for."""

    category: Category
    description: Description
    priority: Annotated[int, Field(ge=0, le=9)] = 0
    labels: Labels = Field(default_factory=list)


class ScheduleForm(Asked):
    """Recurring work; dates are local, `timezone` is the campus' where it is left out."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    rrule: Annotated[
        str,
        Field(min_length=1, max_length=500, examples=["FREQ=DAILY;BYHOUR=22;BYMINUTE=0"]),
    ]
    timezone: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    start: date
    until: date | None = None
    exceptions: Annotated[list[date], Field(max_length=1000)] = Field(default_factory=list)
    enabled: bool = True
    request: ScheduledRequest


class NewSchedule(ScheduleForm):
    """A schedule that is not there yet."""

    id: ScheduleId


class ChangedSchedule(ScheduleForm):
    """All of a schedule that is there; its id may be repeated."""

    id: ScheduleId | None = None


class ScheduleState(Answer):
    """A schedule and when it is due next, Unix seconds; None: never."""

    id: str
    name: str
    rrule: str
    timezone: str
    start: date
    until: date | None
    exceptions: list[date]
    enabled: bool
    request: dict[str, Any]
    next_run_s: float | None


class ScheduleFiring(Answer):
    """What became of an occurrence; without `task_id` it was passed over, `why` says why."""

    due_s: float
    time_s: float
    task_id: str | None
    why: str
