"""Times a process on a busy machine: seconds in which it was given no processor do not count."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

ENDED_WITHIN_S = 60.0
_SAMPLE_S = 0.005


class Stopwatch:
    """Seconds since it was made, less those for which threads of a process waited for a processor.

    On an idle machine that is the time on the wall. Threads that end take what they waited with
    them, so `sample` is called often meanwhile.

    Args:
        pid: of the process.
    """

    def __init__(self, pid: int) -> None:
        self._threads = Path(f"/proc/{pid}/task")
        self._began_s = time.monotonic()
        self._before = self._waited_s()
        self._waited: dict[str, float] = {}

    def sample(self) -> None:
        """Note how long each thread has waited so far."""
        self._waited.update(self._waited_s())

    def seconds(self) -> float:
        """What it shows now."""
        self.sample()
        waited_s = sum(s - self._before.get(thread, 0.0) for thread, s in self._waited.items())
        return time.monotonic() - self._began_s - waited_s

    def _waited_s(self) -> dict[str, float]:
        found = {}
        with contextlib.suppress(OSError):
            for thread in os.listdir(self._threads):
                with contextlib.suppress(OSError, ValueError, IndexError):
                    fields = (self._threads / thread / "schedstat").read_text().split()
                    found[thread] = int(fields[1]) / 1e9
        return found


def core_seconds(pids: list[int]) -> float:
    """Processor time that processes have taken so far."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")


def seconds_to_end(process: subprocess.Popen[Any], ask: signal.Signals = signal.SIGTERM) -> float:
    """Asks a process to end; the seconds that it takes, by a `Stopwatch`.

    Raises:
        AssertionError: it does not end within `ENDED_WITHIN_S`.
    """
    watch = Stopwatch(process.pid)
    deadline_s = time.monotonic() + ENDED_WITHIN_S
    process.send_signal(ask)
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        assert time.monotonic() < deadline_s, f"not ended within {ENDED_WITHIN_S} s"
        watch.sample()
        time.sleep(_SAMPLE_S)
    taken_s = watch.seconds()
    process.wait()
    return taken_s
