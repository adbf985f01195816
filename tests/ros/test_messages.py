"""Orders and reports keep every field over the wire format, read by the robots' own code."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Polygon

pytest.importorskip("campus_msgs.msg", reason="the ROS workspace is not sourced")

from rclpy.serialization import deserialize_message, serialize_message

import campus_msgs.msg as campus
from campus_robot import messages as robot_side
from campus_sim import messages as plant_side
from campus_sim.passages import Unit
from fleet_manager.adapters.ros import messages, sense
from fleet_manager.core.campus import Passage, PassageKind
from fleet_manager.core.order import InstantAction, Order
from fleet_manager.core.passage import PassageReport, PassageRequest, PassageStatus
from fleet_manager.core.report import RobotReport
from tests.ros import wire

pytestmark = pytest.mark.ros

ENVELOPE = messages.Envelope(9, "test", "0123456789abcdef")
START_S = 1_800_000_000.25
POSE_OF_NODE = ("x_m", "y_m", "theta_rad", "level")


@given(wire.orders)
def test_a_robot_reads_the_order_that_was_meant(order: Order) -> None:
    sent = serialize_message(messages.order_message(order, ENVELOPE, START_S))
    message = deserialize_message(sent, campus.Order)
    read = robot_side.order_of(message)
    assert messages.seconds_of(message.header.stamp) == START_S
    assert read.manager_epoch == ENVELOPE.manager_epoch
    for name in ("robot", "order_id", "order_update_id", "map_id", "map_version"):
        assert getattr(read, name) == getattr(order, name)
    assert len(read.nodes) == len(order.nodes)
    for node, meant in zip(read.nodes, order.nodes, strict=True):
        for name in (*POSE_OF_NODE, "node_id", "sequence_id", "released", "passage"):
            assert getattr(node, name) == getattr(meant, name)
        assert node.allowed_deviation_xy_m == meant.allowed_deviation_xy_m
        assert node.allowed_deviation_theta_rad == meant.allowed_deviation_theta_rad
        for action, wanted in zip(node.actions, meant.actions, strict=True):
            assert (action.action_id, action.action_type, action.task_id, action.blocking) == (
                wanted.action_id,
                wanted.action_type,
                wanted.task_id,
                wanted.blocking,
            )
            values = {key: json.loads(text) for key, text in action.parameters.items()}
            assert values == wanted.parameters
    for edge, meant_edge in zip(read.edges, order.edges, strict=True):
        for name in ("edge_id", "sequence_id", "released", "start_node_id", "end_node_id", "lift"):
            assert getattr(edge, name) == getattr(meant_edge, name)
        assert (edge.max_speed_mps, edge.width_m) == (meant_edge.max_speed_mps, meant_edge.width_m)
        assert edge.path_m == meant_edge.path


@given(wire.instant_actions)
def test_a_robot_reads_the_instant_actions_that_were_meant(actions: list[InstantAction]) -> None:
    sent = serialize_message(messages.instant_actions_message("r1", actions, ENVELOPE, START_S))
    read = robot_side.instant_actions_of(deserialize_message(sent, campus.InstantActions))
    assert (read.robot, read.manager_epoch) == ("r1", ENVELOPE.manager_epoch)
    assert [
        (
            action.action_id,
            action.action_type,
            {key: json.loads(text) for key, text in action.parameters.items()},
        )
        for action in read.actions
    ] == [(action.action_id, action.action_type, action.parameters) for action in actions]


def test_a_robot_reads_the_heartbeat_that_was_meant() -> None:
    sent = serialize_message(messages.heartbeat_message(ENVELOPE, 3, START_S))
    message = deserialize_message(sent, campus.Heartbeat)
    read = robot_side.heartbeat_of(message)
    assert (read.manager_epoch, read.map_id, read.map_version) == (9, "test", "0123456789abcdef")
    assert message.sequence == 3


@given(wire.passage_requests)
def test_a_passage_reads_the_request_that_was_meant(request: PassageRequest) -> None:
    sent = serialize_message(messages.passage_request_message(request, ENVELOPE, START_S))
    message = deserialize_message(sent, campus.PassageRequest)
    assert message.manager_epoch == ENVELOPE.manager_epoch
    assert messages.seconds_of(message.header.stamp) == START_S
    assert plant_side.passage_request_of(message) == request


@given(wire.passage_reports, st.sampled_from(PassageKind))
def test_manager_and_robot_read_how_a_passage_is(report: PassageReport, kind: PassageKind) -> None:
    sent = serialize_message(wire.passage_message(report, kind))
    message = deserialize_message(sent, campus.PassageState)
    assert messages.passage_report_of(message) == report
    seen = robot_side.passage_of(message)
    assert (seen.passage, seen.kind, seen.state) == (report.passage, kind, report.status)
    assert (seen.level, seen.robot) == (report.level, report.robot)


def test_what_the_simulator_says_of_a_lift_is_read_as_it_is() -> None:
    shape = Polygon([(0, 0), (2, 0), (2, 2), (0, 2)])
    lift = Passage("l", "Lift", PassageKind.LIFT, ("ground", "l2"), shape, 2.0, 60.0, 1.0)
    unit = Unit(lift, {"ground": 0.0, "l2": 4.0}, "l2", PassageStatus.MOVING, "session-9-1", "r1")
    sent = serialize_message(plant_side.passage_state(unit, messages.time_of(START_S)))
    read = messages.passage_report_of(deserialize_message(sent, campus.PassageState))
    assert read == PassageReport("l", PassageStatus.MOVING, "l2", "session-9-1", "r1", START_S)


@pytest.mark.parametrize(
    ("given_as", "field"),
    [({"state": "ajar"}, "state"), ({"state": "open", "robot": "r" * 300}, "robot")],
)
def test_a_passage_that_makes_no_sense_is_refused_by_its_field(
    given_as: dict[str, str], field: str
) -> None:
    with pytest.raises(sense.Garbage) as caught:
        messages.passage_report_of(campus.PassageState(passage="door", **given_as))
    assert caught.value.field == field


def test_a_request_that_no_passage_knows_is_left_alone() -> None:
    assert plant_side.passage_request_of(campus.PassageRequest(action="lock")) is None


@given(wire.reports)
def test_a_report_is_read_as_it_was_sent(report: RobotReport) -> None:
    sent = serialize_message(wire.state_message(report))
    read = messages.report_of(deserialize_message(sent, campus.RobotState))
    assert read.yaw_rad == pytest.approx(report.yaw_rad, abs=1e-9)
    changed = {name: getattr(read, name) for name in RobotReport.__struct_fields__}
    assert RobotReport(**(changed | {"yaw_rad": report.yaw_rad})) == report


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"status": "DONE"}, "action_states.status"),
        ({"progress": math.nan}, "action_states.progress"),
        ({"progress": 2.0}, "action_states.progress"),
        ({"result_json": "{"}, "action_states.result_json"),
        ({"result_json": "[1]"}, "action_states.result_json"),
        ({"result_json": '{"x": NaN}'}, "action_states.result_json"),
        ({"result_json": "[" * 10_000}, "action_states.result_json"),
        ({"action_id": "a" * 300}, "action_states.action_id"),
    ],
)
def test_an_action_state_without_sense_is_refused_by_its_field(
    parameters: dict[str, object], field: str
) -> None:
    message = campus.RobotState()
    message.pose.pose.orientation.w = 1.0
    message.footprint_radius_m = 0.5
    message.operating_mode = "automatic"
    message.action_states = [campus.ActionState(**({"status": "RUNNING"} | parameters))]
    with pytest.raises(sense.Garbage) as caught:
        messages.report_of(message)
    assert caught.value.field == field


def test_a_parameter_that_json_cannot_hold_is_not_sent() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        messages.parameter_messages({"from_m": math.nan})
