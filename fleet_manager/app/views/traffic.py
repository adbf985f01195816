"""Where robots are going, what they hold and what they wait for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from fleet_manager.app.waiting import WaitedAt, waits_behind
from fleet_manager.core.campus import Campus
from fleet_manager.core.errors import UnknownFeature
from fleet_manager.core.geometry import Xy
from fleet_manager.core.robot import Movement
from fleet_manager.core.state import FleetState
from fleet_manager.core.traffic.conflicts import step_resources
from fleet_manager.core.traffic.explain import explain
from fleet_manager.core.traffic.precedence import waits_at_end

Line = list[list[float]]


def traffic_view(state: FleetState) -> dict[str, Any]:
    """Base, horizon, holdings and what is waited for, of each robot."""
    return {"robots": {name: _robot(state, name) for name in state.robots}}


def live_route(state: FleetState, robot: str, movement: Movement) -> dict[str, Any]:
    """The way of a robot that has an order, and whom it waits for at the end of its base."""
    return {
        **route(state.site.campus, movement),
        "waits_for": list(waits_behind(state, robot)),
    }


def route(campus: Campus, movement: Movement) -> dict[str, Line]:
    """Base and horizon of an order as lines, metres; the horizon begins where the base ends.

    A way that is not on the map any more, of a robot that is about to stop, is not drawn.
    """
    try:
        return {
            "base": line(campus, _base(movement)),
            "horizon": line(campus, movement.waypoints[movement.released_to :]),
        }
    except UnknownFeature:
        return {"base": [], "horizon": []}


def line(campus: Campus, way: Sequence[str]) -> Line:
    """A way along its lanes, metres, rounded to cm; [] for less than two waypoints."""
    if len(way) < 2:
        return []
    points: list[Xy] = [campus.waypoint(way[0]).xy]
    for start, end in pairwise(way):
        points.extend(campus.lane_between(start, end).points[1:])
    return [[round(x_m, 2), round(y_m, 2)] for x_m, y_m in points]


def _base(movement: Movement) -> tuple[str, ...]:
    return movement.waypoints[movement.passed : movement.released_to + 1]


def _robot(state: FleetState, name: str) -> dict[str, Any]:
    movement = state.robots[name].movement
    return {
        "base": list(_base(movement)) if movement else [],
        "horizon": list(movement.waypoints[movement.released_to + 1 :]) if movement else [],
        "holds": sorted(state.held[name]),
        "waiting_for": _waiting_for(state, name, movement) if movement else [],
    }


def _waiting_for(state: FleetState, name: str, movement: Movement) -> list[dict[str, str]]:
    """What of the first step that others block is held by whom; [] while the base goes on."""
    if movement.passed < movement.released_to or movement.canceling:
        return []
    first = [
        {"resource": movement.nodes[each.node + 1].waypoint, "robot": each.robot}
        for each in waits_at_end(state, movement)
    ]
    if first:
        return first
    for start, end in pairwise(movement.waypoints[movement.released_to :]):
        needed = sorted(step_resources(state.site.campus, start, end))
        blocked = [
            {"resource": resource, "robot": other}
            for resource in needed
            for other, held in state.held.items()
            if other != name and resource in held
        ]
        if blocked:
            return blocked
    return []


def waiting_view(campus: Campus, waits: Iterable[WaitedAt]) -> list[dict[str, Any]]:
    """Where robots have waited, on the map of now: places that it does not have are left out."""
    return [
        {
            "waypoint": each.waypoint,
            "x_m": campus.waypoint(each.waypoint).x_m,
            "y_m": campus.waypoint(each.waypoint).y_m,
            "level": campus.waypoint(each.waypoint).level,
            "waited_s": round(each.waited_s, 1),
            "robots": each.robots,
            "behind": {robot: round(waited_s, 1) for robot, waited_s in each.behind.items()},
        }
        for each in waits
        if each.waypoint in campus.waypoints
    ]


def explanation_view(state: FleetState, robot: str) -> dict[str, Any]:
    """Why a robot is where it is.

    Raises:
        Unknown: there is no such robot.
    """
    found = explain(state, robot)
    return {
        "robot": found.robot,
        "sentences": list(found.sentences),
        "chain": [
            {"robot": each.robot, "what": each.what, "behind": each.behind} for each in found.chain
        ],
        "after": [{"waypoint": waypoint, "robot": other} for waypoint, other in found.after],
    }
