"""Route of the traffic: who drives where, holds what and waits for whom."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from fleet_manager.adapters.http.schemas.places import Traffic, TrafficExplanation
from fleet_manager.adapters.http.service import Serving
from fleet_manager.app.views.traffic import explanation_view, traffic_view

router = APIRouter(tags=["traffic"])


@router.get("/traffic", response_model=Traffic)
async def get_traffic(service: Serving) -> Any:
    """Base, horizon and holdings of each robot."""
    return traffic_view(service.state)


@router.get("/traffic/{robot}", response_model=TrafficExplanation)
async def explain_traffic(robot: str, service: Serving) -> Any:
    """Why a robot is where it is, and who holds it up."""
    return explanation_view(service.state, robot)
