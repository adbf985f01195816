"""Open-RMF's demo buildings: as much of everything as their files have, and readable maps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from fleet_manager.adapters.maps.formats import Imported, ImportOptions
from fleet_manager.adapters.maps.formats.rmf import read
from fleet_manager.core.campus import Campus, PassageKind, Role
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.errors import MapError

pytestmark = pytest.mark.external


@pytest.fixture(scope="module", params=["campus", "office"])
def source(request: pytest.FixtureRequest, reference_data: Path) -> Path:
    return reference_data / "rmf" / "building_maps" / f"{request.param}.building.yaml"


@pytest.fixture(scope="module")
def building(source: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def imported(source: Path) -> Imported:
    return read(source, ImportOptions(campus_id="demo"))


@pytest.fixture(scope="module")
def campus(imported: Imported) -> Campus:
    return campus_from_geojson(imported.document)


def all_of(building: dict[str, Any], key: str) -> list[Any]:
    return [each for level in building["levels"].values() for each in level.get(key) or []]


@pytest.mark.parametrize("key", ["vertices", "lanes", "doors", "walls", "floors", "models"])
def test_counts_are_those_of_the_file(
    building: dict[str, Any], imported: Imported, key: str
) -> None:
    assert imported.counts[key] == len(all_of(building, key))


def test_chargers_are_docks(building: dict[str, Any], imported: Imported, campus: Campus) -> None:
    marked = [
        vertex
        for vertex in all_of(building, "vertices")
        if len(vertex) > 4 and vertex[4].get("is_charger", [4, False])[1]
    ]
    assert imported.counts["is_charger"] == len(marked)
    assert len(campus.docks) == len(marked)
    assert {each.role for each in campus.docks} == {Role.DOCK}


def test_doors_and_walls_are_kept(building: dict[str, Any], campus: Campus) -> None:
    doors = [each for each in campus.passages.values() if each.kind is PassageKind.DOOR]
    assert len(doors) == len(all_of(building, "doors"))
    assert len(campus.walls) == len(all_of(building, "walls"))


def test_a_truncated_file_is_refused(source: Path, tmp_path: Path) -> None:
    text = source.read_text(encoding="utf-8")
    remedies: list[str] = []
    for part in range(1, 40):
        cut = tmp_path / "cut.building.yaml"
        cut.write_text(text[: len(text) * part // 40], encoding="utf-8")
        try:
            campus_from_geojson(read(cut, ImportOptions(campus_id="cut")).document)
        except MapError as error:
            remedies.append(error.remedy)
    assert all(remedies)
