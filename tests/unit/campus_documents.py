"""A tiny campus for tests: a street of three junctions with a bay, a dock, a zone, an asset."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def feature(
    identifier: str, what: str, geometry: str, coordinates: Any, /, **properties: Any
) -> Json:
    return {
        "type": "Feature",
        "id": identifier,
        "geometry": {"type": geometry, "coordinates": coordinates},
        "properties": {"feature": what, **properties},
    }


def waypoint(identifier: str, x_m: float, y_m: float, role: str, **properties: Any) -> Json:
    return feature(
        identifier, "waypoint", "Point", [x_m, y_m], level="ground", role=role, **properties
    )


def lane(start: Json, end: Json, direction: str = "both", **properties: Any) -> Json:
    ends = (start["id"], end["id"])
    line = [each["geometry"]["coordinates"] for each in (start, end)]
    given = {"level": "ground", "from": ends[0], "to": ends[1], "direction": direction}
    given |= {"width_m": 2.0, "speed_limit_mps": 1.5} | properties
    return feature(f"{ends[0]}-{ends[1]}", "lane", "LineString", line, **given)


def rectangle(min_x: float, min_y: float, max_x: float, max_y: float) -> list[Any]:
    corners = [[min_x, min_y], [max_x, min_y], [max_x, max_y], [min_x, max_y]]
    return [[*corners, corners[0]]]


def tiny_document() -> Json:
    """West (0, 0), middle (20, 0), east (40, 0); a bay, a dock and a work bay north of them."""
    west = waypoint("west", 0, 0, "junction")
    middle = waypoint("middle", 20, 0, "junction", name="Middle")
    east = waypoint("east", 40, 0, "junction")
    bay = waypoint("bay", 0, 4, "bay", name="Rest")
    dock = waypoint("dock", 40, 4, "dock", heading_deg=90)
    work = waypoint("work", 20, 4, "bay")
    points = [west, middle, east, bay, dock, work]
    lanes = [
        lane(west, middle, slope=0.02),
        lane(middle, east, resource="gate"),
        lane(west, bay),
        lane(east, dock),
        lane(middle, work),
    ]
    return {
        "type": "FeatureCollection",
        "campus": {
            "format_version": 1,
            "id": "tiny",
            "name": "Tiny campus",
            "timezone": "UTC",
            "anchor": {"latitude_deg": 30.0, "longitude_deg": 120.0},
            "levels": [{"id": "ground", "name": "Ground", "elevation_m": 0.0}],
        },
        "features": [
            feature("edge", "boundary", "Polygon", rectangle(-20, -20, 60, 30)),
            feature(
                "house",
                "building",
                "Polygon",
                rectangle(26, 4, 34, 14),
                name="House",
                level="ground",
            ),
            feature("wall", "obstacle", "Polygon", rectangle(-10, -10, 50, -9), level="ground"),
            feature(
                "square",
                "zone",
                "Polygon",
                rectangle(12, 6, 22, 16),
                name="Square",
                level="ground",
                purpose="clean",
                access="work",
            ),
            *points,
            *lanes,
            feature(
                "aed",
                "asset",
                "Point",
                [10, 2],
                name="Defibrillator",
                level="ground",
                kind="aed",
                access="middle",
                due_interval_days=7,
            ),
        ],
    }


def find(document: Json, identifier: str) -> Json:
    """The feature with an id, to be changed in place."""
    found: Json = next(each for each in document["features"] if each["id"] == identifier)
    return found


def remove(document: Json, identifier: str) -> None:
    """Take a feature out of a document."""
    document["features"].remove(find(document, identifier))
