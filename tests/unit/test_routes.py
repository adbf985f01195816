"""Routes on the compiled graph: the same as networkx finds, whatever is closed, limited or kept."""

from __future__ import annotations

from fleet_manager.core.config import BatterySpec, KindSpec

BATTERY = BatterySpec(100.0, 10.0, 50.0, 0.0, 100.0)


def kind(name: str = "security", speed_mps: float = 1.2) -> KindSpec:
    return KindSpec(name, frozenset(), 0.3, speed_mps, 1.0, 1.0, BATTERY)
