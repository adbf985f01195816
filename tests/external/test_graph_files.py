"""Other people's Nav2 and LIF files, and the published LIF schema."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.adapters.maps.formats import (
    FORMATS,
    ExportOptions,
    ImportOptions,
    detect,
    reader,
    writer,
)
from fleet_manager.core.campus_geojson import campus_from_geojson

pytestmark = pytest.mark.external


@pytest.mark.parametrize("name", ["aws_graph", "sample_graph"])
def test_graphs_of_nav2_are_read_whole(reference_data: Path, name: str) -> None:
    file = reference_data / "nav2" / f"{name}.geojson"
    assert detect(file).name == "nav2"
    features = json.loads(file.read_text())["features"]
    points = [each for each in features if each["geometry"]["type"] == "Point"]
    found = reader(FORMATS["nav2"])(file, ImportOptions("nav2"))
    assert found.counts == {"nodes": len(points), "edges": len(features) - len(points)}
    campus = campus_from_geojson(found.document)
    assert len(campus.waypoints) == len(points)
    ends = {
        (each["properties"]["startid"], each["properties"]["endid"])
        for each in features
        if each not in points
    }
    # an edge from a node to itself leads nowhere
    led = {(f"nav2_{a}", f"nav2_{b}") for a, b in ends if a != b}
    assert {(each.start, each.end) for each in campus.lanes.values()} == led


def test_the_example_of_lif_is_read_whole(reference_data: Path) -> None:
    file = reference_data / "lif" / "example.lif.json"
    layouts = json.loads(file.read_text())["layouts"]
    found = reader(FORMATS["lif"])(file, ImportOptions("lif"))
    assert found.counts == {
        "layouts": len(layouts),
        **{
            what: sum(len(each[what]) for each in layouts)
            for what in ("nodes", "edges", "stations")
        },
    }
    campus = campus_from_geojson(found.document)
    assert campus.lanes["edge-001"].speed_limit_mps == 1.5
    assert campus.lanes["edge-002"].kinds == {"vehicle-002"}
    assert campus.waypoints["node-003"].level == "level-002"


@pytest.mark.parametrize(
    ("schema", "campus_name"),
    [
        ("lif-schema.v1.continua.json", "canalside"),
        ("lif-schema.v1.continua.json", "xixi"),
        ("LIF.v2-draft.schema", "canalside"),
    ],
)
def test_written_lif_keeps_to_the_schema(
    reference_data: Path, root: Path, schema: str, campus_name: str
) -> None:
    folder = root / "maps" / campus_name
    options = ExportOptions(fleet=load_fleet(folder))
    ((_, pieces),) = writer(FORMATS["lif"])(load_campus(folder), options).items()
    validator = Draft7Validator(
        json.loads((reference_data / "lif" / schema).read_text(encoding="utf-8"))
    )
    errors = validator.iter_errors(json.loads(b"".join(pieces)))
    assert [error.message for error in errors] == []
