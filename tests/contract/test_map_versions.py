"""What is kept of published maps, and what the map file means at each start of a manager."""

from __future__ import annotations

import asyncio
import copy
from pathlib import Path
from typing import Any

import pytest

from fleet_manager.adapters.db import open_store
from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.app.clock import FleetClock
from fleet_manager.app.fleet_gate import FleetGate
from fleet_manager.app.loop import FleetLoop
from fleet_manager.app.map_file import commands_of_map_file
from fleet_manager.core.campus import Campus
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.map_commands import PublishMap
from fleet_manager.ports import MapRow
from tests.contract.ledger import START_S, ScriptedClock, ScriptedLink

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def campus(root: Path) -> Campus:
    return load_campus(root / "maps/canalside")


@pytest.fixture(scope="module")
def fleet(root: Path, campus: Campus) -> FleetConfig:
    return load_fleet(root / "maps/canalside/fleet.yaml", campus)


def noted(campus: Campus, note: str) -> Campus:
    """The same campus as another version."""
    document: dict[str, Any] = copy.deepcopy(dict(campus.document))
    document["campus"]["note"] = note
    return campus_from_geojson(document)


async def one_run(
    folder: Path,
    file: Campus,
    fleet: FleetConfig,
    *,
    from_file: bool = False,
    publish: Campus | None = None,
) -> tuple[str, list[MapRow]]:
    """Start a manager with a map file, publish a map, end: version in use, and publications."""
    store = await open_store(f"sqlite+aiosqlite:///{folder / 'fleet.db'}")
    gate = FleetGate(file, fleet)
    asks = await commands_of_map_file(store, gate.library, file, from_file=from_file)
    loop: Any = FleetLoop(gate, store, ScriptedLink(), FleetClock(ScriptedClock(), START_S))
    await loop.start()
    running = asyncio.create_task(loop.run())
    try:
        for identifier, command in asks.commands:
            await loop.submit(command, actor="files", command_id=identifier)
        if publish is not None:
            gate.library.add(publish)
            command = PublishMap(publish.version, "planner", "by hand")
            await loop.submit(command, actor="planner")
        assert loop.state.site.campus.version == loop.state.map.version
        rows = list(await store.map_versions())
        return loop.state.map.version, rows
    finally:
        loop.stop()
        await running
        await store.close()


async def test_the_first_start_publishes_the_file_and_a_second_does_not(
    tmp_path: Path, campus: Campus, fleet: FleetConfig
) -> None:
    for _ in range(2):
        version, rows = await one_run(tmp_path, campus, fleet)
        assert version == campus.version
        (row,) = rows
        assert (row.number, row.published_by, row.source) == (1, "files", "files")


async def test_a_changed_file_is_a_new_version_while_files_lead(
    tmp_path: Path, campus: Campus, fleet: FleetConfig
) -> None:
    await one_run(tmp_path, campus, fleet)
    second = noted(campus, "second")
    version, rows = await one_run(tmp_path, second, fleet)
    assert version == second.version
    assert [row.parent for row in rows] == [campus.version, ""]


async def test_a_map_published_by_a_person_stays_until_the_file_is_asked_for(
    tmp_path: Path, campus: Campus, fleet: FleetConfig
) -> None:
    mine, changed = noted(campus, "mine"), noted(campus, "changed file")
    await one_run(tmp_path, campus, fleet, publish=mine)
    version, rows = await one_run(tmp_path, changed, fleet)
    assert version == mine.version
    assert rows[0].published_by == "planner"
    version, rows = await one_run(tmp_path, changed, fleet, from_file=True)
    assert version == changed.version
    assert [row.number for row in rows] == [3, 2, 1]


async def test_documents_are_kept_whole_for_ever(
    tmp_path: Path, campus: Campus, fleet: FleetConfig
) -> None:
    mine = noted(campus, "mine")
    await one_run(tmp_path, campus, fleet, publish=mine)
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path / 'fleet.db'}")
    try:
        kept = FleetGate(campus, fleet).library
        for version, document in (await store.map_documents()).items():
            kept.put(version, document)
        assert set(kept) == {campus.version, mine.version}
        assert kept[mine.version].campus.note == "mine"
        assert kept[mine.version].campus.version == mine.version
        (newest, _) = await store.map_versions()
        assert (newest.note, newest.time_s) == ("by hand", START_S)
    finally:
        await store.close()
