"""What a robot does at a waypoint: standing for a while, sweeping, looking, charging."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fleet_manager.adapters.sim.legs import (
    SHORT_M,
    TRANSFER_SPEED_MPS,
    beginning_s,
    stopping_s,
    turning_s,
)
from fleet_manager.core.config import KindSpec
from fleet_manager.core.geometry import Xy, angle_between_rad, heading_rad, length_m, point_at
from fleet_manager.core.order import Action
from fleet_manager.core.planning.coverage.pace import sweep_s


@dataclass(slots=True)
class Work:
    """One action under way.

    Attributes:
        begun_s: when it began; moved on by what the robot loses by standing still.
        ends_s: when it is done; infinite for a charge, which ends by the battery.
        sweep: of a cleaning.
    """

    action: Action
    begun_s: float
    ends_s: float
    sweep: Sweep | None = None

    @property
    def charges(self) -> bool:
        """Whether it ends by the charge of the battery."""
        return self.action.action_type == "charge"

    @property
    def target(self) -> float:
        """Charge (0 to 1) at which a charge ends."""
        return float(self.action.parameters["target_soc"])

    def delay(self, for_s: float) -> None:
        """It loses some time."""
        self.begun_s += for_s
        self.ends_s += for_s

    def results(self, now_s: float) -> dict[str, Any]:
        """What has come of it so far."""
        if self.sweep is not None:
            covered_m = self.sweep.covered_m(now_s - self.begun_s)
            return {"covered_m": round(covered_m, 3), "path_m": round(self.sweep.path_m, 3)}
        if self.action.action_type == "inspect_asset":
            seen = self.action.parameters["asset_id"]
            return {"asset_id": seen, "seen": True, "stamp_s": round(now_s, 3)}
        return {}


@dataclass(frozen=True, slots=True)
class Sweep:
    """A cleaning in time: to the path, along it, back to the waypoint.

    Attributes:
        in_s, sweep_s, back_s: what its three parts take.
        in_m, back_m: lengths of the ways to the path and back.
        from_m: where on the path it begins.
    """

    points: tuple[Xy, ...]
    in_s: float
    sweep_s: float
    back_s: float
    in_m: float
    back_m: float
    from_m: float
    path_m: float

    def covered_m(self, gone_s: float) -> float:
        """How far on the path the brush has come, after some time of work."""
        if self.sweep_s <= 0.0:
            return self.path_m
        share = min(1.0, max(0.0, (gone_s - self.in_s) / self.sweep_s))
        return self.from_m + share * (self.path_m - self.from_m)

    def at(self, gone_s: float, waypoint: Xy) -> Xy:
        """Where the robot is, after some time of work; on the ways in and back: at their ends."""
        if gone_s < self.in_s or gone_s > self.in_s + self.sweep_s:
            return waypoint
        return point_at(self.points, self.covered_m(gone_s))


def work_of(
    kind: KindSpec, action: Action, waypoint: Xy, heading: float | None, begun_s: float
) -> Work:
    """An action as a robot begins it.

    Args:
        heading: of the robot, radians; None: it stands any way.
    """
    given = action.parameters
    if action.action_type == "clean_zone":
        sweep = _sweep_of(kind, given, waypoint)
        total_s = sweep.in_s + sweep.sweep_s + sweep.back_s
        return Work(action, begun_s, begun_s + total_s, sweep)
    if action.action_type == "charge":
        return Work(action, begun_s, math.inf)
    lasts_s = float(given.get("dwell_s", 0.0))
    if action.action_type == "inspect_asset":
        towards = (float(given["x_m"]), float(given["y_m"]))
        if heading is not None and math.dist(waypoint, towards) > SHORT_M:
            lasts_s += turning_s(kind, angle_between_rad(heading, heading_rad(waypoint, towards)))
    return Work(action, begun_s, begun_s + lasts_s)


def _sweep_of(kind: KindSpec, given: Mapping[str, Any], waypoint: Xy) -> Sweep:
    path = _points(given["path"])
    path_m, pace_s_per_m = _pace(kind, path)
    from_m = min(float(given["from_m"]), path_m)
    speed_mps = min(TRANSFER_SPEED_MPS, kind.max_speed_mps)
    standing_s = beginning_s(kind, speed_mps, 0.0) + stopping_s(kind, speed_mps)
    way_in = (waypoint, *_points(given["way_in"]), point_at(path, from_m))
    way_back = (path[-1], *_points(given["way_back"]), waypoint)
    return Sweep(
        points=path,
        in_s=length_m(way_in) / speed_mps + standing_s,
        sweep_s=(path_m - from_m) * pace_s_per_m,
        back_s=length_m(way_back) / speed_mps + standing_s,
        in_m=length_m(way_in),
        back_m=length_m(way_back),
        from_m=from_m,
        path_m=path_m,
    )


@lru_cache(1024)
def _pace(kind: KindSpec, path: tuple[Xy, ...]) -> tuple[float, float]:
    """Length of a sweep's path and seconds a metre of it takes."""
    path_m = length_m(path)
    return path_m, sweep_s(path, kind) / max(path_m, SHORT_M)


def _points(given: Sequence[Sequence[float]]) -> tuple[Xy, ...]:
    return tuple([(float(x), float(y)) for x, y in given])
