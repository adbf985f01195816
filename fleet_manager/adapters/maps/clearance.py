"""Checks that robots on a map have room: beside each other, beside buildings, around zones."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from shapely import STRtree
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from fleet_manager.adapters.maps.finding import Finding
from fleet_manager.core.campus import Asset, Campus, Lane, Waypoint, Zone, ZonePurpose

LONGEST_ACCESS_M = 20.0
"""A zone lies at most this far from the waypoint it is worked from."""
LONGEST_VIEW_M = 25.0
"""An asset lies at most this far from the waypoint it is inspected from."""


@dataclass(frozen=True)
class Room:
    """A map and the room that its robots take.

    Attributes:
        radius_m: footprint of the largest robot.
        sweep_radius_m: footprint of the largest robot that sweeps.
        brush_width_m: the narrowest brush.
    """

    campus: Campus
    radius_m: float
    sweep_radius_m: float
    brush_width_m: float

    def findings(self) -> Iterator[Finding]:
        """All checks of this module."""
        yield from self.lanes_in_walls()
        yield from self.outside()
        yield from self.bays_too_near()
        yield from self.lanes_too_near()
        yield from self.zones()
        yield from self.assets()

    def lanes_in_walls(self) -> Iterator[Finding]:
        """Lanes on which a robot would touch a building, an obstacle or a closed zone."""
        for lane in self._drawn_lanes:
            for noun, identifier, polygon in self._solids(lane.level, not lane.indoor):
                gap_m = polygon.distance(LineString(lane.points))
                if gap_m < self.radius_m:
                    yield Finding(
                        "lane_clear",
                        lane.feature_id,
                        f"lane {lane.feature_id} passes {gap_m:.2f} m from the {noun} "
                        f"{identifier}; robots need {self.radius_m:.2f} m",
                        f"move the lane or the {noun}, or mark the lane as indoor",
                    )

    def outside(self) -> Iterator[Finding]:
        """Waypoints outside the campus."""
        if self.campus.boundary is None:
            return
        for waypoint in self.campus.waypoints.values():
            if not self.campus.boundary.covers(Point(waypoint.xy)):
                yield Finding(
                    "inside_boundary",
                    waypoint.id,
                    f"{waypoint.id} lies outside the boundary",
                    "move it or draw the boundary wider",
                )

    def bays_too_near(self) -> Iterator[Finding]:
        """Bays where a resting robot would touch one in another bay or one that passes."""
        needed_m = 2 * self.radius_m
        for bay in self.campus.bays:
            for other in self.campus.bays:
                gap_m = math.dist(bay.xy, other.xy)
                if bay.id < other.id and bay.level == other.level and gap_m < needed_m:
                    yield _too_near("bay_clearance", bay.id, other.id, gap_m, needed_m)
            for lane, gap_m in self._lanes_near(Point(bay.xy), bay.level, needed_m):
                if bay.id not in {lane.start, lane.end}:
                    yield _too_near("bay_clearance", bay.id, lane.feature_id, gap_m, needed_m)

    def lanes_too_near(self) -> Iterator[Finding]:
        """Lanes and waypoints so near that robots on both touch, with nothing that says so.

        Lanes that meet at a waypoint exclude each other there; others must share a resource.
        """
        needed_m = 2 * self.radius_m
        for lane in self._drawn_lanes:
            line = LineString(lane.points)
            for other, gap_m in self._lanes_near(line, lane.level, needed_m):
                apart = not {lane.start, lane.end} & {other.start, other.end}
                shared = lane.resource is not None and lane.resource == other.resource
                if lane.id < other.id and apart and not shared:
                    yield _too_near(
                        "lane_clearance",
                        lane.feature_id,
                        other.feature_id,
                        gap_m,
                        needed_m,
                        "move one of them or give both the same resource",
                    )

    def zones(self) -> Iterator[Finding]:
        """Clean zones that cannot be entered, or around which a sweeping robot touches things."""
        for zone in self.campus.zones.values():
            if zone.purpose is ZonePurpose.CLEAN and zone.access is not None:
                yield from self._zone(zone, self.campus.waypoints[zone.access])

    def assets(self) -> Iterator[Finding]:
        """Assets that cannot be seen from where they are inspected."""
        for asset in self.campus.assets.values():
            yield from self._asset(asset, self.campus.waypoints[asset.access])

    def _zone(self, zone: Zone, access: Waypoint) -> Iterator[Finding]:
        over_m = max(0.0, self.sweep_radius_m - self.brush_width_m / 2)
        swept = zone.polygon.buffer(over_m)
        way = LineString(nearest_points(Point(access.xy), zone.polygon))
        if way.length > LONGEST_ACCESS_M:
            yield Finding(
                "zone_access",
                zone.id,
                f"{zone.id} lies {way.length:.1f} m from its access {access.id}",
                f"name an access at most {LONGEST_ACCESS_M:g} m away",
            )
        for noun, identifier, polygon in self._solids(zone.level):
            if noun == "building" and polygon.contains(zone.polygon):
                continue  # it lies in the building
            if polygon.intersects(swept):
                yield Finding(
                    "zone_clear",
                    zone.id,
                    f"a robot that sweeps {zone.id} reaches {over_m:.2f} m over its edge "
                    f"and touches the {noun} {identifier}",
                    f"draw the zone further from the {noun}",
                )
            if polygon.distance(way) < self.sweep_radius_m:
                yield Finding(
                    "zone_access",
                    zone.id,
                    f"the {noun} {identifier} is in the way from {access.id} to {zone.id}",
                    "name an access from which the zone can be entered in a straight line",
                )
        entered = swept.union(way.buffer(self.sweep_radius_m))
        for lane, gap_m in self._lanes_near(entered, zone.level, self.radius_m):
            if access.id not in {lane.start, lane.end}:
                yield _too_near("zone_clear", zone.id, lane.feature_id, gap_m, self.radius_m)
        for bay in self.campus.bays:
            gap_m = entered.distance(Point(bay.xy))
            if bay.id != access.id and bay.level == zone.level and gap_m < self.radius_m:
                yield _too_near("zone_clear", zone.id, bay.id, gap_m, self.radius_m)

    def _asset(self, asset: Asset, access: Waypoint) -> Iterator[Finding]:
        view = LineString([access.xy, asset.xy])
        if view.length > LONGEST_VIEW_M:
            yield Finding(
                "asset_view",
                asset.id,
                f"{asset.id} lies {view.length:.1f} m from its access {access.id}",
                f"name an access at most {LONGEST_VIEW_M:g} m away",
            )
        for building in self.campus.buildings.values():
            if building.level == asset.level and building.polygon.crosses(view):
                yield Finding(
                    "asset_view",
                    asset.id,
                    f"{asset.id} cannot be seen from {access.id}: {building.name} is between",
                    "name an access on the same side of the building",
                )

    def _solids(self, level: str, buildings: bool = True) -> Iterator[tuple[str, str, Polygon]]:
        for obstacle in self.campus.obstacles.values():
            if obstacle.level == level:
                yield "obstacle", obstacle.id, obstacle.polygon
        for building in self.campus.buildings.values():
            if buildings and building.level == level:
                yield "building", building.id, building.polygon
        for zone in self.campus.zones.values():
            if zone.purpose is ZonePurpose.CLOSED and zone.level == level:
                yield "closed zone", zone.id, zone.polygon

    @cached_property
    def _drawn_lanes(self) -> list[Lane]:
        return [lane for lane in self.campus.lanes.values() if lane.id == lane.feature_id]

    @cached_property
    def _lane_lines(self) -> list[LineString]:
        return [LineString(lane.points) for lane in self._drawn_lanes]

    @cached_property
    def _lane_tree(self) -> STRtree:
        return STRtree(self._lane_lines)

    def _lanes_near(
        self, shape: BaseGeometry, level: str, within_m: float
    ) -> Iterable[tuple[Lane, float]]:
        """Lanes nearer to a shape than this, with their distances in metres."""
        for index in sorted(self._lane_tree.query(shape, "dwithin", within_m)):
            lane = self._drawn_lanes[index]
            gap_m = float(self._lane_lines[index].distance(shape))
            if lane.level == level and gap_m < within_m:
                yield lane, gap_m


def _too_near(
    check: str,
    subject: str,
    other: str,
    gap_m: float,
    needed_m: float,
    remedy: str = "move them apart",
) -> Finding:
    return Finding(
        check,
        subject,
        f"{subject} and {other} are {gap_m:.2f} m apart; robots need {needed_m:.2f} m",
        remedy,
    )
