"""Accounts, sessions, tokens and the audit trail in SQL, beside the event log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from fleet_manager.adapters.db import account_tables as tables
from fleet_manager.adapters.db.engine import file_of, open_engine, shown_url
from fleet_manager.adapters.db.failures import DATABASE_ERRORS
from fleet_manager.adapters.db.lock import DatabaseLock
from fleet_manager.adapters.db.migrate import migrate
from fleet_manager.app.accounts.records import (
    Account,
    AccountExists,
    AuditEntry,
    Session,
    Token,
    account_key,
)
from fleet_manager.app.permissions import Permission, Role
from fleet_manager.ports import StoreFailed, StoreUnusable


async def open_account_store(url: str) -> SqlAccountStore:
    """Open the accounts of a database, also while a fleet manager runs on it.

    The tables are brought up to date unless a manager holds the database: it has done so.

    Raises:
        StoreUnusable: address, folder or file cannot be used.
        StoreNewer: it was written by a newer version.
    """
    file = file_of(url)
    lock = None if file is None else DatabaseLock(file)
    if lock is not None and not lock.try_take():
        return SqlAccountStore(open_engine(url))
    engine = open_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
    except DATABASE_ERRORS as error:
        await engine.dispose()
        raise StoreUnusable(
            f"the database {shown_url(url)} cannot be used: {_reason(error)}",
            "restore it from a backup, or give another folder with --data-dir",
        ) from error
    finally:
        if lock is not None:
            lock.release()
    return SqlAccountStore(engine)


class SqlAccountStore:
    """`app.accounts.records.AccountStore` on SQLAlchemy Core, with connections of its own."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def accounts(self) -> Sequence[Account]:
        """All, by name."""
        query = select(tables.accounts).order_by(tables.accounts.c.key)
        return [_account(row) for row in await self._read(query)]

    async def account(self, identifier: str) -> Account | None:
        """One, or None."""
        return await self._one_account(tables.accounts.c.id == identifier)

    async def account_named(self, name: str) -> Account | None:
        """The one of this name, whatever its case, or None."""
        return await self._one_account(tables.accounts.c.key == account_key(name))

    async def account_of_subject(self, subject: str) -> Account | None:
        """The one that an identity provider calls so, or None."""
        if not subject:
            return None  # that is what all local accounts have
        return await self._one_account(tables.accounts.c.subject == subject)

    async def _one_account(self, which: ColumnElement[bool]) -> Account | None:
        rows = await self._read(select(tables.accounts).where(which))
        return _account(rows[0]) if rows else None

    async def put_account(self, account: Account) -> None:
        """Add an account, or replace the one of its id.

        Raises:
            AccountExists: another one has the name.
        """
        row = {
            **asdict(account),
            "key": account_key(account.name),
            "kinds": _json(account.kinds),
            "sites": _json(account.sites),
        }
        table = tables.accounts
        try:
            changed = await self._write(update(table).where(table.c.id == account.id).values(**row))
            if not changed:
                await self._write(insert(table).values(**row))
        except IntegrityError as error:
            raise AccountExists(
                f"there is an account {account.name!r} already", "choose another name"
            ) from error

    async def add_session(self, session: Session) -> None:
        """Keep a new session."""
        await self._write(insert(tables.sessions).values(**asdict(session)))

    async def session(self, secret_hash: str) -> Session | None:
        """The one that is opened by a secret, or None."""
        query = select(tables.sessions).where(tables.sessions.c.secret_hash == secret_hash)
        return next((_of(Session, row) for row in await self._read(query)), None)

    async def sessions(self, account_id: str | None = None) -> Sequence[Session]:
        """Of an account, or all; the latest first."""
        query = select(tables.sessions).order_by(tables.sessions.c.used_s.desc())
        if account_id is not None:
            query = query.where(tables.sessions.c.account_id == account_id)
        return [_of(Session, row) for row in await self._read(query)]

    async def touch(self, secret_hash: str, used_s: float) -> None:
        """Note that a session or token was used."""
        for table in (tables.sessions, tables.tokens):
            if await self._write(
                update(table).where(table.c.secret_hash == secret_hash).values(used_s=used_s)
            ):
                return

    async def end_sessions(
        self,
        *,
        account_id: str | None = None,
        session_id: str | None = None,
        over_s: float | None = None,
    ) -> int:
        """Forget sessions of an account, one, or those over before a time; returns how many."""
        columns = tables.sessions.c
        wanted: list[ColumnElement[bool]] = []
        if account_id is not None:
            wanted.append(columns.account_id == account_id)
        if session_id is not None:
            wanted.append(columns.id == session_id)
        if over_s is not None:
            wanted.append(columns.ends_s <= over_s)
        if not wanted:
            raise ValueError("say which sessions are to end")
        return await self._write(delete(tables.sessions).where(*wanted))

    async def put_link(self, secret_hash: str, account_id: str, ends_s: float) -> None:
        """Keep a way in that is good for once."""
        await self._write(
            insert(tables.login_links).values(
                secret_hash=secret_hash, account_id=account_id, ends_s=ends_s
            )
        )

    async def take_link(self, secret_hash: str, now_s: float) -> str | None:
        """Use it up; the id of its account, or None."""
        columns = tables.login_links.c
        found = await self._read(
            select(columns.account_id, columns.ends_s).where(columns.secret_hash == secret_hash)
        )
        # Who deletes the row has it: of two who come at once, one gets nothing.
        taken = await self._write(
            delete(tables.login_links).where(columns.secret_hash == secret_hash)
        )
        await self._write(delete(tables.login_links).where(columns.ends_s <= now_s))
        if not found or not taken or found[0].ends_s <= now_s:
            return None
        return str(found[0].account_id)

    async def add_token(self, token: Token) -> None:
        """Keep a new token."""
        row = {
            **asdict(token),
            "scopes": json.dumps([each.value for each in token.scopes]),
            "kinds": _json(token.kinds),
        }
        await self._write(insert(tables.tokens).values(**row))

    async def token(self, secret_hash: str) -> Token | None:
        """The one of a secret, or None."""
        query = select(tables.tokens).where(tables.tokens.c.secret_hash == secret_hash)
        return next((_token(row) for row in await self._read(query)), None)

    async def tokens(self) -> Sequence[Token]:
        """All, the latest first."""
        query = select(tables.tokens).order_by(tables.tokens.c.created_s.desc())
        return [_token(row) for row in await self._read(query)]

    async def remove_token(self, identifier: str) -> bool:
        """Forget a token; whether there was one."""
        return bool(
            await self._write(delete(tables.tokens).where(tables.tokens.c.id == identifier))
        )

    async def add_audit(self, entries: Sequence[AuditEntry]) -> None:
        """Append to the audit trail in one transaction."""
        rows = [asdict(each) for each in entries]
        for row in rows:
            del row["seq"]
        await self._write(insert(tables.audit), rows)

    async def audit(
        self,
        *,
        before: int | None = None,
        actor: str | None = None,
        refused: bool | None = None,
        limit: int = 100,
    ) -> Sequence[AuditEntry]:
        """The audit trail, newest first, before a sequence number."""
        columns = tables.audit.c
        query = select(tables.audit).order_by(columns.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(columns.seq < before)
        if actor is not None:
            query = query.where(columns.actor == actor)
        if refused is not None:
            query = query.where((columns.code != "") if refused else (columns.code == ""))
        return [_of(AuditEntry, row) for row in await self._read(query)]

    async def close(self) -> None:
        """Close the database."""
        await self._engine.dispose()

    async def _read(self, query: Any) -> Sequence[Row[Any]]:
        try:
            async with self._engine.connect() as connection:
                return (await connection.execute(query)).fetchall()
        except DATABASE_ERRORS as error:
            raise StoreFailed(
                f"the accounts cannot be read: {_reason(error)}", "see the disk"
            ) from error

    async def _write(self, statement: Any, rows: list[dict[str, Any]] | None = None) -> int:
        try:
            async with self._engine.begin() as connection:
                return int((await connection.execute(statement, rows)).rowcount)
        except IntegrityError:
            raise
        except DATABASE_ERRORS as error:
            raise StoreFailed(
                f"the accounts cannot be written: {_reason(error)}",
                "see that the disk is neither full nor broken",
            ) from error


def _account(row: Row[Any]) -> Account:
    given = {each.name: row._mapping[each.name] for each in fields(Account)}
    given |= {"kinds": _names(row.kinds), "sites": _names(row.sites), "role": Role(row.role)}
    return Account(**given)


def _token(row: Row[Any]) -> Token:
    given = {each.name: row._mapping[each.name] for each in fields(Token)}
    known = {each.value: each for each in Permission}
    # A scope that this version does not know is not one that it can allow.
    scopes = tuple(known[each] for each in json.loads(row.scopes) if each in known)
    return Token(**(given | {"scopes": scopes, "kinds": _names(row.kinds)}))


def _of(kind: Any, row: Row[Any]) -> Any:
    return kind(**{each.name: row._mapping[each.name] for each in fields(kind)})


def _json(names: tuple[str, ...] | None) -> str | None:
    return None if names is None else json.dumps(names, ensure_ascii=False)


def _names(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(json.loads(text))


def _reason(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause).split())
