"""The openTCS demo plant: as many of everything as its XML has, and a map that can be read."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from fleet_manager.adapters.maps.formats import Imported, ImportOptions
from fleet_manager.adapters.maps.formats.opentcs import read
from fleet_manager.core.campus import Campus, Role
from fleet_manager.core.campus_geojson import campus_from_geojson

pytestmark = pytest.mark.external


@pytest.fixture(scope="module")
def source(reference_data: Path) -> Path:
    return reference_data / "opentcs" / "Demo-01.xml"


@pytest.fixture(scope="module")
def imported(source: Path) -> Imported:
    return read(source, ImportOptions(campus_id="demo"))


@pytest.fixture(scope="module")
def campus(imported: Imported) -> Campus:
    return campus_from_geojson(imported.document)


def test_counts_are_those_of_the_xml(source: Path, imported: Imported) -> None:
    text = source.read_text(encoding="utf-8")
    tags = ("point", "path", "locationType", "location", "block", "vehicle")
    assert imported.counts == {tag: len(re.findall(rf"<{tag}\s", text)) for tag in tags}
    assert imported.counts["point"] == 59


def test_points_are_waypoints_and_paths_lanes(campus: Campus, imported: Imported) -> None:
    assert len(campus.waypoints) == imported.counts["point"]
    assert len({lane.feature_id for lane in campus.lanes.values()}) == imported.counts["path"]
    assert campus.waypoints["Point-0001"].xy == (31.0, 11.0)


def test_points_that_recharge_are_docks_and_other_parking_points_bays(
    source: Path, campus: Campus
) -> None:
    text = source.read_text(encoding="utf-8")
    stations = re.findall(r'type="Recharge station">\s*<link point="([^"]+)"', text)
    parking = re.findall(r'<point name="([^"]+)"[^>]*type="PARK_POSITION"', text)
    roles = {
        role: {each.id for each in campus.waypoints.values() if each.role is role} for role in Role
    }
    assert roles[Role.DOCK] == set(stations)
    assert roles[Role.BAY] == set(parking) - set(stations)


def test_members_of_a_block_are_one_resource(source: Path, campus: Campus) -> None:
    text = source.read_text(encoding="utf-8")
    members = Counter(re.findall(r'<member name="([^"]+)"', text)).total()
    held = Counter(lane.resource for lane in campus.lanes.values() if lane.resource)
    assert set(held) == {"block_Block-0002", "block_Block-0004"}
    assert held.total() == members


def test_vehicles_become_robots_with_the_docks_as_homes(imported: Imported) -> None:
    assert imported.fleet is not None
    robots = imported.fleet["robots"]
    assert len(robots) == imported.counts["vehicle"]
    assert len({robot["home"] for robot in robots}) == len(robots)
    (kind,) = imported.fleet["kinds"].values()
    assert kind["max_speed_mps"] == 1.0
    assert kind["footprint_radius_m"] == pytest.approx(0.7071, abs=0.001)  # of a 1 m square
