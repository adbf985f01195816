"""Tables of the fleet manager's database, as SQLAlchemy sees them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

# SQLite numbers rows by itself only in a column of its type INTEGER.
_row_id = BigInteger().with_variant(Integer(), "sqlite")

# Documents are JSON kept as text: a JSON type of a database may reorder keys, and replay needs the
# order in which they were written.

events = Table(
    "events",
    metadata,
    Column("seq", _row_id, primary_key=True, autoincrement=False),
    Column("time_s", Double, nullable=False),
    Column("actor", String, nullable=False),
    Column("command_id", String),
    Column("position", Integer, nullable=False),
    Column("cause", String, nullable=False),
    Column("type", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("payload", Text, nullable=False),
    # The same command cannot be written twice, whatever the code above believes.
    UniqueConstraint("command_id", "position", name="events_of_a_command"),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", String, primary_key=True),
    Column("category", String, nullable=False),
    Column("status", String, nullable=False),
    Column("robot", String),
    Column("requested_s", Double, nullable=False),
    Column("finished_s", Double),
    Column("document", Text, nullable=False),
    Index("tasks_newest_first", "requested_s", "id"),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("status", String, nullable=False),
    Column("robot", String),
    Column("raised_s", Double, nullable=False),
    Column("document", Text, nullable=False),
    Index("incidents_newest_first", "raised_s", "id"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("key", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("robot", String, nullable=False),
    Column("seq", _row_id, nullable=False),
    Column("document", Text, nullable=False),
)

tracks = Table(
    "tracks",
    metadata,
    Column("id", _row_id, primary_key=True, autoincrement=True),
    Column("robot", String, nullable=False),
    Column("time_s", Double, nullable=False),
    Column("x_m", Double, nullable=False),
    Column("y_m", Double, nullable=False),
    Column("yaw_rad", Double, nullable=False),
    Column("level", String, nullable=False),
    Column("speed_mps", Double, nullable=False),
    Column("battery", Double),
    Index("tracks_of_a_robot", "robot", "time_s"),
    Index("tracks_by_age", "time_s"),
)

map_versions = Table(
    "map_versions",
    metadata,
    Column("number", _row_id, primary_key=True, autoincrement=False),
    Column("version", String, nullable=False),
    Column("published_by", String, nullable=False),
    Column("time_s", Double, nullable=False),
    Column("note", Text, nullable=False),
    Column("parent", String, nullable=False),
    Column("source", String, nullable=False),
    # Canonical JSON, compressed by zlib: a campus of 3 MB is some 300 KB.
    Column("document", LargeBinary, nullable=False),
    Index("map_versions_by_version", "version"),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("seq", _row_id, primary_key=True, autoincrement=False),
    Column("time_s", Double, nullable=False),
    Column("form", String, nullable=False),
    # SHA-256 of the state: a snapshot on a damaged page must not become the state.
    Column("digest", String, nullable=False),
    Column("state", LargeBinary, nullable=False),
)

lease = Table(
    "lease",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("manager_epoch", BigInteger, nullable=False),
    Column("holder", String, nullable=False),
    # Counted up while the holder works; 1 in the others: see adapters/db/lease.py.
    Column("beat", BigInteger, nullable=False, server_default="0"),
    Column("unlocked", Integer, nullable=False, server_default="0"),
    Column("released", Integer, nullable=False, server_default="0"),
)

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)
