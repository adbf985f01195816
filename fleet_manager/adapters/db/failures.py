"""What a failure of the database means: full, locked, damaged, or something else."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import SQLAlchemyError

from fleet_manager.ports import StoreDamaged, StoreFailed, StoreFull, StoreLocked

DATABASE_ERRORS = (SQLAlchemyError, OSError, TimeoutError)
"""What drivers raise; a server that is not there is an OSError."""

# Primary result codes: https://www.sqlite.org/rescode.html
_SQLITE: dict[int, type[StoreFailed]] = {
    sqlite3.SQLITE_FULL: StoreFull,
    sqlite3.SQLITE_BUSY: StoreLocked,
    sqlite3.SQLITE_LOCKED: StoreLocked,
    sqlite3.SQLITE_CORRUPT: StoreDamaged,
    sqlite3.SQLITE_NOTADB: StoreDamaged,
}
# A limit on the size of files, or a quota, is told as a failed write.
_SQLITE_EXTENDED: dict[int, type[StoreFailed]] = {
    sqlite3.SQLITE_IOERR_WRITE: StoreFull,
    sqlite3.SQLITE_IOERR_SHMSIZE: StoreFull,
    sqlite3.SQLITE_IOERR_SHORT_READ: StoreDamaged,
}
# SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL: dict[str, type[StoreFailed]] = {
    "53100": StoreFull,
    "55P03": StoreLocked,
    "40P01": StoreLocked,
    "XX001": StoreDamaged,
    "XX002": StoreDamaged,
}

REMEDY_OF: dict[type[StoreFailed], str] = {
    StoreFull: "make room on the disk of the database; it goes on by itself then",
    StoreLocked: "end the program that holds the database; it goes on by itself then",
    StoreDamaged: "see the disk; it is made anew from the copy of the log where there is one",
    StoreFailed: "see the disk and the database server; it goes on by itself when they work",
}


def failure(what: str, error: BaseException) -> StoreFailed:
    """The error of the port for an error of the database.

    Args:
        what: did not happen: "a transaction was not committed".
    """
    kind = kind_of(error)
    return kind(f"{what}: {reason(error)}", REMEDY_OF[kind])


def kind_of(error: BaseException) -> type[StoreFailed]:
    """Which of the port's errors it is."""
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE_EXTENDED.get(code) or _SQLITE.get(code & 0xFF, StoreFailed)
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    return _POSTGRESQL.get(str(state), StoreFailed)


def reason(error: BaseException) -> str:
    """What the database says, in one line."""
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause).split()) or type(cause).__name__
