"""Which robot could have which task, and when it could begin: masks and times for all pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from fleet_manager.core.config import KindSpec
from fleet_manager.core.planning.assignment import Seconds
from fleet_manager.core.planning.docks import dock_of
from fleet_manager.core.planning.energy import upper
from fleet_manager.core.planning.goal_times import GoalTimes, Rows, Table
from fleet_manager.core.planning.prospects import Foresight, Prospect, Readiness
from fleet_manager.core.planning.routes import Routes
from fleet_manager.core.planning.task_needs import Needs
from fleet_manager.core.site import Site
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Task

NEARLY_FULL = 0.05
MARGIN = 1.25
"""What work for more than one charge leaves, at least, for being done before the way home."""


class Obstacle(IntEnum):
    """What keeps a robot from a task; the first that applies."""

    NOTHING = 0
    BOUND = 1
    SKILL = 2
    BUSY = 3
    AWAY = 4
    CLOSED = 5
    NO_WAY = 6
    CANNOT = 7
    LOW = 8
    TOO_FAR = 9
    MEANT = 10
    HELD = 11


@dataclass(frozen=True)
class Options:
    """All pairs of some tasks and robots.

    Attributes:
        response_s: until the robot could begin the task, with penalties, shape (tasks, robots);
            infinite where an obstacle is.
        obstacle: shape (tasks, robots), of `Obstacle`.
        needed: share of the robot's battery that the task takes, with the ways there and home.
        free_in_s: of each robot.
    """

    needs: Sequence[Needs]
    prospects: Sequence[Prospect]
    response_s: Seconds
    obstacle: NDArray[np.int8]
    needed: NDArray[np.float32]
    free_in_s: Seconds


class WorkTable:
    """What some tasks take a kind of robot, as arrays of shape (tasks,).

    Attributes:
        firsts: rows of their first places in the table of times.
        charges, cannot: which of them are charging, and which the kind cannot do.
    """

    def __init__(
        self, state: FleetState, robot: str, needs: Sequence[Needs], times: GoalTimes
    ) -> None:
        self.needs, self.times = needs, times
        works = [each.work(state, robot, times.routes) for each in needs]
        self.firsts = times.rows([each.first for each in needs])
        self._generation = times.generation
        self.charges = np.array([each.charges for each in needs], bool)
        self.cannot = np.array([bool(each.why) and not each.no_way for each in works], bool)
        self._work_wh = np.array([each.energy_wh for each in works], np.float32)
        self._last = times.columns([each.last for each in needs])
        self._first = times.columns([each.first for each in needs])
        self._docks: tuple[object, Table, Table] | None = None

    def is_of(self, needs: Sequence[Needs], times: GoalTimes) -> bool:
        """Whether it is of these tasks, and its rows are valid."""
        valid = self.times is times and self._generation == times.generation
        return valid and self.needs == needs

    def to_docks(self, times: GoalTimes, docks: Sequence[str]) -> tuple[Table, Table]:
        """Energy of the work and on to docks, and from its first place to docks; (tasks, docks)."""
        if self._docks is None or self._docks[0] != docks:
            rows = times.rows(docks)
            after_wh = times.ways(rows, self._last)[1].T + self._work_wh[:, None]
            self._docks = (docks, after_wh, times.ways(rows, self._first)[1].T)
        return self._docks[1:]


class Desk:
    """What is kept of a site between decisions, so that each takes little time."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.foresight = Foresight(site)
        self._needs: dict[str, Needs] = {}
        self._times: dict[str, GoalTimes] = {}
        self._tables: dict[str, WorkTable] = {}
        self.reasons: dict[str, tuple[Needs, object, str]] = {}

    def needs(self, tasks: Sequence[Task], keep: bool = False) -> list[Needs]:
        """What tasks ask for; those not among them are forgotten in time, unless all are kept."""
        known = self._needs
        found: list[Needs] = []
        for task in tasks:
            each = known.get(task.id)
            if each is None or (each.task is not task and each.task.phases is not task.phases):
                each = known[task.id] = Needs.of(task)
            each.task = task
            found.append(each)
        if len(known) > 2 * len(tasks) + 100 and not keep:
            self._needs = {each.task.id: each for each in found}
            self.reasons = {key: self.reasons[key] for key in self._needs if key in self.reasons}
        return found

    def has_work(self, task: Task) -> bool:
        """Whether anything of a task is left to be done."""
        known = self._needs.get(task.id)
        return (known is not None and known.task.phases is task.phases) or bool(task.remaining)

    def times(self, kind: KindSpec, routes: Routes) -> GoalTimes:
        """The table of a kind of robot on the routes as they are now."""
        known = self._times.get(kind.name)
        if known is None or known.routes is not routes:
            known = self._times[kind.name] = GoalTimes(routes)
        return known

    def options(
        self,
        state: FleetState,
        needs: Sequence[Needs],
        prospects: Sequence[Prospect],
        emergency: bool = False,
    ) -> Options:
        """All pairs of tasks and robots.

        Args:
            emergency: robots may go below the charge at which others are sent to charge first.
        """
        shape = (len(needs), len(prospects))
        found = Options(
            needs,
            prospects,
            np.full(shape, np.inf, np.float32),
            np.zeros(shape, np.int8),
            np.full(shape, np.nan, np.float32),
            np.array([each.free_in_s for each in prospects], np.float32),
        )
        _mark(found, [each.readiness is Readiness.BUSY for each in prospects], Obstacle.BUSY)
        _mark(found, [each.readiness is Readiness.NOT for each in prospects], Obstacle.AWAY)
        kinds: dict[str, list[int]] = {}
        for column, each in enumerate(prospects):
            kinds.setdefault(each.kind.name, []).append(column)
        for columns in kinds.values():
            self._of_kind(state, found, columns, emergency)
        _bind(found)
        found.response_s[found.obstacle != Obstacle.NOTHING] = np.inf
        return found

    def _of_kind(
        self, state: FleetState, found: Options, columns: Sequence[int], emergency: bool
    ) -> None:
        kind = found.prospects[columns[0]].kind
        able = np.array([each.skills <= kind.skills for each in found.needs], bool)
        lacking = np.flatnonzero(~able)
        found.obstacle[np.ix_(lacking, np.array(columns))] = Obstacle.SKILL
        rows = np.flatnonzero(able)
        ready = [at for at in columns if found.prospects[at].readiness <= Readiness.SOON]
        if not len(rows) or not ready:
            return
        robot = found.prospects[ready[0]].robot
        routes = state.routes(robot)
        self._weigh(state, found, rows, np.array(ready), self.times(kind, routes), emergency)

    def _weigh(
        self,
        state: FleetState,
        found: Options,
        rows: Rows,
        columns: Rows,
        times: GoalTimes,
        emergency: bool,
    ) -> None:
        """Times, energy and what is closed, for the tasks that a kind is able to do."""
        needs = [found.needs[row] for row in rows.tolist()]
        prospects = [found.prospects[column] for column in columns.tolist()]
        robot, kind = prospects[0].robot, prospects[0].kind
        pairs = np.ix_(rows, columns)
        work = self._table(state, robot, needs, times)
        starts = times.columns([each.start for each in prospects])
        away_s, to_wh = times.ways(work.firsts, starts)
        penalty_s = np.array([each.penalty_s for each in prospects], np.float32)
        found.response_s[pairs] = away_s + found.free_in_s[columns] + penalty_s
        docks = [dock_of(state, each.robot, each.start) or each.start for each in prospects]
        after_wh, back_wh = work.to_docks(times, docks)
        most = np.array([upper(state, each.robot) for each in prospects], np.float32)
        share = most / np.float32(kind.battery.capacity_wh)
        needed = (to_wh + after_wh) * share
        begun = (to_wh + back_wh) * share
        found.needed[pairs] = needed
        battery = np.array(
            [np.nan if each.battery is None else each.battery for each in prospects], np.float32
        )
        charges = work.charges[:, None]
        obstacle = self._charge_obstacles(needed, begun, battery, emergency)
        obstacle[np.broadcast_to(charges, obstacle.shape)] = Obstacle.NOTHING
        called_away = np.array([each.readiness is Readiness.CHARGING for each in prospects])
        obstacle[charges & called_away] = Obstacle.BUSY
        obstacle[~np.isfinite(away_s)] = Obstacle.NO_WAY
        obstacle[~np.isfinite(needed) & ~charges] = Obstacle.NO_WAY
        obstacle[work.cannot] = Obstacle.CANNOT
        if state.restricted(robot).zones:
            for at, each in enumerate(needs):
                if each.closed_zone(state, robot) is not None:
                    obstacle[at] = Obstacle.CLOSED
        found.obstacle[pairs] = obstacle

    def _table(
        self, state: FleetState, robot: str, needs: Sequence[Needs], times: GoalTimes
    ) -> WorkTable:
        """What the tasks take, kept while they are the same."""
        known = self._tables.get(times.routes.kind.name)
        if known is None or not known.is_of(needs, times):
            known = WorkTable(state, robot, needs, times)
            self._tables[times.routes.kind.name] = known
        return known

    def _charge_obstacles(
        self,
        needed: NDArray[np.float32],
        begun: NDArray[np.float32],
        battery: NDArray[np.float32],
        emergency: bool,
    ) -> NDArray[np.int8]:
        """Whether batteries do; work for more than one charge is begun with a full one."""
        policy = self.site.policy
        with np.errstate(invalid="ignore"):
            does = battery - needed >= policy.reserve
            begins = battery - MARGIN * begun >= policy.reserve
            does |= (battery >= policy.charge_to - NEARLY_FULL) & begins
            enough = battery >= (policy.reserve if emergency else policy.charge_below)
        obstacle = np.where(does, Obstacle.NOTHING, Obstacle.TOO_FAR).astype(np.int8)
        obstacle[:, ~enough] = Obstacle.LOW  # NaN: it does not tell
        return obstacle


def _mark(found: Options, robots: Sequence[bool], obstacle: Obstacle) -> None:
    found.obstacle[:, np.flatnonzero(robots)] = obstacle


def _bind(found: Options) -> None:
    """Tasks for one robot are for no other."""
    names = {each.robot: column for column, each in enumerate(found.prospects)}
    for row, each in enumerate(found.needs):
        if each.bound is not None:
            own = names.get(each.bound)
            others = np.arange(len(found.prospects)) != (-1 if own is None else own)
            found.obstacle[row, others] = Obstacle.BOUND


def desk_of(site: Site) -> Desk:
    """What is kept of a site; it goes with the site."""
    desk = site.kept.get(Desk)
    if desk is None:
        desk = site.kept[Desk] = Desk(site)
    assert isinstance(desk, Desk)
    return desk
