"""Starts the processes of a run, watches them, and leaves none behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from fleet_manager.processes import Process

STOP_AFTER_S = (0.0, 2.5, 4.0)  # when SIGINT, SIGTERM and SIGKILL are sent, since the stop began
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Death:
    """A process that ended without being told to.

    Attributes:
        process: which one.
        exit_code: negative: the signal that killed it.
        last_lines: the last lines of its log.
    """

    process: Process
    exit_code: int
    last_lines: tuple[str, ...]

    def __str__(self) -> str:
        how = (
            f"was killed by {signal.Signals(-self.exit_code).name}"
            if self.exit_code < 0
            else f"ended with exit code {self.exit_code}"
        )
        return f"{self.process.name} {how}"


class Supervisor:
    """The processes of one run, each in a session of its own with its output in a log file.

    Nothing is started again by itself. A process dies with its supervisor, even with one that is
    killed by SIGKILL. Use it as a context manager in the main thread; leaving it stops everything
    within 5 s.

    Args:
        log_dir: where `NAME.log` is written; made when missing.
        signals: those that ask the run to end instead of ending this process.
    """

    def __init__(self, log_dir: Path, signals: Sequence[signal.Signals] = ENDING_SIGNALS) -> None:
        self.log_dir = log_dir
        self._signals = signals
        self.ending: signal.Signals | None = None
        self._running: dict[str, tuple[Process, subprocess.Popen[bytes]]] = {}
        self._handlers: dict[signal.Signals, Callable[[int, FrameType | None], object] | int] = {}
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(self._wake_read, selectors.EVENT_READ)

    def __enter__(self) -> Self:
        self.log_dir.mkdir(parents=True, exist_ok=True)
        for number in self._signals:
            self._handlers[number] = signal.getsignal(number) or signal.SIG_DFL
            signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop_all()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.ending = signal.Signals(number)
        with contextlib.suppress(BlockingIOError):
            os.write(self._wake_write, b"!")

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of what runs, by name."""
        return {name: popen.pid for name, (_, popen) in self._running.items()}

    def log_file(self, name: str) -> Path:
        """Where a process's output is written."""
        return self.log_dir / f"{name}.log"

    def start(self, process: Process) -> None:
        """Start one process; its log goes on where an earlier one of the same name ended."""
        if process.name in self._running:
            raise ValueError(f"{process.name} runs already")
        with self.log_file(process.name).open("ab") as log:
            popen = subprocess.Popen(
                process.argv,
                env=os.environ | process.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent(os.getpid()),  # noqa: PLW1509 - makes one system call
            )
        self._running[process.name] = (process, popen)
        self._selector.register(os.pidfd_open(popen.pid), selectors.EVENT_READ, process.name)

    def wait(self, timeout_s: float) -> list[Death]:
        """Wait until a process ends or a signal asks to end (see `ending`), at most `timeout_s`."""
        deaths = []
        for key, _ in self._selector.select(max(0.0, timeout_s)):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake_read, 4096)
                continue
            process, exit_code = self._end(key.data)
            deaths.append(Death(process, exit_code, last_lines(self.log_file(process.name))))
        return deaths

    def kill(self, name: str) -> None:
        """End one process at once, as a power cut would."""
        self._end(name)

    def stop_all(self) -> None:
        """Ask every process to end, then make it; returns when none is left, within 5 s."""
        began = time.monotonic()
        stages = list(zip(STOP_AFTER_S, STOP_SIGNALS, strict=True))
        while self._running:
            while stages and time.monotonic() - began >= stages[0][0]:
                _, number = stages.pop(0)
                for _, popen in self._running.values():
                    _signal_group(popen, number)
            next_stage_s = stages[0][0] if stages else STOP_AFTER_S[-1] + 1.0
            self.wait(began + next_stage_s - time.monotonic())

    def _end(self, name: str) -> tuple[Process, int]:
        process, popen = self._running.pop(name)
        _signal_group(popen, signal.SIGKILL)  # what it had started must not outlive it either
        exit_code = popen.wait()
        for key in self._keys():
            if key.data == name:
                self._selector.unregister(key.fileobj)
                os.close(key.fd)
        return process, exit_code

    def _keys(self) -> Iterator[selectors.SelectorKey]:
        yield from list((self._selector.get_map() or {}).values())


def last_lines(path: Path, count: int = 8) -> tuple[str, ...]:
    """The last lines of a log that say something."""
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - 8192))
        lines: Iterable[str] = log.read().decode(errors="replace").splitlines()
    return tuple(line for line in lines if line.strip())[-count:]


def _die_with_parent(parent: int) -> Callable[[], None]:
    def in_child() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return in_child


def _signal_group(popen: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(popen.pid, number)
