"""Routes of closures and weather: what of the map is closed or slowed while robots drive."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from msgspec.structs import replace

from fleet_manager.adapters.http.schedule_form import check_recurrence
from fleet_manager.adapters.http.schemas import closures as schema
from fleet_manager.adapters.http.schemas.base import Done, Id, Person
from fleet_manager.adapters.http.service import CommandId, Serving
from fleet_manager.app.views.closures import closure_view, restrictions_view, weather_view
from fleet_manager.core.closure import ClosureStatus, Obstacle, Window
from fleet_manager.core.errors import InvalidRequest
from fleet_manager.core.map_commands import (
    AddClosure,
    ChangeClosure,
    RemoveClosure,
    ReportObstacle,
    SetWeather,
)
from fleet_manager.core.map_events import ClosureAdded
from fleet_manager.core.recurrence import Recurrence, check_timezone
from fleet_manager.core.traffic.obstacles import known

router = APIRouter(tags=["closures"])


@router.get("/closures", response_model=list[schema.ClosureState])
async def list_closures(
    service: Serving, status: Annotated[ClosureStatus | None, Query()] = None
) -> Any:
    """Closures in force, to come and over lately; newest first."""
    found = reversed(service.state.closures.values())
    return [closure_view(service.state, each) for each in found if status in (None, each.status)]


@router.post("/closures", response_model=schema.ClosureState, status_code=201)
async def add_closure(body: schema.NewClosure, service: Serving, command_id: CommandId) -> Any:
    """Close or slow lanes, zones and passages; robots on their way are led off at once."""
    # In a thread: a rule may be long to look through, and the fleet does not wait for it.
    timezone, now_s = service.campus.timezone, service.now_s
    window = await asyncio.to_thread(_window, body, timezone, now_s)
    command = AddClosure(
        lanes=tuple(body.lanes),
        zones=tuple(body.zones),
        passages=tuple(body.passages),
        kinds=None if body.kinds is None else tuple(body.kinds),
        speed_limit_mps=body.speed_limit_mps,
        window=window,
        reason=body.reason,
        by=body.by,
    )
    events = await service.submit(command, body.by, command_id)
    added = next(each.closure for each in events if isinstance(each, ClosureAdded))
    return closure_view(service.state, service.state.closures.get(added.id, added))


@router.post("/obstacles", response_model=schema.ClosureState, status_code=201)
async def report_obstacle(body: schema.NewObstacle, service: Serving, command_id: CommandId) -> Any:
    """Report a parked van or the like: lanes that it blocks are closed until it is forgotten.

    The answer is the closure, which is removed as any other where the obstacle has gone. One that
    is known at that place is believed to be there for longer.
    """
    seen = Obstacle(body.x_m, body.y_m, body.level, body.radius_m, body.what, body.stays_s)
    events = await service.submit(ReportObstacle(seen, body.by), body.by, command_id)
    added = next((each.closure for each in events if isinstance(each, ClosureAdded)), None)
    closure = known(service.state, seen) if added is None else added
    assert closure is not None
    return closure_view(service.state, service.state.closures.get(closure.id, closure))


@router.get("/closures/{closure_id}", response_model=schema.ClosureState)
async def get_closure(closure_id: Id, service: Serving) -> Any:
    """A closure."""
    return closure_view(service.state, service.state.closure(closure_id))


@router.patch("/closures/{closure_id}", response_model=schema.ClosureState)
async def change_closure(
    closure_id: Id, body: schema.ChangedClosure, service: Serving, command_id: CommandId
) -> Any:
    """Have it end earlier or later, or say another reason; what it closes stays the same."""
    held = service.state.closure(closure_id).window
    window = await asyncio.to_thread(_changed_window, held, body, service.now_s)
    command = ChangeClosure(closure_id, window, body.reason, body.by)
    await service.submit(command, body.by, command_id)
    return closure_view(service.state, service.state.closure(closure_id))


@router.delete("/closures/{closure_id}", response_model=Done)
async def remove_closure(
    closure_id: Id, service: Serving, command_id: CommandId, by: Annotated[Person, Query()] = ""
) -> Any:
    """Open what it has closed, or call it off."""
    await service.submit(RemoveClosure(closure_id, by), by, command_id)
    return {"success": True}


@router.get("/restrictions", response_model=dict[str, schema.KindRestrictions])
async def get_restrictions(service: Serving) -> Any:
    """What closures and weather mean for each kind of robot now."""
    return restrictions_view(service.state)


@router.get("/weather", response_model=schema.WeatherState)
async def get_weather(service: Serving) -> Any:
    """The weather that robots are held to, and the map's rules for it."""
    return weather_view(service.state)


@router.put("/weather", response_model=schema.WeatherState)
async def set_weather(body: schema.NewWeather, service: Serving, command_id: CommandId) -> Any:
    """Say what the weather is; the map's rules for it hold at once."""
    command = SetWeather(tuple(body.conditions), body.by, body.station)
    await service.submit(command, body.by, command_id)
    return weather_view(service.state)


def _changed_window(window: Window, form: schema.ChangedClosure, now_s: float) -> Window:
    """A window with what a form gives.

    Raises:
        InvalidRequest: it gives what such a closure does not have, or contradicts itself.
    """
    given = {name: getattr(form, name) for name in form.model_fields_set - {"reason", "by"}}
    rule = window.recurrence
    foreign = sorted(
        given.keys() - ({"from_s", "until_s"} if rule is None else {"duration_s", "until"})
    )
    if foreign:
        is_ = "holds once" if rule is None else "comes again and again"
        fits = "from_s and until_s" if rule is None else "duration_s and until"
        raise InvalidRequest(f"{', '.join(foreign)}: this closure {is_}", f"give {fits}")
    if rule is None:
        return replace(window, **given)
    duration_s = given.get("duration_s", window.duration_s)
    if duration_s is None:
        raise InvalidRequest("duration_s: null", "say how long it lasts each time")
    changed = replace(rule, until=given.get("until", rule.until))
    check_recurrence(changed, now_s)
    return Window(recurrence=changed, duration_s=duration_s)


def _window(form: schema.NewClosure, campus_timezone: str, now_s: float) -> Window:
    """When a closure is in force.

    Raises:
        InvalidRequest: names the field and what to do.
    """
    if form.rrule is None:
        for name in ("duration_s", "timezone", "start", "until"):
            if getattr(form, name) is not None:
                raise InvalidRequest(f"{name}: given without rrule", "give rrule, or leave it out")
        return Window(form.from_s, form.until_s)
    if form.duration_s is None:
        raise InvalidRequest("duration_s: a rule without it", "say how long it lasts each time")
    if form.from_s is not None or form.until_s is not None:
        raise InvalidRequest(
            "rrule: both once and again and again", "give start and until as dates with a rule"
        )
    timezone = form.timezone or campus_timezone
    check_timezone(timezone)
    today = datetime.fromtimestamp(now_s, UTC).astimezone(ZoneInfo(timezone)).date()
    recurrence = Recurrence(form.rrule, timezone, form.start or today, form.until)
    check_recurrence(recurrence, now_s)
    return Window(recurrence=recurrence, duration_s=form.duration_s)
