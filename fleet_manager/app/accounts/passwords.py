"""Passwords as Argon2id hashes (RFC 9106), and secrets that machines hold."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from fleet_manager.app.accounts.records import InvalidAccount

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
SESSION_PREFIX, TOKEN_PREFIX, LINK_PREFIX = "cfs_", "cft_", "cfl_"


@dataclass(frozen=True)
class Passwords:
    """Hashes passwords and verifies them; both take some 50 ms and 64 MiB, on purpose.

    Attributes:
        hasher: by default the second recommended option of RFC 9106: 3 passes over 64 MiB.
    """

    hasher: PasswordHasher = field(default_factory=PasswordHasher)

    def hash(self, password: str) -> str:
        """Its hash, with salt and parameters in it."""
        return self.hasher.hash(password)

    def verify(self, hashed: str, password: str) -> bool:
        """Whether a password is the one; takes as long where there is no hash at all."""
        if not hashed:
            self.hasher.hash(password)
            return False
        try:
            return self.hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def is_weaker(self, hashed: str) -> bool:
        """Whether it was made with other parameters than today's."""
        return bool(hashed) and self.hasher.check_needs_rehash(hashed)


def check_password(password: str, name: str) -> None:
    """Hold a new password to what NIST SP 800-63B asks: length, and not the name.

    Raises:
        InvalidAccount: it is too short, too long or the name itself.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidAccount(
            f"the password has {len(password)} characters",
            f"give {SHORTEST_PASSWORD} to {LONGEST_PASSWORD}; a few words are easy to remember",
        )
    if name.casefold() in password.casefold() or len(set(password)) < 4:
        raise InvalidAccount("the password is easy to guess", "choose words that nobody expects")


def new_secret(prefix: str) -> str:
    """A secret of 256 random bits; its prefix says what it opens."""
    return prefix + secrets.token_urlsafe(32)


def new_password() -> str:
    """A password that is read out and typed easily, of 79 random bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def new_id() -> str:
    """An id that is never given twice."""
    return secrets.token_hex(8)


def fingerprint(secret: str) -> str:
    """What is kept of a secret; it has so many random bits that no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()
