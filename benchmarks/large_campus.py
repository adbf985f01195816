"""A synthetic campus of about 10,000 waypoints: streets, bays, houses, zones, two-storey towers."""

from __future__ import annotations

from typing import Any

from fleet_manager.core.campus import Campus
from fleet_manager.core.config import BatterySpec, FleetConfig, KindSpec, Policy, RobotSpec

Json = dict[str, Any]

BLOCK_M = 60.0
COLUMNS, ROWS = 35, 36
TOWER_EVERY = 40
SPEED_MPS = 1.5


def large_document() -> Json:
    """A grid of streets with a house or a square in each block, well-formed."""
    town = _Town()
    for column in range(COLUMNS):
        for row in range(ROWS):
            town.crossroads(column, row)
    for column in range(COLUMNS):
        for row in range(ROWS):
            town.street(column, row, column + 1, row)
            town.street(column, row, column, row + 1)
            if column + 1 < COLUMNS and row + 1 < ROWS:
                town.block(column, row, column * ROWS + row)
    edge = [-30.0, -30.0, COLUMNS * BLOCK_M, ROWS * BLOCK_M]
    town.add("edge", "boundary", "Polygon", _box(*edge))
    campus = {
        "format_version": 2,
        "id": "large",
        "name": "Large campus",
        "timezone": "UTC",
        "anchor": {"latitude_deg": 30.0, "longitude_deg": 120.0},
        "levels": [
            {"id": "ground", "name": "Ground", "elevation_m": 0.0},
            {"id": "l2", "name": "Level 2", "elevation_m": 4.5},
        ],
    }
    return {"type": "FeatureCollection", "campus": campus, "features": town.features}


def large_fleet(campus: Campus, robots: int = 60) -> FleetConfig:
    """Robots of three kinds and two sizes, at home in the first docks."""
    battery = BatterySpec(800.0, 35.0, 60.0, 20.0, 400.0)
    skills = frozenset({"patrol", "respond", "inspect", "go_to", "charge", "clean"})
    kinds = {
        name: KindSpec(name, skills, radius_m, SPEED_MPS, 0.8, 1.2, battery, brush_m)
        for name, radius_m, brush_m in (
            ("security", 0.45, None),
            ("safety", 0.45, None),
            ("cleaning", 0.55, 0.7),
        )
    }
    names = list(kinds)
    homes = [dock.id for dock in campus.docks][:robots]
    specs = [RobotSpec(f"r{at}", names[at % 3], home) for at, home in enumerate(homes)]
    return FleetConfig("large", kinds, {each.name: each for each in specs}, Policy())


def _box(left: float, low: float, right: float, high: float) -> list[Any]:
    return [[[left, low], [right, low], [right, high], [left, high], [left, low]]]


class _Town:
    """Features in the making."""

    def __init__(self) -> None:
        self.features: list[Json] = []
        self.at: dict[str, tuple[float, float]] = {}

    def add(self, identifier: str, what: str, shape: str, at: Any, **properties: Any) -> None:
        self.features.append(
            {
                "type": "Feature",
                "id": identifier,
                "geometry": {"type": shape, "coordinates": at},
                "properties": {"feature": what, **properties},
            }
        )

    def waypoint(
        self, identifier: str, x_m: float, y_m: float, role: str = "junction", **more: Any
    ) -> str:
        given = {"level": "ground", "role": role} | more
        self.add(identifier, "waypoint", "Point", [x_m, y_m], **given)
        self.at[identifier] = (x_m, y_m)
        return identifier

    def lane(self, start: str, end: str, **more: Any) -> None:
        given = {"level": "ground", "width_m": 2.4, "speed_limit_mps": SPEED_MPS} | more
        line = [list(self.at[start]), list(self.at[end])]
        ends = {"from": start, "to": end, "direction": "both"}
        self.add(f"{start}--{end}", "lane", "LineString", line, **ends, **given)

    def crossroads(self, column: int, row: int) -> None:
        self.waypoint(f"x{column}_{row}", column * BLOCK_M, row * BLOCK_M)

    def street(self, column: int, row: int, to_column: int, to_row: int) -> None:
        """Two waypoints between crossroads, with a bay or dock and an asset beside them."""
        start, end = f"x{column}_{row}", f"x{to_column}_{to_row}"
        if to_column >= COLUMNS or to_row >= ROWS:
            return
        (ax, ay), along = self.at[start], (to_column - column, to_row - row)
        before = start
        for part in (1, 2):
            x_m = ax + along[0] * part * BLOCK_M / 3
            y_m = ay + along[1] * part * BLOCK_M / 3
            here = self.waypoint(f"{start}_{along[0]}{part}", x_m, y_m)
            self.lane(before, here)
            bay = f"bay_{here}"
            role = "dock" if (column + row) % 12 == 0 else "bay"
            self.waypoint(bay, x_m + along[1] * 4.0, y_m - along[0] * 4.0, role)
            self.lane(here, bay, width_m=1.8, speed_limit_mps=0.8)
            before = here
        self.lane(before, end)
        self.add(
            f"hydrant_{start}_{along[0]}", "asset", "Point",
            [x_m - along[1] * 3.0, y_m + along[0] * 3.0],
            name=f"Hydrant {start} {along[0]}", level="ground", kind="hydrant", access=before,
            due_interval_days=90,
        )  # fmt: skip

    def block(self, column: int, row: int, number: int) -> None:
        """A house, or a square that is cleaned; now and then a tower of two levels."""
        x_m, y_m = column * BLOCK_M, row * BLOCK_M
        access = f"bay_x{column}_{row}_01"
        if number % TOWER_EVERY == 0:
            self.tower(f"tower{number}", x_m, y_m, column, row)
        elif number % 3 == 0:
            self.add(
                f"square{number}", "zone", "Polygon", _box(x_m + 8, y_m + 10, x_m + 30, y_m + 30),
                name=f"Square {number}", level="ground", purpose="clean", access=access,
            )  # fmt: skip
        else:
            self.add(
                f"house{number}", "building", "Polygon",
                _box(x_m + 10, y_m + 10, x_m + 50, y_m + 50),
                name=f"House {number}", level="ground", height_m=9.0,
            )  # fmt: skip

    def tower(self, name: str, x_m: float, y_m: float, column: int, row: int) -> None:
        """A hollow house with a door in its south wall and a lift to the level above."""
        self.add(
            name, "building", "Polygon", _box(x_m + 10, y_m + 10, x_m + 50, y_m + 50),
            name=name.title(), level="ground", levels=["ground", "l2"], height_m=9.0,
        )  # fmt: skip
        middle, wall = x_m + 20, y_m + 10
        self.add(
            f"door_{name}", "door", "LineString", [[middle - 1.2, wall], [middle + 1.2, wall]],
            name=f"Door {name}", level="ground", building=name,
        )  # fmt: skip
        cabin = (middle, y_m + 44.0)
        self.add(
            f"lift_{name}", "lift", "Polygon",
            _box(cabin[0] - 1.5, cabin[1] - 1.5, cabin[0] + 1.5, cabin[1] + 1.5),
            name=f"Lift {name}", levels=["ground", "l2"], building=name,
        )  # fmt: skip
        leaf = self.waypoint(f"{name}_leaf", middle, wall, "door", passage=f"door_{name}")
        self.lane(f"x{column}_{row}_11", leaf)
        before = self._floor(name, "ground", middle, y_m, leaf)
        first = self.waypoint(f"{name}_cabin", *cabin, "lift", passage=f"lift_{name}")
        self.lane(before, first, indoor=True)
        second = self.waypoint(f"{name}_cabin2", *cabin, "lift", passage=f"lift_{name}", level="l2")
        self.lane(first, second, indoor=True)
        self._floor(name, "l2", middle, y_m, second)

    def _floor(self, name: str, level: str, x_m: float, y_m: float, first: str) -> str:
        """A corridor with bays beside it; returns its end at the lift."""
        steps = (16.0, 24.0, 32.0, 40.0)
        before = first
        for at_m in steps if level == "ground" else reversed(steps):
            here = self.waypoint(f"{name}_{level}_{at_m:.0f}", x_m, y_m + at_m, level=level)
            self.lane(before, here, indoor=True, level=level)
            bay = f"bay_{name}_{level}_{at_m:.0f}"
            self.waypoint(bay, x_m + 4.0, y_m + at_m, "bay", level=level)
            self.lane(here, bay, indoor=True, level=level)
            before = here
        return before
