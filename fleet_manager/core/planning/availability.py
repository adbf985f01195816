"""Whether a robot can be given something to do, and if not, why."""

from __future__ import annotations

from fleet_manager.core.planning.off_lanes import off_lanes
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
    if not state.robot(robot).at and state.robot(robot).movement is None:
        return off_lanes(state.site.campus, report)
    return None


def position(state: FleetState, robot: str) -> str | None:
    """The waypoint from which a robot's next order would begin; None: it is not placed."""
    record = state.robot(robot)
    if record.movement is not None:
        return None if record.movement.outdated else record.movement.base_end
    return record.at[0] if record.at else None


def interruptible_soc(state: FleetState) -> float:
    """State of charge from which a robot may be called away from its dock."""
    policy = state.site.policy
    return (policy.charge_below + policy.charge_to) / 2
