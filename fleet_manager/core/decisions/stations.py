"""Readings of stations and counts of health checks: told to people where rules say so."""

from __future__ import annotations

from fleet_manager.core.commands import ReportHealthCheck, ReportReading
from fleet_manager.core.decisions.incidents import raise_once, resolve
from fleet_manager.core.draft import Draft
from fleet_manager.core.errors import InvalidRequest
from fleet_manager.core.safety_rules import StationRule
from fleet_manager.core.station import LEAST_PEOPLE, LEAST_WINDOW_S, Reading

BACK_SHARE = 0.05
"""A value that has gone back by this share of its limit is below it: no flutter around it."""


def heard(draft: Draft, asked: ReportReading) -> None:
    """Raise what lasts beyond a limit, and resolve what has gone back.

    Since when it lasts is telemetry: after a restart the time begins anew.

    Raises:
        InvalidRequest: the map has no such station.
    """
    reading = asked.reading
    if reading.station not in draft.site.campus.stations:
        raise InvalidRequest(f"no station {reading.station!r} on the map", "correct its id")
    for rule in draft.site.fleet.safety.stations:
        if rule.quantity != reading.quantity or rule.unit != reading.unit:
            continue
        if not rule.stations or reading.station in rule.stations:
            _hold_to(draft, rule, reading)


def _hold_to(draft: Draft, rule: StationRule, reading: Reading) -> None:
    cause = f"station:{reading.station}:{rule.named}"
    beyond = draft.state.telemetry.beyond
    if reading.value < rule.above * (1 - BACK_SHARE):
        beyond.pop(cause, None)
        resolve(draft, cause, f"{reading.quantity} is back at {reading.value:g} {reading.unit}")
        return
    if reading.value < rule.above:
        return
    since_s = beyond.setdefault(cause, draft.now_s)
    if draft.now_s - since_s < rule.for_s:
        return
    station = draft.site.campus.stations[reading.station]
    value = f"{reading.quantity} {reading.value:g} {reading.unit}"
    title = rule.title or rule.named.replace("_", " ").capitalize()
    raise_once(
        draft,
        rule.named,
        cause,
        rule.severity,
        f"{title} at {station.name}",
        place=station.id,
        note=f"{value}, above {rule.above:g} for {draft.now_s - since_s:.0f} s",
    )


def health_checked(draft: Draft, asked: ReportHealthCheck) -> None:
    """Tell people where many of a group had a raised temperature; nothing else of it is kept.

    Raises:
        InvalidRequest: the campus has not opted in for this station, the group is too small or the
            time too short to say nothing of a person, or the numbers contradict each other.
    """
    check, rule = asked.check, draft.site.fleet.safety.health_checks
    if rule is None or check.station not in rule.stations:
        raise InvalidRequest(
            f"health checks of {check.station!r} are not taken",
            "name the station under health_checks in rules.yaml, if the campus wants them",
        )
    if check.people < LEAST_PEOPLE or check.until_s - check.from_s < LEAST_WINDOW_S:
        raise InvalidRequest(
            f"a count over fewer than {LEAST_PEOPLE} people or {LEAST_WINDOW_S / 60:g} minutes",
            "have the kiosk count on before it reports",
        )
    if not 0 <= check.raised <= check.people:
        raise InvalidRequest(f"{check.raised} of {check.people} people", "correct the kiosk")
    cause = f"health:{check.station}"
    if check.raised < rule.least_raised or check.raised < rule.share * check.people:
        resolve(draft, cause, "raised temperatures are rare again")
        return
    station = draft.site.campus.stations.get(check.station)
    raise_once(
        draft,
        "raised_temperatures",
        cause,
        rule.severity,
        f"Many raised temperatures at {station.name if station else check.station}",
        place=station.id if station else None,
        note=f"{check.raised} of {check.people} people",
    )
