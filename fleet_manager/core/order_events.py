"""What has been decided about orders: which way a robot goes, after whom, how far it may drive."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from fleet_manager.core.order import InstantAction
from fleet_manager.core.robot import Movement, RouteNode, Wait

Waiting = tuple[str, tuple[Wait, ...]]
"""A robot, and after whom it departs from the nodes of its way."""


class OrderIssued(Struct, frozen=True, tag=True):
    """A robot gets an order, or its order leads another way from the end of the base.

    Attributes:
        number: the counter of orders, after this one.
        others: robots that come after this one now, with all that they wait for.
    """

    robot: str
    movement: Movement
    number: int
    others: tuple[Waiting, ...] = ()


class WayPlanned(Struct, frozen=True, tag=True):
    """A robot's way leads on from the end of its base in another way than before, or ends there.

    Attributes:
        nodes: from the end of the base on, which is the first of them.
        waits: all that the robot waits for on its way.
        others: robots that waited for it, or do now, with all that they wait for.
        task_id: that the way serves.
        reason: why, for people; "" where it only goes on.
    """

    robot: str
    nodes: tuple[RouteNode, ...]
    waits: tuple[Wait, ...]
    time_s: float
    others: tuple[Waiting, ...] = ()
    task_id: str | None = None
    reason: str = ""


class BaseExtended(Struct, frozen=True, tag=True):
    """More of a robot's way is released."""

    robot: str
    released_to: int
    way_out: tuple[str, ...]
    time_s: float


class WayOutTaken(Struct, frozen=True, tag=True):
    """The base ends in the bay that was held; the way beyond is planned anew from there."""

    robot: str
    time_s: float


class NodesPassed(Struct, frozen=True, tag=True):
    """A robot has reached a node of its order; what lies behind is free.

    Attributes:
        time_s: 0 in logs of before it was told.
        left: it is clear of the node as well.
    """

    robot: str
    passed: int
    time_s: float = 0.0
    left: bool = False


class OrderCanceled(Struct, frozen=True, tag=True):
    """A robot is told to cancel an order, its own or one that it should not have."""

    robot: str
    order_id: str
    action: InstantAction
    time_s: float = 0.0


class OrderOutcome(StrEnum):
    """How an order ended."""

    FINISHED = "finished"
    CANCELED = "canceled"
    REFUSED = "refused"
    LOST = "lost"


class OrderEnded(Struct, frozen=True, tag=True):
    """A robot has no order any more.

    Attributes:
        at: the waypoints that it may occupy.
        clear: it is between the two of `at`, and clear of the first.
    """

    robot: str
    order_id: str
    outcome: OrderOutcome
    at: tuple[str, ...]
    parked: bool
    detail: str = ""
    clear: bool = False


OrderEvent = (
    OrderIssued | WayPlanned | BaseExtended | WayOutTaken | NodesPassed | OrderCanceled | OrderEnded
)
