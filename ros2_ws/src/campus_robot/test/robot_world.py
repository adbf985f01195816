"""A robot that does exactly as told, for tests: unicycle with an acceleration limit."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from campus_robot.battery import Battery
from campus_robot.configuration import RobotConfiguration
from campus_robot.memory import Memory
from campus_robot.motion import DriveLimits, Motion, Pose
from campus_robot.obstacles import Scan
from campus_robot.order import Action, Order, OrderEdge, OrderNode
from campus_robot.robot import Command, HeartbeatSeen, Inputs, Robot

DT_S = 0.1
ORIGIN = Pose(0.0, 0.0, 0.0)
ALL_SKILLS = frozenset({"patrol", "respond", "inspect", "go_to", "charge", "clean"})
SMALL_COVARIANCE = [1e-4, 0, 0, 0, 1e-4, 0, 0, 0, 1e-4]


def scan_of_discs(pose: Pose, discs: list[tuple[float, float, float]]) -> Scan:
    """What a lidar of 360 rays and 20 m sees of discs (x, y, radius)."""
    angles = -math.pi + np.arange(360) * 2 * math.pi / 360
    ranges = np.full(360, np.inf)
    for x, y, radius in discs:
        dx, dy = x - pose.x_m, y - pose.y_m
        bearing = math.atan2(dy, dx) - pose.theta_rad
        distance = math.hypot(dx, dy)
        off = distance * np.sin(angles - bearing)
        ahead = np.cos(angles - bearing) > 0
        hit = ahead & (np.abs(off) < radius)
        depth = distance * np.cos(angles - bearing) - np.sqrt(np.maximum(radius**2 - off**2, 0.0))
        ranges = np.where(hit, np.minimum(ranges, depth), ranges)
    return Scan(ranges)


class World:
    """One robot in an empty plane with discs; every tick is 0.1 s."""

    def __init__(
        self,
        pose: Pose = ORIGIN,
        memory: Memory | None = None,
        skills: frozenset[str] = ALL_SKILLS,
    ) -> None:
        self.configuration = RobotConfiguration("r1", "security", "test", skills)
        self.limits: DriveLimits = self.configuration.limits
        self.memory = memory or Memory()
        self.pose = pose
        self.v = 0.0
        self.w = 0.0
        self.now_s = 1000.0
        self.discs: list[tuple[float, float, float]] = []
        self.battery = Battery(0.8, 48.0, -1.0)
        self.heartbeats = True
        self.localiser = True
        self.level = ""
        self.robot = Robot(self.configuration, self.memory, self.now_s)
        self.track: list[Pose] = []
        self.brushed: list[Pose] = []
        self.ticks(2)

    def tick(self, **told: Any) -> Command:
        """One step of robot and world; `told` are further Inputs."""
        self.now_s += DT_S
        inputs = Inputs(
            odometry=self.pose,
            measured=Motion(self.v, self.w),
            pose=(self.pose, SMALL_COVARIANCE) if self.localiser else None,
            level=self.level if self.localiser else "",
            scan=scan_of_discs(self.pose, self.discs),
            battery=self.battery,
            heartbeats=[HeartbeatSeen(1, "test", "v1")] if self.heartbeats else [],
            **told,
        )
        command = self.robot.tick(self.now_s, inputs)
        self.move(command)
        self.track.append(self.pose)
        if command.brush:
            self.brushed.append(self.pose)
        return command

    def move(self, command: Command) -> None:
        """Does as told for one step."""
        step = self.limits.max_acceleration_mps2 * DT_S
        self.v = min(max(command.motion.v_mps, self.v - step), self.v + step)
        self.w = command.motion.w_radps
        theta = self.pose.theta_rad + self.w * DT_S / 2
        self.pose = Pose(
            self.pose.x_m + self.v * DT_S * math.cos(theta),
            self.pose.y_m + self.v * DT_S * math.sin(theta),
            self.pose.theta_rad + self.w * DT_S,
        )

    def ticks(self, count: int) -> None:
        """Several steps."""
        for _ in range(count):
            self.tick()

    def until(self, condition: Callable[[], bool], limit_s: float) -> float:
        """Steps until a condition holds; returns the seconds it took, fails at the limit."""
        for step in range(round(limit_s / DT_S)):
            if condition():
                return step * DT_S
            self.tick()
        raise AssertionError(f"not within {limit_s} s; at {self.pose}, {self.robot.report()}")

    @property
    def idle(self) -> bool:
        """Whether no order is active."""
        return not self.robot.book.active


def action(action_id: str, action_type: str = "go_to_point", **parameters: str) -> Action:
    """An action; go_to_point without a dwell unless told otherwise."""
    if action_type == "go_to_point" and not parameters:
        parameters = {"dwell_s": "0"}
    return Action(action_id, action_type, "task-1", "HARD", parameters)


def order(
    points: list[tuple[float, float]],
    *,
    order_id: str = "o1",
    update: int = 0,
    released: int | None = None,
    first: int = 0,
    actions: dict[int, tuple[Action, ...]] | None = None,
    width_m: float = 2.0,
    speed_mps: float = 1.5,
    **fields: Any,
) -> Order:
    """An order along points, of which the first `released` are base; node n0, n1, …"""
    base = len(points) if released is None else released
    nodes = tuple(
        OrderNode(
            f"n{i + first // 2}",
            first + 2 * i,
            i < base,
            x,
            y,
            actions=(actions or {}).get(i, ()),
        )
        for i, (x, y) in enumerate(points)
    )
    edges = tuple(
        OrderEdge(
            f"e{a.node_id}", a.sequence_id + 1, b.released, a.node_id, b.node_id, speed_mps, width_m
        )
        for a, b in pairwise(nodes)
    )
    return Order(
        **{
            "robot": "r1",
            "manager_epoch": 1,
            "order_id": order_id,
            "order_update_id": update,
            "map_id": "test",
            "map_version": "v1",
            "nodes": nodes,
            "edges": edges,
            **fields,
        }
    )
