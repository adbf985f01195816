"""The one gate before all routes: who asks, whether they may, how often, and the trail of it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fleet_manager.adapters.http.audited import audited
from fleet_manager.adapters.http.body_limit import SAFE
from fleet_manager.adapters.http.guard import refuse
from fleet_manager.adapters.http.problems import REMEDY_OF, Problem, problem_of
from fleet_manager.adapters.http.rate import RECOGNISED, UNKNOWN, RateLimit
from fleet_manager.adapters.http.route_permissions import TABLE, WEBSOCKET, Found, RouteTable
from fleet_manager.app.accounts.access import Access
from fleet_manager.app.accounts.audit import AuditTrail
from fleet_manager.app.accounts.records import (
    AuditEntry,
    Forbidden,
    TooOften,
    Unauthenticated,
)
from fleet_manager.app.permissions import LOWEST_ROLE, PERSONS_ONLY, Caller, Permission
from fleet_manager.ports import StoreError

REQUEST_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, at `scope["state"]["asking"]` for the routes.

    Attributes:
        caller: None: nobody is recognised.
        secret: of the session or token; "": none was sent.
        address: from where.
        agent: the program, as it says.
        still: whether the caller may still do what the route takes; for what lasts.
    """

    caller: Caller | None
    secret: str
    address: str
    agent: str
    still: Callable[[], Awaitable[bool]]


class AccessGate:
    """ASGI middleware: nothing that is not in the table of routes gets by.

    Args:
        app: what is behind it.
        access: recognises who asks.
        trail: keeps commands and refusals.
        limit: how often anybody may ask.
    """

    def __init__(
        self, app: ASGIApp, access: Access, trail: AuditTrail, limit: RateLimit | None = None
    ) -> None:
        self._app = app
        self._access = access
        self._trail = trail
        self._limit = limit or RateLimit()
        self._routes = RouteTable(TABLE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        method = scope["method"] if scope["type"] == "http" else WEBSOCKET
        route = self._routes.find(method, scope["path"])
        permission = route.permission if isinstance(route, Found) else None
        secret, by_cookie = _secret(headers)
        address = scope["client"][0] if scope.get("client") else ""
        caller: Caller | None = None
        refusal: Problem | None = None
        flooding = False
        try:
            caller = await self._access.caller(secret) if secret else None
            self._hold_up(caller, address)
            _check_origin(headers, method, by_cookie and caller is not None)
            refusal = _admitted(route, caller, secret)
        except (Unauthenticated, Forbidden, TooOften, StoreError) as error:
            refusal = problem_of(error)
            # Whoever floods the manager does not fill its disk with that.
            flooding = caller is None and isinstance(error, TooOften)
        asking = Asking(
            caller,
            secret,
            address,
            headers.get("user-agent", ""),
            lambda: self._still(secret, permission),
        )
        scope.setdefault("state", {})["asking"] = asking
        request_id = _request_id(headers)
        # Pages that are left open ask on with a session that is over; that is nothing to look into.
        known_or_guessed = caller is not None or (bool(secret) and not by_cookie)
        if not flooding and (known_or_guessed or method not in SAFE):
            entry = _entry(scope, asking, permission, self._access.now_s(), request_id)
            send = audited(send, scope, entry, self._trail.add)
        send = _with_request_id(send, request_id)
        known = {"request_id": request_id, "actor": caller.actor if caller is not None else ""}
        with structlog.contextvars.bound_contextvars(**known):
            if refusal is not None:
                await refuse(refusal, scope, receive, send)
            else:
                await self._app(scope, receive, send)

    def _hold_up(self, caller: Caller | None, address: str) -> None:
        """Let nobody ask too often.

        Raises:
            TooOften: somebody does.
        """
        if caller is not None:
            wait_s = self._limit.wait_s(f"by {caller.account_id}", RECOGNISED)
        else:
            wait_s = self._limit.wait_s(f"from {address}", UNKNOWN)
        if wait_s > 0:
            raise TooOften("too many requests", wait_s)

    async def _still(self, secret: str, permission: Permission | None) -> bool:
        if permission is None:
            return True
        try:
            caller = await self._access.caller(secret)
        except StoreError:
            return True  # a database that cannot be read at this moment revokes nothing
        return caller is not None and permission in caller.permissions


def cookie_name(host: str) -> str:
    """Of the session's cookie: browsers keep cookies apart by name of a host, not by its port."""
    return f"campus_session_{urlsplit(f'//{host}').port or 'default'}"


def _secret(headers: Headers) -> tuple[str, bool]:
    """What the caller is to be recognised by, and whether a browser sent it by itself."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and given.strip():
        return given.strip(), False
    cookies = cookie_parser(headers.get("cookie", ""))
    return cookies.get(cookie_name(headers.get("host", "")), ""), True


def _check_origin(headers: Headers, method: str, by_cookie: bool) -> None:
    """Have a browser say which page asks for a change; that it is ours the guard has seen.

    Raises:
        Forbidden: it does not.
    """
    if not by_cookie or method in SAFE or headers.get("origin"):
        return
    if headers.get("sec-fetch-site") != "same-origin":
        raise Forbidden(
            "a request with a cookie that does not say which page it comes from",
            "use the dashboard; programs send their session or token as Authorization: Bearer",
        )


def _admitted(route: Found | frozenset[str], caller: Caller | None, secret: str) -> Problem | None:
    """Let in who may; a problem where there is no such route.

    Raises:
        Unauthenticated: nobody is recognised.
        Forbidden: somebody is, and may not.
    """
    if not isinstance(route, Found):
        status = HTTPStatus.METHOD_NOT_ALLOWED if route else HTTPStatus.NOT_FOUND
        code = status.phrase.lower().replace(" ", "_")
        headers = {"Allow": ", ".join(sorted(route))} if route else None
        return Problem(status, code, status.phrase, REMEDY_OF[status], headers)
    permission = route.permission
    if permission is None or (caller is not None and permission in caller.permissions):
        return None
    if caller is None:
        said = "the session is over, or the token was revoked" if secret else "nobody is logged in"
        raise Unauthenticated(said, "log in at /app/, or send a token as Authorization: Bearer")
    if not caller.person:
        persons = permission in PERSONS_ONLY
        raise Forbidden(
            f"the token {caller.name} has no scope {permission}",
            "a person has to log in for it" if persons else "use a token that has it",
        )
    raise Forbidden(
        f"{caller.name} is {caller.role}, and this takes {LOWEST_ROLE[permission]}",
        f"ask somebody who is {LOWEST_ROLE[permission]}, or an admin for the role",
    )


def _entry(
    scope: Scope, asking: Asking, permission: Permission | None, now_s: float, request_id: str
) -> AuditEntry:
    """What the audit trail keeps of a request, without what will come of it."""
    query = scope.get("query_string", b"").decode("latin-1")[:500]
    return AuditEntry(
        time_s=now_s,
        actor=asking.caller.actor if asking.caller is not None else "",
        address=asking.address,
        method=scope.get("method", WEBSOCKET),
        path=scope["path"][:500] + (f"?{query}" if query else ""),
        body="",
        permission=permission.value if permission is not None else "",
        status=0,
        code="",
        detail="",
        request_id=request_id,
    )


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def _with_request_id(send: Send, request_id: str) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            MutableHeaders(scope=message)["X-Request-ID"] = request_id
        await send(message)

    return sent
