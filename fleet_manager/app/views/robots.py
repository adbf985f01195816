"""Robots as documents: what the log knows of them merged with what they last said."""

from __future__ import annotations

from typing import Any

from fleet_manager.app.views.energy import energy_view
from fleet_manager.core.report import RobotReport
from fleet_manager.core.state import FleetState

PAUSED, STOPPED, OBSTACLE, NOT_LOCALIZED, ERRORS, CHARGING = 1, 2, 4, 8, 16, 32


def robot_view(state: FleetState, name: str, now_s: float) -> dict[str, Any]:
    """A robot; pose, level and battery are None until it has been heard.

    Raises:
        Unknown: there is no robot of this name.
    """
    record = state.robot(name)
    spec, kind = state.site.fleet.robots[name], state.site.kind(name)
    telemetry = state.telemetry
    report, heard_s = telemetry.reports.get(name), telemetry.heard_s.get(name)
    movement = record.movement
    return {
        "name": name,
        "kind": spec.kind,
        "status": record.status.value,
        "x_m": report.x_m if report else None,
        "y_m": report.y_m if report else None,
        "yaw_rad": report.yaw_rad if report else None,
        "level": report.level if report else None,
        "speed_mps": report.speed_mps if report else 0.0,
        "battery": report.battery if report else None,
        "charging": bool(report and report.charging),
        "task_id": record.task_id,
        "order_id": movement.order_id if movement else None,
        "order_update_id": movement.update_id if movement else None,
        "last_node_id": (report.last_node_id or None) if report else None,
        "last_seen_s": heard_s,
        "age_s": None if heard_s is None else round(max(0.0, now_s - heard_s), 3),
        "operating_mode": report.operating_mode.value if report else None,
        "paused": bool(report and report.paused),
        "emergency_stop": _emergency_stop(report),
        "obstacle_stop": bool(report and report.safety.obstacle_stop),
        "localized": bool(report and report.safety.localized),
        "errors": _errors(report),
        "footprint_radius_m": kind.footprint_radius_m,
        "skills": sorted(kind.skills),
        "home": spec.home,
        "energy": energy_view(state, name),
        "distance_m": round(telemetry.driven_m.get(name, 0.0), 2),
    }


def robot_row(state: FleetState, name: str) -> list[Any]:
    """A robot as the live feed tells it, by position (docs/api.md); rounded to mm and mrad."""
    record = state.robot(name)
    report, heard_s = state.telemetry.reports.get(name), state.telemetry.heard_s.get(name)
    if report is None:
        pose: list[Any] = [None, None, None, None]
        return [name, *pose, record.status.value, None, 0.0, record.task_id, None, NOT_LOCALIZED]
    return [
        name,
        round(report.x_m, 3),
        round(report.y_m, 3),
        round(report.yaw_rad, 3),
        report.level,
        record.status.value,
        None if report.battery is None else round(report.battery, 3),
        round(report.speed_mps, 2),
        record.task_id,
        None if heard_s is None else round(heard_s, 2),
        flags(report),
    ]


def flags(report: RobotReport) -> int:
    """What keeps a robot from working, as a bit set."""
    safety = report.safety
    return (
        PAUSED * report.paused
        | STOPPED * safety.emergency_stop_latched
        | OBSTACLE * safety.obstacle_stop
        | NOT_LOCALIZED * (not safety.localized)
        | ERRORS * bool(report.errors)
        | CHARGING * report.charging
    )


def _emergency_stop(report: RobotReport | None) -> dict[str, Any]:
    latched = report is not None and report.safety.emergency_stop_latched
    return {
        "latched": latched,
        "by": report.safety.emergency_stop_by if report and latched else None,
        "reason": report.safety.emergency_stop_reason if report and latched else None,
    }


def _errors(report: RobotReport | None) -> list[dict[str, Any]]:
    return [
        {
            "type": error.error_type,
            "level": error.level.value,
            "description": error.description,
            "remedy": error.remedy,
        }
        for error in (report.errors if report else ())
    ]
