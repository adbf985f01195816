"""`GET /events`: the log as a stream of server-sent events that goes on where it was broken off."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Collection
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from fleet_manager.adapters.http.access_gate import Asking
from fleet_manager.adapters.http.replay import event_view, past_of, seq_of
from fleet_manager.adapters.http.schemas.base import Id
from fleet_manager.adapters.http.service import Caused, Service, Serving
from fleet_manager.app.past import Past

router = APIRouter(tags=["events"])

SIGN_OF_LIFE_S = 15.0
"""Without news a comment is sent, so that silence means a lost connection."""
EVENTS_AT_ONCE = 500
NOW = "now"


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def follow_events(
    service: Serving,
    asking: Caused,
    after: Annotated[
        str, Query(max_length=20, description="sequence number to go on after; `now`: what comes")
    ] = NOW,
    type: Annotated[list[Id] | None, Query(max_length=50)] = None,
    wait: Annotated[bool, Query(description="false: what there is, and then the end")] = True,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> StreamingResponse:
    """Follow what is decided, as server-sent events (WHATWG HTML, 9.2).

    Each has the `id` of its place in the log, its type as `event`, and as `data` what
    `/replay/events` tells of it. Whoever is cut off asks again with `Last-Event-ID`, as browsers do
    by themselves, and misses nothing.
    """
    past = past_of(service)
    asked = last_event_id or after
    begin = int(service.loop.counters["log_events"]) if asked == NOW else seq_of(asked)
    lines = _lines(service, past, asking, begin, frozenset(type or ()), wait)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(lines, media_type="text/event-stream", headers=headers)


async def _lines(
    service: Service,
    past: Past,
    asking: Asking,
    after: int,
    types: Collection[str],
    wait: bool,
) -> AsyncIterator[str]:
    changes = service.loop.changes()
    coming: asyncio.Future[int] | None = None
    try:
        while await asking.still():
            if coming is None:
                coming = asyncio.ensure_future(anext(changes))
            records = await past.events_page(after, EVENTS_AT_ONCE)
            for record in records:
                after = record.seq
                if not types or record.type in types:
                    told = json.dumps(event_view(record), ensure_ascii=False)
                    yield f"id: {record.seq}\nevent: {record.type}\ndata: {told}\n\n"
            if len(records) == EVENTS_AT_ONCE:
                continue
            if not wait:
                return
            if coming.done() or await _has_come(coming):
                if coming.exception() is not None:
                    return  # the manager ends
                coming = None
            else:
                yield ": nothing new\n\n"
    finally:
        if coming is not None:
            coming.cancel()
            with contextlib.suppress(asyncio.CancelledError, StopAsyncIteration):
                await coming
        await changes.aclose()


async def _has_come(coming: asyncio.Future[int]) -> bool:
    done, _ = await asyncio.wait({coming}, timeout=SIGN_OF_LIFE_S)
    return bool(done)
