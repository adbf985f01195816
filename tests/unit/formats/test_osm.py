"""OpenStreetMap extracts: what their elements become, and what is said of those that cannot."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from shapely.geometry import LineString, Point

from fleet_manager.adapters.maps import load_fleet
from fleet_manager.adapters.maps.checks.validate import validate
from fleet_manager.adapters.maps.formats import Imported, ImportOptions, detect
from fleet_manager.adapters.maps.formats.osm import read
from fleet_manager.adapters.maps.starter import starter_fleet
from fleet_manager.core.campus import Campus, PassageKind, Role, Structure
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.errors import MapFileError
from tests.unit.formats.osm_extracts import Extract, campus, place

DOCKS = (place(17.0, 4.0), place(20.0, 4.0), place(-30.0, 3.0))


def imported(tmp_path: Path, extract: Extract, **options: object) -> Imported:
    file = extract.write(tmp_path / "site.osm")
    return read(file, ImportOptions(campus_id="site", **options))  # type: ignore[arg-type]


def campus_of(tmp_path: Path, extract: Extract, **options: object) -> Campus:
    return campus_from_geojson(imported(tmp_path, extract, **options).document)


def notes_of(imported: Imported) -> dict[str, tuple[str, ...]]:
    return {note.message: note.elements for note in imported.notes}


def fleet_on(campus_: Campus, document: object, folder: Path) -> list[object]:
    """Findings of `fleet map validate` with the fleet that an imported map begins with."""
    file = folder / "fleet.yaml"
    file.write_text(starter_fleet(document, None), encoding="utf-8")  # type: ignore[arg-type]
    return list(validate(campus_, load_fleet(file, campus_)))


def test_counts_are_those_of_the_source(tmp_path: Path) -> None:
    text = campus().xml()
    counts = imported(tmp_path, campus()).counts
    assert counts["nodes"] == text.count("<node ")
    assert counts["ways"] == text.count("<way ")
    assert counts["highways"] == len(re.findall(r'<way .*k="highway"', text)) == 13
    assert counts["buildings"] == text.count('k="building"') == 1
    assert counts["entrances"] == text.count('k="entrance"') == 1
    assert counts["crossings"] == text.count('v="crossing"') == 1
    assert counts["gates"] == text.count('v="gate"') == 1
    assert counts["barriers"] == text.count('v="fence"') == 1
    assert counts["waters"] == text.count('v="water"') == 1
    assert counts["hydrants"] == counts["defibrillators"] == counts["cameras"] == 1


@pytest.mark.parametrize("name", ["site.osm.pbf", "site.osm.gz", "site.osm.bz2"])
def test_the_same_extract_gives_the_same_map_in_each_form(tmp_path: Path, name: str) -> None:
    as_xml = imported(tmp_path, campus())
    file = campus().write(tmp_path / name)
    assert detect(file).name == "osm"
    other = read(file, ImportOptions(campus_id="site"))
    assert other.counts == as_xml.counts
    assert other.notes == as_xml.notes
    assert other.document["features"] == as_xml.document["features"]


def test_robots_of_the_starter_fleet_can_work_on_it(tmp_path: Path) -> None:
    document = imported(tmp_path, campus(), docks=DOCKS).document
    assert fleet_on(campus_from_geojson(document), document, tmp_path) == []


def test_ways_are_joined_at_shared_nodes_only(tmp_path: Path) -> None:
    extract = Extract()
    middle = extract.node(0, 0)
    extract.way(extract.node(-20, 0), middle, extract.node(20, 0), highway="path")
    extract.way(extract.node(0, -20), middle, extract.node(0, 20), highway="path")
    campus_ = campus_of(tmp_path, extract)
    assert sorted(campus_.graph.neighbors("node_1")) == ["node_2", "node_3", "node_4", "node_5"]
    apart = Extract()
    apart.way(apart.node(-20, 0), apart.node(20, 0), highway="path")
    apart.way(apart.node(0, -20), apart.node(0, 19), highway="path")
    result = imported(tmp_path, apart)
    assert {each["id"] for each in result.document["features"]} >= {"way_101_1", "way_101_1_2"}
    assert [e for m, e in notes_of(result).items() if "not joined" in m] == [("way 102",)]


def test_long_ways_are_cut_so_that_robots_may_wait_near_everything(tmp_path: Path) -> None:
    extract = Extract()
    extract.way(extract.node(0, 0), extract.node(100, 0), highway="path")
    lanes = [each for each in campus_of(tmp_path, extract).lanes.values() if each.reverse]
    assert [each.length_m for each in lanes[::2]] == pytest.approx([25.0] * 4, abs=0.1)


def test_a_loop_on_one_node_is_drawn_whole(tmp_path: Path) -> None:
    extract = Extract()
    begin = extract.node(0, 0)
    extract.way(begin, extract.node(8, 0), extract.node(8, 8), begin, highway="footway")
    lanes = campus_of(tmp_path, extract).lanes
    drawn = sum(each.length_m for each in lanes.values() if each.id == each.feature_id)
    assert drawn == pytest.approx(16 + 8 * 2**0.5, abs=0.05)


@pytest.mark.parametrize(
    ("tags", "ways"),
    [
        ({"oneway": "yes"}, {("node_1", "node_2")}),
        ({"oneway": "-1"}, {("node_2", "node_1")}),
        ({"oneway": "no"}, {("node_1", "node_2"), ("node_2", "node_1")}),
        ({"junction": "roundabout"}, {("node_1", "node_2")}),
    ],
)
def test_one_way_ways_are_driven_one_way(
    tmp_path: Path, tags: dict[str, str], ways: set[tuple[str, str]]
) -> None:
    extract = Extract()
    a, b = extract.node(0, 0), extract.node(20, 0)
    extract.way(a, b, highway="service", incline="4%", **tags)
    extract.way(a, extract.node(10, 20), b, highway="service")
    lanes = campus_of(tmp_path, extract).lanes.values()
    own = {(each.start, each.end): each for each in lanes if each.feature_id == "way_101_1"}
    assert set(own) == ways
    for (start, _), lane in own.items():
        assert lane.slope == (0.04 if start == "node_1" else -0.04)


def test_width_speed_surface_and_slope_are_those_of_the_way(tmp_path: Path) -> None:
    extract = Extract()
    a, b, c = extract.node(0, 0), extract.node(20, 0), extract.node(40, 0)
    extract.way(
        a, b, highway="service", width="8'", maxspeed="3 mph", surface="gravel", incline="-5 %"
    )
    extract.way(b, c, highway="footway", est_width="1.2", maxspeed="RU:urban", incline="up")
    result = imported(tmp_path, extract)
    lanes = campus_from_geojson(result.document).lanes
    road, footway = lanes["way_101_1"], lanes["way_102_1"]
    assert road.width_m == pytest.approx(8 * 0.3048, abs=0.005)
    assert road.speed_limit_mps == pytest.approx(3 * 0.44704, abs=0.001)
    assert (road.surface, road.slope) == ("gravel", -0.05)
    assert (footway.width_m, footway.speed_limit_mps, footway.slope) == (1.2, 1.5, 0.0)
    notes = notes_of(result)
    assert notes["maxspeed=RU:urban is no figure"] == ("way 102",)
    assert notes["incline=up gives no slope: taken as level"] == ("way 102",)


@pytest.mark.parametrize(
    ("maxspeed", "limit_mps"),
    [("5", 5 / 3.6), ("3 mph", 3 * 0.44704), ("walk", 7 / 3.6), ("50", 2.0), ("none", 2.0)],
)
def test_a_speed_limit_makes_robots_slower_and_never_faster_than_usual(
    tmp_path: Path, maxspeed: str, limit_mps: float
) -> None:
    extract = Extract()
    extract.way(extract.node(0, 0), extract.node(20, 0), highway="service", maxspeed=maxspeed)
    lane = campus_of(tmp_path, extract).lanes["way_101_1"]
    assert lane.speed_limit_mps == pytest.approx(limit_mps, abs=0.001)


def test_steps_big_roads_and_closed_ways_are_not_driven_but_named(tmp_path: Path) -> None:
    extract = Extract()
    a, b = extract.node(0, 0), extract.node(20, 0)
    extract.way(a, b, highway="footway")
    extract.way(b, extract.node(30, 0), highway="steps")
    extract.way(extract.node(-9, -50), extract.node(-9, 50), highway="primary", width="12")
    extract.way(b, extract.node(30, 9), highway="service", access="private")
    extract.way(b, extract.node(30, 19), highway="service", access="private", foot="yes")
    extract.way(b, extract.node(30, -19), highway="bridleway")
    result = imported(tmp_path, extract)
    notes = notes_of(result)
    assert notes["steps are not driven"] == ("way 102",)
    assert notes["highway=primary is not driven: ground of a public road"] == ("way 103",)
    assert notes["closed by access=private: change it if robots may drive there"] == ("way 104",)
    assert notes["highway=bridleway is not driven"] == ("way 106",)
    campus_ = campus_from_geojson(result.document)
    assert {each.feature_id.split("_")[1] for each in campus_.lanes.values()} == {"101", "105"}
    assert campus_.ground["way_103"].polygon.area == pytest.approx(12.0 * 100.0, rel=0.01)


def test_water_is_open_under_a_bridge_on_which_no_robot_stops(tmp_path: Path) -> None:
    campus_ = campus_of(tmp_path, campus())
    water = [each for each in campus_.obstacles.values() if each.kind == "water"]
    assert len(water) == 2  # the canal on both sides of the bridge
    bridge = [each for each in campus_.lanes.values() if each.structure is Structure.BRIDGE]
    assert {each.feature_id for each in bridge} == {"way_108_1"}
    gap_m = min(LineString(bridge[0].points).distance(each.polygon) for each in water)
    assert gap_m == pytest.approx(2.0 / 2 + 1.0, abs=0.02)
    whole = next(each for each in campus_.ground.values() if each.cover == "water")
    assert whole.polygon.area == pytest.approx(160 * 16, rel=0.01)


def test_a_long_bridge_has_waypoints_on_which_no_base_ends(tmp_path: Path) -> None:
    extract = Extract()
    a, b, c, d = (extract.node(x, 0) for x in (0, 20, 100, 120))
    extract.way(a, b, highway="path")
    extract.way(b, c, highway="path", bridge="viaduct")
    extract.way(c, d, highway="path")
    campus_ = campus_of(tmp_path, extract)
    roles = {each.id: each.role for each in campus_.waypoints.values()}
    assert [roles[each] for each in ("way_102_1_at_1", "way_102_1_at_2")] == [Role.BRIDGE] * 2
    assert roles["node_2"] is roles["node_3"] is Role.JUNCTION


def test_a_crossing_with_signals_is_a_passage_before_which_robots_wait(tmp_path: Path) -> None:
    campus_ = campus_of(tmp_path, campus())
    waypoint = campus_.waypoints["node_5"]
    passage = campus_.passages["crossing_5"]
    assert (waypoint.role, waypoint.passage) == (Role.CROSSING, "crossing_5")
    assert passage.kind is PassageKind.CROSSING
    assert passage.shape.contains(Point(waypoint.xy))
    for other in campus_.graph.neighbors("node_5"):
        stop = campus_.waypoints[other]
        assert campus_.may_end_base(other)
        assert not passage.shape.contains(Point(stop.xy))
        assert Point(stop.xy).distance(passage.shape) < 3.0


def test_a_crossing_without_signals_and_one_of_a_big_road_are_only_passed(tmp_path: Path) -> None:
    extract = Extract()
    a, b, c, d = (extract.node(x, 0) for x in (0, 20, 40, 60))
    extract.nodes[b][2].update(highway="crossing", crossing="uncontrolled")
    extract.way(a, b, c, d, highway="footway")
    extract.way(extract.node(40, -20), c, extract.node(40, 20), highway="secondary")
    campus_ = campus_of(tmp_path, extract)
    assert [campus_.waypoints[f"node_{each}"].role for each in (b, c)] == [Role.CROSSING] * 2
    assert campus_.passages == {}


def test_a_gate_is_asked_for_and_open_in_its_fence(tmp_path: Path) -> None:
    campus_ = campus_of(tmp_path, campus())
    gate = next(each for each in campus_.waypoints.values() if each.role is Role.DOOR)
    assert campus_.passages[str(gate.passage)].kind is PassageKind.DOOR
    fence = [each for each in campus_.obstacles.values() if each.kind == "fence"]
    assert len(fence) == 2
    assert min(Point(gate.xy).distance(each.polygon) for each in fence) == pytest.approx(
        1.7, abs=0.05
    )


@pytest.mark.parametrize("tags", [{"barrier": "stile"}, {"barrier": "gate", "locked": "yes"}])
def test_ways_end_before_what_robots_do_not_get_past(tmp_path: Path, tags: dict[str, str]) -> None:
    extract = Extract()
    a, b, c, d = (extract.node(x, 0) for x in (0, 20, 40, 60))
    extract.nodes[c][2].update(tags)
    extract.way(a, b, c, d, highway="footway")
    extract.way(a, extract.node(0, 20), highway="footway")
    result = imported(tmp_path, extract)
    assert f"node_{c}" not in campus_from_geojson(result.document).waypoints
    assert any("no way past" in message for message in notes_of(result))


def test_an_entrance_has_its_building_and_the_waypoint_before_it(tmp_path: Path) -> None:
    campus_ = campus_of(tmp_path, campus())
    (entrance,) = campus_.entrances.values()
    building = campus_.buildings[entrance.building]
    assert (entrance.name, building.name) == ("Haupteingang", "图书馆 Bücherei")
    assert building.height_m == 12.0
    access = campus_.waypoints[entrance.access]
    assert access.x_m == pytest.approx(30.0, abs=0.1)
    assert building.polygon.distance(Point(access.xy)) == pytest.approx(1.25, abs=0.1)


def test_an_entrance_that_no_way_leads_near_is_named(tmp_path: Path) -> None:
    extract = Extract()
    extract.way(extract.node(0, 0), extract.node(20, 0), highway="path")
    door = extract.node(0, 40, door="hinged")
    refs = [extract.node(*each) for each in ((20, 40), (20, 60), (0, 60))]
    extract.way(door, *refs, door, building="yes")
    result = imported(tmp_path, extract)
    assert notes_of(result)["entrances that no robot comes near are not drawn"] == (f"node {door}",)


def test_a_multipolygon_building_has_its_courtyard(tmp_path: Path) -> None:
    extract = Extract()
    extract.way(extract.node(0, -10), extract.node(50, -10), highway="path")
    corners = [extract.node(*each) for each in ((0, 0), (50, 0), (50, 40), (0, 40))]
    halves = (
        extract.way(corners[0], corners[1], corners[2]),
        extract.way(corners[2], corners[3], corners[0]),
    )
    court = extract.ring((10, 10), (40, 10), (40, 30), (10, 30))
    members = [(halves[0], "outer"), (halves[1], "outer"), (court, "inner")]
    extract.relation(*members, type="multipolygon", building="yes", name="Hof", height="9 m")
    result = imported(tmp_path, extract)
    (building,) = campus_from_geojson(result.document).buildings.values()
    assert result.counts["buildings"] == 1
    assert building.polygon.area == pytest.approx(50 * 40 - 30 * 20, rel=0.001)
    assert len(building.polygon.interiors) == 1
    assert (building.name, building.height_m) == ("Hof", 9.0)


def test_what_is_cut_off_at_the_edge_is_named_and_no_error(tmp_path: Path) -> None:
    extract = Extract()
    a, b = extract.node(0, 0), extract.node(20, 0)
    extract.way(9001, a, b, 9002, highway="path")
    house = [extract.node(*each) for each in ((0, 30), (9, 30), (9, 39))]
    extract.way(*house, 9003, house[0], building="yes")
    extract.relation((house[0], "outer"), (777, "outer"), type="multipolygon", natural="water")
    result = imported(tmp_path, extract)
    notes = notes_of(result)
    assert notes["ways are cut off at the edge of the extract"] == ("way 101",)
    assert notes["areas cut off at the edge of the extract are not drawn"] == (
        "way 102",
        "relation 1001",
    )
    assert len(campus_from_geojson(result.document).lanes) == 2


def test_negative_ids_of_an_editor_are_ids_as_others(tmp_path: Path) -> None:
    extract = Extract()
    a, b = extract.node(0, 0, ref=-1), extract.node(20, 0, ref=-2)
    extract.way(a, b, number=-7, highway="path")
    lanes = campus_of(tmp_path, extract).lanes
    assert set(lanes) == {"way_-7_1", "way_-7_1~"}


def test_things_to_look_after_have_a_place_from_which_they_are_seen(tmp_path: Path) -> None:
    campus_ = campus_of(tmp_path, campus())
    kinds = {each.kind: each for each in campus_.assets.values()}
    assert set(kinds) == {"hydrant", "aed"}
    for asset in kinds.values():
        access = campus_.waypoints[asset.access]
        assert LineString([asset.xy, access.xy]).length <= 25.0
        assert campus_.may_end_base(asset.access)
    (muster,) = campus_.muster_points.values()
    assert muster.capacity == 200
    (camera,) = campus_.cameras.values()
    assert camera.heading_rad == pytest.approx(-2.3562, abs=1e-3)  # south-west


def test_levels_are_joined_by_lifts_and_ramps(tmp_path: Path) -> None:
    extract = Extract()
    lift = extract.node(0, 0, highway="elevator", name="Aufzug A")
    far, top = extract.node(20, 0), extract.node(20, 20)
    extract.way(extract.node(-20, 0), lift, far, highway="footway")
    extract.way(lift, extract.node(0, 20), top, highway="corridor", indoor="yes", level="1")
    extract.way(far, top, highway="footway", level="0;1", indoor="yes", incline="20%")
    campus_ = campus_of(tmp_path, extract)
    assert [each.elevation_m for each in campus_.levels.values()] == [0.0, 4.0]
    passage = campus_.passages[f"lift_{lift}"]
    assert (passage.kind, passage.levels) == (PassageKind.LIFT, ("ground", "level_1"))
    rides = [each for each in campus_.lanes.values() if each.lift]
    assert {each.length_m for each in rides} == {4.0}
    ramps = [each for each in campus_.lanes.values() if each.structure is Structure.RAMP]
    assert [abs(each.slope) for each in ramps] == pytest.approx([0.2, 0.2], abs=0.001)
    assert {(each.level, each.end_level) for each in ramps} == {
        ("ground", "level_1"),
        ("level_1", "ground"),
    }


def test_a_square_is_crossed_from_each_way_that_meets_it(tmp_path: Path) -> None:
    extract = Extract()
    corners = [extract.node(*each) for each in ((0, 0), (20, 0), (20, 20), (0, 20))]
    extract.way(*corners, corners[0], highway="pedestrian", area="yes")
    for corner, at in zip(corners, ((-9, -9), (29, -9), (29, 29), (-9, 29)), strict=True):
        extract.way(corner, extract.node(*at), highway="footway")
    campus_ = campus_of(tmp_path, extract)
    around = set(campus_.graph.neighbors("way_101_middle"))
    assert around == {f"node_{each}" for each in corners}
    assert campus_.ground["way_101"].cover == "plaza"


def test_lanes_too_near_for_two_robots_are_used_by_one_at_a_time(tmp_path: Path) -> None:
    extract = Extract()
    a, b = extract.node(0, 0), extract.node(30, 0)
    c, d = extract.node(0, 0.8), extract.node(30, 0.8)
    e = extract.node(0, 20)
    extract.way(a, b, highway="path")
    extract.way(c, d, highway="path")
    extract.way(a, extract.node(-9, 0), e, extract.node(9, 20), c, highway="path")
    lanes = campus_of(tmp_path, extract).lanes
    assert lanes["way_101_1"].resource == lanes["way_102_1"].resource is not None
    assert lanes["way_103_1_2"].resource is None


def test_docks_lie_where_they_were_asked_for_on_a_stub_to_the_nearest_lane(tmp_path: Path) -> None:
    campus_ = campus_of(tmp_path, campus(), docks=DOCKS)
    assert [(each.id, each.name) for each in campus_.docks] == [
        (f"dock_{number}", f"Dock {number}") for number in (1, 2, 3)
    ]
    assert campus_.waypoints["dock_3"].xy == pytest.approx((-30.0, 28.0), abs=0.1)
    for dock in campus_.docks:
        (joint,) = campus_.graph.neighbors(dock.id)
        assert 2.0 < LineString([dock.xy, campus_.waypoints[joint].xy]).length < 5.0


def test_a_dock_on_a_lane_is_moved_beside_it(tmp_path: Path) -> None:
    result = imported(tmp_path, campus(), docks=(place(40.0, 0.3),))
    assert any("moved beside" in message for message in notes_of(result))
    dock = campus_from_geojson(result.document).waypoints["dock_1"]
    assert abs(dock.y_m) != 0.3


@pytest.mark.parametrize(
    ("at", "problem"),
    [
        ((35.0, -45.0), "no room for a dock"),
        ((0.0, 50.5), "no room for a dock"),
        ((900.0, 0.0), "no lane within 100 m"),
    ],
)
def test_a_dock_without_room_or_way_is_refused(
    tmp_path: Path, at: tuple[float, float], problem: str
) -> None:
    with pytest.raises(MapFileError, match=f"--dock 30.*{problem}") as refused:
        imported(tmp_path, campus(), docks=(place(*at),))
    assert refused.value.remedy


def test_without_docks_a_note_says_how_to_give_them(tmp_path: Path) -> None:
    assert any("--dock" in message for message in notes_of(imported(tmp_path, campus())))


def test_a_way_leads_on_indoors_through_a_door(tmp_path: Path) -> None:
    extract = Extract()
    door = extract.node(0, 0, entrance="yes", door="automatic")
    walls = [extract.node(*each) for each in ((20, 0), (20, 30), (-20, 30), (-20, 0))]
    extract.way(door, *walls, door, building="yes", name="Halle")
    extract.way(extract.node(-20, -20), extract.node(0, -20), door, highway="footway")
    lift = extract.node(0, 20, highway="elevator")
    extract.way(door, lift, highway="corridor", indoor="yes")
    extract.way(lift, extract.node(10, 20), highway="corridor", indoor="yes", level="1")
    docks = place(-15.0, -16.0), place(-10.0, -16.0)
    document = imported(tmp_path, extract, docks=docks).document
    campus_ = campus_from_geojson(document)
    assert campus_.waypoints[f"node_{door}"].passage == f"door_{door}"
    (entrance,) = campus_.entrances.values()
    assert entrance.door == f"door_{door}"
    assert campus_.buildings[entrance.building].levels == ("ground", "level_1")
    assert fleet_on(campus_, document, tmp_path) == []


def test_robots_do_not_stop_on_rails(tmp_path: Path) -> None:
    extract = Extract()
    rails = extract.node(20, 0, railway="level_crossing")
    extract.way(extract.node(0, 0), rails, extract.node(40, 0), highway="path")
    assert campus_of(tmp_path, extract).waypoints[f"node_{rails}"].role is Role.CROSSING


def test_a_gate_at_the_end_of_a_way_is_not_asked_for(tmp_path: Path) -> None:
    extract = Extract()
    gate = extract.node(20, 0, barrier="gate")
    extract.way(extract.node(0, 0), gate, highway="service")
    campus_ = campus_of(tmp_path, extract)
    assert campus_.waypoints[f"node_{gate}"].role is Role.JUNCTION
    assert campus_.passages == {}


def test_covered_ways_are_indoors_where_they_lead_through_a_building(tmp_path: Path) -> None:
    extract = Extract()
    a, b, c, d = (extract.node(x, 0) for x in (0, 20, 40, 60))
    extract.way(a, b, highway="footway", covered="yes")
    extract.way(b, c, highway="footway", covered="yes")
    extract.way(c, d, highway="footway", tunnel="yes")
    extract.ring((20, -9), (40, -9), (40, 9), (20, 9), building="yes")
    lanes = campus_of(tmp_path, extract).lanes
    assert lanes["way_102_1"].indoor
    assert lanes["way_103_1"].structure is Structure.UNDERPASS
    assert not lanes["way_101_1"].indoor
    assert not lanes["way_103_1_node_3_before_way_103_1"].indoor
