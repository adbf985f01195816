"""How events about detections, and about incidents that came of them, change the state."""

from __future__ import annotations

import math

from msgspec.structs import replace

from fleet_manager.core import detection_events as d
from fleet_manager.core.detection import Detection, Heard
from fleet_manager.core.incident import Incident, TimelineEntry
from fleet_manager.core.programme_changes import apply
from fleet_manager.core.state import FleetState

__all__ = ["apply"]

KEPT = 16
"""Tracks and pictures of an incident: the last ones."""
MOVING = frozenset({"person", "vehicle"})
"""They are where they were seen last; what lies still is where all sightings together say."""


@apply.register
def _(event: d.DetectionCommitted, state: FleetState) -> None:
    seen = event.detection
    state.detections_heard[seen.source] = Heard(seen.sequence, seen.boot_id)
    if event.incident_id in state.incidents:
        incident = state.incidents[event.incident_id]
        state.incidents[incident.id] = _with(incident, seen, event.time_s)


def _with(incident: Incident, seen: Detection, time_s: float) -> Incident:
    x_m, y_m, stddev_m = _place(incident, seen)
    return replace(
        incident,
        x_m=x_m,
        y_m=y_m,
        stddev_m=stddev_m,
        level=seen.level,
        score=max(incident.score, seen.score),
        seen_s=time_s,
        sightings=incident.sightings + 1,
        sources=tuple(dict.fromkeys((*incident.sources, seen.source))),
        tracks=_last(incident.tracks, seen.track),
        pictures=_last(incident.pictures, seen.picture),
    )


def _last(before: tuple[str, ...], new: str) -> tuple[str, ...]:
    return before if not new or new in before else (*before, new)[-KEPT:]


def _place(incident: Incident, seen: Detection) -> tuple[float, float, float]:
    """Where it is by now: the mean, weighted by how surely each was seen."""
    first = incident.sightings == 0 or incident.x_m is None or incident.y_m is None
    if first or seen.class_name in MOVING or incident.level != seen.level:
        return seen.x_m, seen.y_m, seen.stddev_m
    assert incident.x_m is not None
    assert incident.y_m is not None
    before, now = (1 / max(each, 0.05) ** 2 for each in (incident.stddev_m, seen.stddev_m))
    share = now / (before + now)
    return (
        incident.x_m + share * (seen.x_m - incident.x_m),
        incident.y_m + share * (seen.y_m - incident.y_m),
        # Errors of one robot are alike: the mean is no surer than the surest.
        math.sqrt(1 / max(before, now)),
    )


@apply.register
def _(event: d.IncidentUpgraded, state: FleetState) -> None:
    incident = state.incident(event.incident_id)
    entry = TimelineEntry(event.time_s, incident.status, "", f"{incident.kind}, now {event.kind}")
    state.incidents[incident.id] = replace(
        incident,
        kind=event.kind,
        severity=event.severity,
        title=event.title,
        timeline=(*incident.timeline, entry),
    )


@apply.register
def _(event: d.IncidentAnswered, state: FleetState) -> None:
    incident = state.incident(event.incident_id)
    what = event.problem or f"answered by {event.task_id or event.closure_id}"
    entry = TimelineEntry(event.time_s, incident.status, "manager", what)
    state.incidents[incident.id] = replace(
        incident,
        task_id=event.task_id or incident.task_id,
        closure_id=event.closure_id or incident.closure_id,
        timeline=(*incident.timeline, entry),
    )


@apply.register
def _(event: d.CameraTuned, state: FleetState) -> None:
    state.camera_scores[f"{event.source} {event.class_name}"] = event.score
