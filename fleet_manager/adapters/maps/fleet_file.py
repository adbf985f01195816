"""Reads `fleet.yaml` and holds it to the campus it is for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from fleet_manager.adapters.maps.yaml_file import YamlFile, read_yaml
from fleet_manager.core.campus import Campus, Role
from fleet_manager.core.config import BatterySpec, FleetConfig, KindSpec, Policy, RobotSpec
from fleet_manager.core.errors import UnknownFeature

FLEET_FILE = "fleet.yaml"
FORM = "docs/map-format.md"

_Positive = Annotated[float, Meta(gt=0.0)]
_NotNegative = Annotated[float, Meta(ge=0.0)]
_Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
_Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*$", max_length=60)]
_Skill = Literal["patrol", "respond", "clean", "inspect", "go_to", "charge"]


class _Battery(Struct, forbid_unknown_fields=True):
    capacity_wh: _Positive
    idle_w: _NotNegative
    drive_w_per_mps: _NotNegative
    charge_w: _Positive
    tool_w: _NotNegative = 0.0
    taper_from: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0


class _Kind(Struct, forbid_unknown_fields=True):
    skills: Annotated[list[_Skill], Meta(min_length=1)]
    footprint_radius_m: Annotated[float, Meta(gt=0.0, le=5.0)]
    max_speed_mps: Annotated[float, Meta(gt=0.0, le=15.0)]
    max_acceleration_mps2: _Positive
    max_turn_rate_radps: _Positive
    battery: _Battery
    brush_width_m: _Positive | None = None
    mass_kg: _NotNegative = 0.0
    water_m2: _Positive | None = None
    bin_m2: _Positive | None = None
    service_s: _NotNegative = 180.0


class _Robot(Struct, forbid_unknown_fields=True):
    name: _Name
    kind: str
    home: str | None = None


class _Policy(Struct, forbid_unknown_fields=True):
    charge_below: _Fraction = 0.30
    reserve: _Fraction = 0.15
    charge_to: _Fraction = 0.95
    offline_after_s: _Positive = 5.0
    reassign_after_s: _NotNegative = 60.0
    patience_s: _Positive = 15.0


class _Fleet(Struct, forbid_unknown_fields=True):
    fleet: Annotated[str, Meta(min_length=1)]
    kinds: dict[_Name, dict[str, Any]]  # each is read apart, for an error that names the kind
    robots: Annotated[list[_Robot], Meta(min_length=1)]
    policy: _Policy = msgspec.field(default_factory=_Policy)


def load_fleet(path: Path, campus: Campus | None = None) -> FleetConfig:
    """The fleet in a file, or in the `fleet.yaml` of a folder.

    Args:
        campus: the homes have to be docks of it; None: homes are not checked.

    Raises:
        MapFileError: the file cannot be read, contradicts itself or the campus; names file,
            line and what to do.
    """
    file = read_yaml(path / FLEET_FILE if path.is_dir() else path, _Fleet, FORM)
    kinds = {
        name: file.part(["kinds", name], kind, _Kind) for name, kind in file.values.kinds.items()
    }
    _check_kinds(file, kinds)
    _check_policy(file)
    _check_robots(file)
    if campus is not None:
        _check_homes(file, campus)
    read = file.values
    return FleetConfig(
        name=read.fleet,
        kinds={
            name: KindSpec(
                name=name,
                skills=frozenset(kind.skills),
                footprint_radius_m=kind.footprint_radius_m,
                max_speed_mps=kind.max_speed_mps,
                max_acceleration_mps2=kind.max_acceleration_mps2,
                max_turn_rate_radps=kind.max_turn_rate_radps,
                battery=BatterySpec(**msgspec.structs.asdict(kind.battery)),
                brush_width_m=kind.brush_width_m,
                mass_kg=kind.mass_kg,
                water_m2=kind.water_m2,
                bin_m2=kind.bin_m2,
                service_s=kind.service_s,
            )
            for name, kind in kinds.items()
        },
        robots={
            each.name: RobotSpec(each.name, each.kind, each.home or "") for each in read.robots
        },
        policy=Policy(**msgspec.structs.asdict(read.policy)),
    )


def _check_kinds(file: YamlFile[_Fleet], kinds: Mapping[str, _Kind]) -> None:
    for name, kind in kinds.items():
        if "clean" in kind.skills and kind.brush_width_m is None:
            raise file.error(
                ["kinds", name],
                f"{name} robots clean but have no brush_width_m",
                "give the width of their brush in metres",
            )
        if kind.battery.charge_w <= kind.battery.idle_w:
            raise file.error(
                ["kinds", name, "battery"],
                f"{name} robots draw {kind.battery.idle_w:g} W when idle and are charged with "
                f"{kind.battery.charge_w:g} W: they never get full",
                "give a greater charge_w",
            )


def _check_policy(file: YamlFile[_Fleet]) -> None:
    policy = file.values.policy
    if not policy.reserve < policy.charge_below < policy.charge_to:
        raise file.error(
            ["policy"],
            f"reserve {policy.reserve:g}, charge_below {policy.charge_below:g} and charge_to "
            f"{policy.charge_to:g} do not rise",
            "choose reserve < charge_below < charge_to",
        )


def _check_robots(file: YamlFile[_Fleet]) -> None:
    kinds = file.values.kinds
    names: set[str] = set()
    for index, robot in enumerate(file.values.robots):
        if robot.kind not in kinds:
            raise file.error(
                ["robots", index, "kind"],
                f"robot {robot.name} is of kind {robot.kind!r}, which kinds does not describe",
                f"use one of {', '.join(kinds)} or describe it there",
            )
        if robot.name in names:
            raise file.error(
                ["robots", index, "name"],
                f"there are two robots named {robot.name}",
                "give each its own name",
            )
        names.add(robot.name)


def _check_homes(file: YamlFile[_Fleet], campus: Campus) -> None:
    for index, robot in enumerate(file.values.robots):
        problem = _problem_of_home(robot.home, campus) if robot.home is not None else None
        if problem is not None:
            taken = {each.home for each in file.values.robots}
            free = [dock.id for dock in campus.docks if dock.id not in taken]
            remedy = f"free docks are {', '.join(free)}" if free else "draw another dock"
            raise file.error(
                ["robots", index, "home"], f"the home of {robot.name}: {problem}", remedy
            )


def _problem_of_home(home: str, campus: Campus) -> str | None:
    try:
        waypoint = campus.waypoint(home)
    except UnknownFeature as error:
        return str(error)
    return None if waypoint.role is Role.DOCK else f"{home} is a {waypoint.role}, not a dock"
