"""Backups are whole while the manager writes; what is restored is followed by a newer manager."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from fleet_manager.adapters.db import SqlEventStore, open_store
from fleet_manager.adapters.db.backup import back_up, look_into, restore
from fleet_manager.adapters.db.migrate import known_revisions, newest_revision
from fleet_manager.ports import Batch, EventRecord, StoreBusy, StoreNewer, StoreUnusable

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def url_of(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


async def commit(store: SqlEventStore, number: int) -> None:
    """Three events in one transaction, so often."""
    for _ in range(number):
        first = store.last_seq + 1
        numbers = range(first, first + 3)
        payload = "x" * 500
        events = [EventRecord(n, 0.0, "a", None, 0, "c", "e", 1, payload) for n in numbers]
        await store.commit(Batch(events=events))


async def events_of(file: Path) -> int:
    store = await open_store(url_of(file))
    count = len([record async for record in store.replay()])
    await store.close()
    return count


async def test_backups_made_while_the_manager_writes_are_whole(tmp_path: Path) -> None:
    store = await open_store(url_of(tmp_path / "fleet.db"))
    writing = asyncio.create_task(commit(store, 300))
    seen = []
    for number in range(8):
        made = await asyncio.to_thread(
            back_up, url_of(tmp_path / "fleet.db"), tmp_path / f"{number}.db"
        )
        assert made.events % 3 == 0, "a transaction is in it whole or not at all"
        seen.append(made.events)
    await writing
    assert seen == sorted(seen)
    await store.close()
    for number, events in enumerate(seen):
        assert look_into(tmp_path / f"{number}.db").events == events
    assert len(seen) == 8


async def test_what_is_restored_is_gone_on_with_in_a_newer_epoch(tmp_path: Path) -> None:
    file, saved = tmp_path / "fleet.db", tmp_path / "saved.db"
    store = await open_store(url_of(file))
    await commit(store, 5)
    back_up(url_of(file), saved)
    await commit(store, 5)
    with pytest.raises(StoreBusy):
        restore(url_of(file), saved)
    await store.close()
    for _ in range(3):
        await (await open_store(url_of(file))).close()
    found, kept = restore(url_of(file), saved)
    assert found.events == 15
    assert kept is not None
    store = await open_store(url_of(file))
    assert (store.last_seq, store.manager_epoch) == (15, 5), "robots have seen epoch 4"
    await commit(store, 1)
    await store.close()
    assert await events_of(kept) == 30, "what was there is kept"


@pytest.mark.parametrize("there", [b"", b"noise" * 1000])
async def test_where_nobody_knows_the_epochs_robots_have_seen_the_next_is_far_above(
    tmp_path: Path, there: bytes
) -> None:
    file, saved = tmp_path / "fleet.db", tmp_path / "saved.db"
    store = await open_store(url_of(file))
    await commit(store, 1)
    back_up(url_of(file), saved)
    await store.close()
    file.unlink()
    if there:
        file.write_bytes(there)
    restore(url_of(file), saved)
    store = await open_store(url_of(file))
    assert store.manager_epoch > 1000
    await store.close()


async def test_what_is_no_backup_or_a_newer_one_changes_nothing(tmp_path: Path) -> None:
    file, saved = tmp_path / "fleet.db", tmp_path / "saved.db"
    store = await open_store(url_of(file))
    await commit(store, 1)
    back_up(url_of(file), saved)
    await store.close()
    before = file.read_bytes()
    (tmp_path / "notes").write_bytes(b"somebody's notes" * 100)
    for wrong in ("notes", "nothing-there"):
        with pytest.raises(StoreUnusable):
            restore(url_of(file), tmp_path / wrong)
    with contextlib.closing(sqlite3.connect(saved)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(StoreNewer, match="9999"):
        restore(url_of(file), saved)
    assert file.read_bytes() == before


def test_the_commands_print_what_programs_need(tmp_path: Path, root: Path) -> None:
    def fleet(*arguments: str) -> dict[str, object]:
        command = [sys.executable, "-m", "fleet_manager", *arguments, "--json"]
        command += ["--data-dir", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=root, check=True)
        found: dict[str, object] = json.loads(done.stdout)
        return found

    newest = newest_revision()
    assert newest in known_revisions()
    assert fleet("migrate", "--dry-run") == {"before": None, "after": None, "newest": newest}
    assert fleet("migrate") == {"before": None, "after": newest, "newest": newest}
    assert fleet("migrate")["before"] == newest
    made = fleet("backup", str(tmp_path / "saved.db"))
    assert (made["events"], made["revision"]) == (0, newest)
    restored = fleet("restore", str(tmp_path / "saved.db"))
    assert restored["kept"] == str(tmp_path / "fleet.db.before-restore")
