"""The life of tasks: asked for, given to robots, held, taken away, ended."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from typing import Any

from fleet_manager.core.commands import EndTask, InterruptTask, ResumeTask, SubmitTask
from fleet_manager.core.decisions.incidents import raise_once, resolve
from fleet_manager.core.decisions.moving import Goal, make_way, needed_from, send
from fleet_manager.core.decisions.passages import waits_for
from fleet_manager.core.draft import Draft
from fleet_manager.core.errors import CampusFleetError, InvalidRequest, WrongState
from fleet_manager.core.events import PhaseMoved, TaskExplained, TaskHeld, TaskMoved, TaskSubmitted
from fleet_manager.core.incident import TASK_FAILED
from fleet_manager.core.order import InstantAction, InstantActionType
from fleet_manager.core.order_events import OrderCanceled
from fleet_manager.core.orders import action_of
from fleet_manager.core.planning.closed_ways import why_no_way
from fleet_manager.core.planning.dispatch import assign
from fleet_manager.core.planning.docks import counted_dock, dock_of
from fleet_manager.core.planning.reasons import why_cut_off
from fleet_manager.core.planning.routes import NoRoute
from fleet_manager.core.planning.task_needs import Needs
from fleet_manager.core.report import RobotReport
from fleet_manager.core.requests import plan_phases
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import (
    Category,
    Phase,
    PhaseStatus,
    Task,
    TaskStatus,
    TaskTrigger,
    action_id,
)

FAILURES_AT_MOST = 3
OPEN_AT_MOST = 1000


def submit(
    draft: Draft,
    asked: SubmitTask,
    schedule_id: str | None = None,
    programme: tuple[str | None, int | None] = (None, None),
) -> str:
    """Take a task in; returns its id.

    Args:
        programme: of which it is a stretch, and the beat.

    Raises:
        InvalidRequest: it contradicts itself or the fleet, its time is past, no robot that could do
            it gets there on any lanes, or too many are open.
        UnknownFeature: it names what is not on the map.
    """
    if len(list(draft.state.open_tasks())) >= OPEN_AT_MOST:
        raise InvalidRequest(f"{OPEN_AT_MOST} tasks are open", "cancel some, or wait")
    if not 0 <= asked.priority <= 9:
        raise InvalidRequest(f"priority {asked.priority}", "give a priority from 0 to 9")
    description = _with_dock(draft.state, asked.category, asked.description)
    category, description, phases = plan_phases(draft.site, asked.category, description)
    if category is Category.CHARGE:
        _check_not_charging(draft.state, description["robot"])
    start_s = _window(asked, draft.now_s)
    number = draft.state.task_number + 1
    task = Task(
        id=f"{category}-{number}",
        category=category,
        description=description,
        phases=phases,
        requested_s=draft.now_s,
        earliest_start_s=start_s,
        priority=asked.priority,
        labels=asked.labels,
        requester=asked.requester,
        schedule_id=schedule_id,
        programme_id=programme[0],
        beat=programme[1],
        due_s=asked.due_s,
    )
    cut_off = why_cut_off(draft.state, Needs.of(task))
    if cut_off is not None:
        raise InvalidRequest(cut_off, "choose another place, or draw lanes to it")
    draft.emit(TaskSubmitted(task, number))
    return task.id


def _window(asked: SubmitTask, now_s: float) -> float:
    """When a task may begin.

    Raises:
        InvalidRequest: its times are none, contradict each other, or are past.
    """
    start_s = now_s if asked.earliest_start_s is None else asked.earliest_start_s
    if not math.isfinite(start_s):
        raise InvalidRequest("the earliest start is not a time", "give Unix milliseconds")
    due_s = asked.due_s
    if due_s is None:
        return max(start_s, 0.0)
    if not math.isfinite(due_s):
        raise InvalidRequest("the due time is not a time", "give Unix milliseconds")
    if due_s <= now_s:
        raise InvalidRequest(
            f"it was to be done {now_s - due_s:.0f} s ago", "give a due time that is to come"
        )
    if due_s <= start_s:
        raise InvalidRequest(
            f"it may begin {start_s - due_s:.0f} s after it is to be done",
            "give a due time after the earliest start",
        )
    return max(start_s, 0.0)


def _with_dock(
    state: FleetState, category: str, description: Mapping[str, Any]
) -> Mapping[str, Any]:
    """A request as it is; one to charge that names no dock with that which the robot counts on."""
    robot = description.get("robot")
    if category != Category.CHARGE or "dock" in description or robot not in state.robots:
        return description
    at = state.robot(robot).at
    dock = counted_dock(state, robot) or (dock_of(state, robot, at[0]) if at else "")
    home = state.site.fleet.robots[robot].home
    return description if dock in ("", home) else {**description, "dock": dock}


def _check_not_charging(state: FleetState, robot: str) -> None:
    for task in state.open_tasks():
        if task.category is Category.CHARGE and task.description["robot"] == robot:
            raise WrongState(f"{robot} is to charge already: {task.id}", "nothing has to be done")


def end(draft: Draft, asked: EndTask) -> None:
    """Cancel, kill or skip a task; its robot stops inside its base and goes into a bay.

    Raises:
        Unknown: there is no such task.
        WrongState: it has ended.
    """
    reason = asked.reason or (f"by {asked.by}" if asked.by else "")
    take_away(draft, asked.task_id, asked.trigger, reason)


def interrupt(draft: Draft, asked: InterruptTask) -> str:
    """Hold a task; returns the token by which it is resumed.

    Raises:
        Unknown: there is no such task.
        WrongState: it has ended.
    """
    task = draft.state.task(asked.task_id)
    token = f"{task.id}.{task.log[-1].seq}"
    if task.held_by:
        draft.emit(TaskHeld(task.id, (*task.held_by, token), draft.now_s))
    else:
        reason = asked.reason or f"interrupted by {asked.by or 'staff'}"
        take_away(draft, task.id, TaskTrigger.INTERRUPT, reason, token)
    return token


def resume(draft: Draft, asked: ResumeTask) -> None:
    """Give back tokens; with the last the task waits for a robot again.

    Raises:
        Unknown: there is no such task.
        WrongState: it is not interrupted.
        InvalidRequest: a token is not one of its interruptions.
    """
    task = draft.state.task(asked.task_id)
    if not task.held_by:
        raise WrongState(f"task {task.id} is not interrupted", "it is " + task.status)
    foreign = set(asked.tokens) - set(task.held_by)
    if foreign:
        raise InvalidRequest(
            f"{', '.join(sorted(foreign))} is no interruption of {task.id}",
            "give the token that the interruption answered with",
        )
    left = tuple(each for each in task.held_by if asked.tokens and each not in asked.tokens)
    if left:
        draft.emit(TaskHeld(task.id, left, draft.now_s))
    else:
        draft.emit(TaskMoved(task.id, TaskTrigger.RESUME, draft.now_s))


def take_away(
    draft: Draft, task_id: str, trigger: TaskTrigger, reason: str, token: str = ""
) -> None:
    """End a task or take it from its robot, whose order is cancelled; what is done stays done.

    Raises:
        WrongState: the task has ended.
    """
    task = draft.state.task(task_id)
    robot = task.robot
    draft.emit(TaskMoved(task_id, trigger, draft.now_s, reason, token=token))
    if trigger is TaskTrigger.FAIL:
        title = f"Task {task_id} failed: {reason}"
        raise_once(draft, TASK_FAILED, f"task:{task_id}", 1, title, robot=robot, task_id=task_id)
    if robot is None:
        return
    if robot not in draft.state.robots:
        return
    if not draft.state.task(task_id).ended:
        break_off(draft, robot, task_id)
    movement = draft.state.robot(robot).movement
    if movement is not None and movement.task_id == task_id and not movement.canceling:
        cancel_order(draft, robot, movement.order_id)


def cancel_order(draft: Draft, robot: str, order_id: str) -> None:
    """Have a robot told to cancel an order."""
    identifier = f"{cancel_id(robot, order_id)}{draft.now_s:.3f}"
    parameters = {"order_id": order_id}
    action = InstantAction(identifier, InstantActionType.CANCEL_ORDER, parameters)
    draft.emit(OrderCanceled(robot, order_id, action, draft.now_s))


def cancel_id(robot: str, order_id: str) -> str:
    """How the ids of the actions begin that cancel an order."""
    return f"cancel/{robot}/{order_id}/"


def break_off(draft: Draft, robot: str, task_id: str, text: str = "") -> None:
    """Note where a robot's unfinished phases can be taken up again."""
    report = draft.state.telemetry.reports.get(robot)
    for phase in draft.state.task(task_id).phases:
        if phase.status is PhaseStatus.UNDERWAY:
            from_m = swept_m(report, draft.state.task(task_id), phase)
            draft.emit(
                PhaseMoved(
                    task_id,
                    phase.id,
                    PhaseStatus.PENDING,
                    draft.now_s,
                    from_m=from_m,
                    text=text,
                    robot=robot,
                )
            )


def swept_m(report: RobotReport | None, task: Task, phase: Phase) -> float:
    """How far on its path a sweep has come by the robot's last word."""
    if report is None or phase.action_type != "clean_zone":
        return 0.0
    wanted = action_id(task, phase)
    for state in report.action_states:
        if state.action_id == wanted:
            return float(state.results().get("covered_m", 0.0))
    return 0.0


def dispatch(draft: Draft) -> None:
    """Give waiting tasks to robots, and say of the others why they wait."""
    found = assign(draft.state, draft.now_s)
    for each in found.assignments:
        if each.leaves is not None:
            charges = draft.state.task(each.leaves).category is Category.CHARGE
            trigger = TaskTrigger.COMPLETE if charges else TaskTrigger.RELEASE
            what = f"{each.robot} was called to {each.task.id}"
            take_away(draft, each.leaves, trigger, what)
        draft.emit(
            TaskMoved(
                each.task.id,
                TaskTrigger.ASSIGN,
                draft.now_s,
                each.reason,
                each.robot,
                considered=each.considered,
            )
        )
    for task_id, reason in found.reasons:
        _explain(draft, draft.state.task(task_id), reason)


def _explain(draft: Draft, task: Task, reason: str) -> None:
    if task.reason != reason:
        draft.emit(TaskExplained(task.id, reason))


def pursue(draft: Draft, robot: str) -> None:
    """Send a robot that has a task and no order for it on its way."""
    task_id = draft.state.robot(robot).task_id
    assert task_id is not None
    task = draft.state.task(task_id)
    if not task.remaining:
        draft.emit(TaskMoved(task_id, TaskTrigger.COMPLETE, draft.now_s))
        return
    try:
        goals = goals_of(draft, robot, task)
        sent = send(draft, robot, goals, task_id)
    except NoRoute as error:
        _no_route(draft, robot, task, error)
        return
    except CampusFleetError as error:
        take_away(draft, task_id, TaskTrigger.FAIL, f"{error}; {error.remedy}")
        return
    if sent:
        task = draft.state.task(task_id)
        if task.status is TaskStatus.STANDBY:
            draft.emit(TaskMoved(task_id, TaskTrigger.START, draft.now_s))
        elif task.reason and task.status is TaskStatus.UNDERWAY:
            _explain(draft, task, "")
        resolve(draft, f"blocked:{robot}")
    elif draft.state.robot(robot).movement is None:
        what = waits_for(draft, robot) or "its way to be free"
        _explain(draft, task, f"{robot} waits for {what}")
        if draft.state.robot(robot).at and goals:
            with contextlib.suppress(NoRoute):
                make_way(draft, robot, needed_from(draft.state, robot, goals[0][0]))


def _no_route(draft: Draft, robot: str, task: Task, error: NoRoute) -> None:
    """What to do with a task whose place cannot be reached.

    It waits for silent robots to be found; it is given back while lanes are closed, since another
    kind of robot may use them; where no lanes lead at all, it fails.
    """
    at = draft.state.robot(robot).at
    movement = draft.state.robot(robot).movement
    start = movement.base_end if movement else at[0]
    try:
        draft.site.routes(robot).through(start, (phase.waypoint for phase in task.remaining))
    except NoRoute:
        take_away(draft, task.id, TaskTrigger.FAIL, f"{error}; {error.remedy}")
        return
    silent = draft.state.silent_holders(robot)
    if silent:
        what = f"{', '.join(silent)} to be found"
        _explain(draft, task, f"{robot} waits for {what}: {error}")
        return
    places = (start, *(phase.waypoint for phase in task.remaining))
    reason = why_no_way(draft.state, robot, places) or str(error)
    take_away(draft, task.id, TaskTrigger.RELEASE, reason)


def goals_of(draft: Draft, robot: str, task: Task) -> list[Goal]:
    """Where the task takes a robot, in its order; assets in the order of nearness.

    What is to be done at nodes of its base stays there.
    """
    movement = draft.state.robot(robot).movement
    base = movement.nodes[: movement.released_to + 1] if movement else ()
    there = {action.action_id for node in base for action in node.actions}
    left = [phase for phase in task.remaining if action_id(task, phase) not in there]
    if task.category is Category.INSPECT:
        left = _by_nearness(draft.state, robot, left)
    return [(phase.waypoint, (action_of(draft.state, robot, task, phase),)) for phase in left]


def _by_nearness(state: FleetState, robot: str, phases: list[Phase]) -> list[Phase]:
    """Always the nearest next, from where the robot's next order begins."""
    routes = state.routes(robot)
    record = state.robot(robot)
    here = record.movement.base_end if record.movement else record.at[0]
    left, ordered = list(phases), []
    while left:
        nearest = min(left, key=lambda each: routes.duration_s(here, each.waypoint) or math.inf)
        left.remove(nearest)
        ordered.append(nearest)
        here = nearest.waypoint
    return ordered
