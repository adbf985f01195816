"""Brings a database to the tables of this version; the steps are in `migrations/versions`.

The library that runs the steps is loaded only where there is one to run: a restart has none.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from fleet_manager.ports import StoreNewer

if TYPE_CHECKING:
    from alembic.config import Config

STEP_S = 60
_MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(connection: Connection) -> None:
    """Run the steps that a database lacks, in the connection's transaction.

    Raises:
        StoreNewer: the database has steps that this version does not know.
    """
    found = revision_of(connection)
    if found == newest_revision():
        return
    if found and found not in known_revisions():
        raise StoreNewer(
            f"the database is of a newer version (its tables are at {found})",
            "start the newer version, or give another folder with --data-dir",
        )
    from alembic import command

    if connection.dialect.name == "postgresql":
        # Between two steps a busy machine may think for longer than a transaction may be idle.
        connection.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = '{STEP_S}s'"))
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@cache
def known_revisions() -> frozenset[str]:
    """Every form of the tables that this version can read; a step's file begins with its name."""
    steps = (_MIGRATIONS / "versions").glob("[0-9]*.py")
    return frozenset(each.name.partition("_")[0] for each in steps)


def newest_revision() -> str:
    """The form of the tables of this version."""
    return max(known_revisions())


def revision_of(connection: Connection) -> str:
    """The form of the tables of a database; "": it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found or ""


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    # The option is read by ConfigParser, to which a percent sign in a path is special.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
