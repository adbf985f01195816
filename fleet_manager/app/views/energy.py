"""A robot's energy as a document: how far it gets, what it draws, which dock it counts on, why."""

from __future__ import annotations

import math
from typing import Any

from fleet_manager.core.planning.docks import (
    charge_task,
    claim_of,
    counted_dock,
    docked_at,
    in_service,
)
from fleet_manager.core.planning.energy_model import SLOWER, drive_wh
from fleet_manager.core.state import FleetState


def energy_view(state: FleetState, robot: str) -> dict[str, Any]:
    """What is known and reckoned of a robot's energy.

    `range_m` and `wait_min`: how far it could drive, or how long stand, until it had to come in;
    None where it is not in service, or no way leads to a dock.
    """
    known = state.robot(robot).consumption
    dock = counted_dock(state, robot)
    claim = claim_of(state, robot, dock) if dock and in_service(state, robot) else None
    range_m = wait_min = None
    if claim is not None:
        need = claim.need
        spare_wh = max(0.0, need.charge_wh - need.reserve_wh - claim.needed_wh)
        kind = state.site.kind(robot)
        metre_wh = drive_wh(kind, 1.0, SLOWER / kind.max_speed_mps) * need.upper
        range_m = round(spare_wh / metre_wh) if metre_wh > 0.0 else None
        minutes = claim.patience_s / 60.0 if not claim.docked else math.inf
        wait_min = round(max(0.0, minutes)) if math.isfinite(minutes) else None
    return {
        "dock": dock or None,
        "consumption": round(known.factor, 3),
        "consumption_most": round(known.upper, 3),
        "stretches": known.stretches,
        "range_m": range_m,
        "wait_min": wait_min,
        "why_charging": _why(state, robot, dock),
    }


def _why(state: FleetState, robot: str, dock: str) -> str | None:
    """Why it charges, or is to; None: it is not."""
    task = charge_task(state, robot)
    if task is None:
        return None
    at = task.remaining[0].waypoint if task.remaining else dock
    asked = "the manager" if task.requester == "manager" else task.requester or "somebody"
    why = f"{asked} asked for it, to keep the reserve of {state.site.policy.reserve:.0%}"
    if docked_at(state, robot) == at:
        return f"charges at {at}: {why}"
    first = state.promised.get(at, robot)
    holder = next((name for name, held in state.held.items() if at in held and name != robot), "")
    after = first if first != robot else holder
    return f"is to charge at {at}{f' after {after}' if after else ''}: {why}"
