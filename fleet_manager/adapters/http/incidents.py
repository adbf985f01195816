"""Routes of incidents: raise them, deal with them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Response

from fleet_manager.adapters.http.schemas import incidents as schema
from fleet_manager.adapters.http.schemas.base import Done, Id
from fleet_manager.adapters.http.service import CommandId, Serving
from fleet_manager.app.views.incidents import incident_view
from fleet_manager.core import commands
from fleet_manager.core.errors import Unknown
from fleet_manager.core.events import IncidentRaised
from fleet_manager.core.incident import Incident, IncidentStatus, IncidentTrigger

router = APIRouter(prefix="/incidents", tags=["incidents"])


class Step(StrEnum):
    """What people do about an incident."""

    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    RESOLVE = "resolve"
    FALSE_ALARM = "false_alarm"


TRIGGERS = {
    Step.ACKNOWLEDGE: IncidentTrigger.ACKNOWLEDGE,
    Step.ASSIGN: IncidentTrigger.ASSIGN,
    Step.RESOLVE: IncidentTrigger.RESOLVE,
    Step.FALSE_ALARM: IncidentTrigger.MARK_FALSE_ALARM,
}


@router.get("", response_model=list[schema.IncidentState])
async def list_incidents(
    service: Serving,
    status: IncidentStatus | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Any:
    """Incidents, newest first; with `status` those of the present, and the closed of late."""
    known = service.state.incidents
    if status is not None or service.history is None:
        found = [each for each in reversed(known.values()) if status in (None, each.status)]
        return [incident_view(each) for each in found[offset : offset + limit]]
    rows = await service.history.incident_history(limit=limit, offset=offset)
    decoder = msgspec.json.Decoder(Incident)
    known = service.state.incidents
    return [incident_view(known.get(row.id) or decoder.decode(row.document)) for row in rows]


@router.post("", response_model=schema.IncidentState, status_code=201)
async def raise_incident(body: schema.NewIncident, service: Serving, command_id: CommandId) -> Any:
    """Report something."""
    command = commands.RaiseIncident(
        body.kind, body.title, body.severity, body.place, body.note, body.by
    )
    events = await service.submit(command, body.by, command_id)
    raised = next(each.incident for each in events if isinstance(each, IncidentRaised))
    return incident_view(service.state.incidents.get(raised.id, raised))


@router.get(
    "/{incident_id}/pictures/{number}",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
async def incident_picture(
    incident_id: Id, number: Annotated[int, Path(ge=0, le=1000)], service: Serving
) -> Response:
    """A picture of what cameras saw, in which nobody can be recognised; oldest first."""
    pictures = service.state.incident(incident_id).pictures
    key = pictures[number] if number < len(pictures) else ""
    jpeg = await service.media.load(key) if key and service.media is not None else None
    if jpeg is None:
        raise Unknown(
            f"{incident_id} has no picture {number}", "its time may be over; see `pictures`"
        )
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@router.post("/{incident_id}/{step}", response_model=Done)
async def move_incident(
    incident_id: Id, step: Step, body: schema.IncidentStep, service: Serving, command_id: CommandId
) -> Any:
    """Acknowledge, assign, resolve, or mark as a false alarm."""
    note = body.note or body.reason
    command = commands.MoveIncident(incident_id, TRIGGERS[step], body.by, note, body.assignee)
    await service.submit(command, body.by, command_id)
    return {"success": True}
