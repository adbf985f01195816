"""Exported as a Nav2 or LIF graph and imported again, a campus gives robots the same graph."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.adapters.maps.formats import (
    FORMATS,
    ExportOptions,
    ImportOptions,
    detect,
    reader,
    writer,
)
from fleet_manager.core.campus import Campus
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.errors import MapError, UnknownFeature
from fleet_manager.core.map_differences import graph_differences
from tests.unit.campus_documents import find, tiny_document
from tests.unit.formats.random_campuses import campus_documents

GRAPHS = ("nav2", "lif")


def exported(campus: Campus, name: str, folder: Path, **options: Any) -> Path:
    files = writer(FORMATS[name])(campus, ExportOptions(**options))
    ((file_name, pieces),) = files.items()
    file = folder / file_name
    file.write_bytes(b"".join(pieces))
    return file


def imported(file: Path, name: str) -> Campus:
    return campus_from_geojson(reader(FORMATS[name])(file, ImportOptions("again")).document)


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("campus_name", ["canalside", "xixi"])
def test_campuses_keep_their_graph(name: str, campus_name: str, root: Path, tmp_path: Path) -> None:
    folder = root / "maps" / campus_name
    campus = load_campus(folder)
    file = exported(campus, name, tmp_path, fleet=load_fleet(folder))
    assert detect(file).name == name
    again = imported(file, name)
    assert len(again.lanes) == len(campus.lanes) > 0
    assert graph_differences(campus, again) == ()
    assert again.anchor == campus.anchor
    assert again.timezone == campus.timezone
    assert again.weather_rules == campus.weather_rules


@pytest.mark.parametrize("name", GRAPHS)
def test_a_tiny_campus_keeps_its_graph(name: str, tmp_path: Path) -> None:
    campus = campus_from_geojson(tiny_document())
    assert graph_differences(campus, imported(exported(campus, name, tmp_path), name)) == ()


@pytest.mark.parametrize("name", GRAPHS)
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(document=campus_documents())
def test_any_campus_keeps_its_graph(name: str, document: Any, tmp_path: Path) -> None:
    campus = campus_from_geojson(document)
    assert graph_differences(campus, imported(exported(campus, name, tmp_path), name)) == ()


@pytest.mark.parametrize("name", GRAPHS)
def test_the_same_map_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    campus = campus_from_geojson(tiny_document())
    first = exported(campus, name, tmp_path).read_bytes()
    assert exported(campus, name, tmp_path).read_bytes() == first


@pytest.mark.parametrize("name", GRAPHS)
def test_an_unknown_level_is_named(name: str) -> None:
    campus = campus_from_geojson(tiny_document())
    with pytest.raises(UnknownFeature, match="attic"):
        writer(FORMATS[name])(campus, ExportOptions(level="attic"))


@pytest.mark.parametrize("name", GRAPHS)
def test_a_map_without_lanes_is_refused(name: str) -> None:
    document = tiny_document()
    document["features"] = [
        each for each in document["features"] if each["properties"]["feature"] != "lane"
    ]
    with pytest.raises(MapError, match="no lane"):
        writer(FORMATS[name])(campus_from_geojson(document), ExportOptions())


def test_a_route_server_can_drive_the_corners_of_a_lane(tmp_path: Path) -> None:
    document = tiny_document()
    find(document, "west-middle")["geometry"]["coordinates"] = [[0, 0], [5, 8], [20, 0]]
    campus = campus_from_geojson(document)
    graph = json.loads(exported(campus, "nav2", tmp_path).read_text())
    nodes = [each for each in graph["features"] if each["geometry"]["type"] == "Point"]
    edges = [each for each in graph["features"] if each not in nodes]
    # one corner; two edges more in each direction than lanes
    assert len(nodes) == len(campus.waypoints) + 1
    assert len(edges) == len(campus.lanes) + 2
    ids = [each["properties"]["id"] for each in graph["features"]]
    assert ids == list(range(len(ids)))
    for edge in edges:
        metadata = edge["properties"]["metadata"]
        assert isinstance(metadata["abs_speed_limit"], float)
        assert None not in metadata["lane"].values()


def test_a_node_moved_and_an_edge_taken_out_elsewhere_are_seen(tmp_path: Path) -> None:
    campus = campus_from_geojson(tiny_document())
    file = exported(campus, "nav2", tmp_path)
    graph = json.loads(file.read_text())
    graph["features"][0]["geometry"]["coordinates"] = [0.0, 1.0]
    graph["features"] = [
        each
        for each in graph["features"]
        if each["properties"]["metadata"].get("lane", {}).get("id") != "middle-east~"
    ]
    file.write_text(json.dumps(graph))
    found = {
        (each.kind, each.id): each for each in graph_differences(campus, imported(file, "nav2"))
    }
    assert found["waypoint", "west"].moved_m == 1.0
    assert found["lane", "middle-east~"].change == "removed"
    assert found["lane", "middle-east"].properties == {"reverse": ("middle-east~", None)}


def _damaged(document: Any, dice: random.Random) -> Any:
    """A copy with one to three values removed, replaced or moved somewhere in it."""
    document = copy.deepcopy(document)
    wrong = (None, -1, 1e308, 10**30, "", "x", [], {}, True, [[]], {"id": 3})
    for _ in range(dice.randint(1, 3)):
        places: list[tuple[Any, Any]] = []
        stack = [document]
        while stack:
            holder = stack.pop()
            keys = holder if isinstance(holder, dict) else range(len(holder))
            for key in keys:
                places.append((holder, key))
                if isinstance(holder[key], dict | list):
                    stack.append(holder[key])
        holder, key = dice.choice(places)
        if dice.random() < 0.3:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(dice.choice(wrong))
        if not document:
            break
    return document


@pytest.mark.parametrize("name", GRAPHS)
def test_damaged_files_are_refused_or_read_but_never_more(name: str, tmp_path: Path) -> None:
    file = exported(campus_from_geojson(tiny_document()), name, tmp_path)
    sound = json.loads(file.read_text())
    refused = 0
    for seed in range(400):
        file.write_text(json.dumps(_damaged(sound, random.Random(seed))))
        try:
            imported(file, name)
        except MapError as error:
            if str(file) not in str(error) or not error.remedy:
                pytest.fail(f"seed {seed}: {error}; {error.remedy}")
            refused += 1
        except Exception as error:
            pytest.fail(f"seed {seed}: {type(error).__name__}: {error}")
    assert refused > 100


@pytest.mark.parametrize("name", GRAPHS)
def test_bytes_cut_and_changed_are_refused_or_read_but_never_more(
    name: str, tmp_path: Path
) -> None:
    file = exported(campus_from_geojson(tiny_document()), name, tmp_path)
    sound = file.read_bytes()
    for seed in range(200):
        dice = random.Random(seed)
        data = bytearray(sound[: dice.randint(0, len(sound))] if seed % 2 else sound)
        for _ in range(dice.randint(1, 8)):
            if data:
                data[dice.randrange(len(data))] = dice.randrange(256)
        file.write_bytes(bytes(data))
        try:
            imported(file, name)
        except MapError:
            continue
        except Exception as error:
            pytest.fail(f"seed {seed}: {type(error).__name__}: {error}")
