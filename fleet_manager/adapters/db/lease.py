"""One manager leads: a lease in the database, counted up while its holder works, and fenced.

Nobody compares clocks. The holder counts `beat` up with each transaction, and once a second without
one; who waits takes over when the count has stood still for a while by its own clock. It does so by
counting the epoch up, in one step, from what it saw; from then on every transaction of the old
holder fails, whenever it wakes, and robots refuse the old epoch.

On SQLite the kernel's lock on a file beside the database tells at once that a holder has died; only
one that is frozen is waited for.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fleet_manager.adapters.db import tables
from fleet_manager.adapters.db.failures import DATABASE_ERRORS
from fleet_manager.adapters.db.lock import DatabaseLock
from fleet_manager.ports import StoreBusy, StoreFenced

STILL_S = 2.5
"""A holder whose count has stood still for so long is taken over from."""
BEAT_S = 0.5
POLL_S = 0.25

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Holder:
    """The row of the lease.

    Attributes:
        unlocked: it took over from a frozen one, which still has the kernel's lock.
        released: it has ended in good order.
    """

    epoch: int
    name: str
    beat: int
    unlocked: bool
    released: bool


async def holder(connection: AsyncConnection) -> Holder | None:
    """Who holds the lease or held it last; None: nobody ever did."""
    table = tables.lease
    columns = (table.c.manager_epoch, table.c.holder, table.c.beat)
    query = select(*columns, table.c.unlocked, table.c.released)
    row = (await connection.execute(query)).first()
    if row is None:
        return None
    return Holder(row[0], row[1], row[2], bool(row[3]), bool(row[4]))


async def wait_for_turn(
    engine: AsyncEngine, file: Path | None, lock: DatabaseLock | None, *, wait: bool
) -> None:
    """Wait until nobody leads, or whoever does has died or is frozen.

    Args:
        file: of SQLite; None: PostgreSQL.
        lock: of the file; taken when this returns, unless a frozen process has it.
        wait: for as long as it takes; else only to see whether somebody leads.

    Raises:
        StoreBusy: somebody leads, and is not waited for.
    """
    has_lock = lock is not None and lock.try_take()
    seen, since_s = await _look(engine, file), time.monotonic()
    told = False
    while True:
        if has_lock and (seen is None or seen.released or not seen.unlocked):
            return  # whoever held it on this computer is no more
        if lock is None and (seen is None or seen.released):
            return
        if lock is not None and not has_lock and not wait:
            raise busy(lock.path.with_suffix(""), lock.holder())
        if seen is not None and time.monotonic() - since_s >= STILL_S:
            log.warning("the other manager does not work any more", holder=seen.name)
            return
        if wait and not told:
            told = True
            log.info("standing by", holder=None if seen is None else seen.name)
        await asyncio.sleep(POLL_S)
        has_lock = has_lock or (lock is not None and lock.try_take())
        now = await _look(engine, file)
        if now != seen:
            if seen is not None and not wait and not has_lock:
                raise busy(file, seen.name)
            seen, since_s = now, time.monotonic()


def busy(database: object, name: str) -> StoreBusy:
    """Somebody leads."""
    where = f"on {database}" if database else "on this database"
    return StoreBusy(
        f"a fleet manager already runs {where} ({name})",
        "stop it, give another folder with --data-dir, or wait for its end with --standby",
    )


async def take(connection: AsyncConnection, *, unlocked: bool) -> int:
    """Lead from now on; returns the epoch.

    Raises:
        StoreBusy: another one was quicker.
    """
    table = tables.lease
    before = await holder(connection)
    epoch = 1 if before is None else before.epoch + 1
    values = {
        "manager_epoch": epoch,
        "holder": f"process {os.getpid()} on {socket.gethostname()}",
        "beat": 0 if before is None else before.beat + 1,
        "unlocked": int(unlocked),
        "released": 0,
    }
    if before is None:
        await connection.execute(insert(table).values(id=1, **values))
    else:
        here = (table.c.manager_epoch == before.epoch) & (table.c.beat == before.beat)
        taken = await connection.execute(update(table).where(here).values(**values))
        if taken.rowcount != 1:
            raise busy(None, before.name)
    return epoch


async def beat(connection: AsyncConnection, epoch: int, **values: int) -> None:
    """Count up, and have the transaction fail if another manager leads: its first statement.

    Raises:
        StoreFenced: another manager leads.
    """
    table = tables.lease
    counted = update(table).where(table.c.manager_epoch == epoch)
    found = await connection.execute(counted.values(beat=table.c.beat + 1, **values))
    if found.rowcount != 1:
        raise StoreFenced(
            f"another fleet manager leads; this one was of epoch {epoch}",
            "start it again with --standby, so that it waits for its turn",
        )


async def _look(engine: AsyncEngine, file: Path | None) -> Holder | None:
    """None: there is no database yet, none of this version, or one that cannot be read."""
    if file is not None and not await asyncio.to_thread(file.exists):
        return None
    try:
        async with engine.connect() as connection:
            return await holder(connection)
    except DATABASE_ERRORS:
        return None
