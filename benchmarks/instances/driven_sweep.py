"""A robot of the embedded simulator on a sweep: how far it strays, and how clean the zone gets.

The robot's own code drives (campus_robot), with the noise of campus_sim on wheels, odometry and
localiser, in a world without anybody else. Neither needs ROS for it.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

ROOT = Path(__file__).resolve().parents[2]
for _folder in ("campus_robot", "campus_robot/test", "campus_sim"):
    if str(ROOT / "ros2_ws/src" / _folder) not in sys.path:
        sys.path.append(str(ROOT / "ros2_ws/src" / _folder))

import robot_world as rw  # noqa: E402

from campus_robot.motion import Motion, Pose  # noqa: E402
from campus_robot.obstacles import Scan  # noqa: E402
from campus_sim.dirt import DirtGrid  # noqa: E402
from campus_sim.noise import USUAL  # noqa: E402

NOBODY = Scan(np.full(360, np.inf))
FIX_EVERY = 2  # ticks between fixes of the localiser
LIMIT_S = 4 * 3600


@dataclass(frozen=True)
class Driven:
    """What came of a sweep.

    Attributes:
        clean_fraction: of the zone, in the simulator's grid.
        stray_m: off the path with the brush down, of each tick.
        duration_s: with the way to the path and back.
    """

    clean_fraction: float
    stray_m: tuple[float, ...]
    duration_s: float


class _Noisy(rw.World):
    """A robot that is not quite where it believes to be."""

    def __init__(self, seed: int, pose: Pose) -> None:
        self._rng = np.random.default_rng([13, seed])
        self._wheels = 1 + USUAL.wheel_scale * self._rng.standard_normal(2)
        self._drift = USUAL.drift_rad_per_m * float(self._rng.standard_normal())
        self._counted = pose
        self._silent_until_s = 0.0
        self._ticks = 0
        self.strokes: list[tuple[Pose, Pose]] = []
        super().__init__(pose)

    def tick(self, **told: Any) -> Any:
        self.now_s += rw.DT_S
        self._ticks += 1
        inputs = rw.Inputs(
            odometry=self._counted,
            measured=Motion(self.v, self.w),
            pose=self._fix(),
            level="",
            scan=NOBODY,
            battery=self.battery,
            heartbeats=[rw.HeartbeatSeen(1, "test", "v1")],
            **told,
        )
        command = self.robot.tick(self.now_s, inputs)
        step = self.limits.max_acceleration_mps2 * rw.DT_S
        self.v = min(max(command.motion.v_mps, self.v - step), self.v + step)
        self.w = command.motion.w_radps
        slip = 1 + USUAL.slip * self._rng.standard_normal(2)
        moved_m, turned = self.v * rw.DT_S * slip[0], self.w * rw.DT_S * slip[1]
        before, self.pose = self.pose, _advanced(self.pose, moved_m, turned)
        counts = self._wheels * (1 + USUAL.odometry * self._rng.standard_normal(2))
        turned = turned * counts[1] + self._drift * abs(moved_m)
        self._counted = _advanced(self._counted, moved_m * counts[0], turned)
        if command.brush:
            self.strokes.append((before, self.pose))
        return command

    def _fix(self) -> tuple[Pose, list[float]] | None:
        if self._rng.random() < USUAL.dropout_per_s * FIX_EVERY * rw.DT_S:
            self._silent_until_s = self.now_s + self._rng.uniform(*USUAL.dropout_s)
        if self._ticks % FIX_EVERY or self.now_s < self._silent_until_s:
            return None
        x_m, y_m, turn = self._rng.standard_normal(3).tolist()
        pose = Pose(
            self.pose.x_m + USUAL.pose_m * x_m,
            self.pose.y_m + USUAL.pose_m * y_m,
            self.pose.theta_rad + USUAL.pose_rad * turn,
        )
        place, heading = USUAL.pose_m**2, USUAL.pose_rad**2
        return pose, [place, 0, 0, 0, place, 0, 0, 0, heading]


def drive(
    polygon: Polygon, path: Sequence[tuple[float, float]], brush_m: float, seed: int
) -> Driven:
    """Have a robot sweep a path.

    Args:
        polygon: the zone, whose grid is cleaned.
    """
    x_m, y_m = path[0][0] - 0.5, path[0][1] - 0.5
    world = _Noisy(seed, Pose(x_m, y_m, 0.0))
    clean = rw.action(
        "c",
        "clean_zone",
        zone_id='"z"',
        path=json.dumps([list(point) for point in path]),
        brush_width_m=json.dumps(brush_m),
        from_m="0",
    )
    ways = [(x_m, y_m), (x_m + 0.1, y_m + 0.1)]
    world.tick(orders=[rw.order(ways, actions={1: (clean,)})])
    duration_s = world.until(lambda: world.idle, LIMIT_S)
    grid = DirtGrid(polygon)
    for before, after in world.strokes:
        grid.brush((before.x_m, before.y_m), (after.x_m, after.y_m), brush_m)
    places = shapely.points([(after.x_m, after.y_m) for _, after in world.strokes])
    stray_m = shapely.distance(LineString(path), places)
    return Driven(grid.clean_fraction, tuple(stray_m.tolist()), duration_s)


def _advanced(pose: Pose, moved_m: float, turned_rad: float) -> Pose:
    heading = pose.theta_rad + turned_rad / 2
    return Pose(
        pose.x_m + moved_m * math.cos(heading),
        pose.y_m + moved_m * math.sin(heading),
        pose.theta_rad + turned_rad,
    )
