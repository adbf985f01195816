"""`fleet map import`: makes a campus folder from another program's map file."""

from __future__ import annotations

import json
import shlex
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from fleet_manager.adapters.maps.campus_file import MAP_FILE
from fleet_manager.adapters.maps.fleet_file import FLEET_FILE
from fleet_manager.adapters.maps.formats import FORMATS, Format, Imported, ImportOptions, Note
from fleet_manager.adapters.maps.formats import detect as detect_format
from fleet_manager.adapters.maps.formats.registry import reader
from fleet_manager.adapters.maps.generator.build import document_text
from fleet_manager.adapters.maps.replace_file import replace_file
from fleet_manager.adapters.maps.schedule_file import SCHEDULE_FILE
from fleet_manager.adapters.maps.starter import starter_fleet, starter_schedule
from fleet_manager.core.campus import Anchor
from fleet_manager.core.campus_geojson import document_version
from fleet_manager.core.errors import MapFileError

_SHOWN_ELEMENTS = 5
_READ = ", ".join(name for name, each in FORMATS.items() if each.read is not None)


def import_command(
    file: Annotated[Path, typer.Argument(help="File of another program.")],
    folder: Annotated[Path, typer.Option("--to", help="Folder of the campus to make.")],
    format_name: Annotated[
        str | None,
        typer.Option("--format", help=f"Format of the file, else found out: {_READ}."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the campus.")] = None,
    timezone: Annotated[str, typer.Option(help="Timezone of the campus (IANA).")] = "UTC",
    anchor: Annotated[
        str | None,
        typer.Option(metavar="LAT,LON", help="Where the map's origin lies, degrees."),
    ] = None,
    level: Annotated[
        str, typer.Option(help="Level on which everything lies whose source knows no levels.")
    ] = "ground",
    lane_width_m: Annotated[
        float | None,
        typer.Option("--lane-width", min=0.1, max=50.0, help="Metres, where the file gives none."),
    ] = None,
    speed_limit_mps: Annotated[
        float | None,
        typer.Option("--speed-limit", min=0.05, max=15.0, help="m/s, where the file gives none."),
    ] = None,
    docks: Annotated[
        list[str] | None,
        typer.Option(
            "--dock", metavar="LAT,LON", help="Draw a dock there (OpenStreetMap); may be repeated."
        ),
    ] = None,
    force: Annotated[bool, typer.Option(help="Replace a map that is there already.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Make a campus folder from another program's map file."""
    map_file = folder / MAP_FILE
    if map_file.exists() and not force:
        raise MapFileError(f"{map_file} exists", "choose another folder, or replace it: --force")
    chosen = _format(file, format_name)
    if docks and not chosen.takes_docks:
        raise MapFileError(
            f"--dock does not go with {chosen.title}: its files have docks of their own",
            "leave --dock out, and draw the docks in the program that wrote the file",
        )
    options = ImportOptions(
        campus_id=folder.resolve().name,
        name=name,
        timezone=_timezone(timezone),
        anchor=None if anchor is None else Anchor(*_position("--anchor", anchor)),
        level=level,
        lane_width_m=lane_width_m,
        speed_limit_mps=speed_limit_mps,
        docks=tuple(_position("--dock", each) for each in docks or ()),
    )
    imported = reader(chosen)(file, options)
    done = _Done(file, chosen, imported, *_write_folder(folder, imported))
    if as_json:
        print(json.dumps(done.as_json(), ensure_ascii=False, indent=2))
    else:
        done.show()


@dataclass(frozen=True)
class _Done:
    """What was imported and written."""

    source: Path
    format: Format
    imported: Imported
    written: list[Path]
    kept: list[Path]

    @property
    def next_steps(self) -> list[str]:
        folder = self.written[-1].parent
        named = shlex.quote(str(folder))
        return [f"fleet map validate {named}", f'make run ARGS="--map {named}"']

    def as_json(self) -> dict[str, Any]:
        return {
            "source": str(self.source),
            "format": self.format.name,
            "version": document_version(self.imported.document),
            "found": dict(self.imported.counts),
            "made": made(self.imported.document),
            "notes": [each.as_json() for each in self.imported.notes],
            "written": [str(each) for each in self.written],
            "kept": [str(each) for each in self.kept],
            "next": self.next_steps,
        }

    def show(self) -> None:
        print(f"{self.source}, {self.format.title}")
        print(f"  found: {_listed(self.imported.counts)}")
        print(f"  made:  {_listed(made(self.imported.document))}")
        for note in self.imported.notes:
            print(f"  note:  {_shown(note)}")
        print(f"written: {', '.join(map(str, self.written))}")
        if self.kept:
            print(f"kept as they were: {', '.join(map(str, self.kept))}")
        for step in self.next_steps:
            print(f"  → {step}")


def _format(file: Path, name: str | None) -> Format:
    if name is None:
        return detect_format(file)
    if name not in FORMATS:
        raise MapFileError(f"there is no format {name!r}", f"choose one of {', '.join(FORMATS)}")
    return FORMATS[name]


def _timezone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise MapFileError(
            f"there is no timezone {name!r}", "give an IANA name such as Asia/Shanghai"
        ) from error
    return name


def _position(option: str, text: str) -> tuple[float, float]:
    """Latitude and longitude of `LAT,LON`, degrees."""
    try:
        latitude_deg, longitude_deg = map(float, text.split(","))
    except ValueError:
        latitude_deg = longitude_deg = float("nan")
    if not (abs(latitude_deg) <= 90.0 and abs(longitude_deg) <= 180.0):
        raise MapFileError(
            f"{option} is {text!r}", "give latitude and longitude in degrees: 30.2794,120.0266"
        )
    return latitude_deg, longitude_deg


def _write_folder(folder: Path, imported: Imported) -> tuple[list[Path], list[Path]]:
    """Files that were written (the map last) and files that were there and are kept."""
    starters = {
        FLEET_FILE: starter_fleet(imported.document, imported.fleet),
        SCHEDULE_FILE: starter_schedule(),
    }
    kept = [folder / name for name in starters if (folder / name).exists()]
    texts = {folder / name: text for name, text in starters.items() if folder / name not in kept}
    texts[folder / MAP_FILE] = document_text(imported.document)
    for file, text in texts.items():
        replace_file(file, [text.encode()])
    return list(texts), kept


def made(document: Mapping[str, Any]) -> dict[str, int]:
    """How many features of each kind a document has."""
    kinds: dict[str, int] = {}
    for feature in document["features"]:
        kind = str(feature["properties"]["feature"])
        kinds[kind] = kinds.get(kind, 0) + 1
    return kinds


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts.items()) or "nothing"


def _shown(note: Note) -> str:
    if not note.elements:
        return note.message
    shown = ", ".join(note.elements[:_SHOWN_ELEMENTS])
    more = len(note.elements) - _SHOWN_ELEMENTS
    return f"{note.message}: {shown}" + (f" and {more} more" if more > 0 else "")
