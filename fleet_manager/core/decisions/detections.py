"""From what cameras tell to incidents: one for one happening, whoever saw it how often."""

from __future__ import annotations

import math

from shapely.geometry import Point

from fleet_manager.core.commands import MoveIncident, ReportDetection
from fleet_manager.core.decisions import incidents
from fleet_manager.core.decisions.responses import answer, withdraw
from fleet_manager.core.detection import Detection
from fleet_manager.core.detection_events import CameraTuned, DetectionCommitted, IncidentUpgraded
from fleet_manager.core.draft import Draft
from fleet_manager.core.events import IncidentRaised
from fleet_manager.core.incident import Incident, IncidentStatus, IncidentTrigger
from fleet_manager.core.safety_rules import Rule

FURTHER_AT_MOST_M = 4.0
"""By which doubts about the place widen the distance at which two sightings are one happening."""
RESOLVED_QUIET_S = 60.0
"""After people have resolved it, what is seen there for so long is still the same."""
TUNE_STEP, EASE_STEP = 0.03, 0.02
HIGHEST_SCORE, HIGHEST_SCORE_OF_DANGER = 0.9, 0.7
"""No camera is tuned so far that it tells nothing any more."""


def heard(draft: Draft, asked: ReportDetection) -> None:
    """Commit a detection, and what it means; one that is in the log already changes nothing."""
    seen = asked.detection
    last = draft.state.detections_heard.get(seen.source)
    if last is not None and last.repeats(seen):
        return
    rule = _rule(draft, seen)
    if rule is None:
        draft.emit(DetectionCommitted(seen, draft.now_s))
        return
    same = _same_happening(draft, seen, rule)
    if same is None:
        same = _raise(draft, seen, rule)
        draft.emit(DetectionCommitted(seen, draft.now_s, same.id))
        answer(draft, same.id, rule.respond)
        return
    draft.emit(DetectionCommitted(seen, draft.now_s, same.id))
    if not same.closed and rule.severity > same.severity and same.kind != rule.named:
        title = _title(rule)
        draft.emit(IncidentUpgraded(same.id, rule.named, rule.severity, title, draft.now_s))
        if same.task_id is None:
            answer(draft, same.id, rule.respond)


def move(draft: Draft, asked: MoveIncident) -> None:
    """Move an incident on, learn from people's word on it, and end what was done about it.

    Raises:
        Unknown: there is no such incident.
        InvalidRequest: nobody is named, or nobody to assign it to.
        WrongState: not in the state that it is in.
    """
    incidents.move(draft, asked)
    incident = draft.state.incident(asked.incident_id)
    if not incident.closed:
        return
    false_alarm = asked.trigger is IncidentTrigger.MARK_FALSE_ALARM
    for source in incident.sources:
        _tune(draft, incident, source, raised=false_alarm)
    withdraw(draft, incident.id, false_alarm=false_alarm, by=asked.by)


def _tune(draft: Draft, incident: Incident, source: str, *, raised: bool) -> None:
    before = draft.state.camera_scores.get(f"{source} {incident.detects}", 0.0)
    if raised:
        highest = HIGHEST_SCORE_OF_DANGER if incident.severity >= 3 else HIGHEST_SCORE
        after = max(before, min(highest, max(before, incident.score) + TUNE_STEP))
    else:
        after = max(0.0, before - EASE_STEP)
    if after != before:
        after = round(after, 3)
        event = CameraTuned(source, incident.detects, after, draft.now_s, incident.id)
        draft.emit(event)


def _rule(draft: Draft, seen: Detection) -> Rule | None:
    """The first rule that fits; None: it is of no concern."""
    campus = draft.site.campus
    least = draft.state.camera_scores.get(f"{seen.source} {seen.class_name}", 0.0)
    for rule in draft.site.fleet.safety.rules:
        if (
            rule.detects == seen.class_name
            and seen.score >= max(rule.score, least)
            and rule.holds_at(draft.now_s, campus.timezone)
            and (not rule.zones or _within(draft, rule.zones, seen))
        ):
            return rule
    return None


def _within(draft: Draft, names: tuple[str, ...], seen: Detection) -> bool:
    campus, here = draft.site.campus, Point(seen.x_m, seen.y_m)
    areas = [campus.zones.get(name) or campus.sectors.get(name) for name in names]
    return any(
        area is not None and area.level == seen.level and area.polygon.covers(here)
        for area in areas
    )


def _same_happening(draft: Draft, seen: Detection, rule: Rule) -> Incident | None:
    """The incident that a detection belongs to: by its track, by its asset, else by its place."""
    found: list[tuple[int, float, Incident]] = []
    for incident in draft.state.incidents.values():
        if not incident.detects or not _goes_on(draft, incident, rule):
            continue
        if seen.track and seen.track in incident.tracks:
            found.append((0, 0.0, incident))
        elif incident.kind == rule.named and incident.level == seen.level:
            if seen.asset_id:
                if incident.place == seen.asset_id:
                    found.append((1, 0.0, incident))
                continue
            away_m = _away_m(incident, seen)
            if away_m <= rule.merge_m + min(seen.stddev_m + incident.stddev_m, FURTHER_AT_MOST_M):
                found.append((2, away_m, incident))
    return min(found, key=lambda each: each[:2])[2] if found else None


def _goes_on(draft: Draft, incident: Incident, rule: Rule) -> bool:
    if not incident.closed:
        return True
    false_alarm = incident.status is IncidentStatus.FALSE_ALARM
    quiet_s = rule.quiet_s if false_alarm else min(rule.quiet_s, RESOLVED_QUIET_S)
    return draft.now_s - incident.timeline[-1].time_s < quiet_s


def _away_m(incident: Incident, seen: Detection) -> float:
    if incident.x_m is None or incident.y_m is None:
        return math.inf
    return math.hypot(incident.x_m - seen.x_m, incident.y_m - seen.y_m)


def _raise(draft: Draft, seen: Detection, rule: Rule) -> Incident:
    campus, number = draft.site.campus, draft.state.incident_number + 1
    incident = Incident(
        id=f"incident-{number}",
        kind=rule.named,
        severity=rule.severity,
        title=_title(rule),
        raised_s=draft.now_s,
        place=seen.asset_id if seen.asset_id in {*campus.assets, *campus.passages} else None,
        x_m=seen.x_m,
        y_m=seen.y_m,
        level=seen.level,
        robot=seen.source if seen.source in draft.state.robots else None,
        detects=seen.class_name,
    )
    draft.emit(IncidentRaised(incident, number))
    return draft.state.incident(incident.id)


def _title(rule: Rule) -> str:
    return rule.title or rule.named.replace("_", " ").capitalize()
