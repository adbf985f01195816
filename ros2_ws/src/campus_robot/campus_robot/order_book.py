"""Accepts or refuses orders and their updates, and knows how far the held order has been driven."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from enum import Enum, auto

from campus_robot.actions import checked_parameters
from campus_robot.errors import ErrorType, Refused
from campus_robot.order import Order, OrderEdge, OrderNode

ENDED_ORDERS_KEPT = 64


class Verdict(Enum):
    """What an order that was not refused is to the robot."""

    NEW = auto()
    UPDATE = auto()
    REPEATED = auto()


@dataclass(frozen=True, slots=True)
class Situation:
    """What the decision on an order depends on, apart from the book itself.

    `map_version` is (map id, version) that the manager announces, or None before it has; `level`
    is "" where the localiser does not tell.
    """

    x_m: float
    y_m: float
    highest_epoch: int = 0
    map_version: tuple[str, str] | None = None
    not_allowed_because: str = ""
    level: str = ""


class OrderBook:
    """The order a robot holds. Sequence ids are those of the order; -1 before the first node."""

    def __init__(
        self,
        robot: str,
        skills: frozenset[str],
        ended_orders: tuple[str, ...] = (),
        held_before: tuple[str, int] | None = None,
    ) -> None:
        self.robot = robot
        self.skills = skills
        self.order: Order | None = None
        self.active = False
        self.nodes: dict[int, OrderNode] = {}
        self.edges: dict[int, OrderEdge] = {}
        self.last_node: OrderNode | None = None
        self._held_before = held_before
        self.ended_orders: deque[str] = deque(ended_orders, ENDED_ORDERS_KEPT)

    @property
    def last_sequence_id(self) -> int:
        """Sequence id of the last node reached, -1 before the first."""
        return self.last_node.sequence_id if self.last_node is not None else -1

    @property
    def base_end_sequence_id(self) -> int:
        """Sequence id of the last released node, -1 without an order."""
        return max((n.sequence_id for n in self.nodes.values() if n.released), default=-1)

    @property
    def has_horizon(self) -> bool:
        """Whether unreleased nodes follow the base."""
        return any(not node.released for node in self.nodes.values())

    def reach(self, node: OrderNode) -> None:
        """Notes that a node of the base has been reached."""
        self.last_node = node

    def end(self) -> None:
        """Ends the held order, completed or cancelled; a new order id is welcome then."""
        if self.active and self.order is not None:
            self.active = False
            self.ended_orders.append(self.order.order_id)

    def never(self, order_id: str) -> None:
        """Have an order that was cancelled before it came count as ended."""
        if order_id not in self.ended_orders:
            self.ended_orders.append(order_id)

    def offer(self, order: Order, situation: Situation) -> Verdict:
        """Takes an order if it fits; raises Refused and changes nothing otherwise."""
        self._check_sender(order, situation)
        held = self.order
        if held is not None and held.order_id == order.order_id:
            if order.order_update_id == held.order_update_id:
                return Verdict.REPEATED
            self._check_update(order, held)
            self._take(order, new=False)
            return Verdict.UPDATE
        if (order.order_id, order.order_update_id) == self._held_before:
            # The topic replays its last order to a robot that has restarted.
            return Verdict.REPEATED
        self._check_new(order, situation)
        self._take(order, new=True)
        return Verdict.NEW

    def _check_sender(self, order: Order, situation: Situation) -> None:
        if order.robot != self.robot:
            raise Refused(
                ErrorType.WRONG_ROBOT,
                f"the order is for {order.robot!r}, this is {self.robot!r}",
                f"send it on /{order.robot}/order",
            )
        if order.manager_epoch < situation.highest_epoch:
            raise Refused(
                ErrorType.EPOCH_STALE,
                f"manager epoch {order.manager_epoch} is older than {situation.highest_epoch}",
                "stop the older manager; only the holder of the lease may send",
            )

    def _check_update(self, order: Order, held: Order) -> None:
        if order.order_update_id < held.order_update_id:
            raise _stale(
                f"update {order.order_update_id} is older than update {held.order_update_id}"
            )
        if not self.active:
            raise _stale(f"order {order.order_id} has ended")
        # A map published under way is announced on another topic, which may come after the update.
        # The base has to be as it was released, so no version of this map can mislead the robot.
        if order.map_id != held.map_id:
            raise _map_mismatch(order, (held.map_id, held.map_version))
        check_structure(order)
        if order.nodes[0].sequence_id < held.nodes[0].sequence_id:
            raise Refused(
                ErrorType.ORDER_INVALID,
                f"the update begins at sequence id {order.nodes[0].sequence_id}, the one before"
                f" at {held.nodes[0].sequence_id}",
                "begin an update where the one before began or later",
            )
        self._check_actions(order)
        self._check_base_kept(order)

    def _check_new(self, order: Order, situation: Situation) -> None:
        if order.order_id in self.ended_orders:
            raise _stale(f"order {order.order_id} has ended before")
        if situation.map_version not in (None, (order.map_id, order.map_version)):
            raise _map_mismatch(order, situation.map_version)
        if situation.not_allowed_because:
            raise Refused(
                ErrorType.NOT_ALLOWED,
                f"a new order is refused: {situation.not_allowed_because}",
                "clear the cause, then send a new order",
            )
        if self.active and self.order is not None:
            raise Refused(
                ErrorType.ORDER_CONFLICT,
                f"order {self.order.order_id} has not ended",
                "cancel it first, or send an update of it",
            )
        check_structure(order)
        self._check_actions(order)
        first = order.nodes[0]
        if situation.level not in {"", first.level}:
            raise Refused(
                ErrorType.NODE_UNREACHABLE,
                f"node {first.node_id} is on level {first.level}, the robot on {situation.level}",
                "begin the order at a node the robot stands at",
                node_id=first.node_id,
            )
        distance_m = math.hypot(first.x_m - situation.x_m, first.y_m - situation.y_m)
        if distance_m > first.allowed_deviation_xy_m:
            raise Refused(
                ErrorType.NODE_UNREACHABLE,
                f"node {first.node_id} is {distance_m:.2f} m away, "
                f"{first.allowed_deviation_xy_m:.2f} m are allowed",
                "begin the order at a node the robot stands at",
                node_id=first.node_id,
            )

    def _check_actions(self, order: Order) -> None:
        for node in order.nodes:
            for action in node.actions:
                checked_parameters(action, self.skills, node.node_id)

    def _check_base_kept(self, order: Order) -> None:
        offered = {node.sequence_id: node for node in order.nodes}
        offered_edges = {edge.sequence_id: edge for edge in order.edges}
        for node in self.nodes.values():
            if not node.released or node.sequence_id <= self.last_sequence_id:
                continue
            same = offered.get(node.sequence_id)
            if same is None or not same.released or not _continues(node, same):
                raise _base_changed(f"node {node.node_id} ({node.sequence_id})", node.node_id)
            edge = self.edges.get(node.sequence_id - 1)
            again = offered_edges.get(node.sequence_id - 1)
            # The update may begin with this node, its edge being under way.
            if edge is not None and again is not None and edge.edge_id != again.edge_id:
                raise _base_changed(f"edge {edge.edge_id}", node.node_id)
        first = order.nodes[0]
        if first.sequence_id > max(self.base_end_sequence_id, 0):
            raise _base_changed(f"the way to node {first.node_id}", first.node_id)
        known = self.nodes.get(first.sequence_id)
        if known is None or known.node_id != first.node_id:
            raise _base_changed(f"node {first.node_id} ({first.sequence_id})", first.node_id)

    def _take(self, order: Order, *, new: bool) -> None:
        if new:
            self.nodes = {}
            self.edges = {}
            self.last_node = None
            self.active = True
        else:
            # A horizon is an outlook only: the update replaces it.
            self.nodes = {k: n for k, n in self.nodes.items() if n.released}
            self.edges = {k: e for k, e in self.edges.items() if e.released}
        self.nodes.update((node.sequence_id, node) for node in order.nodes)
        self.edges.update((edge.sequence_id, edge) for edge in order.edges)
        self.order = order


def check_structure(order: Order) -> None:
    """Raises Refused (order_invalid) where ids, released flags or edges do not fit together."""
    if not order.order_id or not order.nodes:
        raise _invalid("the order has no id or no nodes")
    if len(order.edges) != len(order.nodes) - 1:
        raise _invalid(f"{len(order.nodes)} nodes but {len(order.edges)} edges")
    first = order.nodes[0]
    if first.sequence_id % 2:
        raise _invalid(f"node {first.node_id} has the odd sequence id {first.sequence_id}")
    if not first.released:
        raise _invalid(f"the first node {first.node_id} is not released")
    action_ids: set[str] = set()
    for index, node in enumerate(order.nodes):
        if node.sequence_id != first.sequence_id + 2 * index:
            raise _invalid(f"node {node.node_id} has sequence id {node.sequence_id}")
        if not (math.isfinite(node.x_m) and math.isfinite(node.y_m)):
            raise _invalid(f"node {node.node_id} has no finite position")
        for action in node.actions:
            if not action.action_id or action.action_id in action_ids:
                raise _invalid(f"action id {action.action_id!r} is empty or used twice")
            action_ids.add(action.action_id)
    for index, edge in enumerate(order.edges):
        _check_edge(edge, order.nodes[index], order.nodes[index + 1])


def _check_edge(edge: OrderEdge, start: OrderNode, end: OrderNode) -> None:
    if edge.sequence_id != start.sequence_id + 1:
        raise _invalid(f"edge {edge.edge_id} has sequence id {edge.sequence_id}")
    if (edge.start_node_id, edge.end_node_id) != (start.node_id, end.node_id):
        raise _invalid(f"edge {edge.edge_id} does not join {start.node_id} and {end.node_id}")
    if edge.released != end.released:
        raise _invalid(f"edge {edge.edge_id} and node {end.node_id} differ in released")
    if end.released and not start.released:
        raise _invalid(f"node {end.node_id} is released after the unreleased {start.node_id}")
    if not edge.max_speed_mps > 0 or not edge.width_m > 0:
        raise _invalid(f"edge {edge.edge_id} has no speed limit or no width")
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in edge.path_m):
        raise _invalid(f"edge {edge.edge_id} has a point that is not finite")


def _continues(before: OrderNode, after: OrderNode) -> bool:
    """Whether `after` is the same released node; actions may be added behind those known."""
    known = [action.action_id for action in before.actions]
    offered = [action.action_id for action in after.actions]
    return before.node_id == after.node_id and offered[: len(known)] == known


def _stale(description: str) -> Refused:
    return Refused(ErrorType.ORDER_STALE, description, "send a newer update or a new order id")


def _invalid(description: str) -> Refused:
    return Refused(ErrorType.ORDER_INVALID, description, "correct the order (docs/protocol.md)")


def _base_changed(what: str, node_id: str) -> Refused:
    return Refused(
        ErrorType.BASE_CHANGED,
        f"{what} of the released base is missing or changed",
        "begin the update with the base as released, or cancel the order first",
        node_id=node_id,
    )


def _map_mismatch(order: Order, wanted: tuple[str, str] | None) -> Refused:
    known = "/".join(wanted) if wanted else "none"
    return Refused(
        ErrorType.MAP_MISMATCH,
        f"the order was planned on {order.map_id}/{order.map_version}, here {known} is in use",
        "plan it again on the map in use",
    )
