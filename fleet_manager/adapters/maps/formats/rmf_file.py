"""The content of an Open-RMF `.building.yaml` by its rows, without its meaning."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fleet_manager.adapters.maps.formats.source_file import read_source
from fleet_manager.adapters.maps.yaml_file import Step, YamlFile, read_yaml
from fleet_manager.core.errors import MapFileError

MAX_BYTES = 16 * 1024 * 1024
_REMEDY = "correct it in the traffic editor and save the building again"


@dataclass(frozen=True)
class Node:
    """A value of the file with the path to it; every refusal names the line and the path."""

    file: YamlFile[dict[str, Any]]
    value: Any
    steps: tuple[Step, ...] = ()

    def error(self, problem: str) -> MapFileError:
        where = " ".join(map(str, self.steps)) or "the building"
        return self.file.error(list(self.steps), f"{where}: {problem}", _REMEDY)

    def at(self, step: Step) -> Node:
        """An entry; of a missing one, None is the value."""
        if isinstance(self.value, Mapping) and isinstance(step, str):
            return Node(self.file, self.value.get(step), (*self.steps, step))
        if isinstance(self.value, list) and isinstance(step, int) and step < len(self.value):
            return Node(self.file, self.value[step], (*self.steps, step))
        return Node(self.file, None, (*self.steps, step))

    def rows(self, step: str) -> list[Node]:
        """The entries of a list; none if it is left out."""
        listed = self.at(step)
        if listed.value in (None, {}, []):
            return []
        if not isinstance(listed.value, list):
            raise listed.error("it is no list")
        return [listed.at(index) for index in range(len(listed.value))]

    def entries(self, step: str) -> dict[str, Node]:
        """The entries of a mapping; none if it is left out."""
        held = self.at(step)
        if held.value in (None, {}, []):
            return {}
        if not isinstance(held.value, Mapping):
            raise held.error("it is no mapping")
        return {
            str(key): Node(self.file, value, (*held.steps, str(key)))
            for key, value in held.value.items()
        }

    def number(self, default: float | None = None) -> float:
        value = self.plain
        if value is None and default is not None:
            return default
        counted = isinstance(value, int | float) and not isinstance(value, bool)
        if counted and math.isfinite(value) and abs(value) < 1e12:
            return float(value)
        raise self.error(f"it is {_shown(value)}, not a number")

    def index(self, length: int) -> int:
        """An index into a list of this length."""
        value = self.plain
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < length:
            return value
        raise self.error(f"it is {_shown(value)}, but the vertices are 0 to {length - 1}")

    def text(self) -> str:
        """A text; "" if it is left out."""
        value = self.plain
        if value is None or isinstance(value, str | int | float):
            return "" if value is None else str(value).strip()
        raise self.error(f"it is {_shown(value)}, not a text")

    @property
    def plain(self) -> Any:
        """The value; of a parameter `[type, value]`, the second."""
        is_parameter = isinstance(self.value, list) and len(self.value) == 2
        return self.value[1] if is_parameter else self.value

    @property
    def is_true(self) -> bool:
        return self.plain is True


@dataclass(frozen=True)
class Row:
    """A lane, wall, door or measurement: two vertices of its level, and parameters."""

    node: Node
    start: int
    end: int

    @property
    def parameters(self) -> Node:
        return self.node.at(2)


@dataclass(frozen=True)
class FileLevel:
    """A level of the file; vertices are rows `[x, y, z, name, parameters]`."""

    name: str
    node: Node
    elevation_m: float
    vertices: list[Node]
    lanes: list[Row]
    walls: list[Row]
    doors: list[Row]
    measurements: list[Row]
    fiducials: list[Node]
    floors: list[Node]
    models: list[Node]


@dataclass(frozen=True)
class Building:
    """A building of the file."""

    file: Path
    name: str
    node: Node
    coordinate_system: str
    levels: dict[str, FileLevel]
    lifts: dict[str, Node]

    def counts(self) -> dict[str, int]:
        """How many there are, by the keys of the file."""
        levels = list(self.levels.values())
        lists = ("vertices", "lanes", "doors", "walls", "floors", "models", "measurements")
        counts = {"levels": len(levels), "lifts": len(self.lifts)}
        counts |= {key: sum(len(getattr(each, key)) for each in levels) for key in lists}
        counts["fiducials"] = sum(len(each.fiducials) for each in levels)
        for flag in ("is_charger", "is_parking_spot", "is_holding_point"):
            counts[flag] = sum(
                vertex.at(4).at(flag).is_true for level in levels for vertex in level.vertices
            )
        return counts


def read_building(file: Path) -> Building:
    """The building in a file.

    Raises:
        MapFileError: it is not YAML, or is no building; names the line.
    """
    read_source(file, MAX_BYTES)
    try:
        content = read_yaml(file, dict[str, Any], "the guide of the traffic editor")
        node = Node(content, content.values)
        levels = {name: _level(name, each) for name, each in node.entries("levels").items()}
        name = node.at("name").text() or file.name.partition(".")[0]
        system = node.at("coordinate_system").text() or "reference_image"
        building = Building(file, name, node, system, levels, node.entries("lifts"))
    except RecursionError as error:
        raise MapFileError(
            f"{file}: it is nested too deeply", "give a building as the traffic editor saves it"
        ) from error
    if not building.levels:
        raise MapFileError(
            f"{file}: it has no levels", "give a building as the traffic editor saves it"
        )
    return building


def _level(name: str, node: Node) -> FileLevel:
    if not isinstance(node.value, Mapping):
        raise node.error("it is no mapping")
    vertices = node.rows("vertices")
    return FileLevel(
        name=name,
        node=node,
        elevation_m=node.at("elevation").number(default=0.0),
        vertices=vertices,
        lanes=_pairs(node, "lanes", len(vertices)),
        walls=_pairs(node, "walls", len(vertices)),
        doors=_pairs(node, "doors", len(vertices)),
        measurements=_pairs(node, "measurements", len(vertices)),
        fiducials=node.rows("fiducials"),
        floors=node.rows("floors"),
        models=node.rows("models"),
    )


def _pairs(node: Node, key: str, vertices: int) -> list[Row]:
    return [
        Row(row, row.at(0).index(vertices), row.at(1).index(vertices)) for row in node.rows(key)
    ]


def _shown(value: Any) -> str:
    return "missing" if value is None else repr(value)[:40]
