"""What a robot reports of itself (docs/protocol.md): telemetry, not in the event log."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct


class OperatingMode(StrEnum):
    """Who drives a robot."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"
    SERVICE = "service"


class ActionStatus(StrEnum):
    """How far an action has come."""

    WAITING = "WAITING"
    INITIALIZING = "INITIALIZING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"


class ErrorLevel(StrEnum):
    """Whether a robot can go on by itself."""

    WARNING = "WARNING"
    FATAL = "FATAL"


class ActionState(Struct, frozen=True):
    """State of an action of the order held or last ended.

    Attributes:
        progress: share done, 0 to 1.
        result_json: outcome as a JSON object, or "".
    """

    action_id: str
    action_type: str
    task_id: str
    status: ActionStatus
    progress: float = 0.0
    result_description: str = ""
    result_json: str = ""

    def results(self) -> dict[str, Any]:
        """The outcome; {} where there is none, or the robot wrote no JSON object."""
        try:
            return msgspec.json.decode(self.result_json or "{}", type=dict[str, Any])
        except msgspec.DecodeError:
            return {}


class RobotError(Struct, frozen=True):
    """A typed error of a robot; the types are the constants of campus_msgs/RobotError."""

    error_type: str
    level: ErrorLevel
    description: str = ""
    remedy: str = ""
    order_id: str = ""
    order_update_id: int = 0
    action_id: str = ""
    node_id: str = ""
    since_s: float = 0.0


class Safety(Struct, frozen=True):
    """What keeps a robot from moving, apart from its order."""

    emergency_stop_latched: bool = False
    emergency_stop_by: str = ""
    emergency_stop_reason: str = ""
    obstacle_stop: bool = False
    obstacle_kind: str = ""
    obstacle_distance_m: float | None = None
    localized: bool = True
    heartbeat_lost: bool = False


class RobotReport(Struct, frozen=True):
    """All a robot says of itself at one time; numbers are finite, ids are strings of the map.

    Attributes:
        stamp_s: when it was true, by the robot's clock, Unix seconds.
        boot_id: new at every start of the robot's process.
        sequence: 1, 2, 3, … since boot.
        x_m, y_m, yaw_rad: map frame.
        position_stddev_m: larger standard deviation of x and y; None when unknown.
        battery: 0 to 1; None when unknown.
    """

    robot: str
    kind: str
    boot_id: str
    sequence: int
    stamp_s: float
    x_m: float
    y_m: float
    yaw_rad: float
    level: str
    manager_epoch: int = 0
    order_id: str = ""
    order_update_id: int = 0
    order_active: bool = False
    last_node_id: str = ""
    last_node_sequence_id: int = 0
    distance_since_last_node_m: float = 0.0
    driving: bool = False
    paused: bool = False
    new_base_request: bool = False
    position_stddev_m: float | None = None
    speed_mps: float = 0.0
    turn_rate_radps: float = 0.0
    map_id: str = ""
    map_version: str = ""
    battery: float | None = None
    voltage_v: float | None = None
    current_a: float | None = None
    charging: bool = False
    operating_mode: OperatingMode = OperatingMode.AUTOMATIC
    safety: Safety = Safety()
    footprint_radius_m: float = 0.5
    action_states: tuple[ActionState, ...] = ()
    acknowledged_action_ids: tuple[str, ...] = ()
    errors: tuple[RobotError, ...] = ()
