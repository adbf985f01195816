"""Watches robots in Gazebo 11 from outside: another client of the server, beside the bridge."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any


class Watcher(threading.Thread):
    """Reads poses and bumpers off Gazebo as another client, beside the bridge.

    Attributes:
        tracks: of each robot: seconds of Gazebo's time, x, y in metres.
        touched: what pressed a robot's bumper.
    """

    def __init__(self, port: int, descriptors: Path, robots: list[str]) -> None:
        super().__init__(daemon=True)
        self.port, self.descriptors, self.robots = port, descriptors, robots
        self.tracks: dict[str, list[tuple[float, float, float]]] = {name: [] for name in robots}
        self.touched: set[tuple[str, str]] = set()
        self.ending = threading.Event()

    def run(self) -> None:
        from campus_gazebo.gazebo11_messages import messages
        from campus_gazebo.gazebo11_transport import GazeboGone, Node

        node = Node(messages(self.descriptors), self.port)
        node.serve_until(lambda: bool(node.world), 120.0, "no world")
        node.subscribe(f"/gazebo/{node.world}/pose/local/info", "PosesStamped", self._on_poses)
        for name in self.robots:
            topic = f"/gazebo/{node.world}/{name}/base_link/bumper"
            node.subscribe(topic, "Contacts", self._on_contacts)
        while not self.ending.is_set():
            try:
                node.serve(0.1)
            except GazeboGone:
                break
        node.close()

    def _on_poses(self, message: Any) -> None:
        now_s = message.time.sec + message.time.nsec * 1e-9
        for pose in message.pose:
            track = self.tracks.get(pose.name)
            if track is not None and (not track or now_s - track[-1][0] > 0.045):
                track.append((now_s, pose.position.x, pose.position.y))

    def _on_contacts(self, message: Any) -> None:
        for contact in message.contact:
            self.touched.add((contact.collision1, contact.collision2))
