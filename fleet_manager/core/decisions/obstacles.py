"""Things that stand on the lanes for a while: a parked van, a crate, a person at work.

Robots and people report them as discs. The lanes that no robot can drive past one are closed for as
long as it is believed to be there: for a while after it was seen last, since whoever parks a van
seldom tells when it is gone. A report of one that is known makes that while begin again.
"""

from __future__ import annotations

import contextlib
import math

from fleet_manager.core.closure import Obstacle, Window
from fleet_manager.core.decisions import closures
from fleet_manager.core.decisions.tasks import cancel_order
from fleet_manager.core.draft import Draft
from fleet_manager.core.errors import CampusFleetError, InvalidRequest
from fleet_manager.core.map_commands import AddClosure, ChangeClosure, ReportObstacle
from fleet_manager.core.planning.availability import position
from fleet_manager.core.report import RobotReport
from fleet_manager.core.robot import STANDSTILL
from fleet_manager.core.traffic.obstacles import known, lanes_past

SEEN_BY_ROBOT_S = 120.0
"""So long what a robot has stopped at is believed to stand there."""
AHEAD_M, RADIUS_M = 0.6, 0.3
"""Where a robot that has stopped takes it that something is, before its edge, and how large."""
OTHER_ROBOT_M = 1.5
"""What is so near to another robot is that robot."""
LARGEST_M = 25.0
LONGEST_S = 7 * 86400.0


def report(draft: Draft, asked: ReportObstacle) -> str:
    """Take in what stands on the lanes; returns the id of its closure.

    Raises:
        InvalidRequest: it is nowhere near the lanes, is of no size, or stays no time.
    """
    seen = asked.obstacle
    if not 0.0 < seen.radius_m <= LARGEST_M:
        raise InvalidRequest(
            f"an obstacle with a radius of {seen.radius_m:g} m", f"give 0 to {LARGEST_M:g} m"
        )
    if not closures.SHORTEST_S <= seen.stays_s <= LONGEST_S:
        raise InvalidRequest(
            f"an obstacle that stays {seen.stays_s:g} s", "give a minute to seven days"
        )
    closure = known(draft.state, seen)
    if closure is not None:
        window = Window(until_s=max(draft.now_s + seen.stays_s, closure.window.until_s or 0.0))
        closures.change(draft, ChangeClosure(closure.id, window, by=asked.by))
        return closure.id
    lanes = lanes_past(draft.site, seen)
    if not lanes:
        raise InvalidRequest(
            f"no lane within reach of ({seen.x_m:.1f}, {seen.y_m:.1f}) on {seen.level}",
            "give its place in metres of the map, and the level it is on",
        )
    window = Window(until_s=draft.now_s + seen.stays_s)
    closing = AddClosure(lanes, window=window, reason=_reason(seen), by=asked.by)
    return closures.add(draft, closing, seen)


def stopped_at(draft: Draft, said: RobotReport) -> None:
    """Turn a robot round that something has stopped, where it can go another way; others too."""
    kind = draft.site.kind(said.robot)
    ahead_m = kind.footprint_radius_m + AHEAD_M
    x_m = said.x_m + ahead_m * math.cos(said.yaw_rad)
    y_m = said.y_m + ahead_m * math.sin(said.yaw_rad)
    if _is_robot(draft, said.robot, x_m, y_m, said.level):
        return
    seen = Obstacle(x_m, y_m, said.level, RADIUS_M, f"seen by {said.robot}", SEEN_BY_ROBOT_S)
    movement = draft.state.robot(said.robot).movement
    if movement is None or not _has_other_way(draft, said.robot, lanes_past(draft.site, seen)):
        return
    with contextlib.suppress(CampusFleetError):
        report(draft, ReportObstacle(seen, said.robot))
        if not movement.canceling:
            cancel_order(draft, said.robot, movement.order_id)


def _reason(seen: Obstacle) -> str:
    return f"obstacle: {seen.what}" if seen.what else "obstacle"


def _is_robot(draft: Draft, robot: str, x_m: float, y_m: float, level: str) -> bool:
    reports = draft.state.telemetry.reports
    return any(
        name != robot
        and each.level == level
        and math.dist((each.x_m, each.y_m), (x_m, y_m)) < OTHER_ROBOT_M
        for name, each in reports.items()
    )


def _has_other_way(draft: Draft, robot: str, lanes: tuple[str, ...]) -> bool:
    """Whether a robot still gets to where it is to do something next without some lanes."""
    state = draft.state
    record, movement = state.robot(robot), state.robot(robot).movement
    if movement is None or record.status in STANDSTILL or position(state, robot) is None:
        return False
    goal = next(
        (each for each in movement.nodes[movement.passed + 1 :] if each.actions),
        movement.nodes[-1],
    )
    restricted = state.restricted(robot)
    closed = restricted.closed | frozenset(lanes)
    routes = state.site.routes(robot, closed, restricted.limit_pairs)
    here = movement.nodes[movement.passed].waypoint
    return here != goal.waypoint and routes.duration_s(here, goal.waypoint) is not None
