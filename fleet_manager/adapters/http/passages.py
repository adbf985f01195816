"""Routes of doors, lifts and crossings: how they are, that they work again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from fleet_manager.adapters.http.schemas import passages as schema
from fleet_manager.adapters.http.schemas.base import Done, Id, Responsible
from fleet_manager.adapters.http.service import CommandId, Serving
from fleet_manager.app.views.passages import passage_view
from fleet_manager.core.campus import PassageKind
from fleet_manager.core.commands import RestorePassage

router = APIRouter(prefix="/passages", tags=["passages"])


@router.get("", response_model=list[schema.PassageState])
async def list_passages(
    service: Serving,
    kind: Annotated[PassageKind | None, Query()] = None,
    state: Annotated[schema.State | None, Query()] = None,
) -> Any:
    """Doors, lifts and crossings of the map in use."""
    found = [passage_view(service.state, each) for each in service.campus.passages]
    return [
        each for each in found if kind in (None, each["kind"]) and state in (None, each["state"])
    ]


@router.get("/{passage_id}", response_model=schema.PassageState)
async def get_passage(passage_id: Id, service: Serving) -> Any:
    """A door, lift or crossing."""
    return passage_view(service.state, passage_id)


@router.post("/{passage_id}/restore", response_model=Done)
async def restore_passage(
    passage_id: Id, body: Responsible, service: Serving, command_id: CommandId
) -> Any:
    """Say that a passage that was out of order works; ways lead through it again."""
    await service.submit(RestorePassage(passage_id, body.by), body.by, command_id)
    return {"success": True}
