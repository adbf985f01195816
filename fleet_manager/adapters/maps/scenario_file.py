"""Reads a scenario for the simulation from YAML or JSON (docs/simulation.md)."""

from __future__ import annotations

from pathlib import Path

from fleet_manager.adapters.maps.yaml_file import read_yaml
from fleet_manager.core.errors import InvalidRequest, MapFileError
from fleet_manager.core.scenario import Scenario, check_scenario

FORM = "docs/simulation.md"


def load_scenario(path: Path) -> Scenario:
    """The scenario in a file; JSON is YAML too. Without a name it is called after the file.

    Raises:
        MapFileError: the file cannot be read, or is no scenario; names file, line and what to do.
    """
    file = read_yaml(path, Scenario, FORM)
    try:
        check_scenario(file.values)
    except InvalidRequest as error:
        raise MapFileError(f"{path}: {error}", error.remedy) from error
    return file.values
