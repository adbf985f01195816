"""What a robot is told: orders (VDA 5050 semantics) and instant actions (docs/protocol.md)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct

from fleet_manager.core.geometry import Xy


class Blocking(StrEnum):
    """What else may happen while an action is carried out."""

    NONE = "NONE"
    SOFT = "SOFT"
    HARD = "HARD"


class Action(Struct, frozen=True):
    """Something a robot does at a node.

    Attributes:
        action_id: unique in the fleet for ever; the same id is never carried out twice.
        action_type: as in the table of docs/protocol.md.
        task_id: the task it serves; "" for none.
        parameters: JSON values by name.
    """

    action_id: str
    action_type: str
    task_id: str = ""
    blocking: Blocking = Blocking.HARD
    parameters: dict[str, Any] = {}


class OrderNode(Struct, frozen=True):
    """A waypoint of an order.

    Attributes:
        sequence_id: even, kept over the updates of the order.
        released: base (may be driven to) or horizon (an outlook).
        theta_rad: heading wanted, counter-clockwise from east; None: any.
        passage: door, lift or crossing that it lies in; "" for none.
    """

    node_id: str
    sequence_id: int
    released: bool
    x_m: float
    y_m: float
    level: str
    theta_rad: float | None = None
    allowed_deviation_xy_m: float = 0.5
    allowed_deviation_theta_rad: float = 0.2
    actions: tuple[Action, ...] = ()
    passage: str = ""


class OrderEdge(Struct, frozen=True):
    """A lane of an order.

    Attributes:
        sequence_id: odd, between those of its nodes.
        width_m: the robot has to stay in.
        path: points between the two nodes, metres; empty: a straight line.
        lift: that carries the robot; "": it drives.
    """

    edge_id: str
    sequence_id: int
    released: bool
    start_node_id: str
    end_node_id: str
    max_speed_mps: float
    width_m: float
    path: tuple[Xy, ...] = ()
    lift: str = ""


class Order(Struct, frozen=True):
    """The whole remaining route of a robot: base first, then horizon.

    Attributes:
        order_id: unique in the fleet for ever.
        order_update_id: 0, 1, 2, … within the order.
        map_version: of the map it was planned on.
    """

    robot: str
    order_id: str
    order_update_id: int
    map_id: str
    map_version: str
    nodes: tuple[OrderNode, ...]
    edges: tuple[OrderEdge, ...] = ()


class InstantActionType(StrEnum):
    """What a robot does at once, beside its order."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL_ORDER = "cancel_order"
    EMERGENCY_STOP = "emergency_stop"
    RELEASE_STOP = "release_stop"
    ANNOUNCE = "announce"


class InstantAction(Struct, frozen=True):
    """One thing done at once; repeated to the robot until it acknowledges the `action_id`."""

    action_id: str
    action_type: InstantActionType
    parameters: dict[str, Any] = {}
