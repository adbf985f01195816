"""Writes a file so that others see the old one or the whole new one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from fleet_manager.core.errors import MapFileError


def replace_file(file: Path, pieces: Iterable[bytes]) -> int:
    """Replace a file at once by what comes in pieces, and make its folder; its size, bytes.

    Where the file is a link, what it leads to is replaced. A write that breaks off leaves the
    old file and nothing beside it.

    Raises:
        MapFileError: it cannot be written; names it.
    """
    target = Path(os.path.realpath(file))
    partial: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        partial = Path(name)
        with os.fdopen(handle, "wb") as opened:
            size = sum(opened.write(piece) for piece in pieces)
        partial.chmod(0o644)
        partial.replace(target)
    except OSError as error:
        raise MapFileError(
            f"{file} cannot be written: {error.strerror}",
            "check the path, its permissions and the room on the disk",
        ) from error
    finally:
        if partial is not None:
            partial.unlink(missing_ok=True)
    return size
