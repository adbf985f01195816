"""Reads OpenStreetMap extracts (XML, compressed XML, PBF) into memory, without their meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import osmium

from fleet_manager.adapters.maps.formats.base import Notes
from fleet_manager.adapters.maps.formats.projection import LatLon
from fleet_manager.core.errors import MapFileError

MAX_ELEMENTS = 1_500_000
"""Nodes, ways and relations; a site and its surroundings have a tenth of them."""
_REMEDY = "download the extract again, or save it again in the program that wrote it"
_CUT_OUT = "cut your site out of it, for example with: osmium extract --bbox W,S,E,N"

_REFUSALS = (
    *(RuntimeError, ValueError, ArithmeticError, LookupError, OSError),
    osmium.InvalidLocationError,
)
"""What osmium raises, depending on the damage."""

Tags = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Node:
    """A node; `at` is None if it is named without a place."""

    id: int
    at: LatLon | None
    tags: Tags

    @property
    def called(self) -> str:
        return f"node {self.id}"


@dataclass(frozen=True, slots=True)
class Way:
    """A way through nodes, by their ids."""

    id: int
    refs: tuple[int, ...]
    tags: Tags

    @property
    def called(self) -> str:
        return f"way {self.id}"

    @property
    def closed(self) -> bool:
        """Whether it ends where it begins, around an area."""
        return len(self.refs) >= 4 and self.refs[0] == self.refs[-1]


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation; `ways` are its members that are ways, with their roles."""

    id: int
    ways: tuple[tuple[int, str], ...]
    tags: Tags

    @property
    def called(self) -> str:
        return f"relation {self.id}"


@dataclass
class Extract:
    """What a file holds, by ids."""

    file: Path
    nodes: dict[int, Node] = field(default_factory=dict)
    ways: dict[int, Way] = field(default_factory=dict)
    relations: dict[int, Relation] = field(default_factory=dict)

    def place(self, ref: int) -> LatLon | None:
        """Where a node lies; None if the extract does not have it."""
        node = self.nodes.get(ref)
        return None if node is None else node.at

    def elements(self) -> Iterator[Node | Way | Relation]:
        """Nodes, ways, relations."""
        yield from self.nodes.values()
        yield from self.ways.values()
        yield from self.relations.values()


def read_extract(file: Path, notes: Notes) -> Extract:
    """The nodes, ways and relations of a file, whatever the end of its name.

    Raises:
        MapFileError: it is missing, is no OpenStreetMap file, is damaged or cut off, or is far
            larger than a site; names the line or the element after which it cannot be read.
    """
    extract = Extract(file)
    kind = _kind(file)
    last: Node | Way | Relation | None = None
    try:
        for read in osmium.FileProcessor(osmium.io.File(str(file), kind)):
            last = _add(extract, read, notes) or last
            if len(extract.nodes) + len(extract.ways) + len(extract.relations) > MAX_ELEMENTS:
                raise MapFileError(
                    f"{file}: it has more than {MAX_ELEMENTS:,} elements, far more than a campus",
                    _CUT_OUT,
                )
    except MapFileError:
        raise
    except MemoryError as error:
        raise MapFileError(f"{file}: it does not fit into memory", _CUT_OUT) from error
    except _REFUSALS as error:
        raise _refusal(file, kind, error, last) from error
    if last is None:
        raise MapFileError(f"{file}: it holds no nodes, ways or relations", _REMEDY)
    return extract


def _kind(file: Path) -> str:
    """The format of a file for osmium, by its first bytes."""
    try:
        with file.open("rb") as opened:
            head = opened.read(256)
    except FileNotFoundError as error:
        raise MapFileError(f"{file} does not exist", "check the path of the file") from error
    except OSError as error:
        raise MapFileError(
            f"{file} cannot be read: {error.strerror}", "check the path and its permissions"
        ) from error
    if head.startswith(b"\x1f\x8b"):
        return "osm.gz"
    if head.startswith(b"BZh"):
        return "osm.bz2"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "osm"
    if b"OSMHeader" in head[:64]:
        return "pbf"
    raise MapFileError(
        f"{file}: it is neither XML nor PBF of OpenStreetMap", "check that it is the right file"
    )


def _add(extract: Extract, read: Any, notes: Notes) -> Node | Way | Relation | None:
    if not read.visible:
        return None
    tags = {tag.k: tag.v for tag in read.tags}
    if read.is_node():
        location = read.location
        at = (location.lat, location.lon) if location.valid() else None
        node = Node(read.id, at, tags)
        return _put(extract.nodes, node, notes)
    if read.is_way():
        return _put(extract.ways, Way(read.id, tuple(n.ref for n in read.nodes), tags), notes)
    if read.is_relation():
        ways = tuple((each.ref, each.role) for each in read.members if each.type == "w")
        return _put(extract.relations, Relation(read.id, ways, tags), notes)
    return None


Element = TypeVar("Element", Node, Way, Relation)


def _put(known: dict[int, Element], element: Element, notes: Notes) -> Element:
    if element.id in known:
        notes.add("in the file more than once: the last one counts", element.called)
    known[element.id] = element
    return element


def _refusal(
    file: Path, kind: str, error: Exception, last: Node | Way | Relation | None
) -> MapFileError:
    """What osmium says, with the line of XML, or else the element before the damage."""
    problem = str(error) or type(error).__name__
    parsing = re.match(r"XML parsing error at line (\d+), column \d+: (.*)", problem)
    if parsing and kind == "osm":
        return MapFileError(f"{file}:{parsing[1]}: not XML: {parsing[2]}", _REMEDY)
    if problem.startswith("Unknown top-level element"):
        return MapFileError(
            f"{file}: not OpenStreetMap: its outermost element is {problem.rpartition(' ')[2]!r}",
            "check that it is the right file",
        )
    value = re.search(r"'([^']+)'$", problem)
    line = _line_of(file, value[1]) if value and kind == "osm" else None
    if line is not None:
        return MapFileError(f"{file}:{line}: {problem}", _REMEDY)
    where = f" after {last.called}" if last is not None else ""
    return MapFileError(f"{file}: it cannot be read{where}: {problem}", _REMEDY)


def _line_of(file: Path, value: str) -> int | None:
    """The first line of an XML file in which an attribute has a value."""
    quoted = (f'"{value}"'.encode(), f"'{value}'".encode())
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if any(each in line for each in quoted):
                return number
    return None
