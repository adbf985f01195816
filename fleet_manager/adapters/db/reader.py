"""What is read from the tables: the log, the outbox, and what is kept of the past."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from fleet_manager.adapters.db import tables
from fleet_manager.adapters.db.past import SqlPast
from fleet_manager.ports import (
    EventRecord,
    IncidentRow,
    MapRow,
    OutboxEntry,
    OutboxKind,
    Snapshot,
    TaskRow,
    TrackPoint,
)

REPLAY_CHUNK = 1000


class SqlReader(SqlPast):
    """The reading half of the store; `History`, `MapHistory` and `Past`.

    Attributes:
        last_seq: sequence number of the last event; 0 for an empty log.
        last_time_s: its fleet time, Unix seconds; None for an empty log.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self.last_seq = 0
        self.last_time_s: float | None = None

    async def read_end(self) -> None:
        """Find out where the log ends.

        Raises:
            StoreFailed: the database cannot be read.
        """
        table = tables.events
        query = select(table.c.seq, table.c.time_s).order_by(table.c.seq.desc()).limit(1)
        for seq, time_s in await self._read(query) or [(0, None)]:
            self.last_seq, self.last_time_s = seq, time_s

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

    async def maps_with_documents(self) -> list[MapRow]:
        """Publications of the map, oldest first."""
        table = tables.map_versions
        return [MapRow(*row) for row in await self._read(select(table).order_by(table.c.number))]

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
        query = select(table).where(table.c.form == form, table.c.seq <= self.last_seq)
        return [
            Snapshot(seq, time_s, form, state)
            for seq, time_s, _, digest, state in await self._read(
                query.order_by(table.c.seq.desc())
            )
            if hashlib.sha256(state).hexdigest() == digest
        ]
