"""What has been decided. Events are the log: frozen, JSON, and read back by any later version.

A field may be added with a default; anything else is a new version of the event, with its old form
read beside it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from fleet_manager.core.config import ScheduleSpec
from fleet_manager.core.consumption import Consumption
from fleet_manager.core.detection_events import DetectionEvent
from fleet_manager.core.incident import Incident, IncidentTrigger
from fleet_manager.core.map_events import (
    BaseOutdated,
    ClosureAdded,
    ClosureChanged,
    ClosureMoved,
    MapPublished,
    OrderRestated,
    PhaseRepointed,
    WeatherSet,
)
from fleet_manager.core.order import InstantAction
from fleet_manager.core.order_events import OrderEvent
from fleet_manager.core.passage import SessionTrigger
from fleet_manager.core.programme_events import ProgrammeEvent
from fleet_manager.core.robot import RobotTrigger
from fleet_manager.core.task import Considered, PhaseStatus, Task, TaskTrigger, Turn

EVENT_VERSION = 1


class ManagerStarted(Struct, frozen=True, tag=True):
    """A manager has taken the fleet over."""

    manager_epoch: int
    time_s: float


class TaskSubmitted(Struct, frozen=True, tag=True):
    """A task was asked for; `number` is the counter that its id came from."""

    task: Task
    number: int


class TaskMoved(Struct, frozen=True, tag=True):
    """A task changed its status; `robot` with the trigger `assign`, `token` with interruptions.

    Attributes:
        considered: with `assign`, the best of the other robots.
    """

    task_id: str
    trigger: TaskTrigger
    time_s: float
    reason: str = ""
    robot: str | None = None
    token: str = ""
    considered: tuple[Considered, ...] = ()


class TaskHeld(Struct, frozen=True, tag=True):
    """The tokens of the interruptions in force have changed."""

    task_id: str
    tokens: tuple[str, ...]
    time_s: float


class TaskExplained(Struct, frozen=True, tag=True):
    """Why a task waits has changed."""

    task_id: str
    reason: str


class RoundsPlanned(Struct, frozen=True, tag=True):
    """Which tasks are meant for which robots next, in this order; instead of what was meant before.

    Attributes:
        left_out: tasks that none can do in time or with its charge, as it was planned.
    """

    rounds: tuple[tuple[str, tuple[Turn, ...]], ...]
    left_out: tuple[str, ...]
    time_s: float


class PhaseMoved(Struct, frozen=True, tag=True):
    """A phase began, ended, failed, or goes back to be done anew (`standby`, next attempt).

    Attributes:
        from_m: on the path of a sweep, where the next attempt begins.
        robot: who has covered what is covered; "" in older logs.
    """

    task_id: str
    phase_id: int
    status: PhaseStatus
    time_s: float
    result: dict[str, Any] = {}
    from_m: float = 0.0
    text: str = ""
    robot: str = ""


class RobotMoved(Struct, frozen=True, tag=True):
    """A robot changed its status."""

    robot: str
    trigger: RobotTrigger
    time_s: float
    reason: str = ""


class RobotBooted(Struct, frozen=True, tag=True):
    """A robot is heard for the first time since its process started."""

    robot: str
    boot_id: str


class RobotPlaced(Struct, frozen=True, tag=True):
    """Where a robot without an order stands: the waypoints it may occupy."""

    robot: str
    at: tuple[str, ...]
    parked: bool
    by: str = ""


class InstantActionIssued(Struct, frozen=True, tag=True):
    """A robot is told to pause, resume, stop or be released; `by` is who asked.

    Attributes:
        zones: that are stopped, where the robot is stopped with them.
    """

    robot: str
    action: InstantAction
    by: str = ""
    reason: str = ""
    zones: tuple[str, ...] = ()


class StopConfirmed(Struct, frozen=True, tag=True):
    """A robot says that its emergency stop is latched."""

    robot: str
    time_s: float


class StopCleared(Struct, frozen=True, tag=True):
    """A robot says that its emergency stop is latched no more."""

    robot: str
    time_s: float


class ZoneStopped(Struct, frozen=True, tag=True):
    """A zone is in emergency stop; a closure keeps others out."""

    zone: str
    closure_id: str
    time_s: float
    by: str = ""
    reason: str = ""


class ZoneReleased(Struct, frozen=True, tag=True):
    """The emergency stop of a zone was released."""

    zone: str
    time_s: float
    by: str = ""


class IncidentRaised(Struct, frozen=True, tag=True):
    """People must know of something."""

    incident: Incident
    number: int


class IncidentMoved(Struct, frozen=True, tag=True):
    """People, or the end of its cause, moved an incident on."""

    incident_id: str
    trigger: IncidentTrigger
    time_s: float
    by: str = ""
    note: str = ""
    assignee: str = ""


class ScheduleSaved(Struct, frozen=True, tag=True):
    """A schedule was added or changed; occurrences before `time_s` do not count."""

    spec: ScheduleSpec
    time_s: float


class ScheduleDeleted(Struct, frozen=True, tag=True):
    """A schedule is no more."""

    schedule_id: str


class ScheduleFired(Struct, frozen=True, tag=True):
    """An occurrence of a schedule was dealt with; without `task_id` it was passed over."""

    schedule_id: str
    due_s: float
    time_s: float
    task_id: str | None = None
    why: str = ""


class LaneClosed(Struct, frozen=True, tag=True):
    """Nobody may be sent over a lane of the map; of logs of before there were closures."""

    lane_id: str
    by: str = ""
    reason: str = ""


class LaneOpened(Struct, frozen=True, tag=True):
    """A lane may be used again; of logs of before there were closures."""

    lane_id: str
    by: str = ""


class PassageRequested(Struct, frozen=True, tag=True):
    """A robot asks for a door, lift or crossing, behind those that have asked before.

    Attributes:
        level: at which it enters.
        number: the counter of sessions, after this one.
    """

    passage: str
    session_id: str
    robot: str
    level: str
    time_s: float
    number: int


class SessionMoved(Struct, frozen=True, tag=True):
    """A session of a passage changed its status.

    Attributes:
        level: at which the passage is to be open from now on; "": as before.
        reason: why it was released, where it was not used.
    """

    passage: str
    session_id: str
    trigger: SessionTrigger
    time_s: float
    level: str = ""
    reason: str = ""


class PassageFailed(Struct, frozen=True, tag=True):
    """A passage is out of order: it said so (`reported`), or did not open in time."""

    passage: str
    time_s: float
    reason: str
    reported: bool = False


class PassageRecovered(Struct, frozen=True, tag=True):
    """A passage works again: it opened, it said so, or a person (`by`) did."""

    passage: str
    time_s: float
    by: str = ""


class ConsumptionLearned(Struct, frozen=True, tag=True):
    """What a robot draws is known better than before, or has changed."""

    robot: str
    consumption: Consumption
    time_s: float


class ServiceStep(StrEnum):
    """What happens to a robot's water and bin at a dock."""

    BEGUN = "begun"
    LEFT = "left"
    READY = "ready"


class ServiceMoved(Struct, frozen=True, tag=True):
    """A robot begins to be served at a dock, leaves before it is, or is ready."""

    robot: str
    step: ServiceStep
    time_s: float


class DockChosen(Struct, frozen=True, tag=True):
    """The dock that a robot counts on for its next charge; "": its home."""

    robot: str
    dock: str
    time_s: float
    reason: str = ""


class DockPromised(Struct, frozen=True, tag=True):
    """Who of the robots that are to charge at a dock has it next; "": nobody is waiting."""

    dock: str
    robot: str
    time_s: float


class DockFailed(Struct, frozen=True, tag=True):
    """No energy flows at a dock; it is not counted on until then, Unix seconds; 0: it works."""

    dock: str
    time_s: float
    until_s: float
    robot: str = ""
    reason: str = ""


Event = (
    ManagerStarted
    | TaskSubmitted
    | TaskMoved
    | TaskHeld
    | TaskExplained
    | RoundsPlanned
    | PhaseMoved
    | RobotMoved
    | RobotBooted
    | RobotPlaced
    | OrderEvent
    | InstantActionIssued
    | StopConfirmed
    | StopCleared
    | ZoneStopped
    | ZoneReleased
    | IncidentRaised
    | IncidentMoved
    | DetectionEvent
    | ScheduleSaved
    | ScheduleDeleted
    | ScheduleFired
    | LaneClosed
    | LaneOpened
    | ClosureAdded
    | ClosureMoved
    | ClosureChanged
    | WeatherSet
    | OrderRestated
    | MapPublished
    | BaseOutdated
    | PhaseRepointed
    | PassageRequested
    | SessionMoved
    | PassageFailed
    | PassageRecovered
    | ProgrammeEvent
    | ConsumptionLearned
    | DockChosen
    | ServiceMoved
    | DockPromised
    | DockFailed
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode(event: Event) -> str:
    """An event as JSON."""
    return _encoder.encode(event).decode()


def decode(payload: str) -> Event:
    """An event from `encode`, of this version or an older one.

    Raises:
        msgspec.DecodeError: it is not an event of this or an older version.
    """
    return _decoder.decode(payload)
