"""First tables: event log, projections, outbox, tracks, lease."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _row_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _events_and_outbox()
    _history()
    op.create_table(
        "lease",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("manager_epoch", sa.BigInteger, nullable=False),
        sa.Column("holder", sa.String, nullable=False),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


def _events_and_outbox() -> None:
    op.create_table(
        "events",
        sa.Column("seq", _row_id(), primary_key=True, autoincrement=False),
        sa.Column("time_s", sa.Double, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("command_id", sa.String),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("cause", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.UniqueConstraint("command_id", "position", name="events_of_a_command"),
    )
    op.create_table(
        "outbox",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("robot", sa.String, nullable=False),
        sa.Column("seq", _row_id(), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )


def _history() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("category", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("robot", sa.String),
        sa.Column("requested_s", sa.Double, nullable=False),
        sa.Column("finished_s", sa.Double),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_index("tasks_newest_first", "tasks", ["requested_s", "id"])
    op.create_table(
        "incidents",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("robot", sa.String),
        sa.Column("raised_s", sa.Double, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_index("incidents_newest_first", "incidents", ["raised_s", "id"])
    op.create_table(
        "tracks",
        sa.Column("id", _row_id(), primary_key=True, autoincrement=True),
        sa.Column("robot", sa.String, nullable=False),
        sa.Column("time_s", sa.Double, nullable=False),
        sa.Column("x_m", sa.Double, nullable=False),
        sa.Column("y_m", sa.Double, nullable=False),
        sa.Column("yaw_rad", sa.Double, nullable=False),
        sa.Column("level", sa.String, nullable=False),
        sa.Column("speed_mps", sa.Double, nullable=False),
        sa.Column("battery", sa.Double),
    )
    op.create_index("tracks_of_a_robot", "tracks", ["robot", "time_s"])
    op.create_index("tracks_by_age", "tracks", ["time_s"])


def downgrade() -> None:
    """Drop the tables."""
    for table in ("events", "outbox", "tasks", "incidents", "tracks", "lease", "meta"):
        op.drop_table(table)
