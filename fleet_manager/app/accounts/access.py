"""Who is it: logs people in, and recognises them and machines by what they hold."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from fleet_manager.app.accounts.passwords import (
    LINK_PREFIX,
    SESSION_PREFIX,
    TOKEN_PREFIX,
    Passwords,
    fingerprint,
    new_id,
    new_secret,
)
from fleet_manager.app.accounts.records import (
    Account,
    AccountStore,
    Session,
    TooOften,
    Unauthenticated,
    account_key,
)
from fleet_manager.app.accounts.throttle import Throttle
from fleet_manager.app.permissions import Caller, permissions_of
from fleet_manager.ports import StoreError

IDLE_S = 12 * 3600.0
LASTS_S = 7 * 24 * 3600.0
LINK_LASTS_S = 3600.0
TOUCHED_EVERY_S = 60.0
REMEMBERED_S = 1.0
"""For so long a revocation by another process is not seen; one by this process is at once."""
HASHES_AT_ONCE = 2
WRONG = "the name or the password is wrong"


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session, with the secret that opens it, which is kept nowhere."""

    secret: str
    session: Session
    account: Account


class Access:
    """Logs in and recognises; one a process.

    Args:
        store: of accounts.
        site: id of the campus that this manager runs.
        now_s: wall clock, Unix seconds.
        passwords: how they are hashed.
        throttle: of failed log-ins.
    """

    def __init__(
        self,
        store: AccountStore,
        site: str,
        *,
        now_s: Callable[[], float] = time.time,
        passwords: Passwords | None = None,
        throttle: Throttle | None = None,
    ) -> None:
        self.store = store
        self.site = site
        self.now_s = now_s
        self.passwords = passwords or Passwords()
        self._throttle = throttle or Throttle()
        self._hashing = asyncio.Semaphore(HASHES_AT_ONCE)
        self._known: dict[str, tuple[float, Caller | None]] = {}

    async def log_in(self, name: str, password: str, address: str, agent: str) -> Opened:
        """Open a session with a password.

        Raises:
            TooOften: too many log-ins have failed.
            Unauthenticated: name and password do not fit, or the account is not to be used here.
        """
        key = account_key(name)
        tries = ((f"{key} {address}", 5), (f"from {address}", 20), (f"of {key}", 50))
        self._hold_up(tries)
        account = await self.store.account_named(name)
        hashed = account.password if account is not None else ""
        async with self._hashing:
            self._hold_up(tries)  # many may have come at once, and failed while this one waited
            right = await asyncio.to_thread(self.passwords.verify, hashed, password)
            if account is None or not right:
                self._throttle.failed(tries)
        if account is None or not right:
            raise Unauthenticated(WRONG, "try again; an admin can give you a log-in link")
        self._throttle.succeeded(tries[0][0])
        self._check(account)
        if self.passwords.is_weaker(account.password):
            async with self._hashing:
                stronger = await asyncio.to_thread(self.passwords.hash, password)
            await self.store.put_account(replace(account, password=stronger))
        return await self.open(account, address, agent)

    async def log_in_by_link(self, secret: str, address: str, agent: str) -> Opened:
        """Open a session with a link that is good for once.

        Raises:
            TooOften: too many links have failed.
            Unauthenticated: it was used, or is over.
        """
        tries = ((f"link from {address}", 10),)
        self._hold_up(tries)
        account_id = await self.store.take_link(fingerprint(secret), self.now_s())
        account = None if account_id is None else await self.store.account(account_id)
        if account is None:
            self._throttle.failed(tries)
            raise Unauthenticated(
                "the link was used before, or is over", "log in by password, or ask for another"
            )
        self._check(account)
        return await self.open(account, address, agent)

    def _hold_up(self, tries: tuple[tuple[str, int], ...]) -> None:
        wait_s = self._throttle.wait_s(tries)
        if wait_s > 0:
            raise TooOften("too many log-ins have failed", wait_s)

    def _check(self, account: Account) -> None:
        if account.disabled:
            raise Unauthenticated("the account is disabled", "ask an admin to enable it")
        if account.sites is not None and self.site not in account.sites:
            raise Unauthenticated(
                f"the account is not good for {self.site}", "ask an admin of this campus"
            )

    async def open(self, account: Account, address: str, agent: str) -> Opened:
        """Open a session for somebody who has been recognised otherwise."""
        now_s = self.now_s()
        secret = new_secret(SESSION_PREFIX)
        session = Session(
            id=new_id(),
            secret_hash=fingerprint(secret),
            account_id=account.id,
            created_s=now_s,
            used_s=now_s,
            ends_s=now_s + LASTS_S,
            address=address,
            agent=agent[:200],
        )
        await self.store.end_sessions(over_s=now_s)
        await self.store.add_session(session)
        return Opened(secret, session, account)

    async def new_link(self, account: Account, lasts_s: float = LINK_LASTS_S) -> str:
        """The secret of a way in that is good for once."""
        secret = new_secret(LINK_PREFIX)
        await self.store.put_link(fingerprint(secret), account.id, self.now_s() + lasts_s)
        return secret

    async def caller(self, secret: str) -> Caller | None:
        """Who holds a secret; None: nobody whom it opens anything for."""
        hashed, now_s = fingerprint(secret), self.now_s()
        remembered_s, caller = self._known.get(hashed, (-1.0, None))
        if not 0 <= now_s - remembered_s < REMEMBERED_S:
            if secret.startswith(SESSION_PREFIX):
                caller = await self._person(hashed, now_s)
            elif secret.startswith(TOKEN_PREFIX):
                caller = await self._machine(hashed, now_s)
            else:
                return None
            if len(self._known) > 1000:
                self._known.clear()
            self._known[hashed] = (now_s, caller)
        return caller

    def forget(self) -> None:
        """Look everything up anew: something was revoked or changed."""
        self._known.clear()

    async def _person(self, hashed: str, now_s: float) -> Caller | None:
        session = await self.store.session(hashed)
        if session is None or now_s >= min(session.ends_s, session.used_s + IDLE_S):
            return None
        account = await self.store.account(session.account_id)
        if account is None:
            return None
        try:
            self._check(account)
        except Unauthenticated:
            return None
        if now_s - session.used_s >= TOUCHED_EVERY_S:
            await self._touch(hashed, now_s)
        return Caller(
            name=account.name,
            person=True,
            permissions=permissions_of(account.role),
            kinds=None if account.kinds is None else frozenset(account.kinds),
            role=account.role,
            account_id=account.id,
            session_id=session.id,
        )

    async def _touch(self, hashed: str, now_s: float) -> None:
        """Note a use; a full disk does not keep whoever it is from stopping a robot."""
        with contextlib.suppress(StoreError):
            await self.store.touch(hashed, now_s)

    async def _machine(self, hashed: str, now_s: float) -> Caller | None:
        token = await self.store.token(hashed)
        if token is None or (token.ends_s is not None and now_s >= token.ends_s):
            return None
        if token.used_s is None or now_s - token.used_s >= TOUCHED_EVERY_S:
            await self._touch(hashed, now_s)
        return Caller(
            name=token.name,
            person=False,
            permissions=frozenset(token.scopes),
            kinds=None if token.kinds is None else frozenset(token.kinds),
            account_id=token.id,
        )
