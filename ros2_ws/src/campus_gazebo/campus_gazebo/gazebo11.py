"""Gazebo 11 as a simulator that moves only when it is told to, over its own transport."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from campus_gazebo.gazebo11_messages import Messages
from campus_gazebo.gazebo11_transport import GazeboGone, Node, Publisher
from campus_gazebo.robot_sdf import SCAN_HZ
from campus_gazebo.simulator import Place, Turn

PHYSICS_STEP_S = 0.005
"""As in the worlds that are exported."""
_ANSWERS_S = 30.0
_SCAN_LATE_S = 0.05
_DROPPED_S = 0.1
_NEAR_S = PHYSICS_STEP_S / 2


class Gazebo11:
    """A running gzserver; see `Simulator`.

    Args:
        messages: of Gazebo.
        port: of its master, on this machine.
        wait_s: for the server to come up.

    Raises:
        GazeboGone: it does not answer in that time.
    """

    def __init__(self, messages: Messages, port: int, wait_s: float = _ANSWERS_S) -> None:
        self._messages = messages
        self._node = _joined(messages, port, wait_s)
        self._node.serve_until(lambda: bool(self._node.world), wait_s, "no world")
        self.places: dict[str, Place] = {}
        self.turns: dict[str, Turn] = {}
        self.touching: set[str] = set()
        self._now_s = 0.0
        self._stamped = False
        self._lidars: dict[str, float] = {}
        self._located_s: dict[str, float] = {}
        self._asked = 0
        self._drives: dict[str, Publisher] = {}
        self._driven: dict[str, tuple[float, float]] = {}
        name = self._topic
        self._node.subscribe(name("pose/local/info"), "PosesStamped", self._on_poses)
        self._control = self._node.advertise(name("world_control"), "WorldControl")
        self._factory = self._node.advertise(name("factory"), "Factory")
        self._modify = self._node.advertise(name("model/modify"), "Model")
        self._node.subscribe(name("response"), "Response", self._on_response)
        self._request = self._node.advertise(name("request"), "Request")
        offers = (self._control, self._factory, self._modify, self._request)
        self._node.serve_until(
            lambda: all(each.is_heard for each in offers) and self._stamped,
            wait_s,
            "it takes no commands",
        )

    @property
    def now_s(self) -> float:
        """Its own time, seconds since its start."""
        return self._now_s

    @property
    def world(self) -> str:
        """The name of its world."""
        return self._node.world

    def spawn(self, models: Mapping[str, tuple[str, Place]]) -> None:
        """Put models into the world; they are there afterwards.

        Raises:
            GazeboGone: they do not appear.
        """
        for name, (sdf, place) in models.items():
            message = self._messages.Factory(sdf=sdf)
            _fill_pose(message.pose, place)
            self._factory.publish(message)
            # One by one: of several at once, only the first gets its sensors.
            self._locate([name], -1.0, f"{name} does not appear")

    def watch(self, robots: Mapping[str, float]) -> None:
        """Read lidar and bumper of robots, and have their wheels driven.

        Raises:
            GazeboGone: a robot has no lidar or drive.
        """
        for name, least_m in robots.items():
            self._lidars[name] = least_m
            scan, bumper = (
                self._topic(f"{name}/base_link/{each}") for each in ("lidar/scan", "bumper")
            )
            self._node.subscribe(scan, "LaserScanStamped", self._on_scan(name))
            self._node.subscribe(bumper, "Contacts", self._on_contacts(name))
            self._drives[name] = self._node.advertise(self._topic(f"{name}/vel_cmd"), "Pose")
        scans = [self._topic(f"{name}/base_link/lidar/scan") for name in robots]
        self._node.serve_until(
            lambda: (
                all(each.is_heard for each in self._drives.values())
                and all(map(self._node.hears, scans))
            ),
            _ANSWERS_S,
            "robots do not take commands",
        )

    def drive(self, robot: str, v_mps: float, w_radps: float) -> None:
        """Have a robot's wheels turn for a forward speed and a turn rate to the left."""
        if self._driven.get(robot) == (v_mps, w_radps):
            return
        self._driven[robot] = (v_mps, w_radps)
        message = self._messages.Pose()
        message.position.x, message.position.y, message.position.z = v_mps, 0.0, 0.0
        _fill_yaw(message.orientation, -w_radps)  # the plugin turns to the right
        self._drives[robot].publish(message)

    def move(self, places: Mapping[str, Place]) -> None:
        """Ask for models to be put elsewhere.

        The server takes this up five times a second of real time, and of several requests for a
        model the last: not for what moves all the time.
        """
        for name, place in places.items():
            message = self._messages.Model(name=name)
            _fill_pose(message.pose, place)
            self._modify.publish(message)

    def advance(self, duration_s: float) -> None:
        """Let time pass; scans that are due within it have come afterwards.

        Raises:
            GazeboGone: the server has ended, or stands still.
        """
        steps = round(duration_s / PHYSICS_STEP_S)
        end_s = self._now_s + steps * PHYSICS_STEP_S
        self.touching.clear()
        self._control.publish(self._messages.WorldControl(multi_step=steps))
        self._node.serve_until(
            lambda: self._now_s >= end_s - _NEAR_S, _ANSWERS_S, f"{steps} steps were not made"
        )
        self._locate(list(self._lidars), end_s - _NEAR_S, "robots do not tell where they are")
        self._await_turns()

    def _locate(self, names: Sequence[str], since_s: float, problem: str) -> None:
        """Wait until it has been said where models are, at some time or later.

        Of poses that are published, the server drops some when the machine is busy: who is missing
        is asked for.

        Raises:
            GazeboGone: it is not said.
        """
        deadline_s = time.monotonic() + _ANSWERS_S
        while missing := [name for name in names if self._located_s.get(name, -2.0) < since_s]:
            asked_s = time.monotonic()
            if asked_s > deadline_s:
                raise GazeboGone(f"Gazebo: {problem}: {missing[0]}", "see the log of gzserver")
            while missing and time.monotonic() < asked_s + _DROPPED_S:
                self._node.serve(_DROPPED_S / 4)
                missing = [name for name in names if self._located_s.get(name, -2.0) < since_s]
            for name in missing:
                self._asked += 1
                self._request.publish(
                    self._messages.Request(id=self._asked, request="entity_info", data=name)
                )

    def _on_response(self, message: Any) -> None:
        """Where a model is that was asked for."""
        if message.type == "gazebo.msgs.Model" and message.request == "entity_info":
            model = self._messages.Model.FromString(message.serialized_data)
            if not model.HasField("pose"):
                return
            self.places[model.name] = _place(model.pose)
            self._located_s[model.name] = self._now_s

    def _await_turns(self) -> None:
        """Wait a moment for lidars whose next turn was within what has been simulated."""
        deadline_s = time.monotonic() + _SCAN_LATE_S
        while time.monotonic() < deadline_s and any(
            turn.at_s + 1.0 / SCAN_HZ < self._now_s + _NEAR_S for turn in self.turns.values()
        ):
            self._node.serve(_SCAN_LATE_S / 10)

    def close(self) -> None:
        """Leave the server."""
        self._node.close()

    def _topic(self, name: str) -> str:
        return f"/gazebo/{self._node.world}/{name}"

    def _on_poses(self, message: Any) -> None:
        self._now_s = message.time.sec + message.time.nsec * 1e-9
        self._stamped = True
        for pose in message.pose:
            if "::" not in pose.name:
                self.places[pose.name] = _place(pose)
                self._located_s[pose.name] = self._now_s

    def _on_scan(self, robot: str) -> Callable[[Any], None]:
        def take(message: Any) -> None:
            scan = message.scan
            ranges = np.array(scan.ranges, dtype=np.float32)
            ranges[ranges >= scan.range_max] = np.inf
            ranges[ranges <= self._lidars[robot] - 0.02] = np.inf
            self.turns[robot] = Turn(message.time.sec + message.time.nsec * 1e-9, ranges)

        return take

    def _on_contacts(self, robot: str) -> Callable[[Any], None]:
        def take(message: Any) -> None:
            if message.contact:
                self.touching.add(robot)

        return take


def _joined(messages: Messages, port: int, wait_s: float) -> Node:
    """A node at the master, as soon as that answers."""
    deadline_s = time.monotonic() + wait_s
    while True:
        try:
            return Node(messages, port)
        except GazeboGone:
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.1)  # a port that nobody listens on yet cannot be waited for


def _place(pose: Any) -> Place:
    q = pose.orientation
    yaw_rad = math.atan2(2 * (q.w * q.z + q.x * q.y), 1 - 2 * (q.y * q.y + q.z * q.z))
    return Place(pose.position.x, pose.position.y, pose.position.z, yaw_rad)


def _fill_pose(pose: Any, place: Place) -> None:
    pose.position.x, pose.position.y, pose.position.z = place.x_m, place.y_m, place.z_m
    _fill_yaw(pose.orientation, place.yaw_rad)


def _fill_yaw(orientation: Any, yaw_rad: float) -> None:
    orientation.x = orientation.y = 0.0
    orientation.z, orientation.w = math.sin(yaw_rad / 2), math.cos(yaw_rad / 2)
