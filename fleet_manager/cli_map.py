"""`fleet map`: what a campus map holds, whether robots can work on it, making and drawing it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from fleet_manager.adapters.maps import Finding, errors_of, load_campus, load_fleet, validate
from fleet_manager.adapters.maps.campus_file import LARGEST_BYTES, MAP_FILE
from fleet_manager.adapters.maps.facts import COUNTED, campus_facts
from fleet_manager.adapters.maps.fleet_file import FLEET_FILE
from fleet_manager.adapters.maps.generator.build import build_campus, document_text
from fleet_manager.adapters.maps.generator.plan import PLAN_FILE, load_plan
from fleet_manager.adapters.maps.replace_file import replace_file
from fleet_manager.adapters.maps.yaml_file import read_text
from fleet_manager.cli_map_export import diff_command, export_command, render_command
from fleet_manager.cli_map_import import import_command
from fleet_manager.cli_map_live import register as register_live
from fleet_manager.core.campus import Campus
from fleet_manager.core.errors import MapFileError, MapFormatError

app = typer.Typer(
    help="Make, check and draw maps; import and export them; change them while robots drive.",
    no_args_is_help=True,
    add_completion=False,
)
register_live(app)
app.command("import")(import_command)
app.command("export")(export_command)
app.command("diff")(diff_command)
app.command("render")(render_command)

Folder = Annotated[Path, typer.Argument(help="Folder of the campus.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

SHOWN_PER_CHECK = 5
DEFAULT_FOLDER = Path("maps/xixi")


@app.command()
def info(folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Say what a map holds."""
    facts = campus_facts(load_campus(folder))
    if as_json:
        _print_json(facts)
        return
    print(f"{facts['name']} ({facts['id']}), version {facts['version']}, {facts['timezone']}")
    _print_counts(facts)
    print(f"  {'places':<24} {', '.join(facts['places'])}")
    if facts["note"]:
        print(facts["note"])


@app.command("validate")
def validate_command(
    folder: Folder = DEFAULT_FOLDER,
    fleet_file: Annotated[
        Path | None, typer.Option("--fleet", help="Fleet file; by default the folder's.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say whether the robots of the fleet can work on the map; exit code 1 on errors.

    Warnings alone leave the exit code 0.
    """
    campus = load_campus(folder)
    fleet = load_fleet(fleet_file or _beside(folder, FLEET_FILE))
    findings = validate(campus, fleet)
    if as_json:
        _print_json({"version": campus.version, "findings": [each.as_json() for each in findings]})
    else:
        _print_findings(campus, findings)
    raise typer.Exit(1 if errors_of(findings) else 0)


@app.command()
def build(
    folder: Folder = DEFAULT_FOLDER,
    check: Annotated[
        bool, typer.Option(help="Only say whether the map is what the plan gives.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Build campus.geojson from plan.yaml; with --check exit code 1 if it is out of date."""
    plan_file, map_file = _beside(folder, PLAN_FILE), _beside(folder, MAP_FILE)
    began_s = time.monotonic()

    def step(what: str) -> None:
        if not as_json:
            typer.echo(f"  {time.monotonic() - began_s:5.1f} s  {what}", err=True)

    try:
        document, campus = build_campus(load_plan(plan_file), step)
    except MapFormatError as error:
        raise MapFileError(f"{plan_file}: {error}", error.remedy) from error
    text = document_text(document)
    current = map_file.exists() and read_text(map_file, LARGEST_BYTES) == text
    if not current and not check:
        replace_file(map_file, [text.encode()])
    seconds = round(time.monotonic() - began_s, 1)
    facts = campus_facts(campus)
    if as_json:
        written = {"map": str(map_file), "changed": not current, "written": not (current or check)}
        made = {"features": len(document["features"]), "bytes": len(text.encode())}
        _print_json({**written, **made, "seconds": seconds, **{key: facts[key] for key in COUNTED}})
    else:
        _print_counts(facts)
        print(f"{len(document['features'])} features in {seconds:g} s")
        if current:
            print(f"{map_file} is what the plan gives")
        elif check:
            print(f"{map_file} is not what {plan_file} gives; run `fleet map build {folder}`")
        else:
            print(f"{map_file} written")
    raise typer.Exit(1 if check and not current else 0)


def _print_counts(facts: Mapping[str, Any]) -> None:
    """A table of the numbers, with what they are made of."""
    parts = {
        "waypoints": facts["waypoints_by_role"],
        "lanes": facts["lanes_by_direction"],
        "zones": facts["zones_by_purpose"],
        "assets": facts["assets_by_kind"],
    }
    for key in COUNTED:
        made_of = ", ".join(f"{count} {kind}" for kind, count in parts.get(key, {}).items())
        print(f"  {key:<24} {facts[key]!s:>8}" + (f"  {made_of}" if made_of else ""))


def _beside(folder: Path, name: str) -> Path:
    """A file of a campus, from its folder or from another file of it."""
    return (folder.parent if folder.is_file() else folder) / name


def _print_findings(campus: Campus, findings: list[Finding]) -> None:
    """Findings by check, errors first, of each the first few; and how many there are."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity.value, finding.check), []).append(finding)
    for (severity, check), found in groups.items():
        print(f"{severity} {check}: {len(found)}")
        for finding in found[:SHOWN_PER_CHECK]:
            print(f"  {finding.problem}\n    → {finding.remedy}")
        if (more := len(found) - SHOWN_PER_CHECK) > 0:
            print(f"  and {more} more; --json lists them all")
    errors = len(errors_of(findings))
    said = f"{errors} errors, {len(findings) - errors} warnings" if findings else "nothing wrong"
    print(f"{campus.name}, version {campus.version}: {said}")


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
