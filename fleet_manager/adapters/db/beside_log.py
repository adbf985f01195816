"""What is in the database beside the log and does not follow from it: accounts, tokens, audit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from fleet_manager.adapters.db import account_tables

Rows = dict[str, list[list[Any]]]

WHOLE: tuple[Table, ...] = (account_tables.accounts, account_tables.tokens)
"""Small: copied whole when they have changed, but for when they were used.

Sessions are not: after a rebuild people log in again.
"""
GROWING = account_tables.audit
AT_ONCE = 5000


class BesideLog:
    """What of it the copy has.

    Attributes:
        audit_seq: of the last entry of the audit trail in it.
    """

    def __init__(self, audit_seq: int) -> None:
        self._whole: Rows = {}
        self.audit_seq = audit_seq

    async def news(self, connection: AsyncConnection) -> Rows:
        """Rows that the copy does not have; told again until `copied`."""
        found: Rows = {}
        for table in WHOLE:
            rows = [
                list(row)
                for row in await connection.execute(select(table).order_by(*table.primary_key))
            ]
            if rows != self._whole.get(table.name, []):
                found[table.name] = rows
        query = select(GROWING).where(GROWING.c.seq > self.audit_seq).order_by(GROWING.c.seq)
        audit = [list(row) for row in await connection.execute(query.limit(AT_ONCE))]
        if audit:
            found[GROWING.name] = audit
        return found

    def copied(self, rows: Rows) -> None:
        """Note what the copy has now."""
        self._whole |= {name: each for name, each in rows.items() if name != GROWING.name}
        for row in rows.get(GROWING.name, ()):
            self.audit_seq = row[0]


def latest(lines: Iterable[Rows]) -> Rows:
    """What all that was copied comes to."""
    found: Rows = {}
    audit: dict[Any, list[Any]] = {}
    for rows in lines:
        found |= rows
        audit |= {row[0]: row for row in rows.get(GROWING.name, ())}
    return {**found, GROWING.name: list(audit.values())}


async def write(connection: AsyncConnection, rows: Rows) -> None:
    """Put it into empty tables."""
    for table in (*WHOLE, GROWING):
        names = [column.name for column in table.c]
        values = [dict(zip(names, row, strict=True)) for row in rows.get(table.name, ())]
        if values:
            await connection.execute(insert(table), values)
