"""Turns the core's plain values into ROS messages and what robots say into plain values."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from builtin_interfaces.msg import Time
from geometry_msgs.msg import Point
from msgspec import Struct

import campus_msgs.msg as campus
from fleet_manager.adapters.ros import sense
from fleet_manager.app.detections import Received
from fleet_manager.core.detection import Detection
from fleet_manager.core.order import Action, InstantAction, Order, OrderEdge, OrderNode
from fleet_manager.core.passage import PassageReport, PassageRequest, PassageStatus
from fleet_manager.core.report import (
    ActionState,
    ActionStatus,
    ErrorLevel,
    OperatingMode,
    RobotError,
    RobotReport,
    Safety,
)
from fleet_manager.core.station import Reading
from fleet_manager.ports import ZoneCondition

NANOSECONDS = 1_000_000_000
LARGEST_PICTURE = 200_000
JPEG_BEGINS = b"\xff\xd8\xff"


class Envelope(Struct, frozen=True):
    """What every message of this manager carries."""

    manager_epoch: int
    map_id: str
    map_version: str


def time_of(stamp_s: float) -> Time:
    """A ROS stamp from Unix seconds."""
    # Taken apart first: a product with 1e9 would lose the last hundreds of nanoseconds.
    whole_s = math.floor(stamp_s)
    carry_s, nanosec = divmod(round((stamp_s - whole_s) * NANOSECONDS), NANOSECONDS)
    return Time(sec=whole_s + carry_s, nanosec=nanosec)


def seconds_of(stamp: Any) -> float:
    """Unix seconds from a ROS stamp."""
    return float(stamp.sec) + float(stamp.nanosec) / NANOSECONDS


# To robots.


def order_message(order: Order, envelope: Envelope, now_s: float) -> Any:
    """An Order, stamped now, in the name of this manager's epoch."""
    message = campus.Order()
    message.header.stamp = time_of(now_s)
    message.header.frame_id = "map"
    message.robot = order.robot
    message.manager_epoch = envelope.manager_epoch
    message.order_id = order.order_id
    message.order_update_id = order.order_update_id
    message.map_id, message.map_version = order.map_id, order.map_version
    message.nodes = [_node_message(node) for node in order.nodes]
    message.edges = [_edge_message(edge) for edge in order.edges]
    return message


def _node_message(node: OrderNode) -> Any:
    return campus.OrderNode(
        node_id=node.node_id,
        sequence_id=node.sequence_id,
        released=node.released,
        x_m=float(node.x_m),
        y_m=float(node.y_m),
        theta_rad=float(node.theta_rad or 0.0),
        has_theta=node.theta_rad is not None,
        allowed_deviation_xy_m=float(node.allowed_deviation_xy_m),
        allowed_deviation_theta_rad=float(node.allowed_deviation_theta_rad),
        level=node.level,
        passage=node.passage,
        actions=[_action_message(action) for action in node.actions],
    )


def _edge_message(edge: OrderEdge) -> Any:
    return campus.OrderEdge(
        edge_id=edge.edge_id,
        sequence_id=edge.sequence_id,
        released=edge.released,
        start_node_id=edge.start_node_id,
        end_node_id=edge.end_node_id,
        max_speed_mps=float(edge.max_speed_mps),
        width_m=float(edge.width_m),
        path=[Point(x=float(x), y=float(y), z=0.0) for x, y in edge.path],
        lift=edge.lift,
    )


def _action_message(action: Action) -> Any:
    return campus.Action(
        action_id=action.action_id,
        action_type=action.action_type,
        task_id=action.task_id,
        blocking_type=str(action.blocking),
        parameters=parameter_messages(action.parameters),
    )


def parameter_messages(parameters: Mapping[str, Any]) -> list[Any]:
    """Parameters of an action.

    Raises:
        ValueError: a value is not one of JSON's, such as NaN.
    """
    return [
        campus.ActionParameter(key=key, value_json=json.dumps(value, allow_nan=False))
        for key, value in parameters.items()
    ]


def instant_actions_message(
    robot: str, actions: Iterable[InstantAction], envelope: Envelope, now_s: float
) -> Any:
    """InstantActions for one robot."""
    message = campus.InstantActions()
    message.header.stamp = time_of(now_s)
    message.robot, message.manager_epoch = robot, envelope.manager_epoch
    message.actions = [
        campus.InstantAction(
            action_id=action.action_id,
            action_type=str(action.action_type),
            parameters=parameter_messages(action.parameters),
        )
        for action in actions
    ]
    return message


def heartbeat_message(envelope: Envelope, sequence: int, now_s: float) -> Any:
    """A Heartbeat."""
    message = campus.Heartbeat()
    message.header.stamp = time_of(now_s)
    message.manager_epoch, message.sequence = envelope.manager_epoch, sequence
    message.map_id, message.map_version = envelope.map_id, envelope.map_version
    return message


def passage_request_message(request: PassageRequest, envelope: Envelope, now_s: float) -> Any:
    """A PassageRequest."""
    message = campus.PassageRequest()
    message.header.stamp = time_of(now_s)
    message.header.frame_id = "map"
    message.manager_epoch = envelope.manager_epoch
    message.passage, message.session_id = request.passage, request.session_id
    message.robot, message.level = request.robot, request.level
    message.action = str(request.action)
    return message


# From robots. Nothing that comes over the network is believed: ROS checks types, not sense.


def report_of(message: Any) -> RobotReport:
    """What a robot reports.

    Raises:
        sense.Garbage: a number is not finite or out of its range, a text is too long, a constant
            is unknown.
    """
    pose, velocity = message.pose.pose, message.velocity
    battery = message.battery
    return RobotReport(
        robot=sense.identifier("robot", message.robot),
        kind=sense.identifier("kind", message.kind),
        boot_id=sense.identifier("boot_id", message.boot_id),
        sequence=message.sequence,
        stamp_s=seconds_of(message.header.stamp),
        manager_epoch=message.manager_epoch,
        order_id=sense.identifier("order_id", message.order_id),
        order_update_id=message.order_update_id,
        order_active=message.order_active,
        last_node_id=sense.identifier("last_node_id", message.last_node_id),
        last_node_sequence_id=message.last_node_sequence_id,
        distance_since_last_node_m=sense.finite(
            "distance_since_last_node_m", message.distance_since_last_node_m
        ),
        driving=message.driving,
        paused=message.paused,
        new_base_request=message.new_base_request,
        x_m=sense.finite("pose.position.x", pose.position.x),
        y_m=sense.finite("pose.position.y", pose.position.y),
        yaw_rad=sense.yaw_rad(pose.orientation),
        position_stddev_m=sense.stddev_m(message.pose.covariance),
        speed_mps=sense.finite("velocity.linear.x", velocity.linear.x),
        turn_rate_radps=sense.finite("velocity.angular.z", velocity.angular.z),
        level=sense.identifier("level", message.level),
        map_id=sense.identifier("map_id", message.map_id),
        map_version=sense.identifier("map_version", message.map_version),
        battery=sense.share("battery.state_of_charge", battery.state_of_charge),
        voltage_v=sense.known("battery.voltage_v", battery.voltage_v),
        current_a=sense.known("battery.current_a", battery.current_a),
        charging=battery.charging,
        operating_mode=sense.choice(
            OperatingMode, "operating_mode", message.operating_mode.lower()
        ),
        safety=_safety(message.safety),
        footprint_radius_m=sense.positive("footprint_radius_m", message.footprint_radius_m),
        action_states=tuple(map(_action_state, sense.few("action_states", message.action_states))),
        acknowledged_action_ids=tuple(
            sense.identifier("acknowledged_action_ids", each)
            for each in sense.few("acknowledged_action_ids", message.acknowledged_action_ids)
        ),
        errors=tuple(map(_error, sense.few("errors", message.errors))),
    )


def _safety(message: Any) -> Safety:
    return Safety(
        emergency_stop_latched=message.emergency_stop_latched,
        emergency_stop_by=sense.text("safety.emergency_stop_by", message.emergency_stop_by),
        emergency_stop_reason=sense.text(
            "safety.emergency_stop_reason", message.emergency_stop_reason
        ),
        obstacle_stop=message.obstacle_stop,
        obstacle_kind=sense.identifier("safety.obstacle_kind", message.obstacle_kind),
        obstacle_distance_m=sense.known("safety.obstacle_distance_m", message.obstacle_distance_m),
        localized=message.localized,
        heartbeat_lost=message.heartbeat_lost,
    )


def _action_state(message: Any) -> ActionState:
    field = "action_states"
    progress = sense.share(f"{field}.progress", message.progress)
    if progress is None:
        raise sense.Garbage(f"{field}.progress", "is not a number")
    return ActionState(
        action_id=sense.identifier(f"{field}.action_id", message.action_id),
        action_type=sense.identifier(f"{field}.action_type", message.action_type),
        task_id=sense.identifier(f"{field}.task_id", message.task_id),
        status=sense.choice(ActionStatus, f"{field}.status", message.status),
        progress=progress,
        result_description=sense.text(f"{field}.result_description", message.result_description),
        result_json=sense.json_object(f"{field}.result_json", message.result_json),
    )


def _error(message: Any) -> RobotError:
    return RobotError(
        error_type=sense.identifier("errors.error_type", message.error_type),
        level=sense.choice(ErrorLevel, "errors.level", message.level),
        description=sense.text("errors.description", message.description),
        remedy=sense.text("errors.remedy", message.remedy),
        order_id=sense.identifier("errors.order_id", message.order_id),
        order_update_id=message.order_update_id,
        action_id=sense.identifier("errors.action_id", message.action_id),
        node_id=sense.identifier("errors.node_id", message.node_id),
        since_s=seconds_of(message.since),
    )


def passage_report_of(message: Any) -> PassageReport:
    """What a door, lift or crossing says of itself.

    Raises:
        sense.Garbage: a text is too long, or the state is unknown.
    """
    return PassageReport(
        passage=sense.identifier("passage", message.passage),
        status=sense.choice(PassageStatus, "state", message.state),
        level=sense.identifier("level", message.level),
        session_id=sense.identifier("session_id", message.session_id),
        robot=sense.identifier("robot", message.robot),
        stamp_s=seconds_of(message.header.stamp),
    )


def detection_of(message: Any) -> Received:
    """What a camera tells, with its picture.

    Raises:
        sense.Garbage: a text is too long, a number out of its range, or the picture no JPEG.
    """
    score = sense.share("score", message.score)
    if score is None:
        raise sense.Garbage("score", "is not a number")
    jpeg = bytes(message.jpeg)
    if jpeg and (len(jpeg) > LARGEST_PICTURE or not jpeg.startswith(JPEG_BEGINS)):
        raise sense.Garbage("jpeg", f"of {len(jpeg)} bytes is no small JPEG")
    stddev_m = sense.finite("position_stddev_m", message.position_stddev_m)
    return Received(
        Detection(
            source=sense.identifier("source", message.source),
            boot_id=sense.identifier("boot_id", message.boot_id),
            sequence=int(message.sequence),
            class_name=sense.identifier("class_name", message.class_name),
            score=score,
            x_m=sense.finite("position.x", message.position.x),
            y_m=sense.finite("position.y", message.position.y),
            stddev_m=max(0.0, stddev_m),
            level=sense.identifier("level", message.level),
            seen_s=seconds_of(message.header.stamp),
            track_id=sense.identifier("track_id", message.track_id),
            asset_id=sense.identifier("asset_id", message.asset_id),
        ),
        jpeg,
    )


def reading_of(message: Any) -> Reading:
    """What a station measures.

    Raises:
        sense.Garbage: a text is too long, or the value is no number.
    """
    return Reading(
        station=sense.identifier("station", message.station),
        quantity=sense.identifier("quantity", message.quantity),
        value=sense.finite("value", message.value),
        unit=sense.identifier("unit", message.unit),
        stamp_s=seconds_of(message.header.stamp),
    )


def ack_message(source: str, sequence: int, envelope: Envelope, now_s: float) -> Any:
    """Everything of a source up to a number is committed."""
    message = campus.DetectionAck(
        manager_epoch=envelope.manager_epoch, source=source, sequence=sequence
    )
    message.header.stamp = time_of(now_s)
    return message


def condition_of(message: Any) -> ZoneCondition:
    """How clean a zone is.

    Raises:
        sense.Garbage: a number is out of its range.
    """
    clean = sense.share("clean_fraction", message.clean_fraction)
    if clean is None:
        raise sense.Garbage("clean_fraction", "is not a number")
    return ZoneCondition(
        zone_id=sense.identifier("zone_id", message.zone_id),
        source=sense.identifier("source", message.source),
        area_m2=sense.positive("area_m2", message.area_m2),
        clean_fraction=clean,
        stamp_s=seconds_of(message.header.stamp),
    )
