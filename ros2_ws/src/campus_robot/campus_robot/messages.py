"""Turns ROS messages into the plain values of this package and back."""

from __future__ import annotations

import math
from typing import Any

from builtin_interfaces.msg import Time
from geometry_msgs.msg import TwistStamped

import campus_msgs.msg as campus
from campus_robot.battery import Battery
from campus_robot.configuration import RobotConfiguration
from campus_robot.errors import Fault
from campus_robot.executor import Run
from campus_robot.instant import InstantAction, InstantActions
from campus_robot.motion import Motion, Pose
from campus_robot.obstacles import Scan
from campus_robot.order import Action, Order, OrderEdge, OrderNode
from campus_robot.passages import PassageSeen
from campus_robot.robot import HeartbeatSeen
from campus_robot.state import Report

NANOSECONDS = 1_000_000_000
CHARGING = 1  # sensor_msgs/BatteryState.POWER_SUPPLY_STATUS_CHARGING
PLANAR = (0, 1, 5)  # x, y and yaw among the six of a covariance


def time_of(stamp_ns: int) -> Time:
    """A stamp from nanoseconds."""
    return Time(sec=stamp_ns // NANOSECONDS, nanosec=stamp_ns % NANOSECONDS)


def pose_of(message: Any) -> Pose:
    """A planar pose from geometry_msgs/Pose."""
    q = message.orientation
    yaw_rad = math.atan2(2 * (q.w * q.z + q.x * q.y), 1 - 2 * (q.y * q.y + q.z * q.z))
    return Pose(message.position.x, message.position.y, yaw_rad)


def motion_of(message: Any) -> Motion:
    """A planar velocity from geometry_msgs/Twist."""
    return Motion(message.linear.x, message.angular.z)


def planar_covariance(message: Any) -> list[float]:
    """The 3x3 of (x, y, yaw) of a 6x6 covariance, row by row."""
    return [float(message.covariance[6 * i + j]) for i in PLANAR for j in PLANAR]


def scan_of(message: Any) -> Scan:
    """A lidar turn from sensor_msgs/LaserScan."""
    return Scan(
        message.ranges,
        message.angle_min,
        message.angle_increment,
        message.range_min,
        message.range_max,
    )


def battery_of(message: Any) -> Battery:
    """A reading from sensor_msgs/BatteryState."""
    return Battery(
        message.percentage,
        message.voltage,
        message.current,
        message.power_supply_status == CHARGING,
    )


def heartbeat_of(message: Any) -> HeartbeatSeen:
    """The manager's sign of life."""
    return HeartbeatSeen(message.manager_epoch, message.map_id, message.map_version)


def passage_of(message: Any) -> PassageSeen:
    """The word of a door, lift or crossing."""
    return PassageSeen(message.passage, message.kind, message.state, message.level, message.robot)


def level_of(frame_id: str) -> str:
    """The level that a pose is on, from its frame "map/<level>"; "" where the frame is "map"."""
    return frame_id.partition("/")[2]


def instant_actions_of(message: Any) -> InstantActions:
    """Instant actions as plain values."""
    return InstantActions(
        message.robot,
        message.manager_epoch,
        tuple(
            InstantAction(a.action_id, a.action_type, {p.key: p.value_json for p in a.parameters})
            for a in message.actions
        ),
    )


def order_of(message: Any) -> Order:
    """An order as plain values."""
    return Order(
        message.robot,
        message.manager_epoch,
        message.order_id,
        message.order_update_id,
        message.map_id,
        message.map_version,
        tuple(map(_node_of, message.nodes)),
        tuple(map(_edge_of, message.edges)),
    )


def _node_of(message: Any) -> OrderNode:
    return OrderNode(
        message.node_id,
        message.sequence_id,
        message.released,
        message.x_m,
        message.y_m,
        message.theta_rad if message.has_theta else None,
        # A deviation of 0 cannot be met by any real robot: then the usual one holds.
        message.allowed_deviation_xy_m or 0.5,
        message.allowed_deviation_theta_rad or 0.2,
        message.level,
        tuple(
            Action(
                a.action_id,
                a.action_type,
                a.task_id,
                a.blocking_type,
                {p.key: p.value_json for p in a.parameters},
            )
            for a in message.actions
        ),
        message.passage,
    )


def _edge_of(message: Any) -> OrderEdge:
    return OrderEdge(
        message.edge_id,
        message.sequence_id,
        message.released,
        message.start_node_id,
        message.end_node_id,
        message.max_speed_mps,
        message.width_m,
        tuple((point.x, point.y) for point in message.path),
        message.lift,
    )


def command_message(motion: Motion, stamp_ns: int) -> TwistStamped:
    """A cmd_vel for the tick of `stamp_ns`."""
    message = TwistStamped()
    message.header.stamp = time_of(stamp_ns)
    message.header.frame_id = "base_link"
    message.twist.linear.x = float(motion.v_mps)
    message.twist.angular.z = float(motion.w_radps)
    return message


def state_message(
    report: Report,
    configuration: RobotConfiguration,
    boot_id: str,
    sequence: int,
    stamp_ns: int,
) -> campus.RobotState:
    """A RobotState from a report."""
    message = campus.RobotState()
    message.header.stamp = time_of(stamp_ns)
    message.header.frame_id = "map"
    message.robot, message.kind = configuration.name, configuration.kind
    message.boot_id, message.sequence = boot_id, sequence
    for name in (
        "manager_epoch",
        "order_id",
        "order_update_id",
        "order_active",
        "last_node_id",
        "last_node_sequence_id",
        "distance_since_last_node_m",
        "driving",
        "paused",
        "new_base_request",
        "level",
        "map_id",
        "map_version",
        "operating_mode",
    ):
        setattr(message, name, getattr(report, name))
    _fill_pose(message, report)
    message.battery.state_of_charge = report.battery.state_of_charge
    message.battery.voltage_v = report.battery.voltage_v
    message.battery.current_a = report.battery.current_a
    message.battery.charging = report.battery.charging
    _fill_safety(message.safety, report)
    message.footprint_radius_m = configuration.limits.footprint_radius_m
    message.action_states = [_action_state(run) for run in report.runs]
    message.acknowledged_action_ids = list(report.acknowledged)
    message.errors = [_error(fault) for fault in report.faults]
    return message


def _fill_pose(message: campus.RobotState, report: Report) -> None:
    pose = message.pose.pose
    pose.position.x, pose.position.y = report.pose.x_m, report.pose.y_m
    pose.orientation.z = math.sin(report.pose.theta_rad / 2)
    pose.orientation.w = math.cos(report.pose.theta_rad / 2)
    covariance = message.pose.covariance
    for row, i in enumerate(PLANAR):
        for column, j in enumerate(PLANAR):
            covariance[6 * i + j] = report.covariance[3 * row + column]
    message.velocity.linear.x = report.velocity.v_mps
    message.velocity.angular.z = report.velocity.w_radps


def _fill_safety(safety: campus.SafetyState, report: Report) -> None:
    safety.emergency_stop_latched = report.stop_latched
    safety.emergency_stop_by = report.stop_by
    safety.emergency_stop_reason = report.stop_reason
    safety.obstacle_stop = report.obstacle_stop
    safety.obstacle_kind = "unknown" if report.obstacle_stop else ""
    safety.obstacle_distance_m = report.obstacle_distance_m
    safety.localized = report.localized
    safety.heartbeat_lost = report.heartbeat_lost


def _action_state(run: Run) -> campus.ActionState:
    return campus.ActionState(
        action_id=run.action.action_id,
        action_type=run.action.action_type,
        task_id=run.action.task_id,
        status=str(run.status),
        progress=float(run.progress),
        result_description=run.description,
        result_json=run.result_json,
    )


def _error(fault: Fault) -> campus.RobotError:
    return campus.RobotError(
        error_type=str(fault.error_type),
        level=str(fault.level),
        description=fault.description,
        remedy=fault.remedy,
        order_id=fault.order_id,
        order_update_id=fault.order_update_id,
        action_id=fault.action_id,
        node_id=fault.node_id,
        since=time_of(round(fault.since_s * NANOSECONDS)),
    )
