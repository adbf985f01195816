"""Writes a batch into the tables, in the transaction of the connection it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Table, delete, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet_manager.adapters.db import tables
from fleet_manager.ports import Batch

KEYS_A_STATEMENT = 500  # SQLite takes no more than 999 variables in old builds


async def write(connection: AsyncConnection, batch: Batch, seq: int) -> None:
    """Write all of a batch.

    Args:
        seq: of the last event when it is written; what is told to robots is told in this order.
    """
    if batch.events:
        await connection.execute(insert(tables.events), _rows(batch.events))
    if batch.tasks:
        await upsert(connection, tables.tasks, _latest(batch.tasks, "id"))
    if batch.incidents:
        await upsert(connection, tables.incidents, _latest(batch.incidents, "id"))
    # First what is settled: an order may end and the next of its robot begin in one batch.
    for start in range(0, len(batch.settled), KEYS_A_STATEMENT):
        keys = batch.settled[start : start + KEYS_A_STATEMENT]
        await connection.execute(delete(tables.outbox).where(tables.outbox.c.key.in_(keys)))
    if batch.outbox:
        rows = [{**row, "seq": seq} for row in _latest(batch.outbox, "key")]
        await upsert(connection, tables.outbox, rows)
    if batch.maps:
        await connection.execute(insert(tables.map_versions), _rows(batch.maps))
    if batch.track:
        await connection.execute(insert(tables.tracks), _rows(batch.track))


async def upsert(connection: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, or change those of the same key."""
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
