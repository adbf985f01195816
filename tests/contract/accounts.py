"""Accounts on a database in a folder, with a clock that tests set and quick hashes."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher

from fleet_manager.adapters.db.account_store import SqlAccountStore, open_account_store
from fleet_manager.app.accounts.access import Access
from fleet_manager.app.accounts.directory import Directory
from fleet_manager.app.accounts.passwords import Passwords
from fleet_manager.app.accounts.throttle import Throttle

QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
PASSWORD = "nine herons at dusk"


@dataclass
class Clock:
    """Shows what a test sets."""

    time_s: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time_s


@dataclass
class Kept:
    """Accounts of a campus."""

    store: SqlAccountStore
    clock: Clock
    access: Access
    directory: Directory


@contextlib.asynccontextmanager
async def kept_accounts(folder: Path) -> AsyncIterator[Kept]:
    """Accounts of the campus `canalside` in a folder's database."""
    store = await open_account_store(f"sqlite+aiosqlite:///{folder / 'fleet.db'}")
    clock = Clock()
    access = Access(store, "canalside", now_s=clock, passwords=QUICK, throttle=Throttle(clock))
    try:
        yield Kept(store, clock, access, Directory(access))
    finally:
        await store.close()
