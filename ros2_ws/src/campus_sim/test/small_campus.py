"""A small campus for tests: two docks, a street, a house to the east, a zone to clean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from campus_sim.body import Command
from campus_sim.configuration import load_campus, load_fleet
from campus_sim.noise import NONE, Noise
from campus_sim.world import World, WorldOptions

WALL_X_M = 30.0
RADIUS_M = 0.5
MAX_SPEED_MPS = 2.0
ACCELERATION_MPS2 = 1.0
TURN_RATE_RADPS = 1.0
BRUSH_M = 0.8

FLEET = """
fleet: small
kinds:
  worker:
    skills: [clean, charge]
    footprint_radius_m: 0.5
    max_speed_mps: 2.0
    max_acceleration_mps2: 1.0
    max_turn_rate_radps: 1.0
    battery: {capacity_wh: 100, idle_w: 36, drive_w_per_mps: 72, tool_w: 90, charge_w: 360}
    brush_width_m: 0.8
robots:
  - {name: r1, kind: worker, home: dock_1}
  - {name: r2, kind: worker, home: dock_2}
"""


def _feature(identifier: str, kind: str, shape: str, coordinates: Any, **properties: Any) -> Any:
    return {
        "type": "Feature",
        "id": identifier,
        "geometry": {"type": shape, "coordinates": coordinates},
        "properties": {"feature": kind, **properties},
    }


def _rectangle(left: float, low: float, right: float, high: float) -> Any:
    return [[[left, low], [right, low], [right, high], [left, high], [left, low]]]


def document() -> Any:
    """Robots start at (0, 0) and (0, 8) heading east; the house's wall is at x = 30 m."""
    points = {
        "dock_1": (0, 0, "dock"),
        "dock_2": (0, 8, "dock"),
        "west_1": (4, 0, "junction"),
        "west_2": (4, 8, "junction"),
        "east_1": (24, 0, "junction"),
        "east_2": (24, 8, "junction"),
    }
    lanes = [
        ("dock_1", "west_1"),
        ("dock_2", "west_2"),
        ("west_1", "west_2"),
        ("west_1", "east_1"),
        ("west_2", "east_2"),
        ("east_1", "east_2"),
    ]
    features = [
        _feature(name, "waypoint", "Point", [x, y], level="ground", role=role)
        for name, (x, y, role) in points.items()
    ]
    features += [
        _feature(
            f"{a}-{b}",
            "lane",
            "LineString",
            [list(points[a][:2]), list(points[b][:2])],
            level="ground",
            direction="both",
            width_m=2.0,
            speed_limit_mps=2.0,
            **{"from": a, "to": b},
        )
        for a, b in lanes
    ]
    features.append(
        _feature(
            "house",
            "building",
            "Polygon",
            _rectangle(WALL_X_M, -20, 50, 20),
            name="House",
            level="ground",
        )
    )
    features.append(
        _feature(
            "yard",
            "zone",
            "Polygon",
            _rectangle(0, -5, 20, 5),
            name="Yard",
            level="ground",
            purpose="clean",
            access="west_1",
        )
    )
    campus = {
        "format_version": 1,
        "id": "small",
        "name": "Small campus",
        "timezone": "UTC",
        "anchor": {"latitude_deg": 0.0, "longitude_deg": 0.0},
        "levels": [{"id": "ground", "name": "Ground", "elevation_m": 0.0}],
    }
    return {"type": "FeatureCollection", "campus": campus, "features": features}


def write_files(folder: Path, campus: Any = None) -> tuple[Path, Path]:
    """Map folder and fleet file, of this campus or of another where robots are at home."""
    text = json.dumps(document() if campus is None else campus)
    (folder / "campus.geojson").write_text(text, encoding="utf-8")
    (folder / "fleet.yaml").write_text(FLEET, encoding="utf-8")
    return folder, folder / "fleet.yaml"


def small_world(
    folder: Path, *, seed: int = 1, people: int = 0, noise: Noise = NONE, charge: float = 0.5
) -> World:
    """The world of the small campus; both robots begin with the same charge."""
    map_dir, fleet_file = write_files(folder)
    campus = load_campus(map_dir)
    charges = {"r1": charge, "r2": charge}
    return World(campus, load_fleet(fleet_file, campus), WorldOptions(seed, people, charges, noise))


def drive(world: World, seconds: float, **commands: Command) -> None:
    """Steps with the same commands; a robot that is not named brakes."""
    for _ in range(round(seconds * 10)):
        world.step(commands)
