"""Opens the database: which addresses are understood, and how SQLite is set up."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from fleet_manager.ports import StoreUnusable

BUSY_TIMEOUT_MS = 2000
IDLE_MS = 2000
CONNECT_WITHIN_S = 5.0
ANSWER_WITHIN_S = 10.0
SITE = "site"
SITE_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

# FULL: an order that was published must still be in the log after a power cut, else its id could
# be given to another order. One write to disk a transaction; busy hours share them (group commit).
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)


def database_file(url: str) -> Path:
    """The file of a SQLite address.

    Raises:
        StoreUnusable: it is not an address of a SQLite file through aiosqlite.
    """
    file = file_of(url)
    if file is None:
        raise StoreUnusable(
            "this is for databases of SQLite", "use pg_dump, pg_restore and their like"
        )
    return file


def file_of(url: str) -> Path | None:
    """The file of a SQLite address; None: it is one of PostgreSQL.

    Raises:
        StoreUnusable: it is neither.
    """
    remedy = (
        "set CAMPUS_DATABASE_URL to sqlite+aiosqlite:///FILE or "
        "postgresql+asyncpg://USER:PASSWORD@HOST/DATABASE, or leave it out"
    )
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreUnusable("that is not the address of a database", remedy) from error
    if parsed.drivername == "postgresql+asyncpg" and parsed.database:
        return None
    shown = parsed.render_as_string(hide_password=True)
    if parsed.drivername != "sqlite+aiosqlite" or parsed.database in (None, "", ":memory:"):
        raise StoreUnusable(
            f"the database {shown} is neither a file of SQLite nor one of PostgreSQL", remedy
        )
    return Path(str(parsed.database))


def site_of(url: str | URL) -> str | None:
    """The site that an address of PostgreSQL names, `…/DATABASE?site=NAME`; None: none.

    Raises:
        StoreUnusable: it is no name of a site.
    """
    site = make_url(url).query.get(SITE)
    if site is None:
        return None
    if not isinstance(site, str) or not SITE_NAME.fullmatch(site):
        raise StoreUnusable(
            f"{site!r} is no name of a site", "take small letters, digits and _, 40 at most"
        )
    return site


def shown_url(url: str) -> str:
    """An address without its password."""
    return make_url(url).render_as_string(hide_password=True)


def sqlite_url(file: Path) -> URL:
    """The address of a file."""
    return URL.create("sqlite+aiosqlite", database=str(file))


def open_engine(url: str | URL) -> AsyncEngine:
    """An engine whose connections are set up for one writer and many readers."""
    if make_url(url).get_backend_name() == "postgresql":
        site = site_of(url)
        path = {} if site is None else {"search_path": f'"{site}"'}
        patience = {
            "timeout": CONNECT_WITHIN_S,
            "command_timeout": ANSWER_WITHIN_S,
            # A manager that is frozen in a transaction must not keep its successor waiting.
            "server_settings": {
                "idle_in_transaction_session_timeout": f"{IDLE_MS}",
                "lock_timeout": f"{BUSY_TIMEOUT_MS}",
                **path,
            },
        }
        plain = make_url(url).difference_update_query([SITE])
        return create_async_engine(plain, pool_pre_ping=True, connect_args=patience)
    engine = create_async_engine(url)

    @event.listens_for(engine.sync_engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(pragma)
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.close()
        # The driver opens no transaction for a change of tables; a half migrated database would
        # be left by a crash. So transactions are opened here.
        connection.isolation_level = None

    @event.listens_for(engine.sync_engine, "checkout")
    def _is_of_the_file(_connection: Any, record: Any, _proxy: Any) -> None:
        """A damaged file that was made anew has the name, and is another: open that."""
        file = make_url(url).database or ""
        try:
            now = os.stat(file).st_ino
        except OSError:
            return
        if record.info.setdefault("inode", now) != now:
            raise DisconnectionError("the database was made anew")

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine
