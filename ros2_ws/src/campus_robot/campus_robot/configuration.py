"""Reads what one robot is from the fleet file (docs/map-format.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from campus_robot.actions import ACTION_TYPES
from campus_robot.errors import ConfigurationError
from campus_robot.motion import DriveLimits

KNOWN_SKILLS = frozenset(action_type.skill for action_type in ACTION_TYPES.values())


@dataclass(frozen=True, slots=True)
class RobotConfiguration:
    """One robot: its name, its kind's skills and limits, and when its battery is low (0 to 1)."""

    name: str
    kind: str
    fleet: str
    skills: frozenset[str]
    limits: DriveLimits = field(default_factory=DriveLimits)
    battery_reserve: float = 0.15
    patience_s: float = 15.0
    localization_limit_m: float = 0.5


def load_robot(fleet_file: Path, name: str) -> RobotConfiguration:
    """The configuration of the robot `name` in a fleet file.

    Raises ConfigurationError with one line that says what is wrong and where.
    """
    fleet = _read(fleet_file)
    robots = _section(fleet, "robots", list, fleet_file)
    entry = next((r for r in robots if isinstance(r, dict) and r.get("name") == name), None)
    if entry is None:
        known = ", ".join(str(r.get("name")) for r in robots if isinstance(r, dict))
        raise ConfigurationError(f"{fleet_file}: no robot {name!r}; it has {known or 'none'}")
    kinds = _section(fleet, "kinds", dict, fleet_file)
    kind_name = entry.get("kind")
    kind = kinds.get(kind_name)
    if not isinstance(kind, dict):
        raise ConfigurationError(
            f"{fleet_file}: robot {name!r} is of kind {kind_name!r}, which is not under kinds:"
            f" {', '.join(map(str, kinds))}"
        )
    where = f"{fleet_file}: kinds.{kind_name}"
    skills = kind.get("skills")
    if not isinstance(skills, list) or not set(map(str, skills)) <= KNOWN_SKILLS:
        raise ConfigurationError(
            f"{where}.skills is {skills!r}; list some of {', '.join(sorted(KNOWN_SKILLS))}"
        )
    policy = fleet.get("policy") or {}
    return RobotConfiguration(
        name=name,
        kind=str(kind_name),
        fleet=str(fleet.get("fleet", "")),
        skills=frozenset(map(str, skills)),
        limits=DriveLimits(
            max_speed_mps=_positive(kind, "max_speed_mps", where),
            max_acceleration_mps2=_positive(kind, "max_acceleration_mps2", where),
            max_turn_rate_radps=_positive(kind, "max_turn_rate_radps", where),
            footprint_radius_m=_positive(kind, "footprint_radius_m", where),
        ),
        battery_reserve=_positive(policy, "reserve", f"{fleet_file}: policy", 0.15),
        patience_s=_positive(policy, "patience_s", f"{fleet_file}: policy", 15.0),
    )


def _read(fleet_file: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(fleet_file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"{fleet_file}: cannot be read ({error.strerror}); give the fleet file with --fleet"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark is not None else ""
        raise ConfigurationError(f"{fleet_file}:{line} is not YAML; correct it") from None
    if not isinstance(content, dict):
        raise ConfigurationError(f"{fleet_file}: holds no mapping with kinds and robots")
    return content


def _section(fleet: dict[str, Any], key: str, shape: type, fleet_file: Path) -> Any:
    section = fleet.get(key)
    if not isinstance(section, shape):
        raise ConfigurationError(f"{fleet_file}: {key} is missing or no {shape.__name__}")
    return section


def _positive(section: dict[str, Any], key: str, where: str, default: float | None = None) -> float:
    value = section.get(key, default)
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not value > 0:
        raise ConfigurationError(f"{where}.{key} is {value!r}; give a number above 0")
    return float(value)
