"""Checks of single values that are possible but not meant: slopes, speeds, weather, docks."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from itertools import pairwise

from fleet_manager.adapters.maps.checks.finding import Finding, Severity, limited
from fleet_manager.adapters.maps.checks.survey import Survey
from fleet_manager.core.campus import Lane, Structure
from fleet_manager.core.geometry import length_m, point_at
from fleet_manager.core.planning.charging import docks_needed

STEEPEST = 0.20
"""Rise over run that robots with wheels still drive."""
SLOPE_OFF = 0.03
"""By how much the slope of a ramp may differ from its rise over its length."""
TOO_FAST = 3.0
"""A speed limit of more than this many times the fastest robot's speed is a mistaken unit."""
SLOWEST_MPS = 0.2
"""A lower speed limit is hardly meant."""


def check_sanity(survey: Survey) -> Iterator[Finding]:
    """All checks of this module."""
    yield from _head(survey)
    yield from limited(_kinds(survey))
    yield from limited(_slopes(survey))
    yield from limited(_speeds(survey))
    yield from _weather(survey)
    yield from limited(_docks(survey))


def _head(survey: Survey) -> Iterator[Finding]:
    campus = survey.campus
    try:
        zoneinfo.ZoneInfo(campus.timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        yield Finding(
            "timezone",
            campus.id,
            f"there is no timezone {campus.timezone!r}",
            "use an IANA name such as Asia/Shanghai as campus.timezone",
        )
    for below, above in pairwise(campus.levels.values()):
        if above.elevation_m < below.elevation_m:
            yield Finding(
                "levels",
                above.id,
                f"the level {above.id} ({above.elevation_m:g} m) is listed after {below.id} "
                f"({below.elevation_m:g} m) but lies below it",
                "list levels from the lowest to the highest in campus.levels",
                features=(below.id,),
                level=above.id,
            )


def _kinds(survey: Survey) -> Iterator[Finding]:
    """Lanes and weather rules for kinds of robots that the fleet does not have."""
    known = survey.fleet.kinds.keys()
    remedy = f"kinds of the fleet are {', '.join(known)}"
    for lane in survey.drawn_lanes:
        for kind in sorted((lane.kinds or frozenset()) - known):
            yield _at(
                lane,
                Finding(
                    "kinds",
                    lane.feature_id,
                    f"lane {lane.id} is for robots of the kind {kind!r}, which the fleet does "
                    "not have",
                    remedy,
                ),
            )
    for rule in survey.campus.weather_rules.values():
        for kind in sorted((rule.kinds or frozenset()) - known):
            yield Finding(
                "kinds",
                rule.id,
                f"the weather rule {rule.id} is for robots of the kind {kind!r}, which the fleet "
                "does not have",
                remedy,
            )


def _slopes(survey: Survey) -> Iterator[Finding]:
    levels = survey.campus.levels
    for lane in survey.drawn_lanes:
        if lane.lift is not None:
            continue
        slope = lane.slope
        if lane.level != lane.end_level:
            rise_m = levels[lane.end_level].elevation_m - levels[lane.level].elevation_m
            slope = rise_m / lane.length_m
            if abs(slope - lane.slope) > SLOPE_OFF:
                yield _at(
                    lane,
                    Finding(
                        "ramp",
                        lane.feature_id,
                        f"the ramp {lane.feature_id} rises {rise_m:.2f} m over "
                        f"{lane.length_m:.2f} m, a slope of {slope:.3f}, but states {lane.slope:g}",
                        f'give it "slope": {slope:.3f}, or correct its length or the '
                        "elevations of the levels",
                    ),
                )
        if abs(slope) > STEEPEST:
            yield _at(
                lane,
                Finding(
                    "slope",
                    lane.feature_id,
                    f"lane {lane.feature_id} has a slope of {slope:.2f}; "
                    f"robots drive up to {STEEPEST:g}",
                    "draw it longer, correct its slope, or use a lift",
                    Severity.ERROR if lane.structure is Structure.RAMP else Severity.WARNING,
                ),
            )


def _speeds(survey: Survey) -> Iterator[Finding]:
    fastest_mps = max((k.max_speed_mps for k in survey.fleet.kinds.values()), default=0.0)
    for lane in survey.drawn_lanes:
        limit_mps = lane.speed_limit_mps
        if limit_mps > TOO_FAST * fastest_mps:
            problem = f"is {limit_mps:g} m/s; the fastest robot drives {fastest_mps:g} m/s"
        elif limit_mps < SLOWEST_MPS:
            problem = f"is {limit_mps:g} m/s: robots hardly move"
        else:
            continue
        yield _at(
            lane,
            Finding(
                "speed",
                lane.feature_id,
                f"the speed limit of lane {lane.feature_id} {problem}",
                "give it in metres per second (10 km/h are 2.8)",
                Severity.WARNING,
            ),
        )


def _weather(survey: Survey) -> Iterator[Finding]:
    for rule in survey.campus.weather_rules.values():
        if not any(rule.concerns(lane) for lane in survey.drawn_lanes):
            yield Finding(
                "weather",
                rule.id,
                f"the weather rule {rule.id} concerns no lane of the map",
                "correct its surfaces, structures or min_slope, or take it out",
                Severity.WARNING,
            )


def _docks(survey: Survey) -> Iterator[Finding]:
    campus, fleet = survey.campus, survey.fleet
    docks = {dock.id for dock in campus.docks}
    needed = docks_needed(fleet.kind_of(robot).battery for robot in fleet.robots)
    if len(docks) < needed:
        yield Finding(
            "docks",
            campus.id,
            f"{len(fleet.robots)} robots have {len(docks)} docks: too few to keep them charged",
            f"draw at least {needed}; with fewer docks than robots they wait for each other",
        )
    for robot in fleet.robots.values():
        if robot.home and robot.home not in docks:
            yield Finding(
                "docks",
                robot.name,
                f"the home {robot.home} of {robot.name} is no dock of the map",
                "correct its home in fleet.yaml or draw the dock",
            )


def _at(lane: Lane, finding: Finding) -> Finding:
    return finding.at(lane.level, point_at(lane.points, length_m(lane.points) / 2))
