"""The inspection ledger: every asset with when it is due, and each look at it with its evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fleet_manager.app.past import Period
from fleet_manager.app.views.places import asset_view
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Phase, PhaseStatus, Task

ACTION = "inspect_asset"
DAY_S = 86_400.0


def inspection_report(
    state: FleetState, period: Period, tasks: Iterable[Task], now_s: float
) -> dict[str, Any]:
    """All assets of the map in use as they stand now, and the inspections of a period."""
    entries = [
        _entry(state, task, phase)
        for task in tasks
        for phase in task.phases
        if phase.action_type == ACTION
        and phase.status is PhaseStatus.COMPLETED
        and phase.finished_s is not None
        and period.from_s <= phase.finished_s < period.to_s
    ]
    entries.sort(key=lambda each: each["time_s"])
    return {
        "assets": [
            _standing(state, asset.id, now_s) for asset in state.site.campus.assets.values()
        ],
        "inspections": entries,
    }


def _standing(state: FleetState, asset_id: str, now_s: float) -> dict[str, Any]:
    asset = state.site.campus.assets[asset_id]
    view = asset_view(state, asset)
    due_s = view["due_s"]
    standing = "never" if due_s is None else "overdue" if due_s < now_s else "in_time"
    return {
        "asset": asset.id,
        "name": asset.name,
        "kind": asset.kind.value,
        "due_interval_days": asset.due_interval_days,
        "last_inspected_s": view["last_inspected_s"],
        "last_result": view["last_result"],
        "due_s": due_s,
        "standing": standing,
    }


def _entry(state: FleetState, task: Task, phase: Phase) -> dict[str, Any]:
    asset = state.site.campus.assets.get(phase.detail)
    seen = phase.result.get("seen")
    result = "visited" if seen is None else "seen" if seen else "not_seen"
    at_s = phase.finished_s or 0.0
    return {
        "asset": phase.detail,
        "name": phase.detail if asset is None else asset.name,
        "kind": None if asset is None else asset.kind.value,
        "time_s": at_s,
        "result": result,
        "robot": task.robot or (task.attempts[-1].robot if task.attempts else None),
        "task": task.id,
        "requester": task.requester,
        "took_s": None if phase.started_s is None else round(at_s - phase.started_s, 1),
        "evidence": dict(phase.result),
    }
