"""Who comes after whom: what robots' ways wait for, and how far a base may lead.

The waits of all movements are the edges of an action dependency graph (Hönig et al. 2019): a
departure waits until other robots have done what comes before it. They come from plans in time, in
which what is waited for is earlier, so there is no circle, and whoever is late is waited for.
"""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx

from fleet_manager.core.robot import Movement, Wait
from fleet_manager.core.state import FleetState


def is_over(state: FleetState, wait: Wait) -> bool:
    """Whether what is waited for has happened.

    An order that a robot does not have any more holds nobody up: where the robot stands is what it
    has now.
    """
    other = state.robots.get(wait.robot)
    movement = other.movement if other is not None else None
    if movement is None or movement.order_id != wait.order_id:
        return True
    if wait.arrived or wait.until >= len(movement.nodes) - 1:
        return movement.passed > wait.until
    return movement.passed > wait.until or (movement.passed == wait.until and movement.left)


def open_waits(state: FleetState, movement: Movement) -> tuple[Wait, ...]:
    """What a robot still waits for on its way."""
    return tuple([each for each in movement.waits if not is_over(state, each)])


def may_depart(state: FleetState, movement: Movement, node: int) -> bool:
    """Whether everybody has passed who comes before a robot that leaves a node."""
    return all(is_over(state, each) for each in movement.waits if each.node == node)


def waits_at_end(state: FleetState, movement: Movement) -> Iterator[Wait]:
    """What keeps a base from leading further now."""
    first = min((each.node for each in open_waits(state, movement)), default=None)
    for each in movement.waits:
        if each.node == first and not is_over(state, each):
            yield each


def is_waited_for(state: FleetState, robot: str, movement: Movement) -> bool:
    """Whether anybody waits for a robot to be clear of the node that it has reached last."""
    return any(
        wait.robot == robot
        and wait.order_id == movement.order_id
        and wait.until == movement.passed
        and not wait.arrived
        for record in state.robots.values()
        if record.movement is not None
        for wait in record.movement.waits
    )


def waiting_for(state: FleetState, robot: str) -> list[str]:
    """Robots whose bases wait for one."""
    found = []
    for name, record in state.robots.items():
        movement = record.movement
        if movement is not None and any(each.robot == robot for each in movement.waits):
            found.append(name)
    return found


def precedence_graph(state: FleetState) -> nx.DiGraph[tuple[str, int]]:
    """Departures of robots (name and node) with an edge from each to those that wait for it."""
    graph: nx.DiGraph[tuple[str, int]] = nx.DiGraph()
    for name, record in state.robots.items():
        movement = record.movement
        if movement is None:
            continue
        for node in range(movement.passed, len(movement.nodes) - 1):
            graph.add_edge((name, node), (name, node + 1))
        for wait in open_waits(state, movement):
            graph.add_edge((wait.robot, wait.until), (name, wait.node))
    return graph
