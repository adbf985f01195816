"""Runs alembic's steps in the transaction of the connection it is given."""

from __future__ import annotations

from alembic import context

from fleet_manager.adapters.db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite changes a table by copying it.
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
