"""An event store in memory that fails, and in whose commits the manager dies."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from fleet_manager.ports import (
    Batch,
    EventRecord,
    OutboxEntry,
    Snapshot,
    StoreDamaged,
    StoreFailed,
    StoreFull,
    StoreLocked,
    TaskRow,
)

FAILURES = (StoreFull, StoreLocked, StoreDamaged, StoreFailed)


class Crash(BaseException):
    """The manager's process ends at this point."""


@dataclass
class Disk:
    """What outlives the manager."""

    events: list[EventRecord] = field(default_factory=list)
    tasks: dict[str, TaskRow] = field(default_factory=dict)
    outbox: dict[str, OutboxEntry] = field(default_factory=dict)
    snapshots: list[Snapshot] = field(default_factory=list)
    epoch: int = 0

    def write(self, batch: Batch) -> None:
        """A transaction."""
        numbers = [record.seq for record in batch.events]
        first = len(self.events) + 1
        assert numbers == list(range(first, first + len(numbers))), "the log has a gap"
        keys = {(each.command_id, each.position) for each in self.events[-2000:] if each.command_id}
        for record in batch.events:
            assert (record.command_id, record.position) not in keys, "a command is written twice"
        self.events += batch.events
        self.tasks |= {row.id: row for row in batch.tasks}
        for key in batch.settled:
            self.outbox.pop(key, None)
        for entry in batch.outbox:
            self.outbox.pop(entry.key, None)
            self.outbox[entry.key] = entry


class FaultyStore:
    """`ports.EventStore` of one life of the manager.

    Args:
        fault: asked at each commit: None, "before", "after" (it was written, and nobody knows),
            "crash before", "crash after".
        works: whether the disk can be written; asked by `probe`.
    """

    rebuilt: str | None = None
    copy_problem = ""

    def __init__(
        self,
        disk: Disk,
        fault: Callable[[], tuple[str, StoreFailed] | None],
        works: Callable[[], bool],
    ) -> None:
        disk.epoch += 1
        self.manager_epoch = disk.epoch
        self._disk, self._fault, self._works = disk, fault, works

    async def commit(self, batch: Batch) -> None:
        found = self._fault()
        if found is None:
            self._disk.write(batch)
            return
        when, error = found
        if "after" in when:
            self._disk.write(batch)
        if "crash" in when:
            raise Crash(when)
        raise error

    async def replay(self, after: int = 0) -> AsyncIterator[EventRecord]:
        for record in self._disk.events[after:]:
            yield record

    async def events_of(self, command_id: str) -> Sequence[EventRecord]:
        return [each for each in self._disk.events if each.command_id == command_id]

    async def outbox(self) -> Sequence[OutboxEntry]:
        return list(self._disk.outbox.values())

    async def snapshots(self, form: str) -> Sequence[Snapshot]:
        return [each for each in reversed(self._disk.snapshots) if each.form == form]

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        self._disk.snapshots = [*self._disk.snapshots[-2:], snapshot]

    async def probe(self) -> None:
        if not self._works():
            raise StoreFull("the disk is full", "make room")

    async def find_damage(self) -> None:
        return

    async def rebuild(self) -> str:
        if not self._works():
            raise StoreDamaged("the copy cannot be read yet", "wait")
        return "fleet.db.damaged"

    def room_bytes(self) -> int | None:
        return None

    async def prune_tracks(self, before_s: float) -> int:
        return 0

    async def close(self) -> None:
        return
