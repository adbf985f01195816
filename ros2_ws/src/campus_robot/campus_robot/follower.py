"""Regulated pure pursuit along a path: what to command now to stay on it and stop where told.

Coulter 1992 (pure pursuit); Macenski et al. 2023 (regulated pure pursuit: slower in curves and near
obstacles). At a sharp vertex the robot stops and turns in place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from campus_robot.motion import STAND, DriveLimits, Motion, Pose, speed_to_stop_in
from campus_robot.obstacles import Scan, distance_in_corridor
from campus_robot.path import Path, wrap

ARRIVED_M = 0.04
TURN_IN_PLACE_RAD = 0.7
TURNED_RAD = 0.12
TURN_GAIN_PER_S = 2.0
SLOWEST_MPS = 0.06
SEARCH_AHEAD_M = 3.0


@dataclass(frozen=True, slots=True)
class Style:
    """How closely a path is followed. From `cusp_rad` on, a turn is made standing."""

    lookahead_min_m: float = 0.55
    lookahead_per_mps: float = 0.45
    lookahead_max_m: float = 1.3
    cusp_rad: float = 1.75
    corridor_margin_m: float = 0.1


ROUTE = Style()
SWEEP = Style(lookahead_min_m=0.4, lookahead_max_m=0.7, cusp_rad=0.5, corridor_margin_m=0.02)


@dataclass(frozen=True, slots=True)
class Step:
    """What the follower commands and sees. Distances in metres; `obstacle_m` inf when none."""

    motion: Motion
    remaining_m: float
    lateral_m: float
    obstacle_m: float = math.inf
    obstacle_stop: bool = False
    arrived: bool = False


class Follower:
    """Follows one path; `s_m` is how far along it the robot is, and never goes back."""

    def __init__(self, path: Path, limits: DriveLimits, style: Style = ROUTE) -> None:
        self.path = path
        self.limits = limits
        self.style = style
        self.s_m = 0.0
        self._run_start_m = 0.0
        self._turning = False

    def step(
        self,
        pose: Pose,
        speed_mps: float,
        stop_at_m: float,
        scan: Scan | None,
        max_speed_mps: float = math.inf,
    ) -> Step:
        """The motion for this tick. `stop_at_m`: arc length to stop at; `speed_mps`: now."""
        run_end_m = self._run_end(stop_at_m)
        window_m = min(run_end_m, self.s_m + SEARCH_AHEAD_M)
        s_m, lateral_m = self.path.project(pose.x_m, pose.y_m, self.s_m, window_m)
        self.s_m = max(self.s_m, s_m)
        to_run_end_m = self._to_end(pose, run_end_m)
        if to_run_end_m < ARRIVED_M and run_end_m < stop_at_m:
            self._run_start_m = self.s_m = run_end_m
            run_end_m = self._run_end(stop_at_m)
            to_run_end_m = run_end_m - self.s_m
        remaining_m = to_run_end_m + (stop_at_m - run_end_m)
        if remaining_m < ARRIVED_M:
            return Step(STAND, max(remaining_m, 0.0), lateral_m, arrived=abs(speed_mps) < 0.05)
        lookahead_m = self._lookahead(speed_mps)
        target = self._target(lookahead_m, run_end_m)
        error_rad = wrap(math.atan2(target[1] - pose.y_m, target[0] - pose.x_m) - pose.theta_rad)
        obstacle_m = self._obstacle(pose, speed_mps, scan, stop_at_m, remaining_m)
        if self._must_turn(error_rad, speed_mps):
            return Step(self._turn(error_rad), remaining_m, lateral_m, obstacle_m)
        chord_m = max(math.hypot(target[0] - pose.x_m, target[1] - pose.y_m), 0.2)
        curvature = 2 * math.sin(error_rad) / chord_m
        wanted_mps = min(
            max_speed_mps, self._speed_ahead(to_run_end_m), self._speed_in_curve(curvature)
        )
        free_m = obstacle_m - self.limits.footprint_radius_m - self.limits.obstacle_margin_m
        if math.isfinite(obstacle_m):
            wanted_mps = min(wanted_mps, speed_to_stop_in(free_m, self.limits))
        stopped = math.isfinite(obstacle_m) and free_m < 0.05
        if stopped:
            return Step(STAND, remaining_m, lateral_m, obstacle_m, obstacle_stop=True)
        return Step(Motion(wanted_mps, wanted_mps * curvature), remaining_m, lateral_m, obstacle_m)

    def _run_end(self, stop_at_m: float) -> float:
        """Where the robot stops next: the next cusp or `stop_at_m`."""
        path = self.path
        first = path.segment_at(self._run_start_m + 1e-6) + 1
        for vertex in range(max(first, 1), len(path.headings_rad)):
            at_m = path.at_m[vertex]
            if at_m >= stop_at_m:
                break
            if path.turn_at(vertex) >= self.style.cusp_rad:
                return at_m
        return stop_at_m

    def _to_end(self, pose: Pose, run_end_m: float) -> float:
        """Distance left in this run; negative when the robot is past its end."""
        left_m = run_end_m - self.s_m
        if left_m > 0.01 or not self.path.headings_rad:
            return left_m
        heading = self._heading_before(run_end_m)
        x_m, y_m = self.path.point_at(run_end_m)
        return (x_m - pose.x_m) * math.cos(heading) + (y_m - pose.y_m) * math.sin(heading)

    def _heading_before(self, s_m: float) -> float:
        return self.path.headings_rad[self.path.segment_at(max(s_m - 1e-6, 0.0))]

    def _lookahead(self, speed_mps: float) -> float:
        style = self.style
        wanted_m = style.lookahead_min_m + style.lookahead_per_mps * abs(speed_mps)
        return min(wanted_m, style.lookahead_max_m)

    def _target(self, lookahead_m: float, run_end_m: float) -> tuple[float, float]:
        """The point to steer for; beyond a run's end it lies on the run's own line."""
        over_m = self.s_m + lookahead_m - run_end_m
        if over_m <= 0 or not self.path.headings_rad:
            return self.path.point_at(self.s_m + lookahead_m)
        x_m, y_m = self.path.point_at(run_end_m)
        heading = self._heading_before(run_end_m)
        return x_m + over_m * math.cos(heading), y_m + over_m * math.sin(heading)

    def _must_turn(self, error_rad: float, speed_mps: float) -> bool:
        limit_rad = TURNED_RAD if self._turning else TURN_IN_PLACE_RAD
        if abs(speed_mps) > 0.5 and not self._turning:
            limit_rad = 1.2
        self._turning = abs(error_rad) > limit_rad
        return self._turning

    def _turn(self, error_rad: float) -> Motion:
        return turn_by(error_rad, self.limits)

    def _speed_in_curve(self, curvature_per_m: float) -> float:
        if abs(curvature_per_m) < 1e-3:
            return self.limits.max_speed_mps
        return max(0.7 * self.limits.max_turn_rate_radps / abs(curvature_per_m), SLOWEST_MPS)

    def _speed_ahead(self, to_run_end_m: float) -> float:
        """The speed that the lanes, the turns ahead and the end of the run allow."""
        limits, path = self.limits, self.path
        here = path.segment_at(self.s_m)
        speed_mps = min(limits.max_speed_mps, path.limits_mps[here])
        speed_mps = min(speed_mps, max(speed_to_stop_in(to_run_end_m, limits), SLOWEST_MPS))
        horizon_m = self.s_m + speed_mps**2 / (2 * limits.deceleration_mps2) + 1.0
        for vertex in range(here + 1, len(path.headings_rad)):
            at_m = path.at_m[vertex]
            if at_m > horizon_m:
                break
            allowed_mps = min(path.limits_mps[vertex], self._turn_speed(path.turn_at(vertex)))
            before_m = max(at_m - self.s_m - 0.3, 0.0)
            speed_mps = min(speed_mps, speed_to_stop_in(before_m, limits, allowed_mps))
        return speed_mps

    def _turn_speed(self, turn_rad: float) -> float:
        if turn_rad < 0.15:
            return math.inf
        curvature = 2 * math.sin(min(turn_rad, math.pi / 2)) / self.style.lookahead_min_m
        return max(0.8 * self.limits.max_turn_rate_radps / curvature, 0.2)

    def _obstacle(
        self, pose: Pose, speed_mps: float, scan: Scan | None, stop_at_m: float, remaining_m: float
    ) -> float:
        """Distance to what stands in the way, as far as it matters before the stop."""
        if scan is None:
            return math.inf
        limits = self.limits
        braking_m = speed_mps**2 / (2 * limits.deceleration_mps2) + speed_mps * limits.reaction_s
        body_m = limits.footprint_radius_m
        reach_m = braking_m + body_m + limits.obstacle_margin_m + 1.0
        # What the robot will not touch, standing at its stop, does not keep it from going there.
        reach_m = min(reach_m, remaining_m + body_m + 0.1)
        end_m = min(self.s_m + reach_m, stop_at_m)
        ahead = self.path.points_between(self.s_m + 0.2, max(end_m, self.s_m + 0.2))
        over_m = self.s_m + reach_m - end_m
        if over_m > 0 and self.path.headings_rad:
            heading = self._heading_before(end_m)
            x_m, y_m = ahead[-1]
            ahead.append((x_m + over_m * math.cos(heading), y_m + over_m * math.sin(heading)))
        half_width_m = body_m + self.style.corridor_margin_m
        return distance_in_corridor(scan, pose, ahead, half_width_m, reach_m)


def turn_by(error_rad: float, limits: DriveLimits) -> Motion:
    """Turns in place by a heading error, radians."""
    rate = TURN_GAIN_PER_S * error_rad
    limit = 0.8 * limits.max_turn_rate_radps
    rate = min(max(rate, -limit), limit)
    if abs(rate) < 0.08:
        rate = math.copysign(0.08, error_rad)
    return Motion(0.0, rate)
