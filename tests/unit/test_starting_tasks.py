"""A demo begins with work that its robots can do and that is near them."""

from __future__ import annotations

from typing import Any

from fleet_manager.demo.starting_tasks import starting_requests


def waypoint(name: str, x_m: float, role: str = "junction") -> dict[str, Any]:
    return feature(name, {"feature": "waypoint", "role": role}, [x_m, 0.0])


def feature(name: str, properties: dict[str, Any], coordinates: list[Any]) -> dict[str, Any]:
    return {"id": name, "properties": properties, "geometry": {"coordinates": coordinates}}


def square(name: str, side_m: float, purpose: str = "clean") -> dict[str, Any]:
    ring = [[0.0, 0.0], [side_m, 0.0], [side_m, side_m], [0.0, side_m], [0.0, 0.0]]
    return feature(name, {"feature": "zone", "purpose": purpose}, [ring])


def robot(*skills: str) -> dict[str, Any]:
    return {"skills": list(skills), "x_m": 0.0, "y_m": 0.0}


def wanted(features: list[dict[str, Any]], *robots: dict[str, Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for body in starting_requests({"features": features}, robots):
        found.setdefault(body["request"]["category"], []).append(body["request"]["description"])
    return found


def test_a_patrol_goes_round_the_nearest_places_but_no_bridge() -> None:
    places = [waypoint(f"p{x}", float(x)) for x in (60, 50, 40, 30, 20)]
    found = wanted([*places, waypoint("bridge", 10.0, "bridge")], robot("patrol"))
    assert found == {"patrol": [{"places": ["p20", "p30", "p40", "p50"], "rounds": 1}]}


def test_two_small_clean_zones_and_no_closed_one() -> None:
    zones = [square("big", 50.0), square("small", 5.0), square("mid", 9.0)]
    found = wanted([*zones, square("closed", 1.0, "closed")], robot("clean"))
    assert found == {"clean": [{"zone": "small"}, {"zone": "mid"}]}


def test_one_inspection_of_five_assets() -> None:
    assets = [feature(f"a{x}", {"feature": "asset"}, [float(x), 0.0]) for x in range(9)]
    found = wanted(assets, robot("inspect"), robot("inspect"))
    assert found == {"inspect": [{"assets": ["a0", "a1", "a2", "a3", "a4"]}]}


def test_nothing_is_asked_that_no_robot_can_do() -> None:
    assert wanted([waypoint("p", 1.0), square("z", 5.0)], robot("charge")) == {}


def test_nothing_is_asked_indoors_or_on_another_level() -> None:
    near = {"feature": "asset", "level": "ground", "access": "lobby"}
    above = {"feature": "asset", "level": "l2", "access": "hall"}
    outside = {"feature": "asset", "level": "ground", "access": "path"}
    features = [
        feature("lane", {"feature": "lane", "from": "path", "to": "lobby", "indoor": True}, []),
        feature("lobby_asset", near, [1.0, 0.0]),
        feature("upper_asset", above, [2.0, 0.0]),
        feature("door_asset", outside, [3.0, 0.0]),
        feature("gate_asset", {**outside, "access": "gate"}, [9.0, 0.0]),
    ]
    found = wanted(features, {**robot("inspect"), "level": "ground"})
    assert found == {"inspect": [{"assets": ["gate_asset"]}]}
