"""Whether a robot can be given something to do, and if not, why."""

from __future__ import annotations

from fleet_manager.core.report import ErrorLevel, OperatingMode
from fleet_manager.core.robot import RobotStatus
from fleet_manager.core.state import FleetState


def unavailable(state: FleetState, robot: str) -> str | None:
    """Why a robot cannot take an order now, for people; None: it can."""
    status = state.robot(robot).status
    report = state.telemetry.reports.get(robot)
    if status in (RobotStatus.UNINITIALIZED, RobotStatus.OFFLINE) or report is None:
        return "is offline"
    if report.operating_mode is not OperatingMode.AUTOMATIC:
        return f"is in {report.operating_mode} mode"
    if report.safety.emergency_stop_latched:
        return "is stopped"
    if report.paused:
        return "is paused"
    if not report.safety.localized:
        return "does not know where it is"
    if report.map_version and report.map_version not in state.sites:
        return f"has another map ({report.map_version})"
    if status is RobotStatus.ERROR:
        fatal = [each for each in report.errors if each.level is ErrorLevel.FATAL]
        return f"has a fault ({fatal[0].description})" if fatal else "has a fault"
    return None
