"""Background jobs that compare two scenarios, each in a process that gives way to the manager."""

from __future__ import annotations

import asyncio
import contextlib
import json
import pickle
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec
import structlog

from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.errors import Unknown, WrongState
from fleet_manager.core.scenario import Scenario, StandingWork

PROCESS = "fleet_manager.adapters.sim.what_if_process"
WAITING_AT_MOST = 10
KEPT = 50
LONGEST_LINE_BYTES = 4_000_000
LENGTH = struct.Struct(">I")
DEFECT = "this is a defect of the fleet manager; report it with its log"

log = structlog.get_logger(__name__)


class JobStatus(StrEnum):
    """How far a job has come."""

    QUEUED = "queued"
    UNDERWAY = "underway"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


OVER = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELED})


@dataclass(frozen=True)
class Question:
    """Two scenarios on a map with its fleet and standing work, and the seeds they are run with."""

    campus: Campus
    fleet: FleetConfig
    standing: StandingWork
    first: Scenario
    second: Scenario
    seeds: Sequence[int]


@dataclass
class WhatIfJob:
    """A comparison that is asked for.

    Attributes:
        progress: 0 to 1.
        result: as `fleet sim --compare --json` prints it, once completed.
        problem, remedy: why it failed.
    """

    id: str
    question: Question
    status: JobStatus = JobStatus.QUEUED
    progress: float = 0.0
    result: dict[str, Any] | None = None
    problem: str = ""
    remedy: str = ""
    process: asyncio.subprocess.Process | None = field(default=None, repr=False)


class WhatIfJobs:
    """Runs one job after the other; used in the event loop's thread alone.

    Args:
        module: what the process runs.
    """

    def __init__(self, module: str = PROCESS) -> None:
        self._command = (sys.executable, "-m", module)
        self._jobs: dict[str, WhatIfJob] = {}
        self._number = 0
        self._running: asyncio.Task[None] | None = None

    def ask(self, question: Question) -> WhatIfJob:
        """Take a question in.

        Raises:
            WrongState: too many wait already.
        """
        waiting = [each for each in self._jobs.values() if each.status not in OVER]
        if len(waiting) >= WAITING_AT_MOST:
            raise WrongState(
                f"{len(waiting)} comparisons wait already", "wait for them, or cancel some"
            )
        self._number += 1
        job = WhatIfJob(f"what-if-{self._number}", question)
        self._jobs[job.id] = job
        over = [each.id for each in self._jobs.values() if each.status in OVER]
        for identifier in over[: max(0, len(self._jobs) - KEPT)]:
            del self._jobs[identifier]
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run(), name="what-if")
        return job

    def job(self, identifier: str) -> WhatIfJob:
        """A job.

        Raises:
            Unknown: there is none of this id, or it is long over.
        """
        if identifier not in self._jobs:
            raise Unknown(f"no comparison {identifier!r}", "ask for it anew")
        return self._jobs[identifier]

    @property
    def jobs(self) -> list[WhatIfJob]:
        """All that are known, oldest first."""
        return list(self._jobs.values())

    def cancel(self, identifier: str) -> WhatIfJob:
        """End a job.

        Raises:
            Unknown: there is none of this id.
            WrongState: it is over.
        """
        job = self.job(identifier)
        if job.status in OVER:
            raise WrongState(f"comparison {identifier} is {job.status}", "nothing has to be done")
        job.status = JobStatus.CANCELED
        _kill(job.process)
        return job

    async def stop(self) -> None:
        """End everything."""
        for job in self._jobs.values():
            if job.status not in OVER:
                self.cancel(job.id)
        await self.all_over()

    async def all_over(self) -> None:
        """Wait until no job is left to be run."""
        if self._running is not None:
            await asyncio.shield(self._running)

    async def _run(self) -> None:
        while True:
            waiting = (each for each in self._jobs.values() if each.status is JobStatus.QUEUED)
            job = next(waiting, None)
            if job is None:
                return
            job.status = JobStatus.UNDERWAY
            try:
                await self._answer(job)
            except Exception as error:
                log.exception("a comparison failed", job=job.id)
                _fail(job, f"{type(error).__name__}: {error}", DEFECT)
            finally:
                if job.process is not None:
                    _kill(job.process)
                    await job.process.wait()
                    job.process = None

    async def _answer(self, job: WhatIfJob) -> None:
        """Start the process, ask, and follow what it tells until it ends."""
        message = await asyncio.to_thread(_message, job.question)
        job.process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE_BYTES,
        )
        if job.status is JobStatus.CANCELED:
            return
        assert job.process.stdin is not None
        assert job.process.stdout is not None
        with contextlib.suppress(OSError):  # it has ended: what it told is all there is
            job.process.stdin.write(message)
            await job.process.stdin.drain()
        async for line in job.process.stdout:
            _follow(job, json.loads(line))
        code = await job.process.wait()
        if job.status is JobStatus.UNDERWAY:
            _fail(job, f"its process ended with {code} and no result", "ask for it anew")


def _message(question: Question) -> bytes:
    """The question for the process, behind its length; quick, and made in a thread."""
    told = {
        "document": msgspec.json.encode(question.campus.document),
        "fleet": question.fleet,
        "standing": question.standing,
        "first": question.first,
        "second": question.second,
        "seeds": list(question.seeds),
    }
    payload = pickle.dumps(told, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(payload)) + payload


def _follow(job: WhatIfJob, told: dict[str, Any]) -> None:
    if job.status is not JobStatus.UNDERWAY:
        return
    if "progress" in told:
        job.progress = float(told["progress"])
    elif "result" in told:
        job.status, job.progress, job.result = JobStatus.COMPLETED, 1.0, told["result"]
    elif "problem" in told:
        _fail(job, told["problem"], told["remedy"])


def _fail(job: WhatIfJob, problem: str, remedy: str) -> None:
    if job.status not in OVER:
        job.status, job.problem, job.remedy = JobStatus.FAILED, problem, remedy


def _kill(process: asyncio.subprocess.Process | None) -> None:
    if process is not None and process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
