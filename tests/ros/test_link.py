"""The manager's link on real topics: what it sends is what robots understand, and back."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import math
import os
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest

pytest.importorskip("campus_msgs.msg", reason="the ROS workspace is not sourced")

from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rosgraph_msgs.msg import Clock

from campus_robot.sight.messages import detection_message
from campus_robot.topics import FLEET as ROBOT_TOPICS
from fleet_manager.adapters.ros import messages
from fleet_manager.adapters.ros.link import RosLink, message_type, qos_of
from fleet_manager.adapters.ros.topics import FLEET
from fleet_manager.app.detections import Received
from fleet_manager.core.detection import Detection
from fleet_manager.core.order import InstantAction, InstantActionType, Order, OrderNode
from fleet_manager.core.passage import (
    PassageAction,
    PassageReport,
    PassageRequest,
    PassageStatus,
)
from fleet_manager.core.report import OperatingMode, RobotReport
from tests.ros.wire import passage_message, state_message
from tests.stopwatch import Stopwatch

pytestmark = [pytest.mark.ros, pytest.mark.anyio]

START_S = 1_800_000_000.0
WAIT_S = 60.0
EPOCH = 7
MAP = ("test", "0123456789abcdef")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Robots:
    """The other side of the fleet domain."""

    def __init__(self, domain_id: int) -> None:
        self.context = Context()
        self.context.init(domain_id=domain_id)
        self.node = Node(
            "robots", context=self.context, enable_rosout=False, start_parameter_services=False
        )
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)

    def publisher(self, key: str) -> Any:
        topic = FLEET[key]
        return self.node.create_publisher(message_type(topic), topic.name, qos_of(topic))

    def listen(self, key: str, robot: str = "r1") -> list[Any]:
        heard: list[Any] = []
        topic = ROBOT_TOPICS[key]
        name = topic.named(robot)
        self.node.create_subscription(
            message_type(FLEET[key]), name, heard.append, qos_of(FLEET[key])
        )
        return heard

    async def wait(self, condition: Callable[[], Any], what: str, within_s: float = WAIT_S) -> None:
        end = time.monotonic() + within_s
        while not condition():
            assert time.monotonic() < end, f"not within {within_s} s: {what}"
            self.executor.spin_once(timeout_sec=0.0)
            await asyncio.sleep(0.005)

    def close(self) -> None:
        self.executor.shutdown()
        self.node.destroy_node()
        self.context.try_shutdown()


async def line_of_states(robots: Robots, link: RosLink) -> tuple[Any, int]:
    """A publisher of states that the link hears, and how many it has heard by then.

    What is sent before both sides have matched is lost, so this asks until the link has heard.
    """
    states = robots.publisher("robot_states")
    for probe in range(1, 1000):
        states.publish(state_message(simple_report("r2", sequence=probe)))
        with contextlib.suppress(AssertionError):
            await robots.wait(partial(heard_of, link, probe), "a probe", within_s=0.2)
            return states, link.counters["robot_states"]
    raise AssertionError("the link does not listen")


def heard_of(link: RosLink, sequence: int) -> bool:
    return any(report.sequence == sequence for report in link.take_reports())


def new_link(domain_id: int, *, sim_time: bool = False) -> RosLink:
    return RosLink(
        domain_id=domain_id,
        robots=["r1", "r2"],
        campus=MAP,
        zones=["lobby"],
        manager_epoch=EPOCH,
        sim_time=sim_time,
    )


@pytest.fixture
async def robots(fleet_domain_id: int) -> AsyncIterator[Robots]:
    robots = Robots(fleet_domain_id)
    yield robots
    robots.close()
    gc.collect()  # what belongs to a context is gone before the next one, and the interpreter, is


@pytest.fixture
async def link(fleet_domain_id: int) -> AsyncIterator[RosLink]:
    link = new_link(fleet_domain_id)
    await link.start()
    yield link
    watch = Stopwatch(os.getpid())
    ending = asyncio.ensure_future(link.stop())
    while not ending.done():
        watch.sample()
        await asyncio.wait([ending], timeout=0.005)
    await ending
    assert watch.seconds() < 1.0, "the link ends within a second"


def simple_report(robot: str = "r1", sequence: int = 1, **changes: Any) -> RobotReport:
    fields: dict[str, Any] = {
        "robot": robot,
        "kind": "security",
        "boot_id": "b1",
        "sequence": sequence,
        "stamp_s": START_S,
        "x_m": 1.0,
        "y_m": 2.0,
        "yaw_rad": 0.5,
        "level": "ground",
    }
    return RobotReport(**(fields | changes))


def simple_order(update: int, robot: str = "r1") -> Order:
    node = OrderNode("a", 0, True, 0.0, 0.0, "ground")
    return Order(robot, "o1", update, *MAP, nodes=(node,))


async def test_an_order_reaches_a_robot_that_starts_later(link: RosLink, robots: Robots) -> None:
    link.send_order(simple_order(0))
    link.send_order(simple_order(1, "r2"))
    await robots.wait(lambda: link.counters.get("orders_sent") == 2, "two orders sent")
    heard = robots.listen("order")
    await robots.wait(lambda: heard, "the order")
    assert (heard[0].robot, heard[0].order_update_id) == ("r1", 0)
    assert heard[0].manager_epoch == EPOCH
    assert (heard[0].map_id, heard[0].map_version) == MAP


async def test_of_orders_that_wait_the_last_is_sent(link: RosLink, robots: Robots) -> None:
    heard = robots.listen("order")
    for update in range(50):
        link.send_order(simple_order(update))
    await robots.wait(lambda: heard and heard[-1].order_update_id == 49, "the last update")
    updates = [message.order_update_id for message in heard]
    assert updates == sorted(updates)


async def test_an_instant_action_is_repeated_until_it_is_acknowledged(
    link: RosLink, robots: Robots
) -> None:
    stop = InstantAction("a1", InstantActionType.EMERGENCY_STOP, {"by": "ana", "reason": "test"})
    link.send_instant_action("r1", stop)
    heard = robots.listen("instant_actions")
    await robots.wait(lambda: len(heard) >= 2, "the action and its repetition")
    assert [action.action_id for action in heard[0].actions] == ["a1"]
    assert {p.key: p.value_json for p in heard[0].actions[0].parameters} == {
        "by": '"ana"',
        "reason": '"test"',
    }
    assert link.counters["instant_actions_waiting"] == 1
    states, _ = await line_of_states(robots, link)
    states.publish(state_message(simple_report(acknowledged_action_ids=("a1",))))
    await robots.wait(lambda: not link.counters["instant_actions_waiting"], "the end of it")


async def test_reports_arrive_and_the_latest_of_a_robot_is_kept(
    link: RosLink, robots: Robots
) -> None:
    states, before = await line_of_states(robots, link)
    sent = [simple_report(sequence=n) for n in range(1, 21)] + [simple_report("r2")]
    for report in sent:
        states.publish(state_message(report))
    await robots.wait(lambda: link.counters["robot_states"] == before + len(sent), "all reports")
    assert link.take_reports() == sent[-2:]
    assert link.take_reports() == []
    assert link.counters["reports_coalesced"] >= 19


async def test_garbage_is_refused_and_counted_and_what_follows_is_heard(
    link: RosLink, robots: Robots
) -> None:
    states, before = await line_of_states(robots, link)
    wrong = [
        simple_report(x_m=math.nan),
        simple_report(battery=1.5),
        simple_report(speed_mps=math.inf),
        simple_report("stranger"),
        simple_report(footprint_radius_m=-1.0),
        simple_report(boot_id="b" * 1000),
    ]
    for report in wrong:
        states.publish(state_message(report))
    lying = state_message(simple_report())
    lying.pose.pose.orientation.w = 0.0
    lying.pose.pose.orientation.z = 0.0
    states.publish(lying)
    right = simple_report(operating_mode=OperatingMode.SERVICE)
    states.publish(state_message(right))
    await robots.wait(lambda: link.counters["robot_states"] == before + 8, "all reports")
    assert link.counters["robot_states_refused"] == 7
    (report,) = link.take_reports()
    assert report.operating_mode is OperatingMode.SERVICE


async def test_the_event_loop_is_told_of_reports(fleet_domain_id: int, robots: Robots) -> None:
    told = asyncio.Event()
    link = new_link(fleet_domain_id)
    await link.start()
    link.tell_reports_to(told.set)
    told.clear()
    try:
        await line_of_states(robots, link)
        await asyncio.wait_for(told.wait(), WAIT_S)
    finally:
        await link.stop()


async def test_heartbeats_are_the_loops_not_the_threads(link: RosLink, robots: Robots) -> None:
    heard = robots.listen("heartbeat")

    def beat() -> bool:
        link.heartbeat()
        return len(heard) >= 2

    await robots.wait(beat, "heartbeats")
    assert heard[0].manager_epoch == EPOCH
    assert (heard[0].map_id, heard[0].map_version) == MAP
    assert heard[0].sequence < heard[1].sequence


async def test_simulated_time_is_waited_for_and_stamps_what_is_sent(
    fleet_domain_id: int, robots: Robots
) -> None:
    link = new_link(fleet_domain_id, sim_time=True)
    await link.start()
    try:
        assert link.sim_clock is not None
        clock = robots.publisher("clock")
        heard = robots.listen("order")
        link.send_order(simple_order(0))
        sim_clock = link.sim_clock
        assert not sim_clock.started

        def shown(time_s: float) -> bool:
            """Best effort may lose a message: the simulator says it again."""
            clock.publish(Clock(clock=messages.time_of(time_s)))
            return sim_clock.started and sim_clock.now_s() == time_s

        await robots.wait(lambda: shown(START_S), "the first time")
        await asyncio.wait_for(sim_clock.wait_for_start(), WAIT_S)
        await robots.wait(lambda: heard, "the order")
        assert messages.seconds_of(heard[0].header.stamp) == START_S
        later = asyncio.ensure_future(sim_clock.wait_until(START_S + 0.5))
        await robots.wait(lambda: shown(START_S + 0.25), "time goes on")
        assert not later.done()
        await robots.wait(lambda: shown(START_S + 0.5), "time goes on")
        await asyncio.wait_for(later, WAIT_S)
    finally:
        await link.stop()


async def test_what_passages_say_arrives_and_garbage_is_refused(
    link: RosLink, robots: Robots
) -> None:
    passages = robots.publisher("passages")
    heard: dict[str, PassageReport] = {}

    def said(report: PassageReport) -> bool:
        """Asks until it was heard: what is sent before both sides have matched is lost."""
        passages.publish(passage_message(report))
        heard.update((each.passage, each) for each in link.take_passage_reports())
        return heard.get(report.passage) == report

    closed = PassageReport("door", PassageStatus.CLOSED, "ground", stamp_s=START_S)
    await robots.wait(lambda: said(closed), "the door's word")
    ajar = passage_message(closed)
    ajar.state = "ajar"
    passages.publish(ajar)
    opened = PassageReport("door", PassageStatus.OPEN, "ground", "session-7-1", "r1", START_S)
    await robots.wait(lambda: said(opened), "its next word")
    assert link.counters["passages_refused"] == 1


async def test_a_request_reaches_the_passages_with_the_managers_epoch(
    link: RosLink, robots: Robots
) -> None:
    request = PassageRequest("lift", "session-7-1", "r1", "l2", PassageAction.OPEN)
    heard: list[Any] = []
    topic = FLEET["passage_requests"]
    robots.node.create_subscription(message_type(topic), topic.name, heard.append, qos_of(topic))

    def asked() -> bool:
        link.send_passage_request(request)
        return bool(heard)

    await robots.wait(asked, "the request")
    message = heard[0]
    assert (message.passage, message.session_id, message.robot, message.level, message.action) == (
        "lift",
        "session-7-1",
        "r1",
        "l2",
        "open",
    )
    assert message.manager_epoch == EPOCH


async def test_conditions_of_known_zones_are_kept(link: RosLink, robots: Robots) -> None:
    conditions = robots.publisher("zone_conditions")

    def say(zone: str, clean: float) -> None:
        message = message_type(FLEET["zone_conditions"])()
        message.zone_id, message.source = zone, "simulator"
        message.area_m2, message.clean_fraction = 12.0, clean
        conditions.publish(message)

    def probed() -> bool:
        say("lobby", 0.0)
        return "lobby" in link.conditions

    await robots.wait(probed, "the link listens")
    for zone, clean in (("lobby", 0.5), ("nowhere", 0.5), ("lobby", math.nan), ("lobby", 0.75)):
        say(zone, clean)
    await robots.wait(lambda: link.conditions["lobby"].clean_fraction == 0.75, "the last one")
    assert list(link.conditions) == ["lobby"]
    assert link.counters["zone_conditions_refused"] == 2


async def test_detections_arrive_and_are_acknowledged_with_the_managers_epoch(
    link: RosLink, robots: Robots
) -> None:
    detections = robots.publisher("detections")
    acks = robots.listen("acks")
    content = json.dumps(
        {
            "boot_id": "boot",
            "class_name": "person_down",
            "score": 0.8,
            "track_id": "4",
            "asset_id": "",
            "level": "ground",
            "stamp_ns": round(START_S) * 10**9,
            "x_m": 1.5,
            "y_m": -2.5,
            "stddev_m": 0.5,
        }
    )
    heard: list[Received] = []

    def told() -> bool:
        detections.publish(detection_message("r1", 7, content, b"\xff\xd8\xff picture"))
        heard.extend(link.take_detections())
        return bool(heard)

    await robots.wait(told, "a detection")
    received = heard[0]
    assert received.jpeg == b"\xff\xd8\xff picture"
    assert received.detection == Detection(
        source="r1",
        boot_id="boot",
        sequence=7,
        class_name="person_down",
        score=pytest.approx(0.8),
        x_m=1.5,
        y_m=-2.5,
        stddev_m=0.5,
        level="ground",
        seen_s=START_S,
        track_id="4",
    )

    def acknowledged() -> bool:
        link.acknowledge("r1", 7)
        return bool(acks)

    await robots.wait(acknowledged, "the acknowledgement")
    assert (acks[0].source, acks[0].sequence, acks[0].manager_epoch) == ("r1", 7, EPOCH)
    before = link.counters["detections"]
    broken = detection_message("r1", 8, content, b"no picture")
    detections.publish(broken)
    await robots.wait(lambda: link.counters["detections"] > before, "a damaged one")
    assert link.counters["detections_refused"] == 1
