"""Accounts on a real database: who gets in, for how long, and what is kept of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from fleet_manager.adapters.db import open_store
from fleet_manager.adapters.db.account_store import open_account_store
from fleet_manager.app.accounts.access import IDLE_S, LASTS_S, LINK_LASTS_S
from fleet_manager.app.accounts.audit import AuditTrail
from fleet_manager.app.accounts.passwords import Passwords
from fleet_manager.app.accounts.records import (
    AccountExists,
    AuditEntry,
    InvalidAccount,
    TooOften,
    Unauthenticated,
)
from fleet_manager.app.permissions import Permission, Role
from fleet_manager.core.errors import Unknown, WrongState
from fleet_manager.ports import StoreFailed
from tests.contract.accounts import PASSWORD, Kept, kept_accounts

pytestmark = pytest.mark.anyio
HERE = ("192.0.2.1", "Firefox")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def written(folder: Path) -> bytes:
    """All that is on disk in a folder."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Kept]:
    async with kept_accounts(tmp_path) as accounts:
        yield accounts


async def test_a_password_opens_a_session_whatever_the_case_of_the_name(kept: Kept) -> None:
    await kept.directory.add("Li Wei", Role.OPERATOR, password=PASSWORD, kinds=["security"])
    opened = await kept.access.log_in("LI WEI", PASSWORD, *HERE)
    caller = await kept.access.caller(opened.secret)
    assert caller is not None
    assert (caller.name, caller.person, caller.role) == ("Li Wei", True, Role.OPERATOR)
    assert caller.kinds == {"security"}
    assert Permission.STOP_ROBOTS in caller.permissions
    assert Permission.ASK_TASKS not in caller.permissions


async def test_nothing_that_opens_anything_is_kept(kept: Kept, tmp_path: Path) -> None:
    account = await kept.directory.add("li", Role.ADMIN, password=PASSWORD)
    session = (await kept.access.log_in("li", PASSWORD, *HERE)).secret
    link = await kept.access.new_link(account)
    token, _ = await kept.directory.add_token("panel", ["fire:raise"], "li")
    await kept.store.close()
    kept_bytes = written(tmp_path)
    assert b"$argon2id$" in kept_bytes
    for secret in (PASSWORD, session, link, token):
        assert secret.encode() not in kept_bytes


async def test_a_session_ends_unused_and_in_any_case(kept: Kept) -> None:
    await kept.directory.add("li", Role.VIEWER, password=PASSWORD)
    idle = (await kept.access.log_in("li", PASSWORD, *HERE)).secret
    kept.clock.time_s += IDLE_S - 1
    assert await kept.access.caller(idle) is not None
    kept.clock.time_s += IDLE_S
    assert await kept.access.caller(idle) is None
    busy = (await kept.access.log_in("li", PASSWORD, *HERE)).secret
    for _ in range(int(LASTS_S / IDLE_S) * 2 - 1):
        kept.clock.time_s += IDLE_S / 2
        assert await kept.access.caller(busy) is not None
    kept.clock.time_s += IDLE_S / 2
    assert await kept.access.caller(busy) is None


async def test_what_is_revoked_is_over_at_once(kept: Kept) -> None:
    await kept.directory.add("li", Role.VIEWER, password=PASSWORD)
    await kept.directory.add("root", Role.ADMIN, password=PASSWORD)
    first, second = [(await kept.access.log_in("li", PASSWORD, *HERE)) for _ in range(2)]
    assert await kept.access.caller(first.secret) is not None
    await kept.directory.end_sessions("li", first.session.id)
    assert await kept.access.caller(first.secret) is None
    assert await kept.access.caller(second.secret) is not None
    await kept.directory.change("li", disabled=True)
    assert await kept.access.caller(second.secret) is None
    with pytest.raises(Unauthenticated, match="disabled"):
        await kept.access.log_in("li", PASSWORD, *HERE)
    secret, token = await kept.directory.add_token("kiosk", ["fleet:see"], "root")
    assert await kept.access.caller(secret) is not None
    await kept.directory.remove_token(token.id)
    assert await kept.access.caller(secret) is None
    with pytest.raises(Unknown):
        await kept.directory.remove_token(token.id)


async def test_another_password_ends_the_other_sessions(kept: Kept) -> None:
    await kept.directory.add("li", Role.VIEWER, password=PASSWORD)
    first, second = [(await kept.access.log_in("li", PASSWORD, *HERE)) for _ in range(2)]
    await kept.directory.set_password("li", PASSWORD + "!", keep_session=second.session.id)
    assert await kept.access.caller(first.secret) is None
    assert await kept.access.caller(second.secret) is not None
    with pytest.raises(Unauthenticated):
        await kept.access.log_in("li", PASSWORD, *HERE)


async def test_a_link_is_good_for_once_and_not_for_long(kept: Kept) -> None:
    account = await kept.directory.add("li", Role.VIEWER)
    secret = await kept.access.new_link(account)
    ways = await asyncio.gather(
        *(kept.access.log_in_by_link(secret, *HERE) for _ in range(4)), return_exceptions=True
    )
    assert sum(not isinstance(each, BaseException) for each in ways) == 1
    late = await kept.access.new_link(account)
    kept.clock.time_s += LINK_LASTS_S
    with pytest.raises(Unauthenticated, match="over"):
        await kept.access.log_in_by_link(late, *HERE)


async def test_an_account_without_a_password_cannot_be_guessed(kept: Kept) -> None:
    await kept.directory.add("li", Role.VIEWER)
    for password in ("", "x"):
        with pytest.raises(Unauthenticated):
            await kept.access.log_in("li", password, *HERE)


async def test_an_account_of_another_campus_does_not_get_in(kept: Kept) -> None:
    await kept.directory.add("li", Role.VIEWER, password=PASSWORD, sites=["xixi"])
    with pytest.raises(Unauthenticated, match="canalside"):
        await kept.access.log_in("li", PASSWORD, *HERE)
    await kept.directory.change("li", sites=["xixi", "canalside"])
    await kept.access.log_in("li", PASSWORD, *HERE)


async def test_who_guesses_waits_longer_each_time_and_others_do_not(kept: Kept) -> None:
    await kept.directory.add("li", Role.VIEWER, password=PASSWORD)

    async def fails() -> float:
        """Seconds to wait until it can be tried again."""
        with pytest.raises(Unauthenticated):
            await kept.access.log_in("li", "a guess", *HERE)
        try:
            await kept.access.log_in("li", "a guess", *HERE)
        except TooOften as error:
            return error.wait_s
        except Unauthenticated:
            return 0
        raise AssertionError

    assert await fails() == 0
    assert await fails() == 0
    waits = []
    for _ in range(4):
        waits.append(await fails())
        kept.clock.time_s += waits[-1]
    assert waits == [2, 4, 8, 16]
    # The right password waits too, from there; the owner at another place does not.
    with pytest.raises(Unauthenticated):
        await kept.access.log_in("li", "a guess", *HERE)
    with pytest.raises(TooOften):
        await kept.access.log_in("li", PASSWORD, *HERE)
    await kept.access.log_in("li", PASSWORD, "192.0.2.2", "Firefox")


async def test_names_are_unique_and_the_last_admin_stays(kept: Kept) -> None:
    await kept.directory.add("Li", Role.ADMIN, password=PASSWORD)
    with pytest.raises(AccountExists):
        await kept.directory.add("lI", Role.VIEWER)
    for name in ("", " ", "-li", "a/b", "x" * 65, "li\x00"):
        with pytest.raises(InvalidAccount):
            await kept.directory.add(name, Role.VIEWER)
    for change in ({"role": Role.DISPATCHER}, {"disabled": True}):
        with pytest.raises(WrongState, match="last admin"):
            await kept.directory.change("li", **change)  # type: ignore[arg-type]
    await kept.directory.add("Kim", Role.ADMIN)
    assert (await kept.directory.change("li", role=Role.VIEWER)).role is Role.VIEWER


@pytest.mark.parametrize("password", ["short", "x" * 201, "aaaaaaaaaaaa", "li wei 12345"])
async def test_a_weak_password_is_refused(kept: Kept, password: str) -> None:
    with pytest.raises(InvalidAccount):
        await kept.directory.add("Li Wei", Role.VIEWER, password=password)


@pytest.mark.parametrize("scopes", [[], ["robots:release"], ["fleet:see", "everything"]])
async def test_a_token_cannot_have_what_no_machine_may(kept: Kept, scopes: list[str]) -> None:
    with pytest.raises(InvalidAccount):
        await kept.directory.add_token("panel", scopes, "li")


async def test_a_token_is_over_when_it_was_said_to_be(kept: Kept) -> None:
    ends_s = kept.clock.time_s + 60
    secret, _ = await kept.directory.add_token("panel", ["fire:raise"], "li", ends_s=ends_s)
    caller = await kept.access.caller(secret)
    assert caller is not None
    assert (caller.actor, caller.permissions) == ("token:panel", {Permission.RAISE_FIRE})
    kept.clock.time_s += 60
    assert await kept.access.caller(secret) is None
    assert await kept.access.caller("cft_nonsense") is None
    assert await kept.access.caller("nonsense") is None


async def test_a_hash_of_weaker_parameters_is_made_anew_at_the_next_log_in(kept: Kept) -> None:
    await kept.directory.add("li", Role.VIEWER, password=PASSWORD)
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    kept.access.passwords = Passwords(stronger)
    await kept.access.log_in("li", PASSWORD, *HERE)
    account = await kept.directory.account("li")
    assert not stronger.check_needs_rehash(account.password)
    await kept.access.log_in("li", PASSWORD, *HERE)


ENTRY = AuditEntry(
    1.0, "li", "192.0.2.1", "POST", "/robots/pause", "", "robots:pause", 200, *[""] * 3
)


async def test_the_audit_trail_is_read_page_by_page_and_filtered(kept: Kept) -> None:
    trail = AuditTrail(kept.store)
    refused = replace(ENTRY, actor="kim", status=403, code="forbidden", detail="a viewer")
    await asyncio.gather(*(trail.add(ENTRY) for _ in range(5)), trail.add(refused))
    newest = await kept.store.audit(limit=2)
    assert [each.seq for each in newest] == [6, 5]
    assert [each.seq for each in await kept.store.audit(before=5, limit=2)] == [4, 3]
    assert [each.code for each in await kept.store.audit(refused=True)] == ["forbidden"]
    assert len(await kept.store.audit(actor="li", refused=False)) == 5


async def test_a_trail_that_cannot_be_written_keeps_nobody_from_anything(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_entries: object) -> None:
        raise StoreFailed("the disk is full", "make room")

    monkeypatch.setattr(kept.store, "add_audit", fail)
    trail = AuditTrail(kept.store)
    await trail.add(ENTRY)
    assert trail.lost == 1


async def test_accounts_are_kept_beside_a_manager_that_runs(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'fleet.db'}"
    manager = await open_store(url)
    accounts = await open_account_store(url)
    assert await accounts.accounts() == []
    await accounts.close()
    await manager.close()
