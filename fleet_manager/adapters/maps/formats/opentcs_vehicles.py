"""The fleet that an openTCS plant model describes: kinds by size and speed, energy levels."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fleet_manager.adapters.maps.formats.base import Notes
from fleet_manager.adapters.maps.formats.opentcs_file import Element, PlantModel
from fleet_manager.adapters.maps.starter import kind_like_security

_MAX_RADIUS_M = 5.0


def footprint_of(box: Element) -> float:
    """Radius about a vehicle's reference point that holds its bounding box, metres."""
    length_mm, width_mm = box.number("length", 1000.0), box.number("width", 1000.0)
    along_mm = length_mm / 2 + abs(box.number("referenceOffsetX", 0.0))
    across_mm = width_mm / 2 + abs(box.number("referenceOffsetY", 0.0))
    return math.hypot(along_mm, across_mm) / 1000


def fleet_of(model: PlantModel, docks: Sequence[str], notes: Notes) -> Mapping[str, Any] | None:
    """Kinds and robots for fleet.yaml; None if the model has no vehicles or no docks.

    Args:
        docks: waypoints that are homes, one for each robot as far as they reach.
    """
    vehicles = list(model.vehicles.values())
    if not vehicles or not docks:
        return None
    names = _names(vehicles)
    figures = {each.name: _figures(each) for each in vehicles}
    kinds = list(dict.fromkeys(figures.values()))
    kind_names = {kind: f"vehicle_{number + 1}" for number, kind in enumerate(kinds)}
    notes.add("batteries, accelerations and skills of the vehicles are a beginning: set yours")
    if len(docks) < len(vehicles):
        notes.add(
            "there are fewer docks than vehicles: these have no home and are left out",
            *(each.name for each in vehicles[len(docks) :]),
        )
    return {
        "kinds": {
            kind_names[kind]: kind_like_security(footprint_radius_m=kind[0], max_speed_mps=kind[1])
            for kind in kinds
        },
        "robots": [
            {"name": names[each.name], "kind": kind_names[figures[each.name]], "home": dock}
            for each, dock in zip(vehicles, docks, strict=False)
        ],
        "policy": _policy(vehicles),
    }


def _figures(vehicle: Element) -> tuple[float, float]:
    """Footprint radius (m) and greatest speed (m/s) of a vehicle."""
    boxes = vehicle.children("boundingBox") or [vehicle]
    radius_m = math.ceil(footprint_of(boxes[0]) * 1000 - 1e-6) / 1000
    speed_mps = vehicle.number("maxVelocity", 1000.0) / 1000
    return min(max(radius_m, 0.05), _MAX_RADIUS_M), min(max(speed_mps, 0.05), 15.0)


def _policy(vehicles: Sequence[Element]) -> dict[str, float]:
    """When robots charge: at the critical level of the most cautious vehicle."""
    critical = max(each.number("energyLevelCritical", 30.0) for each in vehicles) / 100
    full = max(each.number("energyLevelFullyRecharged", 90.0) for each in vehicles) / 100
    if not 0.0 < critical < full <= 1.0:
        return {}
    return {"charge_below": critical, "reserve": round(critical / 2, 3), "charge_to": full}


def _names(vehicles: Sequence[Element]) -> dict[str, str]:
    """Names that a robot may have: lower case, digits, underscores; each once."""
    names: dict[str, str] = {}
    for vehicle in vehicles:
        base = re.sub(r"[^a-z0-9]+", "_", vehicle.name.lower()).strip("_")[:50]
        base = base if re.match(r"[a-z]", base) else f"vehicle_{base}".strip("_")
        name, number = base, 1
        while name in names.values():
            number += 1
            name = f"{base}_{number}"
        names[vehicle.name] = name
    return names
