"""Routes of the manager itself: whether it lives, what it counts."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from fleet_manager import __version__
from fleet_manager.adapters.http.metrics import counters, registry_of
from fleet_manager.adapters.http.problems import Problem
from fleet_manager.adapters.http.schemas import system as schema
from fleet_manager.adapters.http.service import Serving
from fleet_manager.ports import LinkFailed

router = APIRouter(tags=["system"])


@router.get("/healthz", response_model=schema.Health)
async def healthz() -> Any:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", response_model=schema.Ready)
async def readyz(service: Serving) -> Any:
    """It commands robots: the log can be written and the robots' network is joined.

    503 says by its `code` why it does not: `database_full`, `database_locked`, `database_damaged`,
    `database_unavailable`, `link_failed`. What is wrong and lets it go on is among `conditions`.
    """
    if service.link.ended.is_set():
        raise LinkFailed("the robots' network is not joined", "see the log of the manager")
    stopped = service.loop.health.stopped_by
    if stopped is not None:
        return Problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            stopped.code,
            stopped.problem,
            stopped.remedy,
            {"Retry-After": "2"},
        )
    conditions = [asdict(each) for each in service.loop.health.conditions]
    return {"status": "degraded" if conditions else "ok", "conditions": conditions}


@router.get("/version", response_model=schema.Version)
async def version() -> Any:
    """Of the program."""
    return {"version": __version__}


@router.get("/system", response_model=schema.System)
async def system(service: Serving) -> Any:
    """Fleet time, speed, epoch and counters."""
    return {
        "now_s": service.now_s,
        "speed": service.loop.speed,
        "manager_epoch": service.loop.manager_epoch,
        "map_version": service.campus.version,
        "conditions": [asdict(each) for each in service.loop.health.conditions],
        "counters": counters(service),
    }


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(service: Serving) -> Response:
    """The counters for Prometheus."""
    return Response(generate_latest(registry_of(service)), media_type=CONTENT_TYPE_LATEST)
