"""What can be asked of the fleet; each is decided into events, or refused."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from fleet_manager.core.config import ScheduleSpec
from fleet_manager.core.detection import Detection
from fleet_manager.core.incident import IncidentTrigger
from fleet_manager.core.map_commands import (
    AddClosure,
    ChangeClosure,
    PublishMap,
    RemoveClosure,
    ReportObstacle,
    SetWeather,
)
from fleet_manager.core.order import InstantActionType
from fleet_manager.core.passage import PassageReport
from fleet_manager.core.programme_commands import (
    DeleteProgramme,
    PauseProgramme,
    ResumeProgramme,
    SaveProgramme,
)
from fleet_manager.core.report import RobotReport
from fleet_manager.core.station import HealthCheck, Reading
from fleet_manager.core.task import TaskTrigger


class StartManager(Struct, frozen=True):
    """A manager takes the fleet over."""

    manager_epoch: int


class Tick(Struct, frozen=True):
    """Time has passed.

    Attributes:
        whole: look at all that time changes (silence, batteries, docks, closures, schedules,
            promises); else only at robots and tasks that wait.
    """

    whole: bool = True


class ReportRobot(Struct, frozen=True):
    """A robot says how it is."""

    report: RobotReport


class SubmitTask(Struct, frozen=True):
    """Staff, a schedule or the manager ask for work.

    Attributes:
        description: by category, as in docs/api.md.
        priority: 0 to 9, higher first.
        earliest_start_s: Unix seconds; None: now.
        due_s: when it is to be done, Unix seconds; None: at some time.
    """

    category: str
    description: dict[str, Any]
    priority: int = 0
    labels: tuple[str, ...] = ()
    requester: str = ""
    earliest_start_s: float | None = None
    due_s: float | None = None


class EndTask(Struct, frozen=True):
    """Cancel, kill or skip a task (`trigger`)."""

    task_id: str
    trigger: TaskTrigger = TaskTrigger.CANCEL
    by: str = ""
    reason: str = ""


class InterruptTask(Struct, frozen=True):
    """Hold a task until each of its tokens is given back; the token is in the event."""

    task_id: str
    by: str = ""
    reason: str = ""


class ResumeTask(Struct, frozen=True):
    """Give back tokens of interruptions; () gives back all."""

    task_id: str
    tokens: tuple[str, ...] = ()
    by: str = ""


class TellRobots(Struct, frozen=True):
    """Pause, resume, stop or release a robot, or all (None).

    Attributes:
        zones: instead of a robot, for stops and releases: those that are in them.
    """

    action: InstantActionType
    robot: str | None = None
    by: str = ""
    reason: str = ""
    zones: tuple[str, ...] = ()


class ConfirmPosition(Struct, frozen=True):
    """A person has seen where a silent robot stands; the rest of its base is freed."""

    robot: str
    waypoint: str
    by: str = ""


class SaveSchedule(Struct, frozen=True):
    """Add a schedule (`new`), change it (not `new`), or whichever it takes (None)."""

    spec: ScheduleSpec
    new: bool | None = True


class DeleteSchedule(Struct, frozen=True):
    """Remove a schedule."""

    schedule_id: str


class RaiseIncident(Struct, frozen=True):
    """A person reports something."""

    kind: str
    title: str
    severity: int = 1
    place: str | None = None
    note: str = ""
    by: str = ""


class NoteTrouble(Struct, frozen=True):
    """Something is wrong with the manager itself (disk, clock), or is right again (`over`).

    Attributes:
        code: "database_full", …; the kind of the alert.
        severity: of the alert, 0 to 3.
    """

    code: str
    severity: int
    title: str
    note: str = ""
    over: bool = False


class MoveIncident(Struct, frozen=True):
    """Acknowledge, assign, resolve an incident, or mark it as a false alarm."""

    incident_id: str
    trigger: IncidentTrigger
    by: str = ""
    note: str = ""
    assignee: str = ""


class ReportDetection(Struct, frozen=True):
    """A camera tells of something."""

    detection: Detection


class ReportReading(Struct, frozen=True):
    """A station says what it measures."""

    reading: Reading


class ReportHealthCheck(Struct, frozen=True):
    """A kiosk says how many people of a group had a raised temperature."""

    check: HealthCheck


class CloseLane(Struct, frozen=True):
    """Send nobody over a lane of the map from now on."""

    lane_id: str
    by: str = ""
    reason: str = ""


class OpenLane(Struct, frozen=True):
    """Let a closed lane be used again."""

    lane_id: str
    by: str = ""


class ReportPassage(Struct, frozen=True):
    """A door, lift or crossing says how it is."""

    report: PassageReport


class RestorePassage(Struct, frozen=True):
    """A person says that a passage that was out of order works again."""

    passage: str
    by: str = ""


class PlanReady(Struct, frozen=True):
    """A planning job is done (`planning.jobs`); what it was made for is in its id."""

    job_id: str
    kind: str
    result: Any = None


Command = (
    StartManager
    | Tick
    | ReportRobot
    | SubmitTask
    | EndTask
    | InterruptTask
    | ResumeTask
    | TellRobots
    | ConfirmPosition
    | SaveSchedule
    | DeleteSchedule
    | RaiseIncident
    | MoveIncident
    | ReportDetection
    | ReportReading
    | ReportHealthCheck
    | NoteTrouble
    | CloseLane
    | OpenLane
    | AddClosure
    | ReportObstacle
    | ChangeClosure
    | RemoveClosure
    | SetWeather
    | PublishMap
    | ReportPassage
    | RestorePassage
    | PlanReady
    | SaveProgramme
    | DeleteProgramme
    | PauseProgramme
    | ResumeProgramme
)
