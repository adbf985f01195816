"""An exported Gazebo world is well formed, stands where the campus stands, and lets robots pass."""

from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import shapely
from defusedxml import ElementTree
from hypothesis import HealthCheck, given, settings
from shapely import affinity
from shapely.geometry import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from fleet_manager.adapters.maps import load_campus
from fleet_manager.adapters.maps.formats import FORMATS, ExportOptions, writer
from fleet_manager.adapters.maps.formats.sdf_text import Names, outlines
from fleet_manager.core.campus import Campus
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.errors import MapFormatError, UnknownFeature
from tests.two_levels import HEIGHT_M
from tests.two_levels import document as two_levels_document
from tests.unit.campus_documents import find, tiny_document
from tests.unit.formats.random_campuses import campus_documents

ROBOT_M = 0.3  # height of a robot above the floor that it stands on


@dataclass(frozen=True)
class Solid:
    """A collision: what it covers and between which heights."""

    model: str
    area: BaseGeometry
    low_m: float
    high_m: float


def world_text(campus: Campus, **options: Any) -> str:
    ((name, pieces),) = writer(FORMATS["sdf"])(campus, ExportOptions(**options)).items()
    assert name.endswith(".sdf")
    return b"".join(pieces).decode()


def numbers(element: Any) -> list[float]:
    return [float(each) for each in element.text.split()]


def solids(text: str) -> Iterator[Solid]:
    """Collisions of a world but the plane; of a tilted box, the box around it."""
    for model in ElementTree.fromstring(text).iter("model"):
        for collision in model.iter("collision"):
            x, y, z, roll, pitch, yaw = numbers(collision.find("pose"))
            assert roll == 0.0
            size, line = collision.find("geometry/box/size"), collision.find("geometry/polyline")
            if size is not None:
                length, wide, high = numbers(size)
                length = length * math.cos(pitch)
                half = high / 2 + length / 2 * abs(math.tan(pitch))
                flat = box(-length / 2, -wide / 2, length / 2, wide / 2)
                turned = affinity.rotate(flat, yaw, origin=(0, 0), use_radians=True)
                area = affinity.translate(turned, x, y)
                yield Solid(model.get("name"), area, z - half, z + half)
            elif line is not None:
                area = Polygon([numbers(each) for each in line.findall("point")])
                yield Solid(model.get("name"), area, z, z + float(line.findtext("height")))


@pytest.fixture(scope="module")
def two_levels() -> Campus:
    return campus_from_geojson(two_levels_document())


@pytest.mark.parametrize("campus_name", ["canalside", "xixi"])
def test_nothing_stands_on_a_lane_and_every_house_stands(campus_name: str, root: Path) -> None:
    campus = load_campus(root / "maps" / campus_name)
    found = list(solids(world_text(campus)))
    tree = shapely.STRtree([each.area for each in found])
    ramps = {lane.id for lane in campus.lanes.values() if lane.level != lane.end_level}
    for lane in campus.lanes.values():
        if lane.lift is not None or lane.id in ramps:
            continue
        floor_m = campus.levels[lane.level].elevation_m
        hit = [found[i] for i in tree.query(LineString(lane.points), predicate="intersects")]
        over = [s for s in hit if s.low_m < floor_m + ROBOT_M and s.high_m > floor_m + 0.05]
        assert {each.model for each in over} <= ramps, lane.id
    for house in campus.buildings.values():
        outline = house.polygon.exterior
        own = shapely.union_all([s.area for s in found if s.model == house.id])
        # doors and ramps take less than a tenth of its outline
        assert outline.intersection(own.buffer(0.02)).length > 0.9 * outline.length
        highest = max(each.high_m for each in found if each.model == house.id)
        base_m = campus.levels[house.level].elevation_m
        assert highest <= base_m + house.height_m + 1e-6


def test_a_floor_upstairs_carries_robots_and_is_open_over_the_lift(two_levels: Campus) -> None:
    found = list(solids(world_text(two_levels)))
    floors = shapely.union_all([s.area for s in found if math.isclose(s.high_m, HEIGHT_M)])
    for lane in two_levels.lanes.values():
        if lane.level == "l2" and lane.lift is None and "cabin_2" not in (lane.start, lane.end):
            assert floors.covers(LineString(lane.points)), lane.id
    cabin = two_levels.passages["lift"].shape
    assert not floors.buffer(-0.01).intersects(cabin)


def test_a_ramp_leads_from_floor_to_floor(root: Path) -> None:
    campus = load_campus(root / "maps" / "xixi")
    ramps = [
        lane
        for lane in campus.lanes.values()
        if lane.level != lane.end_level and lane.lift is None and "~" not in lane.id
    ]
    assert ramps
    found = list(solids(world_text(campus)))
    for lane in ramps:
        own = [each for each in found if each.model == lane.id]
        low_m, high_m = (campus.levels[x].elevation_m for x in (lane.level, lane.end_level))
        assert math.isclose(max(each.high_m for each in own), high_m, abs_tol=0.02)
        assert low_m - 0.2 < min(each.low_m for each in own) < low_m
        driven = shapely.union_all([each.area for each in own]).buffer(0.02)
        assert driven.covers(LineString(lane.points))
        floor = [each for each in found if each.model == f"floor_{lane.end_level}"]
        above = shapely.union_all([each.area for each in floor]).buffer(-0.05)
        assert not above.intersects(LineString(lane.points))


def test_doors_are_open(two_levels: Campus) -> None:
    found = list(solids(world_text(two_levels)))
    for passage in two_levels.passages.values():
        if passage.kind.value == "door":
            leaf = passage.shape.interpolate(0.5, normalized=True).buffer(0.5)
            hit = [s for s in found if s.area.intersects(leaf) and s.high_m > 0.05]
            assert [each.model for each in hit if each.low_m < 2.0] == []


def test_one_level_is_written_alone(two_levels: Campus) -> None:
    text = world_text(two_levels, level="l2")
    plane = ElementTree.fromstring(text).find(".//model[@name='ground_plane']//pose")
    assert numbers(plane)[2] == HEIGHT_M
    with pytest.raises(UnknownFeature, match="cellar"):
        world_text(two_levels, level="cellar")
    document = tiny_document()
    document["features"] = [
        each for each in document["features"] if each["properties"]["feature"] == "boundary"
    ]
    with pytest.raises(MapFormatError, match="nothing lies"):
        world_text(campus_from_geojson(document))


def test_ids_are_escaped_and_names_differ() -> None:
    document = tiny_document()
    find(document, "house")["id"] = 'a<b>&"c"::d'
    find(document, "wall")["id"] = "ground_plane"
    document["campus"]["id"] = "__world__"
    text = world_text(campus_from_geojson(document))
    names = [each.get("name") for each in ElementTree.fromstring(text).iter("model")]
    assert sorted(names) == ['a<b>&"c"_d', "ground_plane", "ground_plane_2"]
    assert ElementTree.fromstring(text).find("world").get("name") == "n__world__"
    assert [Names().of(each) for each in ("", "\x00a", "a::b")] == ["_", "_a", "a_b"]


def test_the_same_map_gives_the_same_bytes(two_levels: Campus) -> None:
    again = campus_from_geojson(two_levels_document())
    assert world_text(two_levels) == world_text(again)


def test_outlines_have_no_holes_and_cover_the_same() -> None:
    ring = box(0, 0, 30, 20).difference(box(3, 3, 9, 9)).difference(box(12, 8, 25, 17))
    pieces = list(outlines(ring))
    assert not any(each.interiors for each in pieces)
    assert math.isclose(sum(each.area for each in pieces), ring.area)
    assert shapely.union_all(pieces).symmetric_difference(ring).area < 1e-9


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=campus_documents())
def test_any_campus_gives_well_formed_xml_or_a_typed_refusal(document: Any) -> None:
    root = ElementTree.fromstring(world_text(campus_from_geojson(document)))
    for parent in root.iter():
        named = [each.get("name") for each in parent if each.get("name") is not None]
        assert len(named) == len(set(named))


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("campus_name", "level"), [("canalside", None), ("two_levels", None), ("xixi", "ground")]
)
def test_libsdformat_calls_it_valid(
    campus_name: str, level: str | None, two_levels: Campus, root: Path, tmp_path: Path
) -> None:
    ign = shutil.which("ign") or shutil.which("gz")
    if ign is None:
        pytest.skip("no `ign sdf` here: apt-get install libsdformat-dev ignition-tools")
    campus = two_levels if campus_name == "two_levels" else load_campus(root / "maps" / campus_name)
    file = tmp_path / "world.sdf"
    file.write_text(world_text(campus, level=level))
    done = subprocess.run(
        [ign, "sdf", "-k", str(file)], capture_output=True, text=True, check=False, timeout=280
    )
    assert "Valid." in done.stdout, done.stdout + done.stderr
