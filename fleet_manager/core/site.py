"""What does not change while a manager runs: the campus, the fleet, and what follows from them."""

from __future__ import annotations

from functools import lru_cache

from shapely.geometry import Point, Polygon

from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig, KindSpec, Policy
from fleet_manager.core.geometry import Xy
from fleet_manager.core.planning.coverage import CannotSweep, SweepPlan, plan_sweep
from fleet_manager.core.planning.routes import Routes

Circle = tuple[float, float, float]


class Site:
    """Campus and fleet with their ways and sweeps, worked out once."""

    def __init__(self, campus: Campus, fleet: FleetConfig) -> None:
        self.campus = campus
        self.fleet = fleet
        self._routes = lru_cache(64)(self._make_routes)
        self._sweep = lru_cache(256)(self._make_sweep)

    @property
    def policy(self) -> Policy:
        """How the fleet is run."""
        return self.fleet.policy

    def kind(self, robot: str) -> KindSpec:
        """Kind of a robot."""
        return self.fleet.kind_of(robot)

    def routes(self, robot: str, closed: frozenset[str] = frozenset()) -> Routes:
        """Ways of a robot while some of the map's lanes are closed."""
        return self._routes(self.fleet.robots[robot].kind, closed)

    def _make_routes(self, kind: str, closed: frozenset[str]) -> Routes:
        return Routes(self.campus, self.fleet.kinds[kind], closed)

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
        return plan_sweep(self.area(zone, spot), brush_width_m, start)

    def area(self, zone: str, spot: Circle | None) -> Polygon:
        """A zone, or the part of it within a circle (the largest piece)."""
        polygon = self.campus.zones[zone].polygon
        if spot is None:
            return polygon
        piece = polygon.intersection(Point(spot[0], spot[1]).buffer(spot[2]))
        pieces = [each for each in getattr(piece, "geoms", [piece]) if isinstance(each, Polygon)]
        return max(pieces, key=lambda each: each.area, default=Polygon())
