"""Has planning jobs run beside the loop, in one process, which is replaced when it fails.

The loop tells after each turn what the state wants and takes what is ready; it never waits. The
process is started with the first job, so that a start of the manager takes no longer.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import sys
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from fleet_manager.app.planning_process import LENGTH, framed
from fleet_manager.core.planning import jobs
from fleet_manager.core.planning.jobs import PlanningJob, Wish

OVERRUN_S = 120.0
"""A job that takes longer is given up, and the process with it."""
ENDS_WITHIN_S = 2.0
TRIES = 2
GIVEN_UP_KEPT = 1000
PROCESS = "fleet_manager.app.planning_process"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Planned:
    """A job that is done."""

    job_id: str
    kind: str
    result: Any


class Planner(Protocol):
    """Runs what the state wants planned."""

    def want(self, wishes: Sequence[Wish]) -> None:
        """What is wanted now, most urgent first, instead of what was wanted before."""

    def take(self) -> Sequence[Planned]:
        """What has become ready since the last time."""

    def tell_to(self, ready: Callable[[], None]) -> None:
        """What to call when something is ready."""


class InlinePlanner:
    """Plans at once, in the thread of who wants it: for simulations and tests."""

    def __init__(self) -> None:
        self._ready: list[Planned] = []
        self._tell: Callable[[], None] = lambda: None

    def want(self, wishes: Sequence[Wish]) -> None:
        """Plan the most urgent."""
        for wish in wishes[:1]:
            job = wish.make()
            self._ready.append(Planned(job.id, job.kind, jobs.run(job)))
            self._tell()

    def take(self) -> Sequence[Planned]:
        """What has become ready since the last time."""
        taken, self._ready = self._ready, []
        return taken

    def tell_to(self, ready: Callable[[], None]) -> None:
        """What to call when something is ready."""
        self._tell = ready


class PlanningWorker:
    """Plans in a process of its own, one job after the other; used in the loop's thread alone.

    A job at which the process dies or overruns is tried once more in a new one, then given up: its
    id is not tried again, and the state goes on without the plan.

    Args:
        module: what the process runs.
        overrun_s: wall seconds after which a job is given up.
    """

    def __init__(self, module: str = PROCESS, overrun_s: float = OVERRUN_S) -> None:
        self._command = (sys.executable, "-m", module)
        self._overrun_s = overrun_s
        self._process: asyncio.subprocess.Process | None = None
        self._running: asyncio.Task[None] | None = None
        self._ready: list[Planned] = []
        self._done: OrderedDict[str, None] = OrderedDict()
        self._tell: Callable[[], None] = lambda: None
        self._ending = False
        self.failures = 0
        self.restarts = 0

    def tell_to(self, ready: Callable[[], None]) -> None:
        """What to call when something is ready."""
        self._tell = ready

    def want(self, wishes: Sequence[Wish]) -> None:
        """Begin the most urgent that was not run before, unless a job runs."""
        if self._ending or (self._running is not None and not self._running.done()):
            return
        wish = next((each for each in wishes if each.id not in self._done), None)
        if wish is not None:
            self._running = asyncio.create_task(self._carry_out(wish.make()), name="planning")

    def take(self) -> Sequence[Planned]:
        """What has become ready since the last time."""
        taken, self._ready = self._ready, []
        return taken

    async def stop(self) -> None:
        """End the process."""
        self._ending = True
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
        await self._end_process(ENDS_WITHIN_S)

    async def _carry_out(self, job: PlanningJob) -> None:
        """Run a job and remember its id, so that nothing is run twice."""
        error = ""
        for _ in range(TRIES):
            try:
                identifier, result, error = await asyncio.wait_for(self._ask(job), self._overrun_s)
            except (OSError, EOFError) as failure:  # TimeoutError is an OSError
                error = str(failure) or f"it took more than {self._overrun_s:.0f} s"
                self.restarts += 1
                await self._end_process(0.0)
                continue
            assert identifier == job.id, "answers come in the order of the jobs"
            break
        self._done[job.id] = None
        if len(self._done) > GIVEN_UP_KEPT:
            self._done.popitem(last=False)
        if error:
            self.failures += 1
            log.error("not planned", job=job.id, problem=error)
        else:
            self._ready.append(Planned(job.id, job.kind, result))
        self._tell()

    async def _ask(self, job: PlanningJob) -> tuple[str, Any, str]:
        """Raises OSError or EOFError when the process is gone."""
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
            )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(framed(job))
        await process.stdin.drain()
        (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
        answer: tuple[str, Any, str] = pickle.loads(await process.stdout.readexactly(length))
        return answer

    async def _end_process(self, within_s: float) -> None:
        """Close the pipe, at which the process ends; kill it where it does not."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), within_s)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
