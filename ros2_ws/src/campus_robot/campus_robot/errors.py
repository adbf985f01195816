"""Typed refusals and faults of a robot.

CampusRobotError
├── ConfigurationError   a fleet file or option is wrong; the process ends with its message
└── Refused              an order or instant action is refused; becomes a RobotError
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ErrorType(StrEnum):
    """The error types of RobotError.msg."""

    ORDER_STALE = "order_stale"
    EPOCH_STALE = "epoch_stale"
    WRONG_ROBOT = "wrong_robot"
    MAP_MISMATCH = "map_mismatch"
    NODE_UNREACHABLE = "node_unreachable"
    ORDER_INVALID = "order_invalid"
    ORDER_CONFLICT = "order_conflict"
    BASE_CHANGED = "base_changed"
    UNKNOWN_ACTION = "unknown_action"
    INVALID_PARAMETER = "invalid_parameter"
    MISSING_SKILL = "missing_skill"
    NOT_ALLOWED = "not_allowed"
    OFF_ROUTE = "off_route"
    LOCALIZATION_LOST = "localization_lost"
    BLOCKED = "blocked"
    BATTERY_LOW = "battery_low"
    SENSOR_FAULT = "sensor_fault"
    HEARTBEAT_LOST = "heartbeat_lost"
    PASSAGE_CLOSED = "passage_closed"
    UNAUTHENTICATED = "unauthenticated"


class Level(StrEnum):
    """Whether the robot can go on (WARNING) or a person has to help (FATAL)."""

    WARNING = "WARNING"
    FATAL = "FATAL"


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of RobotState.errors; `since_s` is when it began (seconds, robot's clock)."""

    error_type: ErrorType
    description: str
    remedy: str
    since_s: float
    level: Level = Level.WARNING
    order_id: str = ""
    order_update_id: int = 0
    action_id: str = ""
    node_id: str = ""


class CampusRobotError(Exception):
    """Anything this package raises on purpose."""


class ConfigurationError(CampusRobotError):
    """A fleet file or option cannot be used; the message says where and what to do."""


class Refused(CampusRobotError):
    """An order, an action in it or an instant action is refused."""

    def __init__(
        self,
        error_type: ErrorType,
        description: str,
        remedy: str,
        *,
        action_id: str = "",
        node_id: str = "",
    ) -> None:
        super().__init__(f"{error_type}: {description}")
        self.error_type = error_type
        self.description = description
        self.remedy = remedy
        self.action_id = action_id
        self.node_id = node_id

    def as_fault(self, now_s: float, order_id: str = "", order_update_id: int = 0) -> Fault:
        """The refusal as it is reported in RobotState."""
        return Fault(
            self.error_type,
            self.description,
            self.remedy,
            now_s,
            order_id=order_id,
            order_update_id=order_update_id,
            action_id=self.action_id,
            node_id=self.node_id,
        )
