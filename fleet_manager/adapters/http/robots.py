"""Routes of robots: see them, tell one or all of them what to do."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Body

from fleet_manager.adapters.http.schemas import robots as schema
from fleet_manager.adapters.http.schemas.base import Done, Id, Responsible
from fleet_manager.adapters.http.service import CommandId, Serving
from fleet_manager.app.views.robots import robot_view
from fleet_manager.core import commands
from fleet_manager.core.order import InstantActionType

router = APIRouter(prefix="/robots", tags=["robots"])

WhoAndWhy = Annotated[Responsible | None, Body()]


class Told(StrEnum):
    """What a robot can be told at once."""

    PAUSE = "pause"
    RESUME = "resume"
    EMERGENCY_STOP = "emergency_stop"
    RELEASE_STOP = "release_stop"


@router.get("", response_model=list[schema.Robot])
async def list_robots(service: Serving) -> Any:
    """All robots, in the order of the fleet file."""
    state, now_s = service.state, service.now_s
    return [robot_view(state, name, now_s) for name in state.robots]


@router.get("/{name}", response_model=schema.Robot)
async def get_robot(name: Id, service: Serving) -> Any:
    """A robot."""
    return robot_view(service.state, name, service.now_s)


@router.post("/{name}/charge", response_model=Done)
async def charge(name: Id, service: Serving, command_id: CommandId, body: WhoAndWhy = None) -> Any:
    """Send a robot to its dock."""
    who = body or Responsible()
    service.state.robot(name)
    command = commands.SubmitTask("charge", {"robot": name}, requester=who.by)
    await service.submit(command, who.by, command_id)
    return {"success": True}


@router.post("/{name}/go_to", response_model=Done)
async def go_to(name: Id, body: schema.GoTo, service: Serving, command_id: CommandId) -> Any:
    """Send a robot to a place."""
    service.state.robot(name)
    description = {"place": body.place, "robot": name}
    command = commands.SubmitTask("go_to", description, requester=body.by)
    await service.submit(command, body.by, command_id)
    return {"success": True}


@router.post("/{name}/confirm_position", response_model=Done)
async def confirm_position(
    name: Id, body: schema.ConfirmPosition, service: Serving, command_id: CommandId
) -> Any:
    """Say where a silent robot was seen; what it held beside that is free."""
    command = commands.ConfirmPosition(name, body.waypoint, body.by)
    await service.submit(command, body.by, command_id)
    return {"success": True}


@router.post("/{name}/{action}", response_model=Done)
async def tell_one(
    name: Id, action: Told, service: Serving, command_id: CommandId, body: WhoAndWhy = None
) -> Any:
    """Pause, resume, stop or release a robot."""
    who = body or Responsible()
    command = commands.TellRobots(InstantActionType(action.value), name, who.by, who.reason)
    await service.submit(command, who.by, command_id)
    return {"success": True}


@router.post("/{action}", response_model=Done)
async def tell_all(
    action: Told, service: Serving, command_id: CommandId, body: WhoAndWhy = None
) -> Any:
    """Pause, resume, stop or release all robots."""
    who = body or Responsible()
    command = commands.TellRobots(InstantActionType(action.value), None, who.by, who.reason)
    await service.submit(command, who.by, command_id)
    return {"success": True}
