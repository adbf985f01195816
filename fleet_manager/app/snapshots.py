"""Snapshots of the state: taken now and then beside the loop, so that little of the log is read."""

from __future__ import annotations

import asyncio
import contextlib
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic

import structlog

from fleet_manager.app.gate import Command, Event, Gate, State
from fleet_manager.app.turn import InternalError
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.ports import EventStore, Snapshot

EVERY_EVENTS = 5_000
"""Between two snapshots; what is read of the log at a restart is no more than twice that."""
AT_THE_END_EVENTS = 500
"""Since the last one, for which one is taken when the manager ends."""
FAST = 1

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Restored(Generic[State]):
    """A state read back.

    Attributes:
        seq: of the last event that it has in it.
        snapshot_seq: of the last event that the snapshot had in it; 0: all were read.
    """

    state: State
    seq: int
    snapshot_seq: int


async def restored(gate: Gate[State, Command, Event], store: EventStore) -> Restored[State]:
    """The state of the log: the newest snapshot that this code can trust, and what came after.

    A snapshot is trusted when the same core with the same fleet and map files has made it
    (`Gate.form`): then it is what reading the whole log gives. Any other is left alone, and the log
    is read from its beginning.

    Raises:
        StoreError: the log cannot be read.
        InternalError: an event of the log cannot be applied.
    """
    state, seq = await _from_snapshot(gate, store)
    snapshot_seq = seq
    async for record in store.replay(seq):
        try:
            gate.apply(state, gate.decode(record))
        except Exception as error:
            raise InternalError(
                f"event {record.seq} of the log ({record.type}, version {record.version}) "
                f"cannot be applied: {type(error).__name__}: {error}",
                "start the version of the program that wrote it, and report this",
            ) from error
        seq = record.seq
    return Restored(state, seq, snapshot_seq)


async def _from_snapshot(gate: Gate[State, Command, Event], store: EventStore) -> tuple[State, int]:
    for snapshot in await store.snapshots(gate.form):
        try:
            return gate.thawed(zlib.decompress(snapshot.state)), snapshot.seq
        except Exception as error:
            log.warning("a snapshot cannot be used", events=snapshot.seq, problem=str(error))
    return gate.initial(), 0


class SnapshotTaker(Generic[State, Command, Event]):
    """Takes snapshots in a thread, one at a time."""

    def __init__(self, gate: Gate[State, Command, Event], store: EventStore) -> None:
        self._gate = gate
        self._store = store
        self._task: asyncio.Task[None] | None = None
        self._last_seq = 0
        self.taken = 0

    def begin_at(self, snapshot_seq: int) -> None:
        """Note which snapshot there is already."""
        self._last_seq = snapshot_seq

    def take_if_due(self, state: State, seq: int, now_s: float) -> None:
        """Begin one when enough has happened since the last; the state may be changed at once."""
        busy = self._task is not None and not self._task.done()
        if seq - self._last_seq >= EVERY_EVENTS and not busy:
            frozen = self._gate.frozen(state)
            self._last_seq = seq
            self._task = asyncio.create_task(self._save(frozen, seq, now_s), name="snapshot")

    async def finish(self, state: State, seq: int, now_s: float) -> None:
        """Wait for the one that is being taken; take a last one where that is worth it."""
        await self.taken_now()
        if seq - self._last_seq >= AT_THE_END_EVENTS:
            self._last_seq = seq
            await self._save(self._gate.frozen(state), seq, now_s)

    async def taken_now(self) -> None:
        """Wait for the one that is being taken."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def drop(self) -> None:
        """Break off the one that is being taken."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _save(self, frozen: Callable[[], bytes], seq: int, now_s: float) -> None:
        """A snapshot that is not saved is no loss; the next one is tried in its time."""
        began_s = time.monotonic()
        try:
            state = await asyncio.to_thread(lambda: zlib.compress(frozen(), FAST))
            await self._store.save_snapshot(Snapshot(seq, now_s, self._gate.form, state))
        except CampusFleetError as error:
            log.error("no snapshot", problem=str(error), remedy=error.remedy)
        except Exception:
            log.exception("no snapshot")
        else:
            self.taken += 1
            took_s = round(time.monotonic() - began_s, 3)
            log.info("snapshot", events=seq, bytes=len(state), took_s=took_s)
