"""What work costs of a battery."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from fleet_manager.core.config import KindSpec
from fleet_manager.core.site import Site
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Phase, Task

SLOWER = 1.25
"""Turns, starts and stops: driving takes this much longer than at full speed."""


def drive_wh(kind: KindSpec, length_m: float, duration_s: float) -> float:
    """Energy to drive."""
    battery = kind.battery
    joule = battery.drive_w_per_mps * length_m + battery.idle_w * duration_s * SLOWER
    return joule / 3600.0


def phase_wh(site: Site, kind: KindSpec, phase: Phase) -> float:
    """Energy of what is done at a place, without the way to it."""
    dwell_s = float(phase.parameters.get("dwell_s", 0.0))
    if phase.action_type != "clean_zone":
        return kind.battery.idle_w * dwell_s / 3600.0
    spot = phase.parameters.get("spot")
    plan = site.sweep(phase.detail, tuple(spot) if spot else None, kind)
    length_m = max(0.0, plan.length_m - phase.from_m)
    duration_s = SLOWER * length_m / kind.max_speed_mps
    return drive_wh(kind, length_m, duration_s) + kind.battery.tool_w * duration_s / 3600.0


def home_wh(state: FleetState, robot: str, start: str) -> float:
    """Energy to get from a waypoint to the robot's dock.

    Raises:
        NoRoute: the dock cannot be reached.
    """
    return way_wh(state, robot, [start, state.site.fleet.robots[robot].home])


def way_wh(state: FleetState, robot: str, places: Sequence[str]) -> float:
    """Energy to drive from place to place.

    Raises:
        NoRoute: a place cannot be reached.
    """
    kind = state.site.kind(robot)
    routes = state.routes(robot)
    total_wh = 0.0
    for here, there in pairwise(places):
        leg = routes.leg(here, there)
        total_wh += drive_wh(kind, leg.length_m, leg.duration_s)
    return total_wh


def task_wh(state: FleetState, robot: str, start: str, task: Task) -> float:
    """Energy of what is left of a task, with the way to it and home after it.

    Raises:
        NoRoute: a place cannot be reached.
        CannotSweep: the robot cannot clean the zone.
    """
    kind = state.site.kind(robot)
    home = state.site.fleet.robots[robot].home
    places = [start, *(phase.waypoint for phase in task.remaining), home]
    there_wh = sum(phase_wh(state.site, kind, phase) for phase in task.remaining)
    return way_wh(state, robot, places) + there_wh


def begin_wh(state: FleetState, robot: str, start: str, task: Task) -> float:
    """Energy to get to the first place of a task and home from there.

    Raises:
        NoRoute: the place cannot be reached.
    """
    home = state.site.fleet.robots[robot].home
    return way_wh(state, robot, [start, task.remaining[0].waypoint, home])
