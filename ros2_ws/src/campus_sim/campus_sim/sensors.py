"""What the sensors of the robots tell after each step, each with its own error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from campus_sim import raycast
from campus_sim.battery import Battery, BatteryReading
from campus_sim.body import Body
from campus_sim.kinematics import advance
from campus_sim.noise import Noise
from campus_sim.walls import Array, Surroundings

POSE_EVERY = 2
SCAN_EVERY = 2
BATTERY_EVERY = 10
RANGE_MIN_M = 0.05
RANGE_MAX_M = 20.0

Ranges = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Odometry:
    """Pose since the start as the wheels count it (metres, radians), and the velocity."""

    x_m: float
    y_m: float
    theta_rad: float
    v_mps: float
    w_radps: float


@dataclass(frozen=True, slots=True)
class PoseFix:
    """The localiser's pose in the map, metres and radians, and the level that it is on."""

    x_m: float
    y_m: float
    theta_rad: float
    level: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one robot's sensors tell after a step; None where nothing is due or comes.

    Attributes:
        scan: metres, shape (360,), counter-clockwise from -pi, inf where nothing is seen.
    """

    odometry: Odometry
    pose: PoseFix | None
    scan: Ranges | None
    battery: BatteryReading | None


class Sensors:
    """The sensors of all robots. Draws do not depend on what the robots do.

    Args:
        count: how many robots.
        noise: of what kind and size the errors are.
        sight: of a level, the walls within the lidar's range of a position.
        people_level: on which people walk.
        odometry_rng: for the odometers.
        pose_rng: for the localisers.
        scan_rng: for the lidars.
    """

    def __init__(
        self,
        count: int,
        noise: Noise,
        sight: Callable[[str], Surroundings],
        people_level: str,
        odometry_rng: np.random.Generator,
        pose_rng: np.random.Generator,
        scan_rng: np.random.Generator,
    ) -> None:
        self._noise = noise
        self._sight = sight
        self._people_level = people_level
        self._odometry_rng, self._pose_rng, self._scan_rng = odometry_rng, pose_rng, scan_rng
        self._scale = 1 + noise.wheel_scale * odometry_rng.standard_normal((count, 2))
        self._drift = noise.drift_rad_per_m * odometry_rng.standard_normal(count)
        self._counted = [(0.0, 0.0, 0.0)] * count
        self._silent_until_s = np.zeros(count)

    def read(
        self,
        step: int,
        dt_s: float,
        bodies: Sequence[Body],
        batteries: Sequence[Battery],
        people: Array,
        scans: Sequence[Ranges | None] | None = None,
    ) -> list[Reading]:
        """The readings after a step, in the order of the bodies; all of them after step 0.

        Args:
            step: number of the step, from 0.
            dt_s: length of a step.
            bodies: the robots.
            batteries: theirs.
            people: x, y, radius of each in metres, shape (n, 3).
            scans: of each robot, where something else looks for them; None: they are cast here.
        """
        odometry = self._count(bodies)
        poses = self._locate(step, step * dt_s, bodies)
        if scans is None:
            scans = self._scan(step, bodies, people)
        return [
            Reading(
                odometry[index],
                poses[index],
                scans[index],
                battery.reading() if _due(step, index, BATTERY_EVERY) else None,
            )
            for index, battery in enumerate(batteries)
        ]

    def _count(self, bodies: Sequence[Body]) -> list[Odometry]:
        errors = self._noise.odometry * self._odometry_rng.standard_normal((len(bodies), 2))
        factors = (self._scale * (1 + errors)).tolist()
        drifts = self._drift.tolist()
        found = []
        for index, body in enumerate(bodies):
            moved_m = body.moved_m * factors[index][0]
            turned_rad = body.turned_rad * factors[index][1] + drifts[index] * body.moved_m
            counted = advance(*self._counted[index], moved_m, turned_rad)
            self._counted[index] = counted
            found.append(
                Odometry(*counted, body.v_mps * factors[index][0], body.w_radps * factors[index][1])
            )
        return found

    def _locate(self, step: int, now_s: float, bodies: Sequence[Body]) -> list[PoseFix | None]:
        noise, count = self._noise, len(bodies)
        errors = self._pose_rng.standard_normal((count, 3)).tolist()
        falls_silent = self._pose_rng.random(count) < noise.dropout_per_s * POSE_EVERY / 10
        for_s = self._pose_rng.uniform(*noise.dropout_s, count)
        found: list[PoseFix | None] = []
        for index, body in enumerate(bodies):
            if not _due(step, index, POSE_EVERY):
                found.append(None)
                continue
            if falls_silent[index] and step:
                self._silent_until_s[index] = now_s + for_s[index]
            if now_s < self._silent_until_s[index]:
                found.append(None)
                continue
            dx, dy, turn = errors[index]
            found.append(
                PoseFix(
                    body.x_m + noise.pose_m * dx,
                    body.y_m + noise.pose_m * dy,
                    body.theta_rad + noise.pose_rad * turn,
                    body.level,
                )
            )
        return found

    def _scan(self, step: int, bodies: Sequence[Body], people: Array) -> list[Ranges | None]:
        due = [index for index in range(len(bodies)) if _due(step, index, SCAN_EVERY)]
        scans: list[Ranges | None] = [None] * len(bodies)
        if not due:
            return scans
        # Those that look come first: a robot does not see itself.
        order = [*due, *(index for index in range(len(bodies)) if index not in due)]
        poses = np.array([(bodies[i].x_m, bodies[i].y_m, bodies[i].theta_rad) for i in due])
        discs = np.concatenate([np.array([bodies[i].disc for i in order]), people])
        segments = [self._sight(bodies[i].level).at(bodies[i].x_m, bodies[i].y_m) for i in due]
        levels = np.array([bodies[i].level for i in order] + [self._people_level] * len(people))
        visible = levels[None, :] == levels[: len(due), None]
        ranges = raycast.cast(poses, segments, discs, RANGE_MAX_M, visible)
        ranges += self._noise.range_m * self._scan_rng.standard_normal(ranges.shape)
        np.maximum(ranges, RANGE_MIN_M, out=ranges)
        ranges[ranges > RANGE_MAX_M] = np.inf
        for row, index in enumerate(due):
            scans[index] = ranges[row].astype(np.float32)
        return scans


def _due(step: int, index: int, every: int) -> bool:
    """Robots take turns, so that the steps cost the same."""
    return step == 0 or (step + index) % every == 0
