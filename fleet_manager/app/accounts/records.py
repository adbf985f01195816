"""What is kept of accounts, sessions, machine tokens and requests, and where.

Errors:

    CampusFleetError
    ├── Unauthenticated        nobody is recognised by what was sent
    ├── Forbidden              recognised, and not allowed
    ├── TooOften               asked again too soon
    └── Refused
        ├── AccountExists      the name is taken
        └── InvalidAccount     a name, password, role or scope that cannot be
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fleet_manager.app.permissions import Permission, Role
from fleet_manager.core.errors import CampusFleetError, InvalidRequest, WrongState


class Unauthenticated(CampusFleetError):
    """Nobody is recognised by what was sent."""


class Forbidden(CampusFleetError):
    """Whoever asks is recognised, and may not."""


class TooOften(CampusFleetError):
    """Asked again too soon.

    Attributes:
        wait_s: until it can be asked again.
    """

    def __init__(self, message: str, wait_s: float) -> None:
        self.wait_s = max(1, round(wait_s))
        super().__init__(message, f"ask again in {self.wait_s} s")


class AccountExists(WrongState):
    """The name is taken."""


class InvalidAccount(InvalidRequest):
    """A name, password, role or scope that cannot be."""


def account_key(name: str) -> str:
    """What two names have in common that cannot be told apart."""
    return unicodedata.normalize("NFKC", name).casefold()


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can log in. Times are Unix seconds of the wall clock.

    Attributes:
        id: never given twice.
        name: by which the person logs in and is named everywhere; unique whatever its case.
        full_name: for people; may be "".
        password: its Argon2id hash; "": only other ways lead in.
        disabled: cannot log in; is kept for the audit trail.
        kinds: of robots that the person may command; None: all.
        sites: campuses for which the account is good; None: all.
        subject: issuer and subject of the identity provider; "": a local account.
    """

    id: str
    name: str
    full_name: str
    role: Role
    password: str
    created_s: float
    disabled: bool = False
    kinds: tuple[str, ...] | None = None
    sites: tuple[str, ...] | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in that lasts until it is revoked, forgotten or over.

    Attributes:
        id: for lists; does not open the session.
        secret_hash: SHA-256 of what the browser holds.
        used_s: when it was last seen in use, to a minute.
        ends_s: when it is over however much it is used.
        address, agent: where it was opened from.
    """

    id: str
    secret_hash: str
    account_id: str
    created_s: float
    used_s: float
    ends_s: float
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Token:
    """What a machine is recognised by.

    Attributes:
        scopes: what it may.
        ends_s: None: it does not expire.
        used_s: when it was last seen in use, to a minute; None: never.
    """

    id: str
    name: str
    secret_hash: str
    scopes: tuple[Permission, ...]
    created_by: str
    created_s: float
    ends_s: float | None = None
    used_s: float | None = None
    kinds: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A command, or a request that was refused.

    Attributes:
        seq: 1, 2, 3, …; 0 before it is written.
        time_s: wall clock, Unix seconds.
        actor: as `Caller.actor`; "": nobody was recognised.
        address: from where.
        method, path, body: what; the body shortened and without secrets.
        permission: that it took; "": none.
        status: HTTP status of the answer.
        code: of the problem; "": it was done.
        detail: why it was refused; "": it was done.
        request_id: as in the log lines.
    """

    time_s: float
    actor: str
    address: str
    method: str
    path: str
    body: str
    permission: str
    status: int
    code: str
    detail: str
    request_id: str
    seq: int = 0


class AccountStore(Protocol):
    """Where accounts, sessions, tokens and the audit trail are kept.

    Every method raises StoreFailed where the database cannot be read or written.
    """

    async def accounts(self) -> Sequence[Account]:
        """All, by name."""

    async def account(self, identifier: str) -> Account | None:
        """One, or None."""

    async def account_named(self, name: str) -> Account | None:
        """The one of this name, whatever its case, or None."""

    async def account_of_subject(self, subject: str) -> Account | None:
        """The one that an identity provider calls so, or None."""

    async def put_account(self, account: Account) -> None:
        """Add an account, or replace the one of its id.

        Raises:
            AccountExists: another one has the name.
        """

    async def add_session(self, session: Session) -> None:
        """Keep a new session."""

    async def session(self, secret_hash: str) -> Session | None:
        """The one that is opened by a secret, or None."""

    async def sessions(self, account_id: str | None = None) -> Sequence[Session]:
        """Of an account, or all; the latest first."""

    async def touch(self, secret_hash: str, used_s: float) -> None:
        """Note that a session or token was used."""

    async def end_sessions(
        self,
        *,
        account_id: str | None = None,
        session_id: str | None = None,
        over_s: float | None = None,
    ) -> int:
        """Forget sessions of an account, one, or those over before a time; returns how many."""

    async def put_link(self, secret_hash: str, account_id: str, ends_s: float) -> None:
        """Keep a way in that is good for once."""

    async def take_link(self, secret_hash: str, now_s: float) -> str | None:
        """Use it up; the id of its account, or None."""

    async def add_token(self, token: Token) -> None:
        """Keep a new token."""

    async def token(self, secret_hash: str) -> Token | None:
        """The one of a secret, or None."""

    async def tokens(self) -> Sequence[Token]:
        """All, the latest first."""

    async def remove_token(self, identifier: str) -> bool:
        """Forget a token; whether there was one."""

    async def add_audit(self, entries: Sequence[AuditEntry]) -> None:
        """Append to the audit trail in one transaction."""

    async def audit(
        self,
        *,
        before: int | None = None,
        actor: str | None = None,
        refused: bool | None = None,
        limit: int = 100,
    ) -> Sequence[AuditEntry]:
        """The audit trail, newest first, before a sequence number."""

    async def close(self) -> None:
        """Close the database."""
