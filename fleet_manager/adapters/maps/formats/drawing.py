"""Draws the features of an imported map: unique ids and names, valid polygons, one lane a way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from shapely import make_valid
from shapely.geometry import LineString, MultiPoint, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from fleet_manager.adapters.maps.campus_file import check_schema
from fleet_manager.adapters.maps.formats.base import ImportOptions
from fleet_manager.core.campus import Anchor, Level
from fleet_manager.core.campus_geojson import FORMAT_VERSION, campus_from_geojson
from fleet_manager.core.errors import MapFileError, MapFormatError
from fleet_manager.core.geometry import Xy, length_m

Feature = dict[str, Any]

MAX_COORDINATE_M = 100_000.0
"""A campus map is flat; a source that reaches further is not one campus."""
_MIN_AREA_M2 = 0.01
_MARGIN_M = 10.0
_SAME_LINE_M = 0.05


class Drawing:
    """A map document in the making; coordinates are rounded to millimetres, unless `exact`."""

    def __init__(
        self,
        file: Path,
        options: ImportOptions,
        name: str | None,
        anchor: Anchor,
        note: str,
        *,
        exact: bool = False,
    ) -> None:
        self.file = file
        self._exact = exact
        self.levels: dict[str, Level] = {}
        self.features: list[Feature] = []
        self._ids: set[str] = set()
        self._places: set[str] = set()
        self._waypoint_levels: dict[str, str] = {}
        self._lanes: dict[tuple[str, str], Feature] = {}
        self._head: dict[str, Any] = {
            "format_version": FORMAT_VERSION,
            "id": options.campus_id,
            "name": options.name or name or options.campus_id,
            "timezone": options.timezone,
            "anchor": {
                "latitude_deg": anchor.latitude_deg,
                "longitude_deg": anchor.longitude_deg,
                "bearing_deg": anchor.bearing_deg,
            },
            "note": note,
        }

    def add_level(self, identifier: str, name: str, elevation_m: float) -> str:
        """A level of the campus; returns its id."""
        self.levels[identifier] = Level(identifier, name, elevation_m)
        return identifier

    def add_weather(self, rules: Sequence[Any]) -> None:
        """Weather rules of the campus, as docs/map-format.md describes them."""
        self._head["weather"] = list(rules)

    def new_id(self, wanted: str) -> str:
        """An id that no other feature has, as near to the wanted one as the format allows."""
        base = re.sub(r"[\s~]+", "_", wanted.strip()).strip("_") or "unnamed"
        identifier, number = base, 1
        while identifier in self._ids or identifier in self._places:
            number += 1
            identifier = f"{base}_{number}"
        self._ids.add(identifier)
        return identifier

    def waypoint(
        self, identifier: str, at: Xy, level: str, role: str, name: str = "", **more: Any
    ) -> str:
        """A waypoint; returns its id. A name that is taken already is given a number."""
        identifier = self.new_id(identifier)
        more = {key: value for key, value in more.items() if value is not None}
        if name and name != identifier:
            more["name"] = self._new_place(name)
        self._waypoint_levels[identifier] = level
        self.point(identifier, "waypoint", at, level=level, role=role, **more)
        return identifier

    def lane(self, identifier: str, points: Sequence[Xy], **properties: Any) -> str | None:
        """A lane from the waypoint `from` to the waypoint `to`; returns its id.

        On a line that is drawn already no second lane is drawn: the first one is driven both
        ways then. Between two waypoints that another line joins already, it gets a waypoint in
        its middle, because a campus has one lane from a waypoint to another. Returns None if
        the lane has no length.
        """
        start, end = properties["from"], properties["to"]
        if start == end or length_m(points) < 0.001:
            return None
        ways = [(start, end)]
        if properties["direction"] == "both":
            ways.append((end, start))
        for ends in ((start, end), (end, start)):
            drawn = self._lanes.get(ends)
            if drawn is not None and _same_line(drawn["geometry"]["coordinates"], points):
                self._join(drawn, ways, properties)
                return str(drawn["id"])
        if any(ends in self._lanes for ends in ways):
            return self._lane_in_two(identifier, points, properties)
        identifier = self.new_id(identifier)
        self.line(identifier, "lane", points, **properties)
        self._lanes.update(dict.fromkeys(ways, self.features[-1]))
        return identifier

    def ride(self, identifier: str, points: Sequence[Xy], start: str, end: str) -> None:
        """A lane in a lift from one waypoint in its cabin to the next one above; both ways."""
        ends = {"from": start, "to": end, "level": self._waypoint_levels[start]}
        figures = {"direction": "both", "width_m": 1.5, "speed_limit_mps": 1.0, "indoor": True}
        identifier = self.new_id(identifier)
        self.line(identifier, "lane", points, **ends, **figures)
        self._lanes.update(dict.fromkeys([(start, end), (end, start)], self.features[-1]))

    def _join(self, drawn: Feature, ways: list[tuple[str, str]], properties: Feature) -> None:
        """Let a lane that is drawn be driven as another one on its line, at the lower limits."""
        known: Feature = drawn["properties"]
        if any(ends not in self._lanes for ends in ways):
            known["direction"] = "both"
            self._lanes.update(dict.fromkeys(ways, drawn))
        for limit in ("width_m", "speed_limit_mps"):
            known[limit] = min(known[limit], properties[limit])
        kinds = known.get("kinds"), properties.get("kinds")
        known["kinds"] = sorted({*kinds[0], *kinds[1]}) if kinds[0] and kinds[1] else None
        if properties.get("resource") is not None:
            known.setdefault("resource", properties["resource"])

    def _lane_in_two(
        self, identifier: str, points: Sequence[Xy], properties: Feature
    ) -> str | None:
        """A lane with a waypoint in its middle; the id of its first half."""
        halves = line_cut(points, 2)
        middle = self.waypoint(
            f"{identifier}_middle", halves[0][-1], properties["level"], "junction"
        )
        first = self.lane(identifier, halves[0], **properties | {"to": middle})
        self.lane(identifier, halves[1], **properties | {"from": middle})
        return first

    @property
    def lane_ends(self) -> frozenset[str]:
        """Waypoints at which a lane begins or ends."""
        return frozenset(each for ends in self._lanes for each in ends)

    def point(self, identifier: str, what: str, at: Xy, **properties: Any) -> None:
        self._add(identifier, what, "Point", self._position(identifier, at), properties)

    def line(self, identifier: str, what: str, points: Iterable[Xy], **properties: Any) -> None:
        drawn = [self._position(identifier, each) for each in points]
        self._add(identifier, what, "LineString", drawn, properties)

    def area(self, identifier: str, what: str, shape: BaseGeometry, **properties: Any) -> list[str]:
        """A polygon feature for each valid part of a shape; returns their ids.

        An outline that crosses itself is drawn as the parts that it encloses.
        """
        drawn: list[str] = []
        for part in polygons_of(shape):
            rings = [
                [self._position(identifier, each) for each in ring.coords]
                for ring in (part.exterior, *part.interiors)
            ]
            if not Polygon(rings[0], rings[1:]).is_valid:
                continue  # too small to be drawn in millimetres
            drawn.append(self.new_id(identifier))
            self._add(drawn[-1], what, "Polygon", rings, properties)
        return drawn

    def finish(
        self, boundary: BaseGeometry | None = None, boundary_feature: Any = None
    ) -> dict[str, Any]:
        """The document, checked.

        Args:
            boundary: of the campus; None: one is drawn around everything.
            boundary_feature: of the campus, as the map that was exported has it.

        Raises:
            MapFileError: the source gives a map that cannot be read; names the feature.
        """
        if boundary_feature is None:
            self._bound(boundary)
        else:
            self.features.insert(0, boundary_feature)
        levels = sorted(self.levels.values(), key=lambda each: (each.elevation_m, each.id))
        document = {
            "type": "FeatureCollection",
            "campus": self._head
            | {
                "levels": [
                    {"id": each.id, "name": each.name, "elevation_m": each.elevation_m}
                    for each in levels
                ]
            },
            "features": self.features,
        }
        try:
            campus_from_geojson(document)
            check_schema(document)
        except MapFormatError as error:
            raise MapFileError(
                f"{self.file}: what it describes gives no map: {error}",
                error.remedy or "mend it in the program that wrote the file",
            ) from error
        return document

    def _bound(self, boundary: BaseGeometry | None) -> None:
        if boundary is None:
            points = [xy for feature in self.features for xy in positions_of(feature)]
            boundary = MultiPoint(points).convex_hull.buffer(_MARGIN_M, quad_segs=2)
        whole = max(polygons_of(boundary), key=lambda each: each.area)
        self.area("boundary", "boundary", Polygon(whole.exterior))
        self.features.insert(0, self.features.pop())

    def _add(
        self, identifier: str, what: str, kind: str, coordinates: Any, properties: dict[str, Any]
    ) -> None:
        self._ids.add(identifier)
        geometry = {"type": kind, "coordinates": coordinates}
        self.features.append(
            {
                "type": "Feature",
                "id": identifier,
                "geometry": geometry,
                "properties": {"feature": what, **properties},
            }
        )

    def _position(self, identifier: str, at: Xy) -> list[float]:
        x_m, y_m = at[0], at[1]
        if not (abs(x_m) <= MAX_COORDINATE_M and abs(y_m) <= MAX_COORDINATE_M):
            raise MapFileError(
                f"{self.file}: {identifier} lies at ({x_m:g}, {y_m:g}) m, further than "
                f"{MAX_COORDINATE_M / 1000:g} km from the origin",
                "correct its position, or give an anchor on the site with --anchor",
            )
        if self._exact:
            return [float(x_m), float(y_m)]
        return [round(x_m, 3) + 0.0, round(y_m, 3) + 0.0]

    def _new_place(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self._places or name in self._ids:
            number += 1
            name = f"{wanted} {number}"
        self._places.add(name)
        return name


def line_cut(points: Sequence[Xy], pieces: int) -> list[list[Xy]]:
    """A line cut into pieces of the same length."""
    whole = LineString(points)
    cuts = [whole.length * number / pieces for number in range(pieces + 1)]
    return [[(x, y) for x, y in substring(whole, a, b).coords] for a, b in pairwise(cuts)]


def _same_line(one: Sequence[Xy], other: Sequence[Xy]) -> bool:
    return bool(LineString(one).hausdorff_distance(LineString(other)) <= _SAME_LINE_M)


def positions_of(feature: Feature) -> Iterable[Xy]:
    """The positions of a feature's geometry (of a polygon, of its outline)."""
    geometry = feature["geometry"]
    coordinates = geometry["coordinates"]
    if geometry["type"] == "Point":
        return [coordinates]
    listed: list[Xy] = coordinates if geometry["type"] == "LineString" else coordinates[0]
    return listed


def polygons_of(shape: BaseGeometry) -> list[Polygon]:
    """The valid polygons of a shape that may cross itself; specks are left out."""
    if not shape.is_valid:
        shape = make_valid(shape)
    parts = getattr(shape, "geoms", [shape])
    found: list[Polygon] = []
    for part in parts:
        if isinstance(part, Polygon):
            if part.area >= _MIN_AREA_M2:
                found.append(part)
        elif not isinstance(part, LineString) and hasattr(part, "geoms"):
            found.extend(polygons_of(part))
    return found
