"""A lease that is counted up while its holder works."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = ("unlocked", "released")


def upgrade() -> None:
    """Add the columns."""
    op.add_column("lease", sa.Column("beat", sa.BigInteger, nullable=False, server_default="0"))
    for name in COLUMNS:
        op.add_column("lease", sa.Column(name, sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop the columns."""
    with op.batch_alter_table("lease") as table:
        for name in ("beat", *COLUMNS):
            table.drop_column(name)
