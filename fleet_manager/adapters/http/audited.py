"""What the audit trail keeps of a request: who, when, from where, what, and why it was refused."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from starlette.types import Message, Scope, Send

from fleet_manager.adapters.http.body_limit import SAFE
from fleet_manager.adapters.http.problems import MEDIA_TYPE
from fleet_manager.app.accounts.records import AuditEntry

Keep = Callable[[AuditEntry], Awaitable[None]]

LONGEST_BODY = 2000
SECRETS = frozenset({"password", "new_password", "link", "secret", "code"})
HIDDEN = "…"


def audited(send: Send, scope: Scope, blank: AuditEntry, keep: Keep) -> Send:
    """Send an answer after the audit trail has it, where it is one that the trail keeps.

    Kept are commands, whatever came of them, and whatever was refused to somebody who is known.

    Args:
        send: of the server.
        scope: of the request.
        blank: the entry without what came of it.
        keep: writes it.
    """
    held: list[Message] = []

    async def sent(message: Message) -> None:
        if message["type"].endswith("http.response.start"):
            if scope.get("method", "GET") in SAFE and message["status"] not in (401, 403, 429):
                held.clear()
                await send(message)
            else:
                held.append(message)
            return
        if held:
            start = held.pop()
            await keep(_entry(blank, start, message.get("body", b""), scope))
            await send(start)
        await send(message)

    return sent


def _entry(blank: AuditEntry, start: Message, body: bytes, scope: Scope) -> AuditEntry:
    code, detail = "", ""
    types = [value for name, value in start["headers"] if name.lower() == b"content-type"]
    if types == [MEDIA_TYPE.encode()]:
        problem = json.loads(body)
        code, detail = problem["code"], problem["detail"]
    given = shortened(scope.get("state", {}).get("body", b""))
    return replace(blank, status=start["status"], code=code, detail=detail[:1000], body=given)


def shortened(body: bytes) -> str:
    """A body for people to read later: without secrets, and no longer than need be."""
    if not body:
        return ""
    if len(body) > 16 * LONGEST_BODY:
        return f"({len(body)} bytes)"
    try:
        text = json.dumps(_without_secrets(json.loads(body)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return f"({len(body)} bytes that are not JSON)"
    return text if len(text) <= LONGEST_BODY else text[:LONGEST_BODY] + HIDDEN


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: HIDDEN if key in SECRETS else _without_secrets(each) for key, each in value.items()
        }
    if isinstance(value, list):
        return [_without_secrets(each) for each in value]
    return value
