"""The event store in SQL: one transaction a batch, one writer a database."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import structlog
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fleet_manager.adapters.db import lease, rows, tables
from fleet_manager.adapters.db.beside_log import BesideLog
from fleet_manager.adapters.db.engine import file_of, open_engine, shown_url
from fleet_manager.adapters.db.failures import DATABASE_ERRORS, REMEDY_OF, failure, kind_of, reason
from fleet_manager.adapters.db.lock import DatabaseLock
from fleet_manager.adapters.db.log_copy import LogCopy
from fleet_manager.adapters.db.migrate import migrate
from fleet_manager.adapters.db.reader import SqlReader
from fleet_manager.adapters.db.rebuild import rebuild
from fleet_manager.adapters.db.sites import ADDRESS, make_site
from fleet_manager.ports import (
    Batch,
    Snapshot,
    StoreDamaged,
    StoreFailed,
    StoreFull,
    StoreLocked,
    StoreUnusable,
)

SNAPSHOTS_KEPT = 3  # the newest may be of a newer version that is gone back from
COPIED_AT_ONCE = 1000
NAMED_AT_MOST = 3

log = structlog.get_logger(__name__)


async def open_store(url: str, *, wait: bool = False) -> SqlEventStore:
    """Open a database: take its lease, bring its tables up to date, count the epoch up.

    A damaged file of SQLite is made anew from the copy of its log, where there is one.

    Args:
        url: SQLAlchemy's address, sqlite+aiosqlite:///FILE or postgresql+asyncpg://….
        wait: while another manager leads, until it has ended, died or frozen.

    Raises:
        StoreBusy: another fleet manager leads.
        StoreUnusable: address, folder or file cannot be used.
        StoreNewer: it was written by a newer version.
        StoreLocked, StoreFull: not now.
    """
    file = file_of(url)
    lock = None if file is None else DatabaseLock(file)
    copy = None if file is None else LogCopy(copy_folder(file))
    if file is None:
        await _made_site(url)
    while True:
        try:
            return await _opened_in_turn(url, file, lock, copy, wait=wait)
        except StoreLocked:
            # A process that is frozen in the middle of a transaction keeps SQLite locked for ever.
            # PostgreSQL ends its session by itself.
            if not wait or (lock is not None and not lock.kill_holder()):
                raise
            log.warning("a frozen manager keeps the database locked", ended=lock is not None)
            await asyncio.sleep(lease.POLL_S)


async def _made_site(url: str) -> None:
    try:
        await make_site(url)
    except StoreFailed as error:
        raise StoreUnusable(str(error), "start its server, or give another address") from error


async def _opened_in_turn(
    url: str, file: Path | None, lock: DatabaseLock | None, copy: LogCopy | None, *, wait: bool
) -> SqlEventStore:
    try:
        await _turn_of(url, file, lock, wait=wait)
        if copy is not None:
            copy.open()
        try:
            return await _opened(url, file, lock, copy)
        except StoreDamaged as damaged:
            if file is None or copy is None or copy.is_empty:
                raise
            kept = await rebuild(file, copy)
            log.error("the database was damaged", problem=str(damaged), kept_as=str(kept))
            return await _opened(url, file, lock, copy, rebuilt=kept)
    except (StoreLocked, StoreFull):
        _release(lock)
        raise
    except (StoreFailed, OSError) as error:
        _release(lock)
        raise StoreUnusable(
            f"the database {shown_url(url)} cannot be used: {error}",
            "start its server or restore it from a backup, or give another folder with --data-dir",
        ) from error
    except BaseException:
        _release(lock)
        raise


def copy_folder(file: Path) -> Path:
    """Where the copy of a database's log is."""
    return file.with_name(file.name + ".copy")


def _release(lock: DatabaseLock | None) -> None:
    if lock is not None:
        lock.release()


async def _turn_of(url: str, file: Path | None, lock: DatabaseLock | None, *, wait: bool) -> None:
    engine = open_engine(url)
    try:
        await lease.wait_for_turn(engine, file, lock, wait=wait)
    finally:
        await engine.dispose()


async def _opened(
    url: str,
    file: Path | None,
    lock: DatabaseLock | None,
    copy: LogCopy | None,
    rebuilt: Path | None = None,
) -> SqlEventStore:
    engine = open_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
            unlocked = lock is not None and not lock.had
            epoch = await lease.take(connection, unlocked=unlocked)
        store = SqlEventStore(engine, file, lock, copy, epoch, rebuilt)
        await store.read_end()
        await store.catch_copy_up()
    except DATABASE_ERRORS as error:
        await engine.dispose()
        raise failure("it was not opened", error) from error
    except BaseException:
        await engine.dispose()
        raise
    store.begin_to_beat()
    return store


class SqlEventStore(SqlReader):
    """`ports.EventStore` on SQLAlchemy Core.

    Attributes:
        manager_epoch: grows by one each time the store is opened.
        rebuilt: where a damaged database is kept that was made anew, until told; None: none was.
        copy_problem: why the copy of the log is behind; "": it is not.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        file: Path | None,
        lock: DatabaseLock | None,
        copy: LogCopy | None,
        manager_epoch: int,
        rebuilt: Path | None,
    ) -> None:
        super().__init__(engine)
        self._file = file
        self._lock = lock
        self._copy = copy
        self.manager_epoch = manager_epoch
        self.rebuilt = None if rebuilt is None else str(rebuilt)
        self.copy_problem = ""
        self._one_writer = asyncio.Lock()
        self._beside = BesideLog(0)
        self._packing: asyncio.Task[None] | None = None
        self._beating: asyncio.Task[None] | None = None
        self._beat_s = time.monotonic()

    @contextlib.asynccontextmanager
    async def _transaction(self, what_not: str) -> AsyncIterator[AsyncConnection]:
        """A transaction that fails when another manager leads.

        Raises:
            StoreFenced: another one does.
            StoreFailed: nothing of it was written.
        """
        try:
            async with self._one_writer, self._engine.begin() as connection:
                await lease.beat(connection, self.manager_epoch, **self._lock_now())
                yield connection
        except DATABASE_ERRORS as error:
            raise failure(what_not, error) from error
        self._beat_s = time.monotonic()

    def _lock_now(self) -> dict[str, int]:
        """A frozen manager that was taken over from has the kernel's lock until it ends."""
        if self._lock is None or self._lock.had or not self._lock.try_take():
            return {}
        return {"unlocked": 0}

    def begin_to_beat(self) -> None:
        """Count the lease up from now on, until `close`."""
        self._beating = asyncio.create_task(self._beat_for_ever(), name="lease")

    async def _beat_for_ever(self) -> None:
        """Whether this fails, the next transaction tells."""
        while True:
            await asyncio.sleep(lease.BEAT_S)
            await self._copy_beside()
            if time.monotonic() - self._beat_s >= lease.BEAT_S:
                with contextlib.suppress(StoreFailed):
                    async with self._transaction("the lease was not counted up"):
                        pass

    async def commit(self, batch: Batch) -> None:
        """Write a batch in one transaction; when it returns, the batch outlives a power cut.

        Raises:
            StoreFailed: nothing of the batch was written.
        """
        numbers = [record.seq for record in batch.events]
        expected = list(range(self.last_seq + 1, self.last_seq + 1 + len(numbers)))
        if numbers != expected:
            raise StoreFailed(
                f"events {numbers[:1]}… do not follow {self.last_seq}, the last of the log",
                "this is a defect of the fleet manager; report it with its log",
            )
        async with self._transaction("a transaction was not committed") as connection:
            await rows.write(connection, batch, self.last_seq + len(numbers))
        if batch.events:
            self.last_seq, self.last_time_s = numbers[-1], batch.events[-1].time_s
        await self._copied(batch)

    async def _copied(self, batch: Batch) -> None:
        """Have the copy follow; where it cannot, the log goes on, and it catches up later."""
        if self._copy is None:
            return
        try:
            if self.copy_problem:
                await self.catch_copy_up()
            else:
                self._copy.append(batch)
                if self._copy.has_full_segments:
                    self._packing = asyncio.create_task(asyncio.to_thread(self._copy.pack))
        except (OSError, StoreFailed) as error:
            if not self.copy_problem:
                log.error("the copy of the log is behind", problem=str(error))
            self.copy_problem = str(error)

    async def catch_copy_up(self) -> None:
        """Write into the copy what of the log it lacks.

        Raises:
            StoreFailed: the log cannot be read.
            OSError: the copy cannot be written.
        """
        copy = self._copy
        if copy is None:
            return
        if not await self._is_of_this_log(copy):
            log.warning("the copy of the log is of another", folder=str(copy.folder))
            copy.put_aside()
        maps = await self.maps_with_documents() if copy.last_seq == 0 else []
        if maps:
            copy.append(Batch(maps=maps))
        part = Batch()
        async for record in self.replay(copy.last_seq):
            part.events.append(record)
            if len(part.events) >= COPIED_AT_ONCE:
                copy.append(part)
                part = Batch()
        copy.append(part)
        self._beside = BesideLog(copy.audit_seq)
        copy.begin(self.manager_epoch, await self.outbox(), copy.audit_seq)
        self.copy_problem = ""
        await self._copy_beside()
        await asyncio.to_thread(copy.pack)

    async def _copy_beside(self) -> None:
        """Have the copy follow what is beside the log; it is tried again where that fails."""
        if self._copy is None or self.copy_problem:
            return
        try:
            async with self._engine.connect() as connection:
                news = await self._beside.news(connection)
            if news:
                self._copy.append_beside(news)
                self._beside.copied(news)
        except DATABASE_ERRORS as error:
            log.warning("accounts and audit were not copied", problem=reason(error))

    async def _is_of_this_log(self, copy: LogCopy) -> bool:
        if copy.last_seq == 0:
            return True
        if copy.last_seq > self.last_seq:
            return False
        table = tables.events
        found = await self._read(select(table.c.time_s).where(table.c.seq == copy.last_seq))
        return found == [(copy.last_time_s,)]

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot, and no more than a few of the older ones.

        Raises:
            StoreFailed: it was not kept.
        """
        table = tables.snapshots
        row = {**asdict(snapshot), "digest": hashlib.sha256(snapshot.state).hexdigest()}
        kept = select(table.c.seq).order_by(table.c.seq.desc()).limit(SNAPSHOTS_KEPT)
        async with self._transaction("a snapshot was not kept") as connection:
            await rows.upsert(connection, table, [row])
            await connection.execute(delete(table).where(table.c.seq.not_in(kept)))

    async def prune_tracks(self, before_s: float) -> int:
        """Drop what is older than a fleet time from the tracks; returns how many points.

        Raises:
            StoreFailed: nothing was dropped.
        """
        statement = delete(tables.tracks).where(tables.tracks.c.time_s < before_s)
        async with self._transaction("old tracks were not dropped") as connection:
            return int((await connection.execute(statement)).rowcount)

    # When something is wrong with the disk.

    async def probe(self) -> None:
        """Write something that matters to nobody, and read where the log ends.

        Raises:
            StoreFailed: it cannot be written, and why.
        """
        row = {"key": "probe", "value": str(self.manager_epoch)}
        async with self._transaction("the database cannot be written") as connection:
            await rows.upsert(connection, tables.meta, [row])
        await self.read_end()

    async def tell_address(self, address: str) -> None:
        """Write where this manager can be reached, for who forwards to the one that leads.

        Raises:
            StoreFailed: it was not written.
        """
        row = {"key": ADDRESS, "value": address}
        async with self._transaction("the address was not written") as connection:
            await rows.upsert(connection, tables.meta, [row])

    async def find_damage(self) -> None:
        """Look through the whole database in a thread.

        Raises:
            StoreDamaged: what was found.
        """
        if self._file is not None:
            await asyncio.to_thread(_check_pages, self._file)

    async def rebuild(self) -> str:
        """Make the database anew from the copy of its log.

        Returns:
            where the damaged one is kept.

        Raises:
            StoreFailed: the copy is behind or damaged too, or there is no room.
        """
        if self._file is None or self._copy is None:
            raise StoreDamaged("PostgreSQL says that it is damaged", "restore it from its backup")
        if self.copy_problem or self._copy.last_seq != self.last_seq:
            raise StoreDamaged(
                f"the copy of the log ends at event {self._copy.last_seq} of {self.last_seq}",
                "restore a backup with `fleet restore`",
            )
        async with self._one_writer:
            await self._engine.dispose()
            kept = await rebuild(self._file, self._copy)
        log.error("the database was damaged", kept_as=str(kept))
        await self.read_end()
        return str(kept)

    def room_bytes(self) -> int | None:
        """What is free on the disk of the database."""
        if self._file is None:
            return None
        try:
            return shutil.disk_usage(self._file.parent).free
        except OSError:
            return None

    async def close(self) -> None:
        """Give back the lease and close the database."""
        if self._beating is not None:
            self._beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._beating
        await self._copy_beside()
        if self._packing is not None:
            await self._packing
        with contextlib.suppress(*DATABASE_ERRORS, StoreFailed):
            async with self._engine.begin() as connection:
                await lease.beat(connection, self.manager_epoch, released=1)
        await self._engine.dispose()
        if self._copy is not None:
            self._copy.close()
        _release(self._lock)


def _check_pages(file: Path) -> None:
    """Raises StoreDamaged."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            found = [row[0] for row in connection.execute(f"PRAGMA quick_check({NAMED_AT_MOST})")]
    except sqlite3.Error as error:
        if kind_of(error) is not StoreDamaged:
            log.warning("the database was not looked through", problem=reason(error))
            return
        found = [reason(error)]
    if found != ["ok"]:
        told = " ".join("; ".join(found).split())
        raise StoreDamaged(f"the database is damaged: {told}", REMEDY_OF[StoreDamaged])
