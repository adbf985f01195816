"""Tasks and robots exactly as Open-RMF's schemas (rmf_api_msgs) have them: nothing is null."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_manager.app.views.tasks import millis, task_state
from fleet_manager.core.report import RobotReport
from fleet_manager.core.robot import RobotRecord
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Task


def rmf_task_update(task: Task, fleet: str, reports: Mapping[str, RobotReport]) -> dict[str, Any]:
    """`task_state_update.json`; what is not known yet is left out."""
    return {"type": "task_state_update", "data": _known(task_state(task, fleet, reports))}


def rmf_fleet_update(state: FleetState) -> dict[str, Any]:
    """`fleet_state_update.json`."""
    robots = {
        name: _robot(record, state.telemetry.reports.get(name))
        for name, record in state.robots.items()
    }
    data = {"name": state.site.fleet.name, "robots": robots}
    return {"type": "fleet_state_update", "data": data}


def _robot(record: RobotRecord, report: RobotReport | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": record.name,
        "status": record.status.value,
        "task_id": record.task_id or "",
        "issues": [],
    }
    if report is not None:
        told["unix_millis_time"] = millis(report.stamp_s)
        told["location"] = {
            "map": report.level,
            "x": report.x_m,
            "y": report.y_m,
            "yaw": report.yaw_rad,
        }
        if report.battery is not None:
            told["battery"] = min(1.0, max(0.0, report.battery))
        told["issues"] = [
            {"category": each.error_type, "detail": each.description} for each in report.errors
        ]
    return told


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _known(each) for key, each in value.items() if each is not None}
    return [_known(each) for each in value] if isinstance(value, list) else value
