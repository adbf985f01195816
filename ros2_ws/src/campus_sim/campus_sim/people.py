"""People who walk about the campus: beside the lanes, over junctions, round robots."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from campus_sim.walls import Array
from fleet_manager.core.campus import RESTING_ROLES, Campus, Lane
from fleet_manager.core.geometry import Xy

RADIUS_M = 0.25
SPEED_MPS = 1.3
SPEED_SPREAD_MPS = 0.15
SPEED_RANGE_MPS = (0.9, 1.7)
STOPS_BEFORE_M = 0.8
WAITS_S = 2.0
BESIDE_LANE_M = 0.4
WALL_CLEARANCE_M = 0.35
NEAR_M = 4.0
ASIDE_M = 2.5
_AHEAD_COSINE = 0.5


@dataclass(slots=True)
class _Walk:
    """One person's way: points still to reach, those left behind, and the waypoints of its ends."""

    ahead: list[Xy]
    behind: list[Xy]
    start: str
    end: str
    waited_s: float = field(default=0.0)
    tries: int = field(default=0)


class People:
    """All people on a level.

    Args:
        campus: they walk beside its lanes, not those to bays and docks, nor in houses.
        level: on which they walk.
        count: how many; none where there is no lane.
        rng: decides where they begin, how fast they are and where they turn.
        solid: buildings and obstacles of the level.
    """

    def __init__(
        self,
        campus: Campus,
        level: str,
        count: int,
        rng: np.random.Generator,
        solid: BaseGeometry,
    ) -> None:
        self._rng = rng
        self._solid = solid
        shapely.prepare(solid)
        self._paths: dict[str, list[Xy]] = {}
        self._lanes = [each for each in campus.lanes.values() if _is_walked(campus, each, level)]
        self._from: dict[str, list[Lane]] = {}
        for lane in self._lanes:
            self._from.setdefault(lane.start, []).append(lane)
        count = count if self._lanes else 0
        speeds = rng.normal(SPEED_MPS, SPEED_SPREAD_MPS, count)
        self._speeds = np.clip(speeds, *SPEED_RANGE_MPS)
        self.positions: Array = np.zeros((count, 2))
        self.velocities: Array = np.zeros((count, 2))
        self._walks = [self._begin(index) for index in range(count)]

    def __len__(self) -> int:
        return len(self._walks)

    def discs(self) -> Array:
        """x, y, radius of everyone in metres, shape (n, 3)."""
        return np.hstack([self.positions, np.full((len(self), 1), RADIUS_M)])

    def motion(self) -> list[tuple[Xy, Xy]]:
        """Where everyone is (metres), and how fast they walk (m/s east and north)."""
        pairs = zip(self.positions.tolist(), self.velocities.tolist(), strict=True)
        return [((x, y), (vx, vy)) for (x, y), (vx, vy) in pairs]

    def step(self, dt_s: float, robots: Array) -> None:
        """Walk for a step, but not into a robot.

        Args:
            dt_s: length of the step.
            robots: x, y, radius of each in metres, shape (m, 3).
        """
        if not len(self):
            return
        for index, walk in enumerate(self._walks):
            while math.dist(walk.ahead[0], self.positions[index]) < self._speeds[index] * dt_s:
                self._reach(walk)
        targets = np.array([walk.ahead[0] for walk in self._walks])
        gaps = targets - self.positions
        directions = gaps / np.linalg.norm(gaps, axis=1, keepdims=True)
        moves = directions * (self._speeds * dt_s)[:, None]
        blocked = self._blocked(directions, moves, robots)
        stepped = np.where(blocked[:, None], 0.0, moves)
        self.positions = self.positions + stepped
        self.velocities = stepped / dt_s
        for index, stands in enumerate(blocked.tolist()):
            walk = self._walks[index]
            walk.waited_s = walk.waited_s + dt_s if stands else 0.0
            walk.tries = walk.tries if stands else 0
            if walk.waited_s > WAITS_S:
                self._give_way(index, robots)

    def _give_way(self, index: int, robots: Array) -> None:
        """Turn back; who has no way back leaves for an end of a lane that is away from robots."""
        walk = self._walks[index]
        walk.tries += 1
        if walk.behind and walk.tries == 1:
            self._turn_back(walk)
            return
        walk.waited_s = 0.0
        here = self.positions[index]
        near = robots[np.linalg.norm(robots[:, :2] - here, axis=1) < NEAR_M, :2] - here
        lanes = [*self._from.get(walk.start, []), *self._from.get(walk.end, [])]
        open_lanes = [lane for lane in lanes if self._leads_away(here, self._path(lane)[-1], near)]
        if open_lanes:
            lane = open_lanes[int(self._rng.integers(len(open_lanes)))]
            walk.ahead = [self._path(lane)[-1]]
            walk.start, walk.end = lane.start, lane.end
        elif len(near):
            self._step_aside(walk, here, near)

    def _step_aside(self, walk: _Walk, here: Array, near: Array) -> None:
        """Walk a little away from the nearest robot where there is room, then go on as before."""
        robot = near[np.linalg.norm(near, axis=1).argmin()]
        bearing_rad = math.atan2(-robot[1], -robot[0])
        for turn_rad, far_m in itertools.product((0.0, 0.8, -0.8, 1.5, -1.5), (ASIDE_M, 1.1)):
            angle_rad = bearing_rad + turn_rad
            aside = here + far_m * np.array([math.cos(angle_rad), math.sin(angle_rad)])
            if self._leads_away(here, (float(aside[0]), float(aside[1])), near):
                walk.ahead.insert(0, (float(aside[0]), float(aside[1])))
                return

    def _leads_away(self, here: Array, end: Xy, near: Array) -> bool:
        """Whether a straight walk is clear of houses and leads away from all robots near."""
        gap = np.array(end) - here
        if np.linalg.norm(gap) < 1.0 or (near @ gap > 0.0).any():
            return False
        line = LineString([here, end])
        return float(shapely.distance(self._solid, line)) >= WALL_CLEARANCE_M

    def _blocked(self, directions: Array, moves: Array, robots: Array) -> np.ndarray:
        """Who has a robot right before them, or would step against one; shape (n,)."""
        to_robots = robots[None, :, :2] - self.positions[:, None, :]
        now_m = np.linalg.norm(to_robots, axis=2)
        then_m = np.linalg.norm(to_robots - moves[:, None, :], axis=2)
        touch_m = robots[None, :, 2] + RADIUS_M
        ahead = (to_robots * directions[:, None, :]).sum(axis=2) > _AHEAD_COSINE * now_m
        before = ahead & (now_m < touch_m + STOPS_BEFORE_M)
        against = (then_m < touch_m + 0.05) & (then_m < now_m)
        return np.asarray((before | against).any(axis=1))

    def _begin(self, index: int) -> _Walk:
        lengths = np.array([lane.length_m for lane in self._lanes])
        lane = self._lanes[int(self._rng.choice(len(lengths), p=lengths / lengths.sum()))]
        points = self._path(lane)
        at_m = self._rng.uniform(0.0, LineString(points).length)
        self.positions[index] = LineString(points).interpolate(at_m).coords[0][:2]
        passed = 1
        while passed < len(points) - 1 and LineString(points[: passed + 1]).length <= at_m:
            passed += 1
        return _Walk(points[passed:], points[:passed], lane.start, lane.end)

    def _reach(self, walk: _Walk) -> None:
        """Go on to the next point; at the end of a lane choose another."""
        walk.behind.append(walk.ahead.pop(0))
        if walk.ahead:
            return
        onward = [lane for lane in self._from.get(walk.end, []) if lane.end != walk.start]
        choices = onward or self._from.get(walk.end, [])
        if not choices:
            self._turn_back(walk)
            return
        lane = choices[int(self._rng.integers(len(choices)))]
        walk.ahead, walk.behind = list(self._path(lane)), []
        walk.start, walk.end = lane.start, lane.end

    @staticmethod
    def _turn_back(walk: _Walk) -> None:
        if walk.behind:
            walk.ahead, walk.behind = walk.behind[::-1], walk.ahead[::-1]
            walk.start, walk.end = walk.end, walk.start
        walk.waited_s = 0.0

    def _path(self, lane: Lane) -> list[Xy]:
        """Beside the lane where there is room, else nearer to its middle."""
        path = self._paths.get(lane.id)
        if path is None:
            beside_m = lane.width_m / 2 + BESIDE_LANE_M
            for off_m in (beside_m, beside_m / 2, 0.0):
                path = _to_the_right(lane.points, off_m)
                if shapely.distance(self._solid, LineString(path)) >= WALL_CLEARANCE_M:
                    break
            assert path is not None
            self._paths[lane.id] = path
        return path


def _is_walked(campus: Campus, lane: Lane, level: str) -> bool:
    ends = (campus.waypoints[lane.start], campus.waypoints[lane.end])
    rests = any(each.role in RESTING_ROLES for each in ends)
    outdoors = not lane.indoor and lane.end_level in {"", level}
    return lane.level == level and outdoors and not rests


def _to_the_right(points: tuple[Xy, ...], off_m: float) -> list[Xy]:
    """A polyline beside another; at a corner on the bisector, as far as from a straight line."""
    xy = np.asarray(points, dtype=np.float64)
    steps = np.diff(xy, axis=0)
    steps = steps / np.linalg.norm(steps, axis=1, keepdims=True)
    rights = np.column_stack([steps[:, 1], -steps[:, 0]])
    sums = np.vstack([rights[:1], rights[:-1] + rights[1:], rights[-1:]])
    lengths = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-3)
    return [(float(x), float(y)) for x, y in xy + off_m * sums / lengths]
