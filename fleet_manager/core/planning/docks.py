"""Which docks there are for a robot, and what those need that count on them, as things stand."""

from __future__ import annotations

from fleet_manager.core.planning.routes import NoRoute
from fleet_manager.core.state import FleetState


def dock_of(state: FleetState, robot: str, near: str) -> str:
    """The dock that a robot counts on: the one it has chosen, its home, or the nearest.

    Args:
        near: a waypoint; what is nearest to it is chosen where there is no other.

    Raises:
        NoRoute: there is no dock that it can reach.
    """
    campus = state.site.campus
    for dock in (state.robot(robot).dock, state.site.fleet.robots[robot].home):
        if dock in campus.waypoints:
            return dock
    reach = state.routes(robot).reach(near)
    found = min(((reach.of(each.id)[0], each.id) for each in campus.docks), default=None)
    if found is None or found[0] == float("inf"):
        raise NoRoute(f"no dock can be reached from {near}", "open closed lanes, or draw a dock")
    return found[1]
