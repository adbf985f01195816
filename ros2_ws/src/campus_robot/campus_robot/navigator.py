"""Drives the released base of an order: never beyond its last node, never off its lanes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from campus_robot.follower import ROUTE, Follower, turn_by
from campus_robot.motion import STAND, DriveLimits, Motion, Pose
from campus_robot.obstacles import Scan
from campus_robot.order import OrderEdge, OrderNode
from campus_robot.path import Path, wrap

AT_NODE_M = 0.3
FIRST_NODE_REACHED_M = 0.5
APPROACH_SPEED_MPS = 0.7
OFF_ROUTE_SPEED_MPS = 0.4
SET_OUT_M = 0.5
ENTERED_M = 1.2
"""A robot that is nearer than this to the middle of a passage drives on, whatever closes."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A released node and where on the path it lies, metres; `lift` carries the robot there."""

    node: OrderNode
    at_m: float
    lift: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """What one tick of driving brought. `reached` are the nodes passed or arrived at.

    `waits_for` is the passage that is not open to the robot, "" while it drives.
    """

    motion: Motion = STAND
    reached: tuple[OrderNode, ...] = ()
    obstacle_stop: bool = False
    obstacle_m: float = math.inf
    off_route_m: float = 0.0
    waits_for: str = ""


class Navigator:
    """Follows the base of one order; `extend` adds to the base."""

    def __init__(self, limits: DriveLimits) -> None:
        self.limits = limits
        self._legs: list[Leg] = []
        self._next = 0
        self._follower: Follower | None = None
        self._segments: dict[int, range] = {}

    @property
    def at_end(self) -> bool:
        """Whether every node of the base has been reached."""
        return self._next >= len(self._legs)

    @property
    def next_node(self) -> OrderNode | None:
        """The next node of the base to reach."""
        return None if self.at_end else self._legs[self._next].node

    def clear(self) -> None:
        """Forgets the route; the robot stands until the next `begin`."""
        self._legs, self._next, self._follower = [], 0, None
        self._segments = {}

    def begin(self, pose: Pose, first: OrderNode) -> None:
        """Starts a route at its first node, to which the robot drives straight."""
        far = math.hypot(first.x_m - pose.x_m, first.y_m - pose.y_m) > AT_NODE_M
        path = Path(pose.x_m, pose.y_m) if far else Path(first.x_m, first.y_m)
        if far:
            width_m = 2 * max(first.allowed_deviation_xy_m, 1.0)
            path.append(first.x_m, first.y_m, APPROACH_SPEED_MPS, width_m)
        self._follower = Follower(path, self.limits, ROUTE)
        self._legs = [Leg(first, path.length_m)]
        self._next = 0
        self._segments = {}

    def extend(self, edges_and_nodes: Iterable[tuple[OrderEdge, OrderNode]]) -> None:
        """Adds released lanes behind those known, in order."""
        if self._follower is None:
            raise ValueError("extend before begin: a route begins at a node")
        path = self._follower.path
        for edge, node in edges_and_nodes:
            first = len(path.limits_mps)
            for x_m, y_m in (*edge.path_m, (node.x_m, node.y_m)):
                path.append(x_m, y_m, edge.max_speed_mps, edge.width_m)
            self._segments[edge.sequence_id] = range(first, len(path.limits_mps))
            self._legs.append(Leg(node, path.length_m, edge.lift))

    def limit(self, edges: Iterable[OrderEdge]) -> None:
        """Takes over the speed limits of lanes that are known already."""
        if self._follower is None:
            return
        limits = self._follower.path.limits_mps
        for edge in edges:
            for segment in self._segments.get(edge.sequence_id, ()):
                limits[segment] = edge.max_speed_mps

    def drive(
        self,
        pose: Pose,
        speed_mps: float,
        scan: Scan | None,
        needs_stop: Callable[[OrderNode], bool],
        may_go: Callable[[OrderNode, OrderNode], bool] = lambda _, __: True,
    ) -> Progress:
        """The motion for this tick.

        Args:
            needs_stop: whether the robot must stand at a node.
            may_go: whether it may set out from a node to the next, or has been carried there.
        """
        follower = self._follower
        if follower is None or self.at_end:
            return Progress()
        if self._next > 0 and self._legs[self._next].lift:
            return self._ride(may_go)
        waits_for = self._shut_ahead(may_go)
        if waits_for:
            return Progress(waits_for=waits_for, off_route_m=self._off_route(pose))
        stop = self._stop_leg(needs_stop, may_go)
        cap_mps = OFF_ROUTE_SPEED_MPS if self._off_route(pose) > 0 else math.inf
        step = follower.step(pose, speed_mps, self._legs[stop].at_m, scan, cap_mps)
        reached = self._passed(pose, stop)
        motion = step.motion
        if step.arrived and self._next == stop:
            error_rad = heading_error(self._legs[stop].node, pose)
            if error_rad == 0.0:
                reached = (*reached, self._legs[stop].node)
                self._next = stop + 1
            else:
                motion = turn_by(error_rad, self.limits)
        return Progress(motion, reached, step.obstacle_stop, step.obstacle_m, self._off_route(pose))

    def _ride(self, may_go: Callable[[OrderNode, OrderNode], bool]) -> Progress:
        """Stands in the lift until it is open where the last of its nodes is."""
        last = self._next
        while last + 1 < len(self._legs) and self._legs[last + 1].lift == self._legs[last].lift:
            last += 1
        if not may_go(self._legs[self._next - 1].node, self._legs[last].node):
            return Progress(waits_for=self._legs[self._next].lift)
        reached = tuple(leg.node for leg in self._legs[self._next : last + 1])
        self._next = last + 1
        return Progress(reached=reached)

    def _shut_ahead(self, may_go: Callable[[OrderNode, OrderNode], bool]) -> str:
        """The passage that the robot is about to go into or out of, if it may not."""
        if self._next == 0 or self._follower is None:
            return ""
        before, after = self._legs[self._next - 1], self._legs[self._next]
        if may_go(before.node, after.node):
            return ""
        driven_m = self._follower.s_m - before.at_m
        left_m = after.at_m - self._follower.s_m
        entered = driven_m > SET_OUT_M and left_m < ENTERED_M
        return "" if entered else after.node.passage or before.node.passage

    def _stop_leg(
        self,
        needs_stop: Callable[[OrderNode], bool],
        may_go: Callable[[OrderNode, OrderNode], bool],
    ) -> int:
        for index in range(self._next, len(self._legs) - 1):
            here, following = self._legs[index], self._legs[index + 1]
            if needs_stop(here.node) or following.lift or not may_go(here.node, following.node):
                return index
        return len(self._legs) - 1

    def _passed(self, pose: Pose, stop: int) -> tuple[OrderNode, ...]:
        """Nodes before the stop that lie within their deviation or behind the robot."""
        passed: list[OrderNode] = []
        follower = self._follower
        while follower is not None and self._next < stop:
            leg = self._legs[self._next]
            within_m = leg.node.allowed_deviation_xy_m
            if self._next == 0:
                within_m = min(within_m, FIRST_NODE_REACHED_M)
            distance_m = math.hypot(leg.node.x_m - pose.x_m, leg.node.y_m - pose.y_m)
            near = distance_m <= within_m and follower.s_m >= leg.at_m - within_m - 0.2
            if not near and follower.s_m < leg.at_m - 1e-6:
                break
            passed.append(leg.node)
            self._next += 1
        return tuple(passed)

    def _off_route(self, pose: Pose) -> float:
        """How far the robot's centre is beyond the edge of its lane, metres; 0 when inside."""
        follower = self._follower
        if follower is None or not follower.path.widths_m:
            return 0.0
        path = follower.path
        _, lateral_m = path.project(pose.x_m, pose.y_m, follower.s_m, follower.s_m + 1.0)
        half_m = path.widths_m[path.segment_at(follower.s_m)] / 2
        return max(abs(lateral_m) - half_m, 0.0)


def heading_error(node: OrderNode, pose: Pose) -> float:
    """Turn still needed for the heading a node wants, radians; 0.0 within its tolerance."""
    if node.theta_rad is None:
        return 0.0
    error_rad = wrap(node.theta_rad - pose.theta_rad)
    tolerance_rad = max(node.allowed_deviation_theta_rad, 0.03)
    return 0.0 if abs(error_rad) <= tolerance_rad else error_rad
