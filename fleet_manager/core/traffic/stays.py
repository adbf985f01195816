"""How long a robot stays where it has something to do."""

from __future__ import annotations

from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.planning.prospects import phase_s
from fleet_manager.core.robot import RouteNode
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import read_action_id

UNKNOWN_S = 10.0
"""What something takes of which that is not known."""


def stay_s(state: FleetState, robot: str, node: RouteNode) -> float:
    """How long a robot stays at a node of its way, seconds; 0 where it drives through."""
    return sum(_action_s(state, robot, each.action_id) for each in node.actions)


def _action_s(state: FleetState, robot: str, identifier: str) -> float:
    key = read_action_id(identifier)
    task = state.tasks.get(key[0]) if key is not None else None
    if key is None or task is None or not 1 <= key[1] <= len(task.phases):
        return UNKNOWN_S
    try:
        return phase_s(state.site, state.site.kind(robot), task.phase(key[1]))
    except CampusFleetError:
        return UNKNOWN_S
