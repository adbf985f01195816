"""Values that cross the robots' network: any order, any report, and how a report is sent."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import strategies as st

import campus_msgs.msg as campus
from fleet_manager.adapters.ros import messages
from fleet_manager.core.order import (
    Action,
    Blocking,
    InstantAction,
    InstantActionType,
    Order,
    OrderEdge,
    OrderNode,
)
from fleet_manager.core.passage import (
    PassageAction,
    PassageReport,
    PassageRequest,
    PassageStatus,
)
from fleet_manager.core.report import (
    ActionState,
    ActionStatus,
    ErrorLevel,
    OperatingMode,
    RobotError,
    RobotReport,
    Safety,
)

# A name without surrogates, which no encoding of a text can hold.
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
singles = st.floats(-1e6, 1e6, width=32)
positives = st.floats(0.125, 1e3, width=32)
doubles = st.floats(-1e6, 1e6)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | doubles | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
actions = st.builds(
    Action,
    action_id=texts,
    action_type=texts,
    task_id=texts,
    blocking=st.sampled_from(Blocking),
    parameters=st.dictionaries(texts, json_values, max_size=3),
)
uint32 = st.integers(0, 2**32 - 1)
nodes = st.builds(
    OrderNode,
    node_id=texts,
    sequence_id=uint32,
    released=st.booleans(),
    x_m=doubles,
    y_m=doubles,
    level=texts,
    passage=texts,
    theta_rad=st.none() | doubles,
    allowed_deviation_xy_m=positives,
    allowed_deviation_theta_rad=positives,
    actions=st.lists(actions, max_size=2).map(tuple),
)
edges = st.builds(
    OrderEdge,
    edge_id=texts,
    sequence_id=uint32,
    released=st.booleans(),
    start_node_id=texts,
    end_node_id=texts,
    max_speed_mps=positives,
    width_m=positives,
    path=st.lists(st.tuples(doubles, doubles), max_size=3).map(tuple),
    lift=texts,
)
passage_requests = st.builds(
    PassageRequest,
    passage=texts,
    session_id=texts,
    robot=texts,
    level=texts,
    action=st.sampled_from(PassageAction),
)
passage_reports = st.builds(
    PassageReport,
    passage=texts,
    status=st.sampled_from(PassageStatus),
    level=texts,
    session_id=texts,
    robot=texts,
    stamp_s=st.integers(0, 2**31 - 1).map(float),
)
orders = st.builds(
    Order,
    robot=st.just("r1"),
    order_id=texts,
    order_update_id=uint32,
    map_id=texts,
    map_version=texts,
    nodes=st.lists(nodes, max_size=4).map(tuple),
    edges=st.lists(edges, max_size=3).map(tuple),
)
instant_actions = st.lists(
    st.builds(
        InstantAction,
        action_id=texts,
        action_type=st.sampled_from(InstantActionType),
        parameters=st.dictionaries(texts, json_values, max_size=3),
    ),
    max_size=3,
)
shares = st.floats(0.0, 1.0, width=32)
result_objects = st.just("") | st.just('{"covered_m": 12.5}')
reports = st.builds(
    RobotReport,
    robot=st.just("r1"),
    kind=texts,
    boot_id=texts,
    sequence=st.integers(0, 2**64 - 1),
    stamp_s=st.integers(0, 2**31 - 1).map(float),
    x_m=doubles,
    y_m=doubles,
    yaw_rad=st.floats(-3.1, 3.1),
    level=texts,
    manager_epoch=st.integers(0, 2**64 - 1),
    order_id=texts,
    order_update_id=uint32,
    order_active=st.booleans(),
    last_node_id=texts,
    last_node_sequence_id=uint32,
    distance_since_last_node_m=singles,
    driving=st.booleans(),
    paused=st.booleans(),
    new_base_request=st.booleans(),
    position_stddev_m=st.none() | st.sampled_from([0.125, 0.5, 2.0]),
    speed_mps=doubles,
    turn_rate_radps=doubles,
    map_id=texts,
    map_version=texts,
    battery=st.none() | shares,
    voltage_v=st.none() | singles,
    current_a=st.none() | singles,
    charging=st.booleans(),
    operating_mode=st.sampled_from(OperatingMode),
    safety=st.builds(
        Safety,
        emergency_stop_latched=st.booleans(),
        emergency_stop_by=texts,
        emergency_stop_reason=texts,
        obstacle_stop=st.booleans(),
        obstacle_kind=texts,
        obstacle_distance_m=st.none() | singles,
        localized=st.booleans(),
        heartbeat_lost=st.booleans(),
    ),
    footprint_radius_m=positives,
    action_states=st.lists(
        st.builds(
            ActionState,
            action_id=texts,
            action_type=texts,
            task_id=texts,
            status=st.sampled_from(ActionStatus),
            progress=shares,
            result_description=texts,
            result_json=result_objects,
        ),
        max_size=3,
    ).map(tuple),
    acknowledged_action_ids=st.lists(texts, max_size=3).map(tuple),
    errors=st.lists(
        st.builds(
            RobotError,
            error_type=texts,
            level=st.sampled_from(ErrorLevel),
            description=texts,
            remedy=texts,
            order_id=texts,
            order_update_id=uint32,
            action_id=texts,
            node_id=texts,
            since_s=st.integers(0, 2**31 - 1).map(float),
        ),
        max_size=2,
    ).map(tuple),
)


# Fields of a RobotState that are called and typed as in RobotReport.
COPIED = (
    "robot",
    "kind",
    "boot_id",
    "sequence",
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
    "footprint_radius_m",
)


def passage_message(report: PassageReport, kind: str = "door") -> Any:
    """A PassageState as a door, lift or crossing would send it."""
    message = campus.PassageState(kind=kind, state=str(report.status))
    message.header.stamp = messages.time_of(report.stamp_s)
    for name in ("passage", "level", "session_id", "robot"):
        setattr(message, name, getattr(report, name))
    return message


def state_message(report: RobotReport) -> Any:
    """A RobotState as a robot would send it."""
    unknown = math.nan
    message = campus.RobotState()
    message.header.stamp = messages.time_of(report.stamp_s)
    for name in COPIED:
        setattr(message, name, getattr(report, name))
    message.operating_mode = str(report.operating_mode)
    message.pose.pose.position.x, message.pose.pose.position.y = report.x_m, report.y_m
    message.pose.pose.orientation.z = math.sin(report.yaw_rad / 2)
    message.pose.pose.orientation.w = math.cos(report.yaw_rad / 2)
    if report.position_stddev_m is not None:
        message.pose.covariance[0] = report.position_stddev_m**2
    message.velocity.linear.x = report.speed_mps
    message.velocity.angular.z = report.turn_rate_radps
    battery = message.battery
    battery.state_of_charge = unknown if report.battery is None else report.battery
    battery.voltage_v = unknown if report.voltage_v is None else report.voltage_v
    battery.current_a = unknown if report.current_a is None else report.current_a
    battery.charging = report.charging
    for name in Safety.__struct_fields__:
        value = getattr(report.safety, name)
        setattr(message.safety, name, unknown if value is None else value)
    for state in report.action_states:
        fields = {name: getattr(state, name) for name in ActionState.__struct_fields__}
        message.action_states.append(campus.ActionState(**(fields | {"status": str(state.status)})))
    message.acknowledged_action_ids = list(report.acknowledged_action_ids)
    for error in report.errors:
        fields = {name: getattr(error, name) for name in RobotError.__struct_fields__}
        fields["since"] = messages.time_of(fields.pop("since_s"))
        message.errors.append(campus.RobotError(**(fields | {"level": str(error.level)})))
    return message
