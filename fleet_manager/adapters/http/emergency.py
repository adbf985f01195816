"""Routes of emergency stops: what stands, and stopping or releasing a zone."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body

from fleet_manager.adapters.http.schemas import emergency as schema
from fleet_manager.adapters.http.schemas.base import Done, Id, Responsible
from fleet_manager.adapters.http.service import CommandId, Service, Serving
from fleet_manager.app.views.emergency import emergency_view
from fleet_manager.core.commands import TellRobots
from fleet_manager.core.order import InstantActionType

router = APIRouter(tags=["emergency"])

WhoAndWhy = Annotated[Responsible | None, Body()]


@router.get("/emergency", response_model=schema.Emergency)
async def get_emergency(service: Serving) -> Any:
    """Emergency stops that are not over, those first that robots have not confirmed."""
    return emergency_view(service.state, service.now_s)


@router.post("/zones/{zone_id}/emergency_stop", response_model=Done)
async def stop_zone(
    zone_id: Id, service: Serving, command_id: CommandId, body: WhoAndWhy = None
) -> Any:
    """Stop the robots that are in a zone or are let into it, and keep all others out."""
    return await _tell(InstantActionType.EMERGENCY_STOP, zone_id, service, command_id, body)


@router.post("/zones/{zone_id}/release_stop", response_model=Done)
async def release_zone(
    zone_id: Id, service: Serving, command_id: CommandId, body: WhoAndWhy = None
) -> Any:
    """Release the robots that were stopped with a zone, and open it."""
    return await _tell(InstantActionType.RELEASE_STOP, zone_id, service, command_id, body)


async def _tell(
    action: InstantActionType,
    zone_id: str,
    service: Service,
    command_id: str | None,
    body: Responsible | None,
) -> dict[str, bool]:
    who = body or Responsible()
    command = TellRobots(action, None, who.by, who.reason, (zone_id,))
    await service.submit(command, who.by, command_id)
    return {"success": True}
