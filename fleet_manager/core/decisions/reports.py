"""What a robot's report leads to: where it is on its order, what it has done, how it is."""

from __future__ import annotations

import math

from fleet_manager.core.consumption import differs
from fleet_manager.core.decisions import emergencies
from fleet_manager.core.decisions.charging import failed as dock_failed
from fleet_manager.core.decisions.incidents import raise_once, resolve
from fleet_manager.core.decisions.obstacles import stopped_at
from fleet_manager.core.decisions.sweeping import end_stretch
from fleet_manager.core.decisions.tasks import (
    FAILURES_AT_MOST,
    break_off,
    cancel_id,
    cancel_order,
    swept_m,
    take_away,
)
from fleet_manager.core.draft import Draft
from fleet_manager.core.events import (
    ConsumptionLearned,
    PhaseMoved,
    RobotBooted,
    RobotMoved,
    RobotPlaced,
    TaskMoved,
)
from fleet_manager.core.geometry import project
from fleet_manager.core.incident import ROBOT_FAULT, ROBOT_SILENT, TRAFFIC_BLOCKED
from fleet_manager.core.order_events import NodesPassed, OrderEnded, OrderOutcome
from fleet_manager.core.planning.off_lanes import off_lanes
from fleet_manager.core.report import ActionState, ActionStatus, ErrorLevel, RobotError, RobotReport
from fleet_manager.core.robot import ABSENT, Movement, RobotStatus, RobotTrigger
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import (
    Category,
    PhaseStatus,
    Task,
    TaskStatus,
    TaskTrigger,
    read_action_id,
)
from fleet_manager.core.traffic.conflicts import held_way
from fleet_manager.core.traffic.fleet_ways import FleetWays
from fleet_manager.core.traffic.precedence import is_waited_for

IN_BAY_M = 1.0
AT_NODE_M = 0.1
CANCELED_AGAIN_S = 20.0
"""After so long a robot is told once more to cancel an order."""
GRACE_S = 5.0
"""So long after an order was issued, or a robot came back, it may not have heard of it yet."""
UPDATE_WITHIN_S = 30.0
"""An update that a robot does not report to have after this is not waited for any more."""
WRONG_ORDER = frozenset({"unknown_action", "invalid_parameter", "missing_skill", "order_invalid"})
"""Refusals that another order of the same kind would meet again."""
OTHER_REFUSALS = frozenset(
    {
        "base_changed",
        "epoch_stale",
        "map_mismatch",
        "node_unreachable",
        "not_allowed",
        "order_conflict",
        "order_stale",
        "wrong_robot",
    }
)
BLOCKED = "blocked"


def heard(draft: Draft, report: RobotReport) -> None:
    """Follow a robot's report; robots that the fleet does not have are passed over."""
    robot = report.robot
    record = draft.state.robots.get(robot)
    if record is None:
        return
    if record.boot_id != report.boot_id:
        draft.emit(RobotBooted(robot, report.boot_id))
    if record.status in ABSENT:
        draft.emit(RobotMoved(robot, RobotTrigger.COME_ONLINE, draft.now_s))
        resolve(draft, f"silent:{robot}", "it is heard again")
    emergencies.heard(draft, report)
    record = draft.state.robot(robot)
    if record.movement is not None:
        _follow(draft, report, record.movement)
    else:
        _standing(draft, report)
    _learn_consumption(draft, robot)
    _judge_faults(draft, report)
    _recover_task(draft, report)
    settle_status(draft, robot)


def _standing(draft: Draft, report: RobotReport) -> None:
    """A robot without an order is placed, and an order that it should not have is cancelled."""
    record = draft.state.robot(report.robot)
    if not record.at or off_lanes(draft.site.campus, report) is not None:
        at, parked = where(draft.state, report)
        if at != record.at:
            draft.emit(RobotPlaced(report.robot, at, parked))
    if _needs_cancelling(draft, report):
        cancel_order(draft, report.robot, report.order_id)


def _needs_cancelling(draft: Draft, report: RobotReport) -> bool:
    """Whether an order that a robot should not have goes on without a cancel under way to it.

    A cancel is repeated until it is acknowledged. One that has been, and after which the order
    goes on for longer than a robot takes to stop, came before its order and did nothing.
    """
    record = draft.state.robot(report.robot)
    if not report.order_active or record.canceled_order != report.order_id:
        return report.order_active
    late = draft.now_s - record.canceled_s > GRACE_S
    return late and _has_cancelled(report, report.order_id)


def _has_cancelled(report: RobotReport, order_id: str) -> bool:
    """Whether a robot has acknowledged the cancelling of an order."""
    beginning = cancel_id(report.robot, order_id)
    return any(each.startswith(beginning) for each in report.acknowledged_action_ids)


def where(state: FleetState, report: RobotReport) -> tuple[tuple[str, ...], bool]:
    """The waypoint at which a robot stands, if it stands near any, and whether it is in a bay.

    Where another robot has the nearest, it is a neighbour of that: nobody drives a lane between the
    two without having both.
    """
    campus = state.site.campus
    if off_lanes(campus, report) is not None:
        return (), False
    nearest = campus.nearest_waypoint(report.x_m, report.y_m, report.level)
    if _is_held(state, report.robot, nearest.id):
        found = _neighbour(state, report, nearest.id)
        if found is not None:
            return (found,), False
    inside = math.dist(nearest.xy, (report.x_m, report.y_m)) <= IN_BAY_M
    return (nearest.id,), nearest.is_bay and inside


def _is_held(state: FleetState, robot: str, waypoint: str) -> bool:
    return any(waypoint in held for name, held in state.held.items() if name != robot)


def _neighbour(state: FleetState, report: RobotReport, waypoint: str) -> str | None:
    """The free neighbour of a waypoint to which a robot's lane leads; None: there is none."""
    campus, here = state.site.campus, (report.x_m, report.y_m)
    lanes = [
        (project(lane.points, here)[1], other)
        for lane in campus.lanes.values()
        if waypoint in (lane.start, lane.end)
        for other in {lane.start, lane.end} - {waypoint}
    ]
    free = [each for each in lanes if not _is_held(state, report.robot, each[1])]
    return min(free, default=(0.0, None))[1]


# --- the order ---


def _follow(draft: Draft, report: RobotReport, movement: Movement) -> None:
    robot = report.robot
    if report.order_id == movement.order_id:
        passed = min(report.last_node_sequence_id // 2 - 1, movement.released_to)
        if passed > movement.passed:
            draft.emit(NodesPassed(robot, passed, draft.now_s))
        _follow_clear(draft, report)
        for action in report.action_states:
            _follow_action(draft, report, action)
        movement = draft.state.robot(robot).movement or movement
    elif _needs_cancelling(draft, report):
        cancel_order(draft, robot, report.order_id)
        return
    if report.order_active and not movement.canceling and _missed_update(draft, report, movement):
        cancel_order(draft, robot, movement.order_id)
        return
    late = draft.now_s - movement.updated_s > GRACE_S
    if movement.canceling and late and report.order_active:
        if _has_cancelled(report, report.order_id):  # before it had the order
            cancel_order(draft, robot, report.order_id)
        return
    outcome = _outcome(draft, report, movement)
    if outcome is not None:
        _end_order(draft, report, movement, outcome)
    elif _has_not_come(draft, report, movement) or _is_not_heard(draft, movement):
        cancel_order(draft, robot, movement.order_id)


def _has_not_come(draft: Draft, report: RobotReport, movement: Movement) -> bool:
    """Whether a robot that stands does not know its order after a while.

    It may still come. What the robot would drive is not free until the robot has heard that it must
    not any more.
    """
    if report.order_active or movement.canceling or report.order_id == movement.order_id:
        return False
    return _waited_s(draft, report, movement) > GRACE_S


def _is_not_heard(draft: Draft, movement: Movement) -> bool:
    """Whether an order was cancelled a while ago, and the robot has neither obeyed nor said so."""
    return movement.canceling and draft.now_s - movement.updated_s > CANCELED_AGAIN_S


def _waited_s(draft: Draft, report: RobotReport, movement: Movement) -> float:
    """How long a robot that is there has had time to hear of its order as it is."""
    record = draft.state.robot(report.robot)
    return draft.now_s - max(movement.updated_s, record.status_since_s)


def _follow_clear(draft: Draft, report: RobotReport) -> None:
    """Note that a robot is clear of the node that it has reached, where others wait for that."""
    robot = report.robot
    movement = draft.state.robot(robot).movement
    if movement is None or movement.left or movement.passed >= movement.released_to:
        return
    if report.last_node_sequence_id != 2 * (movement.passed + 1):
        return
    if report.distance_since_last_node_m < FleetWays.kept(draft.site).clear_m(robot):
        return
    if is_waited_for(draft.state, robot, movement):
        draft.emit(NodesPassed(robot, movement.passed, draft.now_s, left=True))


def _missed_update(draft: Draft, report: RobotReport, movement: Movement) -> bool:
    """Whether a robot goes on without the last update: it refused it, or never had it."""
    if report.order_id != movement.order_id:
        return False
    behind = report.order_update_id < movement.update_id
    late = draft.now_s - movement.updated_s > UPDATE_WITHIN_S
    return _refusal(report, movement) is not None or (behind and late)


def _outcome(draft: Draft, report: RobotReport, movement: Movement) -> OrderOutcome | None:
    """How the robot's order has ended; None: it has not."""
    if report.order_active:
        return None
    has_it = report.order_id == movement.order_id
    has_all = has_it and report.order_update_id == movement.update_id
    if movement.canceling:
        told = _has_cancelled(report, movement.order_id)
        return OrderOutcome.CANCELED if has_it or told else None
    if has_all and movement.complete and _at_end(report, movement):
        return OrderOutcome.FINISHED
    if _refusal(report, movement) is not None:
        return OrderOutcome.REFUSED
    rebooted = report.boot_id != movement.boot_id
    if has_it and rebooted:
        return OrderOutcome.LOST
    patience_s = GRACE_S if has_all else 2 * GRACE_S
    if has_it and _waited_s(draft, report, movement) > patience_s:
        return OrderOutcome.LOST
    return None


def _at_end(report: RobotReport, movement: Movement) -> bool:
    return report.last_node_sequence_id == 2 * len(movement.nodes)


def _refusal(report: RobotReport, movement: Movement) -> RobotError | None:
    """The robot's error on the order as it was last issued."""
    for error in report.errors:
        about = (error.order_id, error.order_update_id)
        refused = error.error_type in WRONG_ORDER | OTHER_REFUSALS
        if refused and about == (movement.order_id, movement.update_id):
            return error
    return None


def _end_order(
    draft: Draft, report: RobotReport, movement: Movement, outcome: OrderOutcome
) -> None:
    """The robot stands: what it may occupy is held until it has a new order."""
    robot = report.robot
    refusal = _refusal(report, movement)
    detail = f"{refusal.error_type}: {refusal.description}" if refusal else ""
    at: tuple[str, ...] = (movement.base_end,)
    parked = draft.site.campus.is_bay(movement.base_end)
    if outcome is not OrderOutcome.FINISHED:
        at, parked = _stopped_at(draft.state, report, movement)
    clear = len(at) > 1 and (
        movement.clear if at == movement.behind and movement.beginning else movement.left
    )
    draft.emit(OrderEnded(robot, movement.order_id, outcome, at, parked, detail, clear))
    task_id = draft.state.robot(robot).task_id
    if task_id is None or outcome is OrderOutcome.FINISHED:
        return
    break_off(draft, robot, task_id, f"its order was {outcome}")
    if refusal is not None and refusal.error_type in WRONG_ORDER:
        take_away(draft, task_id, TaskTrigger.FAIL, f"{robot} refused it: {detail}")


def _stopped_at(
    state: FleetState, report: RobotReport, movement: Movement
) -> tuple[tuple[str, ...], bool]:
    """What a robot holds that stopped on its way: the waypoint it is at, or the lane it is on."""
    if movement.outdated:
        return where(state, report)
    campus = state.site.campus
    here = (report.x_m, report.y_m)
    way = held_way(movement)
    for waypoint in way:
        each = campus.waypoint(waypoint)
        near = each.level == report.level and math.dist(each.xy, here) <= IN_BAY_M
        if each.is_bay and near:
            return (waypoint,), True
    if movement.beginning:
        if report.order_id != movement.order_id or report.last_node_sequence_id == 0:
            return movement.behind, False
        way = movement.way(movement.passed, movement.released_to)
    driven_m = report.distance_since_last_node_m if report.order_id == movement.order_id else 0.0
    at_node = math.dist(campus.waypoint(way[0]).xy, here) <= AT_NODE_M and driven_m <= AT_NODE_M
    rides = len(way) > 1 and campus.lane_between(way[0], way[1]).lift is not None
    return way[: 1 if at_node and not rides else 2], False


# --- actions ---


def _follow_action(draft: Draft, report: RobotReport, action: ActionState) -> None:
    """Move the phase on that an action stands for."""
    key = read_action_id(action.action_id)
    task = draft.state.tasks.get(key[0]) if key else None
    if key is None or task is None or task.robot != report.robot or task.ended:
        return
    if not 1 <= key[1] <= len(task.phases) or task.phase(key[1]).attempt != key[2]:
        return
    phase = task.phase(key[1])
    record = draft.state.robot(report.robot)
    canceled = record.canceled_order == report.order_id
    canceled = canceled or (record.movement is not None and record.movement.canceling)
    begun = (ActionStatus.INITIALIZING, ActionStatus.RUNNING)
    if action.status in begun and phase.status is PhaseStatus.PENDING:
        draft.emit(PhaseMoved(task.id, phase.id, PhaseStatus.UNDERWAY, draft.now_s))
    elif action.status is ActionStatus.FINISHED and phase.status is not PhaseStatus.COMPLETED:
        result = action.results()
        if end_stretch(draft, report.robot, task, phase, result):
            return
        draft.emit(
            PhaseMoved(
                task.id,
                phase.id,
                PhaseStatus.COMPLETED,
                draft.now_s,
                result=result,
                robot=report.robot,
            )
        )
        if not draft.state.task(task.id).remaining:
            draft.emit(TaskMoved(task.id, TaskTrigger.COMPLETE, draft.now_s))
    elif action.status is ActionStatus.FAILED and report.order_active and not canceled:
        _phase_failed(draft, report, task, action)


def _phase_failed(draft: Draft, report: RobotReport, task: Task, action: ActionState) -> None:
    key = read_action_id(action.action_id)
    assert key is not None
    phase = task.phase(key[1])
    from_m = swept_m(report, task, phase)
    text = action.result_description
    draft.emit(
        PhaseMoved(
            task.id,
            phase.id,
            PhaseStatus.FAILED,
            draft.now_s,
            action.results(),
            from_m,
            text,
            report.robot,
        )
    )
    if action.action_type == "charge":
        dock_failed(draft, report.robot, phase.waypoint, text or "no energy flows")
    if draft.state.task(task.id).phase(key[1]).failures >= FAILURES_AT_MOST:
        what = f"{phase.action_type} {phase.detail} failed {FAILURES_AT_MOST} times: {text}"
        take_away(draft, task.id, TaskTrigger.FAIL, what)


# --- how it is ---


def _learn_consumption(draft: Draft, robot: str) -> None:
    """Have the log know what a robot draws when that has changed much."""
    learning = draft.state.telemetry.learning.get(robot)
    known = draft.state.robot(robot).consumption
    if learning is not None and differs(learning.consumption, known):
        draft.emit(ConsumptionLearned(robot, learning.consumption, draft.now_s))


def _judge_faults(draft: Draft, report: RobotReport) -> None:
    """A robot that cannot go on by itself is out of service until it can."""
    robot = report.robot
    status = draft.state.robot(robot).status
    fatal = [each for each in report.errors if each.level is ErrorLevel.FATAL]
    if fatal and status is not RobotStatus.ERROR:
        reason = f"{fatal[0].error_type}: {fatal[0].description}"
        draft.emit(RobotMoved(robot, RobotTrigger.FAIL, draft.now_s, reason))
        title = f"{robot} has a fault: {fatal[0].description}"
        raise_once(draft, ROBOT_FAULT, f"fault:{robot}", 1, title, robot=robot)
        _delay(draft, robot, reason)
    elif not fatal and status is RobotStatus.ERROR:
        draft.emit(RobotMoved(robot, RobotTrigger.MEND, draft.now_s))
        resolve(draft, f"fault:{robot}")


def _delay(draft: Draft, robot: str, reason: str) -> None:
    task_id = draft.state.robot(robot).task_id
    if task_id is not None and draft.state.task(task_id).status is not TaskStatus.DELAYED:
        draft.emit(TaskMoved(task_id, TaskTrigger.DELAY, draft.now_s, reason))


def _recover_task(draft: Draft, report: RobotReport) -> None:
    """A task is blocked while its robot stands before an obstacle, and goes on when it does."""
    robot = report.robot
    record = draft.state.robot(robot)
    if record.task_id is None:
        return
    status = draft.state.task(record.task_id).status
    obstacle = next((each for each in report.errors if each.error_type == BLOCKED), None)
    if obstacle is not None and status is TaskStatus.UNDERWAY:
        reason = f"{robot} stands before an obstacle"
        draft.emit(TaskMoved(record.task_id, TaskTrigger.BLOCK, draft.now_s, reason))
        raise_once(draft, TRAFFIC_BLOCKED, f"blocked:{robot}", 1, reason, robot, record.task_id)
        stopped_at(draft, report)
    elif obstacle is None and status is TaskStatus.BLOCKED:
        draft.emit(TaskMoved(record.task_id, TaskTrigger.RECOVER, draft.now_s))
        resolve(draft, f"blocked:{robot}", "the way is free again")
    elif status is TaskStatus.DELAYED and record.status not in (*ABSENT, RobotStatus.ERROR):
        draft.emit(TaskMoved(record.task_id, TaskTrigger.RECOVER, draft.now_s))


_TRIGGERS = {
    (RobotStatus.IDLE, RobotStatus.WORKING): RobotTrigger.BEGIN_WORK,
    (RobotStatus.CHARGING, RobotStatus.WORKING): RobotTrigger.BEGIN_WORK,
    (RobotStatus.IDLE, RobotStatus.CHARGING): RobotTrigger.BEGIN_CHARGING,
    (RobotStatus.WORKING, RobotStatus.CHARGING): RobotTrigger.BEGIN_CHARGING,
    (RobotStatus.WORKING, RobotStatus.IDLE): RobotTrigger.END_WORK,
    (RobotStatus.CHARGING, RobotStatus.IDLE): RobotTrigger.END_CHARGING,
}


def settle_status(draft: Draft, robot: str) -> None:
    """Bring the status of a robot that is present in line with what it does."""
    record = draft.state.robot(robot)
    report = draft.state.telemetry.reports.get(robot)
    if record.status in (*ABSENT, RobotStatus.ERROR) or report is None:
        return
    task = draft.state.tasks.get(record.task_id or "")
    full = report.battery is not None and report.battery >= draft.site.policy.charge_to
    if report.charging and (task.category is Category.CHARGE if task else not full):
        wanted = RobotStatus.CHARGING
    elif task is not None:
        wanted = RobotStatus.WORKING
    else:
        wanted = RobotStatus.IDLE
    if wanted is not record.status:
        trigger = _TRIGGERS[record.status, wanted]
        draft.emit(RobotMoved(robot, trigger, draft.now_s))


def fell_silent(draft: Draft, robot: str, silent_s: float) -> None:
    """A robot is not heard any more; its task waits, and what it may occupy stays held."""
    reason = f"not heard for {silent_s:.0f} s"
    draft.emit(RobotMoved(robot, RobotTrigger.GO_SILENT, draft.now_s, reason))
    title = f"{robot} is {reason}"
    task_id = draft.state.robot(robot).task_id
    raise_once(draft, ROBOT_SILENT, f"silent:{robot}", 2, title, robot, task_id)
    _delay(draft, robot, f"{robot} is {reason}")
