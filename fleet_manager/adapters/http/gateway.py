"""Several campuses behind one address: which there are, and everything else forwarded to who leads.

Any number of these processes may run. They keep nothing: sites, and who leads each, are read from
the database with every request, so after a takeover the next request reaches the successor.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit

import httpx
import structlog
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from fleet_manager.adapters.http.guard import Guard
from fleet_manager.adapters.http.problems import Problem
from fleet_manager.ports import StoreFailed

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
CONNECT_WITHIN_S = 2.0
ANSWER_WITHIN_S = 60.0
WORKS_WITHIN_S = 2.5
"""Who leads counts the lease up twice a second; who has not for so long does not lead."""
LOOKED_EVERY_S = 0.25
GONE_AWAY, TRY_LATER, REFUSED = 1001, 1013, 4403

NOT_FORWARDED = frozenset(
    {
        *("host", "origin", "connection", "keep-alive", "transfer-encoding", "upgrade", "te"),
        *("trailer", "proxy-authorization", "proxy-authenticate", "content-length"),
    }
)
"""Of one connection (RFC 9110, 7.6.1); the origin has been held against this host already."""
OF_A_SOCKET = ("authorization", "cookie")

log = structlog.get_logger(__name__)


class Site(Protocol):
    """A site, as the database tells of it."""

    @property
    def name(self) -> str: ...
    @property
    def manager_epoch(self) -> int: ...
    @property
    def beat(self) -> int: ...
    @property
    def released(self) -> bool: ...
    @property
    def address(self) -> str: ...


class Directory(Protocol):
    """Where sites are read."""

    async def all(self) -> Sequence[Site]:
        """All sites.

        Raises:
            StoreFailed: they cannot be read.
        """

    async def one(self, name: str) -> Site | None:
        """One site.

        Raises:
            StoreFailed: it cannot be read.
        """


def create_gateway(directory: Directory, hosts: Iterable[str]) -> ASGIApp:
    """The ASGI application.

    Args:
        directory: of the sites.
        hosts: names of this server beside the loopback ones.
    """
    gateway = _Gateway(directory)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with gateway.http:
            yield

    routes = [
        Route("/healthz", _alive),
        Route("/sites", gateway.sites),
        WebSocketRoute("/sites/{site}/{path:path}", gateway.relay),
        Route("/sites/{site}/{path:path}", gateway.forward, methods=METHODS),
    ]
    return Guard(Starlette(routes=routes, lifespan=lifespan), hosts)


async def _alive(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


class _Gateway:
    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        timeout = httpx.Timeout(ANSWER_WITHIN_S, connect=CONNECT_WITHIN_S)
        self.http = httpx.AsyncClient(timeout=timeout, trust_env=False, follow_redirects=False)

    async def sites(self, _: Request) -> Response:
        """Sites by name, with the address of each and whether a manager leads it now."""
        try:
            now = await self._directory.all()
            before = {each.name: each.beat for each in now}
            until_s = time.monotonic() + WORKS_WITHIN_S
            while time.monotonic() < until_s and not all(
                each.released or each.beat != before.get(each.name) for each in now
            ):
                await asyncio.sleep(LOOKED_EVERY_S)
                now = await self._directory.all()
        except StoreFailed as error:
            return _not_now(str(error), error.remedy)
        return JSONResponse(
            [
                {
                    "site": each.name,
                    "path": f"/sites/{each.name}",
                    "address": each.address or None,
                    "manager_epoch": each.manager_epoch,
                    "led": not each.released and each.beat != before.get(each.name),
                }
                for each in now
            ]
        )

    async def forward(self, request: Request) -> Response:
        """Whatever is asked of a site, to the manager that leads it; its answer as it comes."""
        found = await self._leader(request.path_params["site"])
        if isinstance(found, Problem):
            return found
        raw = request.headers.raw
        headers = [(name, value) for name, value in raw if name.decode() not in NOT_FORWARDED]
        headers.append((b"x-forwarded-for", _caller(request).encode()))
        asked = self.http.build_request(
            request.method,
            f"{found.address}/{request.path_params['path']}",
            params=str(request.query_params),
            headers=headers,
            content=request.stream() if _has_body(request) else None,
        )
        try:
            answer = await self.http.send(asked, stream=True)
        except httpx.HTTPError as error:
            log.warning("not forwarded", site=found.name, problem=str(error))
            return _not_now(f"the manager of {found.name} does not answer", "ask again in 5 s")
        return _answered(answer, f"/sites/{found.name}")

    async def relay(self, socket: WebSocket) -> None:
        """The live stream of a site, until either side ends it; who follows connects anew then."""
        found = await self._leader(socket.path_params["site"])
        if isinstance(found, Problem):
            await socket.close(TRY_LATER)
            return
        query = f"?{socket.url.query}" if socket.url.query else ""
        address = f"ws{found.address.removeprefix('http')}/{socket.path_params['path']}{query}"
        headers = {name: socket.headers[name] for name in OF_A_SOCKET if name in socket.headers}
        try:
            async with connect(address, additional_headers=headers, proxy=None) as leader:
                await socket.accept(leader.subprotocol)
                await _both_ways(socket, leader)
        except InvalidStatus:
            await socket.close(REFUSED)
        except (OSError, WebSocketException, TimeoutError):
            with contextlib.suppress(RuntimeError):  # it is closed already
                await socket.close(GONE_AWAY)

    async def _leader(self, site: str) -> Site | Problem:
        try:
            found = await self._directory.one(site)
        except StoreFailed as error:
            return _not_now(str(error), error.remedy)
        if found is None:
            told = f"there is no site {site}"
            return Problem(HTTPStatus.NOT_FOUND, "unknown_site", told, "GET /sites lists them")
        if found.released or not found.address:
            return _not_now(f"no manager leads {site}", "start its manager, then ask again")
        return found


async def _both_ways(socket: WebSocket, leader: ClientConnection) -> None:
    async def up() -> None:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            await leader.send(message.get("text") or message.get("bytes") or "")

    async def down() -> None:
        async for message in leader:
            if isinstance(message, str):
                await socket.send_text(message)
            else:
                await socket.send_bytes(message)

    tasks = {asyncio.create_task(up()), asyncio.create_task(down())}
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks - done:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    code = leader.close_code or GONE_AWAY
    with contextlib.suppress(RuntimeError, WebSocketDisconnect, ConnectionClosed):
        await socket.close(code)


def _answered(answer: httpx.Response, path: str) -> Response:
    found = StreamingResponse(
        answer.aiter_raw(), status_code=answer.status_code, background=BackgroundTask(answer.aclose)
    )
    for name, value in answer.headers.multi_items():
        if name == "set-cookie":
            # A log-in at one site is none at another.
            found.headers.append(name, value.replace("Path=/", f"Path={path}"))
        elif name == "location" and not urlsplit(value).netloc:
            found.headers.append(name, path + value)
        elif name not in NOT_FORWARDED or name == "content-length":
            found.headers.append(name, value)
    return found


def _has_body(request: Request) -> bool:
    return "content-length" in request.headers or "transfer-encoding" in request.headers


def _caller(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _not_now(problem: str, remedy: str) -> Problem:
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "no_manager", problem, remedy)
