"""Leads robots off what has been closed, and says which of them cannot be led at all."""

from __future__ import annotations

from fleet_manager.core.decisions.incidents import raise_once, resolve
from fleet_manager.core.decisions.moving import bring_in
from fleet_manager.core.decisions.tasks import cancel_order, take_away
from fleet_manager.core.decisions.traffic import lead_elsewhere
from fleet_manager.core.draft import Draft
from fleet_manager.core.incident import DOCK_CUT_OFF, ROBOT_ENCLOSED, ROBOT_OFF_LANES
from fleet_manager.core.planning.availability import position
from fleet_manager.core.planning.closed_ways import closed_place, why_no_way
from fleet_manager.core.planning.docks import counted_dock
from fleet_manager.core.planning.off_lanes import off_lanes
from fleet_manager.core.robot import ABSENT
from fleet_manager.core.task import TaskTrigger
from fleet_manager.core.traffic.keep_off import base_keeps_off, horizon_keeps_off


def keep_off(draft: Draft, robot: str) -> None:
    """Take from a robot what it may not do or drive any more.

    A task in a closed zone is given back. An order whose base leads into something closed is
    cancelled: the robot stops inside its base and gets another from there. Where only the horizon
    does, it is led another way from the end of its base.
    """
    restricted = draft.state.restricted(robot)
    if not (restricted.closed or restricted.zones):
        return
    task_id = draft.state.robot(robot).task_id
    if task_id is not None:
        reason = closed_place(draft.state, robot, draft.state.task(task_id))
        if reason is not None:
            take_away(draft, task_id, TaskTrigger.RELEASE, reason)
    movement = draft.state.robot(robot).movement
    if movement is None or movement.canceling:
        return
    if not base_keeps_off(draft.state, robot, movement):
        cancel_order(draft, robot, movement.order_id)
        return
    if not horizon_keeps_off(draft.state, robot, movement):
        lead_elsewhere(draft, robot, "its way is closed")


def leave_closed_zone(draft: Draft, robot: str) -> bool:
    """Send a robot out of a bay in a closed zone; False: it stands in none, or cannot leave."""
    record = draft.state.robot(robot)
    if not record.at or record.at[0] not in draft.state.restricted(robot).places:
        return False
    return bring_in(draft, robot)


def watch_enclosed(draft: Draft, robot: str) -> None:
    """Have people know of a robot that closures enclose, or keep from its dock."""
    state = draft.state
    restricted = state.restricted(robot)
    told = f"enclosed:{robot}" in state.causes or f"dock:{robot}" in state.causes
    if not (restricted.closed or told):
        return
    start = position(state, robot)
    if start is None:
        return
    present = state.robot(robot).status not in ABSENT
    enclosed = cut_off = None
    home = counted_dock(state, robot)
    if restricted.closed and present and home:
        routes = state.site.routes(robot, restricted.closed, restricted.limit_pairs)
        bays = (bay.id for bay in state.site.campus.bays if bay.id not in restricted.places)
        why = why_no_way(state, robot, (start, home))
        if not any(each != start and routes.duration_s(start, each) is not None for each in bays):
            enclosed = why or _nearest_closing(draft, robot, start)
        elif start != home and why is not None:
            cut_off = why
    for kind, cause, severity, what in (
        (ROBOT_ENCLOSED, f"enclosed:{robot}", 2, enclosed),
        (DOCK_CUT_OFF, f"dock:{robot}", 1, cut_off),
    ):
        if what is None:
            resolve(draft, cause, "the way is open again")
        elif kind == ROBOT_ENCLOSED:
            raise_once(draft, kind, cause, severity, f"{robot} is enclosed: {what}", robot)
        else:
            raise_once(draft, kind, cause, severity, f"{robot} is cut off: {what}", robot)


def watch_off_lanes(draft: Draft, robot: str) -> None:
    """Have people fetch a robot that stands too far from the lanes to be led from there."""
    record, report = draft.state.robot(robot), draft.state.telemetry.reports.get(robot)
    stands = record.movement is None and not record.at and record.status not in ABSENT
    where = off_lanes(draft.site.campus, report) if stands and report is not None else None
    cause = f"off_lanes:{robot}"
    if where is None:
        resolve(draft, cause, "it is near the lanes again")
    else:
        title = f"{robot} {where}: drive it to the lanes by hand"
        raise_once(draft, ROBOT_OFF_LANES, cause, 2, title, robot)


def _nearest_closing(draft: Draft, robot: str, start: str) -> str | None:
    """What closes a lane at a waypoint, or the first that is closed at all."""
    restricted = draft.state.restricted(robot)
    lanes = [
        lane.feature_id
        for lane in draft.site.campus.lanes.values()
        if start in (lane.start, lane.end) and lane.feature_id in restricted.closed
    ]
    lane = min(lanes, default=None)
    return None if lane is None else f"{lane} is closed ({restricted.why[lane]})"
