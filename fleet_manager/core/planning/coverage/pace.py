"""How long a robot takes for a sweep: straight runs, with a stop and a turn at each corner."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from fleet_manager.core.config import KindSpec
from fleet_manager.core.geometry import Xy, angle_between_rad, heading_rad

SWEEP_MPS = 0.9
"""Robots drive at most so fast while the brush is down (campus_robot does the same)."""
CORNER_RAD = 0.5
"""From such a turn on a robot stops, turns in place and starts again."""

_ACCELERATION_MPS2 = 0.6
_TURN_RADPS = 1.0
_BRAKES_WITH = 0.75  # of its acceleration
_TURNS_WITH = 0.8  # of its turn rate
_SETTLES_S = 1.6
"""At each corner: creeping up to it, and the last degrees of the turn."""


def sweep_s(path: Sequence[Xy], kind: KindSpec | None = None, from_m: float = 0.0) -> float:
    """Seconds for what is left of a path from a place along it on.

    Args:
        kind: of the robot; None: a usual cleaning robot.
    """
    speed_mps = min(SWEEP_MPS, kind.max_speed_mps) if kind else SWEEP_MPS
    rise_mps2 = kind.max_acceleration_mps2 if kind else _ACCELERATION_MPS2
    turn_radps = _TURNS_WITH * (kind.max_turn_rate_radps if kind else _TURN_RADPS)
    total_s, run_m, skipped_m, before = 0.0, 0.0, 0.0, None
    for start, end in pairwise(path):
        step_m = math.dist(start, end)
        left_m = min(step_m, max(0.0, skipped_m + step_m - from_m))
        skipped_m += step_m
        if left_m <= 0.0:
            continue
        heading = heading_rad(start, end)
        turn_rad = angle_between_rad(before, heading) if before is not None else 0.0
        if turn_rad >= CORNER_RAD:
            total_s += _run_s(run_m, speed_mps, rise_mps2) + turn_rad / turn_radps + _SETTLES_S
            run_m = 0.0
        run_m, before = run_m + left_m, heading
    return total_s + _run_s(run_m, speed_mps, rise_mps2)


def _run_s(length_m: float, speed_mps: float, rise_mps2: float) -> float:
    """From standing to standing over a length."""
    fall_mps2 = _BRAKES_WITH * rise_mps2
    per_speed2 = 1 / (2 * rise_mps2) + 1 / (2 * fall_mps2)
    top_mps = min(speed_mps, math.sqrt(length_m / per_speed2))
    if top_mps <= 0.0:
        return 0.0
    slow_m = top_mps**2 * per_speed2
    return top_mps / rise_mps2 + top_mps / fall_mps2 + (length_m - slow_m) / top_mps
