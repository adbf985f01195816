"""Routes of schedules: recurring work."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter

from fleet_manager.adapters.http.schedule_form import schedule_spec
from fleet_manager.adapters.http.schemas import schedules as schema
from fleet_manager.adapters.http.schemas.base import Done, Id
from fleet_manager.adapters.http.service import CommandId, Service, Serving
from fleet_manager.app.views.schedules import schedule_history, schedule_view
from fleet_manager.core import commands
from fleet_manager.core.errors import InvalidRequest

router = APIRouter(prefix="/schedules", tags=["schedules"])


@router.get("", response_model=list[schema.ScheduleState])
async def list_schedules(service: Serving) -> Any:
    """All schedules."""
    return [schedule_view(each) for each in service.state.schedules.values()]


@router.post("", response_model=schema.ScheduleState, status_code=201)
async def add_schedule(body: schema.NewSchedule, service: Serving, command_id: CommandId) -> Any:
    """Add a schedule."""
    return await _save(service, body.id, body, new=True, command_id=command_id)


@router.get("/{schedule_id}", response_model=schema.ScheduleState)
async def get_schedule(schedule_id: Id, service: Serving) -> Any:
    """A schedule."""
    return schedule_view(service.state.schedule(schedule_id))


@router.put("/{schedule_id}", response_model=schema.ScheduleState)
async def change_schedule(
    schedule_id: Id, body: schema.ChangedSchedule, service: Serving, command_id: CommandId
) -> Any:
    """Replace a schedule."""
    if body.id not in (None, schedule_id):
        raise InvalidRequest(
            f"body.id: {body.id!r} is not {schedule_id!r}", "leave it out; an id never changes"
        )
    service.state.schedule(schedule_id)
    return await _save(service, schedule_id, body, new=False, command_id=command_id)


@router.delete("/{schedule_id}", response_model=Done)
async def delete_schedule(schedule_id: Id, service: Serving, command_id: CommandId) -> Any:
    """Remove a schedule; the tasks that it asked for stay."""
    await service.submit(commands.DeleteSchedule(schedule_id), "", command_id)
    return {"success": True}


@router.get("/{schedule_id}/history", response_model=list[schema.ScheduleFiring])
async def get_history(schedule_id: Id, service: Serving) -> Any:
    """What became of the last occurrences, newest first."""
    return schedule_history(service.state.schedule(schedule_id))


async def _save(
    service: Service,
    identifier: str,
    form: schema.ScheduleForm,
    *,
    new: bool,
    command_id: str | None,
) -> dict[str, Any]:
    # In a thread: a rule may be long to look through, and the fleet does not wait for it.
    timezone, now_s = service.campus.timezone, service.now_s
    spec = await asyncio.to_thread(schedule_spec, identifier, form, timezone, now_s)
    await service.submit(commands.SaveSchedule(spec, new), "", command_id)
    return schedule_view(service.state.schedule(identifier))
