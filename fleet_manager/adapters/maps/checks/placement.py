"""Checks of where things stand: inside the campus, in view of where they are inspected, named."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from shapely.geometry import LineString, Point

from fleet_manager.adapters.maps.checks.finding import Finding, Severity, limited
from fleet_manager.adapters.maps.checks.survey import OPENING_DEPTH_M, Survey
from fleet_manager.core.campus import (
    Asset,
    Camera,
    Entrance,
    MusterPoint,
    PassageKind,
    Station,
    Waypoint,
)
from fleet_manager.core.geometry import Xy

LONGEST_VIEW_M = 25.0
"""An asset lies at most this far from the waypoint it is inspected from."""
LONGEST_ENTRY_M = 15.0
"""An entrance lies at most this far from the waypoint before it."""
BESIDE_HOUSE_M = 1.0
"""An entrance lies at most this far from the outline of its building."""
BESIDE_DOOR_M = 2.0
"""An entrance lies at most this far from its door."""

Standing = Waypoint | Asset | Camera | Station | MusterPoint | Entrance


def check_placement(survey: Survey) -> Iterator[Finding]:
    """All checks of this module."""
    yield from limited(_outside(survey))
    yield from limited(_views(survey))
    yield from limited(_entrances(survey))
    yield from limited(_names(survey))


def _outside(survey: Survey) -> Iterator[Finding]:
    """Waypoints, cameras and the like, and buildings, outside the campus."""
    campus = survey.campus
    if campus.boundary is None:
        yield Finding(
            "inside_boundary",
            campus.id,
            "the map has no boundary",
            "draw the outline of the campus as a feature boundary",
            Severity.WARNING,
        )
        return
    shapely.prepare(campus.boundary)
    standing: Sequence[tuple[str, Sequence[Standing], Severity]] = (
        ("waypoint", list(campus.waypoints.values()), Severity.ERROR),
        ("asset", list(campus.assets.values()), Severity.WARNING),
        ("camera", list(campus.cameras.values()), Severity.WARNING),
        ("station", list(campus.stations.values()), Severity.WARNING),
        ("muster point", list(campus.muster_points.values()), Severity.WARNING),
        ("entrance", list(campus.entrances.values()), Severity.WARNING),
    )
    for noun, features, severity in standing:
        if not features:
            continue
        points = shapely.points([(each.x_m, each.y_m) for each in features])
        for index in np.flatnonzero(~shapely.covers(campus.boundary, points)).tolist():
            each = features[index]
            yield Finding(
                "inside_boundary",
                each.id,
                f"the {noun} {each.id} lies "
                f"{campus.boundary.distance(points[index]):.1f} m outside the boundary",
                "move it or draw the boundary wider",
                severity,
            ).at(each.level, (each.x_m, each.y_m))


def _views(survey: Survey) -> Iterator[Finding]:
    """Assets that are too far from where they are inspected, or hidden behind a wall."""
    by_level: dict[str, list[Asset]] = {}
    for asset in survey.campus.assets.values():
        by_level.setdefault(asset.level, []).append(asset)
    for level, assets in by_level.items():
        accesses = [survey.campus.waypoints[each.access] for each in assets]
        lengths = [math.dist(a.xy, b.xy) for a, b in zip(assets, accesses, strict=True)]
        hidden_by = _hidden(survey, level, assets, accesses)
        for index, asset in enumerate(assets):
            access, length_m = accesses[index], lengths[index]
            if length_m > LONGEST_VIEW_M:
                yield Finding(
                    "asset_view",
                    asset.id,
                    f"{asset.id} lies {length_m:.1f} m from its access {access.id}",
                    f"name an access at most {LONGEST_VIEW_M:g} m away",
                    features=(access.id,),
                ).at(level, asset.xy)
            elif index in hidden_by:
                noun, identifier = hidden_by[index]
                yield Finding(
                    "asset_view",
                    asset.id,
                    f"{asset.id} cannot be seen from {access.id}: the {noun} {identifier} is "
                    "between",
                    f"name an access on the same side of the {noun}",
                    features=(access.id, identifier),
                ).at(level, asset.xy)


def _hidden(
    survey: Survey, level: str, assets: Sequence[Asset], accesses: Sequence[Waypoint]
) -> dict[int, tuple[str, str]]:
    """What stands between assets and their accesses, by the index of the asset.

    An asset may be mounted on a wall: the last part of the view is not asked about.
    """
    walls = [b for b in survey.layers[level].barriers if b.noun in {"wall", "building"}]
    if not walls:
        return {}
    shapes = np.array([each.shape for each in walls], dtype=object)
    views = np.array(
        [_view(a.xy, b.xy) for a, b in zip(accesses, assets, strict=True)], dtype=object
    )
    found: dict[int, tuple[str, str]] = {}
    view_index, wall_index = shapely.STRtree(shapes).query(views, "intersects")
    for index, wall in sorted(zip(view_index.tolist(), wall_index.tolist(), strict=True)):
        found.setdefault(index, (walls[wall].noun, walls[wall].id))
    return found


def _view(start: Xy, end: Xy) -> LineString:
    length_m = math.dist(start, end)
    part = max(0.0, 1.0 - OPENING_DEPTH_M / length_m) if length_m > 0.0 else 0.0
    stop = (start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part)
    return LineString([start, stop])


def _entrances(survey: Survey) -> Iterator[Finding]:
    """Entrances that are not at their building, its door or the waypoint before it."""
    campus = survey.campus
    for entrance in campus.entrances.values():
        building = campus.buildings[entrance.building]
        access = campus.waypoints[entrance.access]
        here = Point(entrance.x_m, entrance.y_m)
        problems: list[tuple[str, str, str]] = []
        off_m = building.polygon.boundary.distance(here)
        if off_m > BESIDE_HOUSE_M:
            problem = f"lies {off_m:.1f} m from the outline of its building {building.id}"
            problems.append((problem, "move it to an outer wall of the building", building.id))
        if entrance.level not in (building.levels or (building.level,)):
            problem = f"is on level {entrance.level}, which its building {building.id} has not"
            problems.append((problem, "correct its level", building.id))
        if (way_m := here.distance(Point(access.xy))) > LONGEST_ENTRY_M:
            problem = f"lies {way_m:.1f} m from its access {access.id}"
            remedy = f"name a waypoint at most {LONGEST_ENTRY_M:g} m away"
            problems.append((problem, remedy, access.id))
        if entrance.door is not None:
            door = campus.passages[entrance.door]
            if door.kind is not PassageKind.DOOR:
                problem = f"names the {door.kind} {door.id} as its door"
                problems.append((problem, "name a door of the map", door.id))
            elif (beside_m := here.distance(door.shape)) > BESIDE_DOOR_M:
                problem = f"lies {beside_m:.1f} m from its door {door.id}"
                problems.append((problem, "move it to its door, or name another", door.id))
        for problem, remedy, other in problems:
            yield Finding(
                "entrance",
                entrance.id,
                f"the entrance {entrance.id} {problem}",
                remedy,
                Severity.WARNING,
                features=(other,),
            ).at(entrance.level, (entrance.x_m, entrance.y_m))


def _names(survey: Survey) -> Iterator[Finding]:
    """Names by which staff choose and which mean two things."""
    campus = survey.campus
    named: dict[str, list[tuple[str, str]]] = {}
    for waypoint in campus.waypoints.values():
        if waypoint.name is not None:
            named.setdefault(waypoint.name, []).append(("place", waypoint.id))
    for noun, features in (
        ("zone", campus.zones),
        ("sector", campus.sectors),
        ("building", campus.buildings),
        ("passage", campus.passages),
        ("muster point", campus.muster_points),
        ("part", campus.parts),
    ):
        for each in features.values():
            named.setdefault(each.name, []).append((noun, each.id))
    for name, bearers in named.items():
        by_noun: dict[str, list[str]] = {}
        for noun, identifier in bearers:
            by_noun.setdefault(noun, []).append(identifier)
        for noun, ids in by_noun.items():
            if len(ids) > 1:
                yield Finding(
                    "names",
                    ids[1],
                    f"the {noun}s {' and '.join(ids[:5])} have the same name {name!r}",
                    "give each its own name: staff choose by it",
                    # The API takes a zone's name, and would take the last one of them.
                    Severity.ERROR if noun == "zone" else Severity.WARNING,
                    features=tuple(each for each in ids if each != ids[1]),
                )
        if {"place", "zone"} <= by_noun.keys():
            yield Finding(
                "names",
                by_noun["zone"][0],
                f"the zone {by_noun['zone'][0]} and the place {by_noun['place'][0]} have the "
                f"same name {name!r}",
                "give each its own name: staff choose by it",
                Severity.WARNING,
                features=(by_noun["place"][0],),
            )
