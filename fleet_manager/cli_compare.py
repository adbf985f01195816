"""`fleet sim --compare`: two scenarios, the same seeds, a verdict for each measure."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Column, Table

from fleet_manager.adapters.maps.standing_file import load_standing
from fleet_manager.adapters.sim.study import Results, Study
from fleet_manager.adapters.sim.what_if import check_comparison, what_if
from fleet_manager.cli_sim import bar
from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.scenario import Scenario, StandingWork

RUNS_FILE = "runs.json"
RESULT_FILE = "comparison.json"
WIDTH = 140
"""Columns where the output is no terminal."""


def compare_scenarios(
    map_dir: Path,
    campus: Campus,
    fleet: FleetConfig,
    files: Sequence[Path],
    scenarios: Sequence[Scenario],
    seeds: Sequence[int],
    processes: int | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Run what is missing, compare, print, and write to the folder where one is given."""
    first, second = named_apart(scenarios, files)
    check_comparison(first, second, seeds)
    standing = {
        each.name: standing_work(each, file, map_dir, campus)
        for each, file in zip((first, second), files, strict=True)
    }
    study = study_of(campus, fleet, standing)
    results = Results(out / RUNS_FILE if out is not None else None)
    count = processes if processes is not None else (os.cpu_count() or 1)
    with bar(f"{first.name} / {second.name}") as progress:
        found = what_if(study, first, second, seeds, results, count, progress)
    if out is not None:
        text = json.dumps(found, ensure_ascii=False, indent=2)
        (out / RESULT_FILE).write_text(text + "\n", encoding="utf-8")
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _print(found)


def named_apart(scenarios: Sequence[Scenario], files: Sequence[Path]) -> list[Scenario]:
    """Scenarios of which none is named as another: without a name, they are named as the files."""
    names: list[str] = []
    for each, file in zip(scenarios, files, strict=True):
        name = file.stem if each.name == Scenario().name else each.name
        while name in names:
            name += " (2)"
        names.append(name)
    return [msgspec.structs.replace(s, name=n) for s, n in zip(scenarios, names, strict=True)]


def standing_work(
    scenario: Scenario, path: Path | None, map_dir: Path, campus: Campus
) -> StandingWork:
    """Schedules and programmes of a scenario: of a file beside its own, or of the map, if any."""
    if scenario.schedule_file is None:
        return load_standing(map_dir, campus)
    beside = path.parent if path is not None else Path()
    return load_standing(beside / scenario.schedule_file, campus)


def study_of(campus: Campus, fleet: FleetConfig, standing: Mapping[str, StandingWork]) -> Study:
    """A study of a campus by this version of the program."""
    return Study(msgspec.json.encode(campus.document), fleet, standing, commit())


def commit() -> str:
    """Of the program, where it runs from a checkout; "" elsewhere."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    here = Path(__file__).resolve().parent
    try:
        done = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()


def _print(found: dict[str, Any]) -> None:
    """The comparison for people."""
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    verdict = Column("verdict", no_wrap=True)
    table = Table("measure", found["first"], found["second"], "difference", "95 %", verdict)
    for row in found["measures"]:
        unit = f" {row['unit']}" if row["unit"] else ""
        table.add_row(
            row["label"],
            f"{row['first']:,.4g}{unit}",
            f"{row['second']:,.4g}{unit}",
            f"{row['difference']:+,.3g}{unit}",
            f"{row['low']:+,.3g} to {row['high']:+,.3g}",
            row["verdict"],
        )
    console.print(table)
    count = len(found["seeds"])
    console.print(f"{count} pairs of {found['days']:g} days; {found['method']}")
    for which in ("first", "second"):
        stuck = found["unresolved_standstills"][which]
        if stuck:
            what = "1 standstill was" if stuck == 1 else f"{stuck} standstills were"
            console.print(f"{found[which]}: in all runs {what} not resolved")
