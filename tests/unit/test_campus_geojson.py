"""Each damage to a map gives an error that names the feature and what to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.errors import MapFormatError
from tests.unit.campus_documents import Json, find, lane, tiny_document, waypoint


def properties(document: Json, identifier: str) -> Json:
    found: Json = find(document, identifier)["properties"]
    return found


def set_property(identifier: str, key: str, value: object) -> Callable[[Json], None]:
    return lambda document: properties(document, identifier).__setitem__(key, value)


def drop_property(identifier: str, key: str) -> Callable[[Json], None]:
    return lambda document: properties(document, identifier).pop(key)


def set_coordinates(identifier: str, coordinates: object) -> Callable[[Json], None]:
    return lambda document: find(document, identifier)["geometry"].__setitem__(
        "coordinates", coordinates
    )


def set_head(key: str, value: object) -> Callable[[Json], None]:
    return lambda document: document["campus"].__setitem__(key, value)


def add(feature: Json) -> Callable[[Json], None]:
    return lambda document: document["features"].append(feature)


def add_second_lane(document: Json) -> None:
    second = lane(find(document, "middle"), find(document, "west"), "forward")
    document["features"].append(second)


BOW_TIE = [[[0, 6], [10, 16], [10, 6], [0, 16], [0, 6]]]
OPEN = [[[0, 6], [10, 6], [10, 16], [0, 16]]]

DAMAGES: dict[str, tuple[Callable[[Json], object], str, str, str]] = {
    # name: damage, feature, part of the message, part of the remedy
    "no collection": (lambda d: d.pop("type"), "", "not a GeoJSON FeatureCollection", "type"),
    "no head": (lambda d: d.pop("campus"), "", "campus is missing", "object"),
    "no features": (lambda d: d.pop("features"), "", "no list of features", "features"),
    "features no list": (lambda d: d.update(features="x"), "", "no list of features", "features"),
    "newer format": (set_head("format_version", 3), "", "format_version 3", "update"),
    "no version": (set_head("format_version", None), "", "format_version is missing", "number"),
    "no levels": (set_head("levels", []), "", "no levels", "campus.levels"),
    "level no object": (set_head("levels", ["ground"]), "", "a level is 'ground'", "object"),
    "no anchor": (set_head("anchor", None), "", "anchor is missing", "object"),
    "latitude": (
        set_head("anchor", {"latitude_deg": 91, "longitude_deg": 0}),
        "",
        "latitude_deg is 91",
        "-90 to 90",
    ),
    "empty name": (set_head("name", ""), "", "name is ''", "text"),
    "no object": (add("x"), "", "feature number 16 is no object", "object"),  # type: ignore[arg-type]
    "no id": (lambda d: find(d, "aed").pop("id"), "", "feature number 15 has the id", "text"),
    "id twice": (add(waypoint("west", 9, 9, "junction")), "west", "two features", "rename"),
    "id of a reverse": (add(waypoint("w~", 9, 9, "junction")), "w~", "ends with ~", "rename"),
    "no properties": (lambda d: find(d, "aed").pop("properties"), "aed", "properties", "object"),
    "unknown feature": (set_property("aed", "feature", "tree"), "aed", "'tree'", "waypoint"),
    "unknown role": (set_property("west", "role", "corner"), "west", "'corner'", "junction"),
    "unknown level": (set_property("west", "level", "roof"), "west", "'roof'", "ground"),
    "heading no number": (set_property("dock", "heading_deg", "n"), "dock", "heading", "number"),
    "name no text": (set_property("west", "name", 7), "west", "name is 7", "text"),
    "same name": (set_property("west", "name", "Middle"), "middle", "'west'", "its own name"),
    "name is an id": (set_property("west", "name", "bay"), "west", "'bay'", "its own name"),
    "no geometry": (lambda d: find(d, "west").pop("geometry"), "west", "missing", "Point"),
    "wrong geometry": (
        lambda d: find(d, "west")["geometry"].update(type="LineString"),
        "west",
        "'LineString'",
        "Point",
    ),
    "position of texts": (set_coordinates("west", ["0", "0"]), "west", "a position", "x_m"),
    "position of one": (set_coordinates("west", [0]), "west", "a position", "metres east"),
    "position not finite": (set_coordinates("west", [float("nan"), 0]), "west", "a pos", "x_m"),
    "true is no number": (set_coordinates("west", [True, 0]), "west", "a position", "x_m"),
    "ring not closed": (set_coordinates("square", OPEN), "square", "not closed", "repeat"),
    "ring crosses itself": (
        set_coordinates("square", BOW_TIE),
        "square",
        "Self-intersection",
        "does not cross itself",
    ),
    "no ring": (set_coordinates("square", []), "square", "no ring", "outline"),
    "line no list": (set_coordinates("west-middle", 5), "west-middle", "are 5", "positions"),
    "line of one": (set_coordinates("west-middle", [[0, 0]]), "west-middle", "fewer", "both"),
    "line beside its waypoint": (
        set_coordinates("west-middle", [[0, 0], [20, 1]]),
        "west-middle",
        "ends 1.00 m from waypoint 'middle'",
        "from the waypoint",
    ),
    "lane to nowhere": (
        set_property("west-middle", "to", "mid"),
        "west-middle",
        "'mid', which is not on the map",
        "correct",
    ),
    "lane to itself": (
        lambda d: (
            set_property("west-middle", "to", "west")(d),
            set_coordinates("west-middle", [[0, 0], [0, 0]])(d),
        ),
        "west-middle",
        "no length",
        "apart",
    ),
    "direction": (set_property("west-middle", "direction", "back"), "west-middle", "back", "both"),
    "width": (set_property("west-middle", "width_m", 0), "west-middle", "width_m is 0", "from 0.1"),
    "speed": (set_property("west-middle", "speed_limit_mps", "1"), "west-middle", "'1'", "number"),
    "no speed": (drop_property("west-middle", "speed_limit_mps"), "west-middle", "miss", "number"),
    "slope": (set_property("west-middle", "slope", 2), "west-middle", "slope is 2", "-1 to 1"),
    "indoor": (set_property("west-middle", "indoor", "no"), "west-middle", "indoor", "true or"),
    "kinds": (set_property("west-middle", "kinds", "all"), "west-middle", "kinds is 'all'", "list"),
    "no kinds": (set_property("west-middle", "kinds", []), "west-middle", "kinds is []", "list"),
    "second lane": (add_second_lane, "middle-west", "already leads", "waypoint between"),
    "purpose": (set_property("square", "purpose", "fun"), "square", "'fun'", "clean, watch, clos"),
    "zone without access": (drop_property("square", "access"), "square", "no access", "access"),
    "zone access unknown": (
        set_property("square", "access", "x"),
        "square",
        "'x' is not on the map",
        "name a waypoint",
    ),
    "asset kind": (set_property("aed", "kind", "bin"), "aed", "'bin'", "extinguisher"),
    "asset access unknown": (set_property("aed", "access", "x"), "aed", "'x'", "name a waypoint"),
    "asset interval": (set_property("aed", "due_interval_days", -1), "aed", "-1", "number"),
    "second boundary": (
        set_property("house", "feature", "boundary"),
        "house",
        "second boundary",
        "keep one",
    ),
    "not JSON": (set_property("aed", "note", {1, 2}), "", "not JSON", "numbers, texts"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_each_damage_is_named_with_its_remedy(name: str) -> None:
    damage, feature_id, problem, remedy = DAMAGES[name]
    document = tiny_document()
    damage(document)
    with pytest.raises(MapFormatError) as refused:
        campus_from_geojson(document)
    assert refused.value.feature_id == feature_id
    assert problem in str(refused.value)
    assert remedy in refused.value.remedy
    if feature_id:
        assert feature_id in str(refused.value)


def test_an_access_on_another_level_is_refused() -> None:
    document = tiny_document()
    document["campus"]["levels"].append({"id": "upper", "name": "Upper"})
    properties(document, "aed")["level"] = "upper"
    with pytest.raises(MapFormatError, match="'middle' is on level 'ground'"):
        campus_from_geojson(document)


def test_the_undamaged_map_is_read() -> None:
    campus = campus_from_geojson(tiny_document())
    assert (len(campus.waypoints), len(campus.zones), len(campus.assets)) == (6, 1, 1)
    assert campus.boundary is not None
    assert campus.boundary.area == 80 * 50
