"""A robot of the embedded simulator on an order, without ROS: its own code, the simulated body."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fleet_manager.core.campus import Campus, Waypoint
from fleet_manager.core.config import KindSpec
from fleet_manager.core.order import Action, Order

ROOT = Path(__file__).resolve().parents[2]
for _folder in ("campus_robot", "campus_sim"):
    if str(ROOT / "ros2_ws/src" / _folder) not in sys.path:
        sys.path.append(str(ROOT / "ros2_ws/src" / _folder))

from campus_robot import order as told  # noqa: E402
from campus_robot.battery import Battery as SeenBattery  # noqa: E402
from campus_robot.configuration import RobotConfiguration  # noqa: E402
from campus_robot.memory import Memory  # noqa: E402
from campus_robot.motion import DriveLimits, Motion, Pose  # noqa: E402
from campus_robot.obstacles import Scan  # noqa: E402
from campus_robot.robot import HeartbeatSeen, Inputs, Robot  # noqa: E402
from campus_sim.battery import Battery  # noqa: E402
from campus_sim.body import Body, Command  # noqa: E402
from campus_sim.kinematics import Drive  # noqa: E402
from campus_sim.slopes import Slopes  # noqa: E402

DT_S = 0.1
NOTHING_NEAR = np.zeros((0, 4))
NOBODY = Scan(np.full(360, np.inf))
EXACT = [1e-4, 0, 0, 0, 1e-4, 0, 0, 0, 1e-4]
CHARGE = 0.8


@dataclass(frozen=True)
class Driven:
    """What came of an order.

    Attributes:
        seconds: until it was done.
        driven_m: by the wheels.
        used_wh: of the battery.
    """

    seconds: float
    driven_m: float
    used_wh: float


def drive(campus: Campus, kind: KindSpec, start: Waypoint, order: Order, limit_s: float) -> Driven:
    """Have a robot of a kind carry out a whole order from the waypoint where it stands.

    Raises:
        AssertionError: it is not done within the limit.
    """
    robot = Robot(_configuration(kind, order.robot), Memory(), 0.0)
    body = Body(order.robot, Drive.of(kind), kind.footprint_radius_m, kind.brush_width_m, 0, 0, 0)
    (body.x_m, body.y_m), body.theta_rad = start.xy, start.heading_rad or 0.0
    battery, slopes = Battery(kind, CHARGE), Slopes(campus)
    now_s, begun_s = 0.0, 0.0
    while now_s < limit_s:
        now_s += DT_S
        known = robot.localizer.localized
        fresh = known and not begun_s
        orders = (_told(order),) if fresh else ()
        begun_s = now_s if fresh else begun_s
        command = robot.tick(now_s, _inputs(body, order, orders))
        if begun_s and not fresh and not robot.book.active:
            used_wh = (CHARGE - battery.state_of_charge) * kind.battery.capacity_wh
            return Driven(now_s - begun_s, body.distance_m, used_wh)
        motion = command.motion
        wanted = Command(motion.v_mps, motion.w_radps, command.brush)
        body.step(wanted, DT_S, (0.0, 0.0), NOTHING_NEAR, [])
        if begun_s:
            slope = slopes.under(start.level, (body.x_m, body.y_m), body.theta_rad)
            speed_mps = body.moved_m / DT_S
            battery.step(DT_S, speed_mps, slope, tool=body.brushing, docked=False)
    raise AssertionError(f"not done within {limit_s} s: {robot.report()}")


def _configuration(kind: KindSpec, name: str) -> RobotConfiguration:
    limits = DriveLimits(
        max_speed_mps=kind.max_speed_mps,
        max_acceleration_mps2=kind.max_acceleration_mps2,
        max_turn_rate_radps=kind.max_turn_rate_radps,
        footprint_radius_m=kind.footprint_radius_m,
    )
    return RobotConfiguration(name, kind.name, "test", kind.skills, limits)


def _inputs(body: Body, order: Order, orders: tuple[told.Order, ...]) -> Inputs:
    pose = Pose(body.x_m, body.y_m, body.theta_rad)
    return Inputs(
        odometry=pose,
        measured=Motion(body.v_mps, body.w_radps),
        pose=(pose, EXACT),
        level=order.nodes[0].level,
        scan=NOBODY,
        battery=SeenBattery(CHARGE, 48.0, -1.0),
        heartbeats=[HeartbeatSeen(1, order.map_id, order.map_version)],
        orders=orders,
    )


def _told(order: Order) -> told.Order:
    """An order as it arrives at the robot (docs/protocol.md)."""
    nodes = tuple(
        told.OrderNode(
            node.node_id,
            node.sequence_id,
            node.released,
            node.x_m,
            node.y_m,
            node.theta_rad,
            node.allowed_deviation_xy_m,
            node.allowed_deviation_theta_rad,
            node.level,
            tuple(_action(each) for each in node.actions),
            node.passage,
        )
        for node in order.nodes
    )
    edges = tuple(
        told.OrderEdge(
            edge.edge_id,
            edge.sequence_id,
            edge.released,
            edge.start_node_id,
            edge.end_node_id,
            edge.max_speed_mps,
            edge.width_m,
            edge.path,
            edge.lift,
        )
        for edge in order.edges
    )
    names = (order.order_id, order.order_update_id, order.map_id, order.map_version)
    return told.Order(order.robot, 1, *names, nodes, edges)


def _action(action: Action) -> told.Action:
    values: dict[str, Any] = {key: json.dumps(each) for key, each in action.parameters.items()}
    return told.Action(
        action.action_id, action.action_type, action.task_id, action.blocking, values
    )
