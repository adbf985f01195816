"""A whole manager without a robots' network: the real core, loop, database and API."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from fleet_manager.adapters.db import SqlEventStore, open_store
from fleet_manager.adapters.db.account_store import open_account_store
from fleet_manager.adapters.http import create_app
from fleet_manager.adapters.http.rate import RateLimit
from fleet_manager.adapters.http.service import Loop
from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.adapters.maps.publisher import map_publisher
from fleet_manager.adapters.media import PictureFolder
from fleet_manager.app.accounts.access import Access
from fleet_manager.app.accounts.directory import Directory
from fleet_manager.app.clock import FleetClock
from fleet_manager.app.detections import DetectionIntake, Received
from fleet_manager.app.fleet_gate import FleetGate
from fleet_manager.app.loop import FleetLoop
from fleet_manager.app.permissions import SCOPES, Role
from fleet_manager.app.waiting import WaitingTally
from fleet_manager.app.what_if import PROCESS, WhatIfJobs
from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.passage import PassageReport
from fleet_manager.core.report import RobotReport
from fleet_manager.core.station import Reading
from fleet_manager.ports import ZoneCondition
from fleet_manager.settings import Settings
from tests.contract.accounts import PASSWORD, QUICK
from tests.contract.ledger import START_S, ScriptedClock, ScriptedLink, report

CANALSIDE = Path(__file__).parents[2] / "maps" / "canalside"
BASE = "http://localhost:8000"
NOTHING = "fleet_manager.core.errors"
"""A module that, run as a process, ends at once."""

Json = Any


@lru_cache(maxsize=4)
def site(map_dir: Path = CANALSIDE) -> tuple[Campus, FleetConfig]:
    """A campus and its fleet."""
    campus = load_campus(map_dir)
    return campus, load_fleet(map_dir / "fleet.yaml", campus)


@dataclass
class ApiLink(ScriptedLink):
    """The robots' network, and what the API reads of it."""

    conditions: dict[str, ZoneCondition] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=lambda: {"robot_states": 3})
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    detections: list[Received] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    acknowledged: list[tuple[str, int]] = field(default_factory=list)
    on_detections: Callable[[], None] = print

    def __post_init__(self) -> None:
        super().__init__()

    def tell_detections_to(self, callback: Callable[[], None]) -> None:
        self.on_detections = callback
        callback()

    def take_detections(self) -> list[Received]:
        taken, self.detections = self.detections, []
        return taken

    def take_readings(self) -> list[Reading]:
        taken, self.readings = self.readings, []
        return taken

    def acknowledge(self, source: str, sequence: int) -> None:
        self.acknowledged.append((source, sequence))


@dataclass
class Manager:
    """A loop that runs, and a client of its API."""

    loop: Loop
    link: ApiLink
    store: SqlEventStore
    app: Any
    http: httpx.AsyncClient
    clock: ScriptedClock
    access: Access
    token: str
    media: PictureFolder
    waiting: WaitingTally
    sequences: dict[str, int] = field(default_factory=dict)

    async def person(self, name: str, role: Role = Role.ADMIN, **limits: Json) -> dict[str, str]:
        """Headers of a person who has logged in; the account is added where it is missing."""
        store = self.access.store
        account = await store.account_named(name)
        if account is None:
            account = await Directory(self.access).add(name, role, password=PASSWORD, **limits)
        opened = await self.access.open(account, "192.0.2.1", "test")
        return bearer(opened.secret)

    async def machine(self, name: str, *scopes: str, **limits: Json) -> dict[str, str]:
        """Headers of a machine with a token of its own."""
        made, _ = await Directory(self.access).add_token(name, scopes, "test", **limits)
        return bearer(made)

    async def hears(self, name: str, **changes: object) -> RobotReport:
        """Have a robot report from its dock, and wait until that is decided on."""
        campus, fleet = self.loop.state.site.campus, self.loop.state.site.fleet
        dock = campus.waypoint(fleet.robots[name].home)
        self.sequences[name] = self.sequences.get(name, 0) + 1
        said: dict[str, object] = {
            "kind": fleet.robots[name].kind,
            "x_m": dock.x_m,
            "y_m": dock.y_m,
            "battery": 0.9,
            "sequence": self.sequences[name],
        }
        heard = report(name, **(said | changes))
        self.link.reports.append(heard)
        await self._decided()
        return heard

    async def hears_passage(self, said: PassageReport) -> None:
        """Have a door, lift or crossing say how it is, and wait until that is decided on."""
        self.link.passage_reports.append(said)
        await self._decided()

    async def _decided(self) -> None:
        before = self.loop.version
        self.loop.reports_wait()
        async with asyncio.timeout(5):
            async for version in self.loop.changes():
                if version > before:
                    break

    async def get(self, path: str, **parameters: Json) -> Json:
        """What a GET answers; it has to succeed."""
        answer = await self.http.get(path, params=parameters)
        assert answer.is_success, answer.text
        return answer.json()

    async def post(self, path: str, body: Json = None, **headers: str) -> Json:
        """What a POST answers; it has to succeed."""
        answer = await self.http.post(path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    async def dispatch(self, category: str, **description: Json) -> Json:
        """Ask for a task; its state."""
        return (await self.post("/tasks/dispatch_task", asked(category, **description)))["state"]


def bearer(secret: str) -> dict[str, str]:
    """Headers by which a session or token is recognised."""
    return {"Authorization": f"Bearer {secret}"}


def asked(category: str, **description: Json) -> Json:
    """The body of a request for a task."""
    request = {"category": category, "description": description}
    return {"type": "dispatch_task_request", "request": request}


@contextlib.asynccontextmanager
async def running_manager(
    folder: Path,
    map_dir: Path = CANALSIDE,
    what_if_process: str = PROCESS,
    limit: RateLimit | None = None,
) -> AsyncIterator[Manager]:
    """A manager on a database in a folder; its client is a machine that may what machines may."""
    campus, fleet = site(map_dir)
    url = f"sqlite+aiosqlite:///{folder / 'fleet.db'}"
    store = await open_store(url)
    accounts = await open_account_store(url)
    access = Access(accounts, campus.id, passwords=QUICK)
    token, _ = await Directory(access).add_token("test", SCOPES, "test")
    link = ApiLink()
    gate = FleetGate(campus, fleet)
    clock = ScriptedClock()
    loop: Loop = FleetLoop(gate, store, link, FleetClock(clock, START_S))
    await loop.start()
    running = asyncio.create_task(loop.run())
    publisher = map_publisher(gate.library, fleet)
    what_if = WhatIfJobs(what_if_process)
    media = PictureFolder(folder / "pictures")
    waiting = WaitingTally()
    app = create_app(
        loop,
        link,
        Settings(),
        access,
        history=store,
        publisher=publisher,
        maps=store,
        what_if_jobs=what_if,
        limit=limit,
        media=media,
        past=store,
        waiting=waiting,
    )
    following = asyncio.create_task(waiting.follow(loop))
    intake = asyncio.create_task(DetectionIntake(loop, link, media).run())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=bearer(token)) as http:
        try:
            yield Manager(loop, link, store, app, http, clock, access, token, media, waiting)
        finally:
            intake.cancel()
            following.cancel()
            await what_if.stop()
            loop.stop()
            await running
            await accounts.close()
            await store.close()


@contextlib.contextmanager
def served_manager(
    folder: Path, map_dir: Path = CANALSIDE
) -> Iterator[tuple[str, Manager, asyncio.AbstractEventLoop]]:
    """A manager behind a real HTTP server in a thread: its address, itself, its event loop."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        started: list[tuple[Manager, asyncio.AbstractEventLoop, uvicorn.Server]] = []
        ready = threading.Event()

        async def serve() -> None:
            async with running_manager(folder, map_dir, NOTHING) as manager:
                config = uvicorn.Config(manager.app, log_level="error", timeout_graceful_shutdown=1)
                server = uvicorn.Server(config)
                started.append((manager, asyncio.get_running_loop(), server))
                ready.set()
                await server.serve([listener])

        thread = threading.Thread(target=lambda: asyncio.run(serve()), name="served-manager")
        thread.start()
        assert ready.wait(60)  # long before it is needed, on a machine that does much else
        manager, event_loop, server = started[0]
        before = os.environ.get("CAMPUS_TOKEN")
        os.environ["CAMPUS_TOKEN"] = manager.token  # for the `fleet` command
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", manager, event_loop
        finally:
            os.environ.pop("CAMPUS_TOKEN")
            if before is not None:
                os.environ["CAMPUS_TOKEN"] = before
            server.should_exit = True
            thread.join(60)
            assert not thread.is_alive()
