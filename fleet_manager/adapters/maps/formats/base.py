"""What a module of a map format offers: the contract of importers and exporters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from fleet_manager.adapters.maps.formats.campus_part import PartOf
from fleet_manager.core.campus import Anchor, Campus
from fleet_manager.core.config import FleetConfig

Files = Mapping[str, Iterable[bytes]]
"""Files of a format by name; each in pieces, so that a large one is never whole in memory."""


@dataclass(frozen=True)
class Note:
    """Something of a source that was left out or assumed.

    Attributes:
        message: what and why; a clause without a full stop.
        elements: of the source that it concerns, as the source names them; empty: all of it.
    """

    message: str
    elements: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {"message": self.message, "elements": list(self.elements)}


class Notes:
    """Gathers notes while a source is read; elements with the same message are one note."""

    def __init__(self) -> None:
        self._elements: dict[str, dict[str, None]] = {}

    def add(self, message: str, *elements: str) -> None:
        self._elements.setdefault(message, {}).update(dict.fromkeys(elements))

    def all(self) -> tuple[Note, ...]:
        """The notes in the order in which they first came up."""
        return tuple(Note(message, tuple(named)) for message, named in self._elements.items())


@dataclass(frozen=True)
class ImportOptions:
    """What a person says about a map to import.

    Attributes:
        campus_id: id of the campus to make.
        name: of the campus; None: the source's own, or the id.
        timezone: of the campus (IANA).
        anchor: where the source's origin lies on the Earth (of a source with geographic
            positions: where to put the map's origin); None: the source's, or 0°, 0°.
        level: id of the level on which everything lies whose source knows no levels.
        lane_width_m: of lanes whose source gives no width; None: the format's own default.
        speed_limit_mps: of lanes whose source gives none; None: the format's own default.
        docks: places (latitude, longitude in degrees) at which to draw docks, for sources that
            know none.
    """

    campus_id: str
    name: str | None = None
    timezone: str = "UTC"
    anchor: Anchor | None = None
    level: str = "ground"
    lane_width_m: float | None = None
    speed_limit_mps: float | None = None
    docks: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Imported:
    """A map that was read from another program's file.

    Attributes:
        document: the campus as GeoJSON of docs/map-format.md; it can be read as it is.
        counts: what was found in the source, by the source's own words; as many as one gets by
            counting in it.
        notes: what was left out or assumed.
        fleet: the source's robots in the form of fleet.yaml; None: it describes none.
    """

    document: dict[str, Any]
    counts: Mapping[str, int]
    notes: tuple[Note, ...] = ()
    fleet: Mapping[str, Any] | None = None


def file_stem(*parts: str) -> str:
    """A file's name made of ids; what could name a folder or trouble a shell is an underscore."""
    return "_".join(re.sub(r"[^\w.-]|^[.-]", "_", each) for each in parts if each)


def _unwatched(_name: str, _done: float) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Furnishing:
    """What is put into a simulated world beside what the map has.

    Attributes:
        people: who stand beside lanes.
        litter: pieces of it on zones that are cleaned.
        spills: puddles on zones that are cleaned.
        seed: of where they are.
    """

    people: int = 0
    litter: int = 0
    spills: int = 0
    seed: int = 1


@dataclass(frozen=True)
class ExportOptions:
    """What a person says about what to export.

    Attributes:
        target: of a world, the simulator that is to read it; None: the format's own default.
        part: of a world, the part of the campus to write.
        furnishing: of a world.
        level: the one to write; None: all of them (of pictures, the first).
        fleet: whose robot kinds the format may name; None: all robots are of one kind.
        resolution_m: of a grid, metres a cell; None: as fine as the size of the level allows.
        layers: of a picture; None: all.
        size_px: of a picture's longer side; None: the format's own default.
        made_at: for formats that say when they were made; None: 1970, so that the same map
            gives the same bytes.
        progress: called with a file's name and the part of it that is done, 0 to 1.
    """

    target: str | None = None
    part: PartOf = field(default_factory=PartOf)
    furnishing: Furnishing = field(default_factory=Furnishing)
    level: str | None = None
    fleet: FleetConfig | None = None
    resolution_m: float | None = None
    layers: frozenset[str] | None = None
    size_px: int | None = None
    made_at: datetime | None = None
    progress: Callable[[str, float], None] = _unwatched


class Importer(Protocol):
    """Reads a file of a format; the `read` of its module."""

    def __call__(self, file: Path, options: ImportOptions) -> Imported:
        """The campus in a file.

        Raises:
            MapFileError: the file cannot be read as this format; names the file, the line or
                the element, and what to do.
        """
        ...


class Exporter(Protocol):
    """Writes a campus in a format; the `write` of its module."""

    def __call__(self, campus: Campus, options: ExportOptions) -> Files:
        """The files of the format, by name; the caller writes them.

        Raises:
            MapError: the format cannot hold this campus, or not with these options; says what
                to do. Also while a file is taken piece by piece.
        """
        ...


@dataclass(frozen=True)
class Format:
    """A map format.

    Attributes:
        name: by which it is chosen with --format.
        title: as people know it.
        suffixes: of its files, lower case.
        mark: what the first 64 KiB of its files contain.
        read: module with its Importer as `read`; None: it is only written.
        write: module with its Exporter as `write`; None: it is only read.
        takes_docks: whether docks are to be given, because its files have none of their own.
    """

    name: str
    title: str
    suffixes: tuple[str, ...] = ()
    mark: re.Pattern[bytes] = field(default=re.compile(rb"(?!)"))
    read: str | None = None
    write: str | None = None
    takes_docks: bool = False
