"""Which resources a way occupies; a resource belongs to one robot at a time.

Resources are ids of waypoints, of the map's lanes (both directions of a lane are one) and of what
the map names as a resource of its own: a bridge, the links of a junction.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from fleet_manager.core.campus import Campus
from fleet_manager.core.errors import UnknownFeature
from fleet_manager.core.robot import Movement, RobotRecord

CLEAR_BEHIND_M = 1.5
"""A waypoint or lane is free once its end lies this far behind the last waypoint reached."""


@lru_cache(65_536)
def waypoint_resources(campus: Campus, waypoint: str) -> frozenset[str]:
    """What a robot at a waypoint occupies."""
    named = campus.waypoint(waypoint).resource
    return frozenset({waypoint} if named is None else {waypoint, named})


@lru_cache(65_536)
def step_resources(campus: Campus, start: str, end: str) -> frozenset[str]:
    """What a robot occupies that drives a lane to its end."""
    lane = campus.lane_between(start, end)
    named = () if lane.resource is None else (lane.resource,)
    return waypoint_resources(campus, end).union((lane.feature_id,), named)


def way_resources(campus: Campus, way: Sequence[str]) -> frozenset[str]:
    """What a robot occupies that drives a way, from its first waypoint to its last."""
    if not way:
        return frozenset()
    found = set(waypoint_resources(campus, way[0]))
    for start, end in pairwise(way):
        found |= step_resources(campus, start, end)
    return frozenset(found)


def held_way(campus: Campus, movement: Movement) -> tuple[str, ...]:
    """The waypoints a robot holds: from just behind it through its base to the way out's end."""
    nodes = movement.nodes
    first, behind_m = movement.passed, 0.0
    while first > 0 and behind_m < CLEAR_BEHIND_M:
        behind, here = nodes[first - 1].waypoint, nodes[first].waypoint
        try:
            behind_m += campus.lane_between(behind, here).length_m
        except UnknownFeature:
            break  # what it has driven over may be gone from the map
        if behind_m < CLEAR_BEHIND_M:
            first -= 1
    return (*movement.way(first, movement.released_to), *movement.way_out)


def holdings(campus: Campus, robot: RobotRecord) -> frozenset[str]:
    """What a robot holds."""
    if robot.movement is None:
        return way_resources(campus, robot.at)
    if robot.movement.outdated:
        return frozenset(robot.movement.blocks)
    return way_resources(campus, held_way(campus, robot.movement))
