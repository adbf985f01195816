"""Whether a robot stands so far from everything on the map that it cannot be led from there."""

from __future__ import annotations

import math

from shapely import STRtree
from shapely.geometry import LineString, Point

from fleet_manager.core.campus import Campus
from fleet_manager.core.errors import UnknownFeature
from fleet_manager.core.per_campus import per_campus
from fleet_manager.core.report import RobotReport

OFF_LANES_AT_MOST_M = 30.0
"""Farther away a robot is not sent straight to a waypoint: nobody knows what stands between."""
ON_LANE_M = 1.5


def off_lanes(campus: Campus, report: RobotReport) -> str | None:
    """Where a robot stands, for people, if that is too far from lanes, waypoints and zones."""
    here = Point(report.x_m, report.y_m)
    try:
        nearest = campus.nearest_waypoint(report.x_m, report.y_m, report.level)
    except UnknownFeature:
        return f"stands on level {report.level!r}, where the map has no waypoints"
    far_m = math.dist(nearest.xy, (report.x_m, report.y_m))
    if far_m <= OFF_LANES_AT_MOST_M or _lanes(campus, report.level, here):
        return None
    zones = (each for each in campus.zones.values() if each.level == report.level)
    if any(each.polygon.contains(here) for each in zones):
        return None
    return f"stands {far_m:.0f} m from {nearest.id}, the nearest waypoint"


def _lanes(campus: Campus, level: str, here: Point) -> bool:
    """Whether a lane of a level is so near that a robot stands on it."""
    return bool(len(_lanes_on(campus, level).query(here, "dwithin", ON_LANE_M)))


@per_campus
def _lanes_on(campus: Campus, level: str) -> STRtree:
    return STRtree(
        [LineString(each.points) for each in campus.lanes.values() if each.level == level]
    )
