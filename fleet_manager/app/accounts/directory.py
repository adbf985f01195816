"""Keeps the accounts and machine tokens of a campus: who is there, and what each may."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from types import EllipsisType

from fleet_manager.app.accounts.access import Access
from fleet_manager.app.accounts.passwords import (
    TOKEN_PREFIX,
    check_password,
    fingerprint,
    new_id,
    new_secret,
)
from fleet_manager.app.accounts.records import Account, InvalidAccount, Token
from fleet_manager.app.permissions import PERSONS_ONLY, SCOPES, Permission, Role
from fleet_manager.core.errors import Unknown, WrongState

NAME = re.compile(r"[^\W_][\w .@'-]{0,62}[\w.]|[^\W_]")
NAME_RULE = "give 1 to 64 letters, digits and . _ - @ ' or spaces, a letter or digit first"


class Directory:
    """Accounts and tokens; every change is at once in force.

    Args:
        access: whose store it keeps, and which is told to look anew.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._store = access.store

    async def accounts(self) -> Sequence[Account]:
        """All, by name."""
        return await self._store.accounts()

    async def account(self, name: str) -> Account:
        """The account of a name, whatever its case.

        Raises:
            Unknown: there is none.
        """
        found = await self._store.account_named(name)
        if found is None:
            raise Unknown(f"no account {name!r}", "`fleet user list` shows all")
        return found

    async def add(
        self,
        name: str,
        role: Role,
        *,
        full_name: str = "",
        password: str | None = None,
        kinds: Sequence[str] | None = None,
        sites: Sequence[str] | None = None,
        subject: str = "",
    ) -> Account:
        """Add a person; without a password only a log-in link or a provider leads in.

        Raises:
            InvalidAccount: name or password cannot be.
            AccountExists: the name is taken.
        """
        name = unicodedata.normalize("NFKC", name).strip()
        if not NAME.fullmatch(name):
            raise InvalidAccount(f"{name!r} cannot be the name of an account", NAME_RULE)
        account = Account(
            id=new_id(),
            name=name,
            full_name=full_name.strip(),
            role=role,
            password="" if password is None else await self._hashed(password, name),
            created_s=self._access.now_s(),
            kinds=_limit(kinds),
            sites=_limit(sites),
            subject=subject,
        )
        await self._store.put_account(account)
        return account

    async def change(
        self,
        name: str,
        *,
        role: Role | None = None,
        full_name: str | None = None,
        disabled: bool | None = None,
        kinds: Sequence[str] | EllipsisType | None = ...,
        sites: Sequence[str] | EllipsisType | None = ...,
    ) -> Account:
        """Change what is given of an account; None of `kinds` and `sites` is all.

        Raises:
            Unknown: there is none of this name.
            WrongState: nobody would be left who can manage accounts.
        """
        account = await self.account(name)
        changed = replace(
            account,
            role=role or account.role,
            full_name=account.full_name if full_name is None else full_name.strip(),
            disabled=account.disabled if disabled is None else disabled,
            kinds=account.kinds if isinstance(kinds, EllipsisType) else _limit(kinds),
            sites=account.sites if isinstance(sites, EllipsisType) else _limit(sites),
        )
        if _rules(account) and not _rules(changed):
            others = [each for each in await self.accounts() if each.id != account.id]
            if not any(map(_rules, others)):
                raise WrongState(
                    f"{account.name} is the last admin", "make somebody else an admin first"
                )
        await self._store.put_account(changed)
        if changed.disabled:
            await self._store.end_sessions(account_id=account.id)
        self._access.forget()
        return changed

    async def set_password(self, name: str, password: str, keep_session: str = "") -> None:
        """Give an account another password; its other sessions end.

        Raises:
            Unknown: there is none of this name.
            InvalidAccount: the password is too weak.
        """
        account = await self.account(name)
        hashed = await self._hashed(password, account.name)
        await self._store.put_account(replace(account, password=hashed))
        for session in await self._store.sessions(account.id):
            if session.id != keep_session:
                await self._store.end_sessions(session_id=session.id)
        self._access.forget()

    async def end_sessions(self, name: str, session_id: str | None = None) -> int:
        """End one session of an account, or all; returns how many.

        Raises:
            Unknown: there is no such account or session.
        """
        account = await self.account(name)
        ended = await self._store.end_sessions(account_id=account.id, session_id=session_id)
        if session_id is not None and not ended:
            raise Unknown(f"{account.name} has no session {session_id!r}", "it may have ended")
        self._access.forget()
        return ended

    async def add_token(
        self,
        name: str,
        scopes: Sequence[str],
        created_by: str,
        *,
        ends_s: float | None = None,
        kinds: Sequence[str] | None = None,
    ) -> tuple[str, Token]:
        """Make a machine token; its secret, which is kept nowhere, and what is kept.

        Raises:
            InvalidAccount: name, scopes or end cannot be.
        """
        if not NAME.fullmatch(name):
            raise InvalidAccount(f"{name!r} cannot be the name of a token", NAME_RULE)
        if ends_s is not None and ends_s <= self._access.now_s():
            raise InvalidAccount("the token would be over already", "give a later end, or none")
        secret = new_secret(TOKEN_PREFIX)
        token = Token(
            id=new_id(),
            name=name,
            secret_hash=fingerprint(secret),
            scopes=_scopes(scopes),
            created_by=created_by,
            created_s=self._access.now_s(),
            ends_s=ends_s,
            kinds=_limit(kinds),
        )
        await self._store.add_token(token)
        return secret, token

    async def tokens(self) -> Sequence[Token]:
        """All, the latest first."""
        return await self._store.tokens()

    async def remove_token(self, identifier: str) -> None:
        """Revoke a token.

        Raises:
            Unknown: there is none.
        """
        if not await self._store.remove_token(identifier):
            raise Unknown(f"no token {identifier!r}", "`fleet user tokens` shows all")
        self._access.forget()

    async def _hashed(self, password: str, name: str) -> str:
        check_password(password, name)
        return await asyncio.to_thread(self._access.passwords.hash, password)


def _rules(account: Account) -> bool:
    return account.role is Role.ADMIN and not account.disabled


def _limit(names: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(sorted(set(names)))


def _scopes(names: Sequence[str]) -> tuple[Permission, ...]:
    known = {each.value: each for each in SCOPES}
    if persons := sorted({each.value for each in PERSONS_ONLY} & set(names)):
        raise InvalidAccount(
            f"{', '.join(persons)}: a person has to answer for it", "log in instead of a token"
        )
    if unknown := sorted(set(names) - known.keys()):
        raise InvalidAccount(f"no scope {', '.join(unknown)}", f"choose from {', '.join(known)}")
    if not names:
        raise InvalidAccount("a token without scopes", f"choose from {', '.join(known)}")
    return tuple(known[each] for each in sorted(set(names)))
