"""Water and bins of cleaning robots: how far they last, and when a robot has to be served.

The manager counts square metres by the brush; robots need not tell. A robot is served at a dock.
"""

from __future__ import annotations

import math

from fleet_manager.core.campus import Role
from fleet_manager.core.planning.coverage.stretches import LEAST_M, tank_ranges_m
from fleet_manager.core.state import FleetState

_TOLD = {"water": "its water is used up", "bin": "its bin is full"}


def tank_range_m(state: FleetState, robot: str) -> float:
    """How much further along a path a robot can sweep before it has to be served; may be inf."""
    return min((left_m for _, left_m in _left_m(state, robot)), default=math.inf)


def service_due(state: FleetState, robot: str) -> str:
    """Why a robot has to be served before it cleans again, for people; "": it has not."""
    short = [name for name, left_m in _left_m(state, robot) if left_m < LEAST_M]
    return f"{_TOLD[short[0]]}: is served at a dock first" if short else ""


def at_dock(state: FleetState, robot: str) -> bool:
    """Whether a robot stands where it can be served."""
    record = state.robot(robot)
    if record.movement is not None or not record.parked or len(record.at) != 1:
        return False
    waypoint = state.site.campus.waypoints.get(record.at[0])
    return waypoint is not None and waypoint.role is Role.DOCK


def has_tanks(state: FleetState, robot: str) -> bool:
    """Whether water or bin of the robot's kind are counted."""
    return bool(tank_ranges_m(state.site.kind(robot)))


def _left_m(state: FleetState, robot: str) -> list[tuple[str, float]]:
    kind = state.site.kind(robot)
    if kind.brush_width_m is None:
        return []
    swept_m = state.robot(robot).swept_m2 / kind.brush_width_m
    found = [(str(name), lasts_m - swept_m) for name, lasts_m in tank_ranges_m(kind).items()]
    return sorted(found, key=lambda each: each[1])
