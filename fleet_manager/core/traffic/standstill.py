"""What robots wait for that do not get on, and who waits for whom in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from fleet_manager.core.planning.availability import unavailable
from fleet_manager.core.planning.routes import NoRoute
from fleet_manager.core.state import FleetState
from fleet_manager.core.traffic.conflicts import step_resources
from fleet_manager.core.traffic.passages import barred, entry_of
from fleet_manager.core.traffic.precedence import waits_at_end


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a robot waits for.

    Attributes:
        what: for people.
        robots: that hold it; () where it is nobody, as with a closed lane.
    """

    robot: str
    what: str
    robots: tuple[str, ...]


def waiting(state: FleetState, robot: str) -> Waiting | None:
    """What stands in the way of a robot that has somewhere to go; None: nothing, or it has not.

    It is the first thing on its way that others hold: a lane, a waypoint, a bay, a door; or, where
    nothing on the way is held, a free bay to turn into, which the traffic rules ask for.
    """
    way = _way(state, robot)
    if way is None:
        return None
    if isinstance(way, NoRoute):
        return Waiting(robot, str(way), _cut_off_by(state, robot))
    campus = state.site.campus
    movement = state.robot(robot).movement
    if movement is not None:
        comes_after = tuple(waits_at_end(state, movement))
        if comes_after:
            before = tuple(dict.fromkeys(each.robot for each in comes_after))
            place = movement.nodes[comes_after[0].node + 1].waypoint
            named = ", ".join(_with_state(state, each) for each in before)
            return Waiting(robot, f"{place}, which {named} passes first", before)
    for start, end in pairwise(way):
        needed = step_resources(campus, start, end)
        holders = tuple(n for n, held in state.held.items() if n != robot and needed & held)
        if holders:
            named = ", ".join(_with_state(state, each) for each in holders)
            return Waiting(
                robot, f"{_resource(state, needed, holders)}, which {named} holds", holders
            )
        if campus.lane_between(start, end).feature_id in state.restricted(robot).closed:
            return Waiting(robot, f"lane {campus.lane_between(start, end).feature_id} to open", ())
        entry = entry_of(campus, start, end)
        if entry is not None and barred(state, robot, start, end):
            record = state.passages.get(entry[0])
            head = record.head if record is not None else None
            users = (head.robot,) if head is not None and head.robot != robot else ()
            return Waiting(robot, f"{campus.passage(entry[0]).name} to open", users)
    return Waiting(robot, "a bay near its way to be free", ()) if len(way) > 1 else None


def _way(state: FleetState, robot: str) -> tuple[str, ...] | NoRoute | None:
    """From the end of a robot's base to where it is to do something next."""
    record = state.robot(robot)
    movement = record.movement
    if movement is not None and not movement.complete:
        return movement.waypoints[movement.released_to :]
    if movement is not None or record.task_id is None or not record.at:
        return None
    remaining = state.task(record.task_id).remaining
    if not remaining:
        return None
    try:
        return state.routes(robot).path(record.at[0], remaining[0].waypoint)
    except NoRoute as error:
        return error


def _cut_off_by(state: FleetState, robot: str) -> tuple[str, ...]:
    """Silent robots on the way that a standing robot would take to its next place without them."""
    silent = state.silent_holders(robot)
    if not silent:
        return ()
    record, restricted = state.robot(robot), state.restricted(robot)
    goal = state.task(record.task_id or "").remaining[0].waypoint
    routes = state.site.routes(robot, restricted.closed, restricted.limit_pairs)
    try:
        way = routes.path(record.at[0], goal)
    except NoRoute:
        return ()
    steps = (step_resources(state.site.campus, *step) for step in pairwise(way))
    needed = frozenset().union(*steps)
    return tuple(name for name in silent if not needed.isdisjoint(state.held[name]))


def _with_state(state: FleetState, robot: str) -> str:
    """A robot's name, with why it does not go on where it does not."""
    why = unavailable(state, robot)
    return robot if why is None else f"{robot}, which {why},"


def _resource(state: FleetState, needed: frozenset[str], holders: Iterable[str]) -> str:
    """A name for what is held: a waypoint before a lane."""
    held = sorted(needed & frozenset().union(*(state.held[each] for each in holders)))
    at = next((each for each in held if each in state.site.campus.waypoints), held[0])
    return f"bay {at}" if _is_bay(state, at) else at


def _is_bay(state: FleetState, resource: str) -> bool:
    waypoint = state.site.campus.waypoints.get(resource)
    return waypoint is not None and waypoint.is_bay


def blockers(state: FleetState, robots: Iterable[str]) -> dict[str, list[str]]:
    """Robots that do not go on, with everyone of some robots who waits behind them.

    Those come first that wait for it themselves, then those behind these.
    """
    waits: dict[str, tuple[str, ...]] = {}
    for name in robots:
        each = waiting(state, name)
        if each is not None and each.robots:
            waits[name] = each.robots
    found: dict[str, list[str]] = {}
    roots = {other for others in waits.values() for other in others if other not in waits}
    for root in sorted(each for each in roots if unavailable(state, each) is not None):
        behind = [root]
        for ahead in behind:
            behind += [
                name for name, others in waits.items() if ahead in others and name not in behind
            ]
        found[root] = behind[1:]
    return found


def circles(waits: Mapping[str, Waiting]) -> list[tuple[str, ...]]:
    """Robots that wait for each other in circles: none of them gets on before another has.

    Args:
        waits: by robot. A robot waits for all that it names.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    for robot, each in waits.items():
        graph.add_edges_from((robot, other) for other in each.robots if other in waits)
    groups = nx.strongly_connected_components(graph)
    return sorted(tuple(sorted(group)) for group in groups if len(group) > 1)
