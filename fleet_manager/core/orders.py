"""From a robot's movement to the order it is told."""

from __future__ import annotations

from typing import Any

from fleet_manager.core.order import Action, Order, OrderEdge, OrderNode
from fleet_manager.core.planning.dispatch import interruptible_soc
from fleet_manager.core.robot import Movement
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Phase, Task, action_id

HORIZON_NODES = 40
"""Of the way beyond the base a robot is told this much."""
DEVIATION_M = 0.5


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
        parameters |= {
            "zone_id": phase.detail,
            "path": [[round(x_m, 3), round(y_m, 3)] for x_m, y_m in plan.path],
            "brush_width_m": kind.brush_width_m,
            "from_m": min(phase.from_m, plan.length_m),
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


def order_of(state: FleetState, robot: str, movement: Movement) -> Order:
    """The order as it stands: base from the last node reached, and the horizon."""
    campus = state.site.campus
    max_speed_mps = state.site.kind(robot).max_speed_mps
    first = movement.passed
    last = min(len(movement.nodes), movement.released_to + 1 + HORIZON_NODES)
    nodes: list[OrderNode] = []
    edges: list[OrderEdge] = []
    for index in range(first, last):
        node = movement.nodes[index]
        waypoint = campus.waypoint(node.waypoint)
        stops = bool(node.actions) or index == len(movement.nodes) - 1
        nodes.append(
            OrderNode(
                node_id=waypoint.id,
                sequence_id=2 * index,
                released=index <= movement.released_to,
                x_m=waypoint.x_m,
                y_m=waypoint.y_m,
                level=waypoint.level,
                theta_rad=waypoint.heading_rad if stops else None,
                allowed_deviation_xy_m=movement.start_deviation_m if index == 0 else DEVIATION_M,
                actions=node.actions,
            )
        )
        if index + 1 < last:
            lane = campus.lane_between(waypoint.id, movement.nodes[index + 1].waypoint)
            edges.append(
                OrderEdge(
                    edge_id=lane.id,
                    sequence_id=2 * index + 1,
                    released=index + 1 <= movement.released_to,
                    start_node_id=lane.start,
                    end_node_id=lane.end,
                    max_speed_mps=min(lane.speed_limit_mps, max_speed_mps),
                    width_m=lane.width_m,
                    path=lane.points[1:-1],
                )
            )
    return Order(
        robot=robot,
        order_id=movement.order_id,
        order_update_id=movement.update_id,
        map_id=campus.id,
        map_version=campus.version,
        nodes=tuple(nodes),
        edges=tuple(edges),
    )
