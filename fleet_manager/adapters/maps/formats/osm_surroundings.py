"""Draws what stands around the ways of OpenStreetMap: houses, water, barriers, assets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shapely import make_valid
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from fleet_manager.adapters.maps.formats import osm_tags as tags_of
from fleet_manager.adapters.maps.formats.base import Notes
from fleet_manager.adapters.maps.formats.drawing import Drawing, polygons_of
from fleet_manager.adapters.maps.formats.osm_areas import Area, Ground, is_outline
from fleet_manager.adapters.maps.formats.osm_file import Node, Tags, Way
from fleet_manager.adapters.maps.formats.osm_network import Network, Solids
from fleet_manager.adapters.maps.formats.osm_tags import GATES
from fleet_manager.adapters.maps.formats.osm_ways import Ways, is_entrance, is_square
from fleet_manager.core.geometry import Xy

_STOREY_M = 3.0
_SURROUNDINGS_M = 100.0
_OUTLINE_M = 0.1
_FIELD_OF_VIEW_DEG = 60.0
_CAMERA_RANGE_M = 30.0
_CAMERA_HEIGHT_M = 4.0
_BARRIERS = {
    "wall": ("wall", 0.3),
    "city_wall": ("wall", 1.0),
    "retaining_wall": ("wall", 0.4),
    "fence": ("fence", 0.1),
    "guard_rail": ("fence", 0.2),
    "hedge": ("trees", 0.8),
}
WATERWAYS_M = {"river": 8.0, "canal": 5.0, "stream": 1.5, "ditch": 1.0, "drain": 1.0}
_COVERS = {
    ("landuse", "grass"): "grass",
    ("landuse", "village_green"): "grass",
    ("landuse", "recreation_ground"): "grass",
    ("landuse", "meadow"): "grass",
    ("landuse", "flowerbed"): "grass",
    ("landuse", "forest"): "trees",
    ("landuse", "orchard"): "trees",
    ("landuse", "farmland"): "field",
    ("leisure", "park"): "grass",
    ("leisure", "garden"): "grass",
    ("leisure", "pitch"): "field",
    ("leisure", "track"): "field",
    ("leisure", "sports_centre"): "field",
    ("natural", "wood"): "trees",
    ("natural", "scrub"): "trees",
    ("natural", "grassland"): "grass",
    ("amenity", "parking"): "car_park",
    ("place", "square"): "plaza",
    ("natural", "water"): "water",
    ("waterway", "riverbank"): "water",
}
_ASSETS = {
    "fire_extinguisher": ("extinguisher", "Extinguisher", 30.0),
    "fire_hydrant": ("hydrant", "Hydrant", 90.0),
    "defibrillator": ("aed", "AED", 7.0),
}


@dataclass
class Surroundings:
    """Shapes of what stands around the ways, before they are drawn.

    Attributes:
        level: on which everything stands.
        buildings: with their shapes.
        obstacles: id, kind and shape.
    """

    ground: Ground
    level: str
    notes: Notes
    buildings: list[Area] = field(default_factory=list)
    obstacles: list[tuple[str, str, BaseGeometry]] = field(default_factory=list)
    waters: list[Area] = field(default_factory=list)

    def gather(self) -> None:
        """Find the buildings, barriers and waters."""
        for area in self.ground.areas(is_building):
            if area.tags["building"] in {"roof", "carport"}:
                self.notes.add("roofs stand on posts: not drawn", area.called)
                continue
            self.buildings.append(area)
        self.waters = list(self.ground.areas(is_water))

    def stand(self, ways: Ways) -> None:
        """Obstacles of barriers and waters, open at gates and bridges."""
        tracks = [each for each in ways.network.tracks if each.structure is not None]
        bridges = unary_union(
            [each.line.buffer(each.properties["width_m"] / 2 + 1.0) for each in tracks]
        )
        for area in self.waters:
            shape = area.shape.difference(bridges)
            self.obstacles.append((f"{area.identifier}_water", "water", shape))
        for way in self.ground.extract.ways.values():
            kind = way.tags.get("waterway", "")
            if kind in WATERWAYS_M and not tags_of.is_set(way.tags, "tunnel"):
                width_m = tags_of.metres(way.tags.get("width", "")) or WATERWAYS_M[kind]
                shape = self.band(way, min(width_m, 500.0)).difference(bridges)
                self.obstacles.append((f"way_{way.id}_water", "water", shape))
            if is_barrier(way.tags) and not is_building(way.tags):
                self._barrier(way, ways)

    def solids(self) -> Solids:
        """Everything that stops robots."""
        shapes = [each.shape for each in self.buildings]
        return Solids([*shapes, *(shape for _, _, shape in self.obstacles)])

    def _barrier(self, way: Way, ways: Ways) -> None:
        kind, width_m = _BARRIERS[way.tags["barrier"]]
        shape = self.band(way, tags_of.metres(way.tags.get("width", "")) or width_m)
        for ref in way.refs:
            node, at = self.ground.extract.nodes.get(ref), self.ground.xy(ref)
            if node is None or at is None:
                continue
            met = ways.widths_at(ref)
            if node.tags.get("barrier") in GATES or tags_of.is_set(node.tags, "entrance"):
                shape = shape.difference(Point(at).buffer(max([2.0, *met]) / 2 + 0.7))
            elif met:
                self.notes.add("a way meets a barrier where no gate is drawn", f"node {ref}")
        self.obstacles.append((f"way_{way.id}_{way.tags['barrier']}", kind, shape))

    def band(self, way: Way, width_m: float) -> BaseGeometry:
        """A way with a width; of an area, the whole of it."""
        runs = [LineString([at for _, at in run]) for run in self.ground.runs(way)]
        bands: list[BaseGeometry] = [
            each.buffer(width_m / 2, quad_segs=2, cap_style="flat") for each in runs
        ]
        if way.closed and way.tags.get("area") == "yes":
            bands += [make_valid(Polygon(each.coords)) for each in runs if is_outline(each)]
        return unary_union(bands)


def is_building(tags: Tags) -> bool:
    """Whether an area is a building."""
    return tags_of.is_set(tags, "building")


def is_water(tags: Tags) -> bool:
    """Whether an area is water."""
    return tags.get("natural") == "water" or tags.get("waterway") == "riverbank"


def is_barrier(tags: Tags) -> bool:
    """Whether a way is a barrier that is drawn."""
    return tags.get("barrier") in _BARRIERS


def is_camera(tags: Tags) -> bool:
    """Whether an element is a camera."""
    watching = tags.get("man_made") == "surveillance"
    return watching and tags.get("surveillance:type", "camera") == "camera"


def cover_of(tags: Tags) -> str | None:
    """Ground cover of an area, or None."""
    if is_square(tags):
        return "plaza"
    return next((cover for (key, value), cover in _COVERS.items() if tags.get(key) == value), None)


class Scenery:
    """Draws the surroundings, each thing with the waypoint from which it is worked."""

    def __init__(
        self,
        drawing: Drawing,
        around: Surroundings,
        network: Network,
        waypoints: Mapping[str, str],
        doors: Mapping[str, str],
        levels: list[str],
    ) -> None:
        """A scenery on a level.

        Args:
            waypoints: ids by stop.
            doors: ids of passages by their names in the network.
            levels: ids, lowest first.
        """
        self.drawing = drawing
        self.around = around
        self.ground, self.notes = around.ground, around.notes
        self.network = network
        self.waypoints = waypoints
        self.doors = doors
        self.levels = levels
        self.level = around.level
        self.solids = around.solids()
        lines = [each.line for each in network.tracks]
        self.site = unary_union(lines).convex_hull.buffer(_SURROUNDINGS_M)

    def draw_ground(self, public_roads: list[tuple[Way, float]]) -> None:
        """Ground covers, the larger ones below."""
        found = [(each, cover_of(each.tags)) for each in self.ground.areas(_is_cover)]
        for area, cover in sorted(found, key=lambda each: -float(each[0].shape.area)):
            shape = area.shape.intersection(self.site)
            self.drawing.area(area.identifier, "ground", shape, level=self.level, cover=cover)
        for way, width_m in public_roads:
            shape = self.around.band(way, width_m).intersection(self.site)
            self.drawing.area(
                f"way_{way.id}", "ground", shape, level=self.level, cover="public_road"
            )

    def draw_obstacles(self) -> None:
        """Barriers and waters, as far as they are near."""
        for identifier, kind, shape in self.around.obstacles:
            self.drawing.area(
                identifier, "obstacle", shape.intersection(self.site), level=self.level, kind=kind
            )

    def draw_buildings(self) -> None:
        """Buildings with their entrances; those far from all ways are left out."""
        for area in self.around.buildings:
            if not area.shape.intersects(self.site):
                self.notes.add("buildings far from all ways are left out", area.called)
                continue
            name = tags_of.title_of(area.tags, area.called.capitalize())
            number = area.identifier.replace("way_", "building_").replace("relation_", "building_r")
            drawn = self.drawing.area(
                number,
                "building",
                area.shape,
                name=name,
                **self._levels(area),
                **_height(area.tags),
            )
            if not drawn:
                self.notes.add("buildings without an area are not drawn", area.called)
                continue
            for ref in sorted(area.refs):
                node = self.ground.extract.nodes.get(ref)
                if node is not None and is_entrance(node.tags):
                    self._entrance(node, area, drawn, name)

    def draw_things(self) -> None:
        """Assets, muster points and cameras."""
        for identifier, called, tags, at in self._places():
            kind = tags.get("emergency", "")
            if kind in _ASSETS:
                self._asset(identifier, called, tags, at)
            elif kind == "assembly_point":
                capacity = tags_of.number(tags.get("capacity", ""))
                more = {"capacity": int(capacity)} if capacity and 1 <= capacity <= 1e6 else {}
                name = tags_of.title_of(tags, f"Assembly point {called}")
                self._point(f"muster_{identifier}", "muster_point", at, name=name, **more)
            if is_camera(tags):
                self._camera(identifier, called, tags, at)

    def _entrance(self, node: Node, area: Area, drawn: list[str], name: str) -> None:
        at = self.ground.xy(node.id)
        if at is None:
            return
        parts = dict(zip(drawn, polygons_of(area.shape), strict=False))
        building = min(parts, key=lambda each: float(parts[each].distance(Point(at))))
        access = self.network.nearest_stop(at, self.level, self.solids, area.shape)
        if access is None:
            self.notes.add("entrances that no robot comes near are not drawn", node.called)
            return
        title = tags_of.title_of(node.tags, f"Entrance of {name}")
        door = self.doors.get(f"door_{node.id}")
        self._point(
            f"entrance_{node.id}",
            "entrance",
            at,
            name=title,
            building=building,
            access=self.waypoints[access],
            **({} if door is None else {"door": door}),
        )

    def _levels(self, area: Area) -> dict[str, Any]:
        """Levels of a building: the one on which all stands, and those of the ways within."""
        within = {self.level} | {
            stop.level
            for stop in self.network.stops.values()
            if stop.level != self.level and area.shape.covers(Point(stop.at))
        }
        levels = [each for each in self.levels if each in within]
        return {"level": levels[0]} | ({"levels": levels} if len(levels) > 1 else {})

    def _asset(self, identifier: str, called: str, tags: Tags, at: Xy) -> None:
        kind, title, days = _ASSETS[tags["emergency"]]
        access = self.network.nearest_stop(at, self.level, self.solids)
        if access is None:
            self.notes.add("assets that no robot comes near are not drawn", called)
            return
        self.notes.add("OpenStreetMap knows no due intervals: assets have usual ones")
        self._point(
            f"{kind}_{identifier}",
            "asset",
            at,
            name=tags_of.title_of(tags, f"{title} {called}"),
            kind=kind,
            access=self.waypoints[access],
            due_interval_days=days,
        )

    def _camera(self, identifier: str, called: str, tags: Tags, at: Xy) -> None:
        turning = tags.get("camera:type") in {"dome", "panning"}
        written = tags.get("camera:direction") or tags.get("direction") or ""
        bearing_deg = tags_of.direction_deg(written)
        if bearing_deg is None and not turning:
            self.notes.add("cameras without a camera:direction are not drawn", called)
            return
        self.notes.add(
            f"OpenStreetMap knows no fields of view: cameras see {_FIELD_OF_VIEW_DEG:g}°, domes "
            "all around"
        )
        height_m = tags_of.metres(tags.get("height", "")) or _CAMERA_HEIGHT_M
        height_m = min(max(height_m, 0.5), 100.0)
        self._point(
            f"camera_{identifier}",
            "camera",
            at,
            name=tags_of.title_of(tags, f"Camera {called}"),
            heading_deg=round((90.0 - (bearing_deg or 0.0)) % 360.0, 1),
            field_of_view_deg=360.0 if turning else _FIELD_OF_VIEW_DEG,
            range_m=round(_range_m(tags, height_m), 1),
            height_m=height_m,
        )

    def _point(self, identifier: str, what: str, at: Xy, **properties: Any) -> None:
        identifier = self.drawing.new_id(identifier)
        self.drawing.point(identifier, what, at, level=self.level, **properties)

    def _places(self) -> list[tuple[str, str, Tags, Xy]]:
        """Nodes with tags, and areas by their middles, within the site."""
        found: list[tuple[str, str, Tags, Xy]] = []
        for node in self.ground.extract.nodes.values():
            at = self.ground.xy(node.id) if is_thing(node.tags) else None
            if at is not None:
                found.append((str(node.id), node.called, node.tags, at))
        for area in self.ground.areas(is_thing):
            middle = area.shape.centroid
            found.append((area.identifier, area.called, area.tags, (middle.x, middle.y)))
        near = [each for each in found if self.site.contains(Point(each[3]))]
        for _, called, _, at in found:
            if not self.site.contains(Point(at)):
                self.notes.add("things far from all ways are left out", called)
        return near


def is_thing(tags: Tags) -> bool:
    """Whether an element is an asset, a muster point or a camera."""
    kind = tags.get("emergency", "")
    return kind in _ASSETS or kind == "assembly_point" or is_camera(tags)


def _is_cover(tags: Tags) -> bool:
    return cover_of(tags) is not None and not is_building(tags)


def _height(tags: Tags) -> dict[str, float]:
    height_m = tags_of.metres(tags.get("height", "")) or tags_of.metres(
        tags.get("building:height", "")
    )
    storeys = tags_of.number(tags.get("building:levels", ""))
    if height_m is None and storeys is not None:
        height_m = storeys * _STOREY_M
    if height_m is None or not 0.1 <= height_m <= 1000.0:
        return {}
    return {"height_m": round(height_m, 2)}


def _range_m(tags: Tags, height_m: float) -> float:
    """Twice as far as the middle of the picture is, which tilts down by camera:angle."""
    tilt_deg = tags_of.number(tags.get("camera:angle", "").rstrip("°"))
    if tilt_deg is None or not 1.0 <= tilt_deg <= 89.0:
        return _CAMERA_RANGE_M
    return min(max(2 * height_m / math.tan(math.radians(tilt_deg)), 5.0), 100.0)
