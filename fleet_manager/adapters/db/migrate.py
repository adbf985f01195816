"""Brings a database to the tables of this version; the steps are in `migrations/versions`."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from fleet_manager.ports import StoreNewer

_MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(connection: Connection) -> None:
    """Run the steps that a database lacks, in the connection's transaction.

    Raises:
        StoreNewer: the database has steps that this version does not know.
    """
    config, known = _config(), known_revisions()
    found = MigrationContext.configure(connection).get_current_heads()
    if unknown := [revision for revision in found if revision not in known]:
        raise StoreNewer(
            f"the database is of a newer version (its tables are at {', '.join(unknown)})",
            "start the newer version, or give another folder with --data-dir",
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def known_revisions() -> frozenset[str]:
    """Every form of the tables that this version can read."""
    scripts = ScriptDirectory.from_config(_config()).walk_revisions()
    return frozenset(script.revision for script in scripts)


def newest_revision() -> str:
    """The form of the tables of this version."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def revision_of(connection: Connection) -> str:
    """The form of the tables of a database; "": it has none."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def _config() -> Config:
    config = Config()
    # The option is read by ConfigParser, to which a percent sign in a path is special.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
