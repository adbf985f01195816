"""Fills ROS messages with readings; each robot's messages are made once and used again."""

from __future__ import annotations

import array
import importlib
import math
from typing import Any

from builtin_interfaces.msg import Time
from geometry_msgs.msg import PoseWithCovarianceStamped
from nav_msgs.msg import Odometry
from sensor_msgs.msg import BatteryState, CompressedImage, LaserScan

import campus_msgs.msg as campus
from campus_sim import raycast, sensors
from campus_sim.battery import BatteryReading
from campus_sim.dirt import DirtGrid
from campus_sim.noise import Noise
from campus_sim.passages import Unit
from campus_sim.topics import Topic
from fleet_manager.core.config import BatterySpec
from fleet_manager.core.passage import PassageAction, PassageRequest

NANOSECONDS = 1_000_000_000
SOURCE = "simulator"
SCAN_PERIOD_S = sensors.SCAN_EVERY / 10
_YAW = 35  # of the 36 covariances
_ODOMETRY_VARIANCE = 1e-4


def message_type(topic: Topic) -> Any:
    """The message class of a topic of the table."""
    package, _, name = topic.type.partition("/msg/")
    return getattr(importlib.import_module(f"{package}.msg"), name)


def time_of(stamp_ns: int) -> Time:
    """A stamp from nanoseconds."""
    return Time(sec=stamp_ns // NANOSECONDS, nanosec=stamp_ns % NANOSECONDS)


class ReadingMessages:
    """The messages of one robot's sensors.

    Args:
        robot: its name; the frames are named after it.
        noise: what the covariances say.
        battery: of its kind.
    """

    def __init__(self, robot: str, noise: Noise, battery: BatterySpec) -> None:
        self.odom = Odometry()
        self.odom.header.frame_id = f"{robot}/odom"
        self.odom.child_frame_id = f"{robot}/base_link"
        for covariance in (self.odom.pose.covariance, self.odom.twist.covariance):
            covariance[[0, 7, _YAW]] = _ODOMETRY_VARIANCE
        self.pose = PoseWithCovarianceStamped()
        self.pose.header.frame_id = "map"
        self.pose.pose.covariance[[0, 7]] = max(noise.pose_m, 1e-3) ** 2
        self.pose.pose.covariance[_YAW] = max(noise.pose_rad, 1e-3) ** 2
        self.scan = LaserScan(
            angle_min=raycast.FIRST_RAD,
            angle_max=raycast.FIRST_RAD + (raycast.RAYS - 1) * raycast.STEP_RAD,
            angle_increment=raycast.STEP_RAD,
            scan_time=SCAN_PERIOD_S,
            range_min=sensors.RANGE_MIN_M,
            range_max=sensors.RANGE_MAX_M,
        )
        self.scan.header.frame_id = f"{robot}/lidar"
        self.battery_state = BatteryState(
            temperature=math.nan,
            charge=math.nan,
            capacity=math.nan,
            design_capacity=battery.capacity_wh / 48.0,
            power_supply_health=BatteryState.POWER_SUPPLY_HEALTH_GOOD,
            power_supply_technology=BatteryState.POWER_SUPPLY_TECHNOLOGY_LION,
            present=True,
        )

    def fill(self, reading: sensors.Reading, stamp: Time) -> list[tuple[str, Any]]:
        """The messages that are due, by the key of their topic."""
        due: list[tuple[str, Any]] = [("odom", self._fill_odom(reading.odometry))]
        if reading.pose is not None:
            _fill_pose(self.pose.pose.pose, reading.pose)
            self.pose.header.frame_id = f"map/{reading.pose.level}"
            due.append(("pose", self.pose))
        if reading.scan is not None:
            ranges = array.array("f")
            ranges.frombytes(reading.scan.tobytes())
            self.scan.ranges = ranges
            due.append(("scan", self.scan))
        if reading.battery is not None:
            due.append(("battery_state", self._fill_battery(reading.battery)))
        for _, message in due:
            message.header.stamp = stamp
        return due

    def _fill_odom(self, odometry: sensors.Odometry) -> Odometry:
        _fill_pose(self.odom.pose.pose, odometry)
        self.odom.twist.twist.linear.x = odometry.v_mps
        self.odom.twist.twist.angular.z = odometry.w_radps
        return self.odom

    def _fill_battery(self, reading: BatteryReading) -> BatteryState:
        message = self.battery_state
        message.percentage = reading.state_of_charge
        message.voltage, message.current = reading.voltage_v, reading.current_a
        if reading.charging:
            message.power_supply_status = BatteryState.POWER_SUPPLY_STATUS_CHARGING
        elif reading.full:
            message.power_supply_status = BatteryState.POWER_SUPPLY_STATUS_FULL
        else:
            message.power_supply_status = BatteryState.POWER_SUPPLY_STATUS_DISCHARGING
        return message


def picture_message(camera: str, jpeg: bytes, stamp: Time) -> CompressedImage:
    """A picture of a robot's camera or a fixed one."""
    message = CompressedImage(format="jpeg")
    message.header.stamp = stamp
    message.header.frame_id = f"{camera}/camera"
    message.data = array.array("B", jpeg)
    return message


def zone_condition(zone_id: str, grid: DirtGrid, stamp: Time) -> campus.ZoneCondition:
    """How clean a zone is."""
    message = campus.ZoneCondition(
        zone_id=zone_id,
        source=SOURCE,
        area_m2=grid.area_m2,
        clean_fraction=grid.clean_fraction,
    )
    message.header.stamp = stamp
    message.header.frame_id = "map"
    return message


def passage_state(unit: Unit, stamp: Time) -> campus.PassageState:
    """How a door, lift or crossing is."""
    word = unit.report()
    message = campus.PassageState(
        passage=word.passage,
        kind=str(unit.feature.kind),
        state=str(word.status),
        level=word.level,
        session_id=word.session_id,
        robot=word.robot,
    )
    message.header.stamp = stamp
    message.header.frame_id = "map"
    return message


def passage_request_of(message: Any) -> PassageRequest | None:
    """What a passage is asked for; None for an action that is not known."""
    if message.action not in list(PassageAction):
        return None
    return PassageRequest(
        message.passage,
        message.session_id,
        message.robot,
        message.level,
        PassageAction(message.action),
    )


def _fill_pose(message: Any, pose: sensors.PoseFix | sensors.Odometry) -> None:
    message.position.x, message.position.y = pose.x_m, pose.y_m
    message.orientation.z = math.sin(pose.theta_rad / 2)
    message.orientation.w = math.cos(pose.theta_rad / 2)
