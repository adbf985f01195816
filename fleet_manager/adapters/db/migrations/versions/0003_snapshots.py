"""Snapshots of the state, and a log that nothing can change or delete from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

REFUSAL = "the event log is append-only"


def upgrade() -> None:
    """Make the table, and guard the log."""
    op.create_table(
        "snapshots",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("time_s", sa.Double, nullable=False),
        sa.Column("form", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER events_no_{deed.lower()} BEFORE {deed} ON events "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION events_are_kept() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER events_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON events "
            "FOR EACH STATEMENT EXECUTE FUNCTION events_are_kept()"
        )


def downgrade() -> None:
    """Drop the table, and let the log go."""
    op.drop_table("snapshots")
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("update", "delete"):
            op.execute(f"DROP TRIGGER events_no_{deed}")
    else:
        op.execute("DROP TRIGGER events_kept ON events")
        op.execute("DROP FUNCTION events_are_kept")
