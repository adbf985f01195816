"""The route of health checks: counts over groups, never persons."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from fleet_manager.adapters.http.schemas.base import Asked, Done, Id
from fleet_manager.adapters.http.service import CommandId, Serving
from fleet_manager.core import commands
from fleet_manager.core.station import HealthCheck

router = APIRouter(prefix="/health_checks", tags=["incidents"])

Time = Annotated[float, Field(ge=0.0, le=1e11, description="Unix seconds")]
Count = Annotated[int, Field(ge=0, le=100_000)]


class GroupChecked(Asked):
    """How many people of a group had a raised temperature; at least 5 people and 15 minutes."""

    station: Id
    from_s: Time
    until_s: Time
    people: Count
    raised: Count


@router.post("", response_model=Done)
async def report_health_check(body: GroupChecked, service: Serving, command_id: CommandId) -> Any:
    """Report a count; taken only from stations that the campus has opted in for."""
    check = HealthCheck(body.station, body.from_s, body.until_s, body.people, body.raised)
    await service.submit(commands.ReportHealthCheck(check), body.station, command_id)
    return {"success": True}
