"""Routes of patrol programmes: standing promises on how long places go without a visit."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from fleet_manager.adapters.http.schedule_form import check_recurrence
from fleet_manager.adapters.http.schemas import programmes as schema
from fleet_manager.adapters.http.schemas.base import Done, Id
from fleet_manager.adapters.http.service import CommandId, Service, Serving
from fleet_manager.app.views.programmes import programme_summary, programme_view
from fleet_manager.core.programme import ProgrammeSpec
from fleet_manager.core.programme_commands import (
    DeleteProgramme,
    PauseProgramme,
    ResumeProgramme,
    SaveProgramme,
)
from fleet_manager.core.programme_form import document_of, read_programme
from fleet_manager.core.recurrence import check_timezone

router = APIRouter(prefix="/programmes", tags=["programmes"])


@router.get("", response_model=list[schema.ProgrammeStanding])
async def list_programmes(service: Serving) -> Any:
    """All programmes and how they stand to their promises."""
    state, now_s = service.state, service.now_s
    return [programme_summary(state, each, now_s) for each in state.programmes]


@router.post("", response_model=schema.ProgrammeState, status_code=201)
async def add_programme(body: schema.NewProgramme, service: Serving, command_id: CommandId) -> Any:
    """Promise visits; robots are sent as soon as its window is open."""
    spec = await _read(service, _given(body))
    await service.submit(SaveProgramme(spec, True, body.by), body.by, command_id)
    return programme_view(service.state, spec.id, service.now_s)


@router.get("/{programme_id}", response_model=schema.ProgrammeState)
async def get_programme(programme_id: Id, service: Serving) -> Any:
    """A programme with its plan, who patrols, and each site's last and next visit."""
    return programme_view(service.state, programme_id, service.now_s)


@router.patch("/{programme_id}", response_model=schema.ProgrammeState)
async def change_programme(
    programme_id: Id, body: schema.ChangedProgramme, service: Serving, command_id: CommandId
) -> Any:
    """Change a programme; `enabled` alone pauses or resumes it and changes nothing else."""
    before = service.state.programme(programme_id).spec
    given = _given(body)
    if set(given) == {"enabled"}:
        command = ResumeProgramme if given["enabled"] else PauseProgramme
        await service.submit(command(programme_id, body.by), body.by, command_id)
    else:
        spec = await _read(service, document_of(before) | given)
        await service.submit(SaveProgramme(spec, False, body.by), body.by, command_id)
    return programme_view(service.state, programme_id, service.now_s)


@router.delete("/{programme_id}", response_model=Done)
async def delete_programme(programme_id: Id, service: Serving, command_id: CommandId) -> Any:
    """Remove a programme; its tasks are cancelled."""
    await service.submit(DeleteProgramme(programme_id), "", command_id)
    return {"success": True}


def _given(body: schema.ProgrammeFields) -> dict[str, Any]:
    """What was sent, without who asks."""
    return body.model_dump(mode="json", exclude_unset=True, exclude={"by"})


async def _read(service: Service, document: Mapping[str, Any]) -> ProgrammeSpec:
    """Raises InvalidRequest: names the field."""
    spec = read_programme(document, service.campus.timezone)
    check_timezone(spec.timezone)
    if spec.window is not None:
        # In a thread: a rule may be long to look through, and the fleet does not wait for it.
        await asyncio.to_thread(check_recurrence, spec.window.recurrence, service.now_s)
    return spec
