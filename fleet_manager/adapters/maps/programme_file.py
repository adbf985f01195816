"""Reads the patrol programmes of `schedule.yaml` and holds them to the campus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import Struct, field

from fleet_manager.adapters.maps.schedule_file import FORM, SCHEDULE_FILE
from fleet_manager.adapters.maps.yaml_file import Step, YamlFile, read_yaml
from fleet_manager.core.campus import Campus
from fleet_manager.core.errors import InvalidRequest, UnknownFeature
from fleet_manager.core.programme import ProgrammeSpec
from fleet_manager.core.programme_form import read_programme


class _Programmes(Struct):
    programmes: list[dict[str, Any]] = field(default_factory=list)


def load_programmes(path: Path, campus: Campus) -> tuple[ProgrammeSpec, ...]:
    """The programmes in a file, or in the `schedule.yaml` of a folder.

    Raises:
        MapFileError: the file cannot be read, or a programme contradicts itself or names what the
            campus does not have; names file, line and what to do.
    """
    file = read_yaml(path / SCHEDULE_FILE if path.is_dir() else path, _Programmes, FORM)
    specs: list[ProgrammeSpec] = []
    for index, document in enumerate(file.values.programmes):
        at: list[Step] = ["programmes", index]
        try:
            spec = read_programme(document, campus.timezone)
        except InvalidRequest as error:
            raise file.error(at, str(error), error.remedy) from error
        if any(each.id == spec.id for each in specs):
            raise file.error(at, f"two programmes have the id {spec.id}", "rename one")
        _check_names(file, at, spec, campus)
        specs.append(spec)
    return tuple(specs)


def _check_names(
    file: YamlFile[_Programmes], at: list[Step], spec: ProgrammeSpec, campus: Campus
) -> None:
    for index, site in enumerate(spec.sites):
        try:
            campus.place(site.place)
        except UnknownFeature as error:
            raise file.error(
                [*at, "sites", index], f"programme {spec.id}: {error}", error.remedy
            ) from error
    for index, sector in enumerate(spec.sectors):
        try:
            campus.sector(sector)
        except UnknownFeature as error:
            raise file.error(
                [*at, "sectors", index], f"programme {spec.id}: {error}", error.remedy
            ) from error
