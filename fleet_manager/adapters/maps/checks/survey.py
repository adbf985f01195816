"""The map as the checks see it: shapes of each level with an index, and the room robots take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely import STRtree
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from fleet_manager.core.campus import (
    Campus,
    Lane,
    ObstacleKind,
    PassageKind,
    Role,
    Waypoint,
    ZonePurpose,
)
from fleet_manager.core.config import FleetConfig

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[Any]
"""Shapely geometries."""

OPENING_DEPTH_M = 0.3
"""A door's leaf opens the walls that lie at most this far from it."""
TOLERANCE_M = 1e-6


@dataclass(frozen=True, slots=True)
class Barrier:
    """Something that nothing drives through or into.

    Attributes:
        noun: what it is called in a finding.
        shape: a polygon, or the line of a wall without its doors.
        over: whether a bridge leads over it.
        under: whether an underpass leads below it.
        road: whether it may be crossed on a crossing.
    """

    noun: str
    id: str
    shape: BaseGeometry
    over: bool = False
    under: bool = False
    road: bool = False


@dataclass(frozen=True)
class Layer:
    """What is on one level.

    Attributes:
        lanes: that are driven, each once (not its reverse), in the order of the map.
        lines: of the lanes.
        needs_m: footprint radius of the largest robot on each lane.
        barriers: walls, outer walls of buildings, obstacles, closed zones.
        bays: where robots rest.
        bay_needs_m: footprint radius of the largest robot in each bay.
    """

    level: str
    lanes: Sequence[Lane]
    lines: Shapes
    needs_m: Floats
    barriers: Sequence[Barrier]
    bays: Sequence[Waypoint]
    bay_needs_m: Floats

    @cached_property
    def lane_tree(self) -> STRtree:
        """Index of the lanes' lines."""
        return STRtree(self.lines)

    @cached_property
    def barrier_shapes(self) -> Shapes:
        """Shapes of the barriers."""
        return np.array([each.shape for each in self.barriers], dtype=object)

    @cached_property
    def barrier_tree(self) -> STRtree:
        """Index of the barriers."""
        return STRtree(self.barrier_shapes)

    @cached_property
    def lanes_near_barriers(self) -> list[tuple[int, int]]:
        """Indices of lanes and barriers that a robot on the lane may touch, in order."""
        if not len(self.lines) or not self.barriers:
            return []
        lane, barrier = self.barrier_tree.query(self.lines, "dwithin", self.needs_m)
        order = np.lexsort((barrier, lane))
        return list(zip(lane[order].tolist(), barrier[order].tolist(), strict=True))

    @cached_property
    def bay_points(self) -> Shapes:
        """Positions of the bays."""
        return points_of(self.bays)

    @cached_property
    def bay_tree(self) -> STRtree:
        """Index of the bays."""
        return STRtree(self.bay_points)


@dataclass(frozen=True)
class Survey:
    """A map, a fleet, and what the checks need to know of both."""

    campus: Campus
    fleet: FleetConfig

    @cached_property
    def radius_by_kind(self) -> dict[str, float]:
        """Footprint radius of each kind of robot, metres."""
        return {name: kind.footprint_radius_m for name, kind in self.fleet.kinds.items()}

    @cached_property
    def largest_m(self) -> float:
        """Footprint radius of the largest robot."""
        return max(self.radius_by_kind.values(), default=0.0)

    @cached_property
    def sweep_radius_m(self) -> float:
        """Footprint radius of the largest robot that sweeps."""
        return max(
            (k.footprint_radius_m for k in self.fleet.kinds.values() if k.brush_width_m),
            default=0.0,
        )

    @cached_property
    def brush_width_m(self) -> float:
        """The narrowest brush."""
        return min(
            (k.brush_width_m for k in self.fleet.kinds.values() if k.brush_width_m), default=0.0
        )

    def kinds_on(self, kinds: frozenset[str] | None) -> tuple[str, ...]:
        """Kinds of the fleet that a lane for these kinds admits."""
        return tuple(name for name in self.fleet.kinds if kinds is None or name in kinds)

    def too_large(self, kinds: frozenset[str] | None, room_m: float) -> tuple[list[str], float]:
        """Kinds admitted by a lane that need more room, and the radius of the largest of them."""
        found = [
            kind
            for kind in self.kinds_on(kinds)
            if self.radius_by_kind[kind] > room_m + TOLERANCE_M
        ]
        return found, max((self.radius_by_kind[kind] for kind in found), default=0.0)

    def named(self, kinds: Sequence[str]) -> str | None:
        """The kinds of a finding: None if it concerns all of the fleet."""
        return None if len(kinds) == len(self.fleet.kinds) else ", ".join(kinds)

    def need_m(self, kinds: frozenset[str] | None) -> float:
        """Footprint radius of the largest robot on a lane for these kinds; 0 without any."""
        if kinds not in self._needs:
            radii = [self.radius_by_kind[kind] for kind in self.kinds_on(kinds)]
            self._needs[kinds] = max(radii, default=0.0)
        return self._needs[kinds]

    @cached_property
    def _needs(self) -> dict[frozenset[str] | None, float]:
        return {}

    @cached_property
    def drawn_lanes(self) -> list[Lane]:
        """Lanes, each once and not its reverse too, in the order of the map."""
        return [each for each in self.campus.lanes.values() if each.id == each.feature_id]

    @cached_property
    def layers(self) -> dict[str, Layer]:
        """What is on each level."""
        by_level: dict[str, list[Lane]] = {level: [] for level in self.campus.levels}
        for lane in self.drawn_lanes:
            if lane.lift is None:
                by_level[lane.level].append(lane)
        return {level: self._layer(level, lanes) for level, lanes in by_level.items()}

    @cached_property
    def lanes_at(self) -> dict[str, list[Lane]]:
        """Drawn lanes that begin or end at each waypoint."""
        found: dict[str, list[Lane]] = {}
        for lane in self.drawn_lanes:
            found.setdefault(lane.start, []).append(lane)
            found.setdefault(lane.end, []).append(lane)
        return found

    @cached_property
    def waypoint_needs_m(self) -> dict[str, float]:
        """Footprint radius of the largest robot that drives to each waypoint."""
        needs: dict[str, float] = {}
        for lane in self.drawn_lanes:
            need_m = self.need_m(lane.kinds)
            for end in (lane.start, lane.end):
                needs[end] = max(needs.get(end, 0.0), need_m)
        return needs

    @cached_property
    def waypoints_of_passage(self) -> dict[str, list[Waypoint]]:
        """Waypoints that lie in each passage, in the order of the map."""
        found: dict[str, list[Waypoint]] = {passage: [] for passage in self.campus.passages}
        for waypoint in self.campus.waypoints.values():
            if waypoint.passage is not None:
                found[waypoint.passage].append(waypoint)
        return found

    def _layer(self, level: str, lanes: list[Lane]) -> Layer:
        bays = [each for each in self.campus.bays if each.level == level]
        return Layer(
            level=level,
            lanes=lanes,
            lines=lines_of(lanes),
            needs_m=np.array([self.need_m(each.kinds) for each in lanes], dtype=float),
            barriers=[*self._walls(level), *self._areas(level)],
            bays=bays,
            bay_needs_m=np.array(
                [self.waypoint_needs_m.get(each.id, self.largest_m) for each in bays], dtype=float
            ),
        )

    def _walls(self, level: str) -> Iterator[Barrier]:
        """Walls and outer walls of buildings, without what doors and lifts open."""
        lines = [
            Barrier("wall", wall.id, wall.line)
            for wall in self.campus.walls.values()
            if wall.level == level
        ]
        lines += [
            Barrier("building", building.id, building.polygon.boundary, under=True)
            for building in self.campus.buildings.values()
            if level in (building.levels or (building.level,))
        ]
        openings = list(self._openings(level))
        if not openings or not lines:
            yield from lines
            return
        tree = STRtree(openings)
        for each in lines:
            cut = [openings[index] for index in tree.query(each.shape, "intersects")]
            open_ = each.shape.difference(shapely.union_all(cut)) if cut else each.shape
            yield Barrier(each.noun, each.id, open_, under=each.under)

    def _openings(self, level: str) -> Iterator[BaseGeometry]:
        for passage in self.campus.passages.values():
            if level not in passage.levels:
                continue
            if passage.kind is PassageKind.DOOR:
                yield passage.shape.buffer(OPENING_DEPTH_M, cap_style="flat")
            elif passage.kind is PassageKind.LIFT:
                yield passage.shape.buffer(OPENING_DEPTH_M)
        widths: dict[str, float] = {}
        for lane in self.drawn_lanes:
            for end in (lane.start, lane.end):
                widths[end] = max(widths.get(end, 0.0), lane.width_m)
        for waypoint in self.campus.waypoints.values():
            doorway = waypoint.role is Role.DOOR and waypoint.passage is None
            if doorway and waypoint.level == level and waypoint.id in widths:
                yield Point(waypoint.xy).buffer(widths[waypoint.id] / 2)

    def _areas(self, level: str) -> Iterator[Barrier]:
        for obstacle in self.campus.obstacles.values():
            if obstacle.level == level:
                road = obstacle.kind is ObstacleKind.PUBLIC_ROAD
                over = road or obstacle.kind is ObstacleKind.WATER
                noun = "public road" if road else "obstacle"
                yield Barrier(noun, obstacle.id, obstacle.polygon, over, under=road, road=road)
        for zone in self.campus.zones.values():
            if zone.purpose is ZonePurpose.CLOSED and zone.level == level:
                yield Barrier("closed zone", zone.id, zone.polygon)


def points_of(waypoints: Sequence[Waypoint]) -> Shapes:
    """Positions as shapely points."""
    if not waypoints:
        return np.array([], dtype=object)
    return np.asarray(shapely.points([each.xy for each in waypoints]))


def lines_of(lanes: Sequence[Lane]) -> Shapes:
    """Lines of lanes as shapely geometries, made at once."""
    if not lanes:
        return np.array([], dtype=object)
    counts = [len(lane.points) for lane in lanes]
    flat = [point for lane in lanes for point in lane.points]
    indices = np.repeat(np.arange(len(lanes)), counts)
    return np.asarray(shapely.linestrings(np.array(flat), indices=indices))
