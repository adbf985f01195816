"""A restart reads the newest snapshot that it can trust, and the log after it; never less."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fleet_manager.adapters.db import SqlEventStore, open_store
from fleet_manager.app import snapshots
from fleet_manager.app.clock import FleetClock
from fleet_manager.app.loop import FleetLoop
from fleet_manager.app.snapshots import restored
from fleet_manager.ports import Batch, EventRecord, IncidentRow, Snapshot, TaskRow, TrackPoint
from tests.contract import ledger
from tests.contract.ledger import START_S, Add, LedgerGate

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot every ten events, and at an end after five."""
    monkeypatch.setattr(snapshots, "EVERY_EVENTS", 10)
    monkeypatch.setattr(snapshots, "AT_THE_END_EVENTS", 5)


@contextlib.asynccontextmanager
async def opened(file: Path) -> AsyncIterator[SqlEventStore]:
    store = await open_store(f"sqlite+aiosqlite:///{file}")
    try:
        yield store
    finally:
        await store.close()


async def added(file: Path, amounts: int, gate: LedgerGate | None = None) -> None:
    """A manager that adds 1 so often, and ends."""
    async with opened(file) as store:
        clock = FleetClock(ledger.ScriptedClock(), START_S)
        loop = FleetLoop(gate or LedgerGate(), store, ledger.ScriptedLink(), clock)
        await loop.start()
        running = asyncio.create_task(loop.run())
        for _ in range(amounts):
            await loop.submit(Add(1))
        loop.stop()
        await asyncio.wait_for(running, 5)


async def test_a_restart_reads_only_what_came_after_the_newest_snapshot(tmp_path: Path) -> None:
    file = tmp_path / "fleet.db"
    await added(file, 24)
    async with opened(file) as store:
        found = await restored(LedgerGate(), store)
        whole = await restored(LedgerGate("none"), store)
    assert found.snapshot_seq > 0
    assert found.seq - found.snapshot_seq < 5, "one was taken at the end"
    assert whole.snapshot_seq == 0
    assert found.state == whole.state
    assert found.state.total == 24


async def test_few_events_at_the_end_need_no_snapshot_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "fleet.db"
    await added(file, 2)
    async with opened(file) as store:
        assert await store.snapshots("1") == []


async def test_another_version_reads_the_whole_log_and_takes_its_own_snapshots(
    tmp_path: Path,
) -> None:
    file = tmp_path / "fleet.db"
    await added(file, 24)
    await added(file, 24, LedgerGate("2"))
    async with opened(file) as store:
        assert (await restored(LedgerGate("2"), store)).state.total == 48
        assert await store.snapshots("2")


async def test_a_snapshot_that_is_damaged_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "fleet.db"
    await added(file, 24)
    async with opened(file) as store:
        kept = await store.snapshots("1")
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute(
            "UPDATE snapshots SET state = X'00' WHERE seq = (SELECT max(seq) FROM snapshots)"
        )
        connection.commit()
    async with opened(file) as store:
        found = await restored(LedgerGate(), store)
        assert found.snapshot_seq < kept[0].seq
        assert found.state.total == 24
        # One that is whole, but cannot be read, neither.
        await store.save_snapshot(Snapshot(found.seq, START_S, "1", b"no state"))
        found = await restored(LedgerGate(), store)
        assert found.snapshot_seq < kept[0].seq
        assert found.state.total == 24


async def test_few_snapshots_are_kept(tmp_path: Path) -> None:
    async with opened(tmp_path / "fleet.db") as store:
        records = [EventRecord(n, 0.0, "a", None, 0, "c", "e", 1, "{}") for n in range(1, 10)]
        await store.commit(Batch(events=records))
        for seq in range(1, 10):
            await store.save_snapshot(Snapshot(seq, START_S, "1", b"x"))
        assert [each.seq for each in await store.snapshots("1")] == [9, 8, 7]


async def test_retention_drops_tracks_and_nothing_of_the_audit(tmp_path: Path) -> None:
    file = tmp_path / "fleet.db"
    async with opened(file) as store:
        await store.commit(
            Batch(
                events=[EventRecord(1, 0.0, "ana", None, 0, "c", "e", 1, "{}")],
                tasks=[TaskRow("t1", "patrol", "completed", None, 0.0, 1.0, "{}")],
                incidents=[IncidentRow("i1", "spill", "resolved", None, 0.0, "{}")],
                track=[TrackPoint("r1", 0.0, 0.0, 0.0, 0.0, "ground", 0.0, None)],
            )
        )
        assert await store.prune_tracks(before_s=1e12) == 1
        assert [record.actor async for record in store.replay()] == ["ana"]
        assert len(await store.task_history()) == len(await store.incident_history()) == 1


@pytest.mark.parametrize(
    "deed",
    [
        "DELETE FROM events",
        "UPDATE events SET actor = 'nobody'",
        "REPLACE INTO events SELECT * FROM events",
    ],
)
async def test_the_log_refuses_to_be_changed_whoever_asks(tmp_path: Path, deed: str) -> None:
    file = tmp_path / "fleet.db"
    async with opened(file) as store:
        await store.commit(Batch(events=[EventRecord(1, 0.0, "ana", None, 0, "c", "e", 1, "{}")]))
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA recursive_triggers = ON")
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(deed)
