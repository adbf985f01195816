"""Who may do what: roles of people, scopes of machine tokens, in one table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is to the fleet; each may all that the one before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    DISPATCHER = "dispatcher"
    ADMIN = "admin"


class Permission(StrEnum):
    """What can be allowed; the value is the scope by which a machine token has it."""

    SEE_FLEET = "fleet:see"
    SEE_METRICS = "metrics:see"
    OWN_ACCOUNT = "account:own"
    HANDLE_INCIDENTS = "incidents:handle"
    PAUSE_ROBOTS = "robots:pause"
    STOP_ROBOTS = "robots:stop"
    RELEASE_STOPS = "robots:release"
    CONFIRM_POSITIONS = "robots:confirm"
    RESTORE_PASSAGES = "passages:restore"
    RAISE_FIRE = "fire:raise"
    SEND_ROBOTS = "robots:send"
    ASK_TASKS = "tasks:ask"
    PLAN_SCHEDULES = "schedules:plan"
    CLOSE_MAP = "map:close"
    SIMULATE = "what_if:run"
    END_FIRE = "fire:end"
    PUBLISH_MAP = "map:publish"
    MANAGE_ACCOUNTS = "accounts:manage"
    MANAGE_TOKENS = "tokens:manage"
    SEE_AUDIT = "audit:see"


LOWEST_ROLE: dict[Permission, Role] = {
    Permission.SEE_FLEET: Role.VIEWER,
    Permission.SEE_METRICS: Role.VIEWER,
    Permission.OWN_ACCOUNT: Role.VIEWER,
    Permission.HANDLE_INCIDENTS: Role.OPERATOR,
    Permission.PAUSE_ROBOTS: Role.OPERATOR,
    Permission.STOP_ROBOTS: Role.OPERATOR,
    Permission.RELEASE_STOPS: Role.OPERATOR,
    Permission.CONFIRM_POSITIONS: Role.OPERATOR,
    Permission.RESTORE_PASSAGES: Role.OPERATOR,
    Permission.RAISE_FIRE: Role.OPERATOR,
    Permission.SEND_ROBOTS: Role.DISPATCHER,
    Permission.ASK_TASKS: Role.DISPATCHER,
    Permission.PLAN_SCHEDULES: Role.DISPATCHER,
    Permission.CLOSE_MAP: Role.DISPATCHER,
    Permission.SIMULATE: Role.DISPATCHER,
    Permission.END_FIRE: Role.DISPATCHER,
    Permission.PUBLISH_MAP: Role.ADMIN,
    Permission.MANAGE_ACCOUNTS: Role.ADMIN,
    Permission.MANAGE_TOKENS: Role.ADMIN,
    Permission.SEE_AUDIT: Role.ADMIN,
}
"""The permission table: from which role on."""

PERSONS_ONLY = frozenset(
    {
        Permission.OWN_ACCOUNT,
        Permission.RELEASE_STOPS,
        Permission.END_FIRE,
        Permission.MANAGE_ACCOUNTS,
        Permission.MANAGE_TOKENS,
    }
)
"""What a machine token cannot have: somebody has to answer for it by name."""

SCOPES = tuple(each for each in Permission if each not in PERSONS_ONLY)
"""What a machine token can be given."""

_RANK = {role: rank for rank, role in enumerate(Role)}


def permissions_of(role: Role) -> frozenset[Permission]:
    """What a role may."""
    return frozenset(each for each, low in LOWEST_ROLE.items() if _RANK[low] <= _RANK[role])


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, recognised by a session or a machine token.

    Attributes:
        name: of the account, or of the token.
        person: a person asks, not a machine.
        permissions: what it may.
        kinds: of robots that it may command; None: all.
        role: of the person; None: a machine.
        account_id: of the person, else of the token.
        session_id: of the session that it came by; "": a machine.
    """

    name: str
    person: bool
    permissions: frozenset[Permission]
    kinds: frozenset[str] | None = None
    role: Role | None = None
    account_id: str = ""
    session_id: str = ""

    @property
    def actor(self) -> str:
        """As in logs: a machine can be told from a person of the same name."""
        return self.name if self.person else f"token:{self.name}"
