"""Campus folders: the Canalside is right, and each damage to a file is named with its line."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from shapely.geometry import LineString, Point
from typer.testing import CliRunner

from fleet_manager.adapters.maps import load_campus, load_fleet, load_schedules, validate
from fleet_manager.adapters.maps.campus_file import check_schema
from fleet_manager.adapters.maps.generator.build import build_document, document_text
from fleet_manager.adapters.maps.generator.plan import load_plan
from fleet_manager.cli_map import app
from fleet_manager.core.campus import Campus, Role, ZonePurpose
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.errors import MapFileError, MapFormatError
from fleet_manager.core.planning.coverage import plan_sweep
from fleet_manager.core.starting import starting_places
from tests.unit.campus_documents import Json, find, remove, tiny_document, waypoint


@pytest.fixture(scope="module")
def canalside(root: Path) -> Path:
    return root / "maps" / "canalside"


@pytest.fixture(scope="module")
def campus(canalside: Path) -> Campus:
    return load_campus(canalside)


@pytest.fixture(scope="module")
def fleet(canalside: Path, campus: Campus) -> FleetConfig:
    return load_fleet(canalside, campus)


@pytest.fixture
def copy(canalside: Path, tmp_path: Path) -> Path:
    """The folder of Canalside, to be damaged."""
    return Path(shutil.copytree(canalside, tmp_path / "copy"))


def replace(file: Path, old: str, new: str) -> int:
    """Replace a text that is in a file once; returns its line, from 1."""
    text = file.read_text()
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file.name}"
    file.write_text(text.replace(old, new))
    return text[: text.index(old)].count("\n") + 1


# --- the Canalside -------------------------------------------------------------------------


def test_canalside_has_what_the_fleet_needs(campus: Campus, fleet: FleetConfig) -> None:
    roles = Counter(each.role for each in campus.waypoints.values())
    purposes = Counter(each.purpose for each in campus.zones.values())
    assert roles[Role.DOCK] >= 14
    assert roles[Role.BAY] >= 12
    assert roles[Role.BRIDGE] >= 2
    assert roles[Role.CROSSING] >= 2
    assert purposes[ZonePurpose.CLEAN] >= 8
    assert purposes[ZonePurpose.WATCH] >= 4
    assert purposes[ZonePurpose.CLOSED] >= 1
    assert len(campus.assets) >= 24
    assert {"gate_a", "plaza_a", "canteen", "gate_b"} <= set(campus.names.values())
    assert Counter(each.kind for each in fleet.robots.values()) == {
        "security": 4,
        "cleaning": 4,
        "safety": 4,
    }


def test_robots_can_work_on_canalside(campus: Campus, fleet: FleetConfig) -> None:
    assert validate(campus, fleet) == []


def test_the_bridge_is_one_resource_of_its_own(campus: Campus) -> None:
    of_bridge = [each for each in campus.lanes.values() if each.resource == "bridge_1"]
    on_bridge = [each for each in campus.waypoints.values() if each.role is Role.BRIDGE]
    assert {each.resource for each in on_bridge} == {"bridge_1"}
    touched = {end for lane in of_bridge for end in (lane.start, lane.end)}
    assert {each.id for each in on_bridge} < touched
    assert not any(campus.may_end_base(each.id) for each in on_bridge)


def test_there_is_a_bay_on_every_street(campus: Campus) -> None:
    bays = [Point(bay.xy) for bay in campus.bays]
    for lane in campus.lanes.values():
        if lane.reverse is None:
            middle = LineString(lane.points).interpolate(0.5, normalized=True)
            assert min(bay.distance(middle) for bay in bays) < 60.0, lane.id


def test_carriageways_of_a_road_are_at_least_two_metres_apart(campus: Campus) -> None:
    streets = {
        side: [
            LineString(lane.points)
            for lane in campus.lanes.values()
            if re.fullmatch(rf"lane_(ring|main)_.*_{side}\d+", lane.id)
        ]
        for side in ("f", "b")
    }
    forward, backward = streets["f"], streets["b"]
    assert len(forward) == len(backward) > 50
    assert min(one.distance(other) for one in forward for other in backward) >= 2.0


def test_every_zone_of_canalside_is_swept_whole(campus: Campus, fleet: FleetConfig) -> None:
    brush_m = fleet.kinds["cleaning"].brush_width_m
    assert brush_m is not None
    for zone in campus.zones.values():
        if zone.purpose is ZonePurpose.CLEAN:
            assert 60 <= zone.area_m2 <= 400
            access = campus.waypoint(zone.access or "")
            plan = plan_sweep(zone.polygon, brush_m, access.xy)
            assert plan.covered_fraction >= 0.99
            assert zone.polygon.buffer(1e-6).covers(LineString(plan.path))


def test_the_map_is_what_its_plan_gives(canalside: Path) -> None:
    built = document_text(build_document(load_plan(canalside / "plan.yaml")))
    assert built == (canalside / "campus.geojson").read_text()


def test_the_map_keeps_its_schema(root: Path, canalside: Path) -> None:
    schema = json.loads((root / "fleet_manager/adapters/maps/campus.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads((canalside / "campus.geojson").read_text()), schema)


def test_the_map_is_read_in_half_a_second(canalside: Path) -> None:
    load_campus(canalside)  # the first time compiles the schema
    took_s = []
    for _ in range(3):  # other work of the machine makes one of them slow
        began_s = time.process_time()
        load_campus(canalside)
        took_s.append(time.process_time() - began_s)
    assert min(took_s) < 0.5


def test_schedules_of_canalside(canalside: Path, campus: Campus) -> None:
    schedules = load_schedules(canalside, campus)
    assert {each.request["category"] for each in schedules} == {"patrol", "clean", "inspect"}
    assert all(each.timezone == "Asia/Shanghai" for each in schedules)


# --- damaged map files -----------------------------------------------------------------------


def test_a_missing_map_is_named(tmp_path: Path) -> None:
    with pytest.raises(MapFileError, match=r"campus\.geojson does not exist") as refused:
        load_campus(tmp_path)
    assert "CAMPUS_MAP_DIR" in refused.value.remedy


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"type": "FeatureCollection",\n "campus": }', r"geojson:2: not JSON"),
        (b"[]", "not a JSON object"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"type": "Topology"}', "not a GeoJSON FeatureCollection"),
    ],
)
def test_a_file_that_is_no_map_is_named(tmp_path: Path, content: bytes, problem: str) -> None:
    file = tmp_path / "campus.geojson"
    file.write_bytes(content)
    with pytest.raises(MapFileError, match=problem) as refused:
        load_campus(file)
    assert str(file) in str(refused.value)
    assert refused.value.remedy


def test_a_misspelt_property_is_refused_by_the_schema() -> None:
    document = tiny_document()
    find(document, "west-middle")["properties"]["speed_limt_mps"] = 1.0
    campus_from_geojson(document)
    with pytest.raises(MapFormatError, match="'speed_limt_mps' was unexpected") as refused:
        check_schema(document)
    assert refused.value.feature_id == "west-middle"


# --- validation ------------------------------------------------------------------------------


def findings(document: Json, fleet: FleetConfig) -> set[tuple[str, str]]:
    """Checks that fail, with what they are about; room for all robots is not the matter here."""
    found = validate(campus_from_geojson(document), fleet)
    assert all(each.problem and each.remedy for each in found)
    room = {"docks", "spare_bay"}
    return {(each.check, each.subject) for each in found if each.check not in room}


def moved(identifier: str, x_m: float, y_m: float) -> Callable[[Json], None]:
    """Move a waypoint, with the ends of its lanes."""

    def move(document: Json) -> None:
        point = find(document, identifier)
        point["geometry"]["coordinates"] = [x_m, y_m]
        for each in document["features"]:
            for key, index in (("from", 0), ("to", -1)):
                if each["properties"].get(key) == identifier:
                    each["geometry"]["coordinates"][index] = [x_m, y_m]

    return move


def changed(identifier: str, **properties: object) -> Callable[[Json], None]:
    return lambda document: find(document, identifier)["properties"].update(properties)


def placed(identifier: str, coordinates: object) -> Callable[[Json], None]:
    return lambda document: find(document, identifier)["geometry"].update(coordinates=coordinates)


def second_street(document: Json) -> None:
    """A lane that passes half a metre north of the street and joins it nowhere near."""
    for identifier, x_m in (("p", 4), ("q", 16)):
        document["features"].append(waypoint(identifier, x_m, 0.5, "junction"))
    line = {"type": "LineString", "coordinates": [[4, 0.5], [16, 0.5]]}
    passing = {**find(document, "west-middle"), "id": "passing", "geometry": line}
    passing["properties"] = {**passing["properties"], "from": "p", "to": "q"}
    document["features"].append(passing)


UNFIT: dict[str, tuple[Callable[[Json], object], set[tuple[str, str]]]] = {
    "nothing": (lambda _: None, set()),
    "bay cut off": (lambda d: remove(d, "west-bay"), {("bay_reachable", "bay")}),
    "bay without a way out": (
        lambda d: find(d, "west-bay")["properties"].update(direction="forward"),
        {("bay_reachable", "bay")},
    ),
    "street cut": (
        lambda d: remove(d, "middle-east"),
        {("connected", "east")},  # which names the dock too
    ),
    "bay beside the street": (moved("bay", 5, 0.8), {("bay_clearance", "bay")}),
    "bays side by side": (
        moved("work", 1, 4),
        {
            ("bay_clearance", "bay"),
            ("bay_clearance", "work"),
            ("lane_clearance", "middle-work"),  # its way passes the other bay's
            ("zone_clear", "square"),  # and so does the way from it to the zone
        },
    ),
    "lane through a house": (moved("dock", 30, 20), {("lane_clear", "east-dock")}),
    "lane into a wall": (moved("bay", 0, -8.9), {("lane_clear", "west-bay")}),
    "outside": (moved("bay", -30, 4), {("inside_boundary", "bay")}),
    "lanes too near": (second_street, {("lane_clearance", "passing"), ("connected", "p")}),
    "asset behind a house": (placed("aed", [36, 13]), {("asset_view", "aed")}),
    "asset far off": (placed("aed", [-10, 10]), {("asset_view", "aed")}),
    "bay on a fire lane": (
        lambda d: (
            changed("house", feature="keep_clear")(d),
            find(d, "house")["properties"].pop("name"),
            placed("house", [[[-2, 3], [2, 3], [2, 5], [-2, 5], [-2, 3]]])(d),
        ),
        {("may_stop", "bay")},
    ),
    "asset seen from a crossing": (changed("middle", role="crossing"), {("may_stop", "middle")}),
    "zone around the street": (
        placed("square", [[[12, 0], [22, 0], [22, 16], [12, 16], [12, 0]]]),
        {("zone_clear", "square")},
    ),
    "zone at a house": (
        placed("square", [[[18, 6], [25.9, 6], [25.9, 16], [18, 16], [18, 6]]]),
        {("zone_clear", "square")},
    ),
    "zone far from its access": (
        placed("square", [[[12, 25], [22, 25], [22, 29], [12, 29], [12, 25]]]),
        {("zone_access", "square")},
    ),
    "zone behind a house": (
        placed("square", [[[34.5, 6], [38, 6], [38, 12], [34.5, 12], [34.5, 6]]]),
        {("zone_access", "square")},
    ),
    "lane of an unknown kind": (
        changed("west-middle", kinds=["security", "cleaning", "safety", "flying"]),
        {("kinds", "west-middle")},
    ),
    "lane of one kind": (
        changed("middle-east", kinds=["security"]),
        {("connected", "east")},  # which names the dock too
    ),
}


@pytest.mark.parametrize("name", UNFIT)
def test_each_thing_that_hinders_robots_is_found(name: str, fleet: FleetConfig) -> None:
    damage, expected = UNFIT[name]
    document = tiny_document()
    damage(document)
    assert findings(document, fleet) == expected


def test_robots_without_docks_are_found(fleet: FleetConfig) -> None:
    found = validate(campus_from_geojson(tiny_document()), fleet)
    assert {each.check for each in found} == {"docks", "spare_bay"}
    assert len([each for each in found if each.check == "docks"]) == 1 + len(fleet.robots)


def test_lanes_that_share_a_resource_may_be_near(fleet: FleetConfig) -> None:
    document = tiny_document()
    second_street(document)
    for identifier in ("west-middle", "passing"):
        find(document, identifier)["properties"]["resource"] = "narrow"
    assert ("lane_clearance", "passing") not in findings(document, fleet)


# --- damaged fleet files ---------------------------------------------------------------------

FLEET_DAMAGES = [
    # text, instead of it, part of the message, part of the remedy
    ("fleet: canalside", "fleet: [", "expected", "YAML"),
    ("fleet: canalside", "fleet: 7", "Expected `str`, got `int` (fleet)", "docs/map-format.md"),
    ("fleet: canalside", "fleet: a\nfleet: b", "fleet is there twice", "keep one"),
    ("{name: security_2, kind: security", "{name: security_2, kind: guard", "'guard'", "security"),
    ("{name: security_2", "{name: security_1", "two robots named security_1", "its own name"),
    ("{name: security_2", "{name: Security-2", "matching regex", "docs/map-format.md"),
    ("home: dock_a2}", "home: dock_x}", "no waypoint 'dock_x'", "free docks are dock_a2"),
    ("home: dock_a2}", "home: bay_a1}", "bay_a1 is a bay, not a dock", "free docks"),
    ("max_speed_mps: 1.3", "max_speed_mps: -1", "kinds.safety.max_speed_mps", "docs/map-format.md"),
    ("max_speed_mps: 1.3", "max_sped_mps: 1.3", "max_s", "docs/map-format.md"),
    ("skills: [clean,", "skills: [sing,", "Invalid enum value 'sing'", "docs/map-format.md"),
    ("brush_width_m: 0.7", "brush_width_m: null", "no brush_width_m", "metres"),
    ("charge_w: 700", "charge_w: 40", "never get full", "charge_w"),
    ("charge_below: 0.30", "charge_below: 0.99", "do not rise", "reserve < charge_below"),
]


def test_robots_may_share_a_home_or_have_none(copy: Path, campus: Campus) -> None:
    replace(copy / "fleet.yaml", "home: dock_a2}", "home: dock_a1}")
    replace(copy / "fleet.yaml", ", home: dock_b1}", "}")
    fleet = load_fleet(copy, campus)
    assert [fleet.robots[f"security_{each}"].home for each in (1, 2, 3)] == ["dock_a1"] * 2 + [""]
    begin = starting_places(campus, fleet)
    assert len({place.id for place in begin.values()}) == len(fleet.robots)
    assert begin["security_1"].id == "dock_a1"
    assert all(place.is_bay for place in begin.values())


@pytest.mark.parametrize(("old", "new", "problem", "remedy"), FLEET_DAMAGES)
def test_a_damaged_fleet_is_named(
    copy: Path, campus: Campus, old: str, new: str, problem: str, remedy: str
) -> None:
    replace(copy / "fleet.yaml", old, new)
    with pytest.raises(MapFileError) as refused:
        load_fleet(copy, campus)
    assert "fleet.yaml:" in str(refused.value)
    assert problem in str(refused.value)
    assert remedy in refused.value.remedy


def test_the_line_of_the_damage_is_named(copy: Path, campus: Campus) -> None:
    line = replace(copy / "fleet.yaml", "home: dock_b4}", "home: dock_x}")
    with pytest.raises(MapFileError, match=rf"fleet\.yaml:{line}: "):
        load_fleet(copy, campus)


# --- damaged schedules -----------------------------------------------------------------------

SCHEDULE_DAMAGES = [
    ("id: night-patrol-b", "id: night-patrol-a", "two schedules", "rename"),
    ("places: [gate_a,", "places: [gate_z,", "no place 'gate_z'", "gate_a"),
    ("{zone: canteen_terrace}", "{zone: car_park_a}", "not cleaned", "purpose clean"),
    ("{zone: canteen_terrace}", "{zone: terrace}", "no zone 'terrace'", "canteen_terrace"),
    ("assets: [aed_a3,", "assets: [aed_a4,", "no asset 'aed_a4'", "aed_a3"),
    ("BYDAY=1SA;", "BYDAY=XX;", "no recurrence rule", "RFC 5545"),
    ("FREQ=MONTHLY;", "FREQ=SECONDLY;", "SECONDLY has no place", "once a minute"),
    (
        "category: patrol\n      description: {places: [gate_a",
        "category: dance\n      description: {places: [gate_a",
        "'dance'",
        "docs/map-format.md",
    ),
    (
        "name: Canteen terrace after lunch",
        "name: T\n    until: 2025-01-01",
        "before it starts",
        "until",
    ),
    ("name: Canteen terrace after lunch", "name: T\n    timezone: Moon/Sea", "'Moon/Sea'", "IANA"),
]


@pytest.mark.parametrize(("old", "new", "problem", "remedy"), SCHEDULE_DAMAGES)
def test_a_damaged_schedule_is_named(
    copy: Path, campus: Campus, old: str, new: str, problem: str, remedy: str
) -> None:
    replace(copy / "schedule.yaml", old, new)
    with pytest.raises(MapFileError) as refused:
        load_schedules(copy, campus)
    assert "schedule.yaml:" in str(refused.value)
    assert problem in str(refused.value)
    assert remedy in refused.value.remedy


# --- damaged plans ---------------------------------------------------------------------------

PLAN_DAMAGES = [
    ("line: [gate_a_end, a_west]", "line: [gate_x, a_west]", "'gate_x' is not right", "junctions"),
    (
        "line: [gate_a_end, a_west]",
        "line: [a_west, a_west]",
        "one junction to another",
        "different",
    ),
    ("gate_a_end: [6, 196]", "gate_a_end: [6, 196]\n  lonely: [9, 9]", "'lonely'", "draw a road"),
    ("joins: main_a_w}", "joins: main_x}", "'main_x'", "name of the road"),
    ("{id: bay_a1, at: [50.6, 230]}", "{id: bay_a1, at: [50.6, 204]}", "'bay_a1' meets", "move it"),
    ("{id: bay_a2,", "{id: bay_a1,", "two waypoints have the id 'bay_a1'", "rename"),
    ("gate_a_end: [6, 196]", "gate_a_end: [39.5, 197.6]", "'gate_road_a' is too short", "apart"),
]


@pytest.mark.parametrize(("old", "new", "problem", "remedy"), PLAN_DAMAGES)
def test_a_damaged_plan_is_named(copy: Path, old: str, new: str, problem: str, remedy: str) -> None:
    replace(copy / "plan.yaml", old, new)
    with pytest.raises(MapFormatError) as refused:
        build_document(load_plan(copy / "plan.yaml"))
    assert problem in str(refused.value)
    assert remedy in refused.value.remedy


# --- commands --------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    return result.exit_code, result.stdout


def test_info_tells_what_the_map_holds(canalside: Path, campus: Campus) -> None:
    code, output = run("info", str(canalside), "--json")
    facts = json.loads(output)
    assert code == 0
    assert facts["version"] == campus.version
    assert facts["waypoints"] == len(campus.waypoints)
    assert facts["waypoints_by_role"]["dock"] == len(campus.docks)
    assert "14 dock" in run("info", str(canalside))[1]


def test_validate_ends_with_1_if_something_is_wrong(copy: Path) -> None:
    assert json.loads(run("validate", str(copy), "--json")[1])["findings"] == []
    replace(copy / "plan.yaml", "{id: bay_a1, at: [50.6, 230]}", "{id: bay_a1, at: [47.2, 230]}")
    assert run("build", str(copy))[0] == 0
    code, output = run("validate", str(copy), "--json")
    assert code == 1
    assert {each["subject"] for each in json.loads(output)["findings"]} == {"bay_a1"}


def test_build_says_when_a_map_is_out_of_date(copy: Path) -> None:
    assert run("build", str(copy), "--check")[0] == 0
    assert run("build", str(copy / "plan.yaml"), "--check")[0] == 0
    replace(copy / "plan.yaml", "name: Gate A,", "name: Main gate,")
    assert run("build", str(copy), "--check")[0] == 1
    assert json.loads(run("build", str(copy), "--json")[1])["written"] is True
    assert load_campus(copy).place("Main gate").id == "gate_a"
