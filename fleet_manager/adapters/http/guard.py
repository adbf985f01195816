"""Refuses what a browser is made to send by another site, and what is too large.

The API has no accounts yet and binds to loopback. Any page in the same browser could still reach it
by DNS rebinding (the Host is the page's own name then) or by a cross-site POST or WebSocket (the
Origin is not the Host), so both are held against each other.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fleet_manager.adapters.http.problems import Problem

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
WILDCARDS = frozenset({"0.0.0.0", "::", ""})
BODY_AT_MOST = 1 << 20
BODY_OF_PATH_AT_MOST = {"/map/versions": 32 << 20}
"""A map of 10,000 waypoints is some 8 MB."""
REFUSED = 4403  # close code of a WebSocket


class Guard:
    """ASGI middleware around the whole application.

    Args:
        app: what is guarded.
        hosts: names of this server beside the loopback ones; a wildcard address stands for every
            IP address, which no other site can have rebound.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app = app
        given = {host.lower().strip("[]") for host in hosts}
        self._any_address = bool(given & WILDCARDS)
        self._hosts = LOOPBACK | (given - WILDCARDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Headers(scope=scope))
        if refusal is not None:
            await _refuse(refusal, scope, receive, send)
            return
        if scope["type"] == "websocket" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        at_most = BODY_OF_PATH_AT_MOST.get(scope["path"], BODY_AT_MOST)
        body = await _read(receive, Headers(scope=scope), at_most)
        if body is None:
            await _too_large(at_most)(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)

    def _refusal(self, headers: Headers) -> Problem | None:
        host = headers.get("host", "")
        if not self._is_ours(host):
            return Problem(
                HTTPStatus.FORBIDDEN,
                "foreign_host",
                "the Host of the request is not a name of this server",
                "use the address that the manager was started with, such as http://localhost:8000",
            )
        origins = headers.getlist("origin")
        if any(not _same(origin, host) for origin in origins):
            return Problem(
                HTTPStatus.FORBIDDEN,
                "foreign_origin",
                "another site asked for this in the browser",
                "use the dashboard of this server, or a program instead of a browser",
            )
        return None

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self._hosts or (self._any_address and _is_address(name))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _same(origin: str, host: str) -> bool:
    """Whether a page comes from the server it asks."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.netloc.lower() == host.lower()


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a problem, or close a WebSocket where the server cannot send one."""
    if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
        await problem(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": REFUSED})


async def _read(receive: Receive, headers: Headers, at_most: int) -> bytes | None:
    """The whole body; None where it is too large."""
    length = headers.get("content-length", "")
    if length.isdigit() and int(length) > at_most:
        return None
    parts: list[bytes] = []
    size = 0
    while True:
        message: dict[str, Any] = dict(await receive())
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > at_most:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read to who asks for it, and then what comes after it."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _too_large(at_most: int) -> Problem:
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body_too_large",
        f"the body is larger than {at_most} bytes",
        "ask for less at once",
    )
