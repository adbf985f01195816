"""Areas of OpenStreetMap: closed ways and multipolygon relations as shapes in metres."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from shapely import make_valid
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize, unary_union

from fleet_manager.adapters.maps.formats.base import Notes
from fleet_manager.adapters.maps.formats.drawing import polygons_of
from fleet_manager.adapters.maps.formats.osm_file import Extract, Relation, Tags, Way
from fleet_manager.adapters.maps.formats.projection import LocalPlane
from fleet_manager.core.geometry import Xy

_CUT_OFF = "areas cut off at the edge of the extract are not drawn"
_NO_AREA = "outlines that enclose nothing are not drawn"


@dataclass(frozen=True)
class Area:
    """An area.

    Attributes:
        called: as OpenStreetMap names the element.
        identifier: for features that are made of it.
        refs: nodes of its outlines.
    """

    called: str
    identifier: str
    tags: Tags
    shape: BaseGeometry
    refs: frozenset[int]


class Ground:
    """Places of an extract in metres of a plane."""

    def __init__(self, extract: Extract, plane: LocalPlane, notes: Notes) -> None:
        self.extract = extract
        self.notes = notes
        self._plane = plane

    def xy(self, ref: int) -> Xy | None:
        """Where a node lies; None if the extract does not have it."""
        at = self.extract.place(ref)
        return None if at is None else self._plane.xy(at)

    def runs(self, way: Way) -> Iterator[list[tuple[int, Xy]]]:
        """The pieces of a way whose nodes the extract has: nodes and places, two at least."""
        run: list[tuple[int, Xy]] = []
        for ref in way.refs:
            at = self.xy(ref)
            if at is None:
                if len(run) > 1:
                    yield run
                run = []
            elif not run or run[-1][0] != ref:
                run.append((ref, at))
        if len(run) > 1:
            yield run

    def areas(self, wanted: Callable[[Tags], bool]) -> Iterator[Area]:
        """Closed ways and multipolygons whose tags are wanted, as far as they are whole."""
        for way in self.extract.ways.values():
            if way.closed and wanted(way.tags):
                points = [self.xy(ref) for ref in way.refs]
                known = [each for each in points if each is not None]
                if len(known) < len(points):
                    self.notes.add(_CUT_OFF, way.called)
                    continue
                shape = make_valid(Polygon(known))
                yield from self._area(way, f"way_{way.id}", shape, frozenset(way.refs))
        for relation in self.extract.relations.values():
            if is_multipolygon(relation) and wanted(relation.tags):
                yield from self._multipolygon(relation)

    def _multipolygon(self, relation: Relation) -> Iterator[Area]:
        rings: dict[str, list[LineString]] = {"outer": [], "inner": []}
        refs: set[int] = set()
        for ref, role in relation.ways:
            way = self.extract.ways.get(ref)
            points = [] if way is None else [self.xy(each) for each in way.refs]
            known = [each for each in points if each is not None]
            if way is None or len(known) < len(points) or len(known) < 2:
                self.notes.add(_CUT_OFF, relation.called)
                return
            rings["inner" if role == "inner" else "outer"].append(LineString(known))
            refs.update(way.refs)
        outer, inner = (_enclosed(rings[role]) for role in ("outer", "inner"))
        shape = outer.difference(inner)
        yield from self._area(relation, f"relation_{relation.id}", shape, frozenset(refs))

    def _area(
        self, element: Way | Relation, identifier: str, shape: BaseGeometry, refs: frozenset[int]
    ) -> Iterator[Area]:
        if not polygons_of(shape):
            self.notes.add(_NO_AREA, element.called)
            return
        yield Area(element.called, identifier, element.tags, shape, refs)


def is_multipolygon(relation: Relation) -> bool:
    """Whether a relation is an area."""
    return relation.tags.get("type") == "multipolygon"


def is_outline(line: LineString) -> bool:
    """Whether a line ends where it begins, with corners between."""
    return bool(line.is_closed and len(line.coords) >= 4)


def _enclosed(lines: list[LineString]) -> BaseGeometry:
    """What lines enclose: those that meet at their ends are joined to rings."""
    rings = [Polygon(each.coords) for each in lines if is_outline(each)]
    open_lines = [each for each in lines if not each.is_closed]
    joined = list(polygonize(unary_union(open_lines))) if open_lines else []
    return unary_union([make_valid(each) for each in (*rings, *joined)])
