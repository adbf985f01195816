"""How a robot that stands off the waypoints gets to one."""

from __future__ import annotations

import math

from shapely.geometry import Point

from fleet_manager.core.campus import Lane
from fleet_manager.core.geometry import Xy, length_m, point_at, project
from fleet_manager.core.state import FleetState

AT_M = 0.5
ZONE_MARGIN_M = 0.3
ALONG_LANE_M = 1.5


def approach(state: FleetState, robot: str, entry: str) -> tuple[Xy, ...]:
    """Points from where a robot was last seen to a waypoint that is left out; () when it is there.

    Over a zone that is worked from the waypoint it keeps clear of what stands there; on a lane it
    follows the lane; elsewhere it drives straight.
    """
    site = state.site
    report = state.telemetry.reports[robot]
    here = (report.x_m, report.y_m)
    goal = site.campus.waypoint(entry).xy
    if math.dist(here, goal) <= AT_M:
        return ()
    for zone in site.campus.zones.values():
        if zone.access == entry and zone.polygon.distance(Point(here)) <= ZONE_MARGIN_M:
            return (here, *site.way_in_zone(zone.id, here, goal))
    lanes = [lane for lane in site.campus.lanes.values() if lane.end == entry]
    nearest = min(lanes, key=lambda lane: project(lane.points, here)[1], default=None)
    if nearest is not None and project(nearest.points, here)[1] <= ALONG_LANE_M:
        return (here, *_rest(nearest, here))
    return (here,)


def _rest(lane: Lane, here: Xy) -> tuple[Xy, ...]:
    """Corners of a lane between a point on it and its end, which is left out."""
    along_m, _ = project(lane.points, here)
    return tuple(
        point_at(lane.points, length_m(lane.points[: index + 1]))
        for index in range(1, len(lane.points) - 1)
        if length_m(lane.points[: index + 1]) > along_m + AT_M
    )
