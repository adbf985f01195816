"""What an event store promises: append, replay, idempotency, outbox, one writer, no loss."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fleet_manager.adapters.db import SqlEventStore, open_store
from fleet_manager.ports import (
    Batch,
    EventRecord,
    OutboxEntry,
    OutboxKind,
    StoreBusy,
    StoreFailed,
    StoreNewer,
    StoreUnusable,
    TaskRow,
    TrackPoint,
)

pytestmark = pytest.mark.anyio

START_S = 1_800_000_000.0

# Commits batches of three events and an outbox entry that names the last, for ever.
APPEND_FOR_EVER = """
import asyncio, sys
from fleet_manager.adapters.db import open_store
from fleet_manager.ports import Batch, EventRecord, OutboxEntry, OutboxKind

async def main():
    store = await open_store(sys.argv[1])
    seq = store.last_seq
    print("ready", flush=True)
    while True:
        numbers = range(seq + 1, seq + 4)
        seq += 3
        await store.commit(Batch(
            events=[EventRecord(n, 0.0, "a", None, 0, "c", "e", 1, "{}") for n in numbers],
            outbox=[OutboxEntry("order/r1", OutboxKind.ORDER, "r1", str(seq))],
        ))
        print(seq, flush=True)

asyncio.run(main())
"""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def store(url: str) -> AsyncIterator[SqlEventStore]:
    store = await open_store(url)
    yield store
    await store.close()


def event(seq: int, command_id: str | None = None, position: int = 0) -> EventRecord:
    payload = f'{{"z":1,"a":{seq}}}'
    return EventRecord(seq, START_S + seq, "ana", command_id, position, "Ask", "Asked", 1, payload)


def order(update: int, robot: str = "r1") -> OutboxEntry:
    return OutboxEntry(f"order/{robot}", OutboxKind.ORDER, robot, str(update))


def instant(identifier: str) -> OutboxEntry:
    return OutboxEntry(f"instant/{identifier}", OutboxKind.INSTANT_ACTION, "r1", identifier)


async def log_of(store: SqlEventStore, after: int = 0) -> list[EventRecord]:
    return [record async for record in store.replay(after)]


async def test_what_was_appended_is_replayed_in_its_order_and_unchanged(url: str) -> None:
    # More than one chunk of the replay.
    records = [event(seq) for seq in range(1, 2502)]
    first = await open_store(url)
    await first.commit(Batch(events=records[:1]))
    await first.commit(Batch(events=records[1:]))
    await first.close()
    second = await open_store(url)
    assert await log_of(second) == records
    assert await log_of(second, after=2500) == records[2500:]
    assert second.last_seq == 2501
    await second.close()


async def test_every_start_counts_as_a_new_epoch(url: str) -> None:
    epochs = []
    for _ in range(3):
        store = await open_store(url)
        epochs.append(store.manager_epoch)
        await store.close()
    assert epochs == [1, 2, 3]


async def test_a_gap_or_a_repetition_in_the_log_is_refused(store: SqlEventStore) -> None:
    await store.commit(Batch(events=[event(1)]))
    for wrong in ([event(3)], [event(1)], [event(2), event(2)]):
        with pytest.raises(StoreFailed):
            await store.commit(Batch(events=wrong))
    assert await log_of(store) == [event(1)]


async def test_a_command_is_found_by_its_id_and_cannot_be_written_twice(
    store: SqlEventStore,
) -> None:
    decided = [event(1, "c1", 0), event(2, "c1", 1)]
    await store.commit(Batch(events=decided))
    assert await store.events_of("c1") == decided
    assert await store.events_of("c2") == []
    with pytest.raises(StoreFailed):
        await store.commit(Batch(events=[event(3, "c1", 0)], outbox=[order(1)]))
    assert await log_of(store) == decided
    assert await store.outbox() == []
    await store.commit(Batch(events=[event(3, "c2", 0)]))


async def test_of_a_robots_orders_the_outbox_keeps_the_last(store: SqlEventStore) -> None:
    await store.commit(Batch(events=[event(1)], outbox=[order(1), order(1, "r2"), order(2)]))
    await store.commit(Batch(events=[event(2)], outbox=[order(3)]))
    assert await store.outbox() == [order(1, "r2"), order(3)]


async def test_an_instant_action_stays_in_the_outbox_until_it_is_settled(url: str) -> None:
    store = await open_store(url)
    await store.commit(Batch(outbox=[instant("a"), instant("b")]))
    await store.close()
    store = await open_store(url)
    assert await store.outbox() == [instant("a"), instant("b")]
    await store.commit(Batch(settled=["instant/a", "instant/never-there"]))
    assert await store.outbox() == [instant("b")]
    await store.close()


async def test_history_holds_the_last_form_of_a_task_newest_first(store: SqlEventStore) -> None:
    def task(identifier: str, status: str, requested_s: float, robot: str | None) -> TaskRow:
        return TaskRow(identifier, "patrol", status, robot, requested_s, None, "{}")

    await store.commit(
        Batch(tasks=[task("t1", "queued", 1.0, None), task("t2", "queued", 2.0, "r2")])
    )
    await store.commit(
        Batch(tasks=[task("t1", "underway", 1.0, "r1"), task("t1", "completed", 1.0, "r1")])
    )
    assert [(row.id, row.status) for row in await store.task_history()] == [
        ("t2", "queued"),
        ("t1", "completed"),
    ]
    assert [row.id for row in await store.task_history(status="completed")] == ["t1"]
    assert [row.id for row in await store.task_history(robot="r2")] == ["t2"]
    assert [row.id for row in await store.task_history(limit=1, offset=1)] == ["t1"]
    assert await store.task("t1") == task("t1", "completed", 1.0, "r1")
    assert await store.task("t3") is None


async def test_old_tracks_are_dropped_and_young_ones_kept(store: SqlEventStore) -> None:
    points = [TrackPoint("r1", 10.0 * n, float(n), 0.0, 0.0, "ground", 1.0, None) for n in range(6)]
    await store.commit(Batch(track=points))
    assert await store.prune_tracks(before_s=30.0) == 3
    assert await store.track("r1", 0.0, 100.0) == points[3:]
    assert await store.track("r1", 35.0, 45.0) == points[4:5]
    assert await store.track("r2", 0.0, 100.0) == []


async def test_a_second_manager_on_the_same_database_is_refused(
    store: SqlEventStore, url: str
) -> None:
    with pytest.raises(StoreBusy, match=f"process {os.getpid()}"):
        await open_store(url)
    await store.commit(Batch(events=[event(1)]))


async def test_a_newer_database_is_left_alone(sqlite_url: str, tmp_path: Path) -> None:
    url = sqlite_url
    await (await open_store(url)).close()
    with sqlite3.connect(tmp_path / "fleet.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreNewer, match="9999"):
        await open_store(url)
    # The refusal gave the lock back.
    with pytest.raises(StoreNewer):
        await open_store(url)


@pytest.mark.parametrize(
    "url", ["", "sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:", "postgresql://host/fleet"]
)
async def test_an_address_that_is_of_no_database_that_is_known_is_refused(url: str) -> None:
    with pytest.raises(StoreUnusable):
        await open_store(url)


async def test_a_file_that_is_no_database_is_refused_and_not_touched(
    sqlite_url: str, tmp_path: Path
) -> None:
    url = sqlite_url
    file = tmp_path / "fleet.db"
    file.write_bytes(b"not a database, but somebody's notes" * 100)
    before = file.read_bytes()
    with pytest.raises(StoreUnusable, match="not a database"):
        await open_store(url)
    assert file.read_bytes() == before


def said_until_killed(url: str, root: Path, after_batches: int) -> list[str]:
    """What a manager that appends for ever printed until it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", APPEND_FOR_EVER, url], stdout=subprocess.PIPE, text=True, cwd=root
    )
    assert process.stdout is not None
    with process.stdout as output:
        said = [output.readline().strip() for _ in range(after_batches + 1)]
        process.send_signal(signal.SIGKILL)
        said += output.read().split()
    process.wait()
    return said


@pytest.mark.parametrize("after_batches", [0, 1, 7, 40])
async def test_a_manager_killed_in_mid_append_loses_nothing_it_said_was_committed(
    url: str, root: Path, after_batches: int
) -> None:
    said = said_until_killed(url, root, after_batches)
    assert said[0] == "ready"
    committed = int(said[-1]) if len(said) > 1 else 0
    # Its successor starts at once.
    store = await open_store(url)
    numbers = [record.seq for record in await log_of(store)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= committed
    assert len(numbers) % 3 == 0, "a batch is written whole or not at all"
    assert [entry.document for entry in await store.outbox()] == [str(len(numbers))] * bool(numbers)
    assert store.manager_epoch == 2
    await store.close()
