"""Makes a damaged SQLite database anew from the copy of its log; nothing is thrown away."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from fleet_manager.adapters.db import beside_log, rows, tables
from fleet_manager.adapters.db.engine import open_engine, sqlite_url
from fleet_manager.adapters.db.failures import DATABASE_ERRORS, failure
from fleet_manager.adapters.db.log_copy import LogCopy, free_name
from fleet_manager.adapters.db.migrate import migrate

BATCHES_A_TRANSACTION = 2000


async def rebuild(file: Path, copy: LogCopy) -> Path:
    """Put a database made from the copy in the place of a damaged one; nobody may have it open.

    Log, outbox, maps, epoch, accounts, tokens and audit are those of the copy. Read models of
    tasks and incidents follow from the log (`app.read_models`); tracks, sessions and snapshots are
    begun anew.

    Returns:
        where the damaged database is kept.

    Raises:
        StoreDamaged: the copy is not whole.
        StoreFailed: the new database could not be written.
    """
    fresh = file.with_name(file.name + ".new")
    for part in _parts(fresh):
        part.unlink(missing_ok=True)
    engine = open_engine(sqlite_url(fresh))
    try:
        await _fill(engine, copy)
    except DATABASE_ERRORS as error:
        raise failure("the database was not made anew", error) from error
    finally:
        await engine.dispose()
    kept = put_aside(file, "damaged")
    for old, new in zip(_parts(fresh), _parts(file), strict=True):
        if old.exists():
            old.replace(new)
    return kept


def put_aside(file: Path, why: str) -> Path:
    """Give a database and what belongs to it a name under which nobody looks for it."""
    kept = free_name(file.with_name(f"{file.name}.{why}"))
    for old, new in zip(_parts(file), _parts(kept), strict=True):
        if old.exists():
            old.replace(new)
    return kept


async def _fill(engine: AsyncEngine, copy: LogCopy) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    batches = copy.batches()
    while True:
        part = list(islice(batches, BATCHES_A_TRANSACTION))
        if not part:
            break
        async with engine.begin() as connection:
            for batch, seq in part:
                await rows.write(connection, batch, seq)
    async with engine.begin() as connection:
        await beside_log.write(connection, beside_log.latest(copy.beside))
        lease = insert(tables.lease)
        await connection.execute(lease.values(id=1, manager_epoch=copy.epoch, holder="rebuilt"))
    async with engine.connect() as connection:
        await connection.exec_driver_sql("COMMIT")
        await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _parts(file: Path) -> list[Path]:
    return [file.with_name(file.name + suffix) for suffix in ("", "-wal", "-shm")]
