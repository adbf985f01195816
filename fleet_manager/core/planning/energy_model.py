"""What a kind of robot draws for what it does: distance, slope, tool, and all the time it is on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fleet_manager.core.config import BatterySpec, KindSpec

SLOWER = 1.25
"""Turns, starts and stops: driving takes this much longer than at full speed."""
GRAVITY_MPS2 = 9.81
DRIVETRAIN = 0.8
"""What of the power from the battery arrives at the wheels."""
J_PER_WH = 3600.0

Floats = NDArray[np.float64]


def drive_wh(kind: KindSpec, length_m: float, duration_s: float, slope: float = 0.0) -> float:
    """Energy to drive.

    Args:
        duration_s: at full speed.
        slope: rise over run.
    """
    driving_j = drive_j_per_m(kind, slope) * length_m
    return (driving_j + kind.battery.idle_w * duration_s * SLOWER) / J_PER_WH


def drive_j_per_m(kind: KindSpec, slope: float) -> float:
    """Energy to drive a metre, or watts for each metre a second, without what is always on.

    Args:
        slope: rise over run, in driving direction.
    """
    weight_n = kind.mass_kg * GRAVITY_MPS2 * slope
    climbing_n = weight_n / DRIVETRAIN if weight_n > 0.0 else weight_n * DRIVETRAIN
    return max(kind.battery.drive_w_per_mps + climbing_n, 0.0)


def edges_wh(kind: KindSpec, length_m: Floats, duration_s: Floats, slope: Floats) -> Floats:
    """Energy to drive each of some lanes at full speed; arrays of one shape.

    Rolling takes the same per metre at any speed. Climbing adds the robot's weight times the
    height over the drivetrain's efficiency; going down gives that back to the wheels, but nothing
    to the battery. What is on all the time is paid by the second, so slow lanes cost more.
    """
    rolling_j = kind.battery.drive_w_per_mps * length_m
    weight_j = kind.mass_kg * GRAVITY_MPS2 * slope * length_m
    climbing_j = np.where(weight_j > 0.0, weight_j / DRIVETRAIN, weight_j * DRIVETRAIN)
    driving_j = np.maximum(rolling_j + climbing_j, 0.0)
    found: Floats = (driving_j + kind.battery.idle_w * duration_s * SLOWER) / J_PER_WH
    return found


def drawn_wh(
    kind: KindSpec, duration_s: float, length_m: float, slope: float, *, tool: bool
) -> float:
    """Energy drawn in a time in which a robot came so far, with its tool on or off."""
    moving_wh = drive_wh(kind, length_m, 0.0, slope)
    always_w = kind.battery.idle_w + (kind.battery.tool_w if tool else 0.0)
    return moving_wh + always_w * duration_s / J_PER_WH


def charge_s(battery: BatterySpec, from_wh: float, to_wh: float) -> float:
    """Time at a dock from one charge to another, seconds.

    Up to the share `taper_from` a dock gives its full power; from there on power falls in
    proportion to what is missing (constant voltage), but not below a twentieth.
    """
    bend_wh = battery.taper_from * battery.capacity_wh
    even_wh = max(0.0, min(to_wh, bend_wh) - from_wh)
    seconds = even_wh / battery.charge_w
    begin_wh = max(from_wh, bend_wh)
    if to_wh > begin_wh and battery.taper_from < 1.0:
        missing_wh = battery.capacity_wh - bend_wh
        floor_wh = battery.capacity_wh - missing_wh * LEAST_SHARE
        if begin_wh < floor_wh:
            left_wh = battery.capacity_wh - min(to_wh, floor_wh)
            ratio = (battery.capacity_wh - begin_wh) / left_wh
            seconds += missing_wh / battery.charge_w * float(np.log(ratio))
        slow_wh = max(0.0, to_wh - max(begin_wh, floor_wh))
        seconds += slow_wh / (battery.charge_w * LEAST_SHARE)
    elif to_wh > begin_wh:
        seconds += (to_wh - begin_wh) / battery.charge_w
    return seconds * J_PER_WH


LEAST_SHARE = 0.05
"""Of its full power a dock gives at least this, until the battery is full."""


def charge_power_w(battery: BatterySpec, charge_wh: float) -> float:
    """What a dock gives to a battery at a charge, net of what the robot draws when idle."""
    if battery.taper_from >= 1.0:
        return battery.charge_w
    missing = (battery.capacity_wh - charge_wh) / battery.capacity_wh
    share = min(1.0, missing / (1.0 - battery.taper_from))
    return battery.charge_w * max(LEAST_SHARE, share)
