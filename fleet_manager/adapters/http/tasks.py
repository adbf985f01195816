"""Routes of tasks: ask for them, follow them, end them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query

from fleet_manager.adapters.http.schemas import tasks as schema
from fleet_manager.adapters.http.schemas.base import Done, Id
from fleet_manager.adapters.http.service import CommandId, Service, Serving
from fleet_manager.app.views.tasks import decision, task_explanation, task_log, task_state
from fleet_manager.core import commands
from fleet_manager.core.errors import InvalidRequest
from fleet_manager.core.events import Event, TaskHeld, TaskMoved, TaskSubmitted
from fleet_manager.core.task import Category, Task, TaskStatus, TaskTrigger

router = APIRouter(prefix="/tasks", tags=["tasks"])

Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]


@router.post("/dispatch_task", response_model=schema.Dispatched)
async def dispatch_task(body: schema.DispatchTask, service: Serving, command_id: CommandId) -> Any:
    """Ask for a task; a robot is chosen as soon as one fits."""
    asked = body.request
    earliest_ms, due_ms = asked.unix_millis_earliest_start_time, asked.unix_millis_due_time
    command = commands.SubmitTask(
        category=asked.category.value,
        description=asked.description,
        priority=asked.priority.value if asked.priority else 0,
        labels=tuple(asked.labels),
        requester=asked.requester,
        earliest_start_s=None if earliest_ms is None else earliest_ms / 1000,
        due_s=None if due_ms is None else due_ms / 1000,
    )
    events = await service.submit(command, asked.requester, command_id)
    submitted = next(each.task for each in events if isinstance(each, TaskSubmitted))
    return {"success": True, "state": _state(service, await service.task(submitted.id))}


@router.post("/cancel_task", response_model=Done)
async def cancel_task(body: schema.CancelTask, service: Serving, command_id: CommandId) -> Any:
    """End a task; its robot stops inside what was released to it."""
    command = commands.EndTask(body.task_id, TaskTrigger.CANCEL, body.by, body.reason)
    await service.submit(command, body.by, command_id)
    return {"success": True}


@router.post("/kill_task", response_model=Done)
async def kill_task(body: schema.KillTask, service: Serving, command_id: CommandId) -> Any:
    """End a task that a cancellation does not end; its robot stops as it does for that."""
    command = commands.EndTask(body.task_id, TaskTrigger.KILL, body.by, body.reason)
    await service.submit(command, body.by, command_id)
    return {"success": True}


@router.post("/interrupt_task", response_model=schema.Interrupted)
async def interrupt_task(
    body: schema.InterruptTask, service: Serving, command_id: CommandId
) -> Any:
    """Hold a task until its token is given back."""
    command = commands.InterruptTask(body.task_id, body.by, body.reason)
    events = await service.submit(command, body.by, command_id)
    return {"success": True, "token": _token(events, body.task_id)}


@router.post("/resume_task", response_model=Done)
async def resume_task(body: schema.ResumeTask, service: Serving, command_id: CommandId) -> Any:
    """Let an interrupted task go on."""
    task_id = body.for_task or body.task_id
    if task_id is None:
        raise InvalidRequest("no task is named", 'give "for_task": its id')
    command = commands.ResumeTask(task_id, tuple(body.for_tokens), body.by)
    await service.submit(command, body.by, command_id)
    return {"success": True}


@router.get("", response_model=list[schema.TaskState])
async def list_tasks(
    service: Serving,
    status: TaskStatus | None = None,
    category: Category | None = None,
    robot: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Any:
    """Tasks of the present and the past, newest first."""
    wanted = {"status": status, "category": category, "robot": robot}
    given = {key: str(value) for key, value in wanted.items() if value is not None}
    tasks = await _listed(service, given, limit, offset)
    return [_state(service, task) for task in tasks]


@router.get("/{task_id}/state", response_model=schema.TaskState)
async def get_state(task_id: Id, service: Serving) -> Any:
    """A task with all that is known of it."""
    return _state(service, await service.task(task_id))


@router.get("/{task_id}/log", response_model=schema.TaskLog)
async def get_log(task_id: Id, service: Serving) -> Any:
    """What happened to a task, for people."""
    return task_log(await service.task(task_id))


@router.get("/{task_id}/explain", response_model=schema.TaskExplanation)
async def explain(task_id: Id, service: Serving) -> Any:
    """Why a task waits or who has it, and what each robot would be for it."""
    if task_id in service.state.tasks:
        return task_explanation(service.state, task_id, service.now_s)
    task = await service.task(task_id)
    reason = task.reason or f"it is {task.status}"
    decided = decision(task.attempts[-1] if task.attempts else None)
    return {
        "task_id": task_id,
        "status": task.status.value,
        "reason": reason,
        "never": None,
        "decided": decided,
        "robots": [],
    }


async def _listed(
    service: Service, wanted: dict[str, str], limit: int, offset: int
) -> Sequence[Task]:
    """From the database, which has them all, with what memory knows better of each."""
    if service.history is None:
        tasks = [task for task in reversed(service.state.tasks.values()) if _fits(task, wanted)]
        return tasks[offset : offset + limit]
    rows = await service.history.task_history(
        status=wanted.get("status"),
        category=wanted.get("category"),
        robot=wanted.get("robot"),
        limit=limit,
        offset=offset,
    )
    decoder = msgspec.json.Decoder(Task)
    known = service.state.tasks
    return [known.get(row.id) or decoder.decode(row.document) for row in rows]


def _fits(task: Task, wanted: dict[str, str]) -> bool:
    return all(getattr(task, key) == value for key, value in wanted.items())


def _state(service: Service, task: Task) -> dict[str, Any]:
    state = service.state
    return task_state(task, state.site.fleet.name, state.telemetry.reports)


def _token(events: Sequence[Event], task_id: str) -> str:
    for event in events:
        match event:
            case TaskMoved(trigger=TaskTrigger.INTERRUPT) if event.task_id == task_id:
                return event.token
            case TaskHeld() if event.task_id == task_id:
                return event.tokens[-1]
    raise AssertionError(f"no token in {events}")
