"""Routes of the own account: log in and out, password, sessions."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from fleet_manager.adapters.http.access_gate import cookie_name
from fleet_manager.adapters.http.schemas import accounts as schema
from fleet_manager.adapters.http.schemas.base import Done, Id
from fleet_manager.adapters.http.service import Caused
from fleet_manager.app.accounts.access import LASTS_S, Access, Opened
from fleet_manager.app.accounts.directory import Directory
from fleet_manager.app.accounts.records import Account, InvalidAccount, Unauthenticated
from fleet_manager.app.permissions import Caller, permissions_of

router = APIRouter(tags=["accounts"])


def access_of(request: Request) -> Access:
    """How the application recognises people and machines."""
    access: Access = request.app.state.access
    return access


@router.get("/session", response_model=schema.SessionState)
async def get_session(request: Request, asking: Caused) -> Any:
    """Who is logged in; asked for by everybody."""
    access = access_of(request)
    account = None
    if asking.caller is not None and asking.caller.person:
        account = await access.store.account(asking.caller.account_id)
    me = None if asking.caller is None else _me(asking.caller, account)
    return await _state(access, me)


@router.post("/session", response_model=schema.SessionState)
async def log_in(body: schema.LogIn, request: Request, response: Response, asking: Caused) -> Any:
    """Log in; a browser gets the session as a cookie, a program as a secret if it asks for it."""
    access = access_of(request)
    if body.link is not None:
        link = body.link.get_secret_value()
        opened = await access.log_in_by_link(link, asking.address, asking.agent)
    elif body.name is not None and body.password is not None:
        password = body.password.get_secret_value()
        opened = await access.log_in(body.name, password, asking.address, asking.agent)
    else:
        raise InvalidAccount("nothing to log in with", "give name and password, or a link")
    if not body.bearer:
        _set_cookie(request, response, opened.secret)
    state = await _state(access, _me_of(opened))
    return {**state, "secret": opened.secret if body.bearer else None}


@router.delete("/session", response_model=Done)
async def log_out(request: Request, response: Response, asking: Caused) -> Any:
    """End the session that asks."""
    access = access_of(request)
    if asking.caller is not None and asking.caller.session_id:
        await access.store.end_sessions(session_id=asking.caller.session_id)
        access.forget()
    response.delete_cookie(cookie_name(request.headers.get("host", "")), path="/")
    return {"success": True}


@router.put("/session/password", response_model=Done)
async def set_password(body: schema.NewPassword, request: Request, asking: Caused) -> Any:
    """Change the own password; who has none gives any as the old one and uses a link instead."""
    access, caller = access_of(request), known(asking.caller)
    old = body.password.get_secret_value()
    opened = await access.log_in(caller.name, old, asking.address, asking.agent)
    await access.store.end_sessions(session_id=opened.session.id)
    await Directory(access).set_password(
        caller.name, body.new_password.get_secret_value(), keep_session=caller.session_id
    )
    return {"success": True}


@router.get("/sessions", response_model=list[schema.SessionEntry])
async def list_sessions(request: Request, asking: Caused) -> Any:
    """Where the own account is logged in, the latest first."""
    caller = known(asking.caller)
    return [
        {
            "id": each.id,
            "created_s": each.created_s,
            "used_s": each.used_s,
            "ends_s": each.ends_s,
            "address": each.address,
            "agent": each.agent,
            "current": each.id == caller.session_id,
        }
        for each in await access_of(request).store.sessions(caller.account_id)
    ]


@router.delete("/sessions/{session_id}", response_model=Done)
async def end_session(session_id: Id, request: Request, asking: Caused) -> Any:
    """End a session of the own account."""
    caller = known(asking.caller)
    await Directory(access_of(request)).end_sessions(caller.name, session_id)
    return {"success": True}


def known(caller: Caller | None) -> Caller:
    """Who asks.

    Raises:
        Unauthenticated: nobody who is known.
    """
    if caller is None:
        raise Unauthenticated("nobody is logged in", "log in at /app/")
    return caller


async def _state(access: Access, me: dict[str, Any] | None) -> dict[str, Any]:
    any_accounts = me is not None or bool(await access.store.accounts())
    return {"me": me, "site": access.site, "any_accounts": any_accounts, "secret": None}


def _me(caller: Caller, account: Account | None) -> dict[str, Any]:
    return {
        "name": caller.name,
        "full_name": account.full_name if account is not None else "",
        "person": caller.person,
        "role": caller.role,
        "permissions": sorted(each.value for each in caller.permissions),
        "kinds": None if caller.kinds is None else sorted(caller.kinds),
    }


def _me_of(opened: Opened) -> dict[str, Any]:
    account = opened.account
    return {
        "name": account.name,
        "full_name": account.full_name,
        "person": True,
        "role": account.role,
        "permissions": sorted(each.value for each in permissions_of(account.role)),
        "kinds": account.kinds,
    }


def _set_cookie(request: Request, response: Response, secret: str) -> None:
    """A cookie that no script reads and no other site has sent along."""
    response.set_cookie(
        cookie_name(request.headers.get("host", "")),
        secret,
        max_age=int(LASTS_S),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
