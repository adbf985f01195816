"""How each event changes the state: the only code that does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import singledispatch
from itertools import islice
from typing import TypeVar

from msgspec.structs import replace

from fleet_manager.core import events as e
from fleet_manager.core import order_events as o
from fleet_manager.core import visits
from fleet_manager.core.errors import UnknownFeature
from fleet_manager.core.incident import (
    INCIDENT_TRANSITIONS,
    Incident,
    IncidentTrigger,
    TimelineEntry,
)
from fleet_manager.core.robot import ROBOT_TRANSITIONS, Movement, RobotRecord, RouteNode
from fleet_manager.core.schedule import Firing, Schedule, next_run_s
from fleet_manager.core.state import FleetState, Inspection
from fleet_manager.core.task import (
    TASK_TRANSITIONS,
    Attempt,
    Phase,
    PhaseStatus,
    Task,
    TaskStatus,
    TaskTrigger,
)
from fleet_manager.core.traffic.conflicts import holdings
from fleet_manager.core.transitions import next_state

ENDED_KEPT = 500
"""Ended tasks and closed incidents in memory; older ones are in the database."""

GIVEN_KEPT = 2000
"""Tasks that robots of a kind were given: those that may wait, and as many again to be counted."""

Item = TypeVar("Item", Task, Incident)


@singledispatch
def apply(event: object, state: FleetState) -> None:
    """Change the state by an event.

    Raises:
        WrongState: the event does not fit the state; the log is damaged, or `decide` wrong.
    """
    raise TypeError(f"no change for {type(event).__name__}")


@apply.register
def _(event: e.ManagerStarted, state: FleetState) -> None:
    state.manager_epoch = event.manager_epoch
    state.manager_started_s = event.time_s


# --- tasks ---


@apply.register
def _(event: e.TaskSubmitted, state: FleetState) -> None:
    asked = event.task.requester or "somebody"
    task = event.task.logged(event.task.requested_s, f"asked for by {asked}")
    state.tasks[task.id] = task
    state.open_ids[task.id] = None
    state.task_number = event.number
    _forget_oldest(state.tasks, lambda each: each.ended)


@apply.register
def _(event: e.TaskMoved, state: FleetState) -> None:
    task = state.task(event.task_id)
    status = next_state(TASK_TRANSITIONS, task.status, event.trigger, f"task {task.id}")
    task = replace(task, status=status, reason=event.reason)
    had = task.robot
    if event.trigger is TaskTrigger.ASSIGN:
        assert event.robot is not None
        attempt = Attempt(
            event.robot, event.time_s, chosen=event.reason, considered=event.considered
        )
        task = replace(task, robot=event.robot, attempts=(*task.attempts, attempt))
        _change(state, event.robot, task_id=task.id)
        _note_given(state, event.robot, task)
    elif event.trigger is TaskTrigger.START:
        task = replace(task, started_s=task.started_s or event.time_s)
    elif event.trigger is TaskTrigger.INTERRUPT:
        task = replace(task, held_by=(event.token,))
    elif event.trigger is TaskTrigger.RESUME:
        task = replace(task, held_by=())
    if task.ended:
        task = replace(task, finished_s=event.time_s, held_by=())
        state.open_ids.pop(task.id, None)
    leaves = task.ended or status is TaskStatus.QUEUED or event.trigger is TaskTrigger.INTERRUPT
    if had is not None and leaves:
        last = replace(task.attempts[-1], to_s=event.time_s, why=event.reason or event.trigger)
        kept = had if task.ended else None
        task = replace(task, robot=kept, attempts=(*task.attempts[:-1], last))
        _change(state, had, task_id=None)
        visits.task_left(state, had, event.time_s)
    if status is not TaskStatus.QUEUED:
        _leave_rounds(state, task.id)
    tier = "error" if status is TaskStatus.FAILED else "info"
    text = _sentence(status, event)
    state.tasks[task.id] = task.logged(event.time_s, text, tier)


def _note_given(state: FleetState, robot: str, task: Task) -> None:
    """Remember for how long a task had waited that a robot was given, if that overtakes others."""
    spec = state.site.fleet.robots.get(robot)
    if spec is not None and task.overtakes:
        given = state.given.get(spec.kind, ())
        state.given[spec.kind] = (*given[1 - GIVEN_KEPT :], task.since_s)


def _sentence(status: TaskStatus, event: e.TaskMoved) -> str:
    whom = f" to {event.robot}" if event.robot else ""
    because = f": {event.reason}" if event.reason else ""
    return f"{event.trigger}{whom}, now {status}{because}"


@apply.register
def _(event: e.TaskHeld, state: FleetState) -> None:
    task = replace(state.task(event.task_id), held_by=event.tokens)
    state.tasks[task.id] = task.logged(event.time_s, f"held by {len(event.tokens)} interruptions")


@apply.register
def _(event: e.TaskExplained, state: FleetState) -> None:
    state.tasks[event.task_id] = replace(state.task(event.task_id), reason=event.reason)


@apply.register
def _(event: e.RoundsPlanned, state: FleetState) -> None:
    state.rounds = {robot: turns for robot, turns in event.rounds if turns}
    state.rounds_without = frozenset(event.left_out)


def _leave_rounds(state: FleetState, task_id: str) -> None:
    """A task that has a robot, or has ended, is in no round any more."""
    for robot, turns in list(state.rounds.items()):
        left = tuple(turn for turn in turns if turn.task_id != task_id)
        if len(left) < len(turns):
            if left:
                state.rounds[robot] = left
            else:
                del state.rounds[robot]
    if task_id in state.rounds_without:
        state.rounds_without -= {task_id}


@apply.register
def _(event: e.PhaseMoved, state: FleetState) -> None:
    task = state.task(event.task_id)
    phase = task.phase(event.phase_id)
    visits.phase_moved(state, task, phase, event.status, event.time_s)
    what = f"{phase.action_type} {phase.detail}"
    _count_swept(state, phase, event)
    if event.status is PhaseStatus.UNDERWAY:
        phase = replace(phase, status=event.status, started_s=phase.started_s or event.time_s)
        text = f"{what} began"
    elif event.status is PhaseStatus.COMPLETED:
        phase = replace(phase, status=event.status, finished_s=event.time_s, result=event.result)
        text = f"{what} done"
        if phase.action_type == "inspect_asset":
            state.inspected[phase.detail] = Inspection(event.time_s, event.result)
    else:
        failed = event.status is PhaseStatus.FAILED
        phase = replace(
            phase,
            status=PhaseStatus.PENDING,
            attempt=phase.attempt + 1,
            failures=phase.failures + failed,
            from_m=max(phase.covered_m(_brush_m(state, event.robot)), event.from_m),
            swept_width_m=_brush_m(state, event.robot) if event.from_m else phase.swept_width_m,
        )
        text = f"{what} {'failed' if failed else 'broken off'}"
    tier = "warning" if event.status is PhaseStatus.FAILED else "info"
    because = f": {event.text}" if event.text else ""
    state.tasks[task.id] = task.with_phase(phase).logged(event.time_s, text + because, tier)


def _brush_m(state: FleetState, robot: str) -> float:
    """Width of a robot's brush; 0 where it has none or has left the fleet."""
    known = robot in state.site.fleet.robots
    return (state.site.kind(robot).brush_width_m or 0.0) if known else 0.0


def _count_swept(state: FleetState, phase: Phase, event: e.PhaseMoved) -> None:
    """What a robot has swept takes of its water and fills its bin."""
    brush_m = _brush_m(state, event.robot)
    if phase.action_type != "clean_zone" or not brush_m or event.robot not in state.robots:
        return
    covered_m = float(event.result.get("covered_m", event.from_m))
    more_m = max(0.0, covered_m - phase.covered_m(brush_m))
    swept_m2 = state.robots[event.robot].swept_m2 + more_m * brush_m
    _change(state, event.robot, swept_m2=swept_m2)


# --- robots ---


def _change(state: FleetState, robot: str, **fields: object) -> None:
    """Replace fields of a robot, and what follows from them.

    A log may tell of robots that have left the fleet and of places that have left the map: the
    former are passed over, the latter held by nobody.
    """
    if robot not in state.robots:
        return
    record: RobotRecord = replace(state.robots[robot], **fields)
    state.robots[robot] = record
    if "movement" in fields or "at" in fields:
        try:
            state.held[robot] = holdings(state.site.campus, record)
        except UnknownFeature:
            state.held[robot] = frozenset()


def _change_movement(state: FleetState, robot: str, change: Callable[[Movement], Movement]) -> None:
    """Replace the movement of a robot that has one."""
    record = state.robots.get(robot)
    if record is not None:
        assert record.movement is not None, f"{robot} has no order"
        _change(state, robot, movement=change(record.movement))


@apply.register
def _(event: e.RobotMoved, state: FleetState) -> None:
    record = state.robots.get(event.robot)
    if record is not None:
        what = f"robot {event.robot}"
        status = next_state(ROBOT_TRANSITIONS, record.status, event.trigger, what)
        _change(state, event.robot, status=status, status_since_s=event.time_s)


@apply.register
def _(event: e.RobotBooted, state: FleetState) -> None:
    _change(state, event.robot, boot_id=event.boot_id)


@apply.register
def _(event: e.RobotPlaced, state: FleetState) -> None:
    _change(state, event.robot, at=event.at, parked=event.parked, clear=False)


@apply.register
def _(event: o.OrderIssued, state: FleetState) -> None:
    state.order_number = event.number
    _change(state, event.robot, movement=event.movement, at=(), parked=False, clear=False)
    _wait(state, event.others)


@apply.register
def _(event: o.WayPlanned, state: FleetState) -> None:
    def led(before: Movement) -> Movement:
        return replace(
            before,
            nodes=(*before.nodes[: before.released_to], *event.nodes),
            way_out=(),
            waits=event.waits,
            task_id=event.task_id,
            update_id=before.update_id + 1,
            updated_s=event.time_s,
        )

    _change_movement(state, event.robot, led)
    _wait(state, event.others)


def _wait(state: FleetState, others: Iterable[o.Waiting]) -> None:
    """Note after whom robots come now; that concerns neither what they hold nor their orders."""
    for robot, waits in others:
        record = state.robots.get(robot)
        if record is not None and record.movement is not None:
            movement = replace(record.movement, waits=waits)
            state.robots[robot] = replace(record, movement=movement)


@apply.register
def _(event: o.BaseExtended, state: FleetState) -> None:
    def extended(before: Movement) -> Movement:
        movement = replace(
            before,
            update_id=before.update_id + 1,
            updated_s=event.time_s,
            released_to=event.released_to,
            way_out=event.way_out,
        )
        at_end = movement.released_to == len(movement.nodes) - 1
        return _through_way_out(movement) if at_end else movement

    _change_movement(state, event.robot, extended)


@apply.register
def _(event: o.WayOutTaken, state: FleetState) -> None:
    def led_out(before: Movement) -> Movement:
        movement = replace(before, update_id=before.update_id + 1, updated_s=event.time_s)
        return _through_way_out(movement)

    _change_movement(state, event.robot, led_out)


def _through_way_out(movement: Movement) -> Movement:
    """The movement with its base led through its way out, and nothing beyond."""
    base = movement.nodes[: movement.released_to + 1]
    nodes = (*base, *(RouteNode(waypoint) for waypoint in movement.way_out))
    return replace(movement, nodes=nodes, released_to=len(nodes) - 1, way_out=())


@apply.register
def _(event: o.NodesPassed, state: FleetState) -> None:
    record = state.robots.get(event.robot)
    if record is not None and record.movement is not None:
        visits.passed(state, event.robot, record.movement, event.passed, event.time_s)
    _change_movement(
        state,
        event.robot,
        lambda before: replace(before, passed=event.passed, left=event.left),
    )


@apply.register
def _(event: o.OrderCanceled, state: FleetState) -> None:
    _change(state, event.robot, canceled_order=event.order_id, canceled_s=event.time_s)
    record = state.robots.get(event.robot)
    if record is not None and record.movement is not None:
        own = record.movement.order_id == event.order_id
        if own:
            before = record.movement
            movement = replace(
                before,
                nodes=before.nodes[: before.released_to + 1],
                way_out=(),
                canceling=True,
                updated_s=event.time_s,
            )
            _change(state, event.robot, movement=movement)


@apply.register
def _(event: o.OrderEnded, state: FleetState) -> None:
    _change(
        state,
        event.robot,
        movement=None,
        at=event.at,
        parked=event.parked,
        clear=event.clear,
    )


@apply.register
def _(event: e.ConsumptionLearned, state: FleetState) -> None:
    _change(state, event.robot, consumption=event.consumption)


@apply.register
def _(event: e.ServiceMoved, state: FleetState) -> None:
    if event.step is e.ServiceStep.READY:
        _change(state, event.robot, swept_m2=0.0, served_since_s=None)
    else:
        begun = event.step is e.ServiceStep.BEGUN
        _change(state, event.robot, served_since_s=event.time_s if begun else None)


@apply.register
def _(event: e.DockChosen, state: FleetState) -> None:
    _change(state, event.robot, dock=event.dock)


@apply.register
def _(event: e.DockPromised, state: FleetState) -> None:
    if event.robot:
        state.promised[event.dock] = event.robot
    else:
        state.promised.pop(event.dock, None)


@apply.register
def _(event: e.DockFailed, state: FleetState) -> None:
    if event.until_s > 0.0:
        state.docks_out[event.dock] = event.until_s
    else:
        state.docks_out.pop(event.dock, None)


# --- incidents ---


@apply.register
def _(event: e.IncidentRaised, state: FleetState) -> None:
    raised = event.incident
    first = TimelineEntry(raised.raised_s, raised.status, raised.robot or "", raised.note)
    state.incidents[raised.id] = replace(raised, timeline=(first,))
    if raised.cause:
        state.causes[raised.cause] = raised.id
    state.incident_number = event.number
    _forget_oldest(state.incidents, lambda each: each.closed)


@apply.register
def _(event: e.IncidentMoved, state: FleetState) -> None:
    incident = state.incident(event.incident_id)
    status = next_state(
        INCIDENT_TRANSITIONS, incident.status, event.trigger, f"incident {incident.id}"
    )
    entry = TimelineEntry(event.time_s, status, event.by, event.note)
    incident = replace(incident, status=status, timeline=(*incident.timeline, entry))
    if event.note:
        incident = replace(incident, note=event.note)
    if event.trigger is IncidentTrigger.ACKNOWLEDGE:
        incident = replace(incident, acknowledged_by=event.by)
    elif event.trigger is IncidentTrigger.ASSIGN:
        incident = replace(incident, assigned_to=event.assignee)
    else:
        incident = replace(incident, resolved_by=event.by)
    state.incidents[incident.id] = incident
    if incident.closed and state.causes.get(incident.cause) == incident.id:
        del state.causes[incident.cause]


# --- schedules ---


@apply.register
def _(event: e.ScheduleSaved, state: FleetState) -> None:
    before = state.schedules.get(event.spec.id)
    history = before.history if before is not None else ()
    upcoming = next_run_s(event.spec, event.time_s)
    state.schedules[event.spec.id] = Schedule(event.spec, event.time_s, upcoming, history)


@apply.register
def _(event: e.ScheduleDeleted, state: FleetState) -> None:
    del state.schedules[event.schedule_id]


@apply.register
def _(event: e.ScheduleFired, state: FleetState) -> None:
    schedule = state.schedule(event.schedule_id)
    firing = Firing(event.due_s, event.time_s, event.task_id, event.why)
    state.schedules[event.schedule_id] = schedule.fired(firing)


def _forget_oldest(items: dict[str, Item], over: Callable[[Item], bool]) -> None:
    """Drop the oldest that are over and above the number kept."""
    count = sum(1 for item in items.values() if over(item))
    excess = count - ENDED_KEPT
    if excess > 0:
        oldest = (key for key, item in items.items() if over(item))
        for key in list(islice(oldest, excess)):
            del items[key]
