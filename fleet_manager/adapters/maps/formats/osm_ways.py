"""Makes a network of OpenStreetMap's ways: split where they meet, with crossings, gates, lifts."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import shapely
from shapely.geometry import LineString

from fleet_manager.adapters.maps.formats import osm_tags as tags_of
from fleet_manager.adapters.maps.formats.base import ImportOptions, Notes
from fleet_manager.adapters.maps.formats.drawing import polygons_of
from fleet_manager.adapters.maps.formats.osm_areas import Area, Ground
from fleet_manager.adapters.maps.formats.osm_file import Node, Tags, Way
from fleet_manager.adapters.maps.formats.osm_network import (
    Network,
    Solids,
    Stop,
    Track,
    cut_at,
    split_evenly,
)
from fleet_manager.adapters.maps.formats.osm_tags import DRIVEN, GATES, IMPASSABLE, PUBLIC_ROADS
from fleet_manager.core.errors import MapFileError
from fleet_manager.core.geometry import Xy, length_m

STOREY_M = 4.0
"""From one level to the next."""
LONGEST_M = 30.0
"""Ways are cut into lanes of this length at most, so that robots may wait near everything."""
_FASTEST_MPS = 15.0
_SLOWEST_MPS = 0.05
_WIDTHS_M = (0.1, 50.0)
_WAIT_M = 1.0  # before a crossing with signals
_SHORT_M = 2.0
_INSIDE_M = 0.1
_FURTHEST_M = 20_000.0  # from the anchor; a file that reaches further is not one campus


@dataclass(frozen=True)
class Piece:
    """A part of a way between two nodes at which it is split."""

    way: Way
    nodes: tuple[int, int]
    points: list[Xy]
    levels: tuple[float, float]


class Ways:
    """Sorts an extract's ways and makes the network of those that robots drive."""

    def __init__(self, ground: Ground, options: ImportOptions, notes: Notes) -> None:
        self.ground = ground
        self.options = options
        self.notes = notes
        self.network = Network()
        self.levels: set[float] = {0.0}
        self.driven: list[Way] = []
        self.public_roads: list[Way] = []
        for way in ground.extract.ways.values():
            self._sort(way)
        self._ways_at: dict[int, list[Way]] = {}
        for way in self.driven:
            for ref in dict.fromkeys(way.refs):
                self._ways_at.setdefault(ref, []).append(way)
        self._public_nodes = {ref: way for way in self.public_roads for ref in way.refs}

    def build(self, squares: list[Area]) -> Network:
        """The network of all driven ways; squares are split points of the ways that meet them."""
        edges = {ref for square in squares for ref in square.refs}
        split = self._split_nodes(edges)
        for way in self.driven:
            for number, piece in enumerate(self._pieces(way, split)):
                self._draw(piece, number)
        self._bridges()
        self._join_lifts()
        return self.network

    def lead_through(self, buildings: Solids) -> None:
        """Covered ways are indoors where they lead through a building."""
        covered = {each.called for each in self.driven if is_covered(each.tags)}
        for track in self.network.tracks:
            if track.source not in covered:
                continue
            met = buildings.at(track.line, 0.01)
            if any(each.intersection(track.line).length > _INSIDE_M for each in met):
                track.properties["indoor"] = True

    def level_id(self, level: float) -> str:
        """Id of a level by its number."""
        self.levels.add(level)
        return self.options.level if level == 0.0 else f"level_{level:g}"

    def width_m(self, tags: Tags) -> float:
        """Width of a way: its own, an estimate, the one asked for, or that of its kind."""
        for key in ("width", "est_width"):
            if key in tags:
                width_m = tags_of.metres(tags[key])
                if width_m is not None and _WIDTHS_M[0] <= width_m <= _WIDTHS_M[1]:
                    return round(width_m, 2)
        if tags.get("highway") in PUBLIC_ROADS:
            return PUBLIC_ROADS[tags["highway"]]
        return self.options.lane_width_m or DRIVEN[tags["highway"]].width_m

    def widths_at(self, ref: int) -> list[float]:
        """Widths of the driven ways at a node, metres."""
        return [self.width_m(each.tags) for each in self._ways_at.get(ref, ())]

    def crossing_radius_m(self, ref: int) -> float:
        """How far a crossing reaches from its node: half the widest road, and a kerb."""
        ways = [*self._ways_at.get(ref, ())]
        if ref in self._public_nodes:
            ways.append(self._public_nodes[ref])
        roads = [each for each in ways if not self._on_foot(each)]
        return max((self.width_m(each.tags) / 2 for each in roads), default=2.0) + 1.0

    def join_squares(self, squares: list[Area], solids: Solids) -> None:
        """Lanes across squares: from each way that meets one to its middle, where it is seen."""
        for square in squares:
            level = self.level_id(tags_of.levels_of(square.tags)[0])
            entries = [
                stop
                for stop in self.network.stops.values()
                if stop.node in square.refs and stop.level == level
            ]
            if len(entries) < 2:
                continue
            circle = shapely.maximum_inscribed_circle(
                max(polygons_of(square.shape), key=lambda each: each.area), 0.1
            )
            middle = (float(circle.coords[0][0]), float(circle.coords[0][1]))
            inside = square.shape.buffer(0.05)
            seen = [
                entry
                for entry in entries
                if inside.covers(LineString([entry.at, middle]))
                and not solids.near(LineString([entry.at, middle]))
            ]
            unseen = [f"node {each.node}" for each in entries if each not in seen]
            if unseen:
                self.notes.add(
                    "ways that do not see the middle of a square are not joined across it",
                    *unseen,
                )
            if len(seen) < 2:
                continue
            centre = self.network.stop(Stop(f"{square.identifier}_middle", middle, level))
            way = Way(0, (), {"highway": "pedestrian", **square.tags})
            for number, entry in enumerate(seen):
                properties = self._properties(way, "both")
                identifier = f"{square.identifier}_{number}"
                self._lay(
                    identifier, square.called, entry.id, centre, [entry.at, middle], properties
                )

    def _sort(self, way: Way) -> None:
        kind = way.tags.get("highway")
        if kind is None:
            return
        if is_square(way.tags) and way.closed:
            return  # joined by join_squares
        if kind == "steps":
            self.notes.add("steps are not driven", way.called)
        elif kind in PUBLIC_ROADS:
            self.public_roads.append(way)
            self.notes.add(f"highway={kind} is not driven: ground of a public road", way.called)
        elif kind not in DRIVEN:
            self.notes.add(f"highway={kind} is not driven", way.called)
        elif not tags_of.may_drive(way.tags):
            self.notes.add(
                f"closed by {tags_of.access_of(way.tags)}: change it if robots may drive there",
                way.called,
            )
        else:
            if any(self.ground.extract.place(ref) is None for ref in way.refs):
                self.notes.add("ways are cut off at the edge of the extract", way.called)
            self._check_near(way)
            self.driven.append(way)

    def _check_near(self, way: Way) -> None:
        for ref in way.refs:
            at = self.ground.xy(ref)
            if at is not None and math.hypot(*at) > _FURTHEST_M:
                raise MapFileError(
                    f"{self.ground.extract.file}: {way.called}: node {ref} lies "
                    f"{math.hypot(*at) / 1000:.0f} km from the map's origin",
                    "correct its position, cut your site out of the file, or give the middle of "
                    "the site with --anchor",
                )

    def _on_foot(self, way: Way) -> bool:
        kind = DRIVEN.get(way.tags.get("highway", ""))
        return kind is not None and kind.on_foot

    def _split_nodes(self, edges: set[int]) -> set[int]:
        """Nodes at which ways are split: they meet there, or there is something to heed."""
        uses = Counter(ref for way in self.driven for ref in way.refs)
        split = {ref for ref, count in uses.items() if count > 1 or ref in edges}
        for ref in uses:
            node = self.ground.extract.nodes.get(ref)
            tags = {} if node is None else node.tags
            heeded = tags.get("highway") in {"crossing", "elevator"} or "barrier" in tags
            heeded = heeded or is_rail_crossing(tags) or is_entrance(tags)
            if heeded or ref in self._public_nodes:
                split.add(ref)
        return split

    def _pieces(self, way: Way, split: set[int]) -> list[Piece]:
        listed = tags_of.levels_of(way.tags)
        first, last = listed[0], listed[-1]
        if len(listed) > 2:
            self.notes.add("ways over more than two levels join the first and last", way.called)
        if first != last and self._begins_on(way, last):
            first, last = last, first
        pieces: list[Piece] = []
        for run in self.ground.runs(way):
            cuts = [0]
            cuts += [index for index in range(1, len(run) - 1) if run[index][0] in split]
            cuts.append(len(run) - 1)
            for a, b in pairwise(cuts):
                ends = (run[a][0], run[b][0])
                if any(self._is_barred(ref, way) for ref in ends):
                    continue
                ends_way = b == len(run) - 1 and ends[1] == way.refs[-1]
                levels = (first, last if ends_way else first)
                pieces.append(Piece(way, ends, [at for _, at in run[a : b + 1]], levels))
        return pieces

    def _begins_on(self, way: Way, level: float) -> bool:
        """Whether the other ways at a way's first node are on this level."""
        others = [
            tags_of.levels_of(each.tags)
            for ref in way.refs[:1]
            for each in self._ways_at.get(ref, ())
            if each is not way
        ]
        return any(each == (level,) for each in others)

    def _is_barred(self, ref: int, way: Way) -> bool:
        node = self.ground.extract.nodes.get(ref)
        tags = {} if node is None else node.tags
        kind = tags.get("barrier", "no")
        closed = tags.get("locked") == "yes" or tags.get("access") == "no"
        if kind in IMPASSABLE or (kind in GATES and closed):
            self.notes.add(f"no way past barrier={kind}: ways end before it", f"node {ref}")
            return True
        if kind not in GATES and kind != "no":
            self.notes.add(f"barrier={kind} on a way is taken to let robots through", f"node {ref}")
        return False

    def _draw(self, piece: Piece, number: int) -> None:
        direction = tags_of.direction_of(piece.way.tags)
        levels = [self.level_id(each) for each in piece.levels]
        start = self._stop(piece.nodes[0], piece.points[0], levels[0])
        end = self._stop(piece.nodes[1], piece.points[-1], levels[1])
        points = piece.points
        properties = self._properties(piece.way, "both" if direction == "both" else "forward")
        if levels[0] != levels[1]:
            rise_m = (piece.levels[1] - piece.levels[0]) * STOREY_M
            properties["structure"] = "ramp"
            properties["slope"] = round(min(max(rise_m / (length_m(points) or 1.0), -1.0), 1.0), 4)
        if direction == "backward":
            start, end, points = end, start, points[::-1]
            if "slope" in properties:
                properties["slope"] = -properties["slope"]
        identifier = f"way_{piece.way.id}_{number + 1}"
        self._lay(identifier, piece.way.called, start, end, points, properties)

    def _lay(
        self,
        identifier: str,
        source: str,
        start: str,
        end: str,
        points: list[Xy],
        properties: dict[str, Any],
    ) -> None:
        """Tracks from stop to stop, cut where it is long and before crossings with signals."""
        if length_m(points) < 0.01:
            self.notes.add("ways without a length are not drawn", source)
            return
        is_ramp = properties.get("structure") == "ramp"
        cuts = [] if is_ramp else self._cuts(start, end, points)
        pieces = cut_at(points, cuts)
        level = self.network.stops[start].level
        stops = [start]
        for number, part in enumerate(pieces[:-1], 1):
            stops.append(self.network.stop(Stop(f"{identifier}_at_{number}", part[-1], level)))
        stops.append(end)
        for number, ((a, b), part) in enumerate(zip(pairwise(stops), pieces, strict=True)):
            name = identifier if number == 0 else f"{identifier}_{number + 1}"
            self.network.tracks.append(Track(name, source, a, b, part, dict(properties)))

    def _cuts(self, start: str, end: str, points: list[Xy]) -> list[float]:
        """Where a track is cut, metres along it."""
        whole_m = length_m(points)
        first_m, last_m = self._wait_m(start), self._wait_m(end)
        if whole_m < first_m + last_m + _SHORT_M:
            first_m = last_m = 0.0
        ends = [each for each in (first_m, whole_m - last_m) if 0.0 < each < whole_m]
        inner = cut_at(points, ends)[1 if first_m > 0.0 else 0]
        evenly = split_evenly(inner, LONGEST_M, least=3 if start == end else 1)
        return sorted({*ends, *(first_m + each for each in evenly)})

    def _wait_m(self, stop: str) -> float:
        """How far before a stop robots wait for its signals; 0 if it has none."""
        there = self.network.stops[stop]
        if there.role != "crossing" or there.passage is None or there.node is None:
            return 0.0
        return self.crossing_radius_m(there.node) + _WAIT_M

    def _properties(self, way: Way, direction: str) -> dict[str, Any]:
        tags, kind = way.tags, DRIVEN[way.tags["highway"]]
        speed_mps = self.options.speed_limit_mps or kind.speed_limit_mps
        if "maxspeed" in tags:
            written_mps = tags_of.metres_per_second(tags["maxspeed"])
            if written_mps is None:
                self.notes.add(f"maxspeed={tags['maxspeed']} is no figure", way.called)
            # a rule for vehicles: it makes robots slower, never faster than usual
            speed_mps = min(written_mps or speed_mps, speed_mps)
        properties: dict[str, Any] = {
            "direction": direction,
            "width_m": self.width_m(tags),
            "speed_limit_mps": round(min(max(speed_mps, _SLOWEST_MPS), _FASTEST_MPS), 3),
        }
        for key in ("width", "est_width"):
            if key in tags and tags_of.metres(tags[key]) is None:
                self.notes.add(f"{key}={tags[key]} is no length", way.called)
        if tags.get("surface", "").strip():
            properties["surface"] = tags["surface"].strip()
        if "incline" in tags:
            rise = tags_of.slope(tags["incline"])
            if rise is None:
                self.notes.add(
                    f"incline={tags['incline']} gives no slope: taken as level", way.called
                )
            else:
                properties["slope"] = round(rise, 4) + 0.0
        if tags_of.is_set(tags, "bridge"):
            properties["structure"] = "bridge"
        elif tags_of.is_set(tags, "tunnel"):
            properties["structure"] = "underpass"
        if is_indoor(tags):
            properties["indoor"] = True
        return properties

    def _stop(self, ref: int, at: Xy, level: str) -> str:
        """The stop at a node on a level, with its role."""
        identifier = f"node_{ref}" if level == self.options.level else f"node_{ref}_{level}"
        if identifier in self.network.stops:
            return identifier
        stop = Stop(identifier, at, level, node=ref)
        node = self.ground.extract.nodes.get(ref) or Node(ref, None, {})
        crossing = node.tags.get("highway") == "crossing" and node.tags.get("crossing") != "no"
        if node.tags.get("highway") == "elevator":
            stop.role, stop.passage = "lift", f"lift_{ref}"
        elif node.tags.get("barrier") in GATES:
            stop.role, stop.passage = "door", f"gate_{ref}"
        elif self._leads_in(node):
            stop.role, stop.passage = "door", f"door_{ref}"
        elif crossing or ref in self._public_nodes or is_rail_crossing(node.tags):
            stop.role = "crossing"
            if crossing and tags_of.has_signals(node.tags):
                stop.passage = f"crossing_{ref}"
        stop.name = node.tags.get("name", "").strip()
        return self.network.stop(stop)

    def _leads_in(self, node: Node) -> bool:
        """Whether a way from outdoors leads on indoors through a door at a node."""
        indoor = {is_indoor(each.tags) for each in self._ways_at.get(node.id, ())}
        return is_entrance(node.tags) and node.tags.get("door") != "no" and len(indoor) == 2

    def _bridges(self) -> None:
        """No robot stops where all tracks are a bridge, or lead to another level."""
        structures: dict[str, list[str | None]] = {}
        for track in self.network.tracks:
            for end in (track.start, track.end):
                structures.setdefault(end, []).append(track.structure)
        for end, found in structures.items():
            stop = self.network.stops[end]
            if stop.role == "junction" and len(found) > 1 and set(found) <= {"bridge", "ramp"}:
                stop.role = str(found[0])

    def _join_lifts(self) -> None:
        """Rides between the levels of each lift that ways lead to."""
        stops: dict[str, list[Stop]] = {}
        for stop in self.network.stops.values():
            if stop.role == "lift":
                stops.setdefault(str(stop.passage), []).append(stop)
        for passage, served in stops.items():
            heights = {self.level_id(each): each for each in self.levels}
            served.sort(key=lambda each: heights[each.level])
            if len(served) < 2:
                served[0].role, served[0].passage = "junction", None
                self.notes.add("ways lead to it on one level only: no lift", passage)
            self.network.rides += [(a.id, b.id) for a, b in pairwise(served)]


def is_square(tags: Tags) -> bool:
    """Whether an area is one that people walk across."""
    walked = tags.get("highway") in {"pedestrian", "footway"}
    return walked and (tags.get("area") == "yes" or tags.get("type") == "multipolygon")


def is_indoor(tags: Tags) -> bool:
    """Whether a way is in a building."""
    passes = tags.get("tunnel") == "building_passage" or tags_of.is_set(tags, "indoor")
    return passes or tags.get("highway") == "corridor"


def is_covered(tags: Tags) -> bool:
    """Whether a way is under something, which may be a building."""
    return tags_of.is_set(tags, "tunnel") or tags_of.is_set(tags, "covered")


def is_rail_crossing(tags: Tags) -> bool:
    """Whether rails cross a way at a node."""
    return tags.get("railway") in {"level_crossing", "crossing", "tram_level_crossing"}


def is_entrance(tags: Tags) -> bool:
    """Whether a node is an entrance or a door."""
    return tags_of.is_set(tags, "entrance") or tags_of.is_set(tags, "door")
