"""The simulator's ends of all topics: readings and clock out, commands in, a domain each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rclpy.context import Context
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription
from rosgraph_msgs.msg import Clock

from campus_sim.body import Command
from campus_sim.dirt import DirtGrid
from campus_sim.messages import (
    NANOSECONDS,
    ReadingMessages,
    message_type,
    passage_request_of,
    passage_state,
    picture_message,
    time_of,
    zone_condition,
)
from campus_sim.passages import Unit
from campus_sim.sensors import Reading
from campus_sim.topics import FLEET, PLANT, Topic
from fleet_manager.core.passage import PassageRequest

if TYPE_CHECKING:
    from campus_sim.cameras import Picture

READINGS = ("odom", "pose", "scan", "battery_state")


class Wire:
    """Speaks for the plant of all robots.

    Commands are taken when they are asked for, in this thread; nothing runs in an executor.

    Args:
        fleet: context in the fleet domain.
        plant: context in the plant domain.
        robots: the messages of each robot by its name.
        cameras: robots and fixed cameras whose pictures are published.
    """

    def __init__(
        self,
        fleet: Context,
        plant: Context,
        robots: Mapping[str, ReadingMessages],
        cameras: Iterable[str] = (),
    ) -> None:
        self._messages = robots
        self._plant = plant
        self._plant_node = _node(plant)
        self._fleet_node = _node(fleet)
        self._clocks = [
            _publisher(self._plant_node, PLANT["clock"], ""),
            _publisher(self._fleet_node, FLEET["clock"], ""),
        ]
        self._zones = _publisher(self._fleet_node, FLEET["zone_conditions"], "")
        self._passages = _publisher(self._fleet_node, FLEET["passages"], "")
        self._requests = _subscription(self._fleet_node, FLEET["passage_requests"], "")
        self._out = {
            (name, key): _publisher(self._plant_node, PLANT[key], name)
            for name in robots
            for key in READINGS
        }
        self._pictures = {
            name: _publisher(self._plant_node, PLANT["image"], name) for name in cameras
        }
        self._commands = {
            name: _subscription(self._plant_node, PLANT["cmd_vel"], name) for name in robots
        }
        self._brushes = {
            name: _subscription(self._plant_node, PLANT["brush"], name) for name in robots
        }
        self._brush_on = dict.fromkeys(robots, False)
        self._clock = Clock()

    def publish(self, readings: Mapping[str, Reading], stamp_ns: int) -> None:
        """Readings of a step, then its clock."""
        stamp = time_of(stamp_ns)
        for name, reading in readings.items():
            for key, message in self._messages[name].fill(reading, stamp):
                self._out[name, key].publish(message)
        self.publish_clock(stamp_ns)

    def publish_clock(self, stamp_ns: int) -> None:
        """The clock alone: a reminder."""
        self._clock.clock = time_of(stamp_ns)
        for publisher in self._clocks:
            publisher.publish(self._clock)

    def publish_picture(self, picture: Picture, stamp_ns: int) -> None:
        """What a camera saw; it stays in the plant domain."""
        message = picture_message(picture.camera, picture.jpeg, time_of(stamp_ns))
        self._pictures[picture.camera].publish(message)

    def publish_zones(self, grids: Iterable[tuple[str, DirtGrid]], stamp_ns: int) -> None:
        """How clean zones are."""
        stamp = time_of(stamp_ns)
        for zone_id, grid in grids:
            self._zones.publish(zone_condition(zone_id, grid, stamp))

    def publish_passages(self, units: Iterable[Unit], stamp_ns: int) -> None:
        """How doors, lifts and crossings are."""
        stamp = time_of(stamp_ns)
        for unit in units:
            self._passages.publish(passage_state(unit, stamp))

    def take_requests(self) -> Iterator[tuple[PassageRequest, int]]:
        """What doors, lifts and crossings are asked for, with the epoch of the manager."""
        for message in _taken(self._requests):
            request = passage_request_of(message)
            if request is not None:
                yield request, message.manager_epoch

    def wait(self, names: Iterable[str], timeout_s: float) -> None:
        """Until a command of one of these robots is there, or the time is over."""
        handles = [self._commands[name].handle for name in names]
        wait_set = rclpy_implementation.WaitSet(len(handles), 0, 0, 0, 0, 0, self._plant.handle)
        wait_set.clear_entities()
        for handle in handles:
            wait_set.add_subscription(handle)
        wait_set.wait(int(timeout_s * NANOSECONDS))

    def take(self, names: Iterable[str]) -> Iterator[tuple[str, int, Command]]:
        """The commands of robots that have come, with the clock that each was computed for."""
        for name in names:
            for message in _taken(self._commands[name]):
                # A robot sends its brush before the command of the same tick.
                for brush in _taken(self._brushes[name]):
                    self._brush_on[name] = brush.data
                stamp, twist = message.header.stamp, message.twist
                stamp_ns = stamp.sec * NANOSECONDS + stamp.nanosec
                command = Command(twist.linear.x, twist.angular.z, self._brush_on[name])
                yield name, stamp_ns, command

    def is_there(self, name: str) -> bool:
        """Whether anyone offers this robot's commands."""
        return bool(self._commands[name].get_publisher_count() > 0)

    def log(self, text: str) -> None:
        """Tell the log."""
        self._fleet_node.get_logger().info(text)

    def close(self) -> None:
        """Leave both domains."""
        self._plant_node.destroy_node()
        self._fleet_node.destroy_node()


def _node(context: Context) -> Node:
    return Node(
        "campus_sim",
        context=context,
        use_global_arguments=False,
        enable_rosout=False,
        start_parameter_services=False,
    )


def _qos(topic: Topic) -> QoSProfile:
    reliability = ReliabilityPolicy.RELIABLE if topic.reliable else ReliabilityPolicy.BEST_EFFORT
    return QoSProfile(depth=topic.depth, reliability=reliability)


def _publisher(node: Node, topic: Topic, robot: str) -> Any:
    return node.create_publisher(message_type(topic), topic.named(robot), _qos(topic))


def _subscription(node: Node, topic: Topic, robot: str) -> Subscription:
    return node.create_subscription(
        message_type(topic), topic.named(robot), lambda _: None, _qos(topic)
    )


def _taken(subscription: Subscription) -> Iterator[Any]:
    """Messages that wait in a subscription, oldest first."""
    with subscription.handle:
        while (
            taken := subscription.handle.take_message(subscription.msg_type, subscription.raw)
        ) is not None:
            yield taken[0]
