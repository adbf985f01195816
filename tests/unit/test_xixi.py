"""The Xixi campus: as large and as full as it has to be, and what its plan gives."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import networkx as nx
import pytest
from shapely.geometry import Point, Polygon
from typer.testing import CliRunner

from fleet_manager.adapters.maps import load_campus, load_fleet, load_schedules
from fleet_manager.adapters.maps.facts import campus_facts
from fleet_manager.adapters.maps.generator.build import build_document, document_text
from fleet_manager.adapters.maps.generator.plan import load_plan
from fleet_manager.cli_map import app
from fleet_manager.core.campus import Campus, Cover, Role
from fleet_manager.core.config import FleetConfig

LEAST = {
    "building": 40,
    "waypoint": 3000,
    "lane": 5000,
    "zone": 200,
    "asset": 600,
    "camera": 120,
    "station": 40,
    "muster_point": 12,
    "part": 3,
    "crossing": 2,
}
"""How many features of each kind the site has to have."""


@pytest.fixture(scope="module")
def xixi(root: Path) -> Path:
    return root / "maps" / "xixi"


@pytest.fixture(scope="module")
def document(xixi: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((xixi / "campus.geojson").read_text())
    return found


@pytest.fixture(scope="module")
def campus(xixi: Path) -> Campus:
    return load_campus(xixi)


@pytest.fixture(scope="module")
def fleet(xixi: Path, campus: Campus) -> FleetConfig:
    return load_fleet(xixi, campus)


def of(document: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    return (each for each in document["features"] if each["properties"]["feature"] == kind)


def test_the_site_has_enough_of_everything(document: dict[str, Any]) -> None:
    counts = Counter(each["properties"]["feature"] for each in document["features"])
    assert {kind: counts[kind] for kind in LEAST if counts[kind] < LEAST[kind]} == {}
    resting = [
        each for each in of(document, "waypoint") if each["properties"]["role"] in {"bay", "dock"}
    ]
    assert len(resting) >= 150
    tall = [
        each for each in of(document, "building") if len(each["properties"].get("levels", [])) > 1
    ]
    assert len(tall) >= 8
    kinds = {each["properties"]["kind"] for each in of(document, "asset")}
    assert kinds == {"extinguisher", "hydrant", "exit", "aed", "electrical_panel"}
    assert all(each["properties"]["due_interval_days"] > 0 for each in of(document, "asset"))


def test_the_site_covers_two_square_kilometres(document: dict[str, Any]) -> None:
    boundary = next(of(document, "boundary"))
    area_km2 = Polygon(boundary["geometry"]["coordinates"][0]).area / 1e6
    assert area_km2 == pytest.approx(2.01, rel=0.01)
    assert document["campus"]["anchor"]["latitude_deg"] == pytest.approx(30.28, abs=0.05)
    assert document["campus"]["anchor"]["longitude_deg"] == pytest.approx(120.03, abs=0.05)
    assert "not a survey" in document["campus"]["note"]


def test_info_gives_the_numbers_that_the_file_has(xixi: Path, document: dict[str, Any]) -> None:
    result = CliRunner().invoke(app, ["info", str(xixi), "--json"], catch_exceptions=False)
    facts = json.loads(result.stdout)
    counts = Counter(each["properties"]["feature"] for each in document["features"])
    for key, kind in (("waypoints", "waypoint"), ("lanes", "lane"), ("buildings", "building")):
        assert facts[key] == counts[kind]
    for key, kind in (("zones", "zone"), ("assets", "asset"), ("cameras", "camera")):
        assert facts[key] == counts[kind]
    assert facts["stations"] == counts["station"]
    assert facts["levels"] == len(document["campus"]["levels"])
    assert facts["area_km2"] == pytest.approx(2.01, rel=0.01)


def test_lanes_say_everything_about_themselves(campus: Campus) -> None:
    facts = campus_facts(campus)
    assert set(facts["lanes_by_structure"]) == {"bridge", "none", "ramp", "underpass"}
    assert set(facts["lanes_by_direction"]) == {"both", "forward"}
    for key in ("lanes_for_some_kinds", "indoor_lanes", "sloping_lanes"):
        assert facts[key] > 20, key


def test_parts_cover_the_campus(campus: Campus) -> None:
    assert campus.boundary is not None
    parts = [each.polygon for each in campus.parts.values()]
    assert sum(each.area for each in parts) == pytest.approx(campus.boundary.area, rel=1e-3)
    sectors = [each.polygon for each in campus.sectors.values()]
    assert sum(each.area for each in sectors) == pytest.approx(campus.boundary.area, rel=1e-2)
    assert {each.cover for each in campus.ground.values()} >= {Cover.WATER, Cover.PUBLIC_ROAD}


def test_the_map_is_what_its_plan_gives(xixi: Path) -> None:
    built = document_text(build_document(load_plan(xixi / "plan.yaml")))
    assert built == (xixi / "campus.geojson").read_text()


def test_the_map_keeps_its_schema(root: Path, document: dict[str, Any]) -> None:
    schema = json.loads((root / "fleet_manager/adapters/maps/campus.schema.json").read_text())
    some = {**document, "features": document["features"][::25]}
    jsonschema.validate(some, schema)


def test_every_bay_reaches_every_bay_past_all_others(campus: Campus, fleet: FleetConfig) -> None:
    for kind in fleet.kinds:
        graph = campus.graph_for(kind)
        streets = graph.subgraph([each for each in graph if not campus.waypoints[each].is_bay])
        main = max(nx.strongly_connected_components(streets), key=len)
        assert len(main) == len(streets)
        for bay in campus.bays:
            assert set(graph.successors(bay.id)) & main, bay.id
            assert set(graph.predecessors(bay.id)) & main, bay.id


def test_every_level_of_a_building_has_lifts_bays_and_a_door(campus: Campus) -> None:
    tall = [each for each in campus.buildings.values() if len(each.levels) > 1]
    ramps = [each for each in campus.lanes.values() if each.structure == "ramp"]
    assert len({each.id.split("_")[1] for each in ramps if each.indoor}) >= 2
    for building in tall:
        inside = [
            each
            for each in campus.waypoints.values()
            if building.polygon.buffer(0.1).contains(Point(each.xy))
        ]
        for level in building.levels:
            roles = Counter(each.role for each in inside if each.level == level)
            assert roles[Role.LIFT] >= 1, (building.name, level)
            assert roles[Role.BAY] >= 2, (building.name, level)
        assert sum(each.role is Role.DOOR for each in inside) >= 2, building.name
        entrances = [each for each in campus.entrances.values() if each.building == building.id]
        assert all(each.door for each in entrances), building.name


def test_every_building_has_an_entrance_and_every_part_its_yards(campus: Campus) -> None:
    entered = {each.building for each in campus.entrances.values()}
    assert entered == set(campus.buildings)
    docks = Counter(
        part.id
        for dock in campus.docks
        for part in campus.parts.values()
        if part.polygon.covers(Point(dock.xy))
    )
    assert len(docks) == 3
    assert min(docks.values()) >= 12


def test_homes_and_schedules_are_of_the_map(xixi: Path, campus: Campus, fleet: FleetConfig) -> None:
    assert Counter(each.kind for each in fleet.robots.values()) == {
        "security": 4,
        "cleaning": 4,
        "safety": 4,
    }
    assert all(campus.waypoint(each.home).level == "ground" for each in fleet.robots.values())
    schedules = load_schedules(xixi, campus)
    assert {each.request["category"] for each in schedules} == {"patrol", "clean", "inspect"}
