"""What work costs of a robot's battery, by what is known of how much that robot draws."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from fleet_manager.core.config import KindSpec
from fleet_manager.core.planning.docks import dock_of
from fleet_manager.core.planning.energy_model import SLOWER, drive_wh
from fleet_manager.core.site import Site
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Phase, Task

__all__ = ["SLOWER", "begin_wh", "drive_wh", "phase_wh", "task_wh", "upper", "way_wh"]


def upper(state: FleetState, robot: str) -> float:
    """The most that a robot draws, as a share of what the functions here say."""
    return state.robot(robot).consumption.upper


def phase_wh(site: Site, kind: KindSpec, phase: Phase) -> float:
    """Energy of what is done at a place, without the way to it, by the model of the kind."""
    dwell_s = float(phase.parameters.get("dwell_s", 0.0))
    if phase.action_type != "clean_zone":
        return kind.battery.idle_w * dwell_s / 3600.0
    spot = phase.parameters.get("spot")
    plan = site.sweep(phase.detail, tuple(spot) if spot else None, kind)
    whole_wh = site.sweep_wh(phase.detail, tuple(spot) if spot else None, kind)
    return whole_wh * plan.share_after(phase.covered_m(kind.brush_width_m))


def way_wh(state: FleetState, robot: str, places: Sequence[str]) -> float:
    """Energy to drive from place to place, by the model of the robot's kind.

    Raises:
        NoRoute: a place cannot be reached.
    """
    routes = state.routes(robot)
    return sum(routes.energy_wh(here, there) for here, there in pairwise(places))


def task_wh(state: FleetState, robot: str, start: str, task: Task) -> float:
    """The most that what is left of a task takes, with the way to it and to the dock after it.

    Raises:
        NoRoute: a place cannot be reached.
        CannotSweep: the robot cannot clean the zone.
    """
    kind = state.site.kind(robot)
    last = task.remaining[-1].waypoint
    places = [start, *(phase.waypoint for phase in task.remaining), dock_of(state, robot, last)]
    there_wh = sum(phase_wh(state.site, kind, phase) for phase in task.remaining)
    return (way_wh(state, robot, places) + there_wh) * upper(state, robot)


def begin_wh(state: FleetState, robot: str, start: str, task: Task) -> float:
    """The most that the way to the first place of a task takes, and to the dock from there.

    Raises:
        NoRoute: the place cannot be reached.
    """
    first = task.remaining[0].waypoint
    places = [start, first, dock_of(state, robot, first)]
    return way_wh(state, robot, places) * upper(state, robot)
