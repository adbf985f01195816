"""Incidents: raised by people or by what the manager sees, moved on by people."""

from __future__ import annotations

from fleet_manager.core.campus import Waypoint
from fleet_manager.core.commands import MoveIncident, NoteTrouble, RaiseIncident
from fleet_manager.core.draft import Draft
from fleet_manager.core.errors import InvalidRequest
from fleet_manager.core.events import IncidentMoved, IncidentRaised
from fleet_manager.core.incident import Incident, IncidentTrigger

MANAGER = "manager"


def raise_by_hand(draft: Draft, asked: RaiseIncident) -> str:
    """Take in what a person reports; returns the incident's id.

    Raises:
        InvalidRequest: kind or title is empty, or the severity is not 0 to 3.
        UnknownFeature: the place is not on the map.
    """
    if not asked.kind.strip() or not asked.title.strip():
        raise InvalidRequest("an incident without kind or title", "say what has happened")
    if not 0 <= asked.severity <= 3:
        raise InvalidRequest(f"severity {asked.severity}", "give 0 (information) to 3 (danger)")
    place = draft.site.campus.place(asked.place) if asked.place else None
    number = draft.state.incident_number + 1
    incident = Incident(
        id=f"incident-{number}",
        kind=asked.kind,
        severity=asked.severity,
        title=asked.title,
        raised_s=draft.now_s,
        place=place.id if place else None,
        x_m=place.x_m if place else None,
        y_m=place.y_m if place else None,
        level=place.level if place else None,
        note=asked.note,
    )
    draft.emit(IncidentRaised(incident, number))
    return incident.id


def move(draft: Draft, asked: MoveIncident) -> None:
    """Acknowledge, assign, resolve, or mark as a false alarm.

    Raises:
        Unknown: there is no such incident.
        InvalidRequest: nobody is named, or nobody to assign it to.
        WrongState: not in the state that it is in.
    """
    if not asked.by.strip():
        raise InvalidRequest("nobody is named", 'give "by": who does it')
    if asked.trigger is IncidentTrigger.ASSIGN and not asked.assignee.strip():
        raise InvalidRequest("nobody to assign it to", 'give "assignee"')
    draft.state.incident(asked.incident_id)
    draft.emit(
        IncidentMoved(
            asked.incident_id, asked.trigger, draft.now_s, asked.by, asked.note, asked.assignee
        )
    )


def note_trouble(draft: Draft, asked: NoteTrouble) -> None:
    """Have people know of what is wrong with the manager, or close it when it is right again."""
    cause = f"manager:{asked.code}"
    if asked.over:
        resolve(draft, cause)
    else:
        raise_once(draft, asked.code, cause, asked.severity, asked.title, note=asked.note)


def raise_once(
    draft: Draft,
    kind: str,
    cause: str,
    severity: int,
    title: str,
    robot: str | None = None,
    task_id: str | None = None,
    place: str | None = None,
    at: Waypoint | None = None,
    note: str = "",
) -> None:
    """Have people know of something, unless an open incident of the same cause says it.

    Args:
        place: id of what it is at, where that is no robot.
        at: a waypoint there.
    """
    if _open(draft, cause) is not None:
        return
    report = draft.state.telemetry.reports.get(robot) if robot else None
    where = at or report
    number = draft.state.incident_number + 1
    incident = Incident(
        id=f"incident-{number}",
        kind=kind,
        severity=severity,
        title=title,
        raised_s=draft.now_s,
        cause=cause,
        robot=robot,
        task_id=task_id,
        place=place,
        x_m=where.x_m if where else None,
        y_m=where.y_m if where else None,
        level=where.level if where else None,
        note=note,
    )
    draft.emit(IncidentRaised(incident, number))


def resolve(draft: Draft, cause: str, note: str = "the cause has gone") -> None:
    """Close the open incident of a cause, if there is one."""
    incident = _open(draft, cause)
    if incident is not None:
        trigger = IncidentTrigger.RESOLVE
        draft.emit(IncidentMoved(incident.id, trigger, draft.now_s, MANAGER, note))


def _open(draft: Draft, cause: str) -> Incident | None:
    identifier = draft.state.causes.get(cause)
    return None if identifier is None else draft.state.incidents[identifier]
