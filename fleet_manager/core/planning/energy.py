"""What work costs of a battery."""

from __future__ import annotations

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


def task_wh(state: FleetState, robot: str, start: str, task: Task) -> float:
    """Energy of what is left of a task, with the way to it and home after it.

    Raises:
        NoRoute: a place cannot be reached.
        CannotSweep: the robot cannot clean the zone.
    """
    site = state.site
    kind = site.kind(robot)
    routes = state.routes(robot)
    total_wh, here = 0.0, start
    goals = [phase.waypoint for phase in task.remaining]
    for goal in [*goals, site.fleet.robots[robot].home]:
        if goal != here:
            way = routes.path(here, goal)
            duration_s = routes.duration_s(here, goal) or 0.0
            total_wh += drive_wh(kind, routes.length_m(way), duration_s)
            here = goal
    return total_wh + sum(phase_wh(site, kind, phase) for phase in task.remaining)
