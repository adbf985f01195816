"""A sweep in stretches: each as far as the battery, the water and the bin go."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from fleet_manager.core.config import KindSpec, Policy
from fleet_manager.core.geometry import Xy, length_m
from fleet_manager.core.planning.coverage.ground import CannotSweep
from fleet_manager.core.planning.coverage.pace import sweep_s

End = Literal["done", "battery", "water", "bin"]

LEAST_M = 5.0
"""A stretch shorter than this is not worth the way to it."""


@dataclass(frozen=True)
class Stretch:
    """A part of the path, after which the robot returns to its dock.

    Attributes:
        from_m, to_m: along the path.
        ends: what the robot returns for; `done`: the path ends.
        energy_wh: of the sweep alone.
    """

    from_m: float
    to_m: float
    ends: End
    energy_wh: float


def stretches(
    path: Sequence[Xy],
    kind: KindSpec,
    policy: Policy,
    way_wh: float = 0.0,
    from_m: float = 0.0,
) -> tuple[Stretch, ...]:
    """How a robot that leaves its dock full each time sweeps a path.

    Args:
        way_wh: energy to the zone and back.
        from_m: where an earlier attempt has come to.

    Raises:
        CannotSweep: a full battery, tank or empty bin does not last for `LEAST_M`.
    """
    whole_m = length_m(path)
    per_m = sweep_wh(path, kind) / max(whole_m, 1e-9)
    usable_wh = (policy.charge_to - policy.reserve) * kind.battery.capacity_wh - way_wh
    ranges_m: dict[End, float] = {
        "battery": usable_wh / per_m if per_m > 0.0 else math.inf,
        **tank_ranges_m(kind),
    }
    ends, range_m = min(ranges_m.items(), key=lambda each: each[1])
    if range_m < min(LEAST_M, whole_m - from_m):
        raise CannotSweep(
            f"the {ends} of a {kind.name} robot lasts for {max(range_m, 0.0):.1f} m of the sweep",
            "name a dock nearer to the zone, or correct the capacities of the kind in fleet.yaml",
        )
    found = []
    here_m = min(from_m, whole_m)
    while here_m < whole_m:
        to_m = min(here_m + range_m, whole_m)
        last = to_m >= whole_m
        found.append(Stretch(here_m, to_m, "done" if last else ends, per_m * (to_m - here_m)))
        here_m = to_m
    return tuple(found)


def tank_ranges_m(kind: KindSpec) -> dict[End, float]:
    """How far along a path full water and an empty bin last, metres; without what has no limit."""
    brush_m = kind.brush_width_m or math.inf
    lasts_m2: dict[End, float | None] = {"water": kind.water_m2, "bin": kind.bin_m2}
    return {name: each / brush_m for name, each in lasts_m2.items() if each is not None}


def sweep_wh(path: Sequence[Xy], kind: KindSpec, from_m: float = 0.0) -> float:
    """Energy for what is left of a path."""
    battery = kind.battery
    left_m = max(0.0, length_m(path) - from_m)
    duration_s = sweep_s(path, kind, from_m)
    joule = battery.drive_w_per_mps * left_m + (battery.idle_w + battery.tool_w) * duration_s
    return joule / 3600.0


def resumed_m(covered_m: float, whole_m: float, kind: KindSpec) -> float:
    """Where on a path a sweep is taken up again: a little before it was left, so that no gap stays.

    The robot may have been as far behind what it said as it strays from the path.
    """
    if covered_m >= whole_m:
        return whole_m
    return max(0.0, covered_m - (kind.brush_width_m or 0.0) / 2)


def path_until(path: Sequence[Xy], to_m: float) -> tuple[Xy, ...]:
    """The path as far as a place along it."""
    found = [path[0]]
    driven_m = 0.0
    for before, point in pairwise(path):
        step_m = math.dist(before, point)
        if driven_m + step_m >= to_m:
            share = max(0.0, to_m - driven_m) / max(step_m, 1e-9)
            found.append(
                (
                    before[0] + (point[0] - before[0]) * min(share, 1.0),
                    before[1] + (point[1] - before[1]) * min(share, 1.0),
                )
            )
            return tuple(found)
        driven_m += step_m
        found.append(point)
    return tuple(found)
