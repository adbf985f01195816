"""Route of the traffic: who drives where, holds what and waits for whom."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from fleet_manager.adapters.http.schemas.places import Traffic, TrafficExplanation, WaitedAt
from fleet_manager.adapters.http.service import Serving
from fleet_manager.app.views.traffic import explanation_view, traffic_view, waiting_view
from fleet_manager.app.waiting import HOURS

router = APIRouter(tags=["traffic"])


@router.get("/traffic", response_model=Traffic)
async def get_traffic(service: Serving) -> Any:
    """Base, horizon and holdings of each robot."""
    return traffic_view(service.state)


@router.get("/traffic/waiting", response_model=list[WaitedAt])
async def get_waiting(
    service: Serving, hours: Annotated[int, Query(ge=1, le=HOURS)] = HOURS
) -> Any:
    """Where robots have waited behind others, in this hour of the clock and those before it.

    It is counted in memory, from the start of the manager on; the longest waits come first.
    """
    tally = service.waiting
    found = [] if tally is None else tally.since(service.now_s, hours)
    return waiting_view(service.campus, found)


@router.get("/traffic/{robot}", response_model=TrafficExplanation)
async def explain_traffic(robot: str, service: Serving) -> Any:
    """Why a robot is where it is, and who holds it up."""
    return explanation_view(service.state, robot)
