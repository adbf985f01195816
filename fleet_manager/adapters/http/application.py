"""Puts the API together: one application over a loop that has started."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp

from fleet_manager import __version__
from fleet_manager.adapters.http import (
    accounts,
    calendar,
    campus_map,
    closures,
    emergency,
    event_stream,
    health_checks,
    incidents,
    live,
    map_validation,
    map_versions,
    passages,
    programmes,
    replay,
    reports,
    rmf,
    robots,
    schedules,
    session,
    system,
    tasks,
    traffic,
    what_if,
)
from fleet_manager.adapters.http.access_gate import AccessGate
from fleet_manager.adapters.http.body_limit import BodyLimit
from fleet_manager.adapters.http.dashboard import dashboard_router
from fleet_manager.adapters.http.guard import Guard
from fleet_manager.adapters.http.problems import MEDIA_TYPE, add_problems
from fleet_manager.adapters.http.rate import RateLimit
from fleet_manager.adapters.http.reference import reference_router
from fleet_manager.adapters.http.schemas.base import ProblemDocument
from fleet_manager.adapters.http.service import Link, Loop, Service
from fleet_manager.app.accounts.access import Access
from fleet_manager.app.accounts.audit import AuditTrail
from fleet_manager.app.map_publishing import MapPublisher
from fleet_manager.app.past import Past
from fleet_manager.app.waiting import WaitingTally
from fleet_manager.app.what_if import WhatIfJobs
from fleet_manager.ports import History, MapHistory, MediaStore
from fleet_manager.settings import Settings

ERRORS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": description,
        "content": {
            MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}}
        },
    }
    for status, description in (
        ("4XX", "refused: the detail says why, the remedy what to do"),
        ("5XX", "not now, or a defect"),
    )
}


def create_app(
    loop: Loop,
    link: Link,
    settings: Settings,
    access: Access,
    *,
    history: History | None = None,
    publisher: MapPublisher | None = None,
    maps: MapHistory | None = None,
    what_if_jobs: WhatIfJobs | None = None,
    limit: RateLimit | None = None,
    media: MediaStore | None = None,
    past: Past | None = None,
    waiting: WaitingTally | None = None,
) -> ASGIApp:
    """The ASGI application over a loop that has started.

    Args:
        loop: decides; started.
        link: the robots' network.
        settings: of the manager; `host` is one of its names.
        access: recognises who asks.
        history: of the database.
        publisher: reads and checks maps that are to be published.
        maps: versions of the map in the database.
        media: pictures of incidents.
        what_if_jobs: compare scenarios in the background; ended with the application.
        limit: how often anybody may ask.
        past: periods that are over.
        waiting: how long robots have waited where; None: nobody counts it.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        if what_if_jobs is not None:
            await what_if_jobs.stop()

    app = FastAPI(
        title="Campus Fleet",
        version=__version__,
        summary="Robots, tasks, schedules and incidents of a campus.",
        docs_url=None,
        redoc_url=None,
        responses=ERRORS,
        lifespan=lifespan,
    )
    service = Service(loop, link, history, publisher, maps, media=media, past=past, waiting=waiting)
    app.state.service = service
    app.state.live_feed = live.LiveFeed(service)
    app.state.map_reports = map_validation.Reports(service)
    app.state.what_if = what_if_jobs
    app.state.access = access
    app.state.audit_trail = AuditTrail(access.store)
    of_work = (tasks, robots, schedules, calendar, programmes, incidents, health_checks)
    of_map = (campus_map, map_validation, map_versions, closures, passages, traffic)
    of_past = (reports, replay, event_stream)
    of_people = (session, accounts)
    for part in (*of_work, *of_map, *of_past, emergency, what_if, *of_people, system, live, rmf):
        app.include_router(part.router)
    app.include_router(reference_router(app.title))
    app.include_router(dashboard_router())
    add_problems(app)
    _describe_problems(app)
    gate = AccessGate(BodyLimit(app), access, app.state.audit_trail, limit)
    return Guard(gate, [settings.host])


def _describe_problems(app: FastAPI) -> None:
    """Have the OpenAPI document define the problem that all errors are."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        document = make()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas[ProblemDocument.__name__] = ProblemDocument.model_json_schema()
        return document

    app.openapi = openapi  # type: ignore[method-assign]
