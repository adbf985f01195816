"""WebSocket `/rmf/states`: task and fleet states as Open-RMF's API server is sent them."""

from __future__ import annotations

import asyncio
import contextlib

import msgspec
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from fleet_manager.adapters.http.live import GIVEN_UP_S, LOGGED_OUT
from fleet_manager.adapters.http.service import Service, asking_of
from fleet_manager.app.views.rmf import rmf_fleet_update, rmf_task_update
from fleet_manager.core.task import Task

router = APIRouter()

PERIOD_S = 1.0


@router.websocket("/rmf/states")
async def states(socket: WebSocket) -> None:
    """Tell all tasks and the fleet, and then each second the tasks that changed and the fleet."""
    service: Service = socket.app.state.service
    allowed = asking_of(socket).still
    await socket.accept()
    heard = asyncio.create_task(_hear(socket), name="rmf-reader")
    told: dict[str, Task] = {}
    try:
        while not heard.done():
            if not await allowed():
                await socket.close(LOGGED_OUT, "the session is over")
                return
            await _tell(socket, service, told)
            await asyncio.wait({heard}, timeout=PERIOD_S)
    except (TimeoutError, WebSocketDisconnect):
        pass
    finally:
        heard.cancel()
        await asyncio.gather(heard, return_exceptions=True)


async def _tell(socket: WebSocket, service: Service, told: dict[str, Task]) -> None:
    """Send what changed since the last time.

    Raises:
        TimeoutError: the reader does not take it.
        WebSocketDisconnect: it has gone.
    """
    state = service.state
    fleet, reports = state.site.fleet.name, state.telemetry.reports
    changed = [task for task in state.tasks.values() if told.get(task.id) is not task]
    updates = [rmf_task_update(task, fleet, reports) for task in changed]
    updates.append(rmf_fleet_update(state))
    for gone in told.keys() - state.tasks.keys():
        del told[gone]
    told.update((task.id, task) for task in changed)
    async with asyncio.timeout(GIVEN_UP_S):
        for update in updates:
            await socket.send_text(msgspec.json.encode(update).decode())


async def _hear(socket: WebSocket) -> None:
    """Wait until the reader goes; what it says is not asked for."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await socket.receive_text()
