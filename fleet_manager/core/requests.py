"""Reads what staff ask for into phases, held to the campus and the fleet."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from shapely.geometry import Point

from fleet_manager.core.campus import Campus, Zone, ZonePurpose, each_of
from fleet_manager.core.errors import InvalidRequest
from fleet_manager.core.site import Site
from fleet_manager.core.task import SKILLS, Category, Phase

PATROL_DWELL_S = 2.0
INSPECT_DWELL_S = 4.0
PHASES_AT_MOST = 500

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Seconds = Annotated[float, Meta(ge=0.0, le=86400.0)]
Coordinate = Annotated[float, Meta(ge=-1e6, le=1e6)]


class _Bound(Struct, kw_only=True, forbid_unknown_fields=True):
    robot: Name | None = None


class _Patrol(_Bound):
    places: Annotated[list[Name], Meta(min_length=1, max_length=PHASES_AT_MOST)]
    rounds: Annotated[int, Meta(ge=1, le=PHASES_AT_MOST)] = 1
    dwell_s: Seconds = PATROL_DWELL_S


class _Visit(_Bound):
    place: Name
    dwell_s: Seconds = 0.0


class _Clean(_Bound):
    zone: Name


class _SpotClean(_Bound):
    x_m: Coordinate
    y_m: Coordinate
    radius_m: Annotated[float, Meta(gt=0.0, le=50.0)]
    level: Name | None = None


class _Inspect(_Bound):
    assets: Annotated[list[Name], Meta(min_length=1, max_length=PHASES_AT_MOST)]
    dwell_s: Seconds = INSPECT_DWELL_S


class _Charge(Struct, forbid_unknown_fields=True):
    robot: Name
    dock: Name | None = None


def plan_phases(
    site: Site, category: str, description: Mapping[str, Any]
) -> tuple[Category, dict[str, Any], tuple[Phase, ...]]:
    """Read a request; returns its category, the description with its defaults, and its phases.

    Raises:
        InvalidRequest: a field is missing, wrong or unknown, or nobody could ever do it.
        UnknownFeature: a place, zone or asset is not on the map.
    """
    try:
        known = Category(category)
    except ValueError:
        names = ", ".join(Category)
        raise InvalidRequest(f"no category {category!r}", f"choose from {names}") from None
    form, plan = _FORMS[known]
    try:
        asked = msgspec.convert(dict(description), form)
    except msgspec.ValidationError as error:
        raise InvalidRequest(
            f"the description of a {known} task: {error}", "see docs/api.md for its fields"
        ) from error
    phases = tuple(plan(site, asked))
    check_may_stop(site.campus, (phase.waypoint for phase in phases))
    _check_somebody_can(site, known, asked.robot, phases)
    cleaned = {key: value for key, value in msgspec.to_builtins(asked).items() if value is not None}
    return known, cleaned, phases


def check_may_stop(campus: Campus, waypoints: Iterable[str]) -> None:
    """Whether robots may stop at waypoints to do something there.

    Raises:
        InvalidRequest: at one they may not: it is on a bridge, crossing or ramp, in a door or lift,
            or in an area that is kept clear.
    """
    for waypoint in waypoints:
        if campus.is_bay(waypoint) or campus.may_end_base(waypoint):
            continue
        there = campus.waypoint(waypoint)
        ends = [each.id for each in campus.waypoints.values() if campus.may_end_base(each.id)]
        near = campus.nearest_waypoint(there.x_m, there.y_m, there.level, ends)
        raise InvalidRequest(
            f"nobody may stop at {waypoint} ({there.role})", f"choose another place, as {near.id}"
        )


def _check_somebody_can(
    site: Site, category: Category, robot: str | None, phases: tuple[Phase, ...]
) -> None:
    if robot is not None and robot not in site.fleet.robots:
        raise InvalidRequest(f"no robot {robot!r}", "`fleet robot list` lists them")
    if len(phases) > PHASES_AT_MOST:
        raise InvalidRequest(
            f"{len(phases)} visits in one task", f"ask for at most {PHASES_AT_MOST}"
        )
    needed = {SKILLS[phase.action_type] for phase in phases}
    names = [robot] if robot is not None else list(site.fleet.robots)
    if not any(needed <= site.kind(name).skills for name in names):
        who = robot or f"a robot of the fleet {site.fleet.name}"
        raise InvalidRequest(
            f"a {category} task needs {', '.join(sorted(needed))}, which {who} cannot",
            "ask for other work, or add a kind of robot to fleet.yaml",
        )


def _visits(action_type: str) -> Callable[[Site, _Visit], list[Phase]]:
    def plan(site: Site, asked: _Visit) -> list[Phase]:
        place = site.campus.place(asked.place)
        parameters: dict[str, Any] = {"dwell_s": asked.dwell_s}
        if action_type == "respond_point":
            parameters["place"] = place.name or place.id
        return [Phase(1, place.id, place.id, action_type, parameters)]

    return plan


def _patrol(site: Site, asked: _Patrol) -> list[Phase]:
    places = each_of(site.campus.place, asked.places)
    if len(places) * asked.rounds > PHASES_AT_MOST:
        raise InvalidRequest(
            f"{asked.rounds} rounds of {len(places)} places",
            f"ask for at most {PHASES_AT_MOST} visits in one task",
        )
    return [
        Phase(
            number,
            place.id,
            place.id,
            "patrol_point",
            {"dwell_s": asked.dwell_s, "place": place.name or place.id},
        )
        for number, place in enumerate(places * asked.rounds, start=1)
    ]


def _clean_access(zone: Zone) -> str:
    if zone.purpose is not ZonePurpose.CLEAN or zone.access is None:
        raise InvalidRequest(f"{zone.id} is not a zone to clean", "choose a zone of purpose clean")
    return zone.access


def _clean(site: Site, asked: _Clean) -> list[Phase]:
    zone = site.campus.zone(asked.zone)
    return [Phase(1, zone.id, _clean_access(zone), "clean_zone")]


def _spot_clean(site: Site, asked: _SpotClean) -> list[Phase]:
    level = asked.level or next(iter(site.campus.levels))
    if level not in site.campus.levels:
        raise InvalidRequest(f"no level {level!r}", f"levels are {', '.join(site.campus.levels)}")
    spot = Point(asked.x_m, asked.y_m).buffer(asked.radius_m)
    zones = [
        zone
        for zone in site.campus.zones.values()
        if zone.level == level and zone.purpose is ZonePurpose.CLEAN and zone.access
    ]
    zone = max(zones, key=lambda each: each.polygon.intersection(spot).area, default=None)
    if zone is None or zone.polygon.intersection(spot).area < 0.01 * math.pi * asked.radius_m**2:
        raise InvalidRequest(
            f"({asked.x_m:g}, {asked.y_m:g}) lies in no zone to clean on level {level}",
            "choose a spot inside a zone of purpose clean",
        )
    parameters = {"spot": [asked.x_m, asked.y_m, asked.radius_m]}
    return [Phase(1, zone.id, _clean_access(zone), "clean_zone", parameters)]


def _inspect(site: Site, asked: _Inspect) -> list[Phase]:
    assets = each_of(site.campus.asset, dict.fromkeys(asked.assets))
    return [
        Phase(number, asset.id, asset.access, "inspect_asset", {"dwell_s": asked.dwell_s})
        for number, asset in enumerate(assets, start=1)
    ]


def _charge(site: Site, asked: _Charge) -> list[Phase]:
    if asked.robot not in site.fleet.robots:
        raise InvalidRequest(f"no robot {asked.robot!r}", "`fleet robot list` lists them")
    dock = asked.dock or site.fleet.robots[asked.robot].home
    if dock not in site.dock_ids:
        known = ", ".join(sorted(site.dock_ids)[:6]) or "none"
        what = f"{dock} is no dock of the map" if dock else f"{asked.robot} has no home"
        raise InvalidRequest(what, f"name a dock of the map ({known}), or correct fleet.yaml")
    return [Phase(1, dock, dock, "charge")]


_FORMS: dict[Category, tuple[Any, Callable[[Site, Any], list[Phase]]]] = {
    Category.PATROL: (_Patrol, _patrol),
    Category.RESPOND: (_Visit, _visits("respond_point")),
    Category.GO_TO: (_Visit, _visits("go_to_point")),
    Category.CLEAN: (_Clean, _clean),
    Category.SPOT_CLEAN: (_SpotClean, _spot_clean),
    Category.INSPECT: (_Inspect, _inspect),
    Category.CHARGE: (_Charge, _charge),
}
