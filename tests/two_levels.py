"""A small campus with a house of two levels: two doors, one lift, two robots or more.

dock_1 ── w_n ── door_n ── in_n ──┐            l2:  office ── hall_2 ── lobby_2 ── cabin_2
           │                      hall ── lobby ── cabin        │           │
bay_out ─ w_m                     │   (bays)                 (bays)     cabin above cabin
           │                      │
dock_2 ── w_s ── door_s ── in_s ──┘
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]

HEIGHT_M = 4.5
POINTS: dict[str, tuple[float, float, str, str]] = {
    "dock_1": (0.0, 6.0, "ground", "dock"),
    "dock_2": (0.0, -6.0, "ground", "dock"),
    "bay_out": (4.0, 0.0, "ground", "bay"),
    "w_n": (10.0, 6.0, "ground", "junction"),
    "w_m": (10.0, 0.0, "ground", "junction"),
    "w_s": (10.0, -6.0, "ground", "junction"),
    "in_door_n": (20.0, 6.0, "ground", "door"),
    "in_door_s": (20.0, -6.0, "ground", "door"),
    "in_n": (26.0, 6.0, "ground", "junction"),
    "in_s": (26.0, -6.0, "ground", "junction"),
    "hall": (32.0, 0.0, "ground", "junction"),
    "bay_n": (32.0, 6.0, "ground", "bay"),
    "bay_s": (32.0, -6.0, "ground", "bay"),
    "lobby": (38.0, 0.0, "ground", "junction"),
    "cabin": (44.0, 0.0, "ground", "lift"),
    "cabin_2": (44.0, 0.0, "l2", "lift"),
    "lobby_2": (38.0, 0.0, "l2", "junction"),
    "hall_2": (32.0, 0.0, "l2", "junction"),
    "bay_2n": (32.0, 6.0, "l2", "bay"),
    "bay_2s": (32.0, -6.0, "l2", "bay"),
    "office": (25.0, 0.0, "l2", "bay"),
}
PASSAGES = {"in_door_n": "door_n", "in_door_s": "door_s", "cabin": "lift", "cabin_2": "lift"}
NAMES = {"office": "Office", "bay_s": "Reception"}
LANES = (
    ("dock_1", "w_n"),
    ("dock_2", "w_s"),
    ("bay_out", "w_m"),
    ("w_n", "w_m"),
    ("w_m", "w_s"),
    ("w_n", "in_door_n"),
    ("w_s", "in_door_s"),
    ("in_door_n", "in_n"),
    ("in_door_s", "in_s"),
    ("in_n", "hall"),
    ("in_s", "hall"),
    ("hall", "bay_n"),
    ("hall", "bay_s"),
    ("hall", "lobby"),
    ("lobby", "cabin"),
    ("cabin", "cabin_2"),
    ("cabin_2", "lobby_2"),
    ("lobby_2", "hall_2"),
    ("hall_2", "bay_2n"),
    ("hall_2", "bay_2s"),
    ("hall_2", "office"),
)
FLEET = """
fleet: two_levels
kinds:
  guard:
    skills: [patrol, respond, inspect, go_to, charge]
    footprint_radius_m: 0.45
    max_speed_mps: 1.5
    max_acceleration_mps2: 0.8
    max_turn_rate_radps: 1.2
    battery: {capacity_wh: 800, idle_w: 35, drive_w_per_mps: 60, tool_w: 0, charge_w: 400}
    brush_width_m: null
robots:
ROBOTS
policy: {charge_below: 0.30, reserve: 0.15, charge_to: 0.95, offline_after_s: 5,
         reassign_after_s: 60, patience_s: 15}
"""


def _feature(identifier: str, what: str, shape: str, coordinates: Any, **properties: Any) -> Json:
    return {
        "type": "Feature",
        "id": identifier,
        "geometry": {"type": shape, "coordinates": coordinates},
        "properties": {"feature": what, **properties},
    }


def _box(left: float, low: float, right: float, high: float) -> Any:
    return [[[left, low], [right, low], [right, high], [left, high], [left, low]]]


def _docks(robots: int) -> dict[str, tuple[float, float, str, str]]:
    """Docks of the robots from the third on, further out than the first two."""
    found = {}
    for number in range(3, robots + 1):
        y_m = 6.0 + 4.0 * ((number - 1) // 2)
        found[f"dock_{number}"] = (0.0, y_m if number % 2 else -y_m, "ground", "dock")
    return found


def document(robots: int = 2) -> Json:
    """The campus as GeoJSON."""
    more = _docks(robots)
    points = {**POINTS, **more}
    ways = [*LANES, *((dock, "w_n" if more[dock][1] > 0 else "w_s") for dock in more)]
    waypoints = []
    for name, (x_m, y_m, level, role) in points.items():
        given: Json = {"level": level, "role": role}
        if name in PASSAGES:
            given["passage"] = PASSAGES[name]
        if name in NAMES:
            given["name"] = NAMES[name]
        waypoints.append(_feature(name, "waypoint", "Point", [x_m, y_m], **given))
    lanes = [
        _feature(
            f"{start}-{end}",
            "lane",
            "LineString",
            [list(points[start][:2]), list(points[end][:2])],
            direction="both",
            level=points[start][2],
            width_m=2.0,
            speed_limit_mps=1.5,
            indoor=points[start][0] >= 20.0 and points[end][0] >= 20.0,
            **{"from": start, "to": end},
        )
        for start, end in ways
    ]
    doors = [
        _feature(
            f"door_{side}",
            "door",
            "LineString",
            [[20.0, y_m - 1.2], [20.0, y_m + 1.2]],
            name=f"{name} door",
            level="ground",
            opening_s=2.0,
            timeout_s=20.0,
            building="tower",
        )
        for side, name, y_m in (("n", "North", 6.0), ("s", "South", -6.0))
    ]
    lift = _feature(
        "lift",
        "lift",
        "Polygon",
        _box(42.5, -1.5, 45.5, 1.5),
        name="Tower lift",
        levels=["ground", "l2"],
        speed_mps=0.5,
        opening_s=2.0,
        timeout_s=40.0,
        building="tower",
    )
    tower = _feature(
        "tower",
        "building",
        "Polygon",
        _box(20.0, -10.0, 48.0, 10.0),
        name="Tower",
        level="ground",
        levels=["ground", "l2"],
        height_m=9.0,
    )
    levels = [
        {"id": "ground", "name": "Ground", "elevation_m": 0.0},
        {"id": "l2", "name": "Level 2", "elevation_m": HEIGHT_M},
    ]
    campus = {
        "format_version": 2,
        "id": "two_levels",
        "name": "Two levels",
        "timezone": "UTC",
        "anchor": {"latitude_deg": 30.0, "longitude_deg": 120.0},
        "levels": levels,
    }
    features = [tower, *doors, lift, *waypoints, *lanes]
    return {"type": "FeatureCollection", "campus": campus, "features": features}


def write(folder: Path, robots: int = 2) -> Path:
    """A map folder with campus and fleet, a dock for each robot."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "campus.geojson").write_text(json.dumps(document(robots)), encoding="utf-8")
    lines = (
        f"  - {{name: guard_{each}, kind: guard, home: dock_{each}}}"
        for each in range(1, robots + 1)
    )
    fleet = FLEET.replace("ROBOTS", "\n".join(lines))
    (folder / "fleet.yaml").write_text(fleet, encoding="utf-8")
    return folder
