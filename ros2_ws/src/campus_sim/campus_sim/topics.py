"""The topics the simulator uses, in one table: name, type and QoS (docs/protocol.md)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT_FLEET_DOMAIN_ID = 42


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic; `name` may hold {robot}, `type` is package/msg/Name, `depth` counts messages."""

    name: str
    type: str
    reliable: bool = True
    depth: int = 10

    def named(self, robot: str) -> str:
        """The topic's name for one robot."""
        return self.name.format(robot=robot)


FLEET: Mapping[str, Topic] = {
    "clock": Topic("/clock", "rosgraph_msgs/msg/Clock", reliable=False),
    "zone_conditions": Topic(
        "/fleet/zone_conditions", "campus_msgs/msg/ZoneCondition", reliable=False, depth=100
    ),
    "passages": Topic("/fleet/passages", "campus_msgs/msg/PassageState", depth=200),
    "passage_requests": Topic(
        "/fleet/passage_requests", "campus_msgs/msg/PassageRequest", depth=200
    ),
}

PLANT: Mapping[str, Topic] = {
    "clock": Topic("/clock", "rosgraph_msgs/msg/Clock", reliable=False),
    "odom": Topic("/{robot}/odom", "nav_msgs/msg/Odometry", reliable=False, depth=1),
    "pose": Topic(
        "/{robot}/pose", "geometry_msgs/msg/PoseWithCovarianceStamped", reliable=False, depth=1
    ),
    "scan": Topic("/{robot}/scan", "sensor_msgs/msg/LaserScan", reliable=False, depth=1),
    "image": Topic(
        "/{robot}/camera/image/compressed",
        "sensor_msgs/msg/CompressedImage",
        reliable=False,
        depth=1,
    ),
    "battery_state": Topic(
        "/{robot}/battery_state", "sensor_msgs/msg/BatteryState", reliable=False, depth=1
    ),
    "cmd_vel": Topic("/{robot}/cmd_vel", "geometry_msgs/msg/TwistStamped"),
    "brush": Topic("/{robot}/brush", "std_msgs/msg/Bool"),
}


def fleet_domain_id(environment: Mapping[str, str] = os.environ) -> int:
    """ROS domain that joins manager and robots."""
    text = environment.get("CAMPUS_FLEET_DOMAIN_ID") or environment.get("ROS_DOMAIN_ID")
    return int(text) if text else DEFAULT_FLEET_DOMAIN_ID


def plant_domain_id(environment: Mapping[str, str] = os.environ) -> int:
    """ROS domain that joins the robots and the simulator."""
    text = environment.get("CAMPUS_PLANT_DOMAIN_ID")
    return int(text) if text else fleet_domain_id(environment) + 1
