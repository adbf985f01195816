"""How each action is carried out at its node: dwell, clean a zone, inspect an asset, charge."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from campus_robot.battery import Battery
from campus_robot.follower import ROUTE, SWEEP, Follower, Step, turn_by
from campus_robot.motion import STAND, DriveLimits, Motion, Pose
from campus_robot.obstacles import Scan
from campus_robot.order import OrderNode
from campus_robot.path import Path, wrap

SWEEP_SPEED_MPS = 0.9
TRANSFER_SPEED_MPS = 0.8
FACING_RAD = 0.06
HIDDEN_BY_M = 1.0
SIGHT_M = 30.0
NO_ENERGY_S = 60.0


@dataclass(frozen=True, slots=True)
class Senses:
    """What the robot perceives in one tick."""

    now_s: float
    dt_s: float
    pose: Pose
    speed_mps: float
    battery: Battery
    scan: Scan | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action wants in one tick, and whether it has ended."""

    motion: Motion = STAND
    brush: bool = False
    done: bool = False
    failed_because: str = ""
    obstacle_stop: bool = False
    obstacle_m: float = math.inf


DONE = Outcome(done=True)


class Behaviour(Protocol):
    """One action under way. `progress` is 0 to 1, `result` the content of result_json."""

    progress: float

    def step(self, senses: Senses) -> Outcome:
        """Carries the action on by one tick."""

    def result(self) -> dict[str, Any]:
        """What has come of it so far."""

    def loses_nothing(self) -> bool:
        """Whether a cancel now leaves it done well enough to count as finished."""


class Dwell:
    """Stands for a time: go_to_point, patrol_point, respond_point."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._dwell_s = float(parameters["dwell_s"])
        self._place = parameters.get("place")
        self._stood_s = 0.0
        self.progress = 0.0

    def step(self, senses: Senses) -> Outcome:
        """Counts the time it stands, from the tick after arrival."""
        if self._stood_s >= self._dwell_s - 1e-6:
            self.progress = 1.0
            return DONE
        self.progress = self._stood_s / self._dwell_s
        self._stood_s += senses.dt_s
        return Outcome()

    def result(self) -> dict[str, Any]:
        """The place, where the action has one."""
        return {} if self._place is None else {"place": self._place}

    def loses_nothing(self) -> bool:
        """A dwell cut short is not finished."""
        return False


class CleanZone:
    """Sweeps a path from `from_m` on with the brush down, then comes back to its node."""

    def __init__(self, parameters: Mapping[str, Any], node: OrderNode, limits: DriveLimits) -> None:
        points = [(float(x), float(y)) for x, y in parameters["path"]]
        self._limits = limits
        self._node = node
        self._whole = _path_of(points, SWEEP_SPEED_MPS)
        self._way_in = [(float(x), float(y)) for x, y in parameters["way_in"]]
        self._way_back = [(float(x), float(y)) for x, y in parameters["way_back"]]
        self._from_m = min(float(parameters["from_m"]), self._whole.length_m)
        self._covered_m = self._from_m
        self._phase = "approach"
        self._follower: Follower | None = None
        self.progress = self._share()

    def _share(self) -> float:
        return self._covered_m / max(self._whole.length_m, 1e-9)

    def step(self, senses: Senses) -> Outcome:
        """Drives to the path, along it, and back."""
        if self._phase == "approach" and self._whole.length_m - self._from_m < 0.05:
            self._covered_m, self._phase = self._whole.length_m, "return"
            self.progress = 1.0
        follower = self._follower or self._begin(senses.pose)
        step = follower.step(senses.pose, senses.speed_mps, follower.path.length_m, senses.scan)
        if self._phase == "sweep":
            swept_m = follower.path.length_m if step.arrived else follower.s_m
            self._covered_m = max(self._covered_m, self._from_m + swept_m)
            self.progress = min(self._share(), 1.0)
        if step.arrived:
            return self._next_phase()
        return _outcome(step, brush=self._phase == "sweep")

    def _begin(self, pose: Pose) -> Follower:
        if self._phase == "sweep":
            points = [
                self._whole.point_at(self._from_m),
                *self._whole.points_between(self._from_m, self._whole.length_m),
            ]
            self._follower = Follower(_path_of(points, SWEEP_SPEED_MPS), self._limits, SWEEP)
            return self._follower
        if self._phase == "approach":
            way = [*self._way_in, self._whole.point_at(self._from_m)]
        else:
            way = [*self._way_back, (self._node.x_m, self._node.y_m)]
        transfer = _path_of([(pose.x_m, pose.y_m), *way], TRANSFER_SPEED_MPS)
        self._follower = Follower(transfer, self._limits, ROUTE)
        return self._follower

    def _next_phase(self) -> Outcome:
        self._follower = None
        if self._phase == "return":
            return DONE
        self._phase = "sweep" if self._phase == "approach" else "return"
        return Outcome()

    def result(self) -> dict[str, Any]:
        """Metres of the path covered, and its length."""
        path_m = self._whole.length_m
        return {"covered_m": round(min(self._covered_m, path_m), 3), "path_m": round(path_m, 3)}

    def loses_nothing(self) -> bool:
        """Once the path has been swept, only the way back is missing."""
        return self._phase == "return"


class InspectAsset:
    """Turns to an asset, dwells, and says whether it is in plain sight."""

    def __init__(self, parameters: Mapping[str, Any], limits: DriveLimits) -> None:
        self._limits = limits
        self._asset_id = str(parameters["asset_id"])
        self._x_m, self._y_m = float(parameters["x_m"]), float(parameters["y_m"])
        self._dwell_s = float(parameters["dwell_s"])
        self._watched_s = 0.0
        self._facing = False
        self._seen = False
        self._stamp_s = 0.0
        self.progress = 0.0

    def step(self, senses: Senses) -> Outcome:
        """Turns first, then watches for the dwell time."""
        pose = senses.pose
        dx, dy = self._x_m - pose.x_m, self._y_m - pose.y_m
        distance_m = math.hypot(dx, dy)
        bearing_rad = wrap(math.atan2(dy, dx) - pose.theta_rad) if distance_m > 0.1 else 0.0
        if not self._facing and abs(bearing_rad) > FACING_RAD:
            return Outcome(turn_by(bearing_rad, self._limits))
        self._facing = True
        if _in_sight(senses.scan, bearing_rad, distance_m):
            self._seen = True
        self._stamp_s = senses.now_s
        if self._watched_s >= self._dwell_s - 1e-6:
            self.progress = 1.0
            return DONE
        self._watched_s += senses.dt_s
        self.progress = min(self._watched_s / self._dwell_s, 0.99)
        return Outcome()

    def result(self) -> dict[str, Any]:
        """The asset, whether it was seen, and when it was last looked at."""
        return {
            "asset_id": self._asset_id,
            "seen": self._seen,
            "stamp_s": round(self._stamp_s, 3),
        }

    def loses_nothing(self) -> bool:
        """A look cut short is not finished."""
        return False


class Charge:
    """Stays at the dock until the target is reached."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._target = float(parameters["target_soc"])
        self._interruptible = float(parameters["interruptible_soc"])
        self._charge = math.nan
        self._without_energy_s = 0.0
        self.progress = 0.0

    def step(self, senses: Senses) -> Outcome:
        """Watches the charge; fails when no energy flows for NO_ENERGY_S."""
        self._charge = senses.battery.state_of_charge
        if math.isfinite(self._charge):
            self.progress = min(self._charge / max(self._target, 1e-9), 1.0)
        if self._charge >= self._target:
            return DONE
        if senses.battery.charging:
            self._without_energy_s = 0.0
        else:
            self._without_energy_s += senses.dt_s
        if self._without_energy_s > NO_ENERGY_S:
            return Outcome(failed_because="no energy flows at the dock")
        return Outcome()

    def result(self) -> dict[str, Any]:
        """The state of charge, 0 to 1; empty before the battery has been heard."""
        if not math.isfinite(self._charge):
            return {}
        return {"state_of_charge": round(self._charge, 4)}

    def loses_nothing(self) -> bool:
        """From `interruptible_soc` on the charge is enough to leave."""
        return self._charge >= self._interruptible


def behaviour_for(
    action_type: str, parameters: Mapping[str, Any], node: OrderNode, limits: DriveLimits
) -> Behaviour:
    """The behaviour of an action whose type and parameters have been checked."""
    if action_type == "clean_zone":
        return CleanZone(parameters, node, limits)
    if action_type == "inspect_asset":
        return InspectAsset(parameters, limits)
    if action_type == "charge":
        return Charge(parameters)
    return Dwell(parameters)


def _path_of(points: list[tuple[float, float]], limit_mps: float) -> Path:
    path = Path(*points[0])
    for x_m, y_m in points[1:]:
        path.append(x_m, y_m, limit_mps, 2.0)
    return path


def _outcome(step: Step, *, brush: bool) -> Outcome:
    return Outcome(step.motion, brush, obstacle_stop=step.obstacle_stop, obstacle_m=step.obstacle_m)


def _in_sight(scan: Scan | None, bearing_rad: float, distance_m: float) -> bool:
    """Whether nothing stands clearly before an asset; what holds the asset itself may."""
    if scan is None or distance_m > SIGHT_M:
        return False
    return scan.range_towards(bearing_rad) >= distance_m - HIDDEN_BY_M
