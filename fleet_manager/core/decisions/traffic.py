"""Keeps ways such that everybody gets on: who cannot go on gives back what lies beyond its base.

A robot that is silent, stopped, paused or at fault keeps its base and nothing else. Whoever would
come after it where it stays is planned anew from the end of its own base: to its goals another way,
else into a bay, so that those behind can pass. Who finds neither waits where its base ends, and is
tried again with every look.
"""

from __future__ import annotations

from fleet_manager.core.decisions.moving import end_with_base, to_bay
from fleet_manager.core.decisions.tasks import pursue
from fleet_manager.core.draft import Draft
from fleet_manager.core.planning.availability import unavailable
from fleet_manager.core.robot import Movement
from fleet_manager.core.state import FleetState
from fleet_manager.core.traffic.fleet_ways import FleetWays


def settle(draft: Draft) -> None:
    """Have nobody wait for somebody who does not go on."""
    blocked = _cut(draft)
    left = sorted(blocked, key=lambda robot: _turn(draft.state, robot))
    while left:
        still = [robot for robot in left if not _plan_anew(draft, robot)]
        if len(still) == len(left):
            break
        left = still
    for robot in left:
        end_with_base(draft, robot, blocked[robot])


def lead_elsewhere(draft: Draft, robot: str, reason: str) -> None:
    """Another way from the end of a robot's base, or none beyond it."""
    if not _plan_anew(draft, robot):
        end_with_base(draft, robot, reason)


def _cut(draft: Draft) -> dict[str, str]:
    """Robots whose ways end with their bases now in the tables, and why."""
    state = draft.state
    ways = FleetWays.of(state, draft.now_s)
    found: dict[str, str] = {}
    going = {
        robot: record.movement
        for robot, record in state.robots.items()
        if record.movement is not None and _has_more(record.movement)
    }
    for robot, movement in going.items():
        why = unavailable(state, robot)
        if why is not None or ways.is_cut(robot, movement):
            found[robot] = f"{robot} {why}" if why else "its way has changed"
            ways.cut(robot, movement)
    while ways.unsure:
        ways.unsure = False
        for robot, movement in going.items():
            other = ways.waits_for_ever(robot) if robot not in found else None
            if other is not None:
                found[robot] = f"{other} stays in its way"
                ways.cut(robot, movement)
    return found


def _has_more(movement: Movement) -> bool:
    """Whether a way leads on beyond its base."""
    beyond = movement.released_to < len(movement.nodes) - 1
    return beyond and not (movement.canceling or movement.outdated)


def _turn(state: FleetState, robot: str) -> tuple[int, float, str]:
    """Who is planned first: whose task matters most, and has waited longest."""
    task = state.tasks.get(state.robot(robot).task_id or "")
    if task is None:
        return 0, 0.0, robot
    return -task.priority, task.requested_s, robot


def _plan_anew(draft: Draft, robot: str) -> bool:
    """Plan another way beyond a robot's base; False: there is none now."""
    record = draft.state.robot(robot)
    before = record.movement
    if before is None or unavailable(draft.state, robot) is not None:
        return False
    if record.task_id is not None:
        pursue(draft, robot)
    after = draft.state.robot(robot).movement
    if after is None or after.canceling:
        return True
    if after.nodes is not before.nodes:
        return True
    return to_bay(draft, robot)
