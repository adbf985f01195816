"""Checks of zones: robots get in, sweep to the edge touching nothing, and no two overlap."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from fleet_manager.adapters.maps.checks.finding import Finding, limited
from fleet_manager.adapters.maps.checks.survey import TOLERANCE_M, Layer, Survey
from fleet_manager.core.campus import Waypoint, Zone, ZonePurpose

LONGEST_ACCESS_M = 20.0
"""A zone lies at most this far from the waypoint it is worked from."""
LARGEST_OVERLAP_M2 = 0.5
"""Zones that have more than this in common overlap."""


def check_zones(survey: Survey) -> Iterator[Finding]:
    """All checks of this module."""
    yield from limited(_overlaps(survey))
    yield from limited(
        finding
        for zone in survey.campus.zones.values()
        if zone.purpose is ZonePurpose.CLEAN and zone.access is not None
        for finding in _zone(survey, zone, survey.campus.waypoints[zone.access])
    )


def _overlaps(survey: Survey) -> Iterator[Finding]:
    """Clean zones that overlap each other or a closed zone."""
    zones = [each for each in survey.campus.zones.values() if each.purpose is not ZonePurpose.WATCH]
    if len(zones) < 2:
        return
    shapes = np.array([each.polygon for each in zones], dtype=object)
    one, other = shapely.STRtree(shapes).query(shapes, "intersects")
    pairs = one < other
    one, other = one[pairs], other[pairs]
    areas_m2 = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    for index in np.flatnonzero(areas_m2 > LARGEST_OVERLAP_M2):
        # A clean zone is the subject, of two the first by id.
        first, second = sorted(
            (zones[one[index]], zones[other[index]]),
            key=lambda each: (each.purpose is ZonePurpose.CLOSED, each.id),
        )
        if first.level != second.level or first.purpose is ZonePurpose.CLOSED:
            continue
        noun = "closed zone" if second.purpose is ZonePurpose.CLOSED else "clean zone"
        where = first.polygon.intersection(second.polygon).representative_point()
        yield Finding(
            "zone_overlap",
            first.id,
            f"{first.id} and the {noun} {second.id} have {areas_m2[index]:.1f} m² in common",
            "draw them apart",
            features=(second.id,),
        ).at(first.level, (where.x, where.y))


def _zone(survey: Survey, zone: Zone, access: Waypoint) -> Iterator[Finding]:
    """A zone that cannot be entered, or around which a sweeping robot touches something."""
    layer = survey.layers[zone.level]
    radius_m = survey.sweep_radius_m
    over_m = max(0.0, radius_m - survey.brush_width_m / 2)
    swept = zone.polygon.buffer(over_m)
    way = LineString(nearest_points(Point(access.xy), zone.polygon))
    where = zone.polygon.representative_point()
    at = (where.x, where.y)
    if way.length > LONGEST_ACCESS_M:
        yield Finding(
            "zone_access",
            zone.id,
            f"{zone.id} lies {way.length:.1f} m from its access {access.id}",
            f"name an access at most {LONGEST_ACCESS_M:g} m away",
            features=(access.id,),
        ).at(zone.level, at)
    yield from _barriers(layer, zone, access, swept, way, over_m, radius_m)
    entered = swept.union(way.buffer(radius_m))
    yield from _neighbours(layer, zone, access, entered)


def _barriers(
    layer: Layer,
    zone: Zone,
    access: Waypoint,
    swept: BaseGeometry,
    way: LineString,
    over_m: float,
    radius_m: float,
) -> Iterator[Finding]:
    if not layer.barriers:
        return
    both = swept.union(way)
    for index in sorted(layer.barrier_tree.query(both, "dwithin", radius_m)):
        barrier = layer.barriers[index]
        touched = barrier.shape.intersection(swept)
        if barrier.noun == "closed zone" and (
            barrier.shape.intersection(zone.polygon).area > LARGEST_OVERLAP_M2
        ):
            continue  # zone_overlap says so
        if not touched.is_empty:
            where = touched.representative_point()
            yield Finding(
                "zone_clear",
                zone.id,
                f"a robot that sweeps {zone.id} reaches {over_m:.2f} m over its edge "
                f"and touches the {barrier.noun} {barrier.id}",
                f"draw the zone further from the {barrier.noun}",
                features=(barrier.id,),
            ).at(zone.level, (where.x, where.y))
        if way.length > 0.0 and barrier.shape.distance(way) < radius_m - TOLERANCE_M:
            yield Finding(
                "zone_access",
                zone.id,
                f"the {barrier.noun} {barrier.id} is in the way from {access.id} to {zone.id}",
                "name an access from which the zone can be entered in a straight line",
                features=(barrier.id, access.id),
            ).at(zone.level, access.xy)


def _neighbours(
    layer: Layer, zone: Zone, access: Waypoint, entered: BaseGeometry
) -> Iterator[Finding]:
    """Lanes and bays that a robot touches which enters and sweeps a zone."""
    near: list[tuple[str, float, float]] = []
    widest_m = max(layer.needs_m.max(initial=0.0), layer.bay_needs_m.max(initial=0.0))
    for index in sorted(layer.lane_tree.query(entered, "dwithin", widest_m)):
        lane = layer.lanes[index]
        if access.id not in {lane.start, lane.end}:
            gap_m = float(layer.lines[index].distance(entered))
            near.append((lane.feature_id, gap_m, float(layer.needs_m[index])))
    for index in sorted(layer.bay_tree.query(entered, "dwithin", widest_m)):
        if layer.bays[index].id != access.id:
            gap_m = float(layer.bay_points[index].distance(entered))
            near.append((layer.bays[index].id, gap_m, float(layer.bay_needs_m[index])))
    where = zone.polygon.representative_point()
    for other, gap_m, needed_m in near:
        if gap_m < needed_m - TOLERANCE_M:
            yield Finding(
                "zone_clear",
                zone.id,
                f"{zone.id} and {other} are {gap_m:.2f} m apart; robots need {needed_m:.2f} m",
                "move them apart",
                features=(other,),
            ).at(zone.level, (where.x, where.y))
