"""An exported Gazebo world is well formed, stands where the campus stands, and lets robots pass."""

from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import shapely
from defusedxml import ElementTree
from hypothesis import HealthCheck, given, settings
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from fleet_manager.adapters.maps import load_campus
from fleet_manager.adapters.maps.formats import FORMATS, ExportOptions, writer
from fleet_manager.adapters.maps.formats.base import Furnishing
from fleet_manager.adapters.maps.formats.campus_part import PartOf
from fleet_manager.adapters.maps.formats.sdf_text import Names, outlines
from fleet_manager.core.campus import Campus
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.errors import MapFormatError, UnknownFeature
from fleet_manager.core.level_shape import corridor
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
def canalside(root: Path) -> Campus:
    return load_campus(root / "maps" / "canalside")


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
    names = [name for name in models_of(text) if not name.startswith(("dock_", "asset_", "kerbs"))]
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


def models_of(text: str) -> dict[str, Any]:
    return {each.get("name"): each for each in ElementTree.fromstring(text).iter("model")}


def test_a_rectangle_holds_only_what_reaches_into_it(canalside: Campus) -> None:
    part = (0.0, 40.0, 200.0, 200.0)
    names = models_of(world_text(canalside, part=PartOf(bbox=part)))
    inside = {
        key for key, each in canalside.buildings.items() if each.polygon.intersects(box(*part))
    }
    assert inside
    assert inside < set(canalside.buildings)
    assert {name for name in names if name in canalside.buildings} == inside
    docks = {name.removeprefix("dock_") for name in names if name.startswith("dock_")}
    assert docks == {w.id for w in canalside.docks if box(*part).intersects(Point(w.xy))}


def test_a_building_is_written_with_its_surroundings(canalside: Campus) -> None:
    house = next(iter(canalside.buildings.values()))
    for wanted in (house.id, house.name):
        names = models_of(world_text(canalside, part=PartOf(building=wanted)))
        assert house.id in names
        assert len([each for each in names if each in canalside.buildings]) < 13
    with pytest.raises(UnknownFeature, match="no building 'castle'"):
        world_text(canalside, part=PartOf(building="castle"))


@pytest.mark.parametrize("bbox", [(0.0, 0.0, -5.0, 9.0), (-900.0, -900.0, -800.0, -800.0)])
def test_a_part_without_area_or_with_nothing_in_it_is_refused(
    bbox: tuple[float, float, float, float], canalside: Campus
) -> None:
    with pytest.raises(MapFormatError) as caught:
        world_text(canalside, part=PartOf(bbox=bbox))
    assert caught.value.remedy


def test_furniture_is_as_many_as_asked_for_and_in_nobodys_way(canalside: Campus) -> None:
    furnishing = Furnishing(people=5, litter=7, spills=3)
    text = world_text(canalside, furnishing=furnishing)
    names = list(models_of(text))
    for kind, count in (("person_", 5), ("litter_", 7), ("spill_", 3)):
        assert len([each for each in names if each.startswith(kind)]) == count
    driven = shapely.union_all([corridor(each) for each in canalside.lanes.values()])
    people = [
        Point(numbers(each.find(".//collision/pose"))[:2])
        for name, each in models_of(text).items()
        if name.startswith("person_")
    ]
    assert min(driven.distance(each) for each in people) > 0.3
    cleaned = shapely.union_all([each.polygon for each in canalside.zones.values()]).buffer(0.01)
    for name, each in models_of(text).items():
        if name.startswith(("litter_", "spill_")):
            assert each.find(".//collision") is None
            assert cleaned.contains(Point(numbers(each.find(".//visual/pose"))[:2]))
    assert text == world_text(canalside, furnishing=furnishing)
    assert text != world_text(canalside, furnishing=replace(furnishing, seed=2))


def test_every_asset_stands_and_none_stops_a_robot(canalside: Campus) -> None:
    found = models_of(world_text(canalside))
    assert {f"asset_{each}" for each in canalside.assets} <= set(found)
    driven = shapely.union_all([corridor(each) for each in canalside.lanes.values()])
    for asset in canalside.assets.values():
        if driven.distance(Point(asset.xy)) < 0.5:
            assert found[f"asset_{asset.id}"].find(".//collision") is None, asset.id


def test_kerbs_are_lowered_where_robots_drive() -> None:
    document = tiny_document()
    road = [[-40.0, -6.0], [140.0, -6.0], [140.0, 6.0], [-40.0, 6.0], [-40.0, -6.0]]
    document["features"].append(
        {
            "type": "Feature",
            "id": "road",
            "geometry": {"type": "Polygon", "coordinates": [road]},
            "properties": {"feature": "ground", "level": "ground", "cover": "car_park"},
        }
    )
    campus = campus_from_geojson(document)
    kerbs = [each for each in solids(world_text(campus)) if each.model == "kerbs"]
    assert kerbs
    assert all(math.isclose(each.high_m - each.low_m, 0.12) for each in kerbs)
    for lane in campus.lanes.values():
        assert min(LineString(lane.points).distance(each.area) for each in kerbs) > 0.5


def test_a_world_for_current_gazebo_shows_lidars_what_only_stops_robots(root: Path) -> None:
    campus = load_campus(root / "maps" / "xixi")
    part = PartOf(bbox=(0.0, 0.0, 500.0, 500.0))
    text = world_text(campus, target="gz", part=part, level="ground")
    for model in models_of(text).values():
        touched = {each.findtext("pose") for each in model.iter("collision")}
        seen = {each.findtext("pose") for each in model.iter("visual")}
        assert touched <= seen, model.get("name")
    assert "<visibility_flags>2</visibility_flags>" in text
    assert "<gz:parallel_postupdates>" not in text
    assert "<parallel_postupdates>false</parallel_postupdates>" in text
    assert "visibility_flags" not in world_text(campus, part=part, level="ground")


def test_an_unknown_simulator_is_refused(canalside: Campus) -> None:
    with pytest.raises(MapFormatError, match="webots") as caught:
        world_text(canalside, target="webots")
    assert "gazebo11" in caught.value.remedy


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=campus_documents())
def test_any_campus_gives_well_formed_xml_or_a_typed_refusal(document: Any) -> None:
    root = ElementTree.fromstring(world_text(campus_from_geojson(document)))
    for parent in root.iter():
        named = [each.get("name") for each in parent if each.get("name") is not None]
        assert len(named) == len(set(named))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("target", ["gazebo11", "gz"])
@pytest.mark.parametrize(
    ("campus_name", "level"), [("canalside", None), ("two_levels", None), ("xixi", "ground")]
)
def test_libsdformat_calls_it_valid(
    campus_name: str,
    level: str | None,
    target: str,
    two_levels: Campus,
    root: Path,
    tmp_path: Path,
) -> None:
    ign = shutil.which("ign") or shutil.which("gz")
    if ign is None:
        pytest.skip("no `ign sdf` here: apt-get install libsdformat-dev ignition-tools")
    campus = two_levels if campus_name == "two_levels" else load_campus(root / "maps" / campus_name)
    file = tmp_path / "world.sdf"
    furnishing = Furnishing(people=3, litter=3, spills=3)
    part = PartOf(bbox=(0.0, 0.0, 700.0, 700.0)) if campus_name == "xixi" else PartOf()
    text = world_text(campus, level=level, target=target, part=part, furnishing=furnishing)
    file.write_text(text)
    done = subprocess.run(
        [ign, "sdf", "-k", str(file)], capture_output=True, text=True, check=False, timeout=280
    )
    assert "Valid." in done.stdout, done.stdout + done.stderr
