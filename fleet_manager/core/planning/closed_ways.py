"""What closures keep a robot from, said so that people know which one to open."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from shapely.geometry import Point

from fleet_manager.core.campus import Zone
from fleet_manager.core.planning.routes import NoRoute
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Phase, Task

OVERLAP_M2 = 0.5
"""A zone to clean that a closed one covers by more than this waits."""


def closed_place(state: FleetState, robot: str, task: Task) -> str | None:
    """Which closed zone keeps a robot from what is left of a task; None: none does."""
    restricted = state.restricted(robot)
    if not restricted.zones:
        return None
    for phase in task.remaining:
        zone = _closed_zone(state, restricted.zones, restricted.places, phase)
        if zone is not None:
            return f"zone {zone} is closed ({restricted.why[zone]})"
    return None


def _closed_zone(
    state: FleetState, zones: frozenset[str], places: frozenset[str], phase: Phase
) -> str | None:
    """The closed zone in which a phase would be done; by its waypoint, zone or asset."""
    campus = state.site.campus
    if phase.action_type == "clean_zone":
        own = campus.zones.get(phase.detail, None)
        for identifier in sorted(zones):
            zone = campus.zones[identifier]
            if own is not None and own.level == zone.level and _overlap(own, zone):
                return identifier
    spots = []
    if phase.action_type == "inspect_asset" and phase.detail in campus.assets:
        asset = campus.assets[phase.detail]
        spots.append((asset.level, Point(asset.xy)))
    if phase.waypoint in places:
        waypoint = campus.waypoint(phase.waypoint)
        spots.append((waypoint.level, Point(waypoint.xy)))
    for level, spot in spots:
        for identifier in sorted(zones):
            zone = campus.zones[identifier]
            if zone.level == level and zone.polygon.contains(spot):
                return identifier
    return None


def _overlap(one: Zone, other: Zone) -> bool:
    return one.id == other.id or one.polygon.intersection(other.polygon).area > OVERLAP_M2


def why_no_way(state: FleetState, robot: str, places: Iterable[str]) -> str | None:
    """Which closed lane is in the way from place to place; None: none is."""
    restricted = state.restricted(robot)
    if not restricted.closed:
        return None
    routes, usual = state.routes(robot), state.site.routes(robot)
    for here, there in pairwise(places):
        if here == there or routes.duration_s(here, there) is not None:
            continue
        try:
            way = usual.path(here, there)
        except NoRoute:
            return None
        for start, end in pairwise(way):
            lane = state.site.campus.lane_between(start, end).feature_id
            if lane in restricted.closed:
                return f"{there} cannot be reached: {lane} is closed ({restricted.why[lane]})"
    return None
