"""From a robot's movement to the order it is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fleet_manager.core.campus import Campus
from fleet_manager.core.errors import UnknownFeature
from fleet_manager.core.geometry import Xy, point_at
from fleet_manager.core.order import Action, Order, OrderEdge, OrderNode
from fleet_manager.core.planning.availability import interruptible_soc
from fleet_manager.core.planning.coverage.stretches import path_until, resumed_m
from fleet_manager.core.planning.tanks import tank_range_m
from fleet_manager.core.robot import Movement
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Phase, Task, action_id

HORIZON_NODES = 40
"""Of the way beyond the base a robot is told this much."""
DEVIATION_M = 0.5
START_DEVIATION_M = 1.5
APPROACH_SPEED_MPS = 0.5
APPROACH_WIDTH_M = 2.0


def action_of(state: FleetState, robot: str, task: Task, phase: Phase) -> Action:
    """The action that a phase is for a robot.

    Raises:
        CannotSweep: the robot cannot clean the zone.
    """
    parameters: dict[str, Any] = dict(phase.parameters)
    site = state.site
    if phase.action_type == "clean_zone":
        spot = parameters.pop("spot", None)
        kind = site.kind(robot)
        plan = site.sweep(phase.detail, tuple(spot) if spot else None, kind)
        from_m = resumed_m(phase.covered_m(kind.brush_width_m), plan.length_m, kind)
        path = path_until(plan.path, from_m + tank_range_m(state, robot))
        access = site.campus.waypoint(phase.waypoint).xy
        begin, end = point_at(path, from_m), path[-1]
        parameters |= {
            "zone_id": phase.detail,
            "path": _rounded(path),
            "brush_width_m": kind.brush_width_m,
            "from_m": from_m,
            "way_in": _rounded(site.way_in_zone(phase.detail, access, begin)),
            "way_back": _rounded(site.way_in_zone(phase.detail, end, access)),
        }
    elif phase.action_type == "inspect_asset":
        asset = site.campus.asset(phase.detail)
        parameters |= {
            "asset_id": asset.id,
            "asset_kind": str(asset.kind),
            "x_m": asset.x_m,
            "y_m": asset.y_m,
        }
    elif phase.action_type == "charge":
        parameters |= {
            "target_soc": site.policy.charge_to,
            "interruptible_soc": interruptible_soc(state),
        }
    return Action(action_id(task, phase), phase.action_type, task.id, parameters=parameters)


def _rounded(points: Sequence[Xy]) -> list[list[float]]:
    return [[round(x_m, 3), round(y_m, 3)] for x_m, y_m in points]


def order_of(state: FleetState, robot: str, movement: Movement) -> Order:
    """The order as it stands: base from the last node reached, and the horizon."""
    campus = state.site.campus
    first = movement.passed
    last = _horizon_end(campus, movement)
    nodes = [_node(campus, movement, index) for index in range(first, last)]
    edges = [_edge(state, robot, movement, index) for index in range(first, last - 1)]
    if movement.approach and first == 0:
        start, edge = _start(movement, nodes[0])
        nodes.insert(0, start)
        edges.insert(0, edge)
    return Order(
        robot=robot,
        order_id=movement.order_id,
        order_update_id=movement.update_id,
        map_id=campus.id,
        map_version=campus.version,
        nodes=tuple(nodes),
        edges=tuple(edges),
    )


def _horizon_end(campus: Campus, movement: Movement) -> int:
    """Number of nodes up to which the robot is told its way: some of the horizon, if it is there.

    While another map is published, a way out is changed before the horizon is: that may not be on
    the map any more.
    """
    last = min(len(movement.nodes), movement.released_to + 1 + HORIZON_NODES)
    for index in range(movement.released_to, last - 1):
        try:
            campus.lane_between(movement.nodes[index].waypoint, movement.nodes[index + 1].waypoint)
        except UnknownFeature:
            return index + 1
    return last


def _node(campus: Campus, movement: Movement, index: int) -> OrderNode:
    node = movement.nodes[index]
    waypoint = campus.waypoint(node.waypoint)
    stops = bool(node.actions) or index == len(movement.nodes) - 1
    return OrderNode(
        node_id=waypoint.id,
        sequence_id=2 * (index + 1),
        released=index <= movement.released_to,
        x_m=waypoint.x_m,
        y_m=waypoint.y_m,
        level=waypoint.level,
        theta_rad=waypoint.heading_rad if stops else None,
        allowed_deviation_xy_m=START_DEVIATION_M if index == 0 else DEVIATION_M,
        actions=node.actions,
        passage=waypoint.passage or "",
    )


def _edge(state: FleetState, robot: str, movement: Movement, index: int) -> OrderEdge:
    """The edge behind a node."""
    start, end = movement.nodes[index].waypoint, movement.nodes[index + 1].waypoint
    lane = state.site.campus.lane_between(start, end)
    return OrderEdge(
        edge_id=lane.id,
        sequence_id=2 * (index + 1) + 1,
        released=index + 1 <= movement.released_to,
        start_node_id=start,
        end_node_id=end,
        max_speed_mps=min(
            state.restricted(robot).max_speed_mps(lane), state.site.kind(robot).max_speed_mps
        ),
        width_m=lane.width_m,
        path=lane.points[1:-1],
        lift=lane.lift or "",
    )


def _start(movement: Movement, first: OrderNode) -> tuple[OrderNode, OrderEdge]:
    """Where a robot stands off the waypoints, and how it gets to the first."""
    x_m, y_m = movement.approach[0]
    name = f"start of {movement.order_id}"
    node = OrderNode(name, 0, True, x_m, y_m, first.level, None, START_DEVIATION_M)
    edge = OrderEdge(
        edge_id=f"approach of {movement.order_id}",
        sequence_id=1,
        released=True,
        start_node_id=name,
        end_node_id=first.node_id,
        max_speed_mps=APPROACH_SPEED_MPS,
        width_m=APPROACH_WIDTH_M,
        path=movement.approach[1:],
    )
    return node, edge
