"""What a robot is told to do, as plain values: an order of nodes, edges and actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Blocking(StrEnum):
    """Whether the robot may drive (NONE) or stands (SOFT, HARD) while an action runs."""

    NONE = "NONE"
    SOFT = "SOFT"
    HARD = "HARD"


@dataclass(frozen=True, slots=True)
class Action:
    """An action at a node; `parameters` maps each name to its value as JSON text."""

    action_id: str
    action_type: str
    task_id: str = ""
    blocking: str = Blocking.HARD
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderNode:
    """A waypoint of an order: position in metres, heading in radians or None for any."""

    node_id: str
    sequence_id: int
    released: bool
    x_m: float
    y_m: float
    theta_rad: float | None = None
    allowed_deviation_xy_m: float = 0.5
    allowed_deviation_theta_rad: float = 0.2
    level: str = "ground"
    actions: tuple[Action, ...] = ()
    passage: str = ""


@dataclass(frozen=True, slots=True)
class OrderEdge:
    """A lane between two nodes; `path_m` holds the points between them, empty if straight.

    `lift` is the lift that carries the robot, "" where it drives.
    """

    edge_id: str
    sequence_id: int
    released: bool
    start_node_id: str
    end_node_id: str
    max_speed_mps: float
    width_m: float
    path_m: tuple[tuple[float, float], ...] = ()
    lift: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """The whole remaining route of a robot: base nodes first, then horizon."""

    robot: str
    manager_epoch: int
    order_id: str
    order_update_id: int
    map_id: str
    map_version: str
    nodes: tuple[OrderNode, ...]
    edges: tuple[OrderEdge, ...] = ()
