"""The ground of a sweep: where the middle of the brush may be, and what the brush can touch."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import shapely
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.geometry import Xy
from fleet_manager.core.planning.inside import InsideWays

TRACKING_ERROR_M = 0.015
"""By how much a robot may stray from the path without leaving a gap between its strips.

Robots of the embedded simulator, with its usual noise, are within it for 95 % of their way
(`python -m benchmarks.coverage` drives them and says so)."""

SLIVER_M2 = 1e-4
_SIMPLER_M = 0.01
_ARC = 16  # segments of a quarter of a circle


class CannotSweep(CampusFleetError):
    """A zone that cannot be swept: badly drawn, or too narrow for the brush."""


@dataclass(frozen=True)
class Ground:
    """What is to be swept.

    Attributes:
        name: of the zone, for errors.
        polygon: the zone, metres.
        reach: where the middle of the brush may be.
        reachable: of the zone, what a brush touches whose middle stays in the reach.
        brush_width_m: what the brush cleans across the path.
        spacing_m: between strips, at most.
        margin_m: what tracking errors take of the brush on either side.
        left: what paths leave unclean, as far as it has been asked for (`leavings.left_over`).
    """

    name: str
    polygon: Polygon
    reach: MultiPolygon
    reachable: BaseGeometry
    brush_width_m: float
    spacing_m: float
    margin_m: float
    left: dict[tuple[Xy, ...], BaseGeometry] = field(default_factory=dict, compare=False)

    @classmethod
    def of(
        cls,
        polygon: Polygon,
        brush_width_m: float,
        footprint_radius_m: float = 0.0,
        start_xy: Xy | None = None,
        name: str = "the zone",
    ) -> Ground:
        """Read a zone.

        Args:
            footprint_radius_m: a robot that has to stay inside the polygon wholly gives its
                radius, and reaches only what is joined to its start (without one: the largest
                part); 0: it may reach over the edge, as where nothing stands around the zone.

        Raises:
            CannotSweep: the zone or the brush is not usable; names the zone and the remedy.
        """
        _check(polygon, brush_width_m, footprint_radius_m, name)
        margin_m = min(TRACKING_ERROR_M, brush_width_m / 16)
        inset_m = max(brush_width_m / 2 - margin_m - _SIMPLER_M, footprint_radius_m)
        # Simplified inwards by what it may move, the outline has few corners and stays inside.
        # Mitred, it turns once at a corner of a hole; the brush still touches the corner.
        inner = polygon.buffer(-inset_m - _SIMPLER_M, join_style="mitre").simplify(_SIMPLER_M)
        parts = [part for part in polygons_of(inner) if part.area > SLIVER_M2]
        if parts and footprint_radius_m > 0.0:
            parts = [_where_robots_come_in(parts, start_xy)]
        if not parts:
            raise CannotSweep(
                f"nowhere in {name} ({polygon.area:.1f} m²) fits a robot that keeps "
                f"{inset_m + _SIMPLER_M:.2f} m from its edge",
                "draw the zone wider or clean it with a smaller machine",
            )
        reach = MultiPolygon(parts)
        apart_m, anywhere = max(brush_width_m / 2, footprint_radius_m), footprint_radius_m == 0.0
        touched = _touchable(polygon, reach, brush_width_m, apart_m, anywhere)
        if touched.is_empty:  # as wide as the brush is wide enough
            touched = _touchable(polygon, reach, brush_width_m, apart_m - margin_m, anywhere)
        spacing_m = brush_width_m - 2 * margin_m
        return cls(
            polygon=polygon,
            name=name,
            reach=reach,
            reachable=touched,
            brush_width_m=brush_width_m,
            spacing_m=spacing_m,
            margin_m=margin_m,
        )

    @property
    def radius_m(self) -> float:
        """Half of the brush, less what tracking errors take: what is certainly clean."""
        return self.brush_width_m / 2 - self.margin_m

    @cached_property
    def certain(self) -> BaseGeometry:
        """What can be reached and is certainly clean once the brush has been everywhere."""
        return self.reach.buffer(self.radius_m).intersection(self.reachable)

    @cached_property
    def ways(self) -> InsideWays:
        """Ways in the reach."""
        return InsideWays(self.reach)

    @cached_property
    def ways_in_zone(self) -> InsideWays:
        """Ways in the zone, over necks that the brush does not fit into."""
        return InsideWays(self.polygon)

    def way(self, start: Xy, end: Xy) -> tuple[Xy, ...]:
        """The shortest way, in the reach where it is joined, else over a neck of the zone."""
        way = self.ways.way(start, end) or self.ways_in_zone.way(start, end)
        assert way is not None, "a polygon is connected"
        return way

    @cached_property
    def outlines(self) -> tuple[tuple[Xy, ...], ...]:
        """Outlines of the reach, closed: of each part the outer one, then its holes."""
        rings = [ring for part in self.reach.geoms for ring in (part.exterior, *part.interiors)]
        corners = [shapely.get_coordinates(ring).tolist() for ring in rings]
        return tuple(tuple((x, y) for x, y in ring) for ring in corners)

    @cached_property
    def out_of_reach(self) -> tuple[Polygon, ...]:
        """What of the zone no brush touches, largest first."""
        left = polygons_of(self.polygon.difference(self.reachable))
        seen = [each for each in left if each.area > SLIVER_M2]
        return tuple(sorted(seen, key=lambda each: -each.area))


def polygons_of(shape: BaseGeometry) -> list[Polygon]:
    """The polygons among the parts of a shape."""
    parts = shapely.get_parts(shape).tolist()
    return [part for part in parts if isinstance(part, Polygon) and not part.is_empty]


def _check(polygon: Polygon, brush_width_m: float, footprint_radius_m: float, name: str) -> None:
    if not (brush_width_m > 0.0 and math.isfinite(brush_width_m)):
        raise CannotSweep(
            f"a brush {brush_width_m} m wide cleans nothing", "correct brush_width_m of its kind"
        )
    if not (footprint_radius_m >= 0.0 and math.isfinite(footprint_radius_m)):
        raise CannotSweep(
            f"a robot of radius {footprint_radius_m} m", "correct footprint_radius_m of its kind"
        )
    if polygon.is_empty:
        raise CannotSweep(f"{name} has no area", "draw at least three corners of it")
    if not all(map(math.isfinite, polygon.bounds)):
        raise CannotSweep(f"{name} has a corner that is not a number", "draw that corner again")
    if not polygon.is_valid:
        why = explain_validity(polygon)
        raise CannotSweep(
            f"the outline of {name} is not that of an area: {why.lower()}",
            "move the corners there so that no edge crosses or touches another, and every hole "
            "lies inside",
        )


def _where_robots_come_in(parts: list[Polygon], start_xy: Xy | None) -> Polygon:
    if start_xy is None:
        return max(parts, key=lambda part: part.area)
    start = Point(start_xy)
    return min(parts, key=lambda part: (part.distance(start), -part.area))


def _touchable(
    polygon: Polygon, reach: MultiPolygon, brush_width_m: float, apart_m: float, anywhere: bool
) -> BaseGeometry:
    """What a round brush touches whose middle keeps apart from the edge.

    Args:
        anywhere: else only in the parts of the reach.
    """
    middle = polygons_of(polygon.buffer(-apart_m, quad_segs=_ARC))
    entered = [part for part in middle if anywhere or part.intersects(reach)]
    return MultiPolygon(entered).buffer(brush_width_m / 2, quad_segs=_ARC).intersection(polygon)
