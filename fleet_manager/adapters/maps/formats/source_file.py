"""Reads the files of other programs; a refusal says what to do."""

from __future__ import annotations

from pathlib import Path

from fleet_manager.core.errors import MapFileError

_MIB = 1024 * 1024
MAX_BYTES = 64 * _MIB


def read_source(file: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """The content of a file.

    Raises:
        MapFileError: it is missing, cannot be read, or is larger than a campus' file is.
    """
    try:
        size = file.stat().st_size
        if size > max_bytes:
            raise MapFileError(
                f"{file} has {size / _MIB:.0f} MiB, more than the {max_bytes / _MIB:.0f} MiB of "
                "the largest campus",
                "cut your site out of it",
            )
        return file.read_bytes()
    except FileNotFoundError as error:
        raise MapFileError(f"{file} does not exist", "check the path of the file") from error
    except OSError as error:
        raise MapFileError(
            f"{file} cannot be read: {error.strerror}", "check the path and its permissions"
        ) from error
