"""Which robot gets which task: emergencies first, then what was overtaken often, then the best sum.

Robots that are idle or soon free are matched with all tasks that wait (planning.assignment); the
masks are those of `options`. What comes out are assignments and, for every task that has to wait,
why it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fleet_manager.core.planning.assignment import (
    Floats,
    Ints,
    Queue,
    overtakings,
    share_out,
)
from fleet_manager.core.planning.availability import position
from fleet_manager.core.planning.options import Desk, Obstacle, Options, desk_of
from fleet_manager.core.planning.patrol_ways import is_held
from fleet_manager.core.planning.prospects import Prospect, Readiness
from fleet_manager.core.planning.reasons import Waiting, reason_chosen
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Category, Considered, Task, TaskStatus

PREEMPTION_PENALTY_S = 60.0
"""A robot is taken from its work for an emergency when idle ones would be this much later."""


YIELDS_S = 900.0
"""A task of a round that is later by this, or that another begins sooner by this, is for all."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A task that goes to a robot.

    Attributes:
        reason: what speaks for the robot, for people.
        considered: the best of the others.
        leaves: the task that the robot gives up for it, or None.
    """

    task: Task
    robot: str
    reason: str
    considered: tuple[Considered, ...] = ()
    leaves: str | None = None


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What becomes of the tasks that wait: assignments, and by task id why others wait."""

    assignments: tuple[Assignment, ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()


NOTHING = Dispatch()


def assign(state: FleetState, now_s: float) -> Dispatch:
    """Which waiting tasks go to which robots, and why the others wait.

    Args:
        now_s: fleet time, Unix seconds.
    """
    queued = [task for task in state.tasks.values() if task.status is TaskStatus.QUEUED]
    if not queued:
        return NOTHING
    early = tuple(
        (task.id, "it is not to begin yet") for task in queued if task.earliest_start_s > now_s
    )
    desk = desk_of(state.site)
    waiting = [task for task in queued if task.earliest_start_s <= now_s and desk.has_work(task)]
    if not waiting:
        return Dispatch((), early)
    prospects = [desk.foresight.prospect(state, robot) for robot in state.robots]
    urgent = [task for task in waiting if task.emergency]
    urgent.sort(key=lambda task: (-task.priority, task.since_s))
    assignments = _answer(state, desk, urgent, prospects)
    taken = {each.robot: each.task.id for each in assignments}
    given = set(taken.values())
    usual = [task for task in waiting if task.id not in given]
    reasons: list[tuple[str, str]] = []
    if usual:
        prospects = [_after(each, taken) for each in prospects]
        more, reasons = _share_out(state, desk, usual, prospects, now_s)
        assignments += more
    return Dispatch(tuple(assignments), (*early, *reasons))


def _after(prospect: Prospect, taken: dict[str, str]) -> Prospect:
    """A robot's prospect once it has been given a task."""
    task_id = taken.get(prospect.robot)
    if task_id is None:
        return prospect
    return replace(prospect, readiness=Readiness.BUSY, why=f"has {task_id}", task_id=task_id)


def _answer(
    state: FleetState, desk: Desk, urgent: Sequence[Task], prospects: Sequence[Prospect]
) -> list[Assignment]:
    """Send the robot that is there first to each emergency, whatever else it does."""
    found: list[Assignment] = []
    taken: dict[str, str] = {}
    for task in urgent:
        others = [called(state, _after(each, taken), task) for each in prospects]
        options = desk.options(state, desk.needs([task]), others, emergency=True)
        at_once_s = np.where(options.free_in_s <= 0.0, options.response_s[0], np.inf)
        column = int(np.argmin(at_once_s))
        if np.isfinite(at_once_s[column]):
            found.append(_assignment(options, 0, column))
            taken[others[column].robot] = task.id
    return found


def called(state: FleetState, prospect: Prospect, task: Task) -> Prospect:
    """A robot as it is to an emergency: from less urgent work it is called away."""
    if prospect.readiness not in (Readiness.SOON, Readiness.BUSY, Readiness.CHARGING):
        return prospect
    has = state.tasks.get(prospect.task_id or "")
    start = position(state, prospect.robot)
    if has is None or start is None or has.robot != prospect.robot:
        return prospect
    if has.category is not Category.CHARGE and has.priority >= task.priority:
        return prospect
    battery = state.telemetry.reports[prospect.robot].battery
    return replace(
        prospect,
        readiness=Readiness.CHARGING,
        why="",
        start=start,
        free_in_s=0.0,
        penalty_s=PREEMPTION_PENALTY_S,
        battery=battery,
    )


def _share_out(
    state: FleetState,
    desk: Desk,
    tasks: Sequence[Task],
    prospects: Sequence[Prospect],
    now_s: float,
) -> tuple[list[Assignment], list[tuple[str, str]]]:
    options = desk.options(state, desk.needs(tasks), prospects)
    keep_rounds(state, options, now_s)
    _keep_beats(state, options)
    chosen = _match(state, options, tasks, now_s)
    found = [
        _assignment(options, row, column)
        for row, column in enumerate(chosen.tolist())
        if column >= 0 and prospects[column].readiness is not Readiness.SOON
    ]
    taken = {each.robot: each.task.id for each in found}
    given = set(taken.values())
    waiting = Waiting(state, desk, options, chosen, taken)
    reasons = [
        (task.id, waiting.reason(row)) for row, task in enumerate(tasks) if task.id not in given
    ]
    return found, reasons


def keep_rounds(state: FleetState, options: Options, now_s: float) -> None:
    """Leave the tasks of a round to the robot it is meant for, in their order.

    That is advice. Another robot that begins much sooner may have the task all the same; and the
    round of a robot that is late, does other work or cannot do the task holds nobody up.
    """
    if not state.rounds:
        return
    rows = {each.task.id: row for row, each in enumerate(options.needs)}
    columns = {each.robot: column for column, each in enumerate(options.prospects)}
    for robot, turns in state.rounds.items():
        column = columns.get(robot)
        if column is None or not _makes_round(state, options.prospects[column]):
            continue
        for place, turn in enumerate(turns):
            row = rows.get(turn.task_id)
            if row is None:
                continue
            if now_s > turn.begins_s + YIELDS_S:
                break
            obstacle = options.obstacle[row, column]
            if obstacle not in (Obstacle.NOTHING, Obstacle.BUSY):
                break
            begins_in_s = turn.begins_s - now_s
            if place == 0 and obstacle == Obstacle.NOTHING:
                begins_in_s = float(options.response_s[row, column])
            later = options.response_s[row] > begins_in_s - YIELDS_S
            later[column] = place > 0
            options.obstacle[row, later & (options.obstacle[row] == 0)] = Obstacle.MEANT
            options.response_s[row, later] = np.inf


def _keep_beats(state: FleetState, options: Options) -> None:
    """Leave robots that wait for their next stretch to their beat: no other beat has them."""
    rows = [row for row, needs in enumerate(options.needs) if needs.task.programme_id is not None]
    if not rows:
        return
    for column, prospect in enumerate(options.prospects):
        if prospect.readiness is Readiness.NOT or not is_held(state, prospect.robot):
            continue
        for row in rows:
            bound = options.needs[row].bound == prospect.robot
            if not bound and options.obstacle[row, column] == Obstacle.NOTHING:
                options.obstacle[row, column] = Obstacle.HELD
                options.response_s[row, column] = np.inf


def _makes_round(state: FleetState, prospect: Prospect) -> bool:
    """Whether a robot is free for its round or at it."""
    if prospect.readiness is Readiness.NOT:
        return False
    has = state.tasks.get(prospect.task_id or "")
    return has is None or has.category in (Category.INSPECT, Category.CHARGE)


def _match(state: FleetState, options: Options, tasks: Sequence[Task], now_s: float) -> Ints:
    """The robot of each task; -1: none."""
    idle = np.isfinite(options.response_s[:, options.free_in_s <= 0.0]).any()
    queue = Queue(
        priority=np.array([task.priority for task in tasks], np.int64),
        since_s=np.array([task.since_s for task in tasks]),
        due_s=np.array([np.inf if task.due_s is None else task.due_s for task in tasks]),
        overtaken=overtaken(state, options, tasks) if idle else np.zeros(len(tasks), np.int64),
    )
    return share_out(options.response_s, options.free_in_s, queue, now_s)


def overtaken(state: FleetState, options: Options, tasks: Sequence[Task]) -> Ints:
    """How often each task was overtaken: younger ones went to robots of kinds that could do it.

    Emergencies and charging overtake nobody.
    """
    since_s: Floats = np.array([task.since_s for task in tasks])
    counts = np.zeros(len(tasks), np.int64)
    for kind, given in state.given.items():
        if kind not in state.site.fleet.kinds:
            continue
        skills = state.site.fleet.kinds[kind].skills
        able = np.array([each.skills <= skills for each in options.needs])
        counts += able * overtakings(since_s, np.array(given))
    return counts


def _assignment(options: Options, row: int, column: int) -> Assignment:
    prospect = options.prospects[column]
    reason, considered = reason_chosen(options, row, column)
    return Assignment(options.needs[row].task, prospect.robot, reason, considered, prospect.task_id)
