"""The table of map formats; a format's module is imported when it is used."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from fleet_manager.adapters.maps.formats.base import Exporter, Format, Importer
from fleet_manager.core.errors import MapFileError

_HERE = "fleet_manager.adapters.maps.formats"
_HEAD_BYTES = 65536

_TABLE = (
    Format(
        name="osm",
        title="OpenStreetMap (XML, also compressed, or PBF)",
        suffixes=(".osm", ".osm.xml", ".osm.gz", ".osm.bz2", ".osm.pbf", ".pbf"),
        mark=re.compile(rb"<osm[\s>]|OSMHeader"),
        read=f"{_HERE}.osm",
        takes_docks=True,
    ),
    Format(
        name="rmf",
        title="Open-RMF building map (traffic editor)",
        suffixes=(".building.yaml",),
        mark=re.compile(rb"^(coordinate_system|crowd_sim|levels|lifts):", re.MULTILINE),
        read=f"{_HERE}.rmf",
    ),
    Format(
        name="opentcs",
        title="openTCS plant model (version 6 or 7)",
        suffixes=(),
        mark=re.compile(rb"<model[\s>]"),
        read=f"{_HERE}.opentcs",
    ),
    Format(
        name="nav2",
        title="Graph of Nav2's route server (GeoJSON)",
        suffixes=(".nav2.geojson",),
        mark=re.compile(rb'"startid"|"nav2"|"frame"\s*:\s*"map"'),
        read=f"{_HERE}.nav2",
        write=f"{_HERE}.nav2",
    ),
    Format(
        name="lif",
        title="VDMA LIF 1.0 (Layout Interchange Format)",
        suffixes=(".lif.json", ".lif"),
        mark=re.compile(rb'"lifVersion"'),
        read=f"{_HERE}.lif",
        write=f"{_HERE}.lif",
    ),
    Format(
        name="grid",
        title="Occupancy grid of Nav2's map server",
        suffixes=(".pgm", ".yaml"),
        write=f"{_HERE}.grid",
    ),
    Format(
        name="sdf",
        title="Gazebo world (SDF 1.7)",
        suffixes=(".sdf", ".world"),
        write=f"{_HERE}.sdf",
    ),
    Format(name="svg", title="Picture (SVG)", suffixes=(".svg",), write=f"{_HERE}.svg"),
    Format(name="png", title="Picture (PNG)", suffixes=(".png",), write=f"{_HERE}.png"),
)

FORMATS: Mapping[str, Format] = MappingProxyType({each.name: each for each in _TABLE})


def detect(file: Path) -> Format:
    """The format of a file, by the end of its name or else by its content.

    Raises:
        MapFileError: the file cannot be read, or it is in no format that can be imported.
    """
    head = _head(file)
    readable = [each for each in FORMATS.values() if each.read is not None]
    for known in readable:
        if file.name.lower().endswith(known.suffixes):
            return known
    for known in readable:
        if known.mark.search(head):
            return known
    raise MapFileError(
        f"{file}: neither its name nor its content tells its format",
        f"name it with --format: {', '.join(each.name for each in readable)}",
    )


def reader(wanted: Format) -> Importer:
    """The importer of a format.

    Raises:
        MapFileError: the format is only written.
    """
    if wanted.read is None:
        raise MapFileError(
            f"{wanted.title} cannot be imported",
            f"formats to import are {', '.join(each.name for each in _TABLE if each.read)}",
        )
    read: Importer = importlib.import_module(wanted.read).read
    return read


def writer(wanted: Format) -> Exporter:
    """The exporter of a format.

    Raises:
        MapFileError: the format is only read.
    """
    if wanted.write is None:
        raise MapFileError(
            f"{wanted.title} cannot be exported",
            f"formats to export are {', '.join(each.name for each in _TABLE if each.write)}",
        )
    write: Exporter = importlib.import_module(wanted.write).write
    return write


def _head(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(_HEAD_BYTES)
    except FileNotFoundError as error:
        raise MapFileError(f"{file} does not exist", "check the path of the file") from error
    except OSError as error:
        raise MapFileError(
            f"{file} cannot be read: {error.strerror}", "check the path and its permissions"
        ) from error
