"""Which robot gets which task: assignment with masks (Kuhn 1955, as solved by scipy)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from scipy.optimize import linear_sum_assignment

from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.planning.availability import unavailable
from fleet_manager.core.planning.closed_ways import closed_place, why_no_way
from fleet_manager.core.planning.energy import begin_wh, task_wh
from fleet_manager.core.planning.routes import NoRoute
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Category, Task, TaskStatus

CHARGING_PENALTY_S = 120.0
"""A robot that charges is taken when others would be this much later."""
NEARLY_FULL = 0.05
MARGIN = 1.25
"""What work for more than one charge leaves, at least, for being done before the way home."""
INFEASIBLE_S = 1e9

SKILLS = {
    "go_to_point": "go_to",
    "patrol_point": "patrol",
    "respond_point": "respond",
    "clean_zone": "clean",
    "inspect_asset": "inspect",
    "charge": "charge",
}
"""The skill that each type of action needs (docs/protocol.md)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a robot would be for a task.

    Attributes:
        reason: why not, or what speaks for it; for people.
        cost_s: seconds until it could begin; None: it cannot have the task.
    """

    robot: str
    eligible: bool
    reason: str
    cost_s: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a task waits, or who has it."""

    reason: str
    robots: tuple[Candidate, ...]


def position(state: FleetState, robot: str) -> str | None:
    """The waypoint from which a robot's next order would begin; None: it is not placed."""
    record = state.robot(robot)
    if record.movement is not None:
        return None if record.movement.blocks else record.movement.base_end
    return record.at[0] if record.at else None


def candidate(state: FleetState, robot: str, task: Task) -> Candidate:
    """What a robot would be for a task."""

    def no(reason: str) -> Candidate:
        return Candidate(robot, False, reason, None)

    kind = state.site.kind(robot)
    bound = task.description.get("robot")
    if bound is not None and bound != robot:
        return no(f"the task is for {bound}")
    lacking = {SKILLS[phase.action_type] for phase in task.phases} - kind.skills
    if lacking:
        return no(f"{kind.name} robots cannot {', '.join(sorted(lacking))}")
    reason = unavailable(state, robot)
    if reason is not None:
        return no(reason)
    penalty_s = 0.0
    other = state.robot(robot).task_id
    if other is not None:
        if not _may_stop_charging(state, robot, other, task):
            return no(f"has {other}")
        penalty_s = CHARGING_PENALTY_S
    start = position(state, robot)
    if start is None:
        return no("has not been placed on the map")
    reason = closed_place(state, robot, task)
    if reason is not None:
        return no(reason)
    try:
        return _reachable(state, robot, start, task, penalty_s)
    except NoRoute as error:
        home = state.site.fleet.robots[robot].home
        places = (start, *(phase.waypoint for phase in task.remaining), home)
        return no(why_no_way(state, robot, places) or str(error))
    except CampusFleetError as error:
        return no(str(error))


def _may_stop_charging(state: FleetState, robot: str, other: str, task: Task) -> bool:
    """Whether what a robot has is a charge that has lasted long enough."""
    has = state.tasks.get(other)
    if has is None or has.category is not Category.CHARGE or task.category is Category.CHARGE:
        return False
    battery = state.telemetry.reports[robot].battery
    return battery is not None and battery >= interruptible_soc(state)


def interruptible_soc(state: FleetState) -> float:
    """State of charge from which a robot may be called away from its dock."""
    policy = state.site.policy
    return (policy.charge_below + policy.charge_to) / 2


def _reachable(
    state: FleetState, robot: str, start: str, task: Task, penalty_s: float
) -> Candidate:
    """Raises CampusFleetError if a place cannot be reached or cleaned."""
    first = task.remaining[0].waypoint
    routes = state.routes(robot)
    if task.category is not Category.CHARGE:
        reason = _lacks_energy(state, robot, start, task)
        if reason is not None:
            return Candidate(robot, False, reason, None)
    duration_s = routes.leg(start, first).duration_s
    minutes = duration_s / 60.0
    return Candidate(robot, True, f"{minutes:.1f} min away", duration_s + penalty_s)


def _lacks_energy(state: FleetState, robot: str, start: str, task: Task) -> str | None:
    """Why the battery does not do; work for more than one charge is begun with a full one."""
    policy = state.site.policy
    battery = state.telemetry.reports[robot].battery
    if battery is None:
        return "does not tell its charge"
    if battery < policy.charge_below:
        return f"has to charge first ({battery:.0%})"
    capacity_wh = state.site.kind(robot).battery.capacity_wh
    needed = task_wh(state, robot, start, task) / capacity_wh
    if battery - needed >= policy.reserve:
        return None
    begun = begin_wh(state, robot, start, task) / capacity_wh
    if battery >= policy.charge_to - NEARLY_FULL and battery - MARGIN * begun >= policy.reserve:
        return None
    return f"has {battery:.0%}, the task needs {needed + policy.reserve:.0%}"


def assign(state: FleetState, now_s: float) -> list[tuple[Task, Candidate]]:
    """Which waiting tasks go to which robots; higher priorities first, then the sum of costs."""
    waiting = [task for task in state.open_tasks() if _waits(task, now_s)]
    waiting.sort(key=lambda task: -task.priority)
    taken: set[str] = set()
    pairs: list[tuple[Task, Candidate]] = []
    for _, group in groupby(waiting, key=lambda task: task.priority):
        robots = [name for name in state.robots if name not in taken]
        chosen = _assign(state, list(group), robots)
        taken |= {each.robot for _, each in chosen}
        pairs += chosen
    return pairs


def _waits(task: Task, now_s: float) -> bool:
    return task.status is TaskStatus.QUEUED and task.earliest_start_s <= now_s


def _assign(
    state: FleetState, tasks: Sequence[Task], robots: Sequence[str]
) -> list[tuple[Task, Candidate]]:
    if not tasks or not robots:
        return []
    rows = [[candidate(state, robot, task) for robot in robots] for task in tasks]
    costs = np.array(
        [[INFEASIBLE_S if c.cost_s is None else c.cost_s for c in row] for row in rows]
    )
    chosen_rows, chosen_columns = linear_sum_assignment(costs)
    chosen = zip(chosen_rows.tolist(), chosen_columns.tolist(), strict=True)
    pairs = [(tasks[row], rows[row][column]) for row, column in chosen]
    return [(task, each) for task, each in pairs if each.eligible]


def explain(state: FleetState, task_id: str, now_s: float) -> Explanation:
    """Why a task waits or who has it, and what each robot would be for it.

    Raises:
        Unknown: there is no such task.
    """
    task = state.task(task_id)
    if not task.remaining:
        return Explanation(task.reason or f"it is {task.status}", ())
    robots = tuple(candidate(state, robot, task) for robot in state.robots)
    if task.status is not TaskStatus.QUEUED:
        has = f"{task.robot} has it" if task.robot else f"it is {task.status}"
        return Explanation(f"{has}: {task.reason}" if task.reason else has, robots)
    return Explanation(why_it_waits(task, robots, now_s), robots)


def why_it_waits(task: Task, robots: Sequence[Candidate], now_s: float) -> str:
    """One line on why a task has no robot."""
    if task.earliest_start_s > now_s:
        return "it is not to begin yet"
    if any(each.eligible for each in robots):
        return "a robot is about to get it"
    able = [each for each in robots if "robots cannot" not in each.reason]
    able = [each for each in able if not each.reason.startswith("the task is for")]
    if not able:
        return "no robot of the fleet can do it"
    shown = "; ".join(f"{each.robot} {each.reason}" for each in able[:4])
    more = f"; and {len(able) - 4} more" if len(able) > 4 else ""
    return f"no robot is free: {shown}{more}"
