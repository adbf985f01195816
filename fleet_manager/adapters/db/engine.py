"""Opens the database: which addresses are understood, and how SQLite is set up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from fleet_manager.ports import StoreUnusable

BUSY_TIMEOUT_MS = 2000

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
    remedy = "set CAMPUS_DATABASE_URL to sqlite+aiosqlite:///FILE, or leave it out"
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreUnusable(f"{url!r} is not the address of a database", remedy) from error
    shown = parsed.render_as_string(hide_password=True)
    if parsed.drivername != "sqlite+aiosqlite" or parsed.database in (None, "", ":memory:"):
        raise StoreUnusable(f"the database {shown} is not a file of SQLite", remedy)
    return Path(str(parsed.database))


def sqlite_url(file: Path) -> URL:
    """The address of a file."""
    return URL.create("sqlite+aiosqlite", database=str(file))


def open_engine(url: str | URL) -> AsyncEngine:
    """An engine whose connections are set up for one writer and many readers."""
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

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine
