"""Patrol programmes: what is asked for, and how they stand."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from fleet_manager.adapters.http.schemas.base import Answer, Asked, Person
from fleet_manager.adapters.http.schemas.schedules import ScheduleId

Name = Annotated[str, Field(min_length=1, max_length=200)]
Weights = Annotated[list[float], Field(max_length=24)]


class ProgrammeSiteForm(Asked):
    """A place to be seen again and again; what is left out is the programme's."""

    place: Name
    weight: float = 1.0
    weights_by_hour: Weights = Field(default_factory=list)
    promise_s: float | None = None


class ProgrammeWindow(Asked):
    """From each occurrence on for a while; dates are local."""

    rrule: Annotated[str, Field(min_length=1, max_length=500)]
    duration_s: float
    start: date = date(2026, 1, 1)
    until: date | None = None
    exceptions: Annotated[list[date], Field(max_length=1000)] = Field(default_factory=list)


class ProgrammeFields(Asked):
    """What a programme may say beside its id; without a window it always runs."""

    name: Name | None = None
    sites: Annotated[list[Name | ProgrammeSiteForm], Field(max_length=500)] | None = None
    sectors: Annotated[list[Name], Field(max_length=500)] | None = None
    promise_s: float | None = None
    robots: int | None = None
    window: ProgrammeWindow | None = None
    timezone: Name | None = None
    seed: Annotated[int, Field(ge=0, le=2**31)] | None = None
    unpredictability: float | None = None
    dwell_s: Annotated[float, Field(ge=0, le=3600)] | None = None
    priority: Annotated[int, Field(ge=0, le=9)] | None = None
    labels: Annotated[list[Name], Field(max_length=50)] | None = None
    enabled: bool | None = None
    by: Person = ""


class NewProgramme(ProgrammeFields):
    """A programme that is not there yet."""

    id: ScheduleId
    name: Name


class ChangedProgramme(ProgrammeFields):
    """What of a programme is to change; `enabled` alone pauses and resumes it."""


class ProgrammeStanding(Answer):
    """How a programme stands to its promise; seconds, moments in Unix seconds."""

    id: str
    name: str
    status: str
    opens_s: float | None
    closes_s: float | None
    promised_s: float | None
    planned_s: float | None
    keeps_promise: bool | None
    measured_s: float | None
    idle_s: float | None
    average_idleness_s: float | None
    entropy_bits: float | None
    broken: int
    robots: int
    robots_planned: int


class ProgrammeState(ProgrammeStanding):
    """All that is known of a programme."""

    sites: list[dict[str, Any]]
    sectors: list[str]
    promise_s: float | None
    window: dict[str, Any] | None
    timezone: str
    seed: int
    unpredictability: float
    dwell_s: float
    priority: int
    labels: list[str]
    enabled: bool
    robots_asked: int | None
    since_s: float
    paused_by: str
    plan: dict[str, Any] | None
    patrols: list[dict[str, Any]]
    state_of_sites: list[dict[str, Any]]
