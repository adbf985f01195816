"""One camera on ROS: frames and readings from the plant domain, detections to the fleet domain."""

from __future__ import annotations

import math
import os
import time
from dataclasses import replace
from typing import Any
from uuid import uuid4

from rclpy.context import Context

from campus_robot import messages
from campus_robot.robot_node import message_type, node_of, qos_of, waiting
from campus_robot.sight.messages import content_of, detection_message, picture_of, scan_of
from campus_robot.sight.outbox import Outbox
from campus_robot.sight.pace import Pace
from campus_robot.sight.sources import CampusMap, Source
from campus_robot.sight.whereabouts import Fix, Whereabouts
from campus_robot.topics import FLEET, PLANT, Topic
from perception.assets import Scan
from perception.errors import PerceptionError
from perception.runtime.detector import Detector
from perception.runtime.frame import decode_image
from perception.watch import Report, Surroundings, Watch

TOLD_AGAIN_S = 60.0
OLDEST_SCAN_S = 0.5


class SightNode:
    """Watches through one camera.

    Nothing waits in an executor, as in RobotNode: at each step the newest frame is taken, those
    before it are dropped, and what the manager has not acknowledged is sent again.
    """

    def __init__(
        self,
        source: Source,
        detector: Detector,
        campus: CampusMap,
        outbox: Outbox,
        pace: Pace,
        fleet: Context,
        plant: Context,
    ) -> None:
        self.source = source
        self.boot_id = uuid4().hex
        self.frames = 0
        self._detector = detector
        self._campus = campus
        self._outbox = outbox
        self._pace = pace
        self._where = Whereabouts()
        self._battery: float | None = None
        self._scan: tuple[float, Scan] | None = None
        self._watches: dict[str, Watch] = {}
        self._next_s = 0.0
        self._told: dict[str, float] = {}
        self._plant_node = node_of(f"{source.name}_sight", plant)
        self._fleet_node = node_of(f"{source.name}_sight", fleet)
        self._logger = self._fleet_node.get_logger()
        readings = (
            ("image",) if source.fixed else ("image", "odom", "pose", "scan", "battery_state")
        )
        self._readings = {key: self._listen(self._plant_node, PLANT[key]) for key in readings}
        self._acks = self._listen(self._fleet_node, FLEET["acks"])
        topic = FLEET["detections"]
        self._out = self._fleet_node.create_publisher(
            message_type(topic), topic.name, qos_of(topic)
        )

    def _listen(self, node: Any, topic: Topic) -> Any:
        name = topic.named(self.source.name)
        return node.create_subscription(message_type(topic), name, _unused, qos_of(topic))

    def step(self) -> None:
        """Take in what has come, look at the newest frame if it is time, send what waits."""
        now_s = time.monotonic()
        for message in waiting(self._acks):
            if message.source == self.source.name:
                self._outbox.acknowledged(message.sequence)
        self._take_readings()
        if now_s >= self._next_s:
            newest = None
            for message in waiting(self._readings["image"]):
                newest = message
            if newest is not None:
                self._look(newest)
                spent_s = time.monotonic() - now_s
                self._pace.took(spent_s)
                load = os.getloadavg()[0] / (os.cpu_count() or 1)
                self._next_s = now_s + 1 / self._pace.rate_hz(self._battery, load)
        due = self._outbox.due(time.monotonic())
        if due is not None:
            self._out.publish(detection_message(self.source.name, *due))

    def _take_readings(self) -> None:
        if self.source.fixed:
            return
        for message in waiting(self._readings["odom"]):
            self._where.odometry(_seconds(message.header), messages.pose_of(message.pose.pose))
        for message in waiting(self._readings["pose"]):
            self._where.localised(
                Fix(
                    _seconds(message.header),
                    messages.pose_of(message.pose.pose),
                    tuple(messages.planar_covariance(message.pose)),
                    messages.level_of(message.header.frame_id),
                )
            )
        for message in waiting(self._readings["scan"]):
            self._scan = (_seconds(message.header), scan_of(messages.scan_of(message)))
        for message in waiting(self._readings["battery_state"]):
            charge = messages.battery_of(message).state_of_charge
            self._battery = None if math.isnan(charge) else charge

    def _look(self, message: Any) -> None:
        """Look at a frame; what cannot be used is told, not raised: the next may be better."""
        try:
            stamp_ns = message.header.stamp.sec * messages.NANOSECONDS
            stamp_ns += message.header.stamp.nanosec
            around = self._around(stamp_ns / messages.NANOSECONDS)
            if around is None and not self.source.fixed:
                self._tell("no pose of the robot at the time of its frames; start the localiser")
                return
            frame = decode_image(bytes(message.data), stamp_ns, message.header.frame_id)
            watched = self._watch()(frame, around)
        except PerceptionError as error:
            self._tell(f"{error}; {error.remedy}")
            return
        self.frames += 1
        for report in watched.reports:
            self._keep(report)

    def _around(self, time_s: float) -> Surroundings | None:
        around = None if self.source.fixed else self._where.at(time_s)
        if around is None or self._scan is None or abs(self._scan[0] - time_s) > OLDEST_SCAN_S:
            return around
        return replace(around, scan=self._scan[1])

    def _level(self) -> str:
        return self.source.level or self._where.level or "ground"

    def _watch(self) -> Watch:
        """The watch of the level that the camera is on: another level has other assets."""
        level = self._level()
        if level not in self._watches:
            assets = self._campus.assets(level)
            fixed, camera = self.source.fixed, self.source.camera
            self._watches = {level: Watch(self._detector, camera, assets, fixed=fixed)}
        return self._watches[level]

    def _keep(self, report: Report) -> None:
        content = content_of(report, self.boot_id, self._level())
        sequence = self._outbox.add(content, picture_of(report.picture))
        if not report.again:
            what = f"{report.name} {report.asset_id}".strip()
            place = report.place
            self._logger.info(f"detection {sequence}: {what} at {place.x_m:.1f}, {place.y_m:.1f}")

    def _tell(self, problem: str) -> None:
        """Log a problem, once a minute."""
        now_s = time.monotonic()
        if now_s - self._told.get(problem, -TOLD_AGAIN_S) >= TOLD_AGAIN_S:
            self._told[problem] = now_s
            self._logger.warning(problem)

    def destroy(self) -> None:
        """Takes the camera off both domains."""
        self._plant_node.destroy_node()
        self._fleet_node.destroy_node()
        self._outbox.close()


def _seconds(header: Any) -> float:
    return float(header.stamp.sec) + header.stamp.nanosec / messages.NANOSECONDS


def _unused(_: Any) -> None:
    """Subscriptions are read at each step, not called back."""
