"""A house for tests: a crossing and a door before it, a lift and a ramp to its upper level."""

from __future__ import annotations

from typing import Any


def _feature(identifier: str, kind: str, shape: str, coordinates: Any, **properties: Any) -> Any:
    return {
        "type": "Feature",
        "id": identifier,
        "geometry": {"type": shape, "coordinates": coordinates},
        "properties": {"feature": kind, **properties},
    }


def _box(left: float, low: float, right: float, high: float) -> Any:
    return [[[left, low], [right, low], [right, high], [left, high], [left, low]]]


def house() -> Any:
    """Docks at x = 0; a house from x = 10 with a door at y = 0 and a lift from x = 20 to 23."""
    points = {
        "dock_1": (0, 0, "ground", "dock", None),
        "dock_2": (0, 4, "ground", "dock", None),
        "door_w": (10, 0, "ground", "door", "door"),
        "hall": (16, 0, "ground", "junction", None),
        "cabin": (21.5, 0, "ground", "lift", "lift"),
        "cabin_2": (21.5, 0, "l2", "lift", "lift"),
        "hall_2": (16, 0, "l2", "junction", None),
        "bay_2": (12, 0, "l2", "bay", None),
        "foot": (12, -5, "ground", "junction", None),
        "top": (18, -5, "l2", "junction", None),
    }
    lanes = [
        ("dock_1", "door_w"),
        ("dock_2", "dock_1"),
        ("door_w", "hall"),
        ("hall", "cabin"),
        ("cabin", "cabin_2"),
        ("cabin_2", "hall_2"),
        ("hall_2", "bay_2"),
        ("hall", "foot"),
        ("foot", "top"),
        ("top", "hall_2"),
    ]
    features = []
    for name, (x, y, level, role, passage) in points.items():
        given = {"level": level, "role": role} | ({"passage": passage} if passage else {})
        features.append(_feature(name, "waypoint", "Point", [x, y], **given))
    for a, b in lanes:
        line = [list(points[a][:2]), list(points[b][:2])]
        given = {"level": points[a][2], "direction": "both", "width_m": 1.8, "from": a, "to": b}
        indoor = min(points[a][0], points[b][0]) >= 10
        if (a, b) == ("foot", "top"):
            given["structure"] = "ramp"
        features.append(
            _feature(
                f"{a}-{b}", "lane", "LineString", line, speed_limit_mps=2.0, indoor=indoor, **given
            )
        )
    features += [
        _feature(
            "tower",
            "building",
            "Polygon",
            _box(10, -8, 24, 8),
            name="Tower",
            level="ground",
            levels=["ground", "l2"],
        ),
        _feature(
            "door",
            "door",
            "LineString",
            [[10, -1.2], [10, 1.2]],
            name="Door",
            level="ground",
            opening_s=2.0,
            timeout_s=20.0,
        ),
        _feature(
            "lift",
            "lift",
            "Polygon",
            _box(20, -1.5, 23, 1.5),
            name="Lift",
            levels=["ground", "l2"],
            speed_mps=0.5,
            opening_s=2.0,
            timeout_s=60.0,
        ),
        _feature(
            "road",
            "crossing",
            "Polygon",
            _box(4, -2, 7, 2),
            name="Road",
            level="ground",
            opening_s=5.0,
        ),
    ]
    campus = {
        "format_version": 2,
        "id": "house",
        "name": "House",
        "timezone": "UTC",
        "anchor": {"latitude_deg": 0.0, "longitude_deg": 0.0},
        "levels": [
            {"id": "ground", "name": "Ground", "elevation_m": 0.0},
            {"id": "l2", "name": "Level 2", "elevation_m": 4.0},
        ],
    }
    return {"type": "FeatureCollection", "campus": campus, "features": features}
