"""A full disk, a lock, a damaged file: each is named, loses nothing, and is got over by itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import resource
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from fleet_manager.adapters.db import SqlEventStore, engine, log_copy, open_store
from fleet_manager.adapters.db.account_store import open_account_store
from fleet_manager.adapters.db.log_copy import LogCopy
from fleet_manager.adapters.db.store import copy_folder
from fleet_manager.app import keeper
from fleet_manager.app.accounts.records import Account, AuditEntry, Role
from fleet_manager.app.clock import FleetClock
from fleet_manager.app.loop import FleetLoop
from fleet_manager.ports import (
    Batch,
    EventRecord,
    OutboxEntry,
    StoreDamaged,
    StoreFailed,
    StoreFull,
    StoreLocked,
    StoreUnusable,
)
from tests.contract import ledger
from tests.contract.ledger import START_S, Add, LedgerGate, Pause, Send, Trouble

pytestmark = pytest.mark.anyio

Loop = FleetLoop[ledger.Ledger, ledger.Command, ledger.Event]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for in a facility is not waited for here."""
    monkeypatch.setattr(keeper, "RETRY_S", 0.02)
    monkeypatch.setattr(keeper, "REBUILD_RETRY_S", 0.02)
    monkeypatch.setattr(keeper, "LOW_ROOM_BYTES", 0)
    monkeypatch.setattr(keeper, "ROOM_AGAIN_BYTES", 0)
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 50)


class Manager:
    """A loop on a database; its clock is set by the test."""

    def __init__(self, store: SqlEventStore) -> None:
        self.store = store
        self.gate = LedgerGate()
        self.link = ledger.ScriptedLink()
        self.clock = ledger.ScriptedClock()
        self.loop: Loop = FleetLoop(self.gate, store, self.link, FleetClock(self.clock, START_S))

    async def log(self) -> list[EventRecord]:
        return [record async for record in self.store.replay()]

    async def decides_again(self) -> None:
        """Wait until a command is decided."""
        async with asyncio.timeout(10):
            while True:
                with contextlib.suppress(StoreFailed):
                    await self.loop.submit(Add(0))
                    return
                await asyncio.sleep(0.01)

    async def ticks(self) -> None:
        """Let half a second of fleet time pass, and wait until it is taken in."""
        before = self.loop.version
        async with asyncio.timeout(10):
            while self.loop.version == before:
                self.clock.set(self.clock.now_s() + 0.6)
                await asyncio.sleep(0.005)


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
            await asyncio.wait_for(running, 10)
    finally:
        await store.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here; needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_disk_that_is_full_stops_the_manager_until_there_is_room(
    small_disk: Path,
) -> None:
    async with running(small_disk / "fleet.db") as manager:
        loop = manager.loop
        accepted = 0
        for _ in range(20):
            await loop.submit(Add(1))
            accepted += 1
        ballast = small_disk / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        accepted += await until_full(loop)
        with pytest.raises(StoreFailed):
            await loop.submit(Send(1))
        stopped = loop.health.stopped_by
        assert stopped is not None
        assert stopped.code == "database_full"
        assert "room" in stopped.remedy
        heartbeats = manager.link.heartbeats
        manager.clock.set(START_S + 5.0)
        manager.link.reports.append(ledger.report(x_m=7.0))
        await manager.ticks()
        assert loop.state.reports["r1"].x_m == 7.0, "robots are still shown"
        assert manager.link.heartbeats > heartbeats
        assert manager.link.orders == []
        ballast.unlink()
        await manager.decides_again()
        assert loop.health.stopped_by is None
        assert loop.state.total == accepted, "what was accepted, and nothing else"
        assert [each.type for each in await manager.log()].count("Added") >= accepted
        await manager.ticks()
        assert Trouble("database_full", over=False) in manager.gate.troubles
    async with running(small_disk / "fleet.db") as manager:
        assert manager.loop.state.total == accepted


async def until_full(loop: Loop) -> int:
    """Ask until the disk is full; returns how much was accepted."""
    for accepted in range(2000):
        try:
            await loop.submit(Add(1))
        except StoreFull:
            return accepted
    raise AssertionError("the disk is not full")


UNTIL_TOLD = """
import asyncio, sys
from fleet_manager.adapters.db import open_store
from fleet_manager.ports import Batch, EventRecord, StoreFull

async def main():
    store = await open_store(sys.argv[1])
    seq = 0
    for line in sys.stdin:
        for _ in range(int(line)):
            batch = Batch([EventRecord(seq + 1, 0.0, "a", None, 0, "c", "e", 1, "x" * 4000)])
            try:
                await store.commit(batch)
            except StoreFull:
                print("full", seq, flush=True)
                break
            seq += 1
        else:
            print("wrote", seq, flush=True)

asyncio.run(main())
"""


def test_a_limit_on_the_size_of_files_is_a_full_disk_and_its_end_is_noticed(
    tmp_path: Path, root: Path
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", UNTIL_TOLD, f"sqlite+aiosqlite:///{tmp_path / 'fleet.db'}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:

        def asked(number: int) -> list[str]:
            print(number, file=process.stdin, flush=True)
            return process.stdout.readline().split()  # type: ignore[union-attr]

        assert asked(10) == ["wrote", "10"]
        _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (300_000, hard))
        said, written = asked(1000)
        assert said == "full"
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        assert asked(10) == ["wrote", str(int(written) + 10)]
        process.stdin.close()
        assert process.wait(10) == 0
    assert len(copied(tmp_path / "fleet.db")) == int(written) + 10


async def test_a_database_that_another_program_locks_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "fleet.db"
    async with running(file) as manager:
        await manager.loop.submit(Add(5))
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreLocked, match="locked"):
                await manager.loop.submit(Add(6))
            stopped = manager.loop.health.stopped_by
            assert stopped is not None
            assert stopped.code == "database_locked"
            other.execute("ROLLBACK")
        await manager.decides_again()
        await manager.ticks()
        assert manager.loop.state.total == 5
        assert manager.gate.troubles == [Trouble("database_locked", over=False)]
        assert not manager.loop.health.conditions


def beside(file: Path, ending: str) -> list[Path]:
    """What has the database's name and an ending, and a number perhaps."""
    return sorted(file.parent.glob(f"{file.name}.{ending}*"))


def overwrite_pages(file: Path, seed: int, share: float = 0.5) -> None:
    """Put noise where pages of the database were; its first page stays."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.execute("PRAGMA page_size").fetchone()[0]
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    chance = random.Random(seed)
    with file.open("r+b") as disk:
        for number in range(1, pages):
            if chance.random() < share:
                disk.seek(number * page)
                disk.write(chance.randbytes(page))


async def busy(manager: Manager) -> tuple[list[EventRecord], list[OutboxEntry]]:
    """Events, tasks and an outbox, of which some was settled."""
    for number in range(40):
        await manager.loop.submit(Add(1), command_id=f"add-{number}")
    await manager.loop.submit(Send(1))
    await manager.loop.submit(Send(2))
    await manager.loop.submit(Pause("a1"))
    await manager.loop.submit(Pause("a2"))
    manager.link.reports.append(ledger.report(acknowledged_action_ids=("a1",)))
    await manager.ticks()
    return await manager.log(), list(await manager.store.outbox())


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_damage_found_while_running_is_mended_from_the_copy_without_a_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(keeper, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(keeper, "DAMAGE_AFTER_S", 0.0)
    monkeypatch.setattr(keeper, "DAMAGE_EVERY_S", 0.0)
    file = tmp_path / "fleet.db"
    async with running(file) as manager:
        before, outbox = await busy(manager)
        assert len(outbox) == 2
        overwrite_pages(file, seed)
        async with asyncio.timeout(20):
            while not beside(file, "damaged"):
                await manager.ticks()
        await manager.decides_again()
        after = await manager.log()
        assert after[: len(before)] == before
        assert list(await manager.store.outbox()) == outbox
        assert manager.loop.state.total == 40
        row = await manager.store.task("sum")
        assert row is not None
        assert row.document == "40"
        repeated = await manager.loop.submit(Add(1), command_id="add-7")
        assert repeated.repeated
        await manager.ticks()
        told = [each.code for each in manager.gate.troubles]
        assert told.count("database_rebuilt") == told.count("database_damaged") == 1
        assert not manager.loop.health.conditions
        await manager.store.find_damage()


@pytest.mark.parametrize("seed", range(1, 7))
async def test_damage_found_at_a_start_is_mended_from_the_copy_without_a_loss(
    tmp_path: Path, seed: int
) -> None:
    file = tmp_path / "fleet.db"
    async with running(file) as manager:
        before, outbox = await busy(manager)
    # The first page too: it is no database any more.
    overwrite_pages(file, seed, share=1.0)
    if seed % 2:
        file.write_bytes(b"noise" * 1000)
    async with running(file) as manager:
        assert manager.loop.state.total == 40
        assert manager.loop.state.epoch == 2, "robots do not take the next manager for an old one"
        assert (await manager.log())[: len(before)] == before
        assert list(await manager.store.outbox()) == outbox
        row = await manager.store.task("sum")
        assert row is not None
        assert row.document == "40"
        await manager.ticks()
        assert [each.code for each in manager.gate.troubles] == ["database_rebuilt"]
    assert len(beside(file, "damaged")) >= 1


async def test_accounts_and_the_audit_trail_are_in_the_copy_too(tmp_path: Path) -> None:
    file = tmp_path / "fleet.db"
    url = f"sqlite+aiosqlite:///{file}"
    entry = AuditEntry(1.0, "ana", "", "POST", "/tasks", "{}", "", 200, "", "", "r1")
    for number in (1, 2):
        store, accounts = await open_store(url), await open_account_store(url)
        if number == 1:
            await accounts.put_account(
                Account("a1", "ana", "Ana", Role.OPERATOR, "hash", 1.0, False, None, None, "")
            )
        await accounts.add_audit([entry, entry])
        await store.close()
        await accounts.close()
    overwrite_pages(file, 1, share=1.0)
    store, accounts = await open_store(url), await open_account_store(url)
    assert [each.name for each in await accounts.accounts()] == ["ana"]
    assert len(await accounts.audit()) == 4
    lines = [row for rows in store_copy(file) for row in rows.get("audit", ())]
    assert len(lines) == 4, "each is copied once"
    await store.close()
    await accounts.close()


def store_copy(file: Path) -> list[dict[str, list[list[object]]]]:
    """What the copy has of the tables beside the log."""
    copy = LogCopy(copy_folder(file))
    copy.open()
    list(copy.batches())
    copy.close()
    return copy.beside


async def test_without_a_copy_a_damaged_database_is_refused_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "fleet.db"
    async with running(file) as manager:
        await busy(manager)
    for part in copy_folder(file).iterdir():
        part.unlink()
    file.write_bytes(b"noise" * 1000)
    with pytest.raises(StoreUnusable, match="not a database"):
        await open_store(f"sqlite+aiosqlite:///{file}")
    assert file.read_bytes() == b"noise" * 1000


def records(first: int, last: int) -> list[EventRecord]:
    return [
        EventRecord(n, START_S + n, "a", None, 0, "c", "e", 1, f'{{"n":{n}}}')
        for n in range(first, last + 1)
    ]


async def commit(store: SqlEventStore, first: int, last: int) -> None:
    for record in records(first, last):
        await store.commit(Batch(events=[record]))


def copied(file: Path) -> list[int]:
    copy = LogCopy(copy_folder(file))
    copy.open()
    numbers = [record.seq for batch, _ in copy.batches() for record in batch.events]
    copy.close()
    return numbers


@pytest.mark.parametrize("cut", [1, 10, 200, 2000, 10**9])
async def test_what_a_power_cut_took_from_the_copy_is_taken_from_the_log(
    tmp_path: Path, cut: int
) -> None:
    file = tmp_path / "fleet.db"
    url = f"sqlite+aiosqlite:///{file}"
    store = await open_store(url)
    await commit(store, 1, 30)
    await store.close()
    (segment,) = copy_folder(file).glob("*.log")
    os.truncate(segment, max(0, segment.stat().st_size - cut))
    store = await open_store(url)
    await commit(store, 31, 32)
    await store.close()
    assert copied(file) == list(range(1, 33))


async def test_full_segments_are_packed_and_read_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_copy, "SEGMENT_BYTES", 1000)
    file = tmp_path / "fleet.db"
    url = f"sqlite+aiosqlite:///{file}"
    for start in (1, 31):
        store = await open_store(url)
        await commit(store, start, start + 29)
        await store.close()
    names = [each.name for each in sorted(copy_folder(file).iterdir())]
    assert sum(name.endswith(".gz") for name in names) >= 2
    assert copied(file) == list(range(1, 61))


async def test_a_copy_of_another_log_is_put_aside(tmp_path: Path) -> None:
    file = tmp_path / "fleet.db"
    url = f"sqlite+aiosqlite:///{file}"
    store = await open_store(url)
    await commit(store, 1, 20)
    await store.close()
    file.unlink()  # an older one is put in its place
    store = await open_store(url)
    await commit(store, 1, 5)
    await store.close()
    assert copied(file) == [1, 2, 3, 4, 5]
    assert len(beside(file, "copy.other")) == 1


async def test_a_damaged_copy_is_told_from_a_whole_one(tmp_path: Path) -> None:
    file = tmp_path / "fleet.db"
    store = await open_store(f"sqlite+aiosqlite:///{file}")
    await commit(store, 1, 30)
    await store.close()
    (segment,) = copy_folder(file).glob("*.log")
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(bytes(data))
    with pytest.raises(StoreDamaged, match="line"):
        copied(file)


async def test_a_copy_that_cannot_be_written_is_told_and_catches_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "LOOK_EVERY_S", 0.0)
    file = tmp_path / "fleet.db"
    async with running(file) as manager:
        await manager.loop.submit(Add(1))
        with monkeypatch.context() as broken:

            def full(_copy: LogCopy, _document: object) -> None:
                raise OSError(28, "No space left on device")

            broken.setattr(LogCopy, "_write", full)
            await manager.loop.submit(Add(2))
            await manager.ticks()
            assert [each.code for each in manager.loop.health.conditions] == ["log_copy_behind"]
            assert manager.loop.health.stopped_by is None
        await manager.loop.submit(Add(3))
        await manager.ticks()
        await manager.ticks()
        assert not manager.loop.health.conditions
        assert manager.gate.troubles == [
            Trouble("log_copy_behind", over=False),
            Trouble("log_copy_behind", over=True),
        ]
        numbers = [record.seq for record in await manager.log()]
    assert copied(file) == numbers


async def test_little_room_is_told_before_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "LOOK_EVERY_S", 0.0)
    async with running(tmp_path / "fleet.db") as manager:
        monkeypatch.setattr(keeper, "LOW_ROOM_BYTES", 10**18)
        monkeypatch.setattr(keeper, "ROOM_AGAIN_BYTES", 10**18)
        await manager.ticks()
        assert [each.code for each in manager.loop.health.conditions] == ["disk_low"]
        monkeypatch.setattr(keeper, "ROOM_AGAIN_BYTES", 0)
        await manager.ticks()
        await manager.ticks()
        assert manager.gate.troubles == [Trouble("disk_low", False), Trouble("disk_low", True)]
