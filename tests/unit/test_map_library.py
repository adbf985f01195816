"""Versions of the map: many may be published, few are held in memory, all can be read."""

from __future__ import annotations

import gc
import json
import weakref
from pathlib import Path

import pytest

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.app.fleet_gate import FleetGate
from fleet_manager.app.map_library import SITES_KEPT, MapLibrary, expanded
from fleet_manager.core.campus import Campus
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.commands import StartManager
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.map_commands import AddClosure, PublishMap
from fleet_manager.core.per_campus import per_campus

PUBLISHED = 3 * SITES_KEPT


@pytest.fixture(scope="module")
def campus(root: Path) -> Campus:
    return load_campus(root / "maps/canalside")


@pytest.fixture(scope="module")
def fleet(root: Path, campus: Campus) -> FleetConfig:
    return load_fleet(root / "maps/canalside/fleet.yaml", campus)


def noted(campus: Campus, note: str) -> Campus:
    """The same map with another note: another version."""
    document = json.loads(json.dumps(campus.document))
    document["campus"]["note"] = note
    return campus_from_geojson(document)


def test_maps_that_are_no_longer_in_use_are_let_go(campus: Campus, fleet: FleetConfig) -> None:
    gate = FleetGate(campus, fleet)
    state = gate.initial()

    def do(command: object) -> None:
        for event in gate.decide(state, command, 1_800_000_000.0):  # type: ignore[arg-type]
            gate.apply(state, event)

    do(StartManager(1))
    do(AddClosure(zones=("plaza_a_west",)))
    versions, alive = [], []
    for number in range(PUBLISHED):
        new = noted(campus, f"number {number}")
        gate.library.add(new)
        do(PublishMap(new.version))
        versions.append(new.version)
        alive.append(weakref.ref(new))
        assert state.site.campus.version == new.version
        assert state.restrictions["security"].zones == {"plaza_a_west"}
        del new
    gc.collect()
    assert sum(each() is not None for each in alive) <= SITES_KEPT
    for version in versions:
        assert gate.library[version].campus.version == version
    assert len(gate.library) == PUBLISHED + 1


def test_a_version_that_was_let_go_has_the_same_document(
    campus: Campus, fleet: FleetConfig
) -> None:
    library = MapLibrary(fleet)
    library.add(campus)
    for number in range(SITES_KEPT):
        library.add(noted(campus, f"number {number}"))
    assert campus.version in library
    assert json.loads(expanded(library.document(campus.version))) == campus.document
    assert library[campus.version].campus is not campus


def test_what_is_worked_out_for_a_campus_is_worked_out_once(campus: Campus) -> None:
    asked: list[tuple[str, str]] = []

    @per_campus
    def name_of(campus: Campus, what: str) -> str:
        asked.append((campus.version, what))
        return f"{campus.name} {what}"

    other = noted(campus, "other")
    for _ in range(2):
        assert name_of(campus, "a") == "Canalside a"
        assert name_of(campus, "b") == "Canalside b"
        assert name_of(other, "a") == "Canalside a"
    assert asked == [(campus.version, "a"), (campus.version, "b"), (other.version, "a")]
