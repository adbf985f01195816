"""The event store in SQL: one transaction a batch, one writer a database."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fleet_manager.adapters.db import tables
from fleet_manager.adapters.db.engine import database_file, open_engine
from fleet_manager.adapters.db.lock import DatabaseLock
from fleet_manager.adapters.db.migrate import migrate
from fleet_manager.ports import (
    Batch,
    EventRecord,
    IncidentRow,
    MapRow,
    OutboxEntry,
    OutboxKind,
    Snapshot,
    StoreFailed,
    StoreUnusable,
    TaskRow,
    TrackPoint,
)

REPLAY_CHUNK = 1000
SNAPSHOTS_KEPT = 3  # the newest may be of a newer version that is gone back from
KEYS_A_STATEMENT = 500  # SQLite takes no more than 999 variables in old builds


async def open_store(url: str) -> SqlEventStore:
    """Open a database: lock it, bring its tables up to date, take a new manager epoch.

    Args:
        url: SQLAlchemy's address, sqlite+aiosqlite:///FILE.

    Raises:
        StoreBusy: another fleet manager holds it.
        StoreUnusable: address, folder or file cannot be used.
        StoreNewer: it was written by a newer version.
    """
    file = database_file(url)
    lock = DatabaseLock(file)
    lock.take()
    engine = open_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
            epoch = await _next_epoch(connection)
            last = (
                await connection.execute(
                    select(tables.events.c.seq, tables.events.c.time_s)
                    .order_by(tables.events.c.seq.desc())
                    .limit(1)
                )
            ).first()
    except SQLAlchemyError as error:
        await engine.dispose()
        lock.release()
        raise StoreUnusable(
            f"the database {file} cannot be used: {_reason(error)}",
            "restore it from a backup, or give another folder with --data-dir",
        ) from error
    except BaseException:
        await engine.dispose()
        lock.release()
        raise
    last_seq, last_time_s = (0, None) if last is None else (last[0], last[1])
    return SqlEventStore(engine, lock, epoch, last_seq, last_time_s)


class SqlEventStore:
    """`ports.EventStore` on SQLAlchemy Core."""

    def __init__(
        self,
        engine: AsyncEngine,
        lock: DatabaseLock,
        manager_epoch: int,
        last_seq: int,
        last_time_s: float | None,
    ) -> None:
        self._engine = engine
        self._lock = lock
        self._manager_epoch = manager_epoch
        self._last_seq = last_seq
        self._last_time_s = last_time_s
        self._one_writer = asyncio.Lock()

    @property
    def manager_epoch(self) -> int:
        """Grows by one each time the store is opened."""
        return self._manager_epoch

    @property
    def last_seq(self) -> int:
        """Sequence number of the last event; 0 for an empty log."""
        return self._last_seq

    @property
    def last_time_s(self) -> float | None:
        """Fleet time of the last event, Unix seconds; None for an empty log."""
        return self._last_time_s

    async def commit(self, batch: Batch) -> None:
        """Write a batch in one transaction; when it returns, the batch outlives a power cut.

        Raises:
            StoreFailed: nothing of the batch was written.
        """
        numbers = [record.seq for record in batch.events]
        expected = list(range(self._last_seq + 1, self._last_seq + 1 + len(numbers)))
        if numbers != expected:
            raise StoreFailed(
                f"events {numbers[:1]}… do not follow {self._last_seq}, the last of the log",
                "this is a defect of the fleet manager; report it with its log",
            )
        try:
            async with self._one_writer, self._engine.begin() as connection:
                await self._write(connection, batch)
        except SQLAlchemyError as error:
            raise StoreFailed(
                f"a transaction was not committed: {_reason(error)}",
                "see that the disk is neither full nor broken; nothing was lost",
            ) from error
        if batch.events:
            self._last_seq, self._last_time_s = numbers[-1], batch.events[-1].time_s

    async def _write(self, connection: AsyncConnection, batch: Batch) -> None:
        if batch.events:
            await connection.execute(insert(tables.events), _rows(batch.events))
        if batch.tasks:
            await _upsert(connection, tables.tasks, _latest(batch.tasks, "id"))
        if batch.incidents:
            await _upsert(connection, tables.incidents, _latest(batch.incidents, "id"))
        # First what is settled: an order may end and the next of its robot begin in one batch.
        for start in range(0, len(batch.settled), KEYS_A_STATEMENT):
            keys = batch.settled[start : start + KEYS_A_STATEMENT]
            await connection.execute(delete(tables.outbox).where(tables.outbox.c.key.in_(keys)))
        if batch.outbox:
            seq = self._last_seq + len(batch.events)
            rows = [{**row, "seq": seq} for row in _latest(batch.outbox, "key")]
            await _upsert(connection, tables.outbox, rows)
        if batch.maps:
            await connection.execute(insert(tables.map_versions), _rows(batch.maps))
        if batch.track:
            await connection.execute(insert(tables.tracks), _rows(batch.track))

    async def replay(self, after: int = 0) -> AsyncIterator[EventRecord]:
        """Events of the log after a sequence number, in their order.

        Raises:
            StoreFailed: the log cannot be read.
        """
        table = tables.events
        while True:
            query = (
                select(table).where(table.c.seq > after).order_by(table.c.seq).limit(REPLAY_CHUNK)
            )
            chunk = [EventRecord(*row) for row in await self._read(query)]
            for record in chunk:
                yield record
            if len(chunk) < REPLAY_CHUNK:
                return
            after = chunk[-1].seq

    async def events_of(self, command_id: str) -> Sequence[EventRecord]:
        """What a command was decided into, if it was seen before; else empty."""
        table = tables.events
        query = select(table).where(table.c.command_id == command_id).order_by(table.c.seq)
        return [EventRecord(*row) for row in await self._read(query)]

    async def outbox(self) -> Sequence[OutboxEntry]:
        """What robots have to be told, oldest first."""
        table = tables.outbox
        query = select(table.c.key, table.c.kind, table.c.robot, table.c.document)
        rows = await self._read(query.order_by(table.c.seq, table.c.key))
        return [OutboxEntry(key, OutboxKind(kind), *rest) for key, kind, *rest in rows]

    async def task_history(
        self,
        *,
        status: str | None = None,
        category: str | None = None,
        robot: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Sequence[TaskRow]:
        """Tasks of the past and the present, newest first."""
        table = tables.tasks
        query = select(table).order_by(table.c.requested_s.desc(), table.c.id.desc())
        for column, wanted in (("status", status), ("category", category), ("robot", robot)):
            if wanted is not None:
                query = query.where(table.c[column] == wanted)
        return [TaskRow(*row) for row in await self._read(query.limit(limit).offset(offset))]

    async def task(self, identifier: str) -> TaskRow | None:
        """One task, or None."""
        query = select(tables.tasks).where(tables.tasks.c.id == identifier)
        return next((TaskRow(*row) for row in await self._read(query)), None)

    async def incident_history(self, *, limit: int = 100, offset: int = 0) -> Sequence[IncidentRow]:
        """Incidents of the past and the present, newest first."""
        table = tables.incidents
        query = select(table).order_by(table.c.raised_s.desc(), table.c.id.desc())
        return [IncidentRow(*row) for row in await self._read(query.limit(limit).offset(offset))]

    async def map_versions(self, *, limit: int = 100, offset: int = 0) -> Sequence[MapRow]:
        """Publications of the map, newest first, without their documents."""
        table = tables.map_versions
        columns = [column for column in table.c if column.name != "document"]
        query = select(*columns).order_by(table.c.number.desc()).limit(limit).offset(offset)
        return [MapRow(*(*row, b"")) for row in await self._read(query)]

    async def map_documents(self) -> Mapping[str, bytes]:
        """The document of each version, compressed."""
        table = tables.map_versions
        query = select(table.c.version, table.c.document).order_by(table.c.number)
        return {row[0]: row[1] for row in await self._read(query)}

    async def track(self, robot: str, from_s: float, to_s: float) -> Sequence[TrackPoint]:
        """Where a robot was between two fleet times, oldest first."""
        table = tables.tracks
        query = (
            select(*(table.c[name] for name in TrackPoint.__slots__))
            .where(table.c.robot == robot, table.c.time_s >= from_s, table.c.time_s <= to_s)
            .order_by(table.c.time_s)
        )
        return [TrackPoint(*row) for row in await self._read(query)]

    async def snapshots(self, form: str) -> Sequence[Snapshot]:
        """Snapshots of a form that are whole, newest first."""
        table = tables.snapshots
        query = select(table).where(table.c.form == form, table.c.seq <= self._last_seq)
        return [
            Snapshot(seq, time_s, form, state)
            for seq, time_s, _, digest, state in await self._read(
                query.order_by(table.c.seq.desc())
            )
            if hashlib.sha256(state).hexdigest() == digest
        ]

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot, and no more than a few of the older ones.

        Raises:
            StoreFailed: it was not kept.
        """
        table = tables.snapshots
        row = {**asdict(snapshot), "digest": hashlib.sha256(snapshot.state).hexdigest()}
        kept = select(table.c.seq).order_by(table.c.seq.desc()).limit(SNAPSHOTS_KEPT)
        try:
            async with self._one_writer, self._engine.begin() as connection:
                await _upsert(connection, table, [row])
                await connection.execute(delete(table).where(table.c.seq.not_in(kept)))
        except SQLAlchemyError as error:
            raise StoreFailed(
                f"a snapshot was not kept: {_reason(error)}", "see the disk; nothing was lost"
            ) from error

    async def prune_tracks(self, before_s: float) -> int:
        """Drop what is older than a fleet time from the tracks; returns how many points.

        Raises:
            StoreFailed: nothing was dropped.
        """
        statement = delete(tables.tracks).where(tables.tracks.c.time_s < before_s)
        try:
            async with self._one_writer, self._engine.begin() as connection:
                return int((await connection.execute(statement)).rowcount)
        except SQLAlchemyError as error:
            raise StoreFailed(
                f"old tracks were not dropped: {_reason(error)}", "see the disk"
            ) from error

    async def close(self) -> None:
        """Give back the lease and close the database."""
        await self._engine.dispose()
        self._lock.release()

    async def _read(self, query: Any) -> list[tuple[Any, ...]]:
        try:
            async with self._engine.connect() as connection:
                return [tuple(row) for row in await connection.execute(query)]
        except SQLAlchemyError as error:
            raise StoreFailed(
                f"the database cannot be read: {_reason(error)}", "see the disk"
            ) from error


async def _next_epoch(connection: AsyncConnection) -> int:
    """Count this start; the row is written before anything is sent in its name."""
    holder = f"process {os.getpid()}"
    found = await connection.scalar(select(tables.lease.c.manager_epoch))
    epoch = int(found or 0) + 1
    if found is None:
        await connection.execute(
            insert(tables.lease).values(id=1, manager_epoch=epoch, holder=holder)
        )
    else:
        await connection.execute(update(tables.lease).values(manager_epoch=epoch, holder=holder))
    return epoch


async def _upsert(
    connection: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]
) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if column.name not in keys
    }
    await connection.execute(
        statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows)
    )


def _rows(values: Sequence[Any]) -> list[dict[str, Any]]:
    return [asdict(value) for value in values]


def _latest(values: Sequence[Any], key: str) -> list[dict[str, Any]]:
    """One row a key: PostgreSQL refuses to change a row twice in a statement."""
    return list({row[key]: row for row in _rows(values)}.values())


def _reason(error: SQLAlchemyError) -> str:
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause).split())
