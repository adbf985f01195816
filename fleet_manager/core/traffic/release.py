"""The first release policy: to where a free bay is in reach, or not at all.

A robot is only ever sent to where it holds a way out to a bay of its own. So every robot that
drives can leave the lanes without waiting for another, and no circle of waiting robots can form on
them. It does not promise who goes first (docs/decisions/0003). A door, lift or crossing that is not
open to the robot counts like one that another holds (docs/decisions/0007).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fleet_manager.core.robot import Movement
from fleet_manager.core.state import FleetState
from fleet_manager.core.traffic.conflicts import step_resources
from fleet_manager.core.traffic.passages import barred, barred_entries

LOOKAHEAD_M = 30.0
"""How much is released beyond the end of a base, unless the next bay is further."""
NEAR_S = 120.0
FAR_S = 600.0


@dataclass(frozen=True, slots=True)
class Release:
    """How far a base may go, and the way out that is held from there."""

    released_to: int
    way_out: tuple[str, ...]


def further(state: FleetState, robot: str, movement: Movement) -> Release | None:
    """The base that a robot on its way should have; None: no more than it has now.

    The bay of the new way out is no further from where the robot is to do something next than the
    bay of the one it holds, so that no extension leads back.
    """
    return _progress(state, robot, movement, strictly=False)


def worthwhile(state: FleetState, robot: str, movement: Movement) -> Release | None:
    """The base with which a robot should leave the bay it stands in; None: it waits.

    It leaves for something to do, or for a bay that is nearer to it: each move then is progress,
    and no robot goes in circles between bays.
    """
    return _progress(state, robot, movement, strictly=True)


def _progress(state: FleetState, robot: str, movement: Movement, strictly: bool) -> Release | None:
    """As far as `LOOKAHEAD_M`, or as little further as it takes."""
    waypoints = movement.waypoints
    routes = state.routes(robot)
    begin = movement.released_to + (0 if strictly else 1)
    with_actions = (i for i in range(begin, len(waypoints)) if movement.nodes[i].actions)
    goal = next(with_actions, len(waypoints) - 1)
    held = (movement.base_end, *movement.way_out)[-1]
    before_s = routes.duration_s(held, waypoints[goal])
    near = _open_to(state, robot, movement, LOOKAHEAD_M)
    beyond = _open_to(state, robot, movement, math.inf)[len(near) :]
    for release in _releases(state, robot, movement, [*reversed(near), *beyond]):
        if release.released_to >= goal:
            return release
        bay = (waypoints[release.released_to], *release.way_out)[-1]
        after_s = routes.duration_s(bay, waypoints[goal])
        if after_s is None:
            continue
        if before_s is None or after_s < before_s or (after_s == before_s and not strictly):
            return release
    return None


def _releases(
    state: FleetState, robot: str, movement: Movement, indices: Iterable[int]
) -> Iterator[Release]:
    """Bases that may end at some of these indices, with their ways out."""
    campus = state.site.campus
    others = state.held_by_others(robot)
    waypoints = movement.waypoints
    last = len(waypoints) - 1
    for index in indices:
        waypoint = waypoints[index]
        if campus.is_bay(waypoint):
            yield Release(index, ())
            continue
        if index < last and not campus.may_end_base(waypoint):
            continue
        way_out = way_to_bay(state, robot, waypoint, others)
        if way_out is not None:
            yield Release(index, way_out[1:])


def _open_to(state: FleetState, robot: str, movement: Movement, limit_m: float) -> list[int]:
    """Indices beyond the base that can be driven to: nothing on the way is held or shut."""
    campus = state.site.campus
    others = state.held_by_others(robot)
    closed = state.restricted(robot).closed
    found: list[int] = []
    length_m = 0.0
    steps = movement.steps(movement.released_to)
    for index, (start, end) in enumerate(steps, start=movement.released_to + 1):
        if length_m >= limit_m or not step_resources(campus, start, end).isdisjoint(others):
            break
        if campus.lane_between(start, end).feature_id in closed:
            break
        if barred(state, robot, start, end):
            break
        length_m += campus.lane_between(start, end).length_m
        found.append(index)
    return found


def wanted(state: FleetState, movement: Movement, limit_m: float = LOOKAHEAD_M) -> frozenset[str]:
    """Resources of the next stretch of a way."""
    campus = state.site.campus
    found: set[str] = set()
    length_m = 0.0
    for start, end in movement.steps(movement.released_to):
        if length_m >= limit_m:
            break
        found |= step_resources(campus, start, end)
        length_m += campus.lane_between(start, end).length_m
    return frozenset(found)


def way_to_bay(
    state: FleetState,
    robot: str,
    start: str,
    others: frozenset[str],
    avoid: frozenset[str] = frozenset(),
) -> tuple[str, ...] | None:
    """The way from a waypoint to the nearest bay that the robot may rest in; None: none is free.

    Bays without a name come first: places with a name are where robots are sent. Docks are left to
    the robots that live there.

    Args:
        others: resources that may be neither passed nor rested in.
        avoid: resources that may be passed, but not rested in.
    """
    routes = state.routes(robot)
    home = state.site.fleet.robots[robot].home
    shut = state.restricted(robot).places
    nameless, good = (routes.arrays.bays_for(home, named, shut) for named in (False, True))
    closed = others | barred_entries(state, robot)
    return routes.way_to_nearest(start, nameless, NEAR_S, closed, avoid) or routes.way_to_nearest(
        start, good, FAR_S, closed, avoid
    )
