"""What is read of a period that is over: `app.past.Past` on the tables."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import Float, Integer, and_, case, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from fleet_manager.adapters.db import tables
from fleet_manager.adapters.db.failures import DATABASE_ERRORS, failure
from fleet_manager.app.past import CellCount, Driven
from fleet_manager.ports import EventRecord, IncidentRow, TaskRow, TrackPoint

EVENTS_AT_ONCE = 1000
JUMP_S = 120.0
"""A robot that stands is noted once a minute; where nothing was noted for longer nobody knows."""


class SqlPast:
    """Reads past periods; times in the log only grow, so that a period is a range of the log."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def ends(self) -> tuple[float, float] | None:
        """Fleet times of the first and the last event; None: the log is empty."""
        table = tables.events
        first = await self._read(select(table.c.time_s).order_by(table.c.seq).limit(1))
        last = await self._read(select(table.c.time_s).order_by(table.c.seq.desc()).limit(1))
        return (first[0][0], last[0][0]) if first and last else None

    async def tracks_since_s(self) -> float | None:
        """Fleet time of the oldest track that is kept; None: there is none."""
        rows = await self._read(select(func.min(tables.tracks.c.time_s)))
        return None if rows[0][0] is None else float(rows[0][0])

    async def events(
        self, from_s: float, to_s: float, types: Sequence[str] = (), after: int = 0
    ) -> AsyncIterator[EventRecord]:
        """Events of a period, in their order; of some types, and after a sequence number."""
        after = max(after, await self._before(from_s))
        end = await self._before(to_s)
        table = tables.events
        while after < end:
            query = select(table).where(table.c.seq > after, table.c.seq <= end)
            if types:
                query = query.where(table.c.type.in_(types))
            rows = await self._read(query.order_by(table.c.seq).limit(EVENTS_AT_ONCE))
            for row in rows:
                yield EventRecord(*row)
            if len(rows) < EVENTS_AT_ONCE:
                return
            after = rows[-1][0]

    async def events_page(
        self, after: int, limit: int, types: Sequence[str] = ()
    ) -> Sequence[EventRecord]:
        """The next events after a sequence number."""
        table = tables.events
        query = select(table).where(table.c.seq > after)
        if types:
            query = query.where(table.c.type.in_(types))
        return [
            EventRecord(*row) for row in await self._read(query.order_by(table.c.seq).limit(limit))
        ]

    async def _before(self, time_s: float) -> int:
        """Sequence number of the last event before a time, by bisection: no index is needed."""
        table = tables.events
        rows = await self._read(select(func.min(table.c.seq), func.max(table.c.seq)))
        low, high = rows[0]
        if low is None:
            return 0
        low -= 1
        while low < high:
            middle = (low + high + 1) // 2
            query = select(table.c.seq, table.c.time_s).where(table.c.seq >= middle)
            found = (await self._read(query.order_by(table.c.seq).limit(1)))[0]
            if found[1] < time_s:
                low = max(found[0], middle)
            else:
                high = middle - 1
        return int(low)

    async def tasks_between(self, from_s: float, to_s: float) -> Sequence[TaskRow]:
        """Tasks that were open at some time of a period, in the order they were asked for."""
        columns = tables.tasks.c
        open_in_it = or_(columns.finished_s.is_(None), columns.finished_s >= from_s)
        query = select(tables.tasks).where(columns.requested_s < to_s, open_in_it)
        return [
            TaskRow(*row)
            for row in await self._read(query.order_by(columns.requested_s, columns.id))
        ]

    async def incidents_between(self, from_s: float, to_s: float) -> Sequence[IncidentRow]:
        """Incidents that were raised in a period, in the order they were."""
        columns = tables.incidents.c
        query = select(tables.incidents).where(columns.raised_s >= from_s, columns.raised_s < to_s)
        rows = await self._read(query.order_by(columns.raised_s, columns.id))
        return [IncidentRow(*row) for row in rows]

    async def cells(
        self, from_s: float, to_s: float, cell_m: float, robots: Sequence[str] | None = None
    ) -> Sequence[CellCount]:
        """How often robots were in each square."""
        columns = tables.tracks.c
        column = cast(func.floor(columns.x_m / cell_m), Integer).label("square_column")
        row = cast(func.floor(columns.y_m / cell_m), Integer).label("square_row")
        query = select(
            columns.level,
            column,
            row,
            func.count(),
            func.count(columns.robot.distinct()),
            func.max(columns.time_s),
        ).where(columns.time_s >= from_s, columns.time_s < to_s)
        if robots is not None:
            query = query.where(columns.robot.in_(robots))
        query = query.group_by(columns.level, column, row).order_by(columns.level, column, row)
        return [CellCount(*each) for each in await self._read(query)]

    async def driven(self, from_s: float, to_s: float) -> Sequence[Driven]:
        """What the track of each robot comes to."""
        columns = tables.tracks.c

        def step_of(column: Any) -> Any:
            order = (columns.time_s, columns.id)
            return column - func.lag(column).over(partition_by=columns.robot, order_by=order)

        steps = (
            select(
                columns.robot,
                step_of(columns.x_m).label("dx_m"),
                step_of(columns.y_m).label("dy_m"),
                step_of(columns.time_s).label("dt_s"),
                step_of(columns.battery).label("change"),
            )
            .where(columns.time_s >= from_s, columns.time_s < to_s)
            .subquery()
        )
        step = steps.c
        length_m = func.sqrt(step.dx_m * step.dx_m + step.dy_m * step.dy_m)
        query = select(
            step.robot,
            func.count(),
            func.coalesce(func.sum(case((step.dt_s <= JUMP_S, length_m), else_=0.0)), 0.0),
            func.coalesce(func.sum(case((step.change < 0, -step.change), else_=0.0)), 0.0),
            func.coalesce(func.sum(case((step.change > 0, step.change), else_=0.0)), 0.0),
        )
        rows = await self._read(query.group_by(step.robot).order_by(step.robot))
        return [Driven(*row) for row in rows]

    async def points(
        self,
        from_s: float,
        to_s: float,
        *,
        robots: Sequence[str] | None = None,
        step_s: float = 0.0,
        limit: int = 100_000,
    ) -> Sequence[TrackPoint]:
        """Where robots were, in the order of time; one point a robot and step."""
        columns = tables.tracks.c
        wanted = [columns.time_s >= from_s, columns.time_s < to_s]
        if robots is not None:
            wanted.append(columns.robot.in_(robots))
        names = [columns[name] for name in TrackPoint.__slots__]
        if step_s > 0:
            step = func.floor((columns.time_s - cast(from_s, Float)) / step_s)
            number = func.row_number().over(
                partition_by=(columns.robot, step), order_by=(columns.time_s, columns.id)
            )
            numbered = select(*names, columns.id, number.label("number")).where(and_(*wanted))
            found = numbered.subquery()
            query = select(*(found.c[name] for name in TrackPoint.__slots__))
            query = query.where(found.c.number == 1).order_by(found.c.time_s, found.c.id)
        else:
            query = select(*names).where(*wanted).order_by(columns.time_s, columns.id)
        return [TrackPoint(*row) for row in await self._read(query.limit(limit))]

    async def _read(self, query: Any) -> list[tuple[Any, ...]]:
        try:
            async with self._engine.connect() as connection:
                return [tuple(row) for row in await connection.execute(query)]
        except DATABASE_ERRORS as error:
            raise failure("the database cannot be read", error) from error
