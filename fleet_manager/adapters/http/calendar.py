"""Route of the calendar: what runs and ran between two times."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query

from fleet_manager.adapters.http.schemas import schedules as schema
from fleet_manager.adapters.http.service import Serving
from fleet_manager.app.views.calendar import occurrences_of, windows_of
from fleet_manager.core.errors import InvalidRequest, Unknown

LONGEST_S = 45 * 86400.0

router = APIRouter(tags=["schedules"])
TimeS = Annotated[float, Query(ge=0.0, le=4.2e9, description="Unix seconds")]


@router.get("/calendar", response_model=schema.Calendar)
async def calendar(service: Serving, from_s: TimeS, until_s: TimeS) -> Any:
    """What schedules ask for, asked for and passed over, and when programmes run."""
    if not 0 < until_s - from_s <= LONGEST_S:
        raise InvalidRequest(
            f"from_s {from_s:.0f} to until_s {until_s:.0f}",
            f"give a later until_s, at most {LONGEST_S / 86400:.0f} days after from_s",
        )
    state, now_s = service.state, service.now_s
    schedules = list(state.schedules.values())
    programmes = [each.spec for each in state.programmes.values()]

    def worked_out() -> tuple[list[dict[str, Any]], bool, list[dict[str, Any]]]:
        found = [occurrences_of(each, from_s, until_s, now_s) for each in schedules]
        rows = sorted((row for rows, _ in found for row in rows), key=lambda row: row["due_s"])
        windows = [row for spec in programmes for row in windows_of(spec, from_s, until_s)]
        return rows, all(whole for _, whole in found), windows

    # In a thread: rules may be long to look through, and the fleet does not wait for them.
    rows, complete, windows = await asyncio.to_thread(worked_out)
    for row in rows:
        if row["task_id"]:
            row["task_status"] = await _status(service, row["task_id"])
    return {
        "timezone": service.campus.timezone,
        "from_s": from_s,
        "until_s": until_s,
        "now_s": now_s,
        "complete": complete,
        "occurrences": rows,
        "windows": windows,
    }


async def _status(service: Serving, task_id: str) -> str | None:
    try:
        return (await service.task(task_id)).status.value
    except Unknown:
        return None
