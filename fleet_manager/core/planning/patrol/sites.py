"""Which places of a map a patrol sees: named ones, or as many as it takes to see a sector."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf

import numpy as np
from shapely.geometry import Point

from fleet_manager.core.campus import Campus, Role, Sector, Waypoint, each_of
from fleet_manager.core.planning.patrol.problem import CannotPatrol, PatrolSite
from fleet_manager.core.planning.routes import Routes


def sites_of_places(
    campus: Campus, places: Iterable[str], dwell_s: float = 0.0
) -> tuple[PatrolSite, ...]:
    """Sites at places by id or name; with the weights and promise of their sector, or the nearest.

    Raises:
        UnknownFeature: a place is not on the map.
    """
    return tuple(
        _site(each, _sector_of(campus, each), dwell_s) for each in each_of(campus.place, places)
    )


def sites_of_sectors(
    campus: Campus, sectors: Sequence[str], dwell_s: float = 0.0
) -> tuple[PatrolSite, ...]:
    """The named places of sectors; no sectors: of the whole map.

    Raises:
        UnknownFeature: there is no such sector.
        CannotPatrol: no place there has a name.
    """
    chosen = each_of(campus.sector, sectors)
    named = [campus.waypoints[each] for each in campus.names.values()]
    return _within(campus, chosen, named, dwell_s, "no place has a name")


def sites_covering(
    routes: Routes,
    sectors: Sequence[str],
    every_m: float,
    home: str,
    dwell_s: float = 0.0,
) -> tuple[PatrolSite, ...]:
    """Junctions so chosen that each in the sectors has a site within a distance, in metres.

    The next site is always the junction farthest from those chosen (Gonzalez 1985).

    Args:
        routes: of the kind that patrols; only what it can reach is seen.
        sectors: ids; none: the whole map.
        home: a dock of the kind.

    Raises:
        UnknownFeature: there is no such sector.
        CannotPatrol: robots of the kind can reach nothing there.
    """
    campus = routes.campus
    ids = list(campus.waypoints)
    reached = np.isfinite(routes.distances_s([home], ids)[0])
    back = np.isfinite(routes.distances_s(ids, [home])[:, 0])
    seen = [
        waypoint
        for waypoint, there, home_again in zip(
            campus.waypoints.values(), reached, back, strict=True
        )
        if there and home_again and waypoint.role is Role.JUNCTION
        if campus.may_end_base(waypoint.id)
    ]
    found: list[PatrolSite] = []
    for sector in each_of(campus.sector, sectors):
        inside = [each for each in seen if _lies_in(each, sector)]
        found += [_site(each, sector, dwell_s) for each in _spread(inside, every_m)]
    if not sectors:
        spread = _spread(seen, every_m)
        found = [_site(each, _sector_of(campus, each), dwell_s) for each in spread]
    if not found:
        raise CannotPatrol(
            f"{routes.kind.name} robots can stop nowhere in {', '.join(sectors) or campus.name}",
            "choose other sectors or another kind of robot",
            sectors,
        )
    return tuple({site.waypoint: site for site in found}.values())


def _within(
    campus: Campus,
    sectors: Sequence[Sector],
    waypoints: Iterable[Waypoint],
    dwell_s: float,
    otherwise: str,
) -> tuple[PatrolSite, ...]:
    found = []
    for waypoint in waypoints:
        sector = next((each for each in sectors if _lies_in(waypoint, each)), None)
        if sector is not None or not sectors:
            found.append(_site(waypoint, sector or _sector_of(campus, waypoint), dwell_s))
    if not found:
        where = ", ".join(each.id for each in sectors) or campus.name
        raise CannotPatrol(
            f"there is nothing to patrol in {where}: {otherwise}",
            "name sites (--sites), or let the planner choose them (--every)",
            [each.id for each in sectors],
        )
    return tuple(found)


def _sector_of(campus: Campus, waypoint: Waypoint) -> Sector | None:
    """The sector that a waypoint lies in, or the nearest; None: the map has none.

    Bridges lie between sectors, and upper floors above them.
    """
    place = Point(waypoint.xy)
    return min(
        campus.sectors.values(),
        key=lambda each: (each.polygon.distance(place), each.level != waypoint.level),
        default=None,
    )


def _lies_in(waypoint: Waypoint, sector: Sector) -> bool:
    return waypoint.level == sector.level and bool(sector.polygon.covers(Point(waypoint.xy)))


def _site(waypoint: Waypoint, sector: Sector | None, dwell_s: float) -> PatrolSite:
    if sector is None:
        return PatrolSite(waypoint.id, dwell_s=dwell_s)
    promise_s = inf if sector.max_idleness_s is None else sector.max_idleness_s
    risks = tuple(sector.risk_by_hour)
    return PatrolSite(
        waypoint.id,
        weights_by_hour=risks if max(risks) > 0.0 else (),
        promise_s=promise_s,
        dwell_s=dwell_s,
    )


def _spread(waypoints: Sequence[Waypoint], every_m: float) -> list[Waypoint]:
    """Waypoints chosen one after another until none is farther from all chosen on its level."""
    if not waypoints:
        return []
    places = np.array([each.xy for each in waypoints])
    levels = np.array([each.level for each in waypoints])
    chosen = [int(np.argmin(((places - places.mean(axis=0)) ** 2).sum(axis=1)))]
    farness = np.full(len(waypoints), inf)
    while True:
        last = chosen[-1]
        apart = np.where(levels == levels[last], np.hypot(*(places - places[last]).T), inf)
        farness = np.minimum(farness, apart)
        if farness.max() <= every_m:
            return [waypoints[each] for each in chosen]
        chosen.append(int(np.argmax(farness)))
