"""Reads Open-RMF buildings (`.building.yaml`): lanes, doors, lifts, chargers, mutex groups."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from shapely import STRtree
from shapely.geometry import LineString, Point, Polygon
from shapely.ops import unary_union

from fleet_manager.adapters.maps.formats.base import Imported, ImportOptions, Notes
from fleet_manager.adapters.maps.formats.drawing import Drawing, polygons_of
from fleet_manager.adapters.maps.formats.rmf_file import (
    Building,
    FileLevel,
    Node,
    Row,
    read_building,
)
from fleet_manager.adapters.maps.formats.rmf_fleet import fleet_of, graph_kinds
from fleet_manager.adapters.maps.formats.rmf_frame import frame_of
from fleet_manager.adapters.maps.formats.rmf_lifts import Lift, lifts_of
from fleet_manager.core.geometry import Xy

_WIDTH_M = 1.5
_SPEED_MPS = 1.0
_AT_DOOR_M = 0.1  # a vertex this near to a door's leaf stands in it


def read(file: Path, options: ImportOptions) -> Imported:
    """The campus of a building: vertices of lanes become waypoints, doors and lifts passages.

    Raises:
        MapFileError: it is not YAML, or is no building, or contradicts itself; names the line.
    """
    building = read_building(file)
    return _Site(building, options).imported()


class _Site:
    def __init__(self, building: Building, options: ImportOptions) -> None:
        self.building = building
        self.options = options
        self.notes = Notes()
        self.frame = frame_of(building, options, self.notes)
        note = f"Imported from Open-RMF: {building.file.name}"
        self.drawing = Drawing(building.file, options, building.name, self.frame.anchor, note)
        self.level_ids = self._levels()
        self.lifts = lifts_of(building, self.frame, self.notes)
        self.kinds = graph_kinds(building)
        self.waypoints: dict[tuple[str, int], str] = {}
        self.door_waypoints: dict[tuple[str, float, float], str] = {}

    def imported(self) -> Imported:
        for lift in self.lifts:
            lift.draw(self.drawing, self.level_ids)
        for level in self.building.levels.values():
            _Floor(self, level).draw()
        if not self.drawing.lane_ends:
            raise self.building.node.at("levels").error("they have no lanes")
        for lift in self.lifts:
            lift.join_levels(self.drawing, self.notes)
        fleet = fleet_of(self.building, self.kinds, self.waypoints, self.notes)
        if not any(
            vertex.at(4).at("is_charger").is_true
            for level in self.building.levels.values()
            for vertex in level.vertices
        ):
            self.notes.add("no vertex is a charger: draw docks (role dock) where robots charge")
        document = self.drawing.finish()
        return Imported(document, self.building.counts(), self.notes.all(), fleet)

    def _levels(self) -> dict[str, str]:
        """Ids of the levels by their names in the file."""
        ids: dict[str, str] = {}
        for level in self.building.levels.values():
            identifier = level.name.strip() or "level"
            while identifier in ids.values():
                identifier += "_"
            ids[level.name] = self.drawing.add_level(
                identifier, level.name.strip() or "Level", level.elevation_m
            )
        return ids


class _Floor:
    """Draws one level."""

    def __init__(self, site: _Site, level: FileLevel) -> None:
        self.site = site
        self.level = level
        self.drawing, self.notes = site.drawing, site.notes
        self.level_id = site.level_ids[level.name]
        place = site.frame.place[level.name]
        self.at = [place(v.at(0).number(), v.at(1).number()) for v in level.vertices]
        self.inside = unary_union([part for _, part in self._floors()]) if level.walls else None
        self.doors = [
            (self.drawing.new_id(row.parameters.at("name").text() or "door"), row)
            for row in level.doors
            if self._line(row) is not None
        ]
        leaves = [self._line(row) for _, row in self.doors]
        self.leaves = STRtree([leaf for leaf in leaves if leaf is not None])
        self.door_at: dict[int, str] = {}

    def draw(self) -> None:
        self._draw_structure()
        self._draw_waypoints()
        for number, row in enumerate(self.level.lanes):
            self._draw_lane(number, row)

    def _floors(self) -> Iterator[tuple[int, Polygon]]:
        for number, floor in enumerate(self.level.floors):
            corners = [self.at[each.index(len(self.at))] for each in floor.rows("vertices")]
            if len(corners) >= 3:
                yield from ((number, part) for part in polygons_of(Polygon(corners)))

    def _draw_structure(self) -> None:
        name = self.level.name
        for number, part in self._floors():
            identifier = f"{name}_floor_{number}"
            self.drawing.area(identifier, "ground", part, level=self.level_id, cover="plaza")
        for number, wall in enumerate(self.level.walls):
            line = self._line(wall)
            if line is None:
                self.notes.add("walls without a length are not drawn", f"{name} wall {number}")
                continue
            identifier = self.drawing.new_id(f"{name}_wall_{number}")
            self.drawing.line(identifier, "wall", _points(line), level=self.level_id)
        for identifier, row in self.doors:
            line = self._line(row)
            if line is not None:
                self.drawing.line(
                    identifier,
                    "door",
                    _points(line),
                    name=row.parameters.at("name").text() or identifier,
                    level=self.level_id,
                )
        if len(self.doors) < len(self.level.doors):
            self.notes.add("doors without a width are not drawn", name)
        if self.level.models:
            self.notes.add("models (furniture) are left out", f"{name}: {len(self.level.models)}")
        if self.inside is not None and not self.inside.is_empty:
            self.notes.add("lanes on a floor of a level with walls count as indoors", name)

    def _draw_waypoints(self) -> None:
        used = {each for row in self.level.lanes for each in (row.start, row.end)}
        for index, vertex in enumerate(self.level.vertices):
            parameters = vertex.at(4)
            charger = parameters.at("is_charger").is_true
            if index not in used:
                if charger:
                    self.notes.add("chargers without a lane are not drawn", self._called(index))
                continue
            lift = self._lift_at(index, parameters)
            door = self._door_at(index)
            properties: dict[str, Any] = {"resource": parameters.at("mutex").text() or None}
            rests = parameters.at("is_parking_spot").is_true
            rests = rests or parameters.at("is_holding_point").is_true
            role = "dock" if charger else "bay" if rests else "junction"
            if lift is not None:
                role, properties = "lift", {"passage": lift.identifier}
            elif door is not None and role == "junction":
                role, properties = "door", {"passage": door}
                self.door_at[index] = door
            for duty in ("pickup_dispenser", "dropoff_ingestor", "is_cleaning_zone"):
                if parameters.at(duty).plain:
                    self.notes.add(f"{duty} is left out", self._called(index))
            identifier = self.drawing.waypoint(
                f"{self.level.name}_{index}",
                self.at[index],
                self.level_id,
                role,
                vertex.at(3).text(),
                **properties,
            )
            self.site.waypoints[(self.level.name, index)] = identifier
            if lift is not None:
                lift.stops.setdefault(self.level.name, (identifier, self.at[index]))

    def _lift_at(self, index: int, parameters: Node) -> Lift | None:
        """The lift whose cabin a vertex is in: as it says, or as it lies."""
        named = parameters.at("lift_cabin").text()
        for lift in self.site.lifts:
            if self.level.name not in lift.levels:
                continue
            inside = lift.cabin.contains(Point(self.at[index]))
            if named == lift.name or (not named and inside):
                if self.level.name in lift.stops:
                    self.notes.add(
                        f"a second vertex in the cabin of {lift.name} is a junction",
                        self._called(index),
                    )
                    return None
                return lift
        if named:
            self.notes.add("its lift is not drawn: a junction", self._called(index))
        return None

    def _door_at(self, index: int) -> str | None:
        for number in self.leaves.query(Point(self.at[index]).buffer(_AT_DOOR_M)):
            identifier, row = self.doors[int(number)]
            line = self._line(row)
            if line is not None and line.distance(Point(self.at[index])) <= _AT_DOOR_M:
                return identifier
        return None

    def _draw_lane(self, number: int, row: Row) -> None:
        parameters, name = row.parameters, f"{self.level.name}_lane_{number}"
        points = [self.at[row.start], self.at[row.end]]
        if math.dist(*points) < 0.001:
            self.notes.add("lanes without a length are not drawn", name)
            return
        speed_mps = parameters.at("speed_limit").number(default=0.0)
        if speed_mps <= 0.0:
            speed_mps = self.site.options.speed_limit_mps or _SPEED_MPS
        both = parameters.at("bidirectional").is_true
        properties: dict[str, Any] = {
            "level": self.level_id,
            "direction": "both" if both else "forward",
            "width_m": self.site.options.lane_width_m or _WIDTH_M,
            "speed_limit_mps": round(max(0.05, min(speed_mps, 15.0)), 3),
        }
        if parameters.at("mutex").text():
            properties["resource"] = parameters.at("mutex").text()
        if self.inside is not None and self.inside.covers(LineString(points)):
            properties["indoor"] = True
        graph = int(parameters.at("graph_idx").number(default=0.0))
        if graph in self.site.kinds:
            properties["kinds"] = [self.site.kinds[graph]]
        if parameters.at("orientation").text():
            self.notes.add("orientation constraints are left out", name)
        stops = [
            (self.site.waypoints[(self.level.name, row.start)], points[0]),
            *self._in_doors(row, points, name),
            (self.site.waypoints[(self.level.name, row.end)], points[1]),
        ]
        for piece, ((start, a), (end, b)) in enumerate(pairwise(stops)):
            identifier = name if piece == 0 else f"{name}_{piece}"
            ends = {"from": start, "to": end}
            self.drawing.lane(identifier, [a, b], **properties, **ends)

    def _in_doors(self, row: Row, points: list[Xy], name: str) -> Iterator[tuple[str, Xy]]:
        """A waypoint in each door that a lane crosses, in the order of driving."""
        lane = LineString(points)
        crossed: dict[str, Point] = {}
        for number in self.leaves.query(lane, predicate="intersects"):
            identifier, door = self.doors[int(number)]
            if identifier in (self.door_at.get(row.start), self.door_at.get(row.end)):
                continue
            leaf = self._line(door)
            if leaf is not None:
                crossed[identifier] = lane.intersection(leaf).centroid
        for identifier, at in sorted(crossed.items(), key=lambda each: lane.project(each[1])):
            if min(lane.project(at), lane.length - lane.project(at)) < _AT_DOOR_M:
                self.notes.add("ends in a door where robots stop: the door is left out", name)
                continue
            shared = (identifier, round(at.x, 3), round(at.y, 3))
            yield self._waypoint_in(shared), (shared[1], shared[2])

    def _waypoint_in(self, door: tuple[str, float, float]) -> str:
        """The waypoint at a place in a door; lanes that cross it there share it."""
        known = self.site.door_waypoints.get(door)
        if known is None:
            known = self.drawing.waypoint(
                f"{door[0]}_inside", door[1:], self.level_id, "door", passage=door[0]
            )
            self.site.door_waypoints[door] = known
        return known

    def _line(self, row: Row) -> LineString | None:
        a, b = self.at[row.start], self.at[row.end]
        return LineString([a, b]) if math.dist(a, b) >= 0.001 else None

    def _called(self, index: int) -> str:
        name = self.level.vertices[index].at(3).text()
        return f"{self.level.name} vertex {index}" + (f" ({name})" if name else "")


def _points(line: LineString) -> list[tuple[float, float]]:
    return [(float(x_m), float(y_m)) for x_m, y_m in line.coords]
