"""Every version of the map that was published, with who and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "map_versions",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("published_by", sa.String, nullable=False),
        sa.Column("time_s", sa.Double, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("parent", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
    )
    op.create_index("map_versions_by_version", "map_versions", ["version"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("map_versions")
