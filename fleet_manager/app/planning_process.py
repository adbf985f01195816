"""The worker's process: takes planning jobs from its standard input, answers on its output.

It ends with its manager, however that ends: the pipe then closes, which a thread waits for even
while a job runs. Messages are pickles behind their length (4 bytes, big-endian).
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, BinaryIO

from fleet_manager.core.planning import jobs

LENGTH = struct.Struct(">I")
NICER = 10
"""Robots wait for the manager, which goes first."""


def framed(message: object) -> bytes:
    """A message behind its length."""
    payload = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(payload)) + payload


def serve(run: Callable[[jobs.PlanningJob], Any] = jobs.run) -> None:
    """Run jobs until the manager has gone.

    Each answer is the job's id, its result, and "" or what went wrong.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICER)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a solver prints is no answer
    waiting: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, waiting), daemon=True).start()
    while True:
        job: jobs.PlanningJob = pickle.loads(waiting.get())
        try:
            answer = (job.id, run(job), "")
        except Exception as error:
            answer = (job.id, None, f"{type(error).__name__}: {error}")
        answers.write(framed(answer))
        answers.flush()


def _read(source: BinaryIO, waiting: SimpleQueue[bytes]) -> None:
    """Hand jobs over; at the end of the pipe end the process, whatever it is at."""
    while len(head := source.read(LENGTH.size)) == LENGTH.size:
        (length,) = LENGTH.unpack(head)
        payload = source.read(length)
        if len(payload) < length:
            break
        waiting.put(payload)
    os._exit(0)


if __name__ == "__main__":
    serve()
