"""Open-RMF's demo buildings: as many of everything as counted in the YAML, to scale, usable."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml

from fleet_manager.adapters.maps.formats import Imported, ImportOptions
from fleet_manager.adapters.maps.formats.rmf import read
from fleet_manager.core.campus import Campus, PassageKind, Role
from fleet_manager.core.campus_geojson import campus_from_geojson

pytestmark = pytest.mark.external

Building = tuple[dict[str, Any], Imported, Campus]


@pytest.fixture(scope="module", params=["office", "campus"])
def building(request: pytest.FixtureRequest, reference_data: Path) -> Building:
    return _read(reference_data, request.param)


@pytest.fixture(scope="module")
def office(reference_data: Path) -> Building:
    return _read(reference_data, "office")


@pytest.fixture(scope="module")
def campus(reference_data: Path) -> Building:
    return _read(reference_data, "campus")


def _read(data: Path, name: str) -> Building:
    file = data / "rmf" / "building_maps" / f"{name}.building.yaml"
    imported = read(file, ImportOptions(campus_id=name))
    source = yaml.safe_load(file.read_text(encoding="utf-8"))
    return source, imported, campus_from_geojson(imported.document)


def _flagged(source: dict[str, Any], flag: str) -> int:
    return sum(
        len(vertex) > 4 and vertex[4].get(flag) == [4, True]
        for level in source["levels"].values()
        for vertex in level["vertices"]
    )


def test_counts_are_those_of_the_yaml(building: Building) -> None:
    source, imported, _ = building
    levels = source["levels"].values()
    for key in ("vertices", "lanes", "doors", "walls", "floors", "models", "measurements"):
        assert imported.counts[key] == sum(len(level.get(key, [])) for level in levels), key
    assert imported.counts["levels"] == len(levels)
    assert imported.counts["lifts"] == len(source["lifts"])
    for flag in ("is_charger", "is_parking_spot", "is_holding_point"):
        assert imported.counts[flag] == _flagged(source, flag), flag


def test_every_lane_leads_where_it_leads_in_the_source(building: Building) -> None:
    source, _, campus = building
    (name,) = source["levels"]
    for start, end, parameters in source["levels"][name]["lanes"]:
        ways = [(start, end)]
        if parameters["bidirectional"] == [4, True]:
            ways.append((end, start))
        for a, b in ways:
            at, behind = f"{name}_{a}", f"{name}_{b}"
            for _ in range(4):  # through the doors between
                onward = {lane.end for lane in campus.lanes.values() if lane.start == at}
                at = behind if behind in onward else _door_among(campus, onward, behind)
                if at == behind:
                    break
            assert at == behind


def _door_among(campus: Campus, waypoints: set[str], towards: str) -> str:
    doors = [each for each in waypoints if campus.waypoints[each].role is Role.DOOR]
    target = campus.waypoints[towards].xy
    return min(doors, key=lambda each: math.dist(campus.waypoints[each].xy, target))


def test_chargers_are_docks_and_places_to_wait_are_bays(building: Building) -> None:
    source, imported, campus = building
    assert len(campus.docks) == imported.counts["is_charger"]
    bays = sum(
        len(vertex) > 4
        and [4, True] in (vertex[4].get("is_parking_spot"), vertex[4].get("is_holding_point"))
        and vertex[4].get("is_charger") != [4, True]
        for level in source["levels"].values()
        for vertex in level["vertices"]
    )
    assert sum(each.role is Role.BAY for each in campus.waypoints.values()) == bays


def test_the_office_is_as_large_as_its_measurements_say(office: Building) -> None:
    source, _, campus = office
    level = source["levels"]["L1"]
    vertices = level["vertices"]
    scales = [
        row[2]["distance"][1] / math.dist(vertices[row[0]][:2], vertices[row[1]][:2])
        for row in level["measurements"]
    ]
    scale_m = sum(scales) / len(scales)
    start, end, _ = level["lanes"][0]
    length_m = math.dist(campus.waypoints[f"L1_{start}"].xy, campus.waypoints[f"L1_{end}"].xy)
    expected_m = scale_m * math.dist(vertices[start][:2], vertices[end][:2])
    assert length_m == pytest.approx(expected_m, abs=0.002)  # two coordinates of 1 mm


def test_the_doors_of_the_office_are_passages_on_their_lanes(office: Building) -> None:
    source, _, campus = office
    names = {row[2]["name"][1] for row in source["levels"]["L1"]["doors"]}
    doors = {each.id for each in campus.passages.values() if each.kind is PassageKind.DOOR}
    assert doors == names
    used = {each.passage for each in campus.waypoints.values() if each.role is Role.DOOR}
    assert used <= names
    assert used


def test_the_campus_lies_where_its_degrees_say(campus: Building) -> None:
    source, imported, site = campus
    assert imported.document["campus"]["anchor"]["latitude_deg"] == pytest.approx(1.301, abs=0.01)
    vertices = source["levels"]["L1"]["vertices"]
    start, end, _ = source["levels"]["L1"]["lanes"][0]
    # Metres for a degree at 1.3° north: of the meridian 110 574 + 12 sin²…, of the parallel
    # 111 320 cos(latitude); either is right to 0.1 % here.
    north_m = (vertices[end][1] - vertices[start][1]) * 110_575
    east_m = (vertices[end][0] - vertices[start][0]) * 111_320 * math.cos(math.radians(1.3))
    a, b = site.waypoints[f"L1_{start}"].xy, site.waypoints[f"L1_{end}"].xy
    assert b[0] - a[0] == pytest.approx(east_m, rel=0.001, abs=0.003)
    assert b[1] - a[1] == pytest.approx(north_m, rel=0.001, abs=0.003)


def test_robots_start_at_their_chargers(building: Building) -> None:
    _, imported, campus = building
    assert imported.fleet is not None
    docks = {each.id for each in campus.docks}
    assert {robot["home"] for robot in imported.fleet["robots"]} <= docks
