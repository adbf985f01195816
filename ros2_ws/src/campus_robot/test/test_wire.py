"""The real process on real topics: a scripted plant and a scripted manager, a domain each."""

from __future__ import annotations

import gc
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile

import campus_msgs.msg as campus
from campus_robot.motion import Motion, Pose
from campus_robot.robot_node import message_type, qos_of
from campus_robot.topics import FLEET, PLANT, Topic
from tests.stopwatch import seconds_to_end

pytestmark = [pytest.mark.ros, pytest.mark.timeout(300)]

START_NS = 1_800_000_000_000_000_000
STEP_NS = 100_000_000
WAIT_S = 60.0
STARTED_WITHIN_S = 240.0
FLEET_FILE = """
fleet: test
kinds:
  security: {skills: [patrol, go_to], footprint_radius_m: 0.4, max_speed_mps: 1.5,
             max_acceleration_mps2: 0.8, max_turn_rate_radps: 1.2}
robots: [{name: r1, kind: security, home: a}]
"""


class Side:
    """One domain as the test sees it: a context, a node and an executor of its own."""

    def __init__(self, name: str, domain_id: int) -> None:
        self.context = Context()
        self.context.init(domain_id=domain_id)
        self.node = Node(
            name, context=self.context, enable_rosout=False, start_parameter_services=False
        )
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)

    def publisher(self, topic: Topic) -> Publisher:
        return self.node.create_publisher(message_type(topic), topic.named("r1"), qos_of(topic))

    def subscribe(self, topic: Topic, heard: Callable[[object], None]) -> None:
        self.node.create_subscription(message_type(topic), topic.named("r1"), heard, qos_of(topic))

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + WAIT_S
        while not condition():
            assert time.monotonic() < end, f"not within {WAIT_S} s: {what}"
            self.executor.spin_once(timeout_sec=0.05)

    def close(self) -> None:
        self.executor.shutdown()
        self.node.destroy_node()
        self.context.try_shutdown()


class Plant(Side):
    """A unicycle that does as told, its readings, and a clock that waits for the robot."""

    def __init__(self, domain_id: int) -> None:
        super().__init__("plant", domain_id)
        self.now_ns = START_NS
        self.pose = Pose(0.0, 0.0, 0.0)
        self.commands: list[tuple[int, Motion]] = []
        keys = ("clock", "odom", "pose", "scan", "battery_state")
        self.out = {key: self.publisher(PLANT[key]) for key in keys}
        self.subscribe(PLANT["cmd_vel"], self._commanded)

    def _commanded(self, message: object) -> None:
        stamp = message.header.stamp  # type: ignore[attr-defined]
        twist = message.twist  # type: ignore[attr-defined]
        stamp_ns = stamp.sec * 1_000_000_000 + stamp.nanosec
        self.commands.append((stamp_ns, Motion(twist.linear.x, twist.angular.z)))

    def step(self) -> None:
        """Publishes the readings and the clock, waits for the command, moves by it.

        A command sent before the robot had matched this subscription is lost: the same clock again
        makes it repeat.
        """
        self._publish()
        asked = time.monotonic()

        def answered() -> bool:
            nonlocal asked
            if time.monotonic() - asked > 0.5:
                asked = time.monotonic()
                self.out["clock"].publish(self.clock)
            return bool(self.commands) and self.commands[-1][0] == self.now_ns

        self.wait(answered, f"cmd_vel stamped {self.now_ns}")
        motion, dt = self.commands[-1][1], STEP_NS / 1e9
        theta = self.pose.theta_rad + motion.w_radps * dt / 2
        self.pose = Pose(
            self.pose.x_m + motion.v_mps * dt * math.cos(theta),
            self.pose.y_m + motion.v_mps * dt * math.sin(theta),
            self.pose.theta_rad + motion.w_radps * dt,
        )
        self.now_ns += STEP_NS

    def _publish(self) -> None:
        stamp = campus.RobotState().header.stamp
        stamp.sec, stamp.nanosec = divmod(self.now_ns, 1_000_000_000)
        odom, pose, scan, battery, clock = (
            message_type(PLANT[key])() for key in ("odom", "pose", "scan", "battery_state", "clock")
        )
        for message in (odom.pose.pose, pose.pose.pose):
            message.position.x, message.position.y = self.pose.x_m, self.pose.y_m
            message.orientation.z = math.sin(self.pose.theta_rad / 2)
            message.orientation.w = math.cos(self.pose.theta_rad / 2)
        motion = self.commands[-1][1] if self.commands else Motion()
        odom.twist.twist.linear.x, odom.twist.twist.angular.z = motion.v_mps, motion.w_radps
        scan.angle_min, scan.angle_increment = -math.pi, 2 * math.pi / 360
        scan.range_min, scan.range_max = 0.05, 20.0
        scan.ranges = [math.inf] * 360
        battery.percentage, battery.voltage = 0.8, 48.0
        for message in (odom, pose, scan, battery):
            message.header.stamp = stamp
        clock.clock = stamp
        self.clock = clock
        self.out["odom"].publish(odom)
        self.out["pose"].publish(pose)
        self.out["scan"].publish(scan)
        self.out["battery_state"].publish(battery)
        self.out["clock"].publish(clock)


class Manager(Side):
    """Sends orders and keeps the states it hears."""

    def __init__(self, domain_id: int) -> None:
        super().__init__("manager", domain_id)
        self.states: list[campus.RobotState] = []
        self.order = self.publisher(FLEET["order"])
        self.instant = self.publisher(FLEET["instant_actions"])
        self.subscribe(FLEET["robot_states"], self.states.append)  # type: ignore[arg-type]

    def hear(self) -> campus.RobotState | None:
        """The newest state, after taking what has arrived."""
        self.executor.spin_once(timeout_sec=0)
        return self.states[-1] if self.states else None


def line_order() -> campus.Order:
    """Ten metres east, then six north, with a patrol point at the end."""
    points = [(0.0, 0.0), (10.0, 0.0), (10.0, 6.0)]
    nodes = [
        campus.OrderNode(
            node_id=f"n{i}",
            sequence_id=2 * i,
            released=True,
            x_m=x,
            y_m=y,
            allowed_deviation_xy_m=0.5,
            level="ground",
        )
        for i, (x, y) in enumerate(points)
    ]
    parameters = {"dwell_s": 1.0, "place": "gate"}
    nodes[-1].actions = [
        campus.Action(
            action_id="p1",
            action_type="patrol_point",
            task_id="t1",
            blocking_type="HARD",
            parameters=[
                campus.ActionParameter(key=key, value_json=json.dumps(value))
                for key, value in parameters.items()
            ],
        )
    ]
    edges = [
        campus.OrderEdge(
            edge_id=f"e{i}",
            sequence_id=2 * i + 1,
            released=True,
            start_node_id=f"n{i}",
            end_node_id=f"n{i + 1}",
            max_speed_mps=1.5,
            width_m=2.0,
        )
        for i in range(2)
    ]
    return campus.Order(
        robot="r1",
        manager_epoch=1,
        order_id="o1",
        map_id="test",
        map_version="v1",
        nodes=nodes,
        edges=edges,
    )


@contextmanager
def robot_process(tmp_path: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    file = tmp_path / "fleet.yaml"
    file.write_text(FLEET_FILE, encoding="utf-8")
    command = [sys.executable, "-m", "campus_robot", "--fleet-file", str(file)]
    process = subprocess.Popen(
        [*command, "--state-dir", str(tmp_path / "state"), *options],
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
def sides(fleet_domain_id: int) -> Iterator[tuple[Plant, Manager]]:
    with ExitStack() as closing:
        plant = Plant(fleet_domain_id + 1)
        closing.callback(plant.close)
        manager = Manager(fleet_domain_id)
        closing.callback(manager.close)
        yield plant, manager
    gc.collect()  # what belongs to a context is gone before the next one, and the interpreter, is


def matched(plant: Plant, manager: Manager) -> None:
    """Waits until the robot is there on every topic."""
    for key in ("clock", "odom", "pose", "scan", "battery_state"):
        plant.wait(lambda key=key: plant.out[key].get_subscription_count() == 1, key)
    plant.wait(lambda: plant.node.count_publishers("/r1/cmd_vel") == 1, "cmd_vel")
    manager.wait(lambda: manager.order.get_subscription_count() == 1, "order")
    manager.wait(lambda: manager.node.count_publishers("/fleet/robot_states") == 1, "states")


def steps_until_heard(
    plant: Plant, manager: Manager, condition: Callable[[campus.RobotState], bool], what: str
) -> None:
    """Steps until a state says so.

    The steps are quicker than DDS finds both ends of a topic, so that they are not counted.
    """
    end = time.monotonic() + WAIT_S
    while (state := manager.hear()) is None or not condition(state):
        assert time.monotonic() < end, f"not within {WAIT_S} s: {what}"
        plant.step()


def test_drives_an_order_to_its_end_and_stops_at_a_signal(
    tmp_path: Path, sides: tuple[Plant, Manager]
) -> None:
    plant, manager = sides
    with robot_process(tmp_path, "--robot", "r1", "--sim-time") as process:
        matched(plant, manager)
        manager.order.publish(line_order())
        steps_until_heard(plant, manager, lambda state: state.order_id == "o1", "the order")
        reached = [state.last_node_id for state in manager.states if state.last_node_id][:1]
        for _ in range(400):
            plant.step()
            state = manager.hear()
            if state is not None and state.last_node_id not in ("", *reached):
                reached.append(state.last_node_id)
            if state is not None and state.order_id == "o1" and not state.order_active:
                break
        assert reached == ["n0", "n1", "n2"]
        state = manager.states[-1]
        assert [(a.action_id, a.task_id, a.status) for a in state.action_states] == [
            ("p1", "t1", "FINISHED")
        ]
        assert state.pose.pose.position.y == pytest.approx(6.0, abs=0.1)
        assert state.boot_id
        # The first states may precede the match of the two sides; none is lost after it.
        sequences = [s.sequence for s in manager.states]
        assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))
        assert math.hypot(plant.pose.x_m - 10, plant.pose.y_m - 6) < 0.1
        # One command for each step of the clock, also while it stood.
        stamps = dict.fromkeys(stamp_ns for stamp_ns, _ in plant.commands)
        assert list(stamps) == list(range(START_NS, plant.now_ns, STEP_NS))
        assert seconds_to_end(process) < 1.0
        assert process.returncode == 0
        assert "Traceback" not in (process.stderr.read() if process.stderr else "")


def test_waits_for_a_door_that_is_not_open_to_it_and_goes_on_when_it_is(
    tmp_path: Path, sides: tuple[Plant, Manager]
) -> None:
    plant, manager = sides
    passages = manager.publisher(FLEET["passages"])
    order = line_order()
    order.nodes[1].passage = "door"

    def says(state: str, robot: str = "") -> None:
        word = campus.PassageState(passage="door", kind="door", state=state, level="ground")
        word.robot, word.session_id = robot, "session-1-1" if robot else ""
        passages.publish(word)

    def steps_until(condition: Callable[[campus.RobotState], bool]) -> None:
        for _ in range(400):
            plant.step()
            state = manager.hear()
            if state is not None and condition(state):
                return
        raise AssertionError("not within 40 simulated seconds")

    def waits(state: campus.RobotState) -> bool:
        return any(each.error_type == "passage_closed" for each in state.errors)

    with robot_process(tmp_path, "--robot", "r1", "--sim-time"):
        matched(plant, manager)
        manager.wait(lambda: passages.get_subscription_count() == 1, "passages")
        says("open", "r2")
        manager.order.publish(order)
        steps_until_heard(plant, manager, lambda state: state.order_id == "o1", "the order")
        steps_until(waits)
        stands_at_m = plant.pose.x_m
        for _ in range(30):
            plant.step()
        assert plant.pose.x_m == pytest.approx(stands_at_m, abs=0.05), "open to another robot"
        assert plant.pose.x_m < 9.0
        says("open", "r1")
        steps_until(lambda state: state.order_id == "o1" and not state.order_active)
        assert not waits(manager.states[-1])
        assert manager.states[-1].last_node_id == "n2"


def test_nothing_of_the_plant_is_visible_in_the_fleet_domain(
    tmp_path: Path, sides: tuple[Plant, Manager]
) -> None:
    plant, manager = sides
    for key in ("cmd_vel", "scan"):
        manager.node.create_subscription(
            message_type(PLANT[key]), PLANT[key].named("r1"), lambda _: None, QoSProfile(depth=1)
        )
    intruder = manager.publisher(PLANT["cmd_vel"])
    with robot_process(tmp_path, "--robot", "r1", "--sim-time"):
        matched(plant, manager)
        steps_until_heard(plant, manager, lambda _: True, "a state")
        manager.wait(lambda: intruder.get_subscription_count() == 1, "its own side's")
        for topic in PLANT.values():
            name = topic.named("r1")
            own = int(name in ("/r1/cmd_vel",))
            assert manager.node.count_publishers(name) == own, name
            assert manager.node.count_subscribers(name) == (
                1 if name in ("/r1/cmd_vel", "/r1/scan") else 0
            ), name
        assert intruder.get_subscription_count() == 1  # its own side's, never the robot's plant
        names = {name for name, _ in plant.node.get_topic_names_and_types()}
        assert not names & {topic.named("r1") for topic in FLEET.values()}


def test_a_robot_that_is_not_in_the_fleet_is_one_clear_line(tmp_path: Path) -> None:
    with robot_process(tmp_path, "--robot", "r9") as process:
        assert process.wait(STARTED_WITHIN_S) == 2
        assert process.stderr is not None
        error = process.stderr.read().strip()
    assert "no robot 'r9'; it has r1" in error
    assert "\n" not in error
