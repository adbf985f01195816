"""The core as the loop drives it: `app.gate.Gate` of the fleet."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

import msgspec

from fleet_manager.app.code_form import core_form
from fleet_manager.app.gate import Encoded, InstantActionFor
from fleet_manager.app.map_library import MapLibrary
from fleet_manager.core import detection_events as d
from fleet_manager.core import events as e
from fleet_manager.core import fleet, stored_state
from fleet_manager.core import map_events as m
from fleet_manager.core import order_events as o
from fleet_manager.core.campus import Campus
from fleet_manager.core.commands import (
    Command,
    NoteTrouble,
    PlanReady,
    ReportPassage,
    ReportRobot,
    SaveSchedule,
    StartManager,
    Tick,
)
from fleet_manager.core.config import FleetConfig, ScheduleSpec
from fleet_manager.core.decisions import plans
from fleet_manager.core.order import InstantAction, InstantActionType, Order
from fleet_manager.core.orders import order_of
from fleet_manager.core.passage import PassageReport, PassageRequest
from fleet_manager.core.planning import learning
from fleet_manager.core.planning.jobs import Wish
from fleet_manager.core.programme import ProgrammeSpec
from fleet_manager.core.programme_commands import SaveProgramme
from fleet_manager.core.report import RobotReport
from fleet_manager.core.state import FleetState
from fleet_manager.core.traffic import passages
from fleet_manager.ports import EventRecord, IncidentRow, MapRow, TaskRow

TASK_EVENTS = (e.TaskMoved, e.TaskHeld, e.PhaseMoved)
INCIDENT_EVENTS = (
    *(e.IncidentRaised, e.IncidentMoved),
    *(d.DetectionCommitted, d.IncidentUpgraded, d.IncidentAnswered),
)
MOVEMENT_EVENTS = (o.OrderIssued, o.WayPlanned, o.BaseExtended, o.WayOutTaken, m.OrderRestated)


class FleetGate:
    """Every change of the fleet goes through here."""

    def __init__(
        self, campus: Campus, config: FleetConfig, library: MapLibrary | None = None
    ) -> None:
        self.library = MapLibrary(config) if library is None else library
        self.site = self.library.add(campus)

    def initial(self) -> FleetState:
        """The fleet before its first event."""
        return FleetState.initial(self.site, self.library)

    @cached_property
    def form(self) -> str:
        """A digest of the core's code, of the fleet and of the map of the files."""
        config = msgspec.json.encode(self.site.fleet, order="sorted")
        parts = (core_form().encode(), config, self.site.campus.version.encode())
        return hashlib.sha256(b" ".join(parts)).hexdigest()[:32]

    def frozen(self, state: FleetState) -> Callable[[], bytes]:
        """What makes bytes of the state as it is now; values are frozen, so a copy is cheap."""
        copied = state.copy()
        return lambda: stored_state.freeze(copied)

    def thawed(self, data: bytes) -> FleetState:
        """The state that was frozen."""
        return stored_state.thaw(data, self.site, self.library)

    def decide(self, state: FleetState, command: Command, now_s: float) -> Sequence[e.Event]:
        """What a command leads to.

        Raises:
            CampusFleetError: the command is refused.
        """
        return fleet.decide(state, command, now_s)

    def apply(self, state: FleetState, event: e.Event) -> None:
        """Change the state by what has been decided."""
        fleet.apply(state, event)

    def observe(self, state: FleetState, report: RobotReport | PassageReport, now_s: float) -> None:
        """Take a report into the telemetry."""
        if isinstance(report, PassageReport):
            if report.passage in state.site.campus.passages:
                state.telemetry.observe_passage(report)
        else:
            learning.observe(state, state.telemetry.reports.get(report.robot), report)
            state.telemetry.observe(report, now_s)

    def keep_telemetry(self, before: FleetState, after: FleetState) -> None:
        """Carry the telemetry over to a state read from the log."""
        after.telemetry = before.telemetry

    def encode(self, event: e.Event) -> Encoded:
        """An event for the log."""
        return Encoded(type(event).__name__, e.EVENT_VERSION, e.encode(event))

    def decode(self, record: EventRecord) -> e.Event:
        """An event from the log."""
        return e.decode(record.payload)

    def started(self, manager_epoch: int) -> Command:
        """The command by which a manager takes the fleet over."""
        return StartManager(manager_epoch)

    def reported(self, report: RobotReport | PassageReport) -> Command:
        """The command that a report of a robot, door, lift or crossing is."""
        if isinstance(report, PassageReport):
            return ReportPassage(report)
        return ReportRobot(report)

    def tick(self) -> Command:
        """The command that time has passed."""
        return Tick()

    def trouble(self, code: str, severity: int, title: str, note: str, *, over: bool) -> Command:
        """The command by which people are told of something wrong with the manager, or its end."""
        return NoteTrouble(code, severity, title, note, over)

    def told(self, state: FleetState, event: e.Event) -> Iterable[Order | InstantActionFor]:
        """What robots have to be told of an event, which the state has been changed by."""
        if isinstance(event, MOVEMENT_EVENTS):
            movement = state.robot(event.robot).movement
            return [order_of(state, event.robot, movement)] if movement is not None else []
        if isinstance(event, o.OrderCanceled | e.InstantActionIssued):
            return [InstantActionFor(event.robot, event.action)]
        if isinstance(event, o.OrderEnded) and event.outcome is o.OrderOutcome.LOST:
            # It may still be under way, and what it holds is given to others.
            parameters = {"order_id": event.order_id}
            identifier = f"{event.order_id}/lost"
            void = InstantAction(identifier, InstantActionType.CANCEL_ORDER, parameters)
            return [InstantActionFor(event.robot, void)]
        return []

    def passage_requests(self, state: FleetState) -> Sequence[PassageRequest]:
        """What doors, lifts and crossings have to be asked for, again and again until they are."""
        return passages.requests(state)

    def wishes(self, state: FleetState, now_s: float) -> Sequence[Wish]:
        """What is to be planned beside the loop, most urgent first."""
        return plans.wanted(state, now_s)

    def planned(self, job_id: str, kind: str, result: Any) -> Command:
        """The command that a plan is ready."""
        return PlanReady(job_id, kind, result)

    def task_rows(self, state: FleetState, events: Sequence[e.Event]) -> Iterable[TaskRow]:
        """Read models of the tasks that events have changed."""
        changed = dict.fromkeys(
            event.task.id if isinstance(event, e.TaskSubmitted) else event.task_id
            for event in events
            if isinstance(event, (e.TaskSubmitted, *TASK_EVENTS))
        )
        return [_task_row(state, identifier) for identifier in changed if identifier in state.tasks]

    def incident_rows(self, state: FleetState, events: Sequence[e.Event]) -> Iterable[IncidentRow]:
        """Read models of the incidents that events have changed."""
        changed = dict.fromkeys(
            event.incident.id if isinstance(event, e.IncidentRaised) else event.incident_id
            for event in events
            if isinstance(event, INCIDENT_EVENTS)
        )
        known = (state.incidents[each] for each in changed if each in state.incidents)
        return [
            IncidentRow(
                id=each.id,
                kind=each.kind,
                status=each.status,
                robot=each.robot,
                raised_s=each.raised_s,
                document=msgspec.json.encode(each).decode(),
            )
            for each in known
        ]

    def map_rows(self, events: Sequence[e.Event]) -> Iterable[MapRow]:
        """Publications of the map that events are, with their documents."""
        return [
            MapRow(
                number=event.number,
                version=event.version,
                published_by=event.by,
                time_s=event.time_s,
                note=event.note,
                parent=event.parent,
                source=event.source,
                document=self.library.document(event.version),
            )
            for event in events
            if isinstance(event, m.MapPublished)
        ]


def _task_row(state: FleetState, identifier: str) -> TaskRow:
    task = state.tasks[identifier]
    return TaskRow(
        id=task.id,
        category=task.category,
        status=task.status,
        robot=task.robot,
        requested_s=task.requested_s,
        finished_s=task.finished_s,
        document=msgspec.json.encode(task).decode(),
    )


def schedule_commands(schedules: Iterable[ScheduleSpec]) -> list[tuple[str, Command]]:
    """Ids and commands that take a file's schedules into a database, each form of each once."""
    return [
        (f"schedule-file:{spec.id}:{_digest(spec)}", SaveSchedule(spec, None)) for spec in schedules
    ]


def programme_commands(programmes: Iterable[ProgrammeSpec]) -> list[tuple[str, Command]]:
    """Ids and commands that take a file's programmes into a database, each form of each once."""
    return [
        (f"programme-file:{spec.id}:{_digest(spec)}", SaveProgramme(spec, None, "schedule.yaml"))
        for spec in programmes
    ]


def _digest(spec: ScheduleSpec | ProgrammeSpec) -> str:
    return hashlib.sha256(msgspec.json.encode(spec, order="deterministic")).hexdigest()[:16]
