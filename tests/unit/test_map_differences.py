"""What differs between two maps is told by feature and property, with how far things moved."""

from __future__ import annotations

from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.map_differences import Difference, graph_differences, map_differences
from tests.unit.campus_documents import find, remove, tiny_document


def test_a_map_does_not_differ_from_itself() -> None:
    campus = campus_from_geojson(tiny_document())
    assert map_differences(campus, campus_from_geojson(tiny_document())) == ()
    assert graph_differences(campus, campus_from_geojson(tiny_document())) == ()


def test_each_kind_of_change_is_told() -> None:
    old, new = tiny_document(), tiny_document()
    remove(new, "aed")
    find(new, "east")["geometry"]["coordinates"] = [43, 4]
    for lane in ("middle-east", "east-dock"):
        remove(new, lane)
    find(new, "west-middle")["properties"]["speed_limit_mps"] = 0.5
    # every edge of the house is 2 m further north, so is its outline
    house = find(new, "house")["geometry"]["coordinates"][0]
    find(new, "house")["geometry"]["coordinates"] = [[[x, y + 2] for x, y in house]]
    new["campus"]["name"] = "Another"
    found = {
        each.id: each
        for each in map_differences(campus_from_geojson(old), campus_from_geojson(new))
    }
    assert found["aed"] == Difference("asset", "aed", "removed")
    assert found["east"] == Difference("waypoint", "east", "changed", {}, 5.0)
    assert found["west-middle"].properties == {"speed_limit_mps": (1.5, 0.5)}
    assert found["house"].moved_m == 2.0
    assert found["tiny"].properties == {"name": ("Tiny campus", "Another")}
    assert found.keys() == {
        "aed", "east", "west-middle", "house", "tiny", "middle-east", "east-dock",
    }  # fmt: skip


def test_the_order_of_robot_kinds_means_nothing() -> None:
    old, new = tiny_document(), tiny_document()
    find(old, "west-middle")["properties"]["kinds"] = ["security", "safety"]
    find(new, "west-middle")["properties"]["kinds"] = ["safety", "security"]
    assert map_differences(campus_from_geojson(old), campus_from_geojson(new)) == ()


def test_a_feature_of_another_kind_is_removed_and_added() -> None:
    old, new = tiny_document(), tiny_document()
    find(new, "wall")["properties"] = {"feature": "keep_clear", "level": "ground"}
    found = map_differences(campus_from_geojson(old), campus_from_geojson(new))
    assert {(each.kind, each.change) for each in found} == {
        ("obstacle", "removed"),
        ("keep_clear", "added"),
    }


def test_graphs_are_compared_lane_by_lane() -> None:
    old, new = tiny_document(), tiny_document()
    find(new, "west-middle")["properties"]["slope"] = 0.03
    found = graph_differences(campus_from_geojson(old), campus_from_geojson(new))
    assert {each.id: dict(each.properties) for each in found} == {
        "west-middle": {"slope": (0.02, 0.03)},
        "west-middle~": {"slope": (-0.02, -0.03)},
    }
