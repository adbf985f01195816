"""Whether a robot's way keeps off what is closed, and the way out of it."""

from __future__ import annotations

from itertools import pairwise

from fleet_manager.core.report import RobotReport
from fleet_manager.core.restrictions import Restrictions
from fleet_manager.core.robot import Movement
from fleet_manager.core.state import FleetState

ENTERED_M = 0.1
TURNING_COSTS_M = 5.0


def base_keeps_off(state: FleetState, robot: str, movement: Movement) -> bool:
    """Whether a robot may drive on to the end of its base.

    It may leave what has been closed while it was there, as long as going on is not much longer
    than going back; once outside it enters nothing that is closed.
    """
    restricted = state.restricted(robot)
    way = movement.way(movement.passed, movement.released_to)
    report = state.telemetry.reports.get(robot)
    return _leads_out(state, restricted, way, _along_m(report, movement))


def horizon_keeps_off(state: FleetState, robot: str, movement: Movement) -> bool:
    """Whether the way beyond the base keeps off what is closed, or leads out of it."""
    restricted = state.restricted(robot)
    way = movement.waypoints[movement.released_to :]
    ends = movement.complete or way[-1] not in restricted.places
    return ends and not _steps_closed(state, restricted, way)


def _along_m(report: RobotReport | None, movement: Movement) -> float:
    """How far a robot has come beyond the last node that it passed."""
    if report is None or report.order_id != movement.order_id:
        return 0.0
    if report.last_node_sequence_id != 2 * (movement.passed + 1):
        return 0.0
    return report.distance_since_last_node_m


def _closed(state: FleetState, restricted: Restrictions, start: str, end: str) -> bool:
    return state.site.campus.lane_between(start, end).feature_id in restricted.closed


def _steps_closed(state: FleetState, restricted: Restrictions, way: tuple[str, ...]) -> bool:
    return any(
        _closed(state, restricted, start, end) and start not in restricted.shut
        for start, end in pairwise(way)
    )


def _leads_out(
    state: FleetState, restricted: Restrictions, way: tuple[str, ...], along_m: float
) -> bool:
    if len(way) < 2:
        return True
    inside = way[0] in restricted.shut or along_m > ENTERED_M
    inside = inside and _closed(state, restricted, way[0], way[1])
    out_m = -along_m
    for start, end in pairwise(way):
        if not _closed(state, restricted, start, end):
            inside = False
        elif not inside:
            return False
        else:
            out_m += state.site.campus.lane_between(start, end).length_m
    if inside and way[-1] in restricted.shut:
        return False  # the base ends inside: led out anew
    back = way[0] not in restricted.shut and out_m > 0
    return not (back and out_m > along_m + TURNING_COSTS_M)
