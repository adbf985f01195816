"""Reads a body before the application does, and refuses one that is too large."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fleet_manager.adapters.http.problems import Problem

BODY_AT_MOST = 1 << 20
BODY_OF_PATH_AT_MOST = {"/map/versions": 32 << 20}
"""A map of 10,000 waypoints is some 8 MB."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class BodyLimit:
    """ASGI middleware; what was read is at `scope["state"]["body"]` for the audit trail."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE:
            await self._app(scope, receive, send)
            return
        at_most = BODY_OF_PATH_AT_MOST.get(scope["path"], BODY_AT_MOST)
        body = await _read(receive, Headers(scope=scope), at_most)
        if body is None:
            await _too_large(at_most)(scope, receive, send)
            return
        scope.setdefault("state", {})["body"] = body
        await self._app(scope, _replay(body, receive), send)


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
