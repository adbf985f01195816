"""One robot on ROS: a node in the plant domain, a node in the fleet domain, one tick for both."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from rclpy.context import Context
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription

from campus_robot import messages
from campus_robot.authentication import Authenticator
from campus_robot.configuration import RobotConfiguration
from campus_robot.errors import ConfigurationError, Refused
from campus_robot.memory import Memory
from campus_robot.robot import Command, Inputs, Robot
from campus_robot.state import StateClock
from campus_robot.topics import FLEET, PLANT, Topic

BRUSH_PERIOD_NS = messages.NANOSECONDS
POSE_AWAITED_S = 10.0


def qos_of(topic: Topic) -> QoSProfile:
    """The ROS QoS of a topic of the table."""
    return QoSProfile(
        depth=topic.depth,
        reliability=ReliabilityPolicy.RELIABLE if topic.reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL
        if topic.transient_local
        else DurabilityPolicy.VOLATILE,
    )


def message_type(topic: Topic) -> Any:
    """The message class of a topic of the table."""
    package, _, name = topic.type.partition("/msg/")
    return getattr(importlib.import_module(f"{package}.msg"), name)


class RobotNode:
    """Joins a Robot to its topics.

    Nothing here waits in an executor: at each tick the newest message of every topic is taken, so
    that a command is always computed from what was there at that tick, in one thread.
    """

    def __init__(
        self,
        configuration: RobotConfiguration,
        memory: Memory,
        fleet: Context,
        plant: Context,
        mode: str = "AUTOMATIC",
        keys_dir: Path | None = None,
    ) -> None:
        self.configuration = configuration
        self.boot_id = uuid4().hex
        self._memory = memory
        self._authenticator = Authenticator(keys_dir, configuration.name, memory)
        self._mode = mode
        self._robot: Robot | None = None
        self._sequence = 0
        self._clock = StateClock()
        self._brush: tuple[bool, int] = (False, 0)
        self._last_command: tuple[int, Command] | None = None
        name = configuration.name
        self._plant_node = node_of(name, plant)
        self._fleet_node = node_of(name, fleet)
        self._logger = self._fleet_node.get_logger()
        self._awaited_since_s: float | None = None
        self._told: set[tuple[str, str]] = set()
        self._readings = {
            key: self._listen(self._plant_node, PLANT[key])
            for key in ("odom", "pose", "scan", "battery_state")
        }
        self._wishes = {
            key: self._listen(self._fleet_node, FLEET[key])
            for key in ("order", "instant_actions", "heartbeat", "passages")
        }
        self._cmd_vel = self._speak(self._plant_node, PLANT["cmd_vel"])
        self._brush_out = self._speak(self._plant_node, PLANT["brush"])
        self._states = self._speak(self._fleet_node, FLEET["robot_states"])
        self._bool = message_type(PLANT["brush"])

    def _listen(self, node: Node, topic: Topic) -> Subscription:
        name = topic.named(self.configuration.name)
        return node.create_subscription(message_type(topic), name, _unused, qos_of(topic))

    def _speak(self, node: Node, topic: Topic) -> Any:
        name = topic.named(self.configuration.name)
        return node.create_publisher(message_type(topic), name, qos_of(topic))

    def tick(self, now_ns: int) -> None:
        """Computes and publishes the command of the tick at `now_ns`, and the state when due.

        The same time again (a simulator that asks once more) repeats the command.
        """
        if self._last_command is not None and self._last_command[0] == now_ns:
            self._publish_command(self._last_command[1], now_ns)
            return
        now_s = now_ns / messages.NANOSECONDS
        if self._robot is None:
            self._robot = Robot(self.configuration, self._memory, now_s, self._mode)
        command = self._robot.tick(now_s, self._inputs(self._robot))
        self._last_command = (now_ns, command)
        self._publish_command(command, now_ns)
        self._publish_state(self._robot, now_s, now_ns)
        while self._robot.announcements:
            self._logger.info(f"announcement: {self._robot.announcements.pop(0)}")

    def _inputs(self, robot: Robot) -> Inputs:
        inputs = Inputs()
        odometry = _newest(self._readings["odom"])
        if odometry is not None:
            inputs.odometry = messages.pose_of(odometry.pose.pose)
            inputs.measured = messages.motion_of(odometry.twist.twist)
        pose = _newest(self._readings["pose"])
        if pose is not None:
            inputs.pose = (
                messages.pose_of(pose.pose.pose),
                messages.planar_covariance(pose.pose),
            )
            inputs.level = messages.level_of(pose.header.frame_id)
        scan = _newest(self._readings["scan"])
        if scan is not None:
            inputs.scan = messages.scan_of(scan)
        battery = _newest(self._readings["battery_state"])
        if battery is not None:
            inputs.battery = messages.battery_of(battery)
        inputs.heartbeats = [messages.heartbeat_of(m) for m in self._authentic("heartbeat", robot)]
        inputs.passages = [messages.passage_of(m) for m in waiting(self._wishes["passages"])]
        inputs.instants = [
            messages.instant_actions_of(m) for m in self._authentic("instant_actions", robot)
        ]
        # An order that waits for the robot to know where it is stays in the topic's history.
        if robot.localizer.pose is not None:
            inputs.orders = [messages.order_of(m) for m in self._authentic("order", robot)]
        return inputs

    def _authentic(self, channel: str, robot: Robot) -> Iterator[Any]:
        """Messages that wait, without those that the manager has not signed."""
        for message in waiting(self._wishes[channel]):
            try:
                self._authenticator.check(channel, message)
            except Refused as refused:
                # Without the order's id: a forged one must not end an order at the manager.
                robot.faults.refuse(refused, robot.now_s)
            else:
                yield message

    def _publish_command(self, command: Command, now_ns: int) -> None:
        brush, since_ns = self._brush
        # The brush before the motion: it must be down when the robot sets out on its path.
        if command.brush != brush or abs(now_ns - since_ns) >= BRUSH_PERIOD_NS:
            self._brush = (command.brush, now_ns)
            self._brush_out.publish(self._bool(data=command.brush))
        self._cmd_vel.publish(messages.command_message(command.motion, now_ns))

    def _publish_state(self, robot: Robot, now_s: float, now_ns: int) -> None:
        report = robot.report()
        if report is None:
            self._await_pose(now_s)
            return
        if not self._clock.due(report, now_s):
            return
        self._sequence += 1
        self._look_for_new_keys()
        message = messages.state_message(
            report, self.configuration, self.boot_id, self._sequence, now_ns
        )
        self._authenticator.sign("robot_states", message)
        self._states.publish(message)
        told = {(str(fault.error_type), fault.description) for fault in report.faults}
        for error_type, description in sorted(told - self._told):
            self._logger.warning(f"{error_type}: {description}")
        self._told = told

    def _look_for_new_keys(self) -> None:
        try:
            self._authenticator.look_for_new_keys()
        except ConfigurationError as error:
            self._logger.error(f"the keys stay as they were: {error}")

    def _await_pose(self, now_s: float) -> None:
        """Without a first pose there is nothing true to report: says so once, on the robot."""
        if self._awaited_since_s is None:
            self._awaited_since_s = now_s
        elif now_s - self._awaited_since_s > POSE_AWAITED_S:
            self._awaited_since_s = math.inf
            topic = PLANT["pose"].named(self.configuration.name)
            self._logger.warning(f"no pose on {topic} yet: start the localiser or the simulator")

    def destroy(self) -> None:
        """Takes the robot off both domains."""
        self._plant_node.destroy_node()
        self._fleet_node.destroy_node()


def node_of(name: str, context: Context) -> Node:
    """A node without parameters and without a log topic."""
    return Node(
        name,
        context=context,
        use_global_arguments=False,
        enable_rosout=False,
        start_parameter_services=False,
    )


def _unused(_: Any) -> None:
    """Subscriptions are read at each tick, not called back."""


def waiting(subscription: Subscription) -> Iterator[Any]:
    """Messages that wait in a subscription, oldest first."""
    with subscription.handle:
        while (
            taken := subscription.handle.take_message(subscription.msg_type, subscription.raw)
        ) is not None:
            yield taken[0]


def _newest(subscription: Subscription) -> Any:
    newest = None
    for message in waiting(subscription):
        newest = message
    return newest
