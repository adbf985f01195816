"""Each kind of damage to a map with levels, doors and a lift is named with its feature and remedy.

Together with the tables of `test_campus_geojson` and `test_maps` there are more than a hundred.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fleet_manager.adapters.maps import load_campus, load_fleet, validate
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.errors import MapError, MapFormatError
from tests import two_levels
from tests.unit.campus_documents import Json, feature, find, rectangle, remove
from tests.unit.test_campus_geojson import DAMAGES
from tests.unit.test_maps import UNFIT

SEED = 20261125
MUTATIONS = 600
Damage = Callable[[Json], Any]


def sound() -> Json:
    """Two levels with a boundary: nothing is wrong with it."""
    document = two_levels.document()
    edge = feature("edge", "boundary", "Polygon", rectangle(-20, -30, 70, 30))
    document["features"].insert(0, edge)
    return document


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> FleetConfig:
    folder = two_levels.write(tmp_path_factory.mktemp("two_levels"))
    return load_fleet(folder / "fleet.yaml", load_campus(folder))


def given(identifier: str, **properties: object) -> Damage:
    return lambda document: find(document, identifier)["properties"].update(properties)


def drawn(identifier: str, coordinates: object) -> Damage:
    return lambda document: find(document, identifier)["geometry"].update(coordinates=coordinates)


def without(*identifiers: str) -> Damage:
    return lambda document: [remove(document, each) for each in identifiers]


def added(identifier: str, what: str, shape: str, at: object, **properties: object) -> Damage:
    return lambda document: document["features"].append(
        feature(identifier, what, shape, at, **properties)
    )


def weather(*rules: object) -> Damage:
    return lambda document: document["campus"].update(weather=list(rules))


def moved(identifier: str, x_m: float, y_m: float) -> Damage:
    """Move a waypoint, with the ends of its lanes."""

    def move(document: Json) -> None:
        find(document, identifier)["geometry"]["coordinates"] = [x_m, y_m]
        for each in document["features"]:
            for key, index in (("from", 0), ("to", -1)):
                if each["properties"].get(key) == identifier:
                    each["geometry"]["coordinates"][index] = [x_m, y_m]

    return move


WALL = [[28, -9], [28, 9]]
FORM: dict[str, tuple[Damage, str, str]] = {
    # damage, feature that is named, part of the message
    "passage that is not there": (given("cabin", passage="x"), "cabin", "is not on the map"),
    "passage of another kind": (given("cabin", passage="door_n"), "cabin", "is a door"),
    "passage at a junction": (given("hall", passage="door_n"), "hall", "role junction"),
    "passage and resource": (given("cabin", resource="x"), "cabin", "another resource"),
    "level the lift does not serve": (
        lambda d: (
            d["campus"]["levels"].append({"id": "l3", "name": "3", "elevation_m": 9.0}),
            given("lift", levels=["ground", "l3"])(d),
        ),
        "cabin_2",
        "does not serve",
    ),
    "lift of one level": (given("lift", levels=["ground"]), "lift", "serves one level"),
    "lift of unknown level": (given("lift", levels=["ground", "x"]), "lift", "levels is"),
    "lift without speed": (given("lift", speed_mps=0), "lift", "speed_mps is 0"),
    "lift that never opens": (given("lift", opening_s=-1), "lift", "opening_s is -1"),
    "door without patience": (given("door_n", timeout_s=0), "door_n", "timeout_s is 0"),
    "door as a point": (
        lambda d: find(d, "door_n").update(geometry={"type": "Point", "coordinates": [20, 6]}),
        "door_n",
        "draw it as a LineString",
    ),
    "door of no house": (given("door_n", building="x"), "door_n", "is not on the map"),
    "house without its level": (given("tower", levels=["l2"]), "tower", "lowest of levels"),
    "house without height": (given("tower", height_m=0), "tower", "height_m is 0"),
    "lane of another level": (given("lobby-cabin", level="l2"), "lobby-cabin", "its start"),
    "lane to another level": (
        lambda d: (
            given("hall-lobby", to="lobby_2")(d),
            drawn("hall-lobby", [[32, 0], [38, 0]])(d),
        ),
        "hall-lobby",
        "without a lift or ramp",
    ),
    "unknown structure": (given("w_n-w_m", structure="pier"), "w_n-w_m", "structure is 'pier'"),
    "wall as an area": (
        added("wall", "wall", "Polygon", rectangle(0, 0, 1, 1), level="ground"),
        "wall",
        "draw it as a LineString",
    ),
    "wall of no house": (
        added("wall", "wall", "LineString", WALL, level="ground", building="x"),
        "wall",
        "is not on the map",
    ),
    "camera without a heading": (
        added("eye", "camera", "Point", [0, 0], name="Eye", level="ground"),
        "eye",
        "heading_deg is missing",
    ),
    "camera that sees all round twice": (
        added(
            "eye",
            "camera",
            "Point",
            [0, 0],
            name="Eye",
            level="ground",
            heading_deg=0,
            field_of_view_deg=720,
            range_m=9,
        ),
        "eye",
        "field_of_view_deg is 720",
    ),
    "station that measures nothing": (
        added("air", "station", "Point", [0, 0], name="Air", level="ground", measures=[]),
        "air",
        "measures is []",
    ),
    "sector of 23 hours": (
        added(
            "beat",
            "sector",
            "Polygon",
            rectangle(0, 0, 9, 9),
            name="Beat",
            level="ground",
            risk_by_hour=[1.0] * 23,
        ),
        "beat",
        "24 weights",
    ),
    "sector of negative risk": (
        added(
            "beat",
            "sector",
            "Polygon",
            rectangle(0, 0, 9, 9),
            name="Beat",
            level="ground",
            risk_by_hour=[1.0] * 23 + [-1.0],
        ),
        "beat",
        "risk_by_hour is -1.0",
    ),
    "entrance without access": (
        added(
            "way_in",
            "entrance",
            "Point",
            [19, 6],
            name="In",
            level="ground",
            building="tower",
            access="x",
        ),
        "way_in",
        "is not on the map",
    ),
    "entrance by no door": (
        added(
            "way_in",
            "entrance",
            "Point",
            [19, 6],
            name="In",
            level="ground",
            building="tower",
            access="w_n",
            door="x",
        ),
        "way_in",
        "its door 'x'",
    ),
    "ground of gold": (
        added("floor", "ground", "Polygon", rectangle(0, 0, 9, 9), level="ground", cover="gold"),
        "floor",
        "cover is 'gold'",
    ),
    "obstacle of air": (
        added("o", "obstacle", "Polygon", rectangle(0, 9, 1, 10), level="ground", kind="air"),
        "o",
        "kind is 'air'",
    ),
    "weather that is no list": (lambda d: d["campus"].update(weather="ice"), "", "weather is"),
    "weather rule that is no object": (weather("ice"), "", "a weather rule is"),
    "unknown weather": (weather({"id": "r", "weather": "fog"}), "", "weather is 'fog'"),
    "two weather rules of one id": (
        weather({"id": "r", "weather": "ice"}, {"id": "r", "weather": "rain"}),
        "",
        "two weather rules",
    ),
}
FOUND: dict[str, tuple[Damage, str, str]] = {
    # damage, check, subject
    "lift without a lane up": (without("cabin-cabin_2"), "lift", "lift"),
    "cabins beside each other": (moved("cabin_2", 44.6, 0.5), "lift_cabin", "lift"),
    "cabin too small": (drawn("lift", rectangle(43.7, -0.3, 44.3, 0.3)), "lift_cabin", "lift"),
    "door too narrow": (drawn("door_n", [[20, 5.7], [20, 6.3]]), "door_width", "door_n"),
    "door of one side": (without("in_door_n-in_n"), "door_sides", "door_n"),
    "waypoint beside its door": (moved("in_door_n", 20, 8.5), "passage", "in_door_n"),
    "lane through a door unasked": (
        lambda d: (
            find(d, "in_door_n")["properties"].update(role="junction"),
            find(d, "in_door_n")["properties"].pop("passage"),
        ),
        "passage",
        "door_n",
    ),
    "lane through an inner wall": (
        added("wall", "wall", "LineString", WALL, level="ground", building="tower"),
        "lane_clear",
        "in_n-hall",
    ),
    "level without a way in": (without("cabin-cabin_2", "lobby_2-hall_2"), "level_reach", "l2"),
    "trap": (given("hall-bay_n", direction="forward"), "bay_reachable", "bay_n"),
    "lane too narrow": (given("w_n-w_m", width_m=0.5), "lane_width", "w_n-w_m"),
    "weather rule for nobody": (
        weather({"id": "r", "weather": "ice", "structures": ["bridge"]}),
        "weather",
        "r",
    ),
    "weather rule for unknown robots": (
        weather({"id": "r", "weather": "ice", "kinds": ["flying"]}),
        "kinds",
        "r",
    ),
    "levels out of order": (
        lambda d: d["campus"]["levels"][1].update(elevation_m=-4.0),
        "levels",
        "l2",
    ),
    "no such timezone": (
        lambda d: d["campus"].update(timezone="Mars/Olympus"),
        "timezone",
        "two_levels",
    ),
    "no boundary": (without("edge"), "inside_boundary", "two_levels"),
}


@pytest.mark.parametrize("name", FORM)
def test_each_damage_to_the_form_is_named(name: str) -> None:
    damage, subject, problem = FORM[name]
    document = sound()
    damage(document)
    with pytest.raises(MapFormatError) as refused:
        campus_from_geojson(document)
    assert problem in f"{refused.value}; {refused.value.remedy}"
    assert refused.value.feature_id == subject
    assert refused.value.remedy


def test_nothing_is_wrong_with_the_sound_map(fleet: FleetConfig) -> None:
    assert validate(campus_from_geojson(sound()), fleet) == []


@pytest.mark.parametrize("name", FOUND)
def test_each_thing_that_hinders_robots_is_found(name: str, fleet: FleetConfig) -> None:
    damage, check, subject = FOUND[name]
    document = sound()
    damage(document)
    found = validate(campus_from_geojson(document), fleet)
    assert (check, subject) in {(each.check, each.subject) for each in found}
    assert all(each.problem and each.remedy for each in found)


def test_there_are_a_hundred_kinds_of_damage() -> None:
    assert len(FORM) + len(FOUND) + len(DAMAGES) + len(UNFIT) >= 100


def test_whatever_is_changed_there_is_an_error_or_a_finding_and_never_a_traceback(
    fleet: FleetConfig, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    whole = sound()
    file = tmp_path / "campus.geojson"
    refused = 0
    for number in range(MUTATIONS):
        document = copy.deepcopy(whole)
        for _ in range(chance.randint(1, 3)):
            _mutate(document, chance)
        file.write_text(json.dumps(document), encoding="utf-8")
        remedies = _remedies(file, fleet)
        refused += remedies.pop("refused", None) is not None
        assert all(remedies.values()), (SEED, number)
    assert 0 < refused < MUTATIONS


def _remedies(file: Path, fleet: FleetConfig) -> dict[str, str]:
    """What to do about a map, by what is wrong with it."""
    try:
        found = validate(load_campus(file), fleet)
    except MapError as error:
        return {"refused": "yes", str(error): error.remedy}
    return {each.problem: each.remedy for each in found}


JUNK: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1e308,
    10**400,
    "",
    "x",
    "ground",
    [],
    [[]],
    {},
    [1, 2],
    ["l2"],
    "~",
    "é\x00",
)


def _mutate(document: Json, chance: random.Random) -> None:
    """Replace, remove or double something anywhere in a document."""
    here: Any = document
    while True:
        keys = list(here) if isinstance(here, dict) else range(len(here))
        if not keys:
            return
        key = chance.choice(list(keys))
        value = here[key]
        if isinstance(value, dict | list) and value and chance.random() < 0.8:
            here = value
            continue
        action = chance.random()
        if action < 0.6:
            here[key] = copy.deepcopy(chance.choice(JUNK))
        elif action < 0.8:
            del here[key]
        elif isinstance(here, list):
            here.insert(key, copy.deepcopy(value))
        return
