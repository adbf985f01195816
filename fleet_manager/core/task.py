"""A task: what staff ask for, phase by phase, with Open-RMF's status names."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

LOG_LIMIT = 200
EMERGENCY_PRIORITY = 7
"""Responses of this priority and above take robots from other work."""


class Category(StrEnum):
    """Kinds of work."""

    PATROL = "patrol"
    RESPOND = "respond"
    CLEAN = "clean"
    SPOT_CLEAN = "spot_clean"
    INSPECT = "inspect"
    GO_TO = "go_to"
    CHARGE = "charge"


SKILLS = {
    "go_to_point": "go_to",
    "patrol_point": "patrol",
    "respond_point": "respond",
    "clean_zone": "clean",
    "inspect_asset": "inspect",
    "charge": "charge",
}
"""The skill that each type of action needs (docs/protocol.md)."""


class TaskStatus(StrEnum):
    """Open-RMF's names (rmf_api_msgs task_state)."""

    QUEUED = "queued"
    STANDBY = "standby"
    UNDERWAY = "underway"
    DELAYED = "delayed"
    BLOCKED = "blocked"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    KILLED = "killed"
    SKIPPED = "skipped"


class TaskTrigger(StrEnum):
    """What changes the status of a task."""

    ASSIGN = "assign"
    START = "start"
    DELAY = "delay"
    BLOCK = "block"
    RECOVER = "recover"
    RELEASE = "release"
    INTERRUPT = "interrupt"
    RESUME = "resume"
    COMPLETE = "complete"
    FAIL = "fail"
    CANCEL = "cancel"
    KILL = "kill"
    SKIP = "skip"


_END = {
    TaskTrigger.FAIL: TaskStatus.FAILED,
    TaskTrigger.CANCEL: TaskStatus.CANCELED,
    TaskTrigger.KILL: TaskStatus.KILLED,
}
_WITH_ROBOT = {
    **_END,
    TaskTrigger.COMPLETE: TaskStatus.COMPLETED,
    TaskTrigger.RELEASE: TaskStatus.QUEUED,
    TaskTrigger.INTERRUPT: TaskStatus.STANDBY,
}

TASK_TRANSITIONS: dict[TaskStatus, dict[TaskTrigger, TaskStatus]] = {
    TaskStatus.QUEUED: {
        **_END,
        TaskTrigger.ASSIGN: TaskStatus.STANDBY,
        TaskTrigger.INTERRUPT: TaskStatus.STANDBY,
        TaskTrigger.SKIP: TaskStatus.SKIPPED,
    },
    TaskStatus.STANDBY: {
        **_WITH_ROBOT,
        TaskTrigger.START: TaskStatus.UNDERWAY,
        TaskTrigger.DELAY: TaskStatus.DELAYED,
        TaskTrigger.BLOCK: TaskStatus.BLOCKED,
        TaskTrigger.RESUME: TaskStatus.QUEUED,
        TaskTrigger.SKIP: TaskStatus.SKIPPED,
    },
    TaskStatus.UNDERWAY: {
        **_WITH_ROBOT,
        TaskTrigger.DELAY: TaskStatus.DELAYED,
        TaskTrigger.BLOCK: TaskStatus.BLOCKED,
    },
    TaskStatus.DELAYED: {
        **_WITH_ROBOT,
        TaskTrigger.BLOCK: TaskStatus.BLOCKED,
        TaskTrigger.RECOVER: TaskStatus.UNDERWAY,
    },
    TaskStatus.BLOCKED: {
        **_WITH_ROBOT,
        TaskTrigger.DELAY: TaskStatus.DELAYED,
        TaskTrigger.RECOVER: TaskStatus.UNDERWAY,
    },
    TaskStatus.COMPLETED: {},
    TaskStatus.FAILED: {},
    TaskStatus.CANCELED: {},
    TaskStatus.KILLED: {},
    TaskStatus.SKIPPED: {},
}
"""`standby` is both "has a robot that has not begun" and "interrupted" (`Task.held_by`)."""

ENDED = frozenset(status for status, following in TASK_TRANSITIONS.items() if not following)


class PhaseStatus(StrEnum):
    """How far a phase has come."""

    PENDING = "standby"
    UNDERWAY = "underway"
    COMPLETED = "completed"
    FAILED = "failed"


class Phase(Struct, frozen=True):
    """One place, asset or zone of a task.

    Attributes:
        id: 1, 2, 3, … within the task.
        detail: what it is about: id of a waypoint, zone or asset.
        waypoint: where the robot does it.
        action_type: of docs/protocol.md.
        parameters: of the action, as far as they do not depend on the robot.
        attempt: 1 for the first robot or try; in the id of the action.
        from_m: on the path of a sweep: covered by earlier attempts.
        swept_width_m: of the brush with which it was covered; 0: not known. Paths of other brushes
            are other paths.
        failures: attempts that the robot reported as failed.
    """

    id: int
    detail: str
    waypoint: str
    action_type: str
    parameters: dict[str, Any] = {}
    status: PhaseStatus = PhaseStatus.PENDING
    attempt: int = 1
    failures: int = 0
    from_m: float = 0.0
    swept_width_m: float = 0.0
    started_s: float | None = None
    finished_s: float | None = None
    result: dict[str, Any] = {}

    def covered_m(self, brush_width_m: float | None) -> float:
        """How far earlier attempts have come on the path of a brush; 0 if theirs was another."""
        other = self.swept_width_m and self.swept_width_m != brush_width_m
        return 0.0 if other else self.from_m


class Turn(Struct, frozen=True):
    """A task in the round that is meant for a robot; `begins_s` as planned, Unix seconds."""

    task_id: str
    begins_s: float


class Considered(Struct, frozen=True):
    """Another robot that a task could have gone to: seconds until it could have begun, and why not.

    `cost_s` is None where it could not have the task at all.
    """

    robot: str
    cost_s: float | None
    why: str


class Attempt(Struct, frozen=True):
    """A robot that had the task; `to_s` and `why` when it has it no more.

    Attributes:
        chosen: why it was this robot, for people.
        considered: the best of the others, when it was chosen.
    """

    robot: str
    from_s: float
    to_s: float | None = None
    why: str = ""
    chosen: str = ""
    considered: tuple[Considered, ...] = ()


class LogLine(Struct, frozen=True):
    """A line of the task's log for people; `tier` as in Open-RMF: info, warning, error."""

    seq: int
    time_s: float
    tier: str
    text: str


class Task(Struct, frozen=True):
    """A task with everything that is known of it.

    Attributes:
        description: as asked for, by category (docs/api.md).
        priority: 0 to 9, higher first.
        earliest_start_s: Unix seconds.
        due_s: when it is to be done, Unix seconds; None: at some time.
        held_by: tokens of the interruptions in force.
        reason: why it waits or failed, for people.
        schedule_id: of the schedule that asked for it.
        programme_id: of the programme it is a stretch of, and the number of its beat.
    """

    id: str
    category: Category
    description: dict[str, Any]
    phases: tuple[Phase, ...]
    requested_s: float
    earliest_start_s: float
    priority: int = 0
    labels: tuple[str, ...] = ()
    requester: str = ""
    schedule_id: str | None = None
    programme_id: str | None = None
    beat: int | None = None
    status: TaskStatus = TaskStatus.QUEUED
    robot: str | None = None
    started_s: float | None = None
    finished_s: float | None = None
    held_by: tuple[str, ...] = ()
    reason: str = ""
    attempts: tuple[Attempt, ...] = ()
    log: tuple[LogLine, ...] = ()
    due_s: float | None = None

    @property
    def since_s(self) -> float:
        """Since when it could have had a robot, Unix seconds: what its age is reckoned from."""
        return max(self.requested_s, self.earliest_start_s)

    @property
    def emergency(self) -> bool:
        """Whether it takes robots from other work."""
        return self.category is Category.RESPOND and self.priority >= EMERGENCY_PRIORITY

    @property
    def overtakes(self) -> bool:
        """Whether older tasks count it when it gets a robot before them."""
        return self.category is not Category.CHARGE and not self.emergency

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.status in ENDED

    @property
    def remaining(self) -> tuple[Phase, ...]:
        """Phases that are still to be done."""
        return tuple(p for p in self.phases if p.status is not PhaseStatus.COMPLETED)

    def phase(self, identifier: int) -> Phase:
        """The phase with this number."""
        return self.phases[identifier - 1]

    def with_phase(self, phase: Phase) -> Task:
        """The task with a phase replaced."""
        phases = tuple(phase if each.id == phase.id else each for each in self.phases)
        return replace(self, phases=phases)

    def logged(self, time_s: float, text: str, tier: str = "info") -> Task:
        """The task with a line added to its log; the oldest go first when it is full."""
        seq = self.log[-1].seq + 1 if self.log else 1
        log = (*self.log[-(LOG_LIMIT - 1) :], LogLine(seq, time_s, tier, text))
        return replace(self, log=log)


def action_id(task: Task, phase: Phase) -> str:
    """Id of the action that a phase becomes; new with every attempt."""
    return f"{task.id}/{phase.id}/{phase.attempt}"


def read_action_id(identifier: str) -> tuple[str, int, int] | None:
    """Task, phase and attempt of an action's id; None if it is not one of `action_id`."""
    parts = identifier.rsplit("/", 2)
    if len(parts) != 3 or not all(each.isascii() and each.isdigit() for each in parts[1:]):
        return None
    return parts[0], int(parts[1]), int(parts[2])
