"""Zones with their condition, and assets with when they were last looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_manager.core.campus import Asset, Zone
from fleet_manager.core.state import FleetState, Inspection
from fleet_manager.ports import ZoneCondition

DAY_S = 86400.0


def zone_view(zone: Zone, conditions: Mapping[str, ZoneCondition]) -> dict[str, Any]:
    """A zone and how clean it is, where somebody has said so."""
    condition = conditions.get(zone.id)
    return {
        "id": zone.id,
        "name": zone.name,
        "area_m2": round(zone.area_m2, 1),
        "purpose": zone.purpose.value,
        "condition": None
        if condition is None
        else {
            "clean_fraction": condition.clean_fraction,
            "source": condition.source,
            "stamp_s": condition.stamp_s,
        },
    }


def asset_view(state: FleetState, asset: Asset) -> dict[str, Any]:
    """An asset; what was never inspected has no date from which it would be due."""
    last = state.inspected.get(asset.id)
    return {
        "id": asset.id,
        "name": asset.name,
        "kind": asset.kind.value,
        "access": asset.access,
        "last_inspected_s": last.time_s if last else None,
        "last_result": _result(last) if last else None,
        "due_s": last.time_s + asset.due_interval_days * DAY_S if last else None,
    }


def _result(inspection: Inspection) -> str:
    seen = inspection.result.get("seen")
    if seen is None:
        return "visited"
    return "seen" if seen else "not seen"
