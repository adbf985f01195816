"""How far a base may lead now: as far as everybody has passed who comes before, and a little ahead.

A base ends where a robot may stop. It leads over nothing that another robot occupies, whatever the
plans say, nor over closed lanes, nor into a door, lift or crossing that is not open to the robot.
"""

from __future__ import annotations

from fleet_manager.core.robot import Movement
from fleet_manager.core.state import FleetState
from fleet_manager.core.traffic.conflicts import step_resources
from fleet_manager.core.traffic.fleet_ways import FleetWays
from fleet_manager.core.traffic.passages import barred
from fleet_manager.core.traffic.precedence import may_depart

LOOKAHEAD_M = 30.0
"""How much is released beyond the end of a base, unless the next place to stop is further."""


def further(state: FleetState, ways: FleetWays, robot: str, movement: Movement) -> int | None:
    """The node to which a robot's base may lead; None: no further than it does.

    Args:
        movement: of the robot, or that it is to have.
    """
    campus = state.site.campus
    restricted = state.restricted(robot)
    last = len(movement.nodes) - 1
    length_m, found = 0.0, None
    steps = movement.steps(movement.released_to)
    for node, (start, end) in enumerate(steps, start=movement.released_to):
        if length_m >= LOOKAHEAD_M and found is not None:
            break
        if not may_depart(state, movement, node):
            break
        lane = campus.lane_between(start, end)
        enters_closed = lane.feature_id in restricted.closed and start not in restricted.shut
        if enters_closed or barred(state, robot, start, end):
            break
        if _taken_by(state, ways, robot, start, end) is not None:
            break
        length_m += lane.length_m
        if node + 1 == last or campus.is_bay(end) or campus.may_end_base(end):
            found = node + 1
    return found


def in_the_way(state: FleetState, ways: FleetWays, robot: str, movement: Movement) -> str | None:
    """The robot that occupies what a base would lead over next; None: nobody does."""
    for start, end in movement.steps(movement.released_to):
        return _taken_by(state, ways, robot, start, end)
    return None


def _taken_by(state: FleetState, ways: FleetWays, robot: str, start: str, end: str) -> str | None:
    """Who occupies a lane or its end, whatever the plans say."""
    units = ways.step_units(robot, start, end)
    for name, record in state.robots.items():
        if name != robot and not units.isdisjoint(ways.occupied(record)):
            return name
    return None


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
