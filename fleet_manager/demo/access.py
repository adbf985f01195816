"""The way into a demo: an account whose password is another each time, and a link for once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from fleet_manager.adapters.db.account_store import open_account_store
from fleet_manager.app.accounts.access import Access
from fleet_manager.app.accounts.directory import Directory
from fleet_manager.app.accounts.passwords import new_password
from fleet_manager.app.permissions import Role
from fleet_manager.demo.failure import DemoFailed
from fleet_manager.settings import Settings

NAME = "demo"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LINK_LASTS_S = 24 * 3600.0


@dataclass(frozen=True)
class DemoAccess:
    """Who may do everything in a demo, until the next one begins.

    Attributes:
        name, password: of its account.
        link: the secret of a log-in link that is good for once.
        session: the secret of a session, for programs.
    """

    name: str
    password: str
    link: str
    session: str


def open_demo(settings: Settings) -> DemoAccess:
    """Give the demo's account in a database another password, a link and a session.

    Raises:
        DemoFailed: the demo would be reached from other machines.
        CampusFleetError: the database cannot be used.
    """
    if settings.host not in LOOPBACK:
        raise DemoFailed(
            f"--host {settings.host}: a demo is for this machine alone",
            "leave --host out; for others run `fleet serve` and `fleet user add`",
        )
    return asyncio.run(_opened(settings))


async def _opened(settings: Settings) -> DemoAccess:
    store = await open_account_store(settings.database_url)
    try:
        access = Access(store, "")
        directory = Directory(access)
        password = new_password()
        account = await store.account_named(NAME)
        if account is None:
            account = await directory.add(NAME, Role.ADMIN, password=password)
        else:
            await directory.set_password(NAME, password)
            account = await directory.change(NAME, role=Role.ADMIN, disabled=False, sites=None)
        link = await access.new_link(account, LINK_LASTS_S)
        opened = await access.open(account, "127.0.0.1", "fleet demo")
        return DemoAccess(NAME, password, link, opened.secret)
    finally:
        await store.close()
