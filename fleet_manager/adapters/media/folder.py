"""Keeps pictures in a folder for each day on which they are to be deleted."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from fleet_manager.ports import MediaFailed

_KEY = re.compile(r"^(\d{4}-\d{2}-\d{2})/[A-Za-z0-9_.-]{1,200}\.jpg$")
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


class PictureFolder:
    """`ports.MediaStore` in a folder.

    The day is in the key, so that what is to be deleted is known without looking into the database,
    and a restart, a restored backup or a clock that was set changes nothing about it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def key_of(self, name: str, until_s: float) -> str:
        """The key of a picture that is kept until the end of a day; Unix seconds."""
        day = datetime.fromtimestamp(until_s, UTC).date()
        return f"{day.isoformat()}/{_UNSAFE.sub('_', name)[:190]}.jpg"

    async def save(self, key: str, jpeg: bytes) -> None:
        """Keep a picture; the same key again replaces it.

        Raises:
            MediaFailed: it cannot be written.
        """
        path = self._path(key)

        def write() -> None:
            path.parent.mkdir(parents=True, exist_ok=True)
            new = path.with_suffix(".new")
            with new.open("wb") as stream:
                stream.write(jpeg)
                stream.flush()
                os.fsync(stream.fileno())
            new.replace(path)

        try:
            await asyncio.to_thread(write)
        except OSError as error:
            raise MediaFailed(
                f"{path} cannot be written: {error.strerror}", "make room in the data folder"
            ) from error

    async def load(self, key: str) -> bytes | None:
        """A picture; None: it was deleted, or never kept."""
        try:
            return await asyncio.to_thread(self._path(key).read_bytes)
        except OSError:
            return None

    async def remove(self, key: str) -> None:
        """Delete a picture."""
        with contextlib.suppress(OSError):
            await asyncio.to_thread(self._path(key).unlink)

    async def prune(self, now_s: float) -> int:
        """Delete what was to be kept until a day that is over; returns how many pictures."""
        return await asyncio.to_thread(self._prune, datetime.fromtimestamp(now_s, UTC).date())

    def _prune(self, today: date) -> int:
        if not self._folder.is_dir():
            return 0
        deleted = 0
        for each in sorted(self._folder.iterdir()):
            try:
                until = date.fromisoformat(each.name)
            except ValueError:
                continue
            if until + timedelta(days=1) <= today:
                deleted += sum(1 for _ in each.glob("*.jpg"))
                shutil.rmtree(each, ignore_errors=True)
        return deleted

    def _path(self, key: str) -> Path:
        """Raises MediaFailed where the key is none of ours: it must not lead out of the folder."""
        if not _KEY.match(key):
            raise MediaFailed(f"{key!r} is no key of a picture", "take it from an incident")
        return self._folder / key
