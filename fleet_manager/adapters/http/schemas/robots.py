"""Robots, and what is asked of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from fleet_manager.adapters.http.schemas.base import Answer, Id, Responsible
from fleet_manager.core.report import ErrorLevel, OperatingMode
from fleet_manager.core.robot import RobotStatus


class GoTo(Responsible):
    """Go to a place, by id or name."""

    place: Id


class ConfirmPosition(Responsible):
    """A person has seen the silent robot at this waypoint."""

    waypoint: Id


class EmergencyStop(Answer):
    """Whether it is latched on the robot, by whom and why."""

    latched: bool
    by: str | None
    reason: str | None


class RobotErrorState(Answer):
    """What a robot says is wrong."""

    type: str
    level: ErrorLevel
    description: str
    remedy: str


class RobotEnergy(Answer):
    """What is reckoned of a robot's energy; None where it is not in service.

    Attributes:
        dock: that it counts on.
        consumption: what it draws, as a share of what its kind does.
        consumption_most: what is reckoned with.
        stretches: that this was learned from.
        range_m, wait_min: how far it could drive, or how long wait, until it has to come in.
        why_charging: why it charges or is to; None: it is not.
    """

    dock: str | None
    consumption: float
    consumption_most: float
    stretches: int
    range_m: int | None
    wait_min: int | None
    why_charging: str | None


class Robot(Answer):
    """A robot: metres, radians, battery 0 to 1; None where it was never heard."""

    name: str
    kind: str
    status: RobotStatus
    x_m: float | None
    y_m: float | None
    yaw_rad: float | None
    level: str | None
    speed_mps: float
    battery: Annotated[float, Field(ge=0.0, le=1.0)] | None
    charging: bool
    task_id: str | None
    order_id: str | None
    order_update_id: int | None
    last_node_id: str | None
    last_seen_s: float | None
    age_s: float | None
    operating_mode: OperatingMode | None
    paused: bool
    emergency_stop: EmergencyStop
    obstacle_stop: bool
    localized: bool
    errors: list[RobotErrorState]
    footprint_radius_m: float
    skills: list[str]
    home: str
    energy: RobotEnergy
    distance_m: float
