"""Emergency stops for people: who stands, who has not said so yet, who releases whom."""

from __future__ import annotations

from typing import Any

from fleet_manager.core.emergency import RobotStop
from fleet_manager.core.state import FleetState


def emergency_view(state: FleetState, now_s: float) -> dict[str, Any]:
    """All emergency stops that are not over, those first that are not confirmed."""
    stops = sorted(stop_views(state).values(), key=lambda each: each["confirmed_s"] is not None)
    heard_s = state.telemetry.heard_s
    return {
        "stops": [{**each, "age_s": _age_s(heard_s.get(each["robot"]), now_s)} for each in stops],
        "zones": [
            {
                "zone": each.zone,
                "closure": each.closure_id,
                "since_s": each.told_s,
                "by": each.by,
                "reason": each.reason,
            }
            for each in state.zone_stops.values()
        ],
        "unconfirmed": sum(each["status"] == "told" for each in stops),
    }


def stop_views(state: FleetState) -> dict[str, dict[str, Any]]:
    """Emergency stops of the fleet's robots, by robot."""
    return {name: _stop(each) for name, each in state.stops.items() if name in state.robots}


def _stop(stop: RobotStop) -> dict[str, Any]:
    return {
        "robot": stop.robot,
        "status": stop.status.value,
        "since_s": stop.told_s,
        "by": stop.by,
        "reason": stop.reason,
        "zones": list(stop.zones),
        "confirmed_s": stop.confirmed_s,
        "released_by": stop.released_by,
    }


def _age_s(heard_s: float | None, now_s: float) -> float | None:
    return None if heard_s is None else max(0.0, now_s - heard_s)
