"""Where robots were in a period, as a heat map of squares, and which zones were cleaned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from fleet_manager.app.past import CellCount, Period
from fleet_manager.core.campus import Campus, ZonePurpose
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.task import Phase, PhaseStatus, Task

ACTION = "clean_zone"


def coverage_report(
    campus: Campus,
    fleet: FleetConfig,
    period: Period,
    cell_m: float,
    cells: Sequence[CellCount],
    tasks: Iterable[Task],
) -> dict[str, Any]:
    """Squares by level, each `[column, row, points, robots, last_s]`, and zones that are cleaned.

    A square's lower left corner is at (column, row) times its size; a point of a track is a metre
    of driving or a minute of standing.
    """
    levels: dict[str, list[list[float]]] = defaultdict(list)
    for each in cells:
        levels[each.level].append(
            [each.column, each.row, each.points, each.robots, round(each.last_s, 1)]
        )
    sweeps: dict[str, list[tuple[Task, Phase]]] = defaultdict(list)
    for task in tasks:
        for phase in task.phases:
            end_s = phase.finished_s
            swept = phase.action_type == ACTION and phase.status is PhaseStatus.COMPLETED
            if swept and end_s is not None and period.from_s <= end_s < period.to_s:
                sweeps[phase.detail].append((task, phase))
    zones = [each for each in campus.zones.values() if each.purpose is ZonePurpose.CLEAN]
    return {
        "cell_m": cell_m,
        "levels": [{"level": level, "cells": found} for level, found in sorted(levels.items())],
        "zones": [
            {
                "zone": zone.id,
                "name": zone.name,
                "area_m2": round(zone.area_m2, 1),
                "sweeps": len(sweeps[zone.id]),
                "swept_m2": round(sum(_swept_m2(fleet, *each) for each in sweeps[zone.id]), 1),
                "last_s": max(
                    (phase.finished_s or 0.0 for _, phase in sweeps[zone.id]), default=None
                ),
            }
            for zone in zones
        ],
    }


def _swept_m2(fleet: FleetConfig, task: Task, phase: Phase) -> float:
    """Ground under the brush, as the robot told how far it came on its path."""
    robot = task.robot or (task.attempts[-1].robot if task.attempts else "")
    spec = fleet.robots.get(robot)
    width_m = phase.swept_width_m or (fleet.kinds[spec.kind].brush_width_m if spec else 0.0) or 0.0
    return float(phase.result.get("covered_m", 0.0)) * width_m
