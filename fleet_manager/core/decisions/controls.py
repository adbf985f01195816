"""What people do to robots and schedules directly, and how a manager takes over."""

from __future__ import annotations

from collections.abc import Sequence

from fleet_manager.core.commands import (
    ConfirmPosition,
    DeleteSchedule,
    SaveSchedule,
    StartManager,
    TellRobots,
)
from fleet_manager.core.decisions import emergencies
from fleet_manager.core.decisions.moving import end_with_base
from fleet_manager.core.decisions.tasks import take_away
from fleet_manager.core.draft import Draft
from fleet_manager.core.errors import InvalidRequest, UnknownFeature, WrongState
from fleet_manager.core.events import (
    InstantActionIssued,
    ManagerStarted,
    RobotPlaced,
    ScheduleDeleted,
    ScheduleSaved,
    TaskMoved,
)
from fleet_manager.core.order import InstantAction, InstantActionType
from fleet_manager.core.order_events import OrderEnded, OrderOutcome, WayOutTaken
from fleet_manager.core.requests import plan_phases
from fleet_manager.core.robot import ABSENT, RobotStatus
from fleet_manager.core.schedule import next_run_s
from fleet_manager.core.task import TaskTrigger
from fleet_manager.core.traffic.conflicts import way_resources

BY_HAND = frozenset(
    {
        InstantActionType.PAUSE,
        InstantActionType.RESUME,
        InstantActionType.EMERGENCY_STOP,
        InstantActionType.RELEASE_STOP,
    }
)


def start_manager(draft: Draft, asked: StartManager) -> None:
    """Take the fleet over; what the files no longer have is let go."""
    draft.emit(ManagerStarted(asked.manager_epoch, draft.now_s))
    for robot, record in draft.state.robots.items():
        movement = record.movement
        ways = record.at if movement is None else movement.waypoints[movement.passed :]
        if _on_map(draft, ways) or (movement is not None and movement.outdated):
            continue
        if movement is not None:
            order_id, why = movement.order_id, "the map has changed"
            draft.emit(OrderEnded(robot, order_id, OrderOutcome.LOST, (), False, why))
        else:
            draft.emit(RobotPlaced(robot, (), False))
    for robot, record in draft.state.robots.items():
        movement = record.movement
        if movement is None or movement.outdated or movement.canceling:
            continue
        if movement.way_out:  # ordered before ways were planned to the end
            draft.emit(WayOutTaken(robot, draft.now_s))
        elif not movement.waits:
            end_with_base(draft, robot, "another manager has taken over")
    for task in draft.state.open_tasks():
        gone = [phase.detail for phase in task.remaining if not _on_map(draft, (phase.waypoint,))]
        if gone:
            reason = f"not on the map any more: {', '.join(gone)}"
            take_away(draft, task.id, TaskTrigger.FAIL, reason)
        elif task.robot is not None and task.robot not in draft.state.robots:
            reason = f"{task.robot} has left the fleet"
            draft.emit(TaskMoved(task.id, TaskTrigger.RELEASE, draft.now_s, reason))


def _on_map(draft: Draft, way: Sequence[str]) -> bool:
    campus = draft.site.campus
    try:
        return bool(way_resources(campus, way)) or not way
    except UnknownFeature:
        return False


def tell(draft: Draft, asked: TellRobots) -> None:
    """Tell one robot or all an instant action.

    Raises:
        Unknown: there is no such robot.
        InvalidRequest: the action is not for people, or nobody is named who releases a stop.
    """
    if asked.action not in BY_HAND:
        raise InvalidRequest(f"{asked.action} is not told by hand", "cancel the task instead")
    if asked.action is InstantActionType.EMERGENCY_STOP:
        emergencies.stop(draft, asked)
        return
    if asked.action is InstantActionType.RELEASE_STOP:
        emergencies.release(draft, asked)
        return
    if asked.zones:
        raise InvalidRequest(f"{asked.action} of a zone", "name a robot, or none for all")
    names = list(draft.state.robots) if asked.robot is None else [asked.robot]
    for name in names:
        draft.state.robot(name)
        identifier = f"{asked.action}/{name}/{draft.now_s:.3f}"
        action = InstantAction(identifier, asked.action, {})
        draft.emit(InstantActionIssued(name, action, asked.by, asked.reason))


def confirm_position(draft: Draft, asked: ConfirmPosition) -> None:
    """Free what a silent robot held, but for where a person has seen it.

    Raises:
        Unknown: there is no such robot.
        UnknownFeature: there is no such waypoint.
        WrongState: the robot is heard and drives.
    """
    record = draft.state.robot(asked.robot)
    waypoint = draft.site.campus.place(asked.waypoint)
    if record.status not in (*ABSENT, RobotStatus.ERROR) and record.movement is not None:
        raise WrongState(
            f"{asked.robot} is heard and has an order", "cancel its task, or stop it, first"
        )
    if record.movement is not None:
        order_id = record.movement.order_id
        outcome, detail = OrderOutcome.LOST, f"position confirmed by {asked.by or 'staff'}"
        draft.emit(OrderEnded(asked.robot, order_id, outcome, (waypoint.id,), False, detail))
    else:
        draft.emit(RobotPlaced(asked.robot, (waypoint.id,), False, asked.by))


def save_schedule(draft: Draft, asked: SaveSchedule) -> None:
    """Add or change a schedule whose request fits the campus.

    Raises:
        WrongState: it is to be added and exists.
        Unknown: it is to be changed and does not.
        InvalidRequest: its request contradicts itself or the fleet; or it never comes again,
            which in a file (`new` is None) is no fault: years go by.
        UnknownFeature: its request names what is not on the map.
    """
    spec = asked.spec
    if asked.new and spec.id in draft.state.schedules:
        raise WrongState(f"schedule {spec.id} exists", "change it, or choose another id")
    if asked.new is False:
        draft.state.schedule(spec.id)
    request = spec.request
    try:
        plan_phases(draft.site, request.get("category", ""), request.get("description", {}))
    except (InvalidRequest, UnknownFeature) as error:
        raise type(error)(f"schedule {spec.id}: {error}", error.remedy) from error
    from_people = asked.new is not None
    if from_people and spec.enabled and next_run_s(spec, draft.now_s) is None:
        raise InvalidRequest(
            f"schedule {spec.id} lies in the past: it never comes again",
            "give a later end (until) or no COUNT, or disable it",
        )
    draft.emit(ScheduleSaved(spec, draft.now_s))


def delete_schedule(draft: Draft, asked: DeleteSchedule) -> None:
    """Remove a schedule; tasks that it asked for stay.

    Raises:
        Unknown: there is no such schedule.
    """
    draft.state.schedule(asked.schedule_id)
    draft.emit(ScheduleDeleted(asked.schedule_id))
