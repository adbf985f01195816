"""Reads OpenStreetMap extracts: ways, buildings, entrances, crossings, barriers, things."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from shapely.geometry import Point, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from fleet_manager.adapters.maps.formats.base import Imported, ImportOptions, Notes
from fleet_manager.adapters.maps.formats.drawing import Drawing
from fleet_manager.adapters.maps.formats.osm_areas import Ground, is_multipolygon
from fleet_manager.adapters.maps.formats.osm_docks import join_docks
from fleet_manager.adapters.maps.formats.osm_file import Extract, Tags, read_extract
from fleet_manager.adapters.maps.formats.osm_network import Network, Solids, Stop
from fleet_manager.adapters.maps.formats.osm_surroundings import (
    WATERWAYS_M,
    Scenery,
    Surroundings,
    is_barrier,
    is_building,
    is_camera,
    is_water,
)
from fleet_manager.adapters.maps.formats.osm_tags import DRIVEN, GATES, title_of
from fleet_manager.adapters.maps.formats.osm_ways import STOREY_M, Ways, is_entrance, is_square
from fleet_manager.adapters.maps.formats.projection import LocalPlane, middle_of
from fleet_manager.core.errors import MapFileError

_CABIN_M = 2.0
_LEAF_M = 1.0


def read(file: Path, options: ImportOptions) -> Imported:
    """The campus of an extract: ways become lanes, split where they meet.

    Raises:
        MapFileError: it is no OpenStreetMap file, is damaged, has no way that robots may drive,
            or a dock that is asked for cannot be joined.
    """
    notes = Notes()
    return _Site(read_extract(file, notes), options, notes).imported()


class _Site:
    def __init__(self, extract: Extract, options: ImportOptions, notes: Notes) -> None:
        self.extract = extract
        self.options = options
        self.notes = notes
        plane = self._plane()
        self.ground = Ground(extract, plane, notes)
        self.docks = [(each, plane.xy(each)) for each in options.docks]
        self.ways = Ways(self.ground, options, notes)
        note = f"Imported from OpenStreetMap: {extract.file.name}. © OpenStreetMap contributors"
        self.drawing = Drawing(extract.file, options, None, self.anchor, note)

    def imported(self) -> Imported:
        around = Surroundings(self.ground, self.options.level, self.notes)
        around.gather()
        network = self._network(around)
        self._draw_levels()
        passages = self._draw_passages(network)
        for stop in network.stops.values():
            stop.passage = passages.get(stop.passage or "")
        waypoints = network.draw(self.drawing)
        for number, (lower, upper) in enumerate(network.rides, 1):
            points = [network.stops[lower].at, network.stops[upper].at]
            self.drawing.ride(f"ride_{number}", points, waypoints[lower], waypoints[upper])
        order = [self.ways.level_id(each) for each in sorted(self.ways.levels)]
        scenery = Scenery(self.drawing, around, network, waypoints, passages, order)
        scenery.draw_ground(
            [(each, self.ways.width_m(each.tags)) for each in self.ways.public_roads]
        )
        scenery.draw_obstacles()
        scenery.draw_buildings()
        scenery.draw_things()
        if not self.docks:
            self.notes.add("OpenStreetMap knows no docks: give where robots charge with --dock")
        counts = counts_of(self.extract)
        return Imported(self.drawing.finish(), counts, self.notes.all())

    def _network(self, around: Surroundings) -> Network:
        """The network, joined over squares and to docks, without what cannot be reached."""
        squares = list(self.ground.areas(is_square))
        network = self.ways.build(squares)
        around.stand(self.ways)
        solids = around.solids()
        self.ways.join_squares(squares, solids)
        buildings = Solids(each.shape for each in around.buildings)
        self.ways.lead_through(buildings)
        network.end_before(buildings, solids)
        network.keep_main_part(self.notes)
        network.open_ends()
        if not network.tracks:
            raise self._nothing_driven()
        join_docks(network, self.docks, self.options.level, solids, self.notes)
        network.hold_apart(self.notes)
        return network

    def _plane(self) -> LocalPlane:
        """The plane at the anchor: as given, or in the middle of the ways."""
        anchor = self.options.anchor
        if anchor is None:
            places = [
                at
                for way in self.extract.ways.values()
                if way.tags.get("highway") in DRIVEN
                for at in map(self.extract.place, way.refs)
                if at is not None
            ]
            if not places:
                raise self._nothing_driven()
            anchor = middle_of(places)
        self.anchor = anchor
        return LocalPlane(anchor)

    def _nothing_driven(self) -> MapFileError:
        return MapFileError(
            f"{self.extract.file}: it has no way that robots may drive "
            f"({sum('highway' in each.tags for each in self.extract.ways.values())} ways have "
            "a highway tag)",
            f"cut out a part with ways of highway={', '.join(sorted(DRIVEN))}",
        )

    def _draw_levels(self) -> None:
        if len(self.ways.levels) > 1:
            self.notes.add(f"levels are taken to be {STOREY_M:g} m high")
        for level in sorted(self.ways.levels):
            identifier = self.ways.level_id(level)
            name = identifier.capitalize() if level == 0.0 else f"Level {level:g}"
            self.drawing.add_level(identifier, name, level * STOREY_M)

    def _draw_passages(self, network: Network) -> dict[str, str]:
        """Draw the lifts, gates and crossings that stops lie in; their ids by the stops' names."""
        drawn: dict[str, str] = {}
        for stop in network.stops.values():
            if stop.passage is None or stop.passage in drawn or stop.node is None:
                continue
            node = self.extract.nodes[stop.node]
            name = title_of(node.tags, f"{stop.role.capitalize()} {node.called}")
            if stop.role == "lift":
                levels = [
                    each.level for each in network.stops.values() if each.passage == stop.passage
                ]
                x_m, y_m = stop.at
                half_m = _CABIN_M / 2
                cabin = box(x_m - half_m, y_m - half_m, x_m + half_m, y_m + half_m)
                order = [self.ways.level_id(each) for each in sorted(self.ways.levels)]
                levels.sort(key=order.index)
                drawn[stop.passage] = self.drawing.area(
                    stop.passage, "lift", cabin, name=name, levels=levels
                )[0]
            elif stop.role == "crossing":
                shape = self._crossing(network, stop)
                drawn[stop.passage] = self.drawing.area(
                    stop.passage, "crossing", shape, name=name, level=stop.level
                )[0]
            else:
                identifier = self.drawing.new_id(stop.passage)
                points = _across(network, stop)
                self.drawing.line(identifier, "door", points, name=name, level=stop.level)
                drawn[stop.passage] = identifier
        return drawn

    def _crossing(self, network: Network, stop: Stop) -> BaseGeometry:
        """Where robots cross: the driven ways within the road, as wide as they are."""
        around = Point(stop.at).buffer(self.ways.crossing_radius_m(stop.node or 0))
        bands = [
            each.line.intersection(around).buffer(
                each.properties["width_m"] / 2 + 0.5, cap_style="flat"
            )
            for each in network.at(stop.id)
        ]
        middle = Point(stop.at).buffer(1.0, quad_segs=2)
        return unary_union([*bands, middle]).convex_hull


def _across(network: Network, stop: Stop) -> list[tuple[float, float]]:
    """A gate's leaf: across the first track that meets it, as wide as that is."""
    track = network.at(stop.id)[0]
    line = track.line
    along_m = 0.1 if stop.id == track.start else max(0.0, line.length - 0.1)
    beside = line.interpolate(along_m)
    heading = math.atan2(beside.y - stop.at[1], beside.x - stop.at[0]) + math.pi / 2
    half_m = max(track.properties["width_m"] / 2, _LEAF_M / 2)
    dx, dy = half_m * math.cos(heading), half_m * math.sin(heading)
    x_m, y_m = stop.at
    return [(x_m - dx, y_m - dy), (x_m + dx, y_m + dy)]


def counts_of(extract: Extract) -> dict[str, int]:
    """How often an extract has what is imported, by its tags."""

    def ways(wanted: Callable[[Tags], bool]) -> int:
        return sum(wanted(each.tags) for each in extract.ways.values())

    def nodes(wanted: Callable[[Tags], bool]) -> int:
        return sum(wanted(each.tags) for each in extract.nodes.values())

    def areas(wanted: Callable[[Tags], bool]) -> int:
        return sum(each.closed and wanted(each.tags) for each in extract.ways.values()) + sum(
            is_multipolygon(each) and wanted(each.tags) for each in extract.relations.values()
        )

    return {
        "nodes": len(extract.nodes),
        "ways": len(extract.ways),
        "relations": len(extract.relations),
        "highways": ways(lambda tags: "highway" in tags),
        "buildings": areas(is_building),
        "entrances": nodes(is_entrance),
        "crossings": nodes(lambda tags: tags.get("highway") == "crossing"),
        "gates": nodes(lambda tags: tags.get("barrier") in GATES),
        "barriers": ways(is_barrier),
        "waters": areas(is_water),
        "waterways": ways(lambda tags: tags.get("waterway") in WATERWAYS_M),
        "cameras": nodes(is_camera),
        "car parks": areas(lambda tags: tags.get("amenity") == "parking"),
    } | {
        name: nodes(lambda tags, kind=kind: tags.get("emergency") == kind)  # type: ignore[misc]
        for name, kind in (
            ("extinguishers", "fire_extinguisher"),
            ("hydrants", "fire_hydrant"),
            ("defibrillators", "defibrillator"),
            ("assembly points", "assembly_point"),
        )
    }
