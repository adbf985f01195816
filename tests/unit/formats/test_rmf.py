"""Open-RMF buildings: levels laid on each other, lifts, doors, mutex groups, bad files by line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fleet_manager.adapters.maps.formats import Imported, ImportOptions, detect
from fleet_manager.adapters.maps.formats.rmf import read
from fleet_manager.core.campus import Campus, PassageKind, Role
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.errors import MapFileError
from tests.unit.formats.rmf_buildings import HOUSE


def imported(tmp_path: Path, text: str = HOUSE) -> Imported:
    file = tmp_path / "house.building.yaml"
    file.write_text(text, encoding="utf-8")
    assert detect(file).name == "rmf"
    return read(file, ImportOptions(campus_id="house"))


def campus_of(tmp_path: Path, text: str = HOUSE) -> Campus:
    return campus_from_geojson(imported(tmp_path, text).document)


def notes_of(result: Imported) -> dict[str, tuple[str, ...]]:
    return {note.message: note.elements for note in result.notes}


def test_pixels_become_metres_by_the_measurement_with_y_up(tmp_path: Path) -> None:
    waypoints = campus_of(tmp_path).waypoints
    # 100 px are 10 m
    assert waypoints["L1_0"].xy == pytest.approx((0.0, -10.0))
    assert waypoints["L1_5"].xy == pytest.approx((10.0, -18.0))


def test_fiducials_turn_scale_and_move_a_level_onto_the_reference_level(tmp_path: Path) -> None:
    # 100 px from north-west to north-east on L2 are the 20 m of L1, downwards instead of right
    waypoints = campus_of(tmp_path).waypoints
    assert waypoints["L2_0"].xy == pytest.approx((16.0, -10.0))
    assert waypoints["L2_1"].xy == pytest.approx((6.0, -10.0))


def test_one_common_fiducial_moves_a_level_without_turning_it(tmp_path: Path) -> None:
    text = HOUSE.replace("      - [50, 150, north_east]\n      - [-50, 150, south_east]\n", "")
    text = text.replace(
        "  L2:\n    elevation: 4.0\n",
        "  L2:\n    elevation: 4.0\n    measurements:\n      - [0, 1, {distance: [3, 5.0]}]\n",
    )
    waypoints = campus_of(tmp_path, text).waypoints
    # 50 px are 5 m; north_west (50, 50) lies on (0, 0)
    assert waypoints["L2_0"].xy == pytest.approx((-5.0, -8.0))


def test_without_common_fiducials_pictures_lie_corner_on_corner_and_a_note_says_so(
    tmp_path: Path,
) -> None:
    result = imported(tmp_path, HOUSE.replace("[50, 50, north_west]", "[50, 50, elsewhere]"))
    assert not any("in common" in each for each in notes_of(result))
    apart = re.sub(r"(    elevation: 4.0\n)    fiducials:\n(      - .*\n){3}", r"\1", HOUSE)
    assert apart != HOUSE
    messages = notes_of(imported(tmp_path, apart))
    assert next(e for m, e in messages.items() if "no fiducial in common" in m) == ("L2",)
    assert next(e for m, e in messages.items() if "no measurement" in m) == ("L2",)


def test_a_lift_joins_the_levels_in_its_cabin(tmp_path: Path) -> None:
    campus = campus_of(tmp_path)
    assert [(each.id, each.elevation_m) for each in campus.levels.values()] == [
        ("L1", 0.0),
        ("L2", 4.0),
    ]
    passage = campus.passages["lift_a"]
    assert (passage.kind, passage.levels) == (PassageKind.LIFT, ("L1", "L2"))
    assert passage.shape.area == pytest.approx(2.0 * 1.5)
    in_cabin = [each for each in campus.waypoints.values() if each.passage == "lift_a"]
    assert {(each.id, each.role) for each in in_cabin} == {
        ("L1_2", Role.LIFT),
        ("L2_0", Role.LIFT),
    }
    rides = [each for each in campus.lanes.values() if each.lift == "lift_a"]
    assert {(each.start, each.end, each.length_m) for each in rides} == {
        ("L1_2", "L2_0", 4.0),
        ("L2_0", "L1_2", 4.0),
    }


def test_a_lift_that_serves_one_level_is_left_out_with_a_note(tmp_path: Path) -> None:
    result = imported(tmp_path, HOUSE.replace("      L2: [door]\n", ""))
    assert ("lift_a",) in notes_of(result).values()
    assert campus_from_geojson(result.document).passages.keys() == {"gate"}


def test_a_mutex_group_is_a_resource_of_lanes_and_vertices(tmp_path: Path) -> None:
    campus = campus_of(tmp_path)
    assert campus.waypoints["L1_1"].resource == "hall"
    assert campus.lanes["L1_lane_1"].resource == "hall"
    assert campus.lanes["L1_lane_2"].resource is None


def test_a_lane_gets_a_waypoint_in_each_door_that_it_crosses(tmp_path: Path) -> None:
    campus = campus_of(tmp_path)
    (inside,) = [each for each in campus.waypoints.values() if each.passage == "gate"]
    assert inside.role is Role.DOOR
    assert inside.xy == pytest.approx((5.0, -10.0))
    assert {each.id for each in campus.waypoints.values() if each.is_bay} == {"L1_0", "L1_5"}


def test_one_way_lanes_on_one_line_are_one_lane_both_ways(tmp_path: Path) -> None:
    lanes = campus_of(tmp_path).lanes
    assert lanes["L2_lane_0"].reverse == "L2_lane_0~"
    assert "L2_lane_1" not in lanes
    assert lanes["L1_lane_1"].speed_limit_mps == 0.4


def test_a_robot_that_starts_at_a_charger_is_one_of_the_fleet(tmp_path: Path) -> None:
    fleet = imported(tmp_path).fleet
    assert fleet is not None
    assert fleet["robots"] == [{"name": "tidy", "kind": "cleaner", "home": "L1_0"}]


@pytest.mark.parametrize(
    ("old", "new", "on_line", "problem"),
    [
        ("[0, 100, 0, dock,", "[east, 100, 0, dock,", "[east, 100", "'east', not a number"),
        ("[1, 5, {bidirectional", "[1, 6, {bidirectional", "[1, 6,", "vertices are 0 to 5"),
        ("[3, 4, {name", "[3, four, {name", "[3, four", "'four', but the vertices are"),
        ("{distance: [3, 10.0]}", "{distance: [3, -1.0]}", "-1.0", "a distance apart"),
        ("      L2: [door]", "      L9: [door]", "level_doors:", "no level 'L9'"),
        ("width: 2.0", "width: 0.0", "lift_a:", "cabin is 0 m by 1.5 m"),
        ("reference_image", "polar", "polar", "'polar' is none of"),
        ("elevation: 4.0", "elevation: high", "elevation: high", "'high', not a number"),
        ("name: house", "name: [house", "coordinate_system", "expected"),
        (
            "[50, 150, north_east]\n      - [-50, 150,",
            "[50, 50, north_east]\n      - [50, 50,",
            "fiducials:",
            "they lie on one spot",
        ),
    ],
)
def test_a_wrong_building_is_refused_by_line(
    tmp_path: Path, old: str, new: str, on_line: str, problem: str
) -> None:
    assert old in HOUSE
    text = HOUSE.replace(old, new, 1)
    with pytest.raises(MapFileError, match=re.escape(problem)) as refused:
        imported(tmp_path, text)
    found = re.search(r"house\.building\.yaml:(\d+)", str(refused.value))
    assert found is not None, refused.value
    assert on_line in text.splitlines()[int(found[1]) - 1], refused.value
    assert refused.value.remedy


@pytest.mark.parametrize("text", ["", "levels:\n", "levels: []\n", "- 1\n", "levels: {L1: {}}\n"])
def test_what_is_no_building_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "house.building.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(MapFileError, match=r"house\.building\.yaml") as refused:
        read(file, ImportOptions(campus_id="house"))
    assert refused.value.remedy
