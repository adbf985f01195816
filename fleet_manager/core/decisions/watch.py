"""What time brings: silence, tasks given to others, low batteries, schedules, idle robots."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from fleet_manager.core.commands import SubmitTask
from fleet_manager.core.decisions import (
    blocked,
    charging,
    closures,
    emergencies,
    passages,
    patrolling,
    traffic,
)
from fleet_manager.core.decisions.moving import bring_in, go_home, lead_on, wants_more
from fleet_manager.core.decisions.reports import fell_silent, settle_status
from fleet_manager.core.decisions.sweeping import watch_service
from fleet_manager.core.decisions.tasks import dispatch, pursue, submit, take_away
from fleet_manager.core.decisions.withdraw import (
    keep_off,
    leave_closed_zone,
    watch_enclosed,
    watch_off_lanes,
)
from fleet_manager.core.draft import Draft
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.events import PassageRequested, PhaseMoved, ScheduleFired, SessionMoved
from fleet_manager.core.order_events import BaseExtended, NodesPassed, WayOutTaken, WayPlanned
from fleet_manager.core.planning.availability import unavailable
from fleet_manager.core.planning.patrol_ways import is_held
from fleet_manager.core.planning.tanks import service_due
from fleet_manager.core.robot import ABSENT, RobotStatus
from fleet_manager.core.schedule import GRACE_S
from fleet_manager.core.task import Category, TaskTrigger
from fleet_manager.core.traffic.precedence import waiting_for

LISTEN_S = 1.5
"""So long at most a manager that has taken over listens where robots are before it leads any."""
HOME_AFTER_S = 60.0
"""A robot that has had nothing to do for so long goes to its dock."""
ON_THE_WAY = (
    NodesPassed,
    BaseExtended,
    WayOutTaken,
    WayPlanned,
    PhaseMoved,
    PassageRequested,
    SessionMoved,
)
BUSY_STATUS = (RobotStatus.ERROR, *ABSENT)


def time_passed(draft: Draft) -> None:
    """Look at everything that time alone can change."""
    for robot in draft.state.robots:
        _watch_silence(draft, robot)
        watch_enclosed(draft, robot)
        watch_off_lanes(draft, robot)
        watch_service(draft, robot)
    closures.time_passed(draft)
    emergencies.watch(draft)
    charging.watch(draft)
    passages.watch(draft)
    _fire_schedules(draft)
    patrolling.time_passed(draft)
    blocked.watch(draft)


def _watch_silence(draft: Draft, robot: str) -> None:
    state, policy = draft.state, draft.site.policy
    record = state.robot(robot)
    heard_s = max(state.telemetry.heard_s.get(robot, 0.0), state.manager_started_s)
    silent_s = draft.now_s - heard_s
    if record.status not in ABSENT and silent_s > policy.offline_after_s:
        fell_silent(draft, robot, silent_s)
        record = draft.state.robot(robot)
    if record.task_id is None or record.status not in BUSY_STATUS:
        return
    gone_s = draft.now_s - max(record.status_since_s, state.manager_started_s)
    if gone_s > policy.reassign_after_s:
        reason = f"{robot} is {record.status} for {gone_s:.0f} s"
        task = draft.state.task(record.task_id)
        only = task.category is Category.CHARGE or task.description.get("robot") == robot
        if not only:
            take_away(draft, task.id, TaskTrigger.RELEASE, reason)


def _fire_schedules(draft: Draft) -> None:
    """Ask for what is due, once each; what is long past is passed over and said so."""
    for identifier in list(draft.state.schedules):
        while True:
            schedule = draft.state.schedules[identifier]
            due_s = schedule.next_run_s
            if due_s is None or due_s > draft.now_s:
                break
            task_id, why = None, ""
            if draft.now_s - due_s > GRACE_S:
                why = "the manager did not run at that time"
            else:
                try:
                    task_id = _submit_scheduled(draft, identifier)
                except CampusFleetError as error:
                    why = str(error)
            draft.emit(ScheduleFired(identifier, due_s, draft.now_s, task_id, why))


def _submit_scheduled(draft: Draft, identifier: str) -> str:
    """Raises CampusFleetError when the request does not fit the campus any more."""
    spec = draft.state.schedules[identifier].spec
    request = spec.request
    asked = SubmitTask(
        category=request["category"],
        description=dict(request["description"]),
        priority=int(request.get("priority", 0)),
        labels=tuple(request.get("labels", ())),
        requester=f"schedule {identifier}",
    )
    return submit(draft, asked, schedule_id=identifier)


def advance(draft: Draft, *, ticked: bool) -> None:
    """Keep robots off what is closed, give out tasks, and move on every robot that can be.

    What robots report on their way concerns them alone: others who wait for what has become free,
    and tasks that wait for a robot, are looked at with the next tick.
    """
    if _listens(draft):
        return
    if not ticked and all(isinstance(event, ON_THE_WAY) for event in draft.events):
        lead(draft, _concerned(draft))
        return
    robots = list(draft.state.robots)
    for robot in robots:
        keep_off(draft, robot)
    traffic.settle(draft)
    patrolling.begin_stretches(draft)
    dispatch(draft)
    _lead_on(draft, robots, ticked=ticked)


def _listens(draft: Draft) -> bool:
    """Whether the manager has just started, and a robot that was there has not been heard since."""
    state = draft.state
    if draft.now_s - state.manager_started_s >= LISTEN_S:
        return False
    heard_s = state.telemetry.heard_s
    return any(
        record.status not in ABSENT and heard_s.get(robot, -math.inf) < state.manager_started_s
        for robot, record in state.robots.items()
    )


def lead(draft: Draft, robots: Iterable[str]) -> None:
    """Move some robots on, and keep them off what is closed."""
    robots = list(robots)
    for robot in robots:
        keep_off(draft, robot)
    _lead_on(draft, robots)


def _lead_on(draft: Draft, robots: Sequence[str], *, ticked: bool = False) -> None:
    for robot in robots:
        rests = _rests(draft, robot)
        if not rests and unavailable(draft.state, robot) is None:
            _move_on(draft, robot)
        working = draft.state.robots[robot].status is RobotStatus.WORKING
        if ticked or working or not rests:  # what it reports is settled with the report
            settle_status(draft, robot)
    passages.settle(draft, robots)


def _concerned(draft: Draft) -> list[str]:
    """Robots that what was reported on the way is about: by name, task or session."""
    state = draft.state
    found: dict[str, None] = {}
    for event in draft.events:
        if isinstance(event, PhaseMoved):
            task = state.tasks.get(event.task_id)
            found[task.robot if task is not None and task.robot is not None else ""] = None
        elif isinstance(event, SessionMoved | PassageRequested):
            record = state.passages.get(event.passage)
            sessions = record.sessions if record is not None else ()
            found |= dict.fromkeys(session.robot for session in sessions)
        elif isinstance(event, NodesPassed | BaseExtended | WayOutTaken | WayPlanned):
            found[event.robot] = None
            if isinstance(event, NodesPassed):
                found |= dict.fromkeys(waiting_for(state, event.robot))
    return [robot for robot in found if robot in state.robots]


def _looks(draft: Draft, robot: str) -> bool:
    """Whether this is a second in which further goals of a robot are planned; one of three."""
    return (int(draft.now_s) + sum(map(ord, robot))) % 3 == 0


def _rests(draft: Draft, robot: str) -> bool:
    """Whether a robot stands at home with nothing to do, where it may stay: most do."""
    record = draft.state.robots[robot]
    if record.movement is not None or record.task_id is not None or not record.parked:
        return False
    home = draft.site.fleet.robots[robot].home
    return record.at == (home,) and home not in draft.state.restricted(robot).places


def _move_on(draft: Draft, robot: str) -> None:
    record = draft.state.robot(robot)
    movement = record.movement
    if movement is None:
        if not record.at:
            return
        if record.task_id is not None:
            pursue(draft, robot)
            record = draft.state.robot(robot)
            if record.movement is not None:
                lead_on(draft, robot)  # asks for the door before which the first base ends
            if record.movement is not None or record.task_id is not None:
                return
        if not record.parked:
            bring_in(draft, robot)
        elif leave_closed_zone(draft, robot):
            return
        elif service_due(draft.state, robot) or (
            draft.now_s - record.status_since_s > HOME_AFTER_S and not is_held(draft.state, robot)
        ):
            go_home(draft, robot, charging.dock_to_rest_at(draft.state, robot))
        return
    if movement.canceling:
        return
    other = record.task_id is not None and movement.task_id != record.task_id
    if other or (_looks(draft, robot) and wants_more(draft.state, robot, movement)):
        pursue(draft, robot)
    if not lead_on(draft, robot):
        charging.come_in(draft, robot)
