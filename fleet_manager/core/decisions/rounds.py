"""Rounds of inspections: when they are to be planned anew, and what becomes of a plan.

A round is an order of tasks that are meant for a robot next (docs/decisions/0012). It is advice:
the robot gets each task when its turn comes, by the same masks as any other, and a round whose
robot does something else holds nobody up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from fleet_manager.core.draft import Draft
from fleet_manager.core.events import RoundsPlanned
from fleet_manager.core.planning.availability import unavailable
from fleet_manager.core.planning.docks import dock_of
from fleet_manager.core.planning.energy import SLOWER, upper
from fleet_manager.core.planning.jobs import PlanningJob, Wish
from fleet_manager.core.planning.options import Desk, desk_of
from fleet_manager.core.planning.prospects import Prospect, Readiness
from fleet_manager.core.planning.rounds import (
    Matrix,
    RoundRobot,
    Rounds,
    RoundsProblem,
    Visit,
)
from fleet_manager.core.planning.task_needs import Needs
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Category, Task, TaskStatus, Turn

KIND = "rounds"
ITERATIONS = 600
SOON_S = 900.0
"""Inspections that may begin within this are planned together."""
BUSY_S = 600.0
"""A robot that is busy for who knows how long is reckoned to be free after this."""
SLACK = 1.5
"""Of what each robot would do if all did as much, rounds may last so much longer."""
DRAWS_A_WH = 100.0
"""What batteries draw is planned in hundredths of a watt-hour."""
MOST = 200
"""Inspections that are planned together; the rest is planned when some of these are done."""


def wishes(state: FleetState, now_s: float) -> Iterable[Wish]:
    """A plan of rounds, while inspections wait that are in none and robots are too few for all."""
    waiting = _waiting(state, now_s)
    if len(waiting) < 2:
        return
    planned = {turn.task_id for turns in state.rounds.values() for turn in turns}
    planned |= state.rounds_without
    if all(task.id in planned for task in waiting):
        return
    robots = [robot for robot in state.robots if _inspects(state, robot)]
    if not robots:
        return
    named = "\n".join((*(task.id for task in waiting), "", *robots))
    identifier = f"{KIND}:{hashlib.sha256(named.encode()).hexdigest()[:16]}"

    def make() -> PlanningJob:
        problem = _problem(state, waiting, robots, now_s)
        return PlanningJob(identifier, KIND, ITERATIONS, problem)

    yield Wish(identifier, KIND, make)


def adopt(draft: Draft, job_id: str, rounds: Rounds) -> None:
    """Keep the rounds that were planned; what no round takes is given out like any other task."""
    planned = tuple(
        (robot, tuple(Turn(*each) for each in zip(tasks, absolute, strict=True)))
        for (robot, tasks), begins_s in zip(rounds.rounds, rounds.begins_s, strict=True)
        for absolute in [[round(draft.now_s + each, 1) for each in begins_s]]
    )
    draft.emit(RoundsPlanned(planned, rounds.left_out, draft.now_s))


def _waiting(state: FleetState, now_s: float) -> list[Task]:
    """Inspections that any robot may do and that may begin soon, oldest first."""
    return [
        task
        for task in state.tasks.values()
        if task.category is Category.INSPECT
        and task.status is TaskStatus.QUEUED
        and "robot" not in task.description
        and task.earliest_start_s <= now_s + SOON_S
    ][:MOST]


def _inspects(state: FleetState, robot: str) -> bool:
    return "inspect" in state.site.kind(robot).skills and unavailable(state, robot) is None


def _problem(
    state: FleetState, tasks: Sequence[Task], robots: Sequence[str], now_s: float
) -> RoundsProblem:
    """The rounds to be planned, as the state is now."""
    desk = desk_of(state.site)
    needs = desk.needs(tasks, keep=True)
    prospects = [desk.foresight.prospect(state, robot) for robot in robots]
    prospects = [each for each in prospects if each.readiness is not Readiness.NOT]
    kinds = list(dict.fromkeys(each.kind.name for each in prospects))
    seconds, draws = zip(
        *(_between(state, desk, needs, prospects, kind) for kind in kinds), strict=True
    )
    first = {kind: next(p for p in prospects if p.kind.name == kind).robot for kind in kinds}
    visits = tuple(_visit(state, each, [first[kind] for kind in kinds], now_s) for each in needs)
    last_s = _latest(visits, prospects, seconds)
    visits = tuple(replace(each, late_s=each.late_s or last_s) for each in visits)
    return RoundsProblem(
        visits=visits,
        robots=tuple(_robot(state, each, kinds.index(each.kind.name)) for each in prospects),
        seconds=seconds,
        draws=draws,
        before=tuple(
            (robot, tuple(turn.task_id for turn in turns)) for robot, turns in state.rounds.items()
        ),
        seed=state.task_number,
    )


def _latest(
    visits: Sequence[Visit], prospects: Sequence[Prospect], seconds: Sequence[Matrix]
) -> float:
    """When a visit that is not due is to begin at the latest: all robots share the work.

    Without this the least driving is one robot that makes all visits.
    """
    count = len(visits)
    free_s = np.array([each.free_in_s for each in prospects])
    free_s = np.where(np.isfinite(free_s), free_s, BUSY_S)
    ways_s = np.min(np.stack(seconds), axis=0)
    starts_s = ways_s[count : count + len(prospects), :count] + free_s[:, None]
    between_s = ways_s[:count, :count] + np.diag(np.full(count, np.inf, np.float32))
    nearest_s = np.minimum(between_s.min(axis=0), starts_s.min(axis=0))
    reached_s = starts_s.min(axis=0)
    possible = np.isfinite(reached_s)
    if not possible.any():
        return BUSY_S
    work_s = np.array([each.work_s for each in visits])
    share_s = float((nearest_s + work_s)[possible].sum()) / len(prospects)
    return float(reached_s[possible].max()) + SLACK * share_s


def _robot(state: FleetState, prospect: Prospect, kind: int) -> RoundRobot:
    free_in_s = prospect.free_in_s if np.isfinite(prospect.free_in_s) else BUSY_S
    spare = max(0.0, (prospect.battery or 0.0) - state.site.policy.reserve)
    spare_wh = spare * prospect.kind.battery.capacity_wh / upper(state, prospect.robot)
    charge = spare_wh * DRAWS_A_WH
    return RoundRobot(prospect.robot, kind, free_in_s, charge)


def _visit(state: FleetState, needs: Needs, robots: Sequence[str], now_s: float) -> Visit:
    task = needs.task
    works = [needs.work(state, robot, state.routes(robot)) for robot in robots]
    able = [
        number
        for number, (robot, work) in enumerate(zip(robots, works, strict=True))
        if not work.why and needs.closed_zone(state, robot) is None
    ]
    work_s = max((works[number].duration_s for number in able), default=0.0)
    work_wh = max((works[number].energy_wh for number in able), default=0.0)
    late_s = None if task.due_s is None else task.due_s - now_s - work_s
    early_s = max(0.0, task.earliest_start_s - now_s)
    return Visit(
        name=task.id,
        work_s=work_s,
        work_draw=work_wh * DRAWS_A_WH,
        early_s=early_s,
        late_s=None if late_s is None or late_s <= early_s else late_s,
        weight=float(2.0 ** min(task.priority, 6)),
        kinds=frozenset(able),
    )


def _between(
    state: FleetState,
    desk: Desk,
    needs: Sequence[Needs],
    prospects: Sequence[Prospect],
    kind: str,
) -> tuple[Matrix, Matrix]:
    """Times and draws between visits, where robots begin, and their docks, for a kind."""
    robot = next(each.robot for each in prospects if each.kind.name == kind)
    times = desk.times(state.site.kind(robot), state.routes(robot))
    starts = [each.start for each in prospects]
    docks = [dock_of(state, each.robot, each.start) or each.start for each in prospects]
    rows = times.rows([*(each.first for each in needs), *starts, *docks])
    columns = times.columns([*(each.last for each in needs), *starts, *docks])
    seconds, energies_wh = times.ways(rows, columns)
    return (
        np.ascontiguousarray(seconds.T) * np.float32(SLOWER),
        np.ascontiguousarray(energies_wh.T) * np.float32(DRAWS_A_WH),
    )
