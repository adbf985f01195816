"""Reads the campus map and the fleet file (docs/map-format.md) as far as a simulator needs them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from fleet_manager.core.campus import Campus
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.config import BatterySpec, FleetConfig, KindSpec, Policy, RobotSpec
from fleet_manager.core.errors import CampusFleetError

MAP_FILE = "campus.geojson"
FLEET_FILE = "fleet.yaml"


class ConfigurationError(CampusFleetError):
    """A file or an option that a simulation cannot start with."""


def load_campus(map_dir: Path) -> Campus:
    """The campus in a folder.

    Raises:
        CampusFleetError: the map is missing, no JSON, or breaks the format.
    """
    file = map_dir / MAP_FILE
    try:
        document = json.loads(_text(file, "--map-dir"))
    except json.JSONDecodeError as error:
        raise ConfigurationError(
            f"{file}:{error.lineno}: not JSON, {error.msg}", "correct the JSON there"
        ) from None
    if not isinstance(document, dict):
        raise ConfigurationError(f"{file}: not a JSON object", "write a GeoJSON FeatureCollection")
    return campus_from_geojson(document)


def load_fleet(fleet_file: Path, campus: Campus) -> FleetConfig:
    """The fleet in a file, its homes held to the campus.

    Raises:
        CampusFleetError: the file is missing, no YAML, lacks something, or names an unknown home.
    """
    try:
        content = yaml.safe_load(_text(fleet_file, "--fleet-file"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        raise ConfigurationError(f"{fleet_file}{line}: not YAML", "correct it there") from None
    fleet = _mapping(content, f"{fleet_file}: the file")
    kinds = {
        str(name): _kind(str(name), _mapping(kind, where), where)
        for name, kind in _mapping(fleet.get("kinds"), f"{fleet_file}: kinds").items()
        for where in [f"{fleet_file}: kinds.{name}"]
    }
    entries = fleet.get("robots")
    if not isinstance(entries, list) or not entries:
        raise ConfigurationError(f"{fleet_file}: no robots", "add one under `robots:`")
    robots = {}
    for index, entry in enumerate(entries):
        where = f"{fleet_file}: robots[{index}]"
        robot = _robot(_mapping(entry, where), where)
        if robot.kind not in kinds:
            raise ConfigurationError(
                f"{where} is of the kind {robot.kind!r}", f"use one of {', '.join(kinds)}"
            )
        if robot.name in robots:
            raise ConfigurationError(f"{where}: a second {robot.name}", "give it its own name")
        if robot.home:
            campus.waypoint(robot.home)
        robots[robot.name] = robot
    return FleetConfig(str(fleet.get("fleet", "")), kinds, robots, Policy())


def _text(file: Path, option: str) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"{file}: cannot be read ({error.strerror})", f"give another with {option}"
        ) from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file}: not UTF-8 text", "save it as UTF-8") from None


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ConfigurationError(
            f"{where} is missing or no mapping", "docs/map-format.md shows the form"
        )
    return value


def _robot(entry: Mapping[str, Any], where: str) -> RobotSpec:
    entry = {**entry, "home": entry.get("home") or ""}
    for key in ("name", "kind", "home"):
        if not isinstance(entry.get(key), str):
            raise ConfigurationError(f"{where}.{key} is {entry.get(key)!r}", "give a name")
    return RobotSpec(entry["name"], entry["kind"], entry["home"])


def _kind(name: str, entry: Mapping[str, Any], where: str) -> KindSpec:
    battery = _mapping(entry.get("battery"), f"{where}.battery")
    brush_width_m = entry.get("brush_width_m")
    return KindSpec(
        name=name,
        skills=frozenset(map(str, entry.get("skills") or ())),
        footprint_radius_m=_number(entry, "footprint_radius_m", where),
        max_speed_mps=_number(entry, "max_speed_mps", where),
        max_acceleration_mps2=_number(entry, "max_acceleration_mps2", where),
        max_turn_rate_radps=_number(entry, "max_turn_rate_radps", where),
        battery=BatterySpec(
            capacity_wh=_number(battery, "capacity_wh", f"{where}.battery"),
            idle_w=_number(battery, "idle_w", f"{where}.battery", least=0.0),
            drive_w_per_mps=_number(battery, "drive_w_per_mps", f"{where}.battery", least=0.0),
            tool_w=_number({"tool_w": 0.0, **battery}, "tool_w", f"{where}.battery", least=0.0),
            charge_w=_number(battery, "charge_w", f"{where}.battery"),
            taper_from=_number({"taper_from": 1.0, **battery}, "taper_from", f"{where}.battery"),
        ),
        brush_width_m=None if brush_width_m is None else _number(entry, "brush_width_m", where),
        mass_kg=_number({"mass_kg": 0.0, **entry}, "mass_kg", where, least=0.0),
    )


def _number(entry: Mapping[str, Any], key: str, where: str, least: float | None = None) -> float:
    value: Any = entry.get(key)
    number = float(value) if type(value) in (int, float) else math.nan
    if number > 0 if least is None else number >= least:
        return number
    wanted = "a number above 0" if least is None else f"a number of at least {least:g}"
    raise ConfigurationError(f"{where}.{key} is {value!r}", f"give {wanted}")
