"""Incidents, and what people do about them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from fleet_manager.adapters.http.schemas.base import Answer, Asked, Id, Person, Text
from fleet_manager.core.incident import IncidentStatus

Severity = Annotated[int, Field(ge=0, le=3, description="0 information … 3 danger to people")]
Note = Annotated[str, Field(max_length=4000)]


class NewIncident(Asked):
    """What a person reports."""

    kind: Annotated[str, Field(min_length=1, max_length=80, examples=["spill"])]
    title: Annotated[str, Field(min_length=1, max_length=300)]
    severity: Severity = 1
    place: Id | None = None
    note: Note = ""
    by: Person = ""


class IncidentStep(Asked):
    """Who deals with it; `note` and `reason` are the same, `assignee` goes with assign."""

    by: Person = ""
    note: Note = ""
    reason: Text = ""
    assignee: Person = ""


class TimelineStep(Answer):
    """One step in the life of an incident."""

    time_s: float
    status: IncidentStatus
    by: str
    note: str


class IncidentState(Answer):
    """An incident with its life; times in Unix seconds.

    `score`, `stddev_m`, `seen_s`, `sightings` and `sources` are of what cameras saw; `pictures`
    says how many there are at `/incidents/{id}/pictures/{0, 1, …}`, oldest first.
    """

    id: str
    kind: str
    severity: int
    status: IncidentStatus
    title: str
    place: str | None
    x_m: float | None
    y_m: float | None
    level: str | None
    robot: str | None
    task_id: str | None
    closure_id: str | None
    stddev_m: float | None
    score: float | None
    seen_s: float | None
    sightings: int
    sources: list[str]
    pictures: int
    raised_s: float
    acknowledged_by: str | None
    assigned_to: str | None
    resolved_by: str | None
    note: str
    timeline: list[TimelineStep]
