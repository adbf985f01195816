"""Sends robots on their way: to their tasks, out of others' way, into a bay, home."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec.structs import replace

from fleet_manager.core.decisions.passages import ask, ask_out
from fleet_manager.core.draft import Draft
from fleet_manager.core.events import BaseExtended, OrderIssued, WayOutTaken
from fleet_manager.core.order import Action
from fleet_manager.core.planning.approach import AT_M, approach
from fleet_manager.core.planning.availability import unavailable
from fleet_manager.core.planning.docks import may_go_on
from fleet_manager.core.planning.routes import NoRoute
from fleet_manager.core.report import ActionStatus
from fleet_manager.core.robot import Movement, RouteNode
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Category
from fleet_manager.core.traffic.keep_off import way_from_closed
from fleet_manager.core.traffic.passages import is_open
from fleet_manager.core.traffic.release import (
    Release,
    further,
    wanted,
    way_to_bay,
    worthwhile,
)

EXTEND_WITHIN_M = 20.0
"""A base is extended when less of it than this lies ahead."""
TAKE_WAY_OUT_WITHIN_M = 3.0

Goal = tuple[str, tuple[Action, ...]]
"""A waypoint to visit and what to do there."""


def send(draft: Draft, robot: str, goals: Sequence[Goal], task_id: str | None) -> bool:
    """Send a robot through goals, or lead its parking order there; False: its way is not free.

    Raises:
        NoRoute: a goal cannot be reached.
    """
    record = draft.state.robot(robot)
    if record.movement is not None:
        return _redirect(draft, robot, record.movement, goals, task_id)
    entry, way_out = _entry(draft.state, robot)
    if entry is None:
        ask_out(draft, robot)
        return False
    movement = Movement(
        order_id=_order_id(draft),
        nodes=_nodes(draft, robot, (RouteNode(entry),), goals),
        updated_s=draft.now_s,
        way_out=way_out,
        approach=approach(draft.state, robot, entry),
        task_id=task_id,
        boot_id=record.boot_id,
    )
    if len(movement.nodes) == 1:
        release: Release | None = Release(0, way_out)
    else:
        find = worthwhile if record.parked else further
        release = find(draft.state, robot, movement)
    if release is None:
        ask(draft, robot, movement)
        return not record.parked and bring_in(draft, robot)
    _issue(draft, robot, _released(movement, release))
    return True


def _redirect(
    draft: Draft, robot: str, before: Movement, goals: Sequence[Goal], task_id: str | None
) -> bool:
    """Keep the base and lead on from its end; False: the order is about to end."""
    if before.canceling or _ahead_m(draft.state, robot, before) < TAKE_WAY_OUT_WITHIN_M:
        return False
    base = before.nodes[: before.released_to + 1]
    movement = replace(
        before,
        nodes=_nodes(draft, robot, base, goals),
        update_id=before.update_id + 1,
        updated_s=draft.now_s,
        task_id=task_id,
    )
    release = further(draft.state, robot, movement)
    kept = Release(movement.released_to, movement.way_out)
    _issue(draft, robot, _released(movement, release or kept))
    return True


def _nodes(
    draft: Draft, robot: str, start: tuple[RouteNode, ...], goals: Sequence[Goal]
) -> tuple[RouteNode, ...]:
    """A way from the last of some nodes through goals, with their actions."""
    routes = draft.state.routes(robot)
    nodes = list(start)
    for waypoint, actions in goals:
        way = routes.path(nodes[-1].waypoint, waypoint)
        nodes += [RouteNode(each) for each in way[1:]]
        nodes[-1] = replace(nodes[-1], actions=(*nodes[-1].actions, *actions))
    return tuple(nodes)


def _released(movement: Movement, release: Release) -> Movement:
    """A movement with its base set; at the end of the way the way out belongs to the base."""
    nodes, way_out = movement.nodes, release.way_out
    if release.released_to == len(nodes) - 1:
        nodes = (*nodes, *(RouteNode(waypoint) for waypoint in way_out))
        return replace(movement, nodes=nodes, released_to=len(nodes) - 1, way_out=())
    return replace(movement, released_to=release.released_to, way_out=way_out)


def _issue(draft: Draft, robot: str, movement: Movement) -> None:
    draft.emit(OrderIssued(robot, movement, draft.state.order_number + 1))


def _order_id(draft: Draft) -> str:
    return f"order-{draft.state.manager_epoch}-{draft.state.order_number + 1}"


def _distance(state: FleetState, robot: str, waypoint: str) -> tuple[bool, float]:
    """Whether a waypoint is on another level than the robot was last seen on, and metres to it."""
    report, there = state.telemetry.reports[robot], state.site.campus.waypoint(waypoint)
    return report.level != there.level, math.dist((report.x_m, report.y_m), there.xy)


def _entry(state: FleetState, robot: str) -> tuple[str | None, tuple[str, ...]]:
    """Where a robot that stands begins its next order, and the way out from there.

    One that was stopped on a lane begins at the nearer end of it; of what it holds, the rest up to
    a bay is its way out. In a door or lift it waits until that is open.
    """
    record = state.robot(robot)
    if record.parked or not record.at:
        return (record.at[0] if record.at else None), ()
    others = state.held_by_others(robot)
    for entry in sorted(_entries(state, robot), key=lambda each: _distance(state, robot, each)):
        waypoint = state.site.campus.waypoint(entry)
        if waypoint.passage and not is_open(state, robot, (waypoint.passage, waypoint.level)):
            continue
        way = way_to_bay(state, robot, entry, others)
        if way is None:
            way = way_from_closed(state, robot, entry, others)
        if way is not None:
            return entry, way[1:]
    return None, ()


def _entries(state: FleetState, robot: str) -> tuple[str, ...]:
    """The ends of the lane that a robot stands on; only the first where it has not entered it."""
    at = state.robot(robot).at
    if len(at) < 2:
        return at
    lane = state.site.campus.lane_between(at[0], at[1]).feature_id
    entered = _distance(state, robot, at[0]) > (False, AT_M)
    return at[:2] if entered or lane not in state.restricted(robot).closed else at[:1]


def bring_in(draft: Draft, robot: str) -> bool:
    """Send a robot that stands off the bays into the nearest free one; False: none is in reach."""
    entry, way_out = _entry(draft.state, robot)
    if entry is None:
        ask_out(draft, robot)
        return False
    send_along(draft, robot, (entry, *way_out))
    return True


def lead_on(draft: Draft, robot: str) -> bool:
    """Release more of a robot's way; where it is not free, have the robot wait in a bay.

    False: it does not go on, as it could not get to a dock in time from there.
    """
    movement = draft.state.robot(robot).movement
    if movement is None or movement.canceling or movement.complete:
        return True
    ahead_m = _ahead_m(draft.state, robot, movement)
    if ahead_m > EXTEND_WITHIN_M:
        return True
    release = further(draft.state, robot, movement)
    if release is not None:
        then = _released(movement, release)
        if _works(draft.state, movement) and not may_go_on(draft.state, robot, then):
            return False
        draft.emit(BaseExtended(robot, release.released_to, release.way_out, draft.now_s))
        return True
    ask(draft, robot, movement)
    make_way(draft, robot, wanted(draft.state, movement))
    near = ahead_m < TAKE_WAY_OUT_WITHIN_M
    if near and movement.way_out and _done_at_end(draft, robot, movement):
        draft.emit(WayOutTaken(robot, draft.now_s))
    return True


def _works(state: FleetState, movement: Movement) -> bool:
    """Whether a movement serves a task other than charging."""
    task = state.tasks.get(movement.task_id or "")
    return task is not None and task.category is not Category.CHARGE


def _ahead_m(state: FleetState, robot: str, movement: Movement) -> float:
    """Length of base that a robot has before it."""
    routes = state.site.routes(robot)
    ahead_m = routes.length_m(movement.way(movement.passed, movement.released_to))
    report = state.telemetry.reports.get(robot)
    if report is None or report.order_id != movement.order_id:
        return ahead_m
    return max(0.0, ahead_m - report.distance_since_last_node_m)


def _done_at_end(draft: Draft, robot: str, movement: Movement) -> bool:
    """Whether nothing is left to be done where the base ends."""
    report = draft.state.telemetry.reports.get(robot)
    if report is None:
        return False
    over = (ActionStatus.FINISHED, ActionStatus.FAILED)
    ended = {each.action_id for each in report.action_states if each.status in over}
    return all(each.action_id in ended for each in movement.nodes[movement.released_to].actions)


def make_way(draft: Draft, robot: str, needed: frozenset[str]) -> None:
    """Send robots that stand in what a robot needs to other bays."""
    state = draft.state
    for name, held in list(state.held.items()):
        record = state.robot(name)
        stands = record.movement is None and record.parked
        if name == robot or not stands or held.isdisjoint(needed) or unavailable(state, name):
            continue
        others = draft.state.held_by_others(name)
        way = way_to_bay(draft.state, name, record.at[0], others, avoid=needed | held)
        if way is not None:
            send_along(draft, name, way)


def send_along(draft: Draft, robot: str, way: tuple[str, ...]) -> None:
    """Send a robot that stands along a way that is free up to its end, a bay."""
    movement = Movement(
        order_id=_order_id(draft),
        nodes=tuple(RouteNode(waypoint) for waypoint in way),
        updated_s=draft.now_s,
        released_to=len(way) - 1,
        approach=approach(draft.state, robot, way[0]),
        boot_id=draft.state.robot(robot).boot_id,
    )
    _issue(draft, robot, movement)


def go_home(draft: Draft, robot: str, home: str) -> bool:
    """Send a robot that has nothing to do to a dock; False: it stands there, or cannot now."""
    record = draft.state.robot(robot)
    if home in record.at or not record.parked or home not in draft.site.campus.waypoints:
        return False
    try:
        return send(draft, robot, [(home, ())], None)
    except NoRoute:
        return False


def needed_from(state: FleetState, robot: str, goal: str) -> frozenset[str]:
    """Resources of a standing robot's way to a goal.

    Raises:
        NoRoute: the goal cannot be reached.
    """
    routes = state.routes(robot)
    nodes = tuple(RouteNode(each) for each in routes.path(state.robot(robot).at[0], goal))
    return wanted(state, Movement("", nodes, 0.0), math.inf)
