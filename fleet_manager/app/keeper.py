"""Watches over store and clock: says what is wrong, mends what it can, and has people told."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Generic

import structlog

from fleet_manager.app.clock import FleetClock
from fleet_manager.app.gate import Command, Event, Gate, State
from fleet_manager.app.health import Condition, Health
from fleet_manager.app.read_models import write_read_models
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.ports import (
    EventStore,
    StoreDamaged,
    StoreError,
    StoreFailed,
    StoreFenced,
    StoreFull,
    StoreLocked,
)

FULL, LOCKED, DAMAGED = "database_full", "database_locked", "database_damaged"
UNAVAILABLE, SUPERSEDED = "database_unavailable", "superseded"
DISK_LOW, COPY_BEHIND = "disk_low", "log_copy_behind"
CLOCK_AHEAD, CLOCK_JUMPED = "clock_ahead", "clock_jumped"
REBUILT = "database_rebuilt"

LOW_ROOM_BYTES = 500_000_000
ROOM_AGAIN_BYTES = 600_000_000
LOOK_EVERY_S = 10.0
DAMAGE_AFTER_S = 60.0
"""After the start; then it is looked for once a day."""
DAMAGE_EVERY_S = 86_400.0
RETRY_S = 1.0
REBUILD_RETRY_S = 30.0

WARNING, ERROR = 1, 2

log = structlog.get_logger(__name__)


class Keeper(Generic[State, Command, Event]):
    """Conditions of the store and the clock, and the commands by which people are told of them."""

    def __init__(
        self, gate: Gate[State, Command, Event], store: EventStore, clock: FleetClock
    ) -> None:
        self._gate = gate
        self._store = store
        self._clock = clock
        self._told: list[Command] = []
        self._retry_at_s = 0.0
        self._looked_s = 0.0
        self._search: asyncio.Task[None] | None = None
        self._search_at_s = time.monotonic() + DAMAGE_AFTER_S
        self.health = Health()

    def take(self) -> list[Command]:
        """Commands that tell people, to be decided as soon as commands are."""
        taken, self._told = self._told, []
        return taken

    # What fails.

    def failed(self, error: CampusFleetError) -> None:
        """Note why nothing could be written or read."""
        code = _code_of(error)
        for other in {FULL, LOCKED, DAMAGED, UNAVAILABLE} - {code}:
            self._over(other)
        now_s = self._clock.now_s()
        if self.health.begin(code, now_s, str(error), error.remedy, stops=True):
            log.error("no command is decided", code=code, problem=str(error), remedy=error.remedy)

    def refusal(self) -> StoreFailed:
        """What who asks is told while nothing can be decided."""
        stopped = self.health.stopped_by
        if stopped is None:
            return StoreFailed("the state is being read anew", "ask again in a second")
        return StoreFailed(stopped.problem, stopped.remedy)

    @property
    def may_retry(self) -> bool:
        """Whether it is time to try again."""
        return time.monotonic() >= self._retry_at_s

    async def mend(self) -> None:
        """Try whether the store works again; make a damaged one anew.

        Raises:
            StoreError: not yet.
        """
        damaged = DAMAGED in self.health
        self._retry_at_s = time.monotonic() + (REBUILD_RETRY_S if damaged else RETRY_S)
        if damaged:
            await self._rebuilt(await self._store.rebuild())
        await self._store.probe()

    async def begun(self) -> None:
        """Finish what was begun while the store was opened.

        Raises:
            StoreError: the read models could not be written.
        """
        if self._store.rebuilt is not None:
            await self._rebuilt(self._store.rebuilt)

    async def _rebuilt(self, kept: str) -> None:
        await write_read_models(self._gate, self._store)
        note = f"made anew from the copy of the log; the damaged one is kept as {kept}"
        self._tell(REBUILT, ERROR, "the database was damaged", note)

    def recovered(self) -> None:
        """Note that commands are decided again."""
        self._retry_at_s = 0.0
        for code in (FULL, LOCKED, DAMAGED, UNAVAILABLE):
            self._over(code)

    def _over(self, code: str) -> None:
        was = self.health.end(code)
        if was is not None:
            lasted_s = self._clock.now_s() - was.since_s
            note = f"no command was decided for {lasted_s:.0f} s; nothing that was accepted is lost"
            self._tell(code, ERROR, was.problem, note)

    # What is looked at now and then.

    async def look(self, now_s: float) -> None:
        """See after room, copy, clock and damage.

        Raises:
            StoreDamaged: the database is.
        """
        wall_s = time.monotonic()
        if wall_s - self._looked_s < LOOK_EVERY_S:
            return
        self._looked_s = wall_s
        self._look_at_room(now_s)
        self._while_true(
            COPY_BEHIND,
            now_s,
            self._store.copy_problem,
            "see the disk of the copy; it catches up by itself",
        )
        ahead_s = self._clock.ahead_s
        told = f"fleet time runs {ahead_s:.0f} s ahead of the clock" if ahead_s > 1.0 else ""
        self._while_true(CLOCK_AHEAD, now_s, told, "see the computer's clock; they meet in time")
        await self._look_for_damage(wall_s)

    def _look_at_room(self, now_s: float) -> None:
        room = self._store.room_bytes()
        if room is None:
            return
        enough = ROOM_AGAIN_BYTES if DISK_LOW in self.health else LOW_ROOM_BYTES
        told = f"{room / 1e6:.0f} MB are free where the database is" if room < enough else ""
        self._while_true(DISK_LOW, now_s, told, "make room before it is full")

    def _while_true(self, code: str, now_s: float, problem: str, remedy: str) -> None:
        """Have a condition, and an alert, as long as there is a problem."""
        if problem:
            if self.health.begin(code, now_s, problem, remedy):
                log.warning("not well", code=code, problem=problem, remedy=remedy)
                self._tell(code, WARNING, problem, remedy)
        elif self.health.end(code) is not None:
            self._told.append(self._gate.trouble(code, WARNING, "", "", over=True))

    async def _look_for_damage(self, wall_s: float) -> None:
        if self._search is None and wall_s >= self._search_at_s:
            self._search_at_s = wall_s + DAMAGE_EVERY_S
            self._search = asyncio.create_task(self._store.find_damage(), name="find-damage")
        if self._search is not None and self._search.done():
            search, self._search = self._search, None
            await search

    def clock_jumped(self, by_s: float) -> list[Command]:
        """What a clock that was set forward leads to: robots are not silent for having it so."""
        self._tell(
            CLOCK_JUMPED,
            WARNING,
            f"the clock was set {'forward' if by_s > 0 else 'back'} by {abs(by_s):.0f} s",
            "see the computer's clock and its time server",
        )
        return [self._gate.started(self._store.manager_epoch)] if by_s > 0 else []

    def _tell(self, code: str, severity: int, title: str, note: str) -> None:
        self._told.append(self._gate.trouble(code, severity, title, note, over=False))

    async def stop(self) -> None:
        """Break off what looks beside the loop."""
        if self._search is not None:
            self._search.cancel()
            with contextlib.suppress(asyncio.CancelledError, StoreError):
                await self._search


def _code_of(error: CampusFleetError) -> str:
    if isinstance(error, StoreFull):
        return FULL
    if isinstance(error, StoreFenced):
        return SUPERSEDED
    if isinstance(error, StoreLocked):
        return LOCKED
    return DAMAGED if isinstance(error, StoreDamaged) else UNAVAILABLE


__all__ = ["Condition", "Health", "Keeper"]
