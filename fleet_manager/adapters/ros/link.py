"""The fleet domain: a thread of its own that joins the event loop to the robots' topics."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import structlog
from rclpy.clock import Clock as RosClock
from rclpy.clock import ClockType
from rclpy.context import Context
from rclpy.exceptions import InvalidHandle
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

from fleet_manager.adapters.ros import messages, sense
from fleet_manager.adapters.ros.clock import SimClock
from fleet_manager.adapters.ros.mailbox import Latest, Unacknowledged
from fleet_manager.adapters.ros.signing import Signer
from fleet_manager.adapters.ros.topics import FLEET, Topic
from fleet_manager.app.detections import Received
from fleet_manager.app.message_keys import KeyRing
from fleet_manager.core.order import InstantAction, Order
from fleet_manager.core.passage import PassageReport, PassageRequest
from fleet_manager.core.report import RobotReport
from fleet_manager.core.station import Reading
from fleet_manager.ports import LinkFailed, ZoneCondition

REPEAT_S = 1.0
WAKE_S = 0.1
START_TIMEOUT_S = 20.0
STOP_TIMEOUT_S = 2.0

log = structlog.get_logger(__name__)


class RosLink:
    """`ports.RobotLink` on ROS 2.

    Between two looks of the event loop only the latest report of a robot is kept. That loses
    nothing that matters, because a RobotState says all there is to know: the sequence id of the
    last node stands for those before it, states of actions stay until the next order, which the
    manager sends only after it has seen the end of this one, and acknowledged ids are the last 64.

    Everything is called in the thread of the event loop, except what begins with `_on`.

    Args:
        domain_id: the fleet domain.
        robots: names in the fleet file; what comes from others is refused.
        campus: id and version of the map that orders are made on.
        zones: ids of the zones whose condition is kept.
        manager_epoch: of the store; is on every message.
        sim_time: take the time from /clock.
        keys: of the robots that are enrolled; None: none is.
    """

    def __init__(
        self,
        *,
        domain_id: int,
        robots: Iterable[str],
        campus: tuple[str, str],
        zones: Iterable[str],
        manager_epoch: int,
        sim_time: bool,
        keys: KeyRing | None = None,
    ) -> None:
        self._signer = None if keys is None else Signer(keys, manager_epoch)
        self._loop = asyncio.get_running_loop()
        self._domain_id = domain_id
        self._robots = tuple(robots)
        self._envelope = messages.Envelope(manager_epoch, *campus)
        self._zones = frozenset(zones)
        self.sim_clock = SimClock(self._loop) if sim_time else None
        self._reports: Latest[RobotReport] = Latest(self._robots)
        self._orders: Latest[Order] = Latest(self._robots)
        self._passage_reports: Latest[PassageReport] = Latest(None)
        self._passage_requests: Latest[PassageRequest] = Latest(None)
        self._detections: Latest[Received] = Latest(None)
        self._readings: Latest[Reading] = Latest(None)
        self._acks: Latest[tuple[str, int]] = Latest(None)
        self._on_detections: Callable[[], None] = _nothing
        self._instant_actions = Unacknowledged(REPEAT_S)
        self._heartbeats_asked = 0
        self._heartbeats_sent = 0
        self._conditions: dict[str, ZoneCondition] = {}
        self._on_report: Callable[[], None] = _nothing
        self._counters: Counter[str] = Counter()
        self._refused_told: set[tuple[str, str]] = set()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._wake: Callable[[], None] = _nothing
        self.ended = asyncio.Event()

    # For the event loop.

    async def start(self) -> None:
        """Join the fleet domain.

        Raises:
            LinkFailed: ROS does not start.
        """
        ready: asyncio.Future[None] = self._loop.create_future()
        self._thread = threading.Thread(
            target=self._run, args=(ready,), name="ros-link", daemon=True
        )
        self._thread.start()
        try:
            await asyncio.wait_for(ready, START_TIMEOUT_S)
        except Exception as error:
            self._stopping.set()
            raise LinkFailed(
                f"ROS does not start in domain {self._domain_id}: {error}",
                "`fleet check` says what is missing",
            ) from error

    async def stop(self) -> None:
        """Leave the fleet domain; returns within STOP_TIMEOUT_S."""
        self._stopping.set()
        self._poke()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, STOP_TIMEOUT_S)
            if self._thread.is_alive():
                log.error("the ROS thread does not end", waited_s=STOP_TIMEOUT_S)

    def tell_reports_to(self, callback: Callable[[], None]) -> None:
        """Have a callback called, in the event loop's thread, now and when reports have come."""
        self._on_report = callback
        callback()

    def take_reports(self) -> list[RobotReport]:
        """What robots reported since the last time, the latest of each."""
        return self._reports.take()

    def take_passage_reports(self) -> list[PassageReport]:
        """What doors, lifts and crossings said since the last time, the latest of each."""
        return self._passage_reports.take()

    def tell_detections_to(self, callback: Callable[[], None]) -> None:
        """Have a callback called, in the event loop's thread, now and when detections have come."""
        self._on_detections = callback
        callback()

    def take_detections(self) -> list[Received]:
        """What cameras told since the last time, the latest of each: they send one at a time."""
        return self._detections.take()

    def take_readings(self) -> list[Reading]:
        """What stations said since the last time, the latest of each quantity."""
        return self._readings.take()

    def acknowledge(self, source: str, sequence: int) -> None:
        """Tell a camera that everything up to a number is committed; it repeats what it misses."""
        self._acks.put(source, (source, sequence))
        self._poke()

    def send_passage_request(self, request: PassageRequest) -> None:
        """Publish a request once."""
        self._passage_requests.put(request.session_id, request)
        self._poke()

    def send_order(self, order: Order) -> None:
        """Publish an order; it replaces one that was not published yet.

        Robots refuse orders of another map than the announced, so that one comes first.
        """
        if order.map_version != self._envelope.map_version:
            self.use_map(order.map_id, order.map_version)
        self._orders.put(order.robot, order)
        self._poke()

    def send_instant_action(self, robot: str, action: InstantAction) -> None:
        """Publish an instant action every second until the robot acknowledges it."""
        self._instant_actions.add(robot, action)
        self._poke()

    def use_map(self, map_id: str, map_version: str, zones: Iterable[str] | None = None) -> None:
        """Announce another version of the map: with a heartbeat, before the next order.

        Args:
            zones: ids of the zones whose condition is kept; None: as before.
        """
        epoch = self._envelope.manager_epoch
        self._envelope = messages.Envelope(epoch, map_id, map_version)
        if zones is not None:
            self._zones = frozenset(zones)
        self.heartbeat()

    @property
    def map_version(self) -> str:
        """Of the map that robots are told."""
        return self._envelope.map_version

    def settle_instant_actions(self, action_ids: Iterable[str]) -> None:
        """Stop repeating instant actions."""
        self._instant_actions.settle(action_ids)

    def heartbeat(self) -> None:
        """Tell robots that the manager works; the loop does so while it lives, not this thread."""
        self._heartbeats_asked += 1
        self._poke()

    @property
    def conditions(self) -> Mapping[str, ZoneCondition]:
        """How clean zones are, by zone id; telemetry, not kept over restarts."""
        return self._conditions

    @property
    def counters(self) -> Mapping[str, int]:
        """What was received, refused, overwritten and sent since the start."""
        return {
            **self._counters,
            "reports_coalesced": self._reports.overwritten,
            "orders_coalesced": self._orders.overwritten,
            "instant_actions_waiting": len(self._instant_actions),
        }

    def _tell_reports(self) -> None:
        self._on_report()

    def _tell_detections(self) -> None:
        self._on_detections()

    def _poke(self) -> None:
        with contextlib.suppress(InvalidHandle):  # the thread has just ended
            self._wake()

    # The ROS thread.

    def _run(self, ready: asyncio.Future[None]) -> None:
        context = Context()
        try:
            context.init(domain_id=self._domain_id)
            node = Node(
                "fleet_manager",
                context=context,
                use_global_arguments=False,
                enable_rosout=False,
                start_parameter_services=False,
            )
            executor = SingleThreadedExecutor(context=context)
            self._join_topics(node)
            executor.add_node(node)
        except Exception as error:
            self._tell_loop(_refuse, ready, error)
            context.try_shutdown()
            return
        self._tell_loop(_accept, ready)
        try:
            self._spin(executor)
        finally:
            self._wake = _nothing
            executor.shutdown(timeout_sec=0.5)
            node.destroy_node()
            context.try_shutdown()
            self._tell_loop(self.ended.set)

    def _spin(self, executor: SingleThreadedExecutor) -> None:
        """Call back until told to stop; one message that cannot be handled does not end it."""
        while not self._stopping.is_set():
            try:
                executor.spin_once(timeout_sec=WAKE_S)
            except ExternalShutdownException:
                log.warning("ROS was shut down from outside")
                return
            except Exception:
                self._counters["callbacks_failed"] += 1
                log.exception("a message was not handled")

    def _join_topics(self, node: Node) -> None:
        def publisher(key: str, robot: str = "") -> Any:
            topic = FLEET[key]
            return node.create_publisher(message_type(topic), topic.named(robot), qos_of(topic))

        def listen(key: str, heard: Callable[[Any], None]) -> None:
            topic = FLEET[key]
            node.create_subscription(message_type(topic), topic.name, heard, qos_of(topic))

        self._order_out = {name: publisher("order", name) for name in self._robots}
        self._instant_out = {name: publisher("instant_actions", name) for name in self._robots}
        self._heartbeat_out = publisher("heartbeat")
        self._passage_out = publisher("passage_requests")
        self._ack_out = publisher("acks")
        listen("robot_states", self._on_robot_state)
        listen("zone_conditions", self._on_zone_condition)
        listen("passages", self._on_passage)
        listen("detections", self._on_detection)
        listen("station_readings", self._on_reading)
        if self.sim_clock is not None:
            listen("clock", self._on_clock)
        guard = node.create_guard_condition(self._on_outgoing)
        self._wake = guard.trigger
        node.create_timer(
            REPEAT_S / 2, self._on_outgoing, clock=RosClock(clock_type=ClockType.STEADY_TIME)
        )

    def _now_s(self) -> float | None:
        if self.sim_clock is None:
            return time.time()
        return self.sim_clock.now_s() if self.sim_clock.started else None

    def _on_outgoing(self) -> None:
        """Publish what waits."""
        now_s = self._now_s()
        if now_s is None:
            return  # before the first /clock nothing can be stamped
        if self._heartbeats_sent < self._heartbeats_asked:
            self._heartbeats_sent = self._heartbeats_asked
            beat = messages.heartbeat_message(self._envelope, self._heartbeats_sent, now_s)
            if self._signer is not None:
                self._signer.sign_for_all("heartbeat", beat)
            self._heartbeat_out.publish(beat)
        for order in self._orders.take():
            make = partial(messages.order_message, order, self._envelope, now_s)
            self._publish("orders", self._order_out[order.robot], make, sign_as="order")
        for robot, actions in self._instant_actions.due(now_s).items():
            make = partial(messages.instant_actions_message, robot, actions, self._envelope, now_s)
            out = self._instant_out[robot]
            self._publish("instant_actions", out, make, sign_as="instant_actions")
        for request in self._passage_requests.take():
            make = partial(messages.passage_request_message, request, self._envelope, now_s)
            self._publish("passage_requests", self._passage_out, make)
        for source, sequence in self._acks.take():
            make = partial(messages.ack_message, source, sequence, self._envelope, now_s)
            self._publish("acks", self._ack_out, make)

    def _publish(
        self, name: str, publisher: Any, make: Callable[[], Any], sign_as: str = ""
    ) -> None:
        """Send one message; one that cannot be made must not keep others from going out."""
        try:
            message = make()
            if sign_as and self._signer is not None:
                self._signer.sign(sign_as, message)
            publisher.publish(message)
        except Exception:
            self._counters[f"{name}_failed"] += 1
            log.exception("not sent", what=name)
        else:
            self._counters[f"{name}_sent"] += 1

    def _on_clock(self, message: Any) -> None:
        assert self.sim_clock is not None
        self.sim_clock.advance(messages.seconds_of(message.clock))

    def _on_robot_state(self, message: Any) -> None:
        self._counters["robot_states"] += 1
        try:
            report = messages.report_of(message)
            if report.robot not in self._order_out:
                raise sense.Garbage("robot", "is not in the fleet file")
            if self._signer is not None:
                self._signer.check("robot_states", message)
        except sense.Garbage as garbage:
            self._refuse("robot_states", str(message.robot)[:64], garbage)
            return
        was_empty = self._reports.put(report.robot, report)
        self._instant_actions.settle(report.acknowledged_action_ids)
        if was_empty:
            self._tell_loop(self._tell_reports)

    def _on_passage(self, message: Any) -> None:
        try:
            report = messages.passage_report_of(message)
        except sense.Garbage as garbage:
            self._refuse("passages", str(message.passage)[:64], garbage)
            return
        if self._passage_reports.put(report.passage, report):
            self._tell_loop(self._tell_reports)

    def _on_detection(self, message: Any) -> None:
        self._counters["detections"] += 1
        try:
            received = messages.detection_of(message)
        except sense.Garbage as garbage:
            self._refuse("detections", str(message.source)[:64], garbage)
            return
        if self._detections.put(received.detection.source, received):
            self._tell_loop(self._tell_detections)

    def _on_reading(self, message: Any) -> None:
        try:
            reading = messages.reading_of(message)
        except sense.Garbage as garbage:
            self._refuse("station_readings", str(message.station)[:64], garbage)
            return
        if self._readings.put(f"{reading.station} {reading.quantity}", reading):
            self._tell_loop(self._tell_detections)

    def _on_zone_condition(self, message: Any) -> None:
        try:
            condition = messages.condition_of(message)
            if condition.zone_id not in self._zones:
                raise sense.Garbage("zone_id", "is not on the map")
        except sense.Garbage as garbage:
            self._refuse("zone_conditions", str(message.zone_id)[:64], garbage)
            return
        self._conditions[condition.zone_id] = condition

    def _refuse(self, topic: str, source: str, garbage: sense.Garbage) -> None:
        """Count what is refused, and tell once what it is."""
        self._counters[f"{topic}_refused"] += 1
        seen = (source, garbage.field)
        if seen not in self._refused_told and len(self._refused_told) < 1000:
            self._refused_told.add(seen)
            log.warning("message refused", topic=topic, source=source, reason=str(garbage))

    def _tell_loop(self, callback: Callable[..., None], *arguments: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(callback, *arguments)
        except RuntimeError:
            self._stopping.set()  # the event loop is closed


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


def _nothing() -> None:
    """Where nobody listens."""


def _accept(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


def _refuse(ready: asyncio.Future[None], error: Exception) -> None:
    if not ready.done():
        ready.set_exception(error)
