"""`fleet map export|render|diff`: a map in other formats, as a picture; what two maps differ in."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.adapters.maps.fleet_file import FLEET_FILE
from fleet_manager.adapters.maps.formats import FORMATS, ExportOptions, Format
from fleet_manager.adapters.maps.formats.base import Furnishing
from fleet_manager.adapters.maps.formats.campus_part import PartOf
from fleet_manager.adapters.maps.formats.registry import writer
from fleet_manager.adapters.maps.replace_file import replace_file
from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.errors import MapFileError
from fleet_manager.core.map_differences import Difference, map_differences

_SHOWN_FEATURES = 20
_SHOWN_TEXT = 60
_PICTURES = ("svg", "png")


_WRITTEN = ", ".join(name for name, each in FORMATS.items() if each.write is not None)


def export_command(
    folder: Annotated[Path, typer.Argument(help="Folder of the campus, or its map file.")],
    format_name: Annotated[str, typer.Option("--format", help=f"What to write: {_WRITTEN}.")],
    to: Annotated[Path, typer.Option("--to", help="Folder, or the file to write.")],
    level: Annotated[
        str | None,
        typer.Option(help="Level to write; by default all (of pictures, the first)."),
    ] = None,
    resolution_m: Annotated[
        float | None,
        typer.Option("--resolution", min=0.01, max=10.0, help="Metres a cell of a grid."),
    ] = None,
    layers: Annotated[
        str | None,
        typer.Option(help="Layers of a picture, with commas between; by default the usual ones."),
    ] = None,
    size_px: Annotated[
        int | None, typer.Option("--size", help="Pixels of a picture's longer side.")
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(help="Simulator that is to read a world: gazebo11 (the default) or gz."),
    ] = None,
    bbox: Annotated[
        str | None,
        typer.Option(
            metavar="W,S,E,N", help="Part of the campus to write as a world, metres of the map."
        ),
    ] = None,
    building: Annotated[
        str | None,
        typer.Option(help="Building to write as a world, with what stands around it."),
    ] = None,
    people: Annotated[int, typer.Option(min=0, help="People in a world.")] = 0,
    litter: Annotated[int, typer.Option(min=0, help="Pieces of litter in a world.")] = 0,
    spills: Annotated[int, typer.Option(min=0, help="Puddles in a world.")] = 0,
    seed: Annotated[int, typer.Option(help="Of where people, litter and puddles are.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Write the map in another program's format."""
    chosen = _format(format_name)
    options = ExportOptions(
        target=target,
        part=PartOf(_bbox(bbox), building),
        furnishing=Furnishing(people, litter, spills, seed),
        level=level,
        fleet=_fleet(folder),
        resolution_m=resolution_m,
        layers=_layers(layers),
        size_px=size_px,
        made_at=datetime.now(UTC),
    )
    _check_of_worlds_alone(chosen, options)
    campus = load_campus(folder)
    written = _exported(campus, chosen, options, to, quiet=as_json)
    if as_json:
        _print_json(
            {
                "version": campus.version,
                "format": chosen.name,
                "written": [{"file": str(file), "bytes": size} for file, size in written],
            }
        )
        return
    print(f"{campus.name}, version {campus.version}: {chosen.title}")
    for file, size in written:
        print(f"  {file}  {_size(size)}")


def render_command(
    folder: Annotated[Path, typer.Argument(help="Folder of the campus, or its map file.")] = Path(
        "maps/xixi"
    ),
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File .svg or .png; by default an SVG beside the map."),
    ] = None,
    level: Annotated[str | None, typer.Option(help="Level to draw; by default the first.")] = None,
    layers: Annotated[
        str | None, typer.Option(help="Layers, with commas between; by default the usual ones.")
    ] = None,
    size_px: Annotated[
        int | None, typer.Option("--size", help="Pixels of the longer side, 200 to 8000.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Draw the map as a picture."""
    target = output or (folder if folder.is_dir() else folder.parent) / "campus.svg"
    drawn = target.suffix.lower().removeprefix(".")
    if drawn not in _PICTURES or target.is_dir():
        raise MapFileError(
            f"a picture cannot be written as {target}",
            f"name a file that ends in {' or '.join(f'.{each}' for each in _PICTURES)}",
        )
    campus = load_campus(folder)
    options = ExportOptions(level=level, layers=_layers(layers), size_px=size_px)
    ((file, size),) = _exported(campus, FORMATS[drawn], options, target, quiet=as_json)
    if as_json:
        _print_json({"picture": str(file), "version": campus.version, "bytes": size})
    else:
        print(f"{file} written, {_size(size)}")


def _exported(
    campus: Campus, chosen: Format, options: ExportOptions, to: Path, quiet: bool
) -> list[tuple[Path, int]]:
    """Write a format's files with a progress bar for people; names and sizes, bytes."""
    with Progress(
        console=Console(stderr=True), disable=quiet or not os.isatty(2), transient=True
    ) as bar:
        tasks: dict[str, Any] = {}

        def show(name: str, done: float) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=1.0)
            bar.update(tasks[name], completed=done)

        return write_files(writer(chosen)(campus, replace(options, progress=show)), to)


def diff_command(
    old: Annotated[Path, typer.Argument(help="Folder of a campus, or its map file.")],
    new: Annotated[Path, typer.Argument(help="Folder or map file to compare it with.")],
    everything: Annotated[
        bool, typer.Option("--all", help="List all features, not the first of each kind.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Say what two maps differ in; exit code 1 if they do."""
    before, after = load_campus(old), load_campus(new)
    found = map_differences(before, after)
    counts = Counter(each.change for each in found)
    if as_json:
        _print_json(
            {
                "old": {"map": str(old), "version": before.version},
                "new": {"map": str(new), "version": after.version},
                "added": counts["added"],
                "removed": counts["removed"],
                "changed": counts["changed"],
                "differences": [each.as_json() for each in found],
            }
        )
    elif not found:
        print(f"{old} and {new} are the same: version {after.version}")
    else:
        print(
            f"{counts['added']} added, {counts['removed']} removed, {counts['changed']} changed: "
            f"{old} (version {before.version}) → {new} (version {after.version})"
        )
        for line in _described(found, len(found) if everything else _SHOWN_FEATURES):
            print(line)
    raise typer.Exit(1 if found else 0)


def write_files(files: Mapping[str, Iterable[bytes]], to: Path) -> list[tuple[Path, int]]:
    """Write an exporter's files into a folder, or its one file as `to`; names and sizes, bytes.

    Raises:
        MapFileError: they cannot be written, or `to` is one file and there are several.
    """
    folder = to.is_dir() or not to.suffix
    if not folder and len(files) != 1:
        raise MapFileError(
            f"{to} is one file, the format has {len(files)}: {', '.join(files)}",
            "give a folder with --to",
        )
    written = []
    for name, pieces in files.items():
        target = to / name if folder else to
        written.append((target, replace_file(target, pieces)))
    return written


def _bbox(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    try:
        west, south, east, north = map(float, text.split(","))
    except ValueError:
        raise MapFileError(
            f"--bbox {text!r} is no rectangle",
            "give west,south,east,north in metres of the map, for example 0,0,200,150",
        ) from None
    return west, south, east, north


def _check_of_worlds_alone(chosen: Format, options: ExportOptions) -> None:
    """Refuse what only worlds have where another format is written, rather than ignore it."""
    given = {
        "--target": options.target is not None,
        "--bbox": options.part.bbox is not None,
        "--building": options.part.building is not None,
        "--people": options.furnishing.people > 0,
        "--litter": options.furnishing.litter > 0,
        "--spills": options.furnishing.spills > 0,
    }
    if chosen.name != "sdf" and any(given.values()):
        named = ", ".join(name for name, is_given in given.items() if is_given)
        raise MapFileError(
            f"{named}: only for worlds, not for {chosen.title}", "leave it out, or use --format sdf"
        )


def _layers(text: str | None) -> frozenset[str] | None:
    return None if text is None else frozenset(filter(None, map(str.strip, text.split(","))))


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"


def _format(name: str) -> Format:
    written = [each for each in FORMATS.values() if each.write is not None]
    for each in written:
        if each.name == name:
            return each
    raise MapFileError(
        f"maps are not exported as {name!r}",
        f"choose one of {', '.join(each.name for each in written)}",
    )


def _fleet(folder: Path) -> FleetConfig | None:
    """The fleet beside the map, if there is one."""
    file = (folder if folder.is_dir() else folder.parent) / FLEET_FILE
    return load_fleet(file) if file.exists() else None


def _described(found: Sequence[Difference], shown: int) -> Iterable[str]:
    kinds: dict[str, list[Difference]] = {}
    for each in found:
        kinds.setdefault(each.kind, []).append(each)
    for kind, features in kinds.items():
        counts = Counter(each.change for each in features)
        parts = ", ".join(f"{number} {change}" for change, number in counts.items())
        yield f"{kind}: {parts}"
        for each in features[:shown]:
            yield f"  {_signs[each.change]} {each.id}{_details(each)}"
        if len(features) > shown:
            yield f"  … and {len(features) - shown} more (--all lists them)"


_signs = {"added": "+", "removed": "-", "changed": "~"}


def _details(difference: Difference) -> str:
    parts = [
        f"{name}: {_value(old)} → {_value(new)}"
        for name, (old, new) in difference.properties.items()
    ]
    if difference.moved_m is None:
        parts.append("drawn otherwise")
    elif difference.moved_m > 0.0:
        parts.append(f"moved {difference.moved_m:.3g} m")
    return f"  {'; '.join(parts)}" if parts else ""


def _value(value: Any) -> str:
    text = "–" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_TEXT else text[: _SHOWN_TEXT - 1] + "…"


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
