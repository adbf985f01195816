"""Where robots stand before anybody has led them anywhere."""

from __future__ import annotations

import math
from collections.abc import Mapping

from fleet_manager.core.campus import Campus, Waypoint
from fleet_manager.core.config import FleetConfig, FleetConfigError


def starting_places(campus: Campus, fleet: FleetConfig) -> Mapping[str, Waypoint]:
    """A bay for each robot: its home, or where another has that already, the next free one.

    Robots without a home begin at docks that are nobody's home, then in bays, in the map's order.

    Raises:
        UnknownFeature: a home is not on the map.
        FleetConfigError: there are more robots than bays.
    """
    taken: dict[str, str] = {}
    found: dict[str, Waypoint] = {}
    for robot in fleet.robots.values():
        if robot.home and campus.waypoint(robot.home).id not in taken:
            taken[robot.home] = robot.name
            found[robot.name] = campus.waypoint(robot.home)
    for robot in fleet.robots.values():
        if robot.name not in found:
            bay = _next_free(campus, campus.waypoints.get(robot.home), taken)
            if bay is None:
                raise FleetConfigError(
                    f"{campus.name} has no bay for {robot.name}",
                    "draw more bays, or use fewer robots",
                )
            taken[bay.id] = robot.name
            found[robot.name] = bay
    return {name: found[name] for name in fleet.robots}


def _next_free(campus: Campus, near: Waypoint | None, taken: Mapping[str, str]) -> Waypoint | None:
    """The free bay nearest to a waypoint on its level; a dock where there is no such waypoint."""
    free = [bay for bay in campus.bays if bay.id not in taken]
    if near is None:
        docks = {dock.id for dock in campus.docks}
        return min(free, key=lambda bay: bay.id not in docks, default=None)
    return min(
        free,
        key=lambda bay: (bay.level != near.level, math.dist(bay.xy, near.xy)),
        default=None,
    )
