"""Routes for admins: accounts, machine tokens, the audit trail."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from fleet_manager.adapters.http.schemas import accounts as schema
from fleet_manager.adapters.http.schemas.base import Done, Id
from fleet_manager.adapters.http.service import Caused
from fleet_manager.adapters.http.session import access_of, known
from fleet_manager.app.accounts.access import LINK_LASTS_S
from fleet_manager.app.accounts.directory import Directory
from fleet_manager.app.accounts.records import Account, Token
from fleet_manager.app.permissions import LOWEST_ROLE, PERSONS_ONLY

router = APIRouter(tags=["accounts"])


@router.get("/permissions", response_model=list[schema.PermissionRow])
async def list_permissions() -> Any:
    """Who may what."""
    return [
        {
            "permission": each.value,
            "lowest_role": role,
            "for_machines": each not in PERSONS_ONLY,
        }
        for each, role in LOWEST_ROLE.items()
    ]


@router.get("/accounts", response_model=list[schema.AccountState])
async def list_accounts(request: Request) -> Any:
    """Everybody who can log in, by name."""
    store = access_of(request).store
    sessions = Counter(each.account_id for each in await store.sessions())
    return [_account(each, sessions[each.id]) for each in await store.accounts()]


@router.post("/accounts", response_model=schema.AccountState, status_code=201)
async def add_account(body: schema.NewAccount, request: Request) -> Any:
    """Add a person."""
    account = await Directory(access_of(request)).add(
        body.name,
        body.role,
        full_name=body.full_name,
        password=None if body.password is None else body.password.get_secret_value(),
        kinds=body.kinds,
        sites=body.sites,
    )
    return _account(account, 0)


@router.patch("/accounts/{name}", response_model=schema.AccountState)
async def change_account(name: Id, body: schema.ChangedAccount, request: Request) -> Any:
    """Change role, name or limits of an account, or keep it out; null of a limit is all."""
    access = access_of(request)
    given = {
        each: getattr(body, each) for each in ("kinds", "sites") if each in body.model_fields_set
    }
    account = await Directory(access).change(
        name, role=body.role, full_name=body.full_name, disabled=body.disabled, **given
    )
    return _account(account, len(await access.store.sessions(account.id)))


@router.post("/accounts/{name}/link", response_model=schema.LogInLink, status_code=201)
async def make_link(name: Id, request: Request) -> Any:
    """A link that logs a person in, once, within an hour."""
    access = access_of(request)
    account = await Directory(access).account(name)
    ends_s = access.now_s() + LINK_LASTS_S
    return {"path": f"/app/login#{await access.new_link(account)}", "ends_s": ends_s}


@router.delete("/accounts/{name}/sessions", response_model=Done)
async def end_sessions(name: Id, request: Request) -> Any:
    """Log a person out everywhere."""
    await Directory(access_of(request)).end_sessions(name)
    return {"success": True}


@router.get("/tokens", response_model=list[schema.TokenState])
async def list_tokens(request: Request) -> Any:
    """Machine tokens, the latest first."""
    return [_token(each) for each in await access_of(request).store.tokens()]


@router.post("/tokens", response_model=schema.MadeToken, status_code=201)
async def make_token(body: schema.NewToken, request: Request, asking: Caused) -> Any:
    """Make a machine token; its secret is told this once."""
    secret, token = await Directory(access_of(request)).add_token(
        body.name, body.scopes, known(asking.caller).name, ends_s=body.ends_s, kinds=body.kinds
    )
    return {**_token(token), "secret": secret}


@router.delete("/tokens/{token_id}", response_model=Done)
async def revoke_token(token_id: Id, request: Request) -> Any:
    """Revoke a machine token."""
    await Directory(access_of(request)).remove_token(token_id)
    return {"success": True}


@router.get("/audit", response_model=list[schema.AuditRow])
async def read_audit(
    request: Request,
    before: Annotated[int | None, Query(ge=1, le=1 << 53, description="seq of the oldest")] = None,
    actor: Annotated[str | None, Query(max_length=200)] = None,
    refused: bool | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Any:
    """Commands and refusals, newest first; `before` the last one's seq gives the next page."""
    store = access_of(request).store
    rows = await store.audit(before=before, actor=actor, refused=refused, limit=limit)
    return [asdict(each) for each in rows]


def _account(account: Account, sessions: int) -> dict[str, Any]:
    return {
        "name": account.name,
        "full_name": account.full_name,
        "role": account.role,
        "disabled": account.disabled,
        "kinds": account.kinds,
        "sites": account.sites,
        "has_password": bool(account.password),
        "by_provider": bool(account.subject),
        "created_s": account.created_s,
        "sessions": sessions,
    }


def _token(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "scopes": [each.value for each in token.scopes],
        "kinds": token.kinds,
        "created_by": token.created_by,
        "created_s": token.created_s,
        "ends_s": token.ends_s,
        "used_s": token.used_s,
    }
