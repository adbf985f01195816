"""Tables of accounts, sessions, machine tokens and the audit trail, as SQLAlchemy sees them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, String, Table, Text

from fleet_manager.adapters.db.tables import metadata

_row_id = BigInteger().with_variant(Integer(), "sqlite")

accounts = Table(
    "accounts",
    metadata,
    Column("id", String, primary_key=True),
    Column("key", String, nullable=False, unique=True),  # its name, folded: unique whatever case
    Column("name", String, nullable=False),
    Column("full_name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("password", String, nullable=False),
    Column("created_s", Double, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("kinds", Text),
    Column("sites", Text),
    Column("subject", String, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("secret_hash", String, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("account_id", String, nullable=False),
    Column("created_s", Double, nullable=False),
    Column("used_s", Double, nullable=False),
    Column("ends_s", Double, nullable=False),
    Column("address", String, nullable=False),
    Column("agent", String, nullable=False),
    Index("sessions_of_an_account", "account_id"),
)

login_links = Table(
    "login_links",
    metadata,
    Column("secret_hash", String, primary_key=True),
    Column("account_id", String, nullable=False),
    Column("ends_s", Double, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String, primary_key=True),
    Column("secret_hash", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_by", String, nullable=False),
    Column("created_s", Double, nullable=False),
    Column("ends_s", Double),
    Column("used_s", Double),
    Column("kinds", Text),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", _row_id, primary_key=True, autoincrement=True),
    Column("time_s", Double, nullable=False),
    Column("actor", String, nullable=False),
    Column("address", String, nullable=False),
    Column("method", String, nullable=False),
    Column("path", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("permission", String, nullable=False),
    Column("status", Integer, nullable=False),
    Column("code", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("request_id", String, nullable=False),
    Index("audit_of_an_actor", "actor", "seq"),
)
