"""Which resources a way occupies; a resource belongs to one robot at a time.

Resources are ids of waypoints, of the map's lanes (both directions of a lane are one) and of what
the map names as a resource of its own: a bridge, the links of a junction.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from fleet_manager.core.campus import Campus
from fleet_manager.core.per_campus import per_campus
from fleet_manager.core.robot import Movement, RobotRecord


@per_campus
def waypoint_resources(campus: Campus, waypoint: str) -> frozenset[str]:
    """What a robot at a waypoint occupies."""
    named = campus.waypoint(waypoint).resource
    return frozenset({waypoint} if named is None else {waypoint, named})


@per_campus
def step_resources(campus: Campus, start: str, end: str) -> frozenset[str]:
    """What a robot occupies that drives a lane to its end."""
    lane = campus.lane_between(start, end)
    named = () if lane.resource is None else (lane.resource,)
    return waypoint_resources(campus, end).union((lane.feature_id,), named)


def way_resources(campus: Campus, way: Sequence[str], *, clear: bool = False) -> frozenset[str]:
    """What a robot occupies that drives a way, from its first waypoint to its last.

    Args:
        clear: it is on the first lane, and clear of the first waypoint.
    """
    if not way:
        return frozenset()
    found = set() if clear and len(way) > 1 else set(waypoint_resources(campus, way[0]))
    for start, end in pairwise(way):
        found |= step_resources(campus, start, end)
    return frozenset(found)


def held_way(movement: Movement) -> tuple[str, ...]:
    """The waypoints of what a robot holds: from the last it has reached through its base.

    Before the first node, from where it stood. In orders of before ways were planned to the end, to
    the end of the way out.
    """
    way = (*movement.way(movement.passed, movement.released_to), *movement.way_out)
    if movement.beginning:
        way = (*(each for each in movement.behind if each != way[0]), *way)
    return way


def is_clear(movement: Movement) -> bool:
    """Whether a robot is clear of the first waypoint of what it holds."""
    return movement.left or (movement.beginning and movement.clear)


def holdings(campus: Campus, robot: RobotRecord) -> frozenset[str]:
    """What a robot holds."""
    if robot.movement is None:
        return way_resources(campus, robot.at, clear=robot.clear)
    if robot.movement.outdated:
        return frozenset(robot.movement.blocks)
    way = held_way(robot.movement)
    return way_resources(campus, way, clear=is_clear(robot.movement))
