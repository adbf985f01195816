"""Explains every decision on a task: who was considered, who got it, and what keeps the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fleet_manager.core.planning.dispatch import called, keep_rounds
from fleet_manager.core.planning.options import Obstacle, Options, desk_of
from fleet_manager.core.planning.prospects import Readiness
from fleet_manager.core.planning.reasons import away, never_of, obstacle_told
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Attempt, TaskStatus


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a robot would be for a task now.

    Attributes:
        eligible: it could be given the task at once.
        reason: why not, or what speaks for it; for people.
        cost_s: seconds until it could begin; None: it cannot have the task.
    """

    robot: str
    eligible: bool
    reason: str
    cost_s: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a task waits, or who has it.

    Attributes:
        robots: what each robot would be for it now.
        decided: when it was last given to a robot, with the best of the others; None: never.
        never: why no robot of the fleet can ever do it, or "".
    """

    reason: str
    robots: tuple[Candidate, ...]
    decided: Attempt | None = None
    never: str = ""


def explain(state: FleetState, task_id: str, now_s: float) -> Explanation:
    """Why a task waits or who has it, and what each robot would be for it.

    Raises:
        Unknown: there is no such task.
    """
    task = state.task(task_id)
    decided = task.attempts[-1] if task.attempts else None
    if not task.remaining:
        return Explanation(task.reason or f"it is {task.status}", (), decided)
    desk = desk_of(state.site)
    (needs,) = desk.needs([task], keep=True)
    prospects = [desk.foresight.prospect(state, robot) for robot in state.robots]
    emergency = task.emergency
    if emergency:
        prospects = [called(state, each, task) for each in prospects]
    options = desk.options(state, [needs], prospects, emergency)
    keep_rounds(state, options, now_s)
    robots = tuple(_candidate(state, options, column) for column in range(len(prospects)))
    never = "" if task.ended else never_of(state, needs) or ""
    if task.status is not TaskStatus.QUEUED:
        has = f"{task.robot} has it" if task.robot else f"it is {task.status}"
        reason = f"{has}: {task.reason}" if task.reason else has
        return Explanation(reason, robots, decided, never)
    if never:
        return Explanation(f"can never run: {never}", robots, decided, never)
    if task.earliest_start_s > now_s:
        return Explanation("it is not to begin yet", robots, decided)
    return Explanation(task.reason or "a robot is about to get it", robots, decided)


def _candidate(state: FleetState, options: Options, column: int) -> Candidate:
    prospect = options.prospects[column]
    if options.obstacle[0, column] != Obstacle.NOTHING:
        return Candidate(prospect.robot, False, obstacle_told(state, options, 0, column), None)
    cost_s = float(options.response_s[0, column])
    driving = away(cost_s - prospect.penalty_s - float(np.maximum(prospect.free_in_s, 0.0)))
    if prospect.readiness is Readiness.SOON:
        reason = f"{prospect.why}, free in {prospect.free_in_s:.0f} s and then {driving}"
        return Candidate(prospect.robot, False, reason, cost_s)
    if prospect.readiness is Readiness.CHARGING:
        return Candidate(prospect.robot, True, f"has {prospect.task_id}, {driving}", cost_s)
    return Candidate(prospect.robot, True, driving, cost_s)
