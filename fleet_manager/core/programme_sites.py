"""What a patrol programme means on a map with a fleet, and what neither allows."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shapely.geometry import Point

from fleet_manager.core.campus import each_of
from fleet_manager.core.errors import InvalidRequest
from fleet_manager.core.planning.patrol.fleet_size import proven_minimum
from fleet_manager.core.planning.patrol.problem import (
    SLOWER,
    PatrolProblem,
    PatrolSite,
    problem_on,
)
from fleet_manager.core.planning.patrol_job import at_once
from fleet_manager.core.programme import PlanWanted, Programme, ProgrammeSite, ProgrammeSpec
from fleet_manager.core.requests import check_may_stop
from fleet_manager.core.site import Site
from fleet_manager.core.visits import SKILL

SITES_AT_MOST = 500
PROMISE_AT_LEAST_S = 30.0
PROBLEMS_KEPT = 16
PROOF_STEPS = 200
"""Of the ascent of the bound, while the fleet waits."""


def resolved(site: Site, spec: ProgrammeSpec) -> tuple[ProgrammeSite, ...]:
    """The sites that a programme means.

    Raises:
        InvalidRequest: there are none, too many, one without a promise or where nobody may stop.
        UnknownFeature: a place or sector is not on the map.
    """
    found = {each.waypoint: each for each in _of_sectors(site, spec)}
    places = list(each_of(site.campus.place, (each.place for each in spec.sites)))
    check_may_stop(site.campus, (each.id for each in places))
    for asked, place in zip(spec.sites, places, strict=True):
        promise_s = asked.promise_s if asked.promise_s is not None else spec.promise_s
        found[place.id] = ProgrammeSite(
            place.id,
            _promised(promise_s, f"site {place.id}"),
            asked.weight,
            asked.weights_by_hour,
            spec.dwell_s,
        )
    if not found:
        raise InvalidRequest(
            "there is nothing to patrol: no sites, and no named places in its sectors",
            "name places, or sectors that have some",
        )
    if len(found) > SITES_AT_MOST:
        raise InvalidRequest(
            f"{len(found)} sites", f"give at most {SITES_AT_MOST}; make several programmes"
        )
    return tuple(found.values())


def _of_sectors(site: Site, spec: ProgrammeSpec) -> Iterator[ProgrammeSite]:
    campus = site.campus
    for sector in each_of(campus.sector, spec.sectors):
        own = spec.promise_s if spec.promise_s is not None else sector.max_idleness_s
        for place in campus.names.values():
            waypoint = campus.waypoints[place]
            if waypoint.level == sector.level and sector.polygon.covers(Point(waypoint.xy)):
                promise_s = _promised(own, f"sector {sector.id}")
                weights = tuple(sector.risk_by_hour)
                yield ProgrammeSite(place, promise_s, 1.0, weights, spec.dwell_s)


def _promised(promise_s: float | None, what: str) -> float:
    if promise_s is None:
        raise InvalidRequest(f"{what} has no promise", "give the programme a promised idleness")
    if not (math.isfinite(promise_s) and promise_s >= PROMISE_AT_LEAST_S):
        raise InvalidRequest(
            f"{what} is promised a visit every {promise_s:g} s",
            f"promise at least {PROMISE_AT_LEAST_S:g} s",
        )
    return promise_s


def check_numbers(spec: ProgrammeSpec) -> None:
    if spec.robots is not None and spec.robots < 1:
        raise InvalidRequest(
            f"{spec.robots} robots", "give at least 1, or leave it out: as many as it takes"
        )
    if not 0.0 <= spec.unpredictability <= 1.0:
        raise InvalidRequest(f"an unpredictability of {spec.unpredictability:g}", "give 0 to 1")
    if not 0 <= spec.priority <= 9:
        raise InvalidRequest(f"priority {spec.priority}", "give a priority from 0 to 9")
    if spec.window is not None and not 60.0 <= spec.window.duration_s <= 366 * 86400.0:
        raise InvalidRequest(
            f"a window of {spec.window.duration_s:g} s", "give a minute at least, a year at most"
        )
    try:
        ZoneInfo(spec.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidRequest(
            f"there is no timezone {spec.timezone!r}", "use an IANA name: Asia/Shanghai"
        ) from error


def patrollers(site: Site) -> list[str]:
    """Robots that can patrol."""
    return [robot for robot in site.fleet.robots if SKILL in site.kind(robot).skills]


def pacemaker(site: Site) -> str:
    """The robot whose pace is planned with: the slowest that can patrol.

    Raises:
        InvalidRequest: none can.
    """
    able = patrollers(site)
    if not able:
        raise InvalidRequest(
            f"no robot of the fleet {site.fleet.name} can patrol",
            "add a kind of robot with the skill patrol to fleet.yaml",
        )
    return min(able, key=lambda robot: (site.kind(robot).max_speed_mps, robot))


def problem_of(site: Site, sites: Iterable[ProgrammeSite], slower: float = SLOWER) -> PatrolProblem:
    """Sites and the times between them, on the map with nothing closed.

    Raises:
        CannotPatrol: a site has a weight that cannot be, or no way leads there and back.
        InvalidRequest: no robot can patrol.
    """
    key = (tuple(sites), slower)
    known = site.kept.setdefault(_Problems, _Problems())
    assert isinstance(known, _Problems), "kept by its type"
    if key not in known:
        while len(known) >= PROBLEMS_KEPT:
            known.popitem(last=False)
        known[key] = _problem_of(site, *key)
    return known[key]


class _Problems(OrderedDict[tuple[tuple[ProgrammeSite, ...], float], PatrolProblem]):
    """Asked about when a programme is checked, when it begins, and when its plan is worked out."""


def _problem_of(site: Site, sites: Iterable[ProgrammeSite], slower: float) -> PatrolProblem:
    asked = [
        PatrolSite(each.waypoint, each.weight, each.weights_by_hour, each.promise_s, each.dwell_s)
        for each in sites
    ]
    return problem_on(site.routes(pacemaker(site)), asked, slower=slower)


def check_promise(site: Site, spec: ProgrammeSpec, problem: PatrolProblem) -> None:
    """Refuse what is proven to be impossible; says how many robots would do.

    Raises:
        InvalidRequest: the fleet has, or the programme asks for, too few robots.
    """
    fleet = len(patrollers(site))
    given = fleet if spec.robots is None else spec.robots
    would_do = at_once(problem, PlanWanted(0, None, len(problem.sites), 0)).robots
    fewest = 1
    if would_do > given:  # only then it is worth the time to look for a proof
        at_full_speed = replace(problem, travel_s=problem.travel_s / SLOWER)
        fewest, _ = proven_minimum(at_full_speed, PROOF_STEPS)
    if fewest > given:
        whose = f"the fleet has {fleet}" if spec.robots is None else f"it asks for {spec.robots}"
        tightest_s = float(problem.promises_s.min())
        raise InvalidRequest(
            f"no {given} robots can keep the promise ({tightest_s:g} s, {len(problem.sites)} "
            f"sites): {fewest} are needed at least, and {whose}",
            f"{would_do} robots would do; promise more time, or fewer sites",
        )
    if given > fleet:
        raise InvalidRequest(
            f"{given} robots are to patrol, and the fleet has {fleet} that can",
            f"ask for {fleet} at most",
        )


def on_map(site: Site, programme: Programme) -> tuple[ProgrammeSite, ...]:
    """The sites of a programme that the map in use has.

    Raises:
        InvalidRequest: it has none of them.
    """
    found = tuple(each for each in programme.sites if each.waypoint in site.campus.waypoints)
    if not found:
        raise InvalidRequest(
            f"the map has none of the sites of programme {programme.id} any more",
            "change the programme, or publish a map that has them",
        )
    return found
