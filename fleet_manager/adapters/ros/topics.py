"""The topics of the fleet domain, in one table: name, type and QoS (docs/protocol.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic; `name` may hold {robot}, `type` is package/msg/Name, `depth` counts messages."""

    name: str
    type: str
    reliable: bool = True
    transient_local: bool = False
    depth: int = 10

    def named(self, robot: str) -> str:
        """The topic's name for one robot."""
        return self.name.format(robot=robot)


FLEET: Mapping[str, Topic] = {
    "order": Topic("/{robot}/order", "campus_msgs/msg/Order", transient_local=True, depth=1),
    "instant_actions": Topic("/{robot}/instant_actions", "campus_msgs/msg/InstantActions"),
    "robot_states": Topic("/fleet/robot_states", "campus_msgs/msg/RobotState", depth=100),
    "heartbeat": Topic("/fleet/heartbeat", "campus_msgs/msg/Heartbeat", reliable=False, depth=1),
    # Best effort matches whatever a simulator or a sensor's driver offers.
    "zone_conditions": Topic(
        "/fleet/zone_conditions", "campus_msgs/msg/ZoneCondition", reliable=False, depth=100
    ),
    "passages": Topic("/fleet/passages", "campus_msgs/msg/PassageState", depth=200),
    "passage_requests": Topic(
        "/fleet/passage_requests", "campus_msgs/msg/PassageRequest", depth=200
    ),
    "detections": Topic("/fleet/detections", "campus_msgs/msg/Detection", depth=50),
    "acks": Topic("/fleet/acks", "campus_msgs/msg/DetectionAck", depth=100),
    "station_readings": Topic("/fleet/station_readings", "campus_msgs/msg/StationReading"),
    "clock": Topic("/clock", "rosgraph_msgs/msg/Clock", reliable=False),
}
