"""The campus answers what is where, and names what it does not have."""

from __future__ import annotations

import math
from typing import Any

import networkx as nx
import pytest

from fleet_manager.core.campus import Campus, Role
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.errors import UnknownFeature
from tests.unit.campus_documents import find, tiny_document, waypoint


@pytest.fixture
def campus() -> Campus:
    return campus_from_geojson(tiny_document())


def test_a_lane_in_both_directions_is_two_that_exclude_each_other(campus: Campus) -> None:
    there, back = campus.lane("west-middle"), campus.lane("west-middle~")
    assert (there.start, there.end) == ("west", "middle")
    assert (back.start, back.end) == ("middle", "west")
    assert there.reverse == back.id
    assert back.reverse == there.id
    assert there.feature_id == back.feature_id == "west-middle"
    assert back.points == there.points[::-1]
    assert (there.slope, back.slope) == (0.02, -0.02)
    assert there.length_m == back.length_m == 20.0


def test_a_forward_lane_is_one() -> None:
    document = tiny_document()
    find(document, "west-middle")["properties"]["direction"] = "forward"
    campus = campus_from_geojson(document)
    assert campus.lane("west-middle").reverse is None
    assert "west-middle~" not in campus.lanes


def test_the_graph_has_lanes_as_edges(campus: Campus) -> None:
    assert set(campus.graph) == set(campus.waypoints)
    assert campus.graph.number_of_edges() == len(campus.lanes) == 10
    edge = campus.graph.edges["middle", "east"]
    assert edge["lane"] is campus.lane("middle-east")
    assert (edge["length_m"], edge["resource"]) == (20.0, "gate")
    assert nx.shortest_path(campus.graph, "bay", "dock", weight="length_m") == [
        "bay",
        "west",
        "middle",
        "east",
        "dock",
    ]
    with pytest.raises(nx.NetworkXError):
        campus.graph.add_edge("bay", "dock")


def test_a_kind_sees_only_its_lanes() -> None:
    document = tiny_document()
    find(document, "middle-east")["properties"]["kinds"] = ["security"]
    campus = campus_from_geojson(document)
    assert campus.graph_for("security").has_edge("middle", "east")
    assert not campus.graph_for("cleaning").has_edge("middle", "east")
    assert campus.graph_for("cleaning").has_edge("west", "middle")


def test_places_have_ids_and_names(campus: Campus) -> None:
    assert campus.place("Middle") is campus.place("middle") is campus.waypoint("middle")
    assert campus.names == {"Middle": "middle", "Rest": "bay"}


@pytest.mark.parametrize(
    ("ask", "close"),
    [
        (lambda campus: campus.place("Midle"), "Middle"),
        (lambda campus: campus.waypoint("wst"), "west"),
        (lambda campus: campus.lane("west-midle"), "west-middle"),
        (lambda campus: campus.zone("squar"), "square"),
        (lambda campus: campus.asset("aedd"), "aed"),
    ],
)
def test_what_is_not_there_is_refused_with_what_looks_alike(
    campus: Campus, ask: Any, close: str
) -> None:
    with pytest.raises(UnknownFeature, match="Tiny campus") as refused:
        ask(campus)
    assert close in refused.value.remedy


def test_a_lane_that_is_not_drawn_is_refused(campus: Campus) -> None:
    assert campus.lane_between("west", "middle").id == "west-middle"
    with pytest.raises(UnknownFeature, match="no lane leads from 'west' to 'east'"):
        campus.lane_between("west", "east")


def test_robots_rest_in_bays_and_docks_alone(campus: Campus) -> None:
    assert [bay.id for bay in campus.bays] == ["bay", "dock", "work"]
    assert [dock.id for dock in campus.docks] == ["dock"]
    assert campus.is_bay("dock")
    assert not campus.is_bay("middle")


@pytest.mark.parametrize("role", list(Role))
def test_a_base_ends_on_no_crossing_bridge_door_lift_or_ramp(role: Role) -> None:
    document = tiny_document()
    find(document, "west")["properties"]["role"] = role.value
    allowed = role in {Role.JUNCTION, Role.BAY, Role.DOCK}
    assert campus_from_geojson(document).may_end_base("west") is allowed


def test_a_base_ends_in_no_keep_clear_area() -> None:
    document = tiny_document()
    square = find(document, "house")
    square["properties"] = {"feature": "keep_clear", "level": "ground"}
    square["geometry"]["coordinates"] = [[[38, -2], [42, -2], [42, 2], [38, 2], [38, -2]]]
    campus = campus_from_geojson(document)
    assert not campus.may_end_base("east")
    assert campus.may_end_base("middle")


def test_the_nearest_waypoint_may_be_chosen_among_some(campus: Campus) -> None:
    assert campus.nearest_waypoint(19, 1, "ground").id == "middle"
    bays = [bay.id for bay in campus.bays]
    assert campus.nearest_waypoint(1, 1, "ground", bays).id == "bay"
    with pytest.raises(UnknownFeature, match="level 'roof'"):
        campus.nearest_waypoint(0, 0, "roof")


def test_lanes_from_a_waypoint(campus: Campus) -> None:
    assert {each.end for each in campus.lanes_from("middle")} == {"west", "east", "work"}
    assert campus.lanes_from("bay")[0].end == "west"


def test_headings_and_durations(campus: Campus) -> None:
    assert campus.waypoint("dock").heading_rad == pytest.approx(math.pi / 2)
    assert campus.waypoint("bay").heading_rad is None
    assert campus.lane("west-middle").duration_s(max_speed_mps=1.0) == 20.0
    assert campus.lane("west-middle").duration_s(max_speed_mps=5.0) == pytest.approx(20 / 1.5)


def test_points_between_lengthen_a_lane() -> None:
    document = tiny_document()
    find(document, "west-middle")["geometry"]["coordinates"].insert(1, [0, -8])
    bent = campus_from_geojson(document).lane("west-middle")
    assert bent.length_m == pytest.approx(8 + math.hypot(20, 8))
    assert bent.points == ((0.0, 0.0), (0.0, -8.0), (20.0, 0.0))


def test_the_version_is_of_the_content_not_of_its_writing() -> None:
    first, turned, moved = tiny_document(), tiny_document(), tiny_document()
    turned["campus"] = dict(reversed(turned["campus"].items()))
    find(moved, "aed")["geometry"]["coordinates"] = [10, 2.5]
    versions = [campus_from_geojson(each).version for each in (first, turned, moved)]
    assert versions[0] == versions[1] != versions[2]
    assert len(versions[0]) == 16
    assert campus_from_geojson(first) == campus_from_geojson(turned)


def test_a_second_level_is_kept_apart() -> None:
    document = tiny_document()
    document["campus"]["levels"].append({"id": "upper", "name": "Upper", "elevation_m": 4.0})
    top = waypoint("top", 0, 0, "lift")
    top["properties"]["level"] = "upper"
    document["features"] += [top]
    campus = campus_from_geojson(document)
    assert campus.levels["upper"].elevation_m == 4.0
    assert campus.nearest_waypoint(0, 0, "upper").id == "top"
