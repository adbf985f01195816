"""`fleet backup`, `fleet restore` and `fleet migrate`: the database, also while a manager runs."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from rich.console import Console

from fleet_manager.adapters.db.backup import back_up, migrate_database, restore
from fleet_manager.adapters.db.migrate import newest_revision
from fleet_manager.core.errors import CampusFleetError


class NothingDone(CampusFleetError):
    """What was asked for would overwrite something."""


def backup_command(url: str, target: Path, *, overwrite: bool, as_json: bool) -> None:
    """Write a backup and say what it holds.

    Raises:
        CampusFleetError: none was written; says what to do.
    """
    if target.exists() and not overwrite:
        raise NothingDone(f"{target} exists", "give another file, or --overwrite")
    with Console(stderr=True).status(f"writing {target}"):
        made = back_up(url, target)
    document = {
        "file": str(made.file),
        "events": made.events,
        "revision": made.revision,
        "bytes": made.bytes,
    }
    text = f"{made.file}: {made.events} events, {made.bytes / 1e6:.1f} MB, whole"
    _say(document, text, as_json=as_json)


def restore_command(url: str, backup: Path, *, as_json: bool) -> None:
    """Put a backup in the place of the database and say where that is kept.

    Raises:
        CampusFleetError: nothing was changed; says what to do.
    """
    with Console(stderr=True).status(f"restoring {backup}"):
        found, kept = restore(url, backup)
    document = {
        "file": str(backup),
        "events": found.events,
        "revision": found.revision,
        "kept": None if kept is None else str(kept),
    }
    was = "" if kept is None else f"; what was there is kept as {kept}"
    _say(document, f"restored {found.events} events{was}", as_json=as_json)


def migrate_command(url: str, *, dry_run: bool, as_json: bool) -> None:
    """Bring the tables to this version and say from where to where.

    Raises:
        CampusFleetError: nothing was changed; says what to do.
    """
    before, after = asyncio.run(migrate_database(url, dry_run=dry_run))
    newest = newest_revision()
    document = {"before": before or None, "after": after or None, "newest": newest}
    if before == newest:
        text = f"nothing to do: the tables are at {newest}"
    elif dry_run:
        text = f"the tables are at {before or 'nothing'}; `fleet migrate` brings them to {newest}"
    else:
        text = f"the tables were at {before or 'nothing'} and are at {after}"
    _say(document, text, as_json=as_json)


def _say(document: dict[str, Any], text: str, *, as_json: bool) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2) if as_json else text)
