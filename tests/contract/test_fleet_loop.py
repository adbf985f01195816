"""The loop: nothing is told before it is on disk, nothing is lost, and no command ends it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fleet_manager.adapters.db import SqlEventStore, open_store
from fleet_manager.app import keeper
from fleet_manager.app import loop as loop_module
from fleet_manager.app.clock import FleetClock
from fleet_manager.app.inbox import Ending, Overloaded
from fleet_manager.app.loop import FleetLoop
from fleet_manager.app.turn import InternalError
from fleet_manager.ports import Batch, StoreFailed
from tests.contract import ledger
from tests.contract.ledger import START_S, Add, Added, LedgerGate, Pause, Send, TooMuch, report

pytestmark = pytest.mark.anyio

Loop = FleetLoop[ledger.Ledger, ledger.Command, ledger.Event]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Manager:
    """A loop with everything around it, on a database that outlives it."""

    def __init__(self, store: SqlEventStore) -> None:
        self.store = store
        self.gate = LedgerGate()
        self.link = ledger.ScriptedLink()
        self.clock = ledger.ScriptedClock()
        not_before_s = START_S if store.last_time_s is None else store.last_time_s
        self.loop: Loop = FleetLoop(
            self.gate, store, self.link, FleetClock(self.clock, not_before_s)
        )

    async def types(self) -> list[str]:
        return [record.type async for record in self.store.replay()]

    async def until(self, version: int) -> None:
        """Wait until the state has changed so often."""
        async with asyncio.timeout(5):
            async for seen in self.loop.changes():
                if seen >= version:
                    return

    async def hears(self, *reports: ledger.RobotReport) -> None:
        """Have robots report and wait until that is taken in."""
        before = self.loop.version
        self.link.reports += reports
        self.loop.reports_wait()
        await self.until(before + 1)


@contextlib.asynccontextmanager
async def running(file: Path) -> AsyncIterator[Manager]:
    store = await open_store(f"sqlite+aiosqlite:///{file}")
    manager = Manager(store)
    try:
        await manager.loop.start()
        running = asyncio.create_task(manager.loop.run())
        try:
            yield manager
        finally:
            manager.loop.stop()
            await asyncio.wait_for(running, 5)
    finally:
        await store.close()


@pytest.fixture
async def manager(tmp_path: Path) -> AsyncIterator[Manager]:
    async with running(tmp_path / "fleet.db") as manager:
        yield manager


class FailingDisk:
    """Makes the commits of a store fail while it is full."""

    def __init__(self, store: SqlEventStore, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        commit = store.commit

        async def commit_or_fail(batch: Batch) -> None:
            if self.full:
                raise StoreFailed("the disk is full", "make room")
            await commit(batch)

        monkeypatch.setattr(store, "commit", commit_or_fail)


async def test_a_command_is_answered_with_its_events_once_they_are_in_the_log(
    manager: Manager,
) -> None:
    outcome = await manager.loop.submit(Add(5), actor="ana")
    assert outcome.events == (Added(5),)
    records = [record async for record in manager.store.replay()]
    last = records[-1]
    assert (last.type, last.actor, last.cause, last.time_s) == ("Added", "ana", "Add", START_S)
    assert manager.loop.state.total == 5
    row = await manager.store.task("sum")
    assert row is not None
    assert row.document == "5"


async def test_a_restart_brings_the_state_back_in_a_new_epoch(tmp_path: Path) -> None:
    async with running(tmp_path / "fleet.db") as manager:
        for amount in range(1, 11):
            await manager.loop.submit(Add(amount))
        assert manager.loop.state.epoch == 1
    async with running(tmp_path / "fleet.db") as manager:
        assert manager.loop.state.total == 55
        assert manager.loop.state.epoch == manager.loop.manager_epoch == 2
        await manager.loop.submit(Add(1))
        assert await manager.types() == ["Started", *["Added"] * 10, "Started", "Added"]


async def test_commands_that_wait_together_share_a_transaction(manager: Manager) -> None:
    before = manager.loop.counters["commits"]
    outcomes = await asyncio.gather(*(manager.loop.submit(Add(n % 7)) for n in range(50)))
    assert [outcome.events for outcome in outcomes] == [(Added(n % 7),) for n in range(50)]
    assert manager.loop.counters["commits"] - before <= 2
    assert manager.loop.state.total == sum(n % 7 for n in range(50))


async def test_a_refused_command_is_told_why_and_changes_nothing(manager: Manager) -> None:
    results = await asyncio.gather(
        manager.loop.submit(Add(1)),
        manager.loop.submit(Add(101)),
        manager.loop.submit(Add(2)),
        return_exceptions=True,
    )
    assert isinstance(results[1], TooMuch)
    assert manager.loop.state.total == 3


async def test_a_repeated_command_gets_the_first_outcome(tmp_path: Path) -> None:
    async with running(tmp_path / "fleet.db") as manager:
        first, second = await asyncio.gather(
            manager.loop.submit(Add(5), command_id="c1"),
            manager.loop.submit(Add(5), command_id="c1"),
        )
        third = await manager.loop.submit(Add(5), command_id="c1")
        assert (first.repeated, second.repeated, third.repeated) == (False, True, True)
    async with running(tmp_path / "fleet.db") as manager:
        fourth = await manager.loop.submit(Add(5), command_id="c1")
        assert fourth.repeated
        assert first.events == second.events == third.events == fourth.events == (Added(5),)
        assert manager.loop.state.total == 5
        await manager.loop.submit(Add(5), command_id="c2")
        assert manager.loop.state.total == 10


async def test_a_defect_in_one_command_is_told_and_the_others_are_decided(
    manager: Manager,
) -> None:
    for defective in (13, 14):
        before = manager.loop.state.total
        results = await asyncio.gather(
            manager.loop.submit(Add(1)),
            manager.loop.submit(Add(defective)),
            manager.loop.submit(Add(2)),
            return_exceptions=True,
        )
        assert isinstance(results[1], InternalError)
        assert "defect" in str(results[1])
        assert manager.loop.state.total == before + 3
    assert manager.loop.counters["commands_failed"] == 2
    added = [record.payload async for record in manager.store.replay() if record.type == "Added"]
    assert len(added) == 4


async def test_a_full_disk_refuses_and_the_state_stays_that_of_the_log(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "RETRY_S", 0.01)
    await manager.loop.submit(Add(1))
    disk = FailingDisk(manager.store, monkeypatch)
    disk.full = True
    with pytest.raises(StoreFailed, match="full"):
        await manager.loop.submit(Send(1))
    with pytest.raises(StoreFailed):
        await manager.loop.submit(Add(2))
    disk.full = False
    assert manager.link.orders == [], "what is not on disk is told to no robot"
    outcome = await manager.loop.submit(Add(4))
    assert outcome.events == (Added(4),)
    assert manager.loop.state.total == 5
    assert await manager.types() == ["Started", "Added", "Added"]


async def test_an_order_is_told_after_its_commit_and_again_after_a_restart_until_it_ends(
    tmp_path: Path,
) -> None:
    file = tmp_path / "fleet.db"
    async with running(file) as manager:
        await manager.loop.submit(Send(1))
        await manager.loop.submit(Send(2))
        assert [order.order_update_id for order in manager.link.orders] == [1, 2]
    async with running(file) as manager:
        assert [order.order_update_id for order in manager.link.orders] == [2]
        await manager.hears(report(order_id="o1", order_update_id=1))
        await manager.hears(report(order_id="o1", order_update_id=2, order_active=True))
        assert len(await manager.store.outbox()) == 1
        await manager.hears(report(order_id="o1", order_update_id=2))
        assert await manager.store.outbox() == []
    async with running(file) as manager:
        assert manager.link.orders == []


async def test_an_instant_action_is_told_until_it_is_acknowledged_over_restarts(
    tmp_path: Path,
) -> None:
    file = tmp_path / "fleet.db"
    async with running(file) as manager:
        await manager.loop.submit(Pause("a1"))
        assert manager.link.instant_actions == [("r1", "a1")]
    async with running(file) as manager:
        assert manager.link.instant_actions == [("r1", "a1")]
        await manager.hears(report("r2", acknowledged_action_ids=("a1",)))
        assert len(await manager.store.outbox()) == 1
        await manager.hears(report(acknowledged_action_ids=("a1",)))
        assert manager.link.settled == ["a1"]
        assert await manager.store.outbox() == []


async def test_reports_are_seen_by_readers_and_leave_tracks(manager: Manager) -> None:
    await manager.hears(report(x_m=0.0), report("r2", x_m=5.0))
    assert manager.loop.state.reports["r2"].x_m == 5.0
    await manager.hears(report(x_m=0.5))
    await manager.hears(report(x_m=2.5))
    manager.clock.set(START_S + 10.0)
    await manager.hears(report(x_m=2.5))
    track = await manager.store.track("r1", 0.0, START_S + 100.0)
    assert [point.x_m for point in track] == [0.0, 2.5], "a point a metre"
    assert await manager.types() == ["Started"], "telemetry is not in the event log"


async def test_time_ticks_every_half_second_of_fleet_time(manager: Manager) -> None:
    for step in range(1, 11):
        before = manager.loop.version
        manager.clock.set(START_S + 0.25 * step)
        if step % 2 == 0:
            await manager.until(before + 1)
    assert manager.gate.ticks == 5
    assert manager.link.heartbeats >= 2


async def test_who_comes_when_the_inbox_is_full_is_told_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop_module, "INBOX_CAPACITY", 3)
    async with running(tmp_path / "fleet.db") as manager:
        asked = [asyncio.ensure_future(manager.loop.submit(Add(1))) for _ in range(5)]
        results = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(each) for each in results[3:]] == [Overloaded, Overloaded]
        assert manager.loop.counters["inbox_refused"] == 2
        assert manager.loop.state.total == 3


async def test_who_asks_at_the_end_is_told_so(tmp_path: Path) -> None:
    async with running(tmp_path / "fleet.db") as manager:
        manager.loop.stop()
        with pytest.raises(Ending):
            await manager.loop.submit(Add(1))
