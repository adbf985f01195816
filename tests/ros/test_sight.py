"""A camera on real topics: a fallen person before it reaches the manager, once, whatever breaks."""

from __future__ import annotations

import gc
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import hypot
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("campus_msgs.msg", reason="the ROS workspace is not sourced")

from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

from campus_robot.robot_node import message_type, qos_of
from campus_robot.topics import FLEET, PLANT
from perception.camera import Camera, Mount, Pose, pixel_of
from tests.unit.perception.onnx_models import constant_model, saved

pytestmark = [pytest.mark.ros, pytest.mark.timeout(300)]

WAIT_S = 60.0
ENDED_WITHIN_S = 60.0
START_NS = 1_800_000_000_000_000_000
CAMERA = Camera(
    (480, 640), (460.0, 460.0), (320.0, 240.0), Mount(height_m=0.9, pitch_down_rad=0.15)
)
POSE = Pose(50.0, 20.0, 0.0)
FALLEN = (56.0, 20.5)
CALIBRATION = """
size: [480, 640]
focal_px: [460, 460]
middle_px: [320, 240]
mount: {height_m: 0.9, pitch_down_rad: 0.15}
"""
FLEET_FILE = """
fleet: test
kinds:
  security: {skills: [patrol, go_to], footprint_radius_m: 0.4, max_speed_mps: 1.5,
             max_acceleration_mps2: 0.8, max_turn_rate_radps: 1.2}
robots: [{name: r1, kind: security, home: a}]
"""


class World:
    """The robot's hardware and the manager, as the camera's process meets them."""

    def __init__(self, domain_id: int) -> None:
        self.contexts = []
        self.nodes = []
        self.executors = []
        for number, name in enumerate(("manager", "plant")):
            context = Context()
            context.init(domain_id=domain_id + number)
            node = Node(name, context=context, enable_rosout=False)
            executor = SingleThreadedExecutor(context=context)
            executor.add_node(node)
            self.contexts.append(context)
            self.nodes.append(node)
            self.executors.append(executor)
        self.heard: list[Any] = []
        topic = FLEET["detections"]
        self.nodes[0].create_subscription(
            message_type(topic), topic.name, self.heard.append, qos_of(topic)
        )
        self.acks = self._out(0, FLEET["acks"])
        self.out = {key: self._out(1, PLANT[key]) for key in ("image", "odom", "pose")}
        picture = np.random.default_rng(1).integers(0, 256, (480, 640, 3), dtype=np.uint8)
        self.jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
        self.now_ns = START_NS

    def _out(self, side: int, topic: Any) -> Any:
        kind = message_type(topic)
        return self.nodes[side].create_publisher(kind, topic.named("r1"), qos_of(topic))

    def frame(self) -> None:
        """A fifth of a second passes: readings, and a frame."""
        self.now_ns += 200_000_000
        odometry = message_type(PLANT["odom"])()
        pose = message_type(PLANT["pose"])()
        image = message_type(PLANT["image"])(format="jpeg", data=self.jpeg)
        for each in (odometry, pose, image):
            each.header.stamp.sec = self.now_ns // 1_000_000_000
            each.header.stamp.nanosec = self.now_ns % 1_000_000_000
        odometry.pose.pose.orientation.w = 1.0
        pose.header.frame_id = "map/ground"
        pose.pose.pose.position.x, pose.pose.pose.position.y = POSE.x_m, POSE.y_m
        pose.pose.pose.orientation.w = 1.0
        image.header.frame_id = "r1/camera"
        self.out["odom"].publish(odometry)
        self.out["pose"].publish(pose)
        self.out["image"].publish(image)

    def acknowledge(self, sequence: int) -> None:
        self.acks.publish(message_type(FLEET["acks"])(source="r1", sequence=sequence))

    def wait(self, condition: Callable[[], bool], what: str, *, frames: bool = True) -> None:
        end_s, next_s = time.monotonic() + WAIT_S, 0.0
        while not condition():
            assert time.monotonic() < end_s, f"not within {WAIT_S} s: {what}"
            if frames and time.monotonic() >= next_s:
                self.frame()
                next_s = time.monotonic() + 0.1
            for executor in self.executors:
                executor.spin_once(timeout_sec=0.01)

    def close(self) -> None:
        for executor, node, context in zip(self.executors, self.nodes, self.contexts, strict=True):
            executor.shutdown()
            node.destroy_node()
            context.try_shutdown()


@pytest.fixture
def world(fleet_domain_id: int) -> Iterator[World]:
    made = World(fleet_domain_id)
    yield made
    made.close()
    gc.collect()  # what belongs to a context is gone before the next one, and the interpreter, is


def site(folder: Path) -> list[str]:
    """A model that sees somebody on the ground at FALLEN, calibration, map; the arguments."""
    foot = pixel_of(CAMERA, POSE, (*FALLEN, 0.0))
    assert foot is not None
    output = np.zeros((1, 7, 1680), np.float32)
    # 640 × 480 stretched to 320 × 256.
    x, bottom, width, height = foot[0] / 2, foot[1] * 256 / 480, 60.0, 14.0
    output[0, :4, 7] = x, bottom - height / 2, width, height
    output[0, 5, 7] = 0.9
    picture = {"size": [256, 320], "fit": "stretch"}
    card = saved(folder, constant_model({"output0": output}), input=picture, family="yolov8")
    (folder / "default.yaml").write_text(CALIBRATION)
    (folder / "campus.geojson").write_text(json.dumps({"features": []}))
    (folder / "fleet.yaml").write_text(FLEET_FILE)
    arguments = ["--robot", "r1", "--model", str(card), "--cameras", str(folder)]
    return [*arguments, "--map-dir", str(folder), "--state-dir", str(folder / "state")]


@contextmanager
def watching(arguments: list[str]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "campus_robot.sight", *arguments]
    process = subprocess.Popen(command, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(ENDED_WITHIN_S)


def test_a_detection_is_told_until_it_is_acknowledged_over_a_restart(
    world: World, tmp_path: Path
) -> None:
    arguments = site(tmp_path)
    with watching(arguments) as process:
        world.wait(lambda: len(world.heard) >= 2, "a detection, and the same again")
        process.kill()  # in mid-incident, nothing acknowledged
    first, again = world.heard[:2]
    assert (first.sequence, first.class_name, first.source) == (1, "person_down", "r1")
    assert again == first
    assert hypot(first.position.x - FALLEN[0], first.position.y - FALLEN[1]) <= 1.0
    assert 0 < first.position_stddev_m <= 1.5
    assert (first.level, first.header.frame_id) == ("ground", "map")
    assert START_NS // 10**9 <= first.header.stamp.sec <= world.now_ns // 10**9
    world.heard.clear()
    with watching(arguments):
        world.wait(lambda: bool(world.heard), "the same after a restart", frames=False)
        assert world.heard[0] == first
        world.acknowledge(1)
        world.wait(lambda: world.heard[-1].sequence == 2, "the next, of the new boot")
    assert world.heard[-1].boot_id != first.boot_id


def test_nothing_but_pixelated_pictures_leaves_the_plant_domain(
    world: World, tmp_path: Path
) -> None:
    with watching(site(tmp_path)):
        world.wait(lambda: bool(world.heard), "a detection")
        topics = dict(world.nodes[0].get_topic_names_and_types())
    kinds = {kind for kinds in topics.values() for kind in kinds}
    assert not {kind for kind in kinds if "Image" in kind or "PointCloud" in kind}
    jpeg = bytes(world.heard[0].jpeg)
    assert len(jpeg) < len(world.jpeg) / 10
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    raw = cv2.imdecode(np.frombuffer(world.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    assert raw is not None
    small = cv2.resize(raw, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_AREA)
    fine = [
        each.astype(float) - cv2.blur(each.astype(np.float32), (9, 9)) for each in (picture, small)
    ]
    assert abs(np.corrcoef(fine[0].ravel(), fine[1].ravel())[0, 1]) < 0.1


def test_a_wrong_configuration_is_said_and_ends_it(tmp_path: Path) -> None:
    arguments = site(tmp_path)
    (tmp_path / "given.onnx").write_bytes(b"")
    command = [sys.executable, "-m", "campus_robot.sight", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 2
    assert "campus_perception:" in done.stderr
    assert "given.onnx" in done.stderr
