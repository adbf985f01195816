"""Reads `rules.yaml`, what is an incident on a campus, and holds it to the campus."""

from __future__ import annotations

import re
from pathlib import Path

from fleet_manager.adapters.maps.yaml_file import Step, YamlFile, read_yaml
from fleet_manager.core.campus import Campus
from fleet_manager.core.safety_rules import DEFAULT_RULES, DETECTED, SafetyRules

RULES_FILE = "rules.yaml"
FORM = "docs/perception.md"
_HOURS = re.compile(r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")


def load_rules(path: Path, campus: Campus) -> SafetyRules:
    """The rules in a file, or in the `rules.yaml` of a folder; the default ones where it has none.

    Raises:
        MapFileError: the file cannot be read, names what no camera tells of or what the campus
            does not have, or has a rule that can never count.
    """
    if path.is_dir():
        path /= RULES_FILE
        if not path.exists():
            return DEFAULT_RULES
    file = read_yaml(path, SafetyRules, FORM)
    always: dict[str, int] = {}
    for number, rule in enumerate(file.values.rules):
        where: list[Step] = ["rules", number]
        if rule.detects not in DETECTED:
            known = ", ".join(DETECTED)
            problem = f"no camera tells of {rule.detects!r}"
            raise file.error([*where, "detects"], problem, f"choose from {known}")
        if rule.hours is not None and not _HOURS.match(rule.hours):
            problem = f"{rule.hours!r} are no hours"
            raise file.error([*where, "hours"], problem, 'write them as "22:00-06:00"')
        for name in rule.zones:
            if name not in campus.zones and name not in campus.sectors:
                problem = f"no zone or sector {name!r} on the map of {campus.name}"
                raise file.error([*where, "zones"], problem, "give ids of the map")
        if rule.detects in always:
            problem = (
                f"it never counts: rule {always[rule.detects] + 1} comes first and always does"
            )
            raise file.error(where, problem, "put what holds always last")
        if not rule.zones and rule.hours is None and rule.score == 0.0:
            always[rule.detects] = number
    _check_stations(file, campus)
    return file.values


def _check_stations(file: YamlFile[SafetyRules], campus: Campus) -> None:
    rules = file.values
    named: list[tuple[list[Step], tuple[str, ...]]] = [
        (["stations", number, "stations"], rule.stations)
        for number, rule in enumerate(rules.stations)
    ]
    if rules.health_checks is not None:
        named.append((["health_checks", "stations"], rules.health_checks.stations))
    for where, names in named:
        for name in names:
            if name not in campus.stations:
                problem = f"no station {name!r} on the map of {campus.name}"
                raise file.error(where, problem, "give ids of the map")
