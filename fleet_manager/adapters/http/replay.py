"""Routes of the past: which of it is kept, where robots were, what was decided."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Annotated, Any

from fastapi import APIRouter, Query

from fleet_manager.adapters.http.reports import Asked
from fleet_manager.adapters.http.schemas import reports as schema
from fleet_manager.adapters.http.schemas.base import Id
from fleet_manager.adapters.http.service import Service, Serving
from fleet_manager.app.past import Past
from fleet_manager.core.errors import InvalidRequest, WrongState
from fleet_manager.ports import EventRecord

router = APIRouter(prefix="/replay", tags=["replay"])

POINTS_AT_MOST = 50_000


def past_of(service: Service) -> Past:
    """The past.

    Raises:
        WrongState: there is no database.
    """
    if service.past is None:
        raise WrongState("this manager keeps no past", "start it with `fleet serve`")
    return service.past


@router.get("", response_model=schema.Recorded)
async def recorded(service: Serving) -> Any:
    """From when until when events and tracks are kept."""
    past = past_of(service)
    ends = await past.ends()
    return {
        "from_s": None if ends is None else ends[0],
        "to_s": None if ends is None else ends[1],
        "tracks_from_s": await past.tracks_since_s(),
    }


@router.get("/tracks", response_model=schema.Tracks)
async def tracks(
    service: Serving,
    asked: Asked,
    step_s: Annotated[float, Query(ge=0, le=3600, description="0: every point")] = 1.0,
    robot: Annotated[list[Id] | None, Query(max_length=100)] = None,
) -> Any:
    """Where robots were: one point a robot and step at most; where `next_s` is given, ask on."""
    points = await past_of(service).points(
        asked.from_s, asked.to_s, robots=robot, step_s=step_s, limit=POINTS_AT_MOST + 1
    )
    next_s: float | None = None
    if len(points) > POINTS_AT_MOST:
        next_s = points[-1].time_s
        points = [each for each in points if each.time_s < next_s]
    found: dict[str, list[list[Any]]] = defaultdict(list)
    for each in points:
        place = (round(each.x_m, 2), round(each.y_m, 2), round(each.yaw_rad, 3))
        battery = None if each.battery is None else round(each.battery, 4)
        found[each.robot].append([round(each.time_s, 2), *place, each.level, battery])
    return {
        "from_s": asked.from_s,
        "to_s": asked.to_s,
        "step_s": step_s,
        "robots": found,
        "next_s": next_s,
    }


@router.get("/events", response_model=schema.LoggedEvents)
async def events(
    service: Serving,
    asked: Asked,
    type: Annotated[list[Id] | None, Query(max_length=50)] = None,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> Any:
    """What was decided in a period, oldest first; `next` is the cursor of the next page."""
    after = seq_of(cursor)
    found: list[dict[str, Any]] = []
    more = False
    async for record in past_of(service).events(asked.from_s, asked.to_s, type or (), after):
        if len(found) == limit:
            more = True
            break
        found.append(event_view(record))
    return {"events": found, "next": str(found[-1]["seq"]) if more else None}


def event_view(record: EventRecord) -> dict[str, Any]:
    """An event as a document."""
    return {
        "seq": record.seq,
        "time_s": record.time_s,
        "type": record.type,
        "actor": record.actor,
        "cause": record.cause,
        "payload": json.loads(record.payload),
    }


def seq_of(cursor: str | None) -> int:
    """The sequence number that a cursor stands for.

    Raises:
        InvalidRequest: it is none of ours.
    """
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit()) or int(cursor) >= 1 << 62:
        raise InvalidRequest("cursor: it is not one that was given", "begin without a cursor")
    return int(cursor)
