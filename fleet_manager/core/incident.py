"""An incident: what a human must know about."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class IncidentStatus(StrEnum):
    """How far people have dealt with it."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    RESOLVED = "resolved"
    FALSE_ALARM = "false_alarm"


class IncidentTrigger(StrEnum):
    """What changes the status of an incident."""

    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    RESOLVE = "resolve"
    MARK_FALSE_ALARM = "mark_false_alarm"


_CLOSE = {
    IncidentTrigger.RESOLVE: IncidentStatus.RESOLVED,
    IncidentTrigger.MARK_FALSE_ALARM: IncidentStatus.FALSE_ALARM,
}

INCIDENT_TRANSITIONS: dict[IncidentStatus, dict[IncidentTrigger, IncidentStatus]] = {
    IncidentStatus.RAISED: {
        **_CLOSE,
        IncidentTrigger.ACKNOWLEDGE: IncidentStatus.ACKNOWLEDGED,
        IncidentTrigger.ASSIGN: IncidentStatus.ASSIGNED,
    },
    IncidentStatus.ACKNOWLEDGED: {**_CLOSE, IncidentTrigger.ASSIGN: IncidentStatus.ASSIGNED},
    IncidentStatus.ASSIGNED: {**_CLOSE, IncidentTrigger.ASSIGN: IncidentStatus.ASSIGNED},
    IncidentStatus.RESOLVED: {},
    IncidentStatus.FALSE_ALARM: {},
}

CLOSED = frozenset(status for status, following in INCIDENT_TRANSITIONS.items() if not following)

ROBOT_SILENT = "robot_silent"
STOP_UNCONFIRMED = "stop_unconfirmed"
ROBOT_FAULT = "robot_fault"
TRAFFIC_BLOCKED = "traffic_blocked"
TASK_FAILED = "task_failed"
ROBOT_ENCLOSED = "robot_enclosed"
ROBOT_OFF_LANES = "robot_off_lanes"
DOCK_CUT_OFF = "dock_cut_off"
HOME_MISSING = "home_missing"
SCHEDULE_OUTDATED = "schedule_outdated"
CLOSURE_OUTDATED = "closure_outdated"
PASSAGE_FAILED = "passage_failed"
BATTERY_SHORT = "battery_short"
DOCK_FAILED = "dock_failed"


class TimelineEntry(Struct, frozen=True):
    """One step in the life of an incident."""

    time_s: float
    status: IncidentStatus
    by: str = ""
    note: str = ""


class Incident(Struct, frozen=True):
    """An incident with its life.

    Attributes:
        kind: "intruder", "fall", "spill", "smoke", "blocked_exit", …, or one of this module's
            kinds of operations.
        severity: 0 (information) to 3 (danger to people).
        place: id of the waypoint, zone, asset, door, lift or crossing it is at, or None.
        cause: what it stands for; an open one of the same cause is not raised twice.
        detects: what cameras saw; "" where it is none of theirs.
        score: the highest of what was seen.
        stddev_m: of the place.
        seen_s: when it was seen last, Unix seconds.
        sightings: how often cameras told of it.
        sources: robots and cameras that did.
        tracks: that it was followed as (`Detection.track`), the last ones.
        pictures: keys of the last ones in the media store.
        closure_id: of what was closed because of it.
    """

    id: str
    kind: str
    severity: int
    title: str
    raised_s: float
    status: IncidentStatus = IncidentStatus.RAISED
    cause: str = ""
    place: str | None = None
    x_m: float | None = None
    y_m: float | None = None
    level: str | None = None
    robot: str | None = None
    task_id: str | None = None
    acknowledged_by: str | None = None
    assigned_to: str | None = None
    resolved_by: str | None = None
    note: str = ""
    timeline: tuple[TimelineEntry, ...] = ()
    detects: str = ""
    score: float = 0.0
    stddev_m: float = 0.0
    seen_s: float | None = None
    sightings: int = 0
    sources: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    closure_id: str | None = None

    @property
    def closed(self) -> bool:
        """Whether nothing more happens to it."""
        return self.status in CLOSED
