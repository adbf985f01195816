"""Tasks in Open-RMF's shapes (rmf_api_msgs: task_request, task_state, task_log)."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from fleet_manager.adapters.http.schemas.base import Answer, Asked, Id, Person, Text
from fleet_manager.core.task import Category, TaskStatus

DESCRIPTION_AT_MOST = 65536
_YEAR_3000_MS = 32_503_680_000_000


def _json(description: dict[str, Any]) -> dict[str, Any]:
    try:
        size = len(json.dumps(description, allow_nan=False))
    except ValueError:
        raise ValueError("numbers have to be finite") from None
    if size > DESCRIPTION_AT_MOST:
        raise ValueError(f"longer than {DESCRIPTION_AT_MOST} characters")
    return description


Description = Annotated[
    dict[str, Any],
    AfterValidator(_json),
    Field(
        description="By category: patrol {places, rounds}, clean {zone}, spot_clean {x_m, y_m, "
        "radius_m, level}, inspect {assets}, go_to {place, dwell_s}, respond {place, dwell_s}, "
        "charge {robot}. `robot` binds it to one robot.",
        examples=[{"places": ["gate_a", "library"], "rounds": 1}],
    ),
]
Labels = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)]


class BinaryPriority(Asked):
    """Open-RMF's: normal or high."""

    type: Literal["binary"]
    value: Annotated[int, Field(ge=0, le=1)]


class LevelPriority(Asked):
    """0 to 9, higher first; the binary ones are 0 and 1 of it."""

    type: Literal["level"]
    value: Annotated[int, Field(ge=0, le=9)]


Priority = Annotated[BinaryPriority | LevelPriority, Field(discriminator="type")]


class TaskRequest(Asked):
    """What is to be done."""

    category: Category
    description: Description
    priority: Priority | None = None
    labels: Labels = Field(default_factory=list)
    requester: Person = ""
    unix_millis_earliest_start_time: Annotated[int, Field(ge=0, le=_YEAR_3000_MS)] | None = None
    unix_millis_due_time: Annotated[int, Field(ge=0, le=_YEAR_3000_MS)] | None = None


class DispatchTask(Asked):
    """Ask for a task."""

    type: Literal["dispatch_task_request"]
    request: TaskRequest


class CancelTask(Asked):
    """End a task; its robot stops inside what was released to it."""

    type: Literal["cancel_task_request"]
    task_id: Id
    labels: Labels = Field(default_factory=list)
    by: Person = ""
    reason: Text = ""


class KillTask(Asked):
    """End a task, as a last resort."""

    type: Literal["kill_task_request"]
    task_id: Id
    labels: Labels = Field(default_factory=list)
    by: Person = ""
    reason: Text = ""


class InterruptTask(Asked):
    """Hold a task."""

    type: Literal["interrupt_task_request"]
    task_id: Id
    labels: Labels = Field(default_factory=list)
    by: Person = ""
    reason: Text = ""


class ResumeTask(Asked):
    """Give back tokens of interruptions; none: all."""

    type: Literal["resume_task_request"]
    for_task: Id | None = None
    task_id: Id | None = None
    for_tokens: Annotated[list[Id], Field(max_length=100)] = Field(default_factory=list)
    labels: Labels = Field(default_factory=list)
    by: Person = ""


class Booking(Answer):
    """Who asked for what when."""

    id: str
    unix_millis_earliest_start_time: int | None
    unix_millis_request_time: int | None
    priority: Priority
    labels: list[str]
    requester: str


class AssignedTo(Answer):
    """The robot that has or had the task; `group` is the fleet."""

    group: str
    name: str


class EventState(Answer):
    """The action of a phase; `detail` is its result."""

    id: int
    status: TaskStatus
    name: str
    detail: dict[str, Any]
    deps: list[int]


class PhaseState(Answer):
    """One place, asset or zone (`detail`)."""

    id: int
    category: str
    detail: str
    unix_millis_start_time: int | None
    unix_millis_finish_time: int | None
    final_event_id: int
    events: dict[str, EventState]


class AttemptState(Answer):
    """A robot that had the task; Unix seconds; `reason` why it has it no more."""

    robot: str
    from_s: float
    to_s: float | None
    reason: str


class TaskState(Answer):
    """A task with all that is known of it."""

    booking: Booking
    category: Category
    detail: dict[str, Any]
    unix_millis_start_time: int | None
    unix_millis_finish_time: int | None
    assigned_to: AssignedTo | None
    status: TaskStatus
    phases: dict[str, PhaseState]
    completed: list[int]
    active: int | None
    pending: list[int]
    progress: Annotated[float, Field(ge=0.0, le=1.0)]
    reason: str
    unix_millis_due_time: int | None
    attempts: list[AttemptState]


class Dispatched(Answer):
    """The task that was asked for."""

    success: bool = True
    state: TaskState


class Interrupted(Answer):
    """The token by which the task is resumed."""

    success: bool = True
    token: str


class LogEntry(Answer):
    """A line for people; `tier` is info, warning or error."""

    seq: int
    unix_millis_time: int
    tier: str
    text: str


class TaskLog(Answer):
    """The log of a task, oldest line first."""

    task_id: str
    log: list[LogEntry]


class CandidateRobot(Answer):
    """What a robot would be for a task; seconds until it could begin."""

    robot: str
    eligible: bool
    reason: str
    cost_s: float | None


class ConsideredRobot(Answer):
    """A robot that did not get a task: when it could have begun, and why it was another."""

    robot: str
    cost_s: float | None
    reason: str


class Decision(Answer):
    """Why a task went to the robot that it went to last, with the best of the others."""

    robot: str
    time_s: float
    reason: str
    considered: list[ConsideredRobot]


class TaskExplanation(Answer):
    """Why a task waits or who has it, whom it was last given to and why, and who could have it now.

    `never` says why no robot of the fleet can ever do it.
    """

    task_id: str
    status: TaskStatus
    reason: str
    never: str | None
    decided: Decision | None
    robots: list[CandidateRobot]
