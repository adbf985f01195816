"""Refuses what a browser is made to send by another site, and says how pages may behave.

Any page in a browser could reach a manager on the same machine by DNS rebinding (the Host is the
page's own name then), or send a log-in's cookie along with a cross-site request (the Origin is not
the Host), so both are held against each other before anything else is looked at.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fleet_manager.adapters.http.problems import Problem

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
WILDCARDS = frozenset({"0.0.0.0", "::", ""})
REFUSED = 4403  # close code of a WebSocket

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""On every answer that does not say otherwise; pages bring a policy of their own."""
TRANSPORT_SECURITY = "max-age=31536000"


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
            await refuse(refusal, scope, receive, with_headers(send, scope))
            return
        await self._app(scope, receive, with_headers(send, scope))

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


async def refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a problem, or close a WebSocket where the server cannot send one."""
    if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
        await problem(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": REFUSED})


def with_headers(send: Send, scope: Scope) -> Send:
    """Send an answer with the headers by which a browser keeps it apart from other sites."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
            if scope["scheme"] == "https":
                headers.setdefault("Strict-Transport-Security", TRANSPORT_SECURITY)
        await send(message)

    return sent
