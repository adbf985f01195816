"""A network of waypoints and lanes before it is drawn: cut, joined to docks, held apart."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import networkx as nx
import shapely
from shapely import STRtree
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring, unary_union

from fleet_manager.adapters.maps.formats.base import Notes
from fleet_manager.adapters.maps.formats.drawing import Drawing
from fleet_manager.core.campus_features import NO_STOPPING_ROLES, RESTING_ROLES
from fleet_manager.core.geometry import Xy, length_m

ROBOT_RADIUS_M = 0.55
"""Of the largest robot for which there is to be room; that of the starter fleet."""
CLEAR_M = ROBOT_RADIUS_M + 0.05
APART_M = 2 * ROBOT_RADIUS_M + 0.02
BEFORE_WALL_M = 1.2
"""From where a robot stops to a wall ahead: its radius, its margins and the error of its pose."""
_REACH_M = 25.0
_TOUCHING_M = 0.05
_STEP_M = 0.1


@dataclass
class Stop:
    """A waypoint in the making.

    Attributes:
        node: of the source on which it lies, or None.
    """

    id: str
    at: Xy
    level: str
    role: str = "junction"
    name: str = ""
    passage: str | None = None
    node: int | None = None

    @property
    def may_stop(self) -> bool:
        """Whether a robot may wait and work here without resting here."""
        return self.role not in NO_STOPPING_ROLES and self.role not in RESTING_ROLES


@dataclass
class Track:
    """A lane in the making.

    Attributes:
        source: element that it is a piece of, as the source names it.
        properties: of the lane, but for `from`, `to`, `level` and `resource`.
    """

    id: str
    source: str
    start: str
    end: str
    points: list[Xy]
    properties: dict[str, Any]
    resource: str | None = None

    @property
    def line(self) -> LineString:
        return LineString(self.points)

    @property
    def structure(self) -> str | None:
        found: str | None = self.properties.get("structure")
        return found

    @property
    def indoor(self) -> bool:
        return bool(self.properties.get("indoor", False))


@dataclass
class Network:
    """Stops by id, tracks between them, and rides from stop to stop in lifts."""

    stops: dict[str, Stop] = field(default_factory=dict)
    tracks: list[Track] = field(default_factory=list)
    rides: list[tuple[str, str]] = field(default_factory=list)

    def stop(self, stop: Stop) -> str:
        """Add a stop, or find the one with its id; its id."""
        self.stops.setdefault(stop.id, stop)
        return stop.id

    def at(self, stop: str) -> list[Track]:
        """The tracks that begin or end at a stop."""
        return [each for each in self.tracks if stop in (each.start, each.end)]

    def cut(self, track: Track, along_m: float, identifier: str) -> tuple[Track, Track]:
        """Cut a track in two at a new stop; the pieces, in the order of the track."""
        line = track.line
        first, second = substring(line, 0, along_m), substring(line, along_m, line.length)
        at = _points(first)[-1]
        level = self.stops[track.start].level
        role = track.structure if track.structure in {"bridge", "ramp"} else "junction"
        self.stop(Stop(identifier, at, level, role=str(role)))
        pieces = (
            replace(track, end=identifier, points=_points(first)),
            replace(
                track,
                id=f"{track.id}_{identifier}",
                start=identifier,
                points=_points(second),
                properties=dict(track.properties),
            ),
        )
        index = self.tracks.index(track)
        self.tracks[index : index + 1] = pieces
        return pieces

    def keep_main_part(self, notes: Notes) -> None:
        """Keep the stops that robots reach from each other; of several parts, the longest."""
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(self.stops)
        for track in self.tracks:
            graph.add_edge(track.start, track.end)
            if track.properties["direction"] == "both":
                graph.add_edge(track.end, track.start)
        for lower, upper in self.rides:
            graph.add_edges_from([(lower, upper), (upper, lower)])
        part_of: dict[str, int] = {}
        for number, part in enumerate(nx.strongly_connected_components(graph)):
            part_of.update(dict.fromkeys(part, number))
        lengths: dict[int, float] = {}
        for track in self.tracks:
            if part_of[track.start] == part_of[track.end]:
                of_part = part_of[track.start]
                lengths[of_part] = lengths.get(of_part, 0.0) + length_m(track.points)
        main = max(lengths, key=lambda each: lengths[each], default=-1)
        kept = []
        for track in self.tracks:
            inside = [part_of[each] == main for each in (track.start, track.end)]
            if all(inside):
                kept.append(track)
            elif any(inside):
                notes.add("one-way ways that lead to no way back are left out", track.source)
            else:
                notes.add(
                    "ways that are not joined to the largest part in both directions are left out",
                    track.source,
                )
        self.tracks = kept
        ends = {each for track in kept for each in (track.start, track.end)}
        self.rides = [each for each in self.rides if part_of[each[0]] == main]
        ends |= {each for ride in self.rides for each in ride}
        self.stops = {key: stop for key, stop in self.stops.items() if key in ends}

    def open_ends(self) -> None:
        """A gate or door at which a single track ends leads nowhere: nobody asks for it."""
        ends = Counter(end for each in self.tracks for end in (each.start, each.end))
        for stop in self.stops.values():
            if stop.role == "door" and ends[stop.id] < 2:
                stop.role, stop.passage = "junction", None

    def hold_apart(self, notes: Notes) -> None:
        """Let one robot at a time use tracks that are too near to each other for two.

        Tracks that meet at a stop exclude each other there anyway.
        """
        lines = [each.line for each in self.tracks]
        tree = STRtree(lines)
        near: nx.Graph[int] = nx.Graph()
        for a, b in zip(*tree.query(lines, "dwithin", APART_M), strict=True):
            one, other = self.tracks[a], self.tracks[b]
            meet = {one.start, one.end} & {other.start, other.end}
            if a < b and not meet and self._level(one) == self._level(other):
                near.add_edge(int(a), int(b))
        for group in nx.connected_components(near):
            members = [self.tracks[each] for each in sorted(group)]
            for each in members:
                each.resource = f"near_{members[0].id}"
            notes.add(
                f"nearer to each other than {APART_M:.1f} m: one robot at a time on them",
                *(each.source for each in members),
            )

    def end_before(self, buildings: Solids, solids: Solids) -> None:
        """Let tracks that end on an outline end before it, or lead in through a door.

        Where no other track goes on from there, the last bit on which a robot would stop for the
        wall is left out; else, of a building, it is indoors.
        """
        degree = Counter(end for each in self.tracks for end in (each.start, each.end))
        for track in [each for each in self.tracks if not each.indoor]:
            for stop in (track.start, track.end):
                is_last = degree[stop] == 1
                walls = solids if is_last else buildings
                touched = walls.at(Point(self.stops[stop].at), _TOUCHING_M)
                if touched and track in self.tracks:
                    self._end_before(track, stop, unary_union(touched), is_last)

    def _end_before(self, track: Track, stop: str, wall: BaseGeometry, is_last: bool) -> None:
        line, backwards = track.line, stop == track.end
        steps = int(line.length / _STEP_M)
        away = (number * _STEP_M for number in range(1, steps))
        stations = (line.length - each if backwards else each for each in away)
        clear = (
            each for each in stations if line.interpolate(each).distance(wall) >= BEFORE_WALL_M
        )
        along_m = next(clear, None)
        if along_m is None:
            return
        if not is_last:
            first, second = self.cut(track, along_m, f"{stop}_before_{track.id}")
            (second if backwards else first).properties["indoor"] = True
            return
        span = (0.0, along_m) if backwards else (along_m, line.length)
        track.points = _points(substring(line, *span))
        self.stops[stop].at = track.points[-1 if backwards else 0]

    def nearest_stop(
        self, at: Xy, level: str, solids: Solids, between: BaseGeometry | None = None
    ) -> str | None:
        """The nearest stop within reach at which robots may wait, with nothing solid between.

        Args:
            between: a shape that does not count as solid, as the building of an entrance.
        """
        reached = sorted(
            (math.dist(at, stop.at), stop.id)
            for stop in self.stops.values()
            if stop.level == level and stop.may_stop and math.dist(at, stop.at) <= _REACH_M
        )
        core = None if between is None else between.buffer(-_TOUCHING_M)
        for _, identifier in reached:
            view = LineString([at, self.stops[identifier].at])
            if core is not None and core.crosses(view):
                continue
            if not solids.crossed(view, but=between):
                return identifier
        return None

    def draw(self, drawing: Drawing) -> dict[str, str]:
        """Draw the stops and tracks (not the rides); ids of the waypoints by stop."""
        drawn = {
            stop.id: drawing.waypoint(
                stop.id, stop.at, stop.level, stop.role, stop.name, passage=stop.passage
            )
            for stop in self.stops.values()
        }
        for track in self.tracks:
            more = {} if track.resource is None else {"resource": track.resource}
            drawing.lane(
                track.id,
                track.points,
                **track.properties,
                **more,
                **{"from": drawn[track.start], "to": drawn[track.end]},
                level=self._level(track),
            )
        return drawn

    def _level(self, track: Track) -> str:
        return self.stops[track.start].level


class Solids:
    """Buildings and obstacles that robots cannot pass, by place."""

    def __init__(self, shapes: Iterable[BaseGeometry]) -> None:
        self._shapes = list(shapes)
        self._tree = STRtree(self._shapes)
        shapely.prepare(self._shapes)

    def near(self, shape: BaseGeometry, within_m: float = CLEAR_M) -> bool:
        """Whether one of them is nearer to a shape than this."""
        return len(self._tree.query(shape, "dwithin", within_m)) > 0

    def at(self, shape: BaseGeometry, within_m: float) -> list[BaseGeometry]:
        """Those that are nearer to a shape than this."""
        return [self._shapes[each] for each in sorted(self._tree.query(shape, "dwithin", within_m))]

    def crossed(self, line: LineString, but: BaseGeometry | None = None) -> bool:
        """Whether a line leads through one of them."""
        return any(
            self._shapes[each].crosses(line) and self._shapes[each] is not but
            for each in self._tree.query(line, "intersects")
        )


def split_evenly(points: Sequence[Xy], longest_m: float, least: int = 1) -> list[float]:
    """Where a line is cut into pieces of one length, none longer than this: metres along it."""
    whole_m = length_m(points)
    pieces = max(least, math.ceil(whole_m / longest_m - 1e-9))
    return [whole_m * number / pieces for number in range(1, pieces)]


def cut_at(points: Sequence[Xy], cuts_m: Sequence[float]) -> list[list[Xy]]:
    """A line cut at distances from its start, which are in order."""
    line = LineString(points)
    stations = [0.0, *cuts_m, line.length]
    return [_points(substring(line, a, b)) for a, b in pairwise(stations)]


def _points(line: BaseGeometry) -> list[Xy]:
    return [(float(x_m), float(y_m)) for x_m, y_m in line.coords]
