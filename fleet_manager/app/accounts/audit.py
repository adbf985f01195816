"""Writes the audit trail: what waits together is written together, before it is answered."""

from __future__ import annotations

import asyncio

import structlog

from fleet_manager.app.accounts.records import AccountStore, AuditEntry
from fleet_manager.ports import StoreError

log = structlog.get_logger(__name__)


class AuditTrail:
    """Appends entries; one a process.

    A disk that fails does not keep anybody from stopping a robot: the entry then goes to the log.

    Args:
        store: in which it is kept.
    """

    def __init__(self, store: AccountStore) -> None:
        self._store = store
        self._waiting: list[AuditEntry] = []
        self._writing = asyncio.Lock()
        self.lost = 0

    async def add(self, entry: AuditEntry) -> None:
        """Append an entry; it is on disk when this returns."""
        self._waiting.append(entry)
        async with self._writing:
            entries, self._waiting = self._waiting, []
            if not entries:
                return  # somebody wrote it along
            try:
                await self._store.add_audit(entries)
            except StoreError as error:
                self.lost += len(entries)
                for each in entries:
                    log.error(
                        "not in the audit trail",
                        problem=str(error),
                        actor=each.actor,
                        address=each.address,
                        method=each.method,
                        path=each.path,
                        status=each.status,
                        code=each.code,
                    )
