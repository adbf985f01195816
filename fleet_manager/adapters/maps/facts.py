"""Counts what a campus map holds, for `fleet map info` and `fleet map build`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from fleet_manager.core.campus import Campus, PassageKind

COUNTED = (
    "area_km2",
    "buildings",
    "multi_storey_buildings",
    "levels",
    "waypoints",
    "lanes",
    "lane_km",
    "docks",
    "bays",
    "zones",
    "assets",
    "cameras",
    "stations",
    "sectors",
    "doors",
    "lifts",
    "crossings",
    "entrances",
    "muster_points",
    "obstacles",
    "keep_clear_areas",
)
"""Facts that are numbers, in the order in which they are told."""


def campus_facts(campus: Campus) -> dict[str, Any]:
    """What `fleet map info --json` prints: numbers, then what they are made of, then names.

    `lanes` are those of the map file, one feature each; `directed_lanes` counts both directions
    of those that are driven both ways. `bays` are all places where robots may rest, docks too.
    """
    lanes = [each for each in campus.lanes.values() if each.id == each.feature_id]
    boundary = campus.boundary
    passages = Counter(each.kind for each in campus.passages.values())
    return {
        "id": campus.id,
        "name": campus.name,
        "version": campus.version,
        "timezone": campus.timezone,
        "note": campus.note,
        "area_km2": None if boundary is None else round(float(boundary.area) / 1e6, 4),
        "buildings": len(campus.buildings),
        "multi_storey_buildings": sum(len(each.levels) > 1 for each in campus.buildings.values()),
        "levels": len(campus.levels),
        "waypoints": len(campus.waypoints),
        "lanes": len(lanes),
        "lane_features": len(lanes),
        "directed_lanes": len(campus.lanes),
        "lane_km": round(sum(each.length_m for each in lanes) / 1000.0, 1),
        "docks": len(campus.docks),
        "bays": len(campus.bays),
        "zones": len(campus.zones),
        "assets": len(campus.assets),
        "cameras": len(campus.cameras),
        "stations": len(campus.stations),
        "sectors": len(campus.sectors),
        "parts": len(campus.parts),
        "doors": passages[PassageKind.DOOR],
        "lifts": passages[PassageKind.LIFT],
        "crossings": passages[PassageKind.CROSSING],
        "entrances": len(campus.entrances),
        "muster_points": len(campus.muster_points),
        "walls": len(campus.walls),
        "obstacles": len(campus.obstacles),
        "keep_clear_areas": len(campus.keep_clear),
        "weather_rules": len(campus.weather_rules),
        "waypoints_by_role": _counts(each.role for each in campus.waypoints.values()),
        "waypoints_by_level": _counts(each.level for each in campus.waypoints.values()),
        "lanes_by_direction": _counts(
            "forward" if each.reverse is None else "both" for each in lanes
        ),
        "lanes_by_surface": _counts(each.surface for each in lanes),
        "lanes_by_structure": _counts(each.structure or "none" for each in lanes),
        "lanes_for_some_kinds": sum(each.kinds is not None for each in lanes),
        "indoor_lanes": sum(each.indoor for each in lanes),
        "sloping_lanes": sum(each.slope != 0.0 for each in lanes),
        "zones_by_purpose": _counts(each.purpose for each in campus.zones.values()),
        "assets_by_kind": _counts(each.kind for each in campus.assets.values()),
        "places": sorted(campus.names.values()),
    }


def _counts(kinds: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(str(each) for each in kinds).items()))
