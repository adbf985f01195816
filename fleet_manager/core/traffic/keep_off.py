"""Whether a robot's way keeps off what is closed, and the way out of it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, cast

import networkx as nx

from fleet_manager.core.report import RobotReport
from fleet_manager.core.restrictions import Restrictions
from fleet_manager.core.robot import Movement
from fleet_manager.core.state import FleetState
from fleet_manager.core.traffic.conflicts import step_resources
from fleet_manager.core.traffic.passages import barred
from fleet_manager.core.traffic.release import FAR_S, way_to_bay

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


def way_out_keeps_off(state: FleetState, robot: str, movement: Movement) -> bool:
    """Whether the way out that is held may be taken, if the base may."""
    restricted = state.restricted(robot)
    way = (movement.base_end, *movement.way_out)
    return way[-1] not in restricted.places and not _steps_closed(state, restricted, way)


def horizon_keeps_off(state: FleetState, robot: str, movement: Movement) -> bool:
    """Whether the way beyond the base keeps off what is closed."""
    return not _steps_closed(
        state, state.restricted(robot), movement.waypoints[movement.released_to :]
    )


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
    return any(_closed(state, restricted, start, end) for start, end in pairwise(way))


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


def way_from_closed(
    state: FleetState, robot: str, start: str, others: frozenset[str]
) -> tuple[str, ...] | None:
    """From a waypoint with none but closed lanes over those to an open one and on to a bay.

    Args:
        others: resources that may be neither passed nor rested in.
    """
    restricted = state.restricted(robot)
    if start not in restricted.shut:
        return None
    campus = state.site.campus
    kind = state.site.kind(robot)

    def closed_s(here: str, there: str, data: Mapping[str, Any]) -> float | None:
        """What a closed lane takes that may be driven now; None: it is another."""
        free = step_resources(campus, here, there).isdisjoint(others)
        free = free and not barred(state, robot, here, there)
        if not free or not _closed(state, restricted, here, there):
            return None
        duration_s: float = data["lane"].duration_s(kind.max_speed_mps)
        return duration_s

    graph = campus.graph_for(kind.name)
    durations, ways = cast(
        tuple[Mapping[str, float], Mapping[str, list[str]]],
        nx.single_source_dijkstra(graph, start, cutoff=FAR_S, weight=closed_s),
    )
    for waypoint in sorted(durations, key=lambda each: (durations[each], each)):
        if waypoint in restricted.shut:
            continue
        on = way_to_bay(state, robot, waypoint, others)
        if on is not None:
            return (*ways[waypoint], *on[1:])
    return None
