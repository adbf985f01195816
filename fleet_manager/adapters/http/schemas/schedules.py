"""Schedules in the form of schedule.yaml (docs/map-format.md)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, NaiveDatetime, field_validator

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


class MoveForm(Asked):
    """The occurrence that the rule has `at` a local time comes `to` another; null: not at all."""

    at: Annotated[NaiveDatetime, Field(examples=["2026-10-01T22:00:00"])]
    to: NaiveDatetime | None = None


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
    moves: Annotated[list[MoveForm], Field(max_length=1000)] = Field(default_factory=list)
    enabled: bool = True
    request: ScheduledRequest

    @field_validator("moves")
    @classmethod
    def _each_once(cls, moves: list[MoveForm]) -> list[MoveForm]:
        if len({each.at for each in moves}) < len(moves):
            raise ValueError("an occurrence is moved twice")
        return moves


class NewSchedule(ScheduleForm):
    """A schedule that is not there yet."""

    id: ScheduleId


class ChangedSchedule(ScheduleForm):
    """All of a schedule that is there; its id may be repeated."""

    id: ScheduleId | None = None


class MoveState(Answer):
    """An occurrence that comes at another local time than the rule's, or not at all."""

    at: NaiveDatetime
    to: NaiveDatetime | None


class ScheduleState(Answer):
    """A schedule and when it is due next, Unix seconds; None: never."""

    id: str
    name: str
    rrule: str
    timezone: str
    start: date
    until: date | None
    exceptions: list[date]
    moves: list[MoveState]
    enabled: bool
    request: dict[str, Any]
    next_run_s: float | None


class ScheduleFiring(Answer):
    """What became of an occurrence; without `task_id` it was passed over, `why` says why."""

    due_s: float
    time_s: float
    task_id: str | None
    why: str


class CalendarOccurrence(Answer):
    """One time that a schedule runs or was to run; times are Unix seconds.

    Attributes:
        at: its local time by the rule, by which it is moved; null: of the past.
        outcome: `planned`, `ran`, or `passed_over`, with the reason in `why`.
        task_id, task_status: of the task that it asked for.
    """

    schedule: str
    name: str
    category: str
    due_s: float
    at: NaiveDatetime | None
    moved: bool
    outcome: Literal["planned", "ran", "passed_over"]
    task_id: str | None
    task_status: str | None
    why: str


class CalendarWindow(Answer):
    """When a patrol programme keeps its promise; times are Unix seconds."""

    programme: str
    name: str
    from_s: float
    until_s: float


class Calendar(Answer):
    """What runs and ran between two times; `complete` is false where it is too much to list."""

    timezone: str
    from_s: float
    until_s: float
    now_s: float
    complete: bool
    occurrences: list[CalendarOccurrence]
    windows: list[CalendarWindow]
