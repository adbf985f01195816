"""The real process on real topics: scripted robots in a domain, a scripted manager in another."""

from __future__ import annotations

import gc
import json
import math
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from house_campus import house
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from small_campus import write_files

from campus_sim.lockstep import GONE_AFTER_S, REMINDER_S
from campus_sim.messages import message_type
from campus_sim.topics import FLEET, PLANT, Topic
from tests.stopwatch import seconds_to_end

pytestmark = [pytest.mark.ros, pytest.mark.timeout(300)]

WAIT_S = 60.0
STARTED_WITHIN_S = 240.0


class Side:
    """One domain as the test sees it."""

    def __init__(self, domain_id: int) -> None:
        self.context = Context()
        self.context.init(domain_id=domain_id)
        self.node = Node(
            "test", context=self.context, enable_rosout=False, start_parameter_services=False
        )
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.clocks: list[int] = []
        self.listen(PLANT["clock"], "", self._on_clock)

    def _on_clock(self, message: Any) -> None:
        self.clocks.append(message.clock.sec * 1_000_000_000 + message.clock.nanosec)

    def listen(self, topic: Topic, robot: str, heard: Callable[[Any], None]) -> None:
        qos = QoSProfile(depth=100, reliability=ReliabilityPolicy.BEST_EFFORT)
        self.node.create_subscription(message_type(topic), topic.named(robot), heard, qos)

    def publisher(self, topic: Topic, robot: str) -> Any:
        return self.node.create_publisher(message_type(topic), topic.named(robot), topic.depth)

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + WAIT_S
        while not condition():
            assert time.monotonic() < end, f"not within {WAIT_S} s: {what}"
            self.executor.spin_once(timeout_sec=0.02)

    def wait_for_reminders(self, count: int) -> None:
        """Until the simulator has told a clock so many times again, of which none is a step."""
        heard = len(self.clocks)
        self.wait(lambda: len(self.clocks) >= heard + count, f"{count} clocks, told again")

    def close(self) -> None:
        self.executor.shutdown()
        self.node.destroy_node()
        self.context.try_shutdown()


class Robots(Side):
    """Both robots: what they hear, and what they say when the test lets them."""

    def __init__(self, domain_id: int) -> None:
        super().__init__(domain_id)
        self.heard: dict[tuple[str, str], list[Any]] = {}
        self.cmd_vel, self.brush = {}, {}
        for robot in ("r1", "r2"):
            for key in ("odom", "pose", "scan", "battery_state"):
                kept = self.heard[robot, key] = []
                self.listen(PLANT[key], robot, kept.append)
            self.cmd_vel[robot] = self.publisher(PLANT["cmd_vel"], robot)
            self.brush[robot] = self.publisher(PLANT["brush"], robot)

    def answer(self, robot: str, speed_mps: float, *, brush: bool = False) -> None:
        """The command for the newest clock."""
        self.brush[robot].publish(message_type(PLANT["brush"])(data=brush))
        message = message_type(PLANT["cmd_vel"])()
        stamp = message.header.stamp
        stamp.sec, stamp.nanosec = divmod(self.clocks[-1], 1_000_000_000)
        message.twist.linear.x = speed_mps
        self.cmd_vel[robot].publish(message)

    def steps(self, count: int, speed_mps: float, robots: tuple[str, ...] = ("r1", "r2")) -> None:
        """Answer so many clocks, each once it has come."""
        for _ in range(count):
            last_ns = self.clocks[-1]
            for robot in robots:
                self.answer(robot, speed_mps, brush=True)
            self.wait(lambda last_ns=last_ns: self.clocks[-1] > last_ns, "the next clock")


@contextmanager
def simulator(tmp_path: Path, *options: str, campus: Any = None) -> Iterator[subprocess.Popen[str]]:
    map_dir, fleet_file = write_files(tmp_path, campus)
    command = [sys.executable, "-m", "campus_sim", "--map-dir", str(map_dir)]
    process = subprocess.Popen(
        [*command, "--wait-for-robots", str(WAIT_S), "--fleet-file", str(fleet_file), *options],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


@pytest.fixture
def sides(fleet_domain_id: int) -> Iterator[tuple[Robots, Side]]:
    with ExitStack() as closing:
        robots = Robots(fleet_domain_id + 1)
        closing.callback(robots.close)
        manager = Side(fleet_domain_id)
        closing.callback(manager.close)
        yield robots, manager
    gc.collect()  # what belongs to a context is gone before the next one, and the interpreter, is


def stamp_ns(message: Any) -> int:
    return message.header.stamp.sec * 1_000_000_000 + message.header.stamp.nanosec


def all_there(robots: Robots) -> int:
    """Waits until both sides have found each other; returns the clock that is held."""
    robots.wait(lambda: bool(robots.clocks), "a clock")
    robots.wait(lambda: all(robots.heard.values()), "a reading on every topic")
    for publisher in (*robots.cmd_vel.values(), *robots.brush.values()):
        robots.wait(lambda p=publisher: p.get_subscription_count() == 1, publisher.topic_name)
    return robots.clocks[0]


def test_the_clock_waits_for_the_answer_of_every_robot(
    tmp_path: Path, sides: tuple[Robots, Side]
) -> None:
    robots, _ = sides
    with simulator(tmp_path, "--speed", "0", "--battery", "r1=0.25") as process:
        start_ns = all_there(robots)
        assert abs(start_ns / 1e9 - time.time()) < 60
        assert robots.heard["r1", "battery_state"][0].percentage == pytest.approx(0.25)
        scan = robots.heard["r1", "scan"][-1]
        assert len(scan.ranges) == 360
        assert scan.angle_min == pytest.approx(-math.pi)

        # One robot alone does not start the clock; the clock is repeated meanwhile.
        robots.answer("r1", 1.0)
        robots.wait_for_reminders(5)
        assert set(robots.clocks) == {start_ns}

        # Each answer of both is one step of 0.1 s.
        robots.answer("r2", 1.0)
        robots.wait(lambda: robots.clocks[-1] > start_ns, "the first step")
        robots.steps(40, speed_mps=1.0)
        stamps = list(dict.fromkeys(robots.clocks))
        assert stamps == list(range(start_ns, stamps[-1] + 1, 100_000_000))
        assert len(stamps) == 42
        odom = robots.heard["r1", "odom"]
        robots.wait(lambda: stamp_ns(odom[-1]) == robots.clocks[-1], "where r1 is by then")
        odometry = odom[-1]
        assert odometry.pose.pose.position.x == pytest.approx(4.1 - 0.5, rel=0.05)

        assert seconds_to_end(process) < 1.0
        assert process.returncode == 0
        assert "Traceback" not in (process.stderr.read() if process.stderr else "")


def test_a_silent_robot_brakes_and_is_waited_for_again_when_heard(
    tmp_path: Path, sides: tuple[Robots, Side]
) -> None:
    robots, manager = sides
    zones: list[Any] = []
    manager.listen(FLEET["zone_conditions"], "", zones.append)
    summary = tmp_path / "summary.json"
    with simulator(tmp_path, "--speed", "0", "--summary", str(summary)) as process:
        all_there(robots)
        manager.wait(lambda: bool(manager.clocks), "a clock on the manager's side")
        robots.steps(19, speed_mps=1.0)
        since_s = time.monotonic()  # before the clock is told that r2 does not answer
        robots.steps(1, speed_mps=1.0)
        held_ns, told = robots.clocks[-1], len(robots.clocks)
        robots.answer("r1", 1.0)
        robots.wait(lambda: robots.clocks[-1] > held_ns, "a step without r2")
        assert time.monotonic() - since_s > GONE_AFTER_S
        # It is not waited for longer either, by what reminds it: a slow machine reminds less often.
        reminders = robots.clocks[told:].count(held_ns)
        assert reminders <= GONE_AFTER_S / REMINDER_S + 1
        robots.steps(20, speed_mps=1.0, robots=("r1",))
        assert robots.heard["r2", "odom"][-1].twist.twist.linear.x == 0.0

        robots.answer("r2", 0.5)
        robots.steps(2, speed_mps=0.5)
        robots.answer("r1", 1.0)
        held_ns = robots.clocks[-1]
        robots.wait_for_reminders(3)
        assert robots.clocks[-1] == held_ns

        manager.wait(lambda: robots.clocks[-1] in manager.clocks, "the clock that robots hear")
        manager.wait(lambda: bool(zones), "how clean the yard is")
        assert {zone.zone_id for zone in zones} == {"yard"}
        assert zones[-1].source == "simulator"
        assert 0 < zones[-1].clean_fraction < 0.1
        seconds_to_end(process, signal.SIGINT)
        assert process.returncode == 0
    found = json.loads(summary.read_text())["robots"]
    assert found["r1"]["distance_m"] > found["r2"]["distance_m"] > 1.5
    assert found["r1"]["collisions"] == 0


def test_a_door_opens_for_the_session_that_asks_and_an_older_manager_is_not_heard(
    tmp_path: Path, sides: tuple[Robots, Side]
) -> None:
    robots, manager = sides
    states: list[Any] = []
    manager.listen(FLEET["passages"], "", states.append)
    requests = manager.publisher(FLEET["passage_requests"], "")

    def ask(session: str, robot: str, epoch: int) -> None:
        request = message_type(FLEET["passage_requests"])()
        request.passage, request.level, request.action = "door", "ground", "open"
        request.session_id, request.robot, request.manager_epoch = session, robot, epoch
        requests.publish(request)

    def word(passage: str) -> tuple[str, str, str, str]:
        last = next(each for each in reversed(states) if each.passage == passage)
        return last.kind, last.state, last.session_id, last.robot

    options = ("--speed", "0", "--fail-passage", "lift")
    with simulator(tmp_path, *options, campus=house()):
        all_there(robots)
        manager.wait(lambda: requests.get_subscription_count() == 1, "who takes requests")
        manager.wait(lambda: {each.passage for each in states} >= {"door", "lift", "road"}, "all")
        assert word("door") == ("door", "closed", "", "")
        assert word("road")[0] == "crossing"
        ask("session-2-1", "r1", 2)
        robots.steps(30, speed_mps=0.0)
        opened = ("door", "open", "session-2-1", "r1")
        manager.wait(lambda: word("door") == opened, "the door open for whom asked")
        ask("session-1-1", "r2", 1)
        asked_s = robots.clocks[-1] // 1_000_000_000
        robots.steps(70, speed_mps=0.0)
        manager.wait(
            lambda: any(
                each.passage == "door" and each.header.stamp.sec > asked_s + 1 for each in states
            ),
            "the door again, after the older manager asked",
        )
        assert word("door") == opened


def test_without_robots_it_waits_no_longer_than_it_is_told_and_ends_on_time(
    tmp_path: Path,
) -> None:
    options = ("--speed", "0", "--wait-for-robots", "0", "--duration", "30")
    with simulator(tmp_path, *options) as process:
        assert process.wait(STARTED_WITHIN_S) == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--battery", "r9=0.5"), "no robot 'r9'; choose from r1, r2"),
        (("--battery", "r1=50"), "'50' is no state of charge"),
        (("--fleet-file", "/nowhere/fleet.yaml"), "/nowhere/fleet.yaml: cannot be read"),
        (("--fail-passage", "gate"), "no door, lift or crossing 'gate'"),
        (("--speed", "fast"), "'fast': give a number above 0, or 0 for no limit"),
        (("--map-dir", "/nowhere"), "/nowhere/campus.geojson: cannot be read"),
    ],
)
def test_what_cannot_be_started_with_is_one_clear_line(
    tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    with simulator(tmp_path, *options) as process:
        assert process.wait(STARTED_WITHIN_S) == 2
        assert process.stderr is not None
        error = process.stderr.read().strip()
    assert said in error
    assert "\n" not in error


def test_simulator_and_robots_have_the_same_topics() -> None:
    robot = pytest.importorskip("campus_robot.topics")
    columns = ("name", "type", "reliable", "depth")
    for key, topic in PLANT.items():
        for column in columns:
            assert getattr(topic, column) == getattr(robot.PLANT[key], column), key
    for column in columns:
        assert getattr(FLEET["passages"], column) == getattr(robot.FLEET["passages"], column)
