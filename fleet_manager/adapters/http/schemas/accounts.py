"""Log-ins, accounts, machine tokens and the audit trail."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr

from fleet_manager.adapters.http.schemas.base import Answer, Asked, Id
from fleet_manager.app.permissions import Role

Name = Annotated[str, Field(min_length=1, max_length=64, examples=["Li Wei"])]
FullName = Annotated[str, Field(max_length=200)]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=200)]
Kinds = Annotated[
    list[Id] | None,
    Field(max_length=100, description="of robots that may be commanded; null: all"),
]
Sites = Annotated[
    list[Id] | None, Field(max_length=100, description="campuses it is good for; null: all")
]


class LogIn(Asked):
    """By name and password, or by a link that is good for once.

    Attributes:
        bearer: answer with the session's secret, for programs, and set no cookie.
    """

    name: Name | None = None
    password: Secret | None = None
    link: Secret | None = None
    bearer: bool = False


class Me(Answer):
    """Who is logged in, and what they may.

    Attributes:
        permissions: by their scope, such as `robots:stop`.
    """

    name: str
    full_name: str
    person: bool
    role: Role | None
    permissions: list[str]
    kinds: list[str] | None


class SessionState(Answer):
    """Whether somebody is logged in.

    Attributes:
        me: null: nobody.
        site: id of the campus.
        any_accounts: false: somebody has to be added first, with `fleet user add`.
        secret: of the session, only in the answer to a log-in with `bearer`.
    """

    me: Me | None
    site: str
    any_accounts: bool
    secret: str | None = None


class NewPassword(Asked):
    """Another password for the own account; the other sessions end."""

    password: Secret
    new_password: Secret


class SessionEntry(Answer):
    """A session of the own account; times are Unix seconds."""

    id: str
    created_s: float
    used_s: float
    ends_s: float
    address: str
    agent: str
    current: bool


class AccountState(Answer):
    """A person who can log in."""

    name: str
    full_name: str
    role: Role
    disabled: bool
    kinds: list[str] | None
    sites: list[str] | None
    has_password: bool
    by_provider: bool
    created_s: float
    sessions: int


class NewAccount(Asked):
    """A person to be added; without a password a log-in link leads in."""

    name: Name
    role: Role = Role.VIEWER
    full_name: FullName = ""
    password: Secret | None = None
    kinds: Kinds = None
    sites: Sites = None


class ChangedAccount(Asked):
    """What is to be different of an account."""

    role: Role | None = None
    full_name: FullName | None = None
    disabled: bool | None = None
    kinds: Kinds = None
    sites: Sites = None


class LogInLink(Answer):
    """The path of a page that logs in once, within an hour."""

    path: str
    ends_s: float


class TokenState(Answer):
    """A machine token; its secret is kept nowhere."""

    id: str
    name: str
    scopes: list[str]
    kinds: list[str] | None
    created_by: str
    created_s: float
    ends_s: float | None
    used_s: float | None


class NewToken(Asked):
    """A token for a machine."""

    name: Name
    scopes: Annotated[list[Id], Field(min_length=1, max_length=50, examples=[["fleet:see"]])]
    ends_s: Annotated[float, Field(ge=0, le=1e11)] | None = None
    kinds: Kinds = None


class MadeToken(TokenState):
    """A new token with its secret, which is told this once."""

    secret: str


class AuditRow(Answer):
    """A command, or a request that was refused."""

    seq: int
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


class PermissionRow(Answer):
    """A permission: from which role on, and whether a machine token can have it."""

    permission: str
    lowest_role: Role
    for_machines: bool
