"""What does not change while a manager runs: the campus, the fleet, and what follows from them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig, KindSpec, Policy
from fleet_manager.core.geometry import Xy
from fleet_manager.core.planning.compiled import compiled
from fleet_manager.core.planning.coverage import CannotSweep, SweepPlan, plan_sweep
from fleet_manager.core.planning.coverage.pace import sweep_s
from fleet_manager.core.planning.coverage.stretches import sweep_wh
from fleet_manager.core.planning.inside import InsideWays
from fleet_manager.core.planning.routes import NO_LIMITS, Routes

Circle = tuple[float, float, float]
SWEEPS_KEPT = 1024
ROUTES_KEPT = 32
"""For so many pairs of a kind and a set of closed lanes."""
CLEARANCE_M = 0.35
"""From the edge of a zone, on ways over it: half a brush, as where it sweeps along the edge."""


@dataclass(frozen=True)
class _Ground:
    """Where a robot may drive freely around a zone."""

    area: Polygon | MultiPolygon
    ways: InsideWays


def _around(spot: Circle, brush_width_m: float) -> Circle:
    """A spot as it is swept: a little over its edge, and wide enough for the brush."""
    x_m, y_m, radius_m = spot
    return (x_m, y_m, max(radius_m + brush_width_m / 4, 1.5 * brush_width_m))


def _nearest(area: Polygon | MultiPolygon, point: Xy) -> Xy:
    """The point of an area that is nearest to a point."""
    found = nearest_points(area, Point(point))[0]
    return (float(found.x), float(found.y))


def _make_union(holdings: tuple[frozenset[str], ...]) -> frozenset[str]:
    return frozenset().union(*holdings)


class Site:
    """Campus and fleet with their ways and sweeps, worked out once.

    Attributes:
        kept: what others keep with the site and no longer than it, by its type.
    """

    def __init__(self, campus: Campus, fleet: FleetConfig) -> None:
        self.campus = campus
        self.fleet = fleet
        self.kept: dict[type, object] = {}
        self._routes = lru_cache(ROUTES_KEPT)(self._make_routes)
        self._touching = lru_cache(256)(self._make_touching)
        self._union = lru_cache(512)(_make_union)
        self._sweep = lru_cache(SWEEPS_KEPT)(self._make_sweep)
        self._sweep_cost = lru_cache(SWEEPS_KEPT)(self._make_sweep_cost)
        self._way_in_zone = lru_cache(1024)(self._find_way_in_zone)
        self._ground = lru_cache(256)(self._make_ground)
        self._beyond = lru_cache(1024)(self._find_beyond)

    @cached_property
    def dock_ids(self) -> frozenset[str]:
        """Ids of the docks on the map."""
        return frozenset(each.id for each in self.campus.docks)

    @property
    def policy(self) -> Policy:
        """How the fleet is run."""
        return self.fleet.policy

    def kind(self, robot: str) -> KindSpec:
        """Kind of a robot."""
        return self.fleet.kind_of(robot)

    def routes(
        self,
        robot: str,
        closed: frozenset[str] = frozenset(),
        limits: frozenset[tuple[str, float]] = NO_LIMITS,
    ) -> Routes:
        """Ways of a robot while some of the map's lanes are closed, and others limited in speed."""
        return self._routes(self.fleet.robots[robot].kind, closed, limits)

    def _make_routes(
        self, kind: str, closed: frozenset[str], limits: frozenset[tuple[str, float]]
    ) -> Routes:
        return Routes(self.campus, self.fleet.kinds[kind], closed, limits)

    def beyond_wh(self, robot: str, dock: str) -> float:
        """Energy from a dock to the next one by the model; 0 where there is no other."""
        return self._beyond(self.fleet.robots[robot].kind, dock)

    def _find_beyond(self, kind: str, dock: str) -> float:
        reach = self._routes(kind, frozenset(), NO_LIMITS).reach(dock)
        others = (reach.of(each.id)[1] for each in self.campus.docks if each.id != dock)
        least = min(others, default=math.inf)
        return least if least < math.inf else 0.0

    def lanes_touching(self, resources: frozenset[str]) -> frozenset[str]:
        """Ids of the map's lanes that cannot be driven while somebody holds resources."""
        return self._touching(resources)

    def _make_touching(self, resources: frozenset[str]) -> frozenset[str]:
        touching = compiled(self.campus).touching
        return frozenset().union(*(touching.get(each, ()) for each in resources))

    def union(self, holdings: tuple[frozenset[str], ...]) -> frozenset[str]:
        """Resources in any of some holdings; the same object while these stay the same."""
        return self._union(holdings)

    def sweep(self, zone: str, spot: Circle | None, kind: KindSpec) -> SweepPlan:
        """The path on which a kind of robot cleans a zone, or a spot (x, y, radius) of it.

        Raises:
            CannotSweep: the kind has no brush, or the brush does not fit.
        """
        if kind.brush_width_m is None:
            raise CannotSweep(f"{kind.name} robots have no brush", "choose robots that clean")
        return self._sweep(zone, spot, kind.brush_width_m)

    def _make_sweep(self, zone: str, spot: Circle | None, brush_width_m: float) -> SweepPlan:
        access = self.campus.zones[zone].access
        start: Xy | None = self.campus.waypoint(access).xy if access else None
        ground = self.area(zone, spot if spot is None else _around(spot, brush_width_m))
        name = f"zone {zone}" if spot is None else f"the spot of zone {zone}"
        return plan_sweep(ground, brush_width_m, start, name=name)

    def sweep_s(self, zone: str, spot: Circle | None, kind: KindSpec) -> float:
        """How long a kind of robot takes for a whole sweep, seconds.

        Raises:
            CannotSweep: the kind has no brush, or the brush does not fit.
        """
        return self._sweep_cost(zone, spot, kind)[0]

    def sweep_wh(self, zone: str, spot: Circle | None, kind: KindSpec) -> float:
        """Energy of a whole sweep by a kind of robot.

        Raises:
            CannotSweep: the kind has no brush, or the brush does not fit.
        """
        return self._sweep_cost(zone, spot, kind)[1]

    def _make_sweep_cost(
        self, zone: str, spot: Circle | None, kind: KindSpec
    ) -> tuple[float, float]:
        path = self.sweep(zone, spot, kind).path
        return sweep_s(path, kind), sweep_wh(path, kind)

    def way_in_zone(self, zone: str, start: Xy, end: Xy) -> tuple[Xy, ...]:
        """A way over a zone and the ground before its access, clear of what stands around.

        Both ends are left out. A point that is not clear is joined straight to the nearest that is.
        """
        return self._way_in_zone(zone, start, end)

    def _find_way_in_zone(self, zone: str, start: Xy, end: Xy) -> tuple[Xy, ...]:
        ground = self._ground(zone)
        inner = [_nearest(ground.area, point) for point in (start, end)]
        way = ground.ways.way(inner[0], inner[1]) or tuple(inner)
        points = [point for point in way if math.dist(point, start) > 0.1]
        return tuple(point for point in points if math.dist(point, end) > 0.1)

    def _make_ground(self, zone: str) -> _Ground:
        each = self.campus.zones[zone]
        inner = each.polygon.buffer(-CLEARANCE_M, join_style="mitre")
        clear: BaseGeometry = each.polygon if inner.is_empty else inner
        if each.access is not None:
            access = Point(self.campus.waypoint(each.access).xy)
            path = LineString([access, nearest_points(clear, access)[0]])
            clear = clear.union(path.buffer(0.2))
        assert isinstance(clear, Polygon | MultiPolygon), "areas joined are an area"
        return _Ground(clear, InsideWays(clear))

    def area(self, zone: str, spot: Circle | None) -> Polygon:
        """A zone, or the part of it within a circle (the largest piece)."""
        polygon = self.campus.zones[zone].polygon
        if spot is None:
            return polygon
        piece = polygon.intersection(Point(spot[0], spot[1]).buffer(spot[2]))
        pieces = [each for each in getattr(piece, "geoms", [piece]) if isinstance(each, Polygon)]
        return max(pieces, key=lambda each: each.area, default=Polygon())
