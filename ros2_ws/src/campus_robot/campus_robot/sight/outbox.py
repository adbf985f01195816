"""Detections that the manager has not acknowledged: kept over restarts, sent in their order."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from campus_robot.errors import ConfigurationError

AGAIN_S = 1.0
MOST_PICTURES = 2000
"""Without a manager the oldest pictures go first; what was seen stays for ever."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS detection (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    content TEXT NOT NULL,
    jpeg BLOB NOT NULL
)
"""


class Outbox:
    """What one source has to tell.

    One detection is on its way at a time: the next follows when it is acknowledged. An
    acknowledgement says that everything up to a number is committed, so a manager that came late
    must never be sent a later number before an earlier one.
    """

    def __init__(self, state_dir: Path, source: str) -> None:
        """Open `<state_dir>/<source>.detections.sqlite`.

        Raises:
            ConfigurationError: it cannot be used.
        """
        path = state_dir / f"{source}.detections.sqlite"
        try:
            state_dir.mkdir(parents=True, exist_ok=True)
            self._store = sqlite3.connect(path, isolation_level=None)
            self._store.execute("PRAGMA journal_mode=WAL")
            self._store.execute("PRAGMA synchronous=FULL")
            self._store.execute(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise ConfigurationError(
                f"{path}: cannot be used ({error}); give another --state-dir, or remove the file "
                "and what it has not told yet"
            ) from None
        self._sent: tuple[int, float] | None = None

    def add(self, content: str, jpeg: bytes) -> int:
        """Keep a detection; returns its sequence number, which grows for ever."""
        row = self._store.execute(
            "INSERT INTO detection (content, jpeg) VALUES (?, ?) RETURNING sequence",
            (content, jpeg),
        ).fetchone()
        self._store.execute(
            "UPDATE detection SET jpeg = x'' WHERE sequence <= ? AND jpeg <> x''",
            (row[0] - MOST_PICTURES,),
        )
        return int(row[0])

    def due(self, now_s: float) -> tuple[int, str, bytes] | None:
        """The oldest that is not acknowledged, if it is to be sent now: at once, then every second.

        Args:
            now_s: of a clock that is never set.
        """
        row = self._store.execute(
            "SELECT sequence, content, jpeg FROM detection ORDER BY sequence LIMIT 1"
        ).fetchone()
        if row is None:
            return None
        if self._sent is not None:
            sequence, sent_s = self._sent
            if sequence == row[0] and now_s - sent_s < AGAIN_S:
                return None
        self._sent = (row[0], now_s)
        return int(row[0]), str(row[1]), bytes(row[2])

    def acknowledged(self, sequence: int) -> None:
        """Everything up to a number is committed; what was never sent is not taken for it."""
        if self._sent is not None and sequence <= self._sent[0]:
            self._store.execute("DELETE FROM detection WHERE sequence <= ?", (sequence,))

    def __len__(self) -> int:
        return int(self._store.execute("SELECT count(*) FROM detection").fetchone()[0])

    def close(self) -> None:
        """Let the file go."""
        self._store.close()
