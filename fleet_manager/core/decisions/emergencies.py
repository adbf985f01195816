"""Stops robots in an emergency, one, all, or those of a zone, and follows them until they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from shapely.geometry import Point

from fleet_manager.core.campus import each_of
from fleet_manager.core.commands import TellRobots
from fleet_manager.core.decisions import closures
from fleet_manager.core.decisions.incidents import raise_once, resolve
from fleet_manager.core.draft import Draft
from fleet_manager.core.emergency import StopStatus
from fleet_manager.core.errors import InvalidRequest, WrongState
from fleet_manager.core.events import (
    InstantActionIssued,
    StopCleared,
    StopConfirmed,
    ZoneReleased,
    ZoneStopped,
)
from fleet_manager.core.incident import STOP_UNCONFIRMED
from fleet_manager.core.map_commands import AddClosure, RemoveClosure
from fleet_manager.core.order import InstantAction
from fleet_manager.core.report import RobotReport
from fleet_manager.core.restrictions import lanes_through, places_in

CONFIRMED_WITHIN_S = 5.0
"""A robot that is heard stands, and says so, within two reports and the time it takes to brake."""


def stop(draft: Draft, asked: TellRobots) -> None:
    """Latch the emergency stop of a robot, of all, or of those in zones, which are closed with it.

    Raises:
        Unknown: there is no such robot.
        UnknownFeature: there is no such zone.
        InvalidRequest: a robot and zones are named at once.
    """
    zones = _zones(draft, asked)
    for zone in zones:
        if zone not in draft.state.zone_stops:
            reason = f"emergency stop{': ' if asked.reason else ''}{asked.reason}"
            added = closures.add(draft, AddClosure(zones=(zone,), reason=reason, by=asked.by))
            draft.emit(ZoneStopped(zone, added, draft.now_s, asked.by, asked.reason))
    if zones:
        names = [each for each in draft.state.robots if _concerned(draft, each, zones)]
    else:
        names = list(draft.state.robots) if asked.robot is None else [asked.robot]
    given = {"by": asked.by, "reason": asked.reason}
    _tell(draft, asked, names, {key: value for key, value in given.items() if value}, zones)


def release(draft: Draft, asked: TellRobots) -> None:
    """Release a robot, all, or the robots that were stopped with zones, and open these.

    Raises:
        Unknown: there is no such robot.
        UnknownFeature: there is no such zone.
        WrongState: a zone is not stopped.
        InvalidRequest: nobody is named who answers for it.
    """
    if not asked.by.strip():
        raise InvalidRequest(
            "an emergency stop is released by a named person", 'give "by": who releases it'
        )
    zones = _zones(draft, asked)
    for zone in zones:
        if zone not in draft.state.zone_stops:
            raise WrongState(f"zone {zone} is not stopped", "`fleet robot stops` lists what is")
    if zones:
        stops = draft.state.stops.values()
        names = [each.robot for each in stops if set(each.zones) & set(zones)]
    elif asked.robot is None:
        names = list(draft.state.robots)
        zones = tuple(draft.state.zone_stops)
    else:
        names = [asked.robot]
    _tell(draft, asked, names, {"by": asked.by})
    for zone in zones:
        held = draft.state.zone_stops[zone]
        draft.emit(ZoneReleased(zone, draft.now_s, asked.by))
        if not draft.state.closure(held.closure_id).over:
            closures.remove(draft, RemoveClosure(held.closure_id, asked.by))


def _tell(
    draft: Draft,
    asked: TellRobots,
    names: Iterable[str],
    parameters: dict[str, str],
    zones: tuple[str, ...] = (),
) -> None:
    for name in names:
        draft.state.robot(name)
        identifier = f"{asked.action}/{name}/{draft.now_s:.3f}"
        action = InstantAction(identifier, asked.action, dict(parameters))
        draft.emit(InstantActionIssued(name, action, asked.by, asked.reason, zones))


def _zones(draft: Draft, asked: TellRobots) -> tuple[str, ...]:
    if asked.zones and asked.robot is not None:
        raise InvalidRequest("both a robot and zones", "name either")
    found = each_of(draft.site.campus.zone, asked.zones)
    return tuple(dict.fromkeys(each.id for each in found))


def _concerned(draft: Draft, robot: str, zones: Sequence[str]) -> bool:
    """Whether a robot is in a zone, as far as is known, or is let into it already."""
    state, campus = draft.state, draft.site.campus
    record, report = state.robot(robot), state.telemetry.reports.get(robot)
    movement = record.movement
    base = record.at
    lanes: set[str] = set()
    if movement is not None:
        base = movement.way(movement.passed, movement.released_to)
        steps = pairwise(base)
        lanes = {campus.lane_between(start, end).feature_id for start, end in steps}
    for identifier in zones:
        zone = campus.zones[identifier]
        if report is not None and report.level == zone.level:
            radius_m = draft.site.kind(robot).footprint_radius_m
            if zone.polygon.distance(Point(report.x_m, report.y_m)) <= radius_m:
                return True
        if not places_in(campus, identifier).isdisjoint(base):
            return True
        if not lanes_through(campus, identifier).isdisjoint(lanes):
            return True
    return False


def heard(draft: Draft, report: RobotReport) -> None:
    """Take from a report whether the robot stands, or is free again."""
    followed = draft.state.stops.get(report.robot)
    if followed is None:
        return
    latched = report.safety.emergency_stop_latched
    if latched and followed.status is StopStatus.TOLD:
        draft.emit(StopConfirmed(report.robot, draft.now_s))
        resolve(draft, _cause(report.robot), "it says that it stands")
    elif not latched and followed.status in (StopStatus.CONFIRMED, StopStatus.RELEASING):
        draft.emit(StopCleared(report.robot, draft.now_s))
        resolve(draft, _cause(report.robot), "it is released")


def watch(draft: Draft) -> None:
    """Have people look after robots that do not say that they stand."""
    for each in draft.state.stops.values():
        late = draft.now_s - each.told_s >= CONFIRMED_WITHIN_S
        if late and each.status is StopStatus.TOLD and each.robot in draft.state.robots:
            title = f"{each.robot} has not confirmed its emergency stop: go and see that it stands"
            raise_once(draft, STOP_UNCONFIRMED, _cause(each.robot), 3, title, each.robot)


def check_closure(draft: Draft, closure_id: str) -> None:
    """See that a closure is not what keeps robots out of a stopped zone.

    Raises:
        WrongState: it is.
    """
    for each in draft.state.zone_stops.values():
        if each.closure_id == closure_id:
            raise WrongState(
                f"zone {each.zone} is stopped by {each.by or 'somebody'}",
                "a person releases the emergency stop of the zone",
            )


def _cause(robot: str) -> str:
    return f"stop:{robot}"
