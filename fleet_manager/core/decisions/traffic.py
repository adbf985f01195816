"""Keeps ways such that everybody gets on: who cannot go on gives back what lies beyond its base.

A robot that is silent, stopped, paused or at fault keeps its base and nothing else. Whoever would
come after it where it stays is planned anew from the end of its own base: to its goals another way,
else into a bay, so that those behind can pass. Who finds neither waits where its base ends, and is
tried again with every look.
"""

from __future__ import annotations

import contextlib

from fleet_manager.core.decisions.moving import end_with_base, lead_sooner, to_bay
from fleet_manager.core.decisions.tasks import goals_of, pursue
from fleet_manager.core.draft import Draft
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.planning.availability import unavailable
from fleet_manager.core.robot import Movement
from fleet_manager.core.state import FleetState
from fleet_manager.core.traffic.fleet_ways import FleetWays
from fleet_manager.core.traffic.precedence import waits_at_end

PATIENCE_S = 20.0
"""A robot that has waited for so long may be given another order."""
LOOKS_EVERY_S = 10
SOONER_BY_S = 15.0
"""Another order has to win so much, so that orders do not change to and fro."""


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
    _switch(draft)


def _switch(draft: Draft) -> None:
    """Let a robot go first, or another way, that waits for somebody late, where it gains by it.

    A plan anew is made in the times of now, so that the order stays without circles. One robot a
    look, so that no look takes long.
    """
    state = draft.state
    waiting = [robot for robot in state.robots if _waits_long(draft, robot)]
    for robot in sorted(waiting, key=lambda each: _turn(state, each))[:1]:
        task = state.task(state.robot(robot).task_id or "")
        with contextlib.suppress(CampusFleetError):
            lead_sooner(draft, robot, goals_of(draft, robot, task), SOONER_BY_S)


def _waits_long(draft: Draft, robot: str) -> bool:
    """Whether a robot with a task has stood at the end of its base for a while, after others."""
    record = draft.state.robot(robot)
    movement = record.movement
    if movement is None or record.task_id is None or movement.task_id != record.task_id:
        return False
    if movement.passed < movement.released_to or not _has_more(movement):
        return False
    if draft.now_s - movement.updated_s < PATIENCE_S or unavailable(draft.state, robot):
        return False
    looks = (int(draft.now_s) + sum(map(ord, robot))) % LOOKS_EVERY_S == 0
    return looks and any(waits_at_end(draft.state, movement))


def lead_elsewhere(draft: Draft, robot: str, reason: str) -> None:
    """Another way from the end of a robot's base, or none beyond it."""
    if not _plan_anew(draft, robot):
        end_with_base(draft, robot, reason)


def _cut(draft: Draft) -> dict[str, str]:
    """Robots whose ways end with their bases now in the tables, and why."""
    state = draft.state
    ways = FleetWays.of(state, draft.now_s)
    found: dict[str, str] = {}
    whys = {robot: unavailable(state, robot) for robot in state.robots}
    for robot, why in whys.items():
        ways.halt(robot, halted=why is not None)
    going = {
        robot: record.movement
        for robot, record in state.robots.items()
        if record.movement is not None and _has_more(record.movement)
    }
    for robot, movement in going.items():
        why = whys[robot]
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
