"""Which lanes an obstacle closes, and on which side of it a robot stands."""

from __future__ import annotations

import math

from shapely.geometry import LineString, Point

from fleet_manager.core.closure import Closure, Obstacle
from fleet_manager.core.site import Site
from fleet_manager.core.state import FleetState

MARGIN_M = 0.2
"""What has to be between a robot and an obstacle that it drives past."""


def lanes_past(site: Site, obstacle: Obstacle) -> tuple[str, ...]:
    """Ids of the map's lanes on which the largest robot of the fleet would touch an obstacle."""
    radius_m = max(kind.footprint_radius_m for kind in site.fleet.kinds.values())
    reach_m = obstacle.radius_m + radius_m + MARGIN_M
    here = Point(obstacle.x_m, obstacle.y_m)
    near = {
        lane.feature_id: None
        for lane in site.campus.lanes.values()
        if obstacle.level in (lane.level, lane.end_level)
        and LineString(lane.points).distance(here) < reach_m
    }
    return tuple(near)


def known(state: FleetState, seen: Obstacle) -> Closure | None:
    """The closure in force of an obstacle that is the same one by its place."""
    for each in state.closures.values():
        other = each.obstacle
        if other is None or not each.active or other.level != seen.level:
            continue
        apart_m = math.dist((other.x_m, other.y_m), (seen.x_m, seen.y_m))
        if apart_m <= other.radius_m + seen.radius_m:
            return each
    return None


def stands_between(state: FleetState, robot: str, waypoint: str) -> bool:
    """Whether a known obstacle is on the straight way from where a robot is to a waypoint."""
    report, there = state.telemetry.reports.get(robot), state.site.campus.waypoint(waypoint)
    obstacles = [
        each.obstacle
        for each in state.closures.values()
        if each.active and each.obstacle is not None and each.obstacle.level == there.level
    ]
    if report is None or not obstacles:
        return False
    way = LineString([(report.x_m, report.y_m), there.xy])
    radius_m = state.site.kind(robot).footprint_radius_m
    return any(
        way.distance(Point(each.x_m, each.y_m)) < each.radius_m + radius_m for each in obstacles
    )
