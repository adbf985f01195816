"""A standby takes over within five seconds, whatever becomes of the other; nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from queue import Empty, Queue

import pytest
from sqlalchemy import update

from fleet_manager.adapters.db import open_store, tables
from fleet_manager.adapters.db.engine import open_engine
from fleet_manager.adapters.db.lease import STILL_S
from fleet_manager.ports import Batch, EventRecord, StoreBusy, StoreFenced
from tests.contract.ledger import LedgerGate, Sent, Started

pytestmark = pytest.mark.anyio

WITHIN_S = 5.0


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Process:
    """A manager as a process; what it says is read as it comes."""

    def __init__(self, url: str, name: str, root: Path) -> None:
        command = [sys.executable, "-m", "tests.contract.leading_manager", url, name]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
        self.lines: Queue[str] = Queue()
        self.added: list[int] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.strip())

    def until(self, beginning: str, within_s: float = 30.0) -> str:
        """The first line that begins so."""
        until_s = time.monotonic() + within_s
        while True:
            line = self.lines.get(timeout=max(0.01, until_s - time.monotonic()))
            if line.startswith("added"):
                self.added.append(int(line.split()[1]))
            if line.startswith(beginning):
                return line

    def end(self) -> None:
        """Whatever state it is in."""
        self.process.kill()
        self.process.wait(10)


@pytest.mark.parametrize("fate", ["killed", "ended", "frozen"])
def test_the_standby_takes_over(url: str, root: Path, fate: str) -> None:
    first = Process(url, "first", root)
    second = None
    try:
        first.until("leads 1")
        second = Process(url, "second", root)
        second.until("waits")
        for _ in range(20):
            first.until("added")
        began_s = time.monotonic()
        sent = {"killed": signal.SIGKILL, "ended": signal.SIGTERM, "frozen": signal.SIGSTOP}[fate]
        first.process.send_signal(sent)
        second.until("leads 2")
        taken_s = float(second.until("added").split()[2])
        print(f"{fate}: taken over in {taken_s - began_s:.2f} s")
        assert taken_s - began_s < WITHIN_S
        if fate == "frozen":
            first.process.send_signal(signal.SIGCONT)
        if fate == "ended" or (fate == "frozen" and first.process.poll() is None):
            with contextlib.suppress(Empty):  # frozen in a transaction, it was ended
                first.until("ended", within_s=10.0)
            assert fate == "ended" or first.process.wait(10) in {0, -signal.SIGKILL}
        for _ in range(20):
            second.until("added")
        second.process.send_signal(signal.SIGTERM)
        second.until("ended")
    finally:
        first.end()
        if second is not None:
            second.end()
    check_log(url, {"first": first.added, "second": second.added})


def check_log(url: str, said: dict[str, list[int]]) -> None:
    """All that was said to be done is in the log, once, and the old never wrote after the new."""

    async def log() -> list[EventRecord]:
        store = await open_store(url)
        records = [record async for record in store.replay()]
        await store.close()
        return records

    gate, epoch = LedgerGate(), 0
    found: Counter[str] = Counter()
    updates: dict[int, list[int]] = {}
    for number, record in enumerate(asyncio.run(log()), start=1):
        assert record.seq == number
        event = gate.decode(record)
        if isinstance(event, Started):
            assert event.epoch == epoch + 1
            epoch = event.epoch
        elif record.command_id is not None:
            found[record.command_id] += 1
            assert record.command_id.startswith(("first", "second")[epoch - 1])
        elif isinstance(event, Sent):
            updates.setdefault(epoch, []).append(event.update)
    assert set(found.values()) == {1}
    for name, numbers in said.items():
        assert {f"{name}-{number}" for number in numbers} <= set(found)
    for sent in updates.values():
        assert len(sent) == len(set(sent)), "no order was repeated"


async def test_one_that_does_not_wait_is_told_who_leads(url: str) -> None:
    store = await open_store(url)
    with pytest.raises(StoreBusy, match="already runs"):
        await open_store(url)
    await store.close()
    again = await open_store(url)
    assert again.manager_epoch == 2
    await again.close()


async def test_whose_epoch_is_past_writes_nothing_any_more(url: str) -> None:
    store = await open_store(url)
    await store.commit(Batch(events=[EventRecord(1, 0.0, "a", None, 0, "c", "e", 1, "{}")]))
    # Another manager has counted the epoch up, however it came to.
    engine = open_engine(url)
    async with engine.begin() as connection:
        await connection.execute(update(tables.lease).values(manager_epoch=7))
    await engine.dispose()
    batch = Batch(events=[EventRecord(2, 0.0, "a", None, 0, "c", "e", 1, "{}")])
    for write in (store.commit(batch), store.probe(), store.prune_tracks(0.0)):
        with pytest.raises(StoreFenced):
            await write
    assert len([record async for record in store.replay()]) == 1
    await store.close()
    assert STILL_S < WITHIN_S
