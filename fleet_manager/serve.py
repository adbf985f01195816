"""Wires one fleet manager: database, robots, core, loop and HTTP in one asyncio process."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import math
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Generic

import structlog
import uvicorn

from fleet_manager.adapters.db import SqlEventStore, open_store
from fleet_manager.adapters.db.account_store import SqlAccountStore, open_account_store
from fleet_manager.adapters.ros.link import RosLink
from fleet_manager.app.clock import FleetClock, WallClock
from fleet_manager.app.gate import Command, Event, Gate, State
from fleet_manager.app.logs import set_up_logs
from fleet_manager.app.loop import FleetLoop
from fleet_manager.app.map_file import commands_of_map_file
from fleet_manager.app.message_keys import KeyRing
from fleet_manager.app.planning_worker import PlanningWorker
from fleet_manager.core import events as e
from fleet_manager.core.campus import Campus
from fleet_manager.core.commands import Command as AnyCommand
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.errors import CampusFleetError, Refused
from fleet_manager.core.state import FleetState
from fleet_manager.ports import StoreFull, StoreLocked
from fleet_manager.settings import Settings

CLOCK_TOLD_EVERY_S = 5.0
DATABASE_TRIED_EVERY_S = 2.0
HTTP_ENDS_WITHIN_S = 1  # with clients that hold on; whole seconds, as uvicorn wants it

log = structlog.get_logger(__name__)


class CannotServe(CampusFleetError):
    """The manager cannot start, or cannot go on."""


@dataclass(frozen=True)
class Parts(Generic[State, Command, Event]):
    """What is joined to the robots and the database.

    Attributes:
        campus, fleet: from their files.
        gate: the core.
        first_commands: id and command of what the files ask for; carried out once a database.
        make_app: the ASGI application over a loop, a link, the database and its accounts.
        prepare: looks at the database before the loop starts; further first commands.
        beside: what runs beside the loop, until the manager ends.
        map_in_use: id, version and zones of the map of a state; None: always that of the files.
        warming: what has to be over before the first decision, and goes on until then in a thread.
    """

    campus: Campus
    fleet: FleetConfig
    gate: Gate[State, Command, Event]
    first_commands: Sequence[tuple[str, Command]]
    make_app: Callable[
        [FleetLoop[State, Command, Event], RosLink, SqlEventStore, SqlAccountStore], Any
    ]
    prepare: Callable[[SqlEventStore], Awaitable[Sequence[tuple[str, Command]]]] | None = None
    map_in_use: Callable[[State], Campus] | None = None
    beside: Callable[[FleetLoop[State, Command, Event], RosLink], Awaitable[None]] | None = None
    warming: Future[None] | None = None


def serve(settings: Settings) -> None:
    """Run the fleet manager until SIGTERM or SIGINT.

    Raises:
        CampusFleetError: files, database, port or ROS cannot be used; says what to do.
    """
    from fleet_manager.adapters.maps import (
        load_campus,
        load_fleet,
        load_programmes,
        load_rules,
        load_schedules,
    )
    from fleet_manager.adapters.maps.publisher import map_publisher
    from fleet_manager.adapters.media import PictureFolder
    from fleet_manager.app.accounts.access import Access
    from fleet_manager.app.detections import DetectionIntake
    from fleet_manager.app.fleet_gate import FleetGate, programme_commands, schedule_commands
    from fleet_manager.app.waiting import WaitingTally
    from fleet_manager.app.what_if import WhatIfJobs
    from fleet_manager.core.planning.warm_up import load_machine_code

    set_up_logs(as_json=settings.log_json)
    campus = load_campus(settings.map_dir)
    rules = load_rules(settings.map_dir, campus)
    fleet = replace(load_fleet(settings.fleet_file), safety=rules)
    has_schedules = settings.schedule_file.exists()
    schedules = load_schedules(settings.schedule_file, campus) if has_schedules else ()
    programmes = load_programmes(settings.schedule_file, campus) if has_schedules else ()
    gate = FleetGate(campus, fleet)
    warming = in_a_thread(load_machine_code, gate.site)
    publisher = map_publisher(gate.library, fleet)
    media = PictureFolder(settings.data_dir / "pictures")
    waiting = WaitingTally()

    async def prepare(store: SqlEventStore) -> Sequence[tuple[str, AnyCommand]]:
        found = await commands_of_map_file(
            store, gate.library, campus, from_file=settings.map_from_file
        )
        if found.leads:
            load_fleet(settings.fleet_file, campus)  # homes have to be docks of the map in use
        return found.commands

    def make_app(
        loop: FleetLoop[FleetState, AnyCommand, e.Event],
        link: RosLink,
        store: SqlEventStore,
        accounts: SqlAccountStore,
    ) -> Any:
        from fleet_manager.adapters.http import create_app  # takes longer than all of the core

        return create_app(
            loop,
            link,
            settings,
            Access(accounts, campus.id),
            history=store,
            publisher=publisher,
            maps=store,
            what_if_jobs=WhatIfJobs(),
            media=media,
            past=store,
            waiting=waiting,
        )

    async def beside(loop: FleetLoop[FleetState, AnyCommand, e.Event], link: RosLink) -> None:
        await asyncio.gather(DetectionIntake(loop, link, media).run(), waiting.follow(loop))

    parts = Parts(
        campus,
        fleet,
        gate,
        [*schedule_commands(schedules), *programme_commands(programmes)],
        make_app,
        prepare,
        lambda state: state.site.campus,
        beside,
        warming,
    )
    asyncio.run(run_manager(settings, parts))


async def run_manager(settings: Settings, parts: Parts[State, Command, Event]) -> None:
    """Run until a signal, or until a part fails that the others cannot go on without.

    Raises:
        CampusFleetError: database, port or ROS cannot be used.
    """
    gc.freeze()  # code and campus stay: who looks for garbage need not walk them
    gc.enable()
    ending = asyncio.Event()
    with _signals(ending), _bound(settings.host, settings.port) as listener:
        store = await _opened(settings, ending)
        if store is None:
            return
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(store.close)
            accounts = await open_account_store(settings.database_url)
            stack.push_async_callback(accounts.close)
            await _serve(settings, parts, store, accounts, stack, listener, ending)
    # The interpreter walks all objects before it ends: with a campus that is half a second.
    gc.freeze()
    log.info("ended")


async def _opened(settings: Settings, ending: asyncio.Event) -> SqlEventStore | None:
    """The database, once this manager leads and it can be used; None: asked to end before.

    Raises:
        StoreError: it cannot be used, or another manager leads and is not waited for.
    """
    asked = asyncio.create_task(ending.wait(), name="asked-to-end")
    try:
        while not ending.is_set():
            opening = asyncio.create_task(open_store(settings.database_url, wait=settings.standby))
            await asyncio.wait({opening, asked}, return_when=asyncio.FIRST_COMPLETED)
            if not opening.done():
                opening.cancel()
                await asyncio.gather(opening, return_exceptions=True)
                return None
            try:
                return opening.result()
            except (StoreLocked, StoreFull) as error:
                log.warning("waiting for the database", problem=str(error), remedy=error.remedy)
                await asyncio.wait({asked}, timeout=DATABASE_TRIED_EVERY_S)
        return None
    finally:
        asked.cancel()


async def _serve(
    settings: Settings,
    parts: Parts[State, Command, Event],
    store: SqlEventStore,
    accounts: SqlAccountStore,
    stack: contextlib.AsyncExitStack,
    listener: socket.socket,
    ending: asyncio.Event,
) -> None:
    link = RosLink(
        domain_id=settings.fleet_domain_id,
        robots=parts.fleet.robots,
        campus=(parts.campus.id, parts.campus.version),
        zones=parts.campus.zones,
        manager_epoch=store.manager_epoch,
        sim_time=settings.sim_time,
        keys=KeyRing(settings.keys_dir),
    )
    stack.push_async_callback(link.stop)
    await link.start()
    if not await _clock_runs(link, ending):
        return
    not_before_s = -math.inf if store.last_time_s is None else store.last_time_s
    monotonic = time.monotonic if link.sim_clock is None else None
    clock = FleetClock(link.sim_clock or WallClock(), not_before_s, monotonic)
    planner = PlanningWorker()
    stack.push_async_callback(planner.stop)
    loop = FleetLoop(parts.gate, store, link, clock, planner)
    of_map = () if parts.prepare is None else await parts.prepare(store)
    await loop.start()
    if parts.warming is not None:
        await asyncio.wrap_future(parts.warming)
    running = asyncio.create_task(loop.run(), name="fleet-loop")
    announcing = asyncio.create_task(_announce_maps(parts, loop, link), name="maps")
    try:
        app = await asyncio.to_thread(parts.make_app, loop, link, store, accounts)
        server = _Server(_http(app))
        for identifier, command in of_map:
            await loop.submit(command, actor="files", command_id=identifier)
        for identifier, command in parts.first_commands:
            try:
                await loop.submit(command, actor="files", command_id=identifier)
            except Refused as error:
                log.warning("not taken from the files", problem=str(error), remedy=error.remedy)
        link.tell_reports_to(loop.reports_wait)
        if parts.beside is not None:
            stack.callback(asyncio.ensure_future(parts.beside(loop, link)).cancel)
        listener.listen()
        host, port = listener.getsockname()[:2]
        log.info(
            "ready",
            campus=parts.campus.id,
            map_version=link.map_version,
            robots=len(parts.fleet.robots),
            epoch=store.manager_epoch,
            address=f"http://{host}:{port}",
        )
        await store.tell_address(_reachable(host, port))
        if not await accounts.accounts():
            log.warning("nobody can log in yet", remedy="fleet user add NAME --role admin")
        await _until_one_ends(server.serve([listener]), running, link, ending, server)
    finally:
        loop.stop()
        await asyncio.gather(running, announcing)


def _reachable(host: str, port: int) -> str:
    """The address at which others find this manager; a wildcard stands for this computer's."""
    if host in ("0.0.0.0", "::"):
        host = socket.gethostbyname(socket.gethostname())
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def in_a_thread(function: Callable[..., None], *arguments: Any) -> Future[None]:
    """Begin something that other work need not wait for."""
    threads = ThreadPoolExecutor(1, thread_name_prefix=function.__name__)
    begun = threads.submit(function, *arguments)
    threads.shutdown(wait=False)
    return begun


async def _announce_maps(
    parts: Parts[State, Command, Event], loop: FleetLoop[State, Command, Event], link: RosLink
) -> None:
    """Tell robots which map is in use, from the first state on."""
    if parts.map_in_use is None:
        return
    async for _ in loop.changes():
        campus = parts.map_in_use(loop.state)
        if campus.version != link.map_version:
            link.use_map(campus.id, campus.version, campus.zones)


async def _until_one_ends(
    serving: Any,
    running: asyncio.Task[None],
    link: RosLink,
    ending: asyncio.Event,
    server: uvicorn.Server,
) -> None:
    """Wait for a signal; HTTP, loop and ROS end only by a failure.

    Raises:
        CannotServe: one of them ended.
    """
    http = asyncio.create_task(serving, name="http")
    ros = asyncio.create_task(link.ended.wait(), name="ros-ended")
    asked = asyncio.create_task(ending.wait(), name="asked-to-end")
    try:
        done, _ = await asyncio.wait(
            {http, ros, asked, running}, return_when=asyncio.FIRST_COMPLETED
        )
        if asked not in done:
            names = ", ".join(sorted(task.get_name() for task in done))
            raise CannotServe(f"a part of the manager ended ({names})", "see the lines above")
        log.info("asked to end")
    finally:
        server.should_exit = True
        for task in (ros, asked):
            task.cancel()
        await asyncio.gather(http, ros, asked, return_exceptions=True)


async def _clock_runs(link: RosLink, ending: asyncio.Event) -> bool:
    """Wait for the first /clock of a simulation; False when asked to end before."""
    if link.sim_clock is None:
        return True
    started = asyncio.create_task(link.sim_clock.wait_for_start())
    asked = asyncio.create_task(ending.wait())
    try:
        while not (started.done() or asked.done()):
            waiting = {started, asked}
            await asyncio.wait(
                waiting, timeout=CLOCK_TOLD_EVERY_S, return_when=asyncio.FIRST_COMPLETED
            )
            if not (started.done() or asked.done()):
                log.warning("waiting for /clock", remedy="start the simulator in the same domain")
        return started.done()
    finally:
        started.cancel()
        asked.cancel()


@contextlib.contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    """A socket at the address, taken before anything else is started.

    Raises:
        CannotServe: it is taken or not allowed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise CannotServe(
                f"port {port} on {host} cannot be used ({error.strerror})",
                "stop the program that holds it, or give another with --port",
            ) from error
        yield listener


@contextlib.contextmanager
def _signals(ending: asyncio.Event) -> Iterator[None]:
    """SIGTERM and SIGINT ask to end."""
    loop = asyncio.get_running_loop()
    asked = (signal.SIGTERM, signal.SIGINT)
    for each in asked:
        loop.add_signal_handler(each, ending.set)
    try:
        yield
    finally:
        for each in asked:
            loop.remove_signal_handler(each)


def _http(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=HTTP_ENDS_WITHIN_S,
        server_header=False,
    )


class _Server(uvicorn.Server):
    """Leaves the signals to `run_manager`, which has more to end than HTTP."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are taken care of already."""
        yield
