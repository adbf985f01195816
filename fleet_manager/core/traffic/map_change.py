"""What of a robot's way is still the same on another version of the map."""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from itertools import pairwise

from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from fleet_manager.core.campus import Campus, Lane
from fleet_manager.core.errors import UnknownFeature
from fleet_manager.core.geometry import Xy, swept_area

SAME_M = 0.1
"""Waypoints and lanes that moved by no more than this are where they were."""
NEAR_M = 0.5


def way_is_same(old: Campus, new: Campus, kind: str, way: Sequence[str]) -> bool:
    """Whether a robot of a kind can drive a way on the new map just as on the old one."""
    if not all(_waypoint_is_same(old, new, each) for each in way):
        return False
    for start, end in pairwise(way):
        try:
            before, after = old.lane_between(start, end), new.lane_between(start, end)
        except UnknownFeature:
            return False
        if not _lane_is_same(before, after, kind):
            return False
    return True


def _waypoint_is_same(old: Campus, new: Campus, waypoint: str) -> bool:
    if waypoint not in old.waypoints or waypoint not in new.waypoints:
        return False
    before, after = old.waypoints[waypoint], new.waypoints[waypoint]
    near = math.dist(before.xy, after.xy) <= SAME_M
    stays = before.is_bay == after.is_bay and before.passage == after.passage
    return near and stays and before.level == after.level


def _lane_is_same(before: Lane, after: Lane, kind: str) -> bool:
    if before.id != after.id or not after.admits(kind) or after.width_m < before.width_m - 1e-6:
        return False
    if before.lift != after.lift or before.end_level != after.end_level:
        return False
    if before.points == after.points:
        return True
    moved_m = LineString(before.points).hausdorff_distance(LineString(after.points))
    return bool(moved_m <= SAME_M)


def resources_near(
    old: Campus, new: Campus, way: Sequence[str], radius_m: float
) -> tuple[str, ...]:
    """What of the new map lies where a robot may be that drives a way of the old one."""
    points = _line(old, way)
    levels = {old.waypoints[each].level for each in way if each in old.waypoints}
    if not points:
        return ()
    return _resources_in(new, swept_area(points, radius_m + NEAR_M), levels)


def resources_over(old: Campus, new: Campus, blocked: Sequence[str]) -> tuple[str, ...]:
    """What of the new map lies where these resources of the old one lay."""
    lanes = [each for each in old.lanes.values() if each.feature_id in blocked]
    waypoints = [old.waypoints[each] for each in blocked if each in old.waypoints]
    shapes = [*(LineString(each.points) for each in lanes), *(Point(each.xy) for each in waypoints)]
    levels = {each.level for each in lanes} | {each.level for each in waypoints}
    return _resources_in(new, unary_union(shapes).buffer(NEAR_M), levels)


def _resources_in(new: Campus, area: BaseGeometry, levels: Set[str]) -> tuple[str, ...]:
    found: set[str] = set()
    for waypoint in new.waypoints.values():
        if waypoint.level in levels and area.intersects(Point(waypoint.xy)):
            found.update((waypoint.id, waypoint.resource or waypoint.id))
    for lane in new.lanes.values():
        if lane.level in levels and area.intersects(LineString(lane.points)):
            found.update((lane.feature_id, lane.resource or lane.feature_id))
    return tuple(sorted(found))


def _line(campus: Campus, way: Sequence[str]) -> list[Xy]:
    points: list[Xy] = [campus.waypoint(way[0]).xy] if way else []
    for start, end in pairwise(way):
        points.extend(campus.lane_between(start, end).points[1:])
    return points
