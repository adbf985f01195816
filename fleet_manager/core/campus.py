"""The campus: waypoints and lanes as a directed graph, and what stands and lies around them."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from shapely import STRtree
from shapely.geometry import Point, Polygon

from fleet_manager.core.campus_features import (
    NO_STOPPING_ROLES,
    PASSAGE_ROLES,
    RESTING_ROLES,
    REVERSE,
    Anchor,
    Asset,
    AssetKind,
    Building,
    Camera,
    Cover,
    Entrance,
    Ground,
    KeepClear,
    Lane,
    Level,
    Measure,
    MusterPoint,
    Obstacle,
    ObstacleKind,
    Part,
    Passage,
    PassageKind,
    Role,
    Sector,
    Station,
    Structure,
    Wall,
    Waypoint,
    Weather,
    WeatherRule,
    Zone,
    ZonePurpose,
)
from fleet_manager.core.errors import UnknownFeature

__all__ = [
    "Anchor",
    "Asset",
    "AssetKind",
    "Building",
    "Camera",
    "Campus",
    "Cover",
    "Entrance",
    "Ground",
    "KeepClear",
    "Lane",
    "Level",
    "Measure",
    "MusterPoint",
    "NO_STOPPING_ROLES",
    "Obstacle",
    "ObstacleKind",
    "PASSAGE_ROLES",
    "Part",
    "Passage",
    "PassageKind",
    "RESTING_ROLES",
    "REVERSE",
    "Role",
    "Sector",
    "Station",
    "Structure",
    "Wall",
    "Waypoint",
    "Weather",
    "WeatherRule",
    "Zone",
    "ZonePurpose",
    "each_of",
]


@dataclass(frozen=True, eq=False)
class Campus:
    """A campus map, checked for references and unique ids. Two are equal if their versions are.

    Attributes:
        version: first 16 hex digits of the SHA-256 of the document's canonical JSON.
        boundary: of the campus, or None.
        document: the GeoJSON it was read from; not to be changed.
    """

    id: str
    name: str
    timezone: str
    anchor: Anchor
    version: str
    levels: Mapping[str, Level]
    waypoints: Mapping[str, Waypoint]
    lanes: Mapping[str, Lane]
    zones: Mapping[str, Zone]
    assets: Mapping[str, Asset]
    buildings: Mapping[str, Building]
    obstacles: Mapping[str, Obstacle]
    keep_clear: Mapping[str, KeepClear]
    boundary: Polygon | None
    walls: Mapping[str, Wall] = field(default_factory=dict)
    passages: Mapping[str, Passage] = field(default_factory=dict)
    entrances: Mapping[str, Entrance] = field(default_factory=dict)
    cameras: Mapping[str, Camera] = field(default_factory=dict)
    stations: Mapping[str, Station] = field(default_factory=dict)
    sectors: Mapping[str, Sector] = field(default_factory=dict)
    muster_points: Mapping[str, MusterPoint] = field(default_factory=dict)
    parts: Mapping[str, Part] = field(default_factory=dict)
    ground: Mapping[str, Ground] = field(default_factory=dict)
    weather_rules: Mapping[str, WeatherRule] = field(default_factory=dict)
    note: str = ""
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Campus) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)

    @cached_property
    def graph(self) -> nx.DiGraph[str]:
        """Waypoint ids joined by lanes; frozen.

        A node has the attribute `waypoint`; an edge `lane` (the Lane), `lane_id`, `length_m`,
        `speed_limit_mps` and `resource`.
        """
        graph: nx.DiGraph[str] = nx.DiGraph()
        for waypoint in self.waypoints.values():
            graph.add_node(waypoint.id, waypoint=waypoint)
        for lane in self.lanes.values():
            graph.add_edge(
                lane.start,
                lane.end,
                lane=lane,
                lane_id=lane.id,
                length_m=lane.length_m,
                speed_limit_mps=lane.speed_limit_mps,
                resource=lane.resource,
            )
        nx.freeze(graph)
        return graph

    def graph_for(self, kind: str) -> nx.DiGraph[str]:
        """The part of the graph that robots of this kind may drive; a read-only view."""
        lanes = self.graph.edges
        view: nx.DiGraph[str] = nx.subgraph_view(
            self.graph, filter_edge=lambda u, v: lanes[u, v]["lane"].admits(kind)
        )
        return view

    def waypoint(self, identifier: str) -> Waypoint:
        """The waypoint with this id.

        Raises:
            UnknownFeature: there is none.
        """
        return _lookup(self.waypoints, identifier, "waypoint", self.name)

    def lane(self, identifier: str) -> Lane:
        """The directed lane with this id.

        Raises:
            UnknownFeature: there is none.
        """
        return _lookup(self.lanes, identifier, "lane", self.name)

    def lane_between(self, start: str, end: str) -> Lane:
        """The lane from one waypoint to its neighbour.

        Raises:
            UnknownFeature: a waypoint is unknown, or no lane joins them in this direction.
        """
        lane = self._lanes_by_ends.get((start, end))
        if lane is None:
            self.waypoint(start), self.waypoint(end)
            raise UnknownFeature(
                f"no lane leads from {start!r} to {end!r} on the map of {self.name}",
                "plan a route over the lanes of the map",
            )
        return lane

    def lanes_from(self, waypoint: str) -> tuple[Lane, ...]:
        """Lanes that begin at a waypoint, in the order of the map.

        Raises:
            UnknownFeature: there is no such waypoint.
        """
        self.waypoint(waypoint)
        return self._lanes_by_start.get(waypoint, ())

    def zone(self, identifier: str) -> Zone:
        """The zone with this id, or with this name if no id fits.

        Raises:
            UnknownFeature: there is none.
        """
        known = identifier in self.zones
        key = identifier if known else self._zone_ids_by_name.get(identifier, identifier)
        return _lookup(self.zones, key, "zone", self.name)

    def sector(self, identifier: str) -> Sector:
        """The sector with this id.

        Raises:
            UnknownFeature: there is none; the remedy names those that there are.
        """
        if identifier not in self.sectors:
            raise UnknownFeature(
                f"no sector {identifier!r} on the map of {self.name}",
                f"sectors are {', '.join(self.sectors) or 'not drawn on it'}",
            )
        return self.sectors[identifier]

    def asset(self, identifier: str) -> Asset:
        """The asset with this id.

        Raises:
            UnknownFeature: there is none.
        """
        return _lookup(self.assets, identifier, "asset", self.name)

    def place(self, id_or_name: str) -> Waypoint:
        """The waypoint with this id, or with this name if no id fits.

        Raises:
            UnknownFeature: neither exists; the remedy names those that look alike.
        """
        if id_or_name in self.waypoints:
            return self.waypoints[id_or_name]
        named = self.names.get(id_or_name)
        if named is not None:
            return self.waypoints[named]
        known = [*self.names, *self.waypoints]
        raise UnknownFeature(
            f"no place {id_or_name!r} on the map of {self.name}", _alike(id_or_name, known)
        )

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Ids of the waypoints that have a name, by that name."""
        return MappingProxyType({w.name: w.id for w in self.waypoints.values() if w.name})

    @cached_property
    def bays(self) -> tuple[Waypoint, ...]:
        """Where robots may rest: bays and docks, in the order of the map."""
        return tuple(w for w in self.waypoints.values() if w.is_bay)

    @cached_property
    def docks(self) -> tuple[Waypoint, ...]:
        """Bays with a charger, in the order of the map."""
        return tuple(w for w in self.waypoints.values() if w.role is Role.DOCK)

    def is_bay(self, waypoint: str) -> bool:
        """Whether a robot may rest at a waypoint.

        Raises:
            UnknownFeature: there is no such waypoint.
        """
        return self.waypoint(waypoint).is_bay

    def passage(self, identifier: str) -> Passage:
        """The door, lift or signalled crossing with this id.

        Raises:
            UnknownFeature: there is none.
        """
        return _lookup(self.passages, identifier, "door, lift or crossing", self.name)

    def may_end_base(self, waypoint: str) -> bool:
        """Whether a base may end here: no crossing, bridge, door, lift, ramp or keep-clear area.

        Raises:
            UnknownFeature: there is no such waypoint.
        """
        return self.waypoint(waypoint).id not in self._no_stopping

    def nearest_waypoint(
        self, x_m: float, y_m: float, level: str, among: Iterable[str] | None = None
    ) -> Waypoint:
        """The waypoint nearest to a position; of two equally near, the first in the map.

        Args:
            among: ids to choose from; None: all.

        Raises:
            UnknownFeature: none of them is on this level.
        """
        if among is None:
            candidates, points = self._on_level.get(level, ([], None))
        else:
            candidates = [each for each in map(self.waypoint, among) if each.level == level]
            points = None
        if not candidates:
            raise UnknownFeature(
                f"no waypoint to choose from on level {level!r} of {self.name}",
                f"levels are {', '.join(self.levels)}",
            )
        if points is None:
            return min(candidates, key=lambda each: math.dist(each.xy, (x_m, y_m)))
        offsets = points - (x_m, y_m)
        return candidates[int(np.argmin(np.einsum("ij,ij->i", offsets, offsets)))]

    @cached_property
    def _on_level(self) -> Mapping[str, tuple[list[Waypoint], NDArray[np.float64]]]:
        """Waypoints of each level in the order of the map, and their positions, shape (n, 2)."""
        found: dict[str, list[Waypoint]] = {}
        for each in self.waypoints.values():
            found.setdefault(each.level, []).append(each)
        return {
            level: (some, np.array([each.xy for each in some])) for level, some in found.items()
        }

    @cached_property
    def _no_stopping(self) -> frozenset[str]:
        found = {w.id for w in self.waypoints.values() if w.role in NO_STOPPING_ROLES}
        waypoints = list(self.waypoints.values())
        tree = STRtree([Point(each.xy) for each in waypoints])
        for area in self.keep_clear.values():
            inside = (waypoints[index] for index in tree.query(area.polygon, "intersects"))
            found.update(each.id for each in inside if each.level == area.level)
        return frozenset(found)

    @cached_property
    def _lanes_by_ends(self) -> Mapping[tuple[str, str], Lane]:
        return {(lane.start, lane.end): lane for lane in self.lanes.values()}

    @cached_property
    def _lanes_by_start(self) -> Mapping[str, tuple[Lane, ...]]:
        found: dict[str, list[Lane]] = {}
        for lane in self.lanes.values():
            found.setdefault(lane.start, []).append(lane)
        return {start: tuple(lanes) for start, lanes in found.items()}

    @cached_property
    def _zone_ids_by_name(self) -> Mapping[str, str]:
        return {zone.name: zone.id for zone in self.zones.values()}


Feature = TypeVar("Feature")


UNKNOWN_NAMED = 8
"""Of many unknown ids so many are named: looking for names that are alike takes a while."""


def each_of(find: Callable[[str], Feature], wanted: Iterable[str]) -> list[Feature]:
    """What `find` (a campus's `place`, `asset`, …) finds for each of some ids.

    Raises:
        UnknownFeature: the map does not have some of them; names these, up to eight.
    """
    found: list[Feature] = []
    unknown: dict[str, str] = {}
    for each in wanted:
        try:
            found.append(find(each))
        except UnknownFeature as error:
            unknown[str(error)] = error.remedy
            if len(unknown) == UNKNOWN_NAMED:
                break
    if unknown:
        remedy = "; ".join(dict.fromkeys(unknown.values()))
        raise UnknownFeature("; ".join(unknown), remedy)
    return found


def _lookup(
    features: Mapping[str, Feature], identifier: str, noun: str, campus_name: str
) -> Feature:
    found = features.get(identifier)
    if found is None:
        raise UnknownFeature(
            f"no {noun} {identifier!r} on the map of {campus_name}", _alike(identifier, features)
        )
    return found


def _alike(wanted: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(wanted, list(known), n=3)
    if close:
        return "did you mean " + " or ".join(close)
    return "`fleet map info` lists what the map has"
