"""One fleet manager a database: a lock that the kernel frees however its holder ends."""

from __future__ import annotations

import fcntl
import os
import signal
from pathlib import Path
from typing import TextIO

from fleet_manager.ports import StoreBusy, StoreUnusable


class DatabaseLock:
    """An exclusive lock on a file beside a SQLite database.

    A manager that was killed leaves no lock behind, so that its successor starts at once.
    """

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(database.name + ".lock")
        self._file: TextIO | None = None

    def take(self) -> None:
        """Take the lock, or say who holds it.

        Raises:
            StoreBusy: another process holds it.
            StoreUnusable: the folder cannot be written.
        """
        if not self.try_take():
            raise StoreBusy(
                f"a fleet manager already runs on {self.path.with_suffix('')} ({self.holder()})",
                "stop it, or give another folder with --data-dir",
            )

    def try_take(self) -> bool:
        """Take the lock if nobody else has it; returns whether it is had.

        Raises:
            StoreUnusable: the folder cannot be written.
        """
        if self._file is not None:
            return True
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = self.path.open("a+", encoding="utf-8")
        except OSError as error:
            raise StoreUnusable(
                f"the folder {self.path.parent} cannot be written ({error.strerror})",
                "give another with --data-dir or CAMPUS_DATA_DIR, or its owner the right to write",
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        try:
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
        except OSError:
            pass  # on a full disk nobody is named; the lock holds all the same
        self._file = file
        return True

    @property
    def had(self) -> bool:
        """Whether the lock is had."""
        return self._file is not None

    def holder(self) -> str:
        """Who has the lock, as it has written itself."""
        try:
            return f"process {self.path.read_text(encoding='utf-8').strip() or 'unknown'}"
        except OSError:
            return "process unknown"

    def kill_holder(self) -> bool:
        """End the process that has the lock; returns whether there was one that could be ended.

        Its number may be another process's by now: it is ended only if it has the file open.
        """
        try:
            process = int(self.path.read_text(encoding="utf-8"))
            opened = [os.path.realpath(each) for each in Path(f"/proc/{process}/fd").iterdir()]
            if process == os.getpid() or os.path.realpath(self.path) not in opened:
                return False
            os.kill(process, signal.SIGKILL)
        except (OSError, ValueError):
            return False
        return True

    def release(self) -> None:
        """Give the lock back; does nothing without one."""
        if self._file is not None:
            self._file.close()
            self._file = None
