"""Why a robot is where it is, in words: its way, and who waits for whom before it."""

from __future__ import annotations

from dataclasses import dataclass

from fleet_manager.core.planning.availability import unavailable
from fleet_manager.core.robot import Movement
from fleet_manager.core.state import FleetState
from fleet_manager.core.traffic.precedence import open_waits
from fleet_manager.core.traffic.standstill import waiting


@dataclass(frozen=True, slots=True)
class Link:
    """A robot that waits, what for, and the first robot that has to move before it; "": nobody."""

    robot: str
    what: str
    behind: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a robot does on the lanes.

    Attributes:
        sentences: for people, the robot itself first.
        chain: who waits for whom, from the robot on; it ends with somebody who waits for nobody.
        after: at which waypoint the robot comes after whom, in the order of its way.
    """

    robot: str
    sentences: tuple[str, ...]
    chain: tuple[Link, ...]
    after: tuple[tuple[str, str], ...]


def explain(state: FleetState, robot: str) -> Explanation:
    """Why a robot is where it is.

    Raises:
        Unknown: there is no such robot.
    """
    movement = state.robot(robot).movement
    chain = _chain(state, robot)
    sentences = [_way(state, robot, movement)]
    sentences += [f"{each.robot} waits for {each.what}." for each in chain]
    last = chain[-1].behind if chain else robot
    if last:
        sentences.append(_doing(state, last))
    after: tuple[tuple[str, str], ...] = ()
    if movement is not None and not movement.outdated:
        after = tuple(
            (movement.nodes[min(each.node + 1, len(movement.nodes) - 1)].waypoint, each.robot)
            for each in open_waits(state, movement)
        )
    return Explanation(robot, tuple(dict.fromkeys(sentences)), chain, after)


def _way(state: FleetState, robot: str, movement: Movement | None) -> str:
    record = state.robot(robot)
    task = f" for {record.task_id}" if record.task_id else ""
    if movement is None:
        place = record.at[0] if record.at else "a place that nobody knows"
        return f"{robot} stands at {place}{task}."
    if movement.outdated or movement.canceling:
        return f"{robot} is about to stop{task}."
    here = movement.nodes[movement.passed].waypoint
    end = movement.nodes[-1].waypoint
    return f"{robot} is at {here}{task}, may go to {movement.base_end}, and is bound for {end}."


def _chain(state: FleetState, robot: str) -> tuple[Link, ...]:
    """Who waits for whom; each robot once."""
    found: list[Link] = []
    seen: set[str] = set()
    here = robot
    while here and here not in seen:
        seen.add(here)
        each = waiting(state, here)
        if each is None or _drives(state, here):
            break
        behind = next((other for other in each.robots if other in state.robots), "")
        found.append(Link(here, each.what, behind))
        here = behind
    return tuple(found)


def _drives(state: FleetState, robot: str) -> bool:
    """Whether a robot has some of its base before it."""
    movement = state.robot(robot).movement
    return movement is not None and movement.passed < movement.released_to


def _doing(state: FleetState, robot: str) -> str:
    why = unavailable(state, robot)
    if why is not None:
        return f"{robot} {why}."
    if _drives(state, robot):
        return f"{robot} drives."
    movement, task = state.robot(robot).movement, state.robot(robot).task_id
    if movement is not None and movement.nodes[movement.passed].actions:
        return f"{robot} is at work{f' on {task}' if task else ''}."
    return f"{robot} stands{f' with {task}' if task else ''}."
