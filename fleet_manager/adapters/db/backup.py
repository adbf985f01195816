"""Backups of a SQLite database while it is in use, and what is put back from them."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from fleet_manager.adapters.db.engine import database_file, file_of, open_engine
from fleet_manager.adapters.db.failures import DATABASE_ERRORS, failure, kind_of, reason
from fleet_manager.adapters.db.lock import DatabaseLock
from fleet_manager.adapters.db.migrate import known_revisions, migrate, revision_of
from fleet_manager.adapters.db.rebuild import put_aside
from fleet_manager.ports import StoreNewer, StoreUnusable

PAGES_A_STEP = -1
"""All in one step: steps begin anew whenever the manager writes between them."""
EPOCHS_LEFT_OUT = 1000
"""Added where nobody knows which epochs robots have seen: they refuse an older manager's word."""


@dataclass(frozen=True)
class Backup:
    """What a file holds: its last event, the form of its tables, its manager's epoch."""

    file: Path
    events: int
    revision: str
    manager_epoch: int
    bytes: int


def back_up(url: str, target: Path) -> Backup:
    """Copy a database as it is at one moment, also while a manager writes it.

    Args:
        target: is replaced when the copy is whole and on disk, and left as it was until then.

    Raises:
        StoreUnusable: there is no such database, or the target cannot be written.
        StoreFailed: it cannot be read, or the copy is not whole.
    """
    source = _existing(database_file(url))
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        with closing(_read_only(source)) as here, closing(sqlite3.connect(part)) as there:
            here.backup(there, pages=PAGES_A_STEP)
            there.execute("PRAGMA journal_mode = DELETE")
        found = look_into(part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
    except sqlite3.Error as error:
        part.unlink(missing_ok=True)
        raise failure("no backup was made", error) from error
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StoreUnusable(
            f"{target} cannot be written ({error.strerror})", "give another file"
        ) from error
    return Backup(target, found.events, found.revision, found.manager_epoch, found.bytes)


def look_into(file: Path) -> Backup:
    """What a backup holds.

    Raises:
        StoreUnusable: it is none, or damaged.
        StoreNewer: it is of a newer version.
    """
    remedy = "give a file that `fleet backup` has written"
    try:
        with closing(_read_only(_existing(file))) as connection:
            (checked,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if checked != "ok":
                raise StoreUnusable(f"{file} is damaged: {checked}", "give another backup")
            (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            (events,) = connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()
            lease = connection.execute("SELECT manager_epoch FROM lease").fetchone()
    except sqlite3.Error as error:
        raise StoreUnusable(f"{file} is no backup: {reason(error)}", remedy) from error
    if revision not in known_revisions():
        raise StoreNewer(
            f"{file} is of a newer version (its tables are at {revision})",
            "restore it with the newer version",
        )
    return Backup(file, events, revision, 0 if lease is None else lease[0], file.stat().st_size)


def restore(url: str, backup: Path) -> tuple[Backup, Path | None]:
    """Put a backup in the place of a database; no manager may run on it.

    What is there is kept under another name. The next manager's epoch is above that of both, so
    that robots do not take it for an old one.

    Returns:
        what was restored, and where the database is kept that was there; None: there was none.

    Raises:
        StoreBusy: a manager runs on the database.
        StoreUnusable: the backup is none, or the folder cannot be written.
    """
    file = database_file(url)
    lock = DatabaseLock(file)
    lock.take()
    try:
        found = look_into(backup)
        epoch = max(found.manager_epoch, _epoch_of(file, found.manager_epoch))
        fresh = file.with_name(file.name + ".new")
        shutil.copyfile(backup, fresh)
        with closing(sqlite3.connect(fresh)) as connection:
            connection.execute("UPDATE lease SET manager_epoch = ?", (epoch,))
            connection.commit()
        with fresh.open("rb") as written:
            os.fsync(written.fileno())
        kept = put_aside(file, "before-restore") if file.exists() else None
        fresh.replace(file)
    except sqlite3.Error as error:
        raise failure("nothing was restored", error) from error
    except OSError as error:
        raise StoreUnusable(
            f"{file} cannot be written ({error.strerror})", "see the disk; nothing was changed"
        ) from error
    finally:
        lock.release()
    return found, kept


def _epoch_of(file: Path, at_least: int) -> int:
    """The epoch of the database that is replaced; far above the backup's where nobody knows it."""
    if not file.exists():
        return at_least + EPOCHS_LEFT_OUT
    try:
        with closing(_read_only(file)) as connection:
            found = connection.execute("SELECT manager_epoch FROM lease").fetchone()
    except sqlite3.Error:
        found = None
    return at_least + EPOCHS_LEFT_OUT if found is None else int(found[0])


async def migrate_database(url: str, *, dry_run: bool) -> tuple[str, str]:
    """Bring a database to the tables of this version.

    Args:
        dry_run: only look.

    Returns:
        the revisions before and after; "" for a database without tables.

    Raises:
        StoreBusy: a manager runs on the database.
        StoreNewer: it is of a newer version.
        StoreFailed: it cannot be used.
    """
    file = file_of(url)
    lock = None if file is None else DatabaseLock(file)
    if lock is not None and not dry_run:
        lock.take()
    engine = open_engine(url)
    try:
        async with engine.begin() as connection:
            before = await connection.run_sync(revision_of)
            if not dry_run:
                await connection.run_sync(migrate)
            after = await connection.run_sync(revision_of)
    except DATABASE_ERRORS as error:
        raise failure("the database was not migrated", error) from error
    finally:
        await engine.dispose()
        if lock is not None:
            lock.release()
    return before, after


def _existing(file: Path) -> Path:
    if not file.is_file():
        raise StoreUnusable(f"{file} does not exist", "give --data-dir, or CAMPUS_DATABASE_URL")
    return file


def _read_only(file: Path) -> sqlite3.Connection:
    """Raises StoreFailed, StoreLocked."""
    try:
        return sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10.0)
    except sqlite3.Error as error:
        kind = kind_of(error)
        raise kind(f"{file} cannot be read: {reason(error)}", "see the disk") from error
