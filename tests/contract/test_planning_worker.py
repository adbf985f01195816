"""The worker: plans beside the loop, outlives what fails in it, and never outlives its manager."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from fleet_manager.app.clock import FleetClock
from fleet_manager.app.loop import FleetLoop
from fleet_manager.app.planning_worker import InlinePlanner, Planned, PlanningWorker
from fleet_manager.core.planning import jobs
from fleet_manager.core.planning.jobs import PlanningJob, Wish
from fleet_manager.core.planning.rounds import RoundRobot, RoundsProblem, Visit
from tests.contract import ledger

pytestmark = pytest.mark.anyio

PROCESS = "tests.contract.planning_process"
PROMPT_S = 20.0  # on a busy machine; a job itself takes no time


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def wish(identifier: str, kind: str = "answer", value: float = 1) -> Wish:
    return Wish(identifier, kind, lambda: PlanningJob(identifier, kind, 1, value))


class Desk:
    """A worker and what it was asked."""

    def __init__(self, overrun_s: float = PROMPT_S) -> None:
        self.worker = PlanningWorker(PROCESS, overrun_s)
        self._told = asyncio.Event()
        self.worker.tell_to(self._told.set)

    async def ask(self, *wishes: Wish) -> Sequence[Planned]:
        """Want something and wait until the worker says that it is done with a job."""
        self._told.clear()
        self.worker.want(wishes)
        await asyncio.wait_for(self._told.wait(), PROMPT_S)
        await asyncio.sleep(0)  # its task ends
        return self.worker.take()


@contextlib.asynccontextmanager
async def desk(overrun_s: float = PROMPT_S) -> AsyncIterator[Desk]:
    found = Desk(overrun_s)
    try:
        yield found
    finally:
        await found.worker.stop()


async def test_the_most_urgent_wish_is_planned_in_another_process_and_none_twice() -> None:
    async with desk() as asked:
        (one,) = await asked.ask(wish("a", value=3), wish("b"))
        assert (one.job_id, one.kind, one.result[1]) == ("a", "answer", 6)
        (two,) = await asked.ask(wish("a"), wish("b", "print", 5))
        assert (two.job_id, two.result[1]) == ("b", 10), "what a solver prints is no answer"
        assert one.result[0] == two.result[0] != os.getpid()
        asked.worker.want([wish("a"), wish("b")])
        assert not asked.worker.take()


async def test_rounds_are_the_same_from_the_worker_as_inline() -> None:
    apart = np.abs(np.subtract.outer(*[np.arange(8.0, dtype=np.float32) * 60.0] * 2))
    visits = tuple(Visit(f"v{number}", 30.0) for number in range(4))
    robots = (RoundRobot("r0", 0, 0.0, 5000.0), RoundRobot("r1", 0, 60.0, 5000.0))
    job = PlanningJob("rounds:1", "rounds", 50, RoundsProblem(visits, robots, (apart,), (apart,)))
    worker = PlanningWorker()
    told = asyncio.Event()
    worker.tell_to(told.set)
    worker.want([Wish(job.id, job.kind, lambda: job)])
    await asyncio.wait_for(told.wait(), 3 * PROMPT_S)
    (plan,) = worker.take()
    await worker.stop()
    assert plan.result == jobs.run(job)


async def test_what_fails_is_given_up_and_the_next_is_planned() -> None:
    async with desk() as asked:
        assert not await asked.ask(wish("a", "fail"))
        assert (asked.worker.failures, asked.worker.restarts) == (1, 0)
        (plan,) = await asked.ask(wish("a", "fail"), wish("b", value=2))
        assert plan.result[1] == 4


async def test_a_process_that_dies_is_replaced() -> None:
    async with desk() as asked:
        assert not await asked.ask(wish("a", "die"))
        assert (asked.worker.failures, asked.worker.restarts) == (1, 2), "it was tried twice"
        (plan,) = await asked.ask(wish("a", "die"), wish("b", value=2))
        assert plan.result[1] == 4


async def test_a_job_that_overruns_is_ended_with_its_process() -> None:
    async with desk(overrun_s=2.0) as asked:
        assert not await asked.ask(wish("a", "sleep", 600.0))
        assert asked.worker.failures == 1
        assert (await asked.ask(wish("b", value=2)))[0].result[1] == 4


async def test_wanting_takes_no_time_whatever_the_worker_is_at() -> None:
    async with desk() as asked:
        await asked.ask(wish("first"))
        began_s = time.perf_counter()
        for number in range(200):
            asked.worker.want([wish(f"long-{number}", "sleep", 600.0)])
            await asyncio.sleep(0)
        assert time.perf_counter() - began_s < 1.0


async def test_a_worker_that_wants_nothing_starts_no_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def never(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", never)
    worker = PlanningWorker(PROCESS)
    worker.want([])
    await worker.stop()


MANAGER = f"""
import asyncio
from fleet_manager.app.planning_worker import PlanningWorker
from fleet_manager.core.planning.jobs import PlanningJob, Wish
from fleet_manager.core.planning.rounds import RoundRobot, RoundsProblem, Visit

async def main():
    worker = PlanningWorker({PROCESS!r})
    told = asyncio.Event()
    worker.tell_to(told.set)
    worker.want([Wish("a", "answer", lambda: PlanningJob("a", "answer", 1, 1))])
    await told.wait()
    (plan,) = worker.take()
    worker.want([Wish("b", "sleep", lambda: PlanningJob("b", "sleep", 1, 600.0))])
    await asyncio.sleep(0.2)
    worker.want([Wish("b", "sleep", lambda: PlanningJob("b", "sleep", 1, 600.0))])
    print(plan.result[0], flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def test_the_process_ends_with_its_manager_even_where_that_is_killed(root: Path) -> None:
    manager = subprocess.Popen(
        [sys.executable, "-c", MANAGER], cwd=root, stdout=subprocess.PIPE, text=True
    )
    try:
        assert manager.stdout is not None
        worker = int(manager.stdout.readline())
        assert Path(f"/proc/{worker}").exists()
    finally:
        manager.send_signal(signal.SIGKILL)
        manager.wait()
    ended = time.monotonic() + PROMPT_S
    while _runs(worker) and time.monotonic() < ended:
        time.sleep(0.05)
    assert not _runs(worker)


def _runs(process: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False


async def test_the_loop_asks_for_what_the_state_wants_and_decides_on_the_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fleet_manager.adapters.db import open_store

    monkeypatch.setattr(jobs, "run", lambda job: job.input * 10)
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path / 'fleet.db'}")
    clock = FleetClock(ledger.ScriptedClock(), ledger.START_S)
    loop: FleetLoop[ledger.Ledger, ledger.Command, ledger.Event] = FleetLoop(
        ledger.LedgerGate(), store, ledger.ScriptedLink(), clock, InlinePlanner()
    )
    await loop.start()
    running = asyncio.create_task(loop.run())
    await loop.submit(ledger.Add(6))
    await loop.submit(ledger.Add(3))
    await loop.submit(ledger.Add(-2))  # 7: the ledger has ten times that planned, and adds it
    async with asyncio.timeout(PROMPT_S):
        async for _ in loop.changes():
            if loop.state.total == 77:
                break
    loop.stop()
    await running
    await store.close()
