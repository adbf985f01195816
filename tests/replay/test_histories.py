"""Every log that a released version wrote is read by this one, for ever."""

from __future__ import annotations

import json
import lzma
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fleet_manager import __version__
from fleet_manager.adapters.db import SqlEventStore, open_store
from fleet_manager.adapters.maps import load_fleet
from fleet_manager.app.fleet_gate import FleetGate
from fleet_manager.app.map_library import expanded
from fleet_manager.app.snapshots import restored
from fleet_manager.core.campus_geojson import campus_from_geojson
from tests.replay.boundaries import ends_at_every_event
from tests.replay.record import HISTORIES, facts_of

pytestmark = pytest.mark.anyio

VERSIONS = sorted(each.name for each in HISTORIES.iterdir())


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def opened(version: str, folder: Path) -> SqlEventStore:
    """The database of a version, brought to the tables of today."""
    file = folder / "fleet.db"
    text = lzma.decompress((HISTORIES / version / "fleet.sql.xz").read_bytes()).decode()
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(text)
    return await open_store(f"sqlite+aiosqlite:///{file}")


async def gate_of(version: str, store: SqlEventStore) -> FleetGate:
    """The core, with the fleet and the maps that the version had."""
    documents = await store.map_documents()
    first = json.loads(expanded(next(iter(documents.values()))))
    gate = FleetGate(campus_from_geojson(first), load_fleet(HISTORIES / version / "fleet.yaml"))
    for name, document in documents.items():
        gate.library.put(name, document)
    return gate


def test_this_version_has_its_history() -> None:
    assert __version__ in VERSIONS, "python -m tests.replay.record, and keep what it writes"


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_history_gives_what_it_gave_when_it_was_written(
    version: str, tmp_path: Path
) -> None:
    store = await opened(version, tmp_path)
    gate = await gate_of(version, store)
    found = await restored(gate, store)
    facts = json.loads((HISTORIES / version / "facts.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(facts_of(found.state))) == facts
    assert found.seq == store.last_seq > 1000
    await store.close()


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_manager_that_ends_at_any_event_of_a_history_is_followed_by_another(
    version: str, tmp_path: Path
) -> None:
    """Every boundary of the stored hours: the next manager goes on from it, by log or snapshot."""
    store = await opened(version, tmp_path)
    gate = await gate_of(version, store)
    records = [record async for record in store.replay()]
    await store.close()
    assert ends_at_every_event(gate, records) == len(records)
