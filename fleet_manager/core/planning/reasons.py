"""Says why a task has the robot it has, why it waits, and why it can never be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.planning.assignment import Ints
from fleet_manager.core.planning.closed_ways import why_no_way
from fleet_manager.core.planning.docks import dock_of
from fleet_manager.core.planning.energy import drive_wh, task_wh
from fleet_manager.core.planning.options import MARGIN, Desk, Obstacle, Options
from fleet_manager.core.planning.prospects import Readiness
from fleet_manager.core.planning.routes import NoRoute
from fleet_manager.core.planning.task_needs import Needs
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Considered

ALTERNATIVES_TOLD = 3
ROBOTS_NAMED = 4

_TOLD = {
    Obstacle.BUSY: "has another task",
    Obstacle.LOW: "has to charge first",
    Obstacle.TOO_FAR: "has too little charge for it",
    Obstacle.HELD: "waits for its next stretch",
}
_TOLD_OF_MANY = {
    Obstacle.BUSY: "have other tasks",
    Obstacle.AWAY: "cannot be sent now",
    Obstacle.CLOSED: "are kept off by closures",
    Obstacle.NO_WAY: "find no way there",
    Obstacle.CANNOT: "cannot do it",
    Obstacle.LOW: "have to charge first",
    Obstacle.TOO_FAR: "have too little charge for it",
    Obstacle.MEANT: "leave it to the round that it is in",
    Obstacle.HELD: "wait for their next stretch",
}


def away(seconds: float) -> str:
    """How far something is in time, for people."""
    return f"{seconds / 60.0:.1f} min away"


def reason_chosen(options: Options, row: int, column: int) -> tuple[str, tuple[Considered, ...]]:
    """What spoke for a robot, and the best of the others with what spoke against them."""
    responses = options.response_s[row]
    chosen_s = float(responses[column])
    reason = away(chosen_s - options.prospects[column].penalty_s)
    nearest = np.argpartition(responses, min(ALTERNATIVES_TOLD, len(responses) - 1))
    nearest = np.sort(nearest[: ALTERNATIVES_TOLD + 1])
    order = nearest[np.argsort(responses[nearest], kind="stable")].tolist()
    considered = tuple(
        Considered(
            options.prospects[at].robot,
            round(float(responses[at]), 1),
            _against(options, row, at, chosen_s),
        )
        for at in order
        if at != column and np.isfinite(responses[at])
    )[:ALTERNATIVES_TOLD]
    counts = np.bincount(options.obstacle[row], minlength=len(Obstacle)).tolist()
    others = counts[Obstacle.NOTHING] - 1
    parts = [f"{others} more could"] if others else []
    parts += [f"{count} {_MANY[code]}" for code in _MANY if (count := counts[code])]
    return reason + (f"; {', '.join(parts)}" if parts else ""), considered


_MANY = {
    Obstacle.BOUND: "not meant",
    Obstacle.SKILL: "without the skill",
    Obstacle.BUSY: "busy",
    Obstacle.AWAY: "not available",
    Obstacle.CLOSED: "kept off by closures",
    Obstacle.NO_WAY: "without a way there",
    Obstacle.CANNOT: "unable to do it there",
    Obstacle.LOW: "to charge first",
    Obstacle.TOO_FAR: "with too little charge",
    Obstacle.MEANT: "not of its round",
    Obstacle.HELD: "on another beat",
}


def _against(options: Options, row: int, column: int, chosen_s: float) -> str:
    """Why a robot that could have a task did not get it."""
    prospect = options.prospects[column]
    later_s = float(options.response_s[row, column]) - chosen_s
    if later_s >= 0.0:
        what = f"would begin {later_s:.0f} s later"
    else:
        what = f"is {-later_s:.0f} s nearer, and of more use elsewhere"
    if prospect.readiness is Readiness.SOON:
        return f"{prospect.why}, {what}"
    if prospect.readiness is Readiness.CHARGING:
        return f"{'has ' + prospect.task_id if prospect.task_id else 'charges'}, {what}"
    return what


def obstacle_told(state: FleetState, options: Options, row: int, column: int) -> str:
    """What keeps a robot from a task, with figures."""
    needs, prospect = options.needs[row], options.prospects[column]
    charge = prospect.battery
    match Obstacle(options.obstacle[row, column]):
        case Obstacle.TOO_FAR if charge is not None:
            needed = float(options.needed[row, column]) + state.site.policy.reserve
            return f"has {charge:.0%}, the task needs {needed:.0%}"
        case Obstacle.LOW:
            if charge is None:
                return "does not tell its charge"
            return f"has to charge first ({charge:.0%})"
        case Obstacle.CANNOT:
            return needs.works[prospect.kind.name].why
    return _short(state, options, row, column)


def _short(state: FleetState, options: Options, row: int, column: int) -> str:
    """The same without what changes all the time."""
    needs, prospect = options.needs[row], options.prospects[column]
    obstacle = Obstacle(options.obstacle[row, column])
    match obstacle:
        case Obstacle.BOUND:
            return f"the task is for {needs.bound}"
        case Obstacle.SKILL:
            lacking = sorted(needs.skills - prospect.kind.skills)
            return f"{prospect.kind.name} robots cannot {', '.join(lacking)}"
        case Obstacle.BUSY | Obstacle.AWAY:
            return prospect.why or f"has {prospect.task_id}"
        case Obstacle.CLOSED:
            return needs.closed_zone(state, prospect.robot) or "a zone is closed"
        case Obstacle.MEANT:
            return _meant(state, needs.task.id, prospect.robot)
        case Obstacle.NO_WAY:
            home = dock_of(state, prospect.robot, prospect.start)
            places = (prospect.start, *(phase.waypoint for phase in needs.task.remaining), home)
            closed = why_no_way(state, prospect.robot, places)
            return closed or _no_route(state, prospect.robot, places)
    return _TOLD.get(obstacle, "cannot do it")


def _meant(state: FleetState, task_id: str, robot: str) -> str:
    for owner, turns in state.rounds.items():
        for place, turn in enumerate(turns):
            if turn.task_id == task_id:
                if owner == robot:
                    return f"has {place} before it in its round"
                return f"leaves it to the round of {owner}"
    return "leaves it to a round"


def _no_route(state: FleetState, robot: str, places: Sequence[str]) -> str:
    try:
        state.routes(robot).through(places[0], places[1:])
    except CampusFleetError as error:
        return str(error)
    return "cannot get there"


_BITS = np.array([1 << int(code) for code in Obstacle], np.int32)
"""By obstacle, so that those of a row are one number."""


class Waiting:
    """Says of tasks that wait why they do; worked out anew only where something has changed.

    Args:
        chosen: the robot that each task is matched with, -1: none.
        taken: tasks that robots were given just now, by robot.
    """

    def __init__(
        self,
        state: FleetState,
        desk: Desk,
        options: Options,
        chosen: Ints,
        taken: Mapping[str, str],
    ) -> None:
        self._state, self._desk, self._options = state, desk, options
        self._chosen, self._taken = chosen.tolist(), taken
        codes = options.obstacle.copy()
        able = (codes != Obstacle.BOUND) & (codes != Obstacle.SKILL)
        given = np.array([each.robot in taken for each in options.prospects], bool)
        self._meant = {
            turn.task_id: (robot, place)
            for robot, turns in state.rounds.items()
            for place, turn in enumerate(turns)
        }
        codes[able & (given | (codes == Obstacle.NOTHING))] = Obstacle.BUSY
        self._able = able
        self._counts = able.sum(axis=1).tolist()
        self._present = np.bitwise_or.reduce(_BITS[codes], axis=1).tolist()

    def reason(self, row: int) -> str:
        """One line on why a task has no robot."""
        column = self._chosen[row]
        if column >= 0:
            return f"waits for {self._options.prospects[column].robot}, which will soon be free"
        needs = self._options.needs[row]
        meant = self._meant.get(needs.task.id)
        if meant is not None and self._present[row] >> int(Obstacle.MEANT) & 1:
            robot, place = meant
            return f"is in the round of {robot}, {place} before it"
        told: tuple[str, ...] = ()
        if self._counts[row] <= ROBOTS_NAMED:
            told = tuple(self._of_robot(row, at) for at in np.flatnonzero(self._able[row]).tolist())
        key = (self._present[row], self._counts[row], told, self._state.restrictions)
        known = self._desk.reasons.get(needs.task.id)
        if known is not None and known[0] is needs and known[1] == key:
            return known[2]
        reason = self._reason(row, told)
        self._desk.reasons[needs.task.id] = (needs, key, reason)
        return reason

    def _of_robot(self, row: int, column: int) -> str:
        prospect = self._options.prospects[column]
        given = self._taken.get(prospect.robot)
        if given is None and self._options.obstacle[row, column] != Obstacle.NOTHING:
            return f"{prospect.robot} {_short(self._state, self._options, row, column)}"
        given = given or prospect.task_id
        return (
            f"{prospect.robot} has {given}" if given else f"{prospect.robot} is to work elsewhere"
        )

    def _reason(self, row: int, told: Sequence[str]) -> str:
        needs = self._options.needs[row]
        never = never_of(self._state, needs)
        if never is not None:
            return f"can never run: {never}"
        if told:
            return f"no robot is free: {'; '.join(told)}"
        codes = [code for code in Obstacle if self._present[row] >> int(code) & 1]
        classes = [_TOLD_OF_MANY[code] for code in codes if code in _TOLD_OF_MANY]
        closed = needs.closed_zone(self._state, next(iter(self._state.robots)))
        where = f" ({closed})" if Obstacle.CLOSED in codes and closed else ""
        return f"none of {self._counts[row]} robots is free: they {', '.join(classes)}{where}"


def never_of(state: FleetState, needs: Needs) -> str | None:
    """What `why_never` says, worked out once while nothing is closed or opened."""
    if needs.never is None or needs.never[0] is not state.restrictions:
        needs.never = (state.restrictions, why_never(state, needs))
    return needs.never[1]


def why_never(state: FleetState, needs: Needs) -> str | None:
    """Why no robot of the fleet will ever do a task as things are closed now; None: one may.

    Looked at are skills, closed zones, the lanes of the map whether closed or not, and batteries
    when full.
    """
    able = _able(state, needs)
    if not able:
        return _nobody(state, needs)
    whys: dict[str, None] = {}
    for name in able:
        why = _never(state, name, needs)
        if why is None:
            return None
        whys.setdefault(why)
    return "; ".join(list(whys)[:ROBOTS_NAMED])


def why_cut_off(state: FleetState, needs: Needs) -> str | None:
    """Why no robot that could do a task gets to its places, closed lanes or not; None: one does."""
    whys: dict[str, None] = {}
    for name in _able(state, needs):
        why = _off_the_lanes(state, name, needs)
        if why is None:
            return None
        whys.setdefault(why)
    return "; ".join(list(whys)[:ROBOTS_NAMED]) or None


def _able(state: FleetState, needs: Needs) -> list[str]:
    """Robots that the task is meant for and that have the skills."""
    return [
        name
        for name in state.site.fleet.robots
        if needs.bound in (None, name) and needs.skills <= state.site.kind(name).skills
    ]


def _nobody(state: FleetState, needs: Needs) -> str:
    if needs.bound is not None and needs.bound not in state.site.fleet.robots:
        return f"{needs.bound} is not in the fleet"
    who = needs.bound or f"robot of the fleet {state.site.fleet.name}"
    return f"no {who} can {', '.join(sorted(needs.skills))}"


def _off_the_lanes(state: FleetState, robot: str, needs: Needs) -> str | None:
    """Which way is not on the map for the kind of a robot, from its dock and back."""
    home = dock_of(state, robot, needs.task.remaining[0].waypoint)
    ends = (home,) if home in state.site.campus.waypoints else ()
    places = (*ends, *(phase.waypoint for phase in needs.task.remaining), *ends)
    try:
        state.site.routes(robot).through(places[0], places[1:])
    except NoRoute as error:
        return str(error)
    return None


def _never(state: FleetState, robot: str, needs: Needs) -> str | None:
    closed = needs.closed_zone(state, robot)
    if closed is not None:
        return closed
    off = _off_the_lanes(state, robot, needs)
    kind = state.site.kind(robot)
    dock = dock_of(state, robot, needs.task.remaining[0].waypoint)
    if off is not None or needs.charges or dock not in state.site.campus.waypoints:
        return off
    routes = state.site.routes(robot)
    first = needs.task.remaining[0].waypoint
    policy, capacity_wh = state.site.policy, kind.battery.capacity_wh
    try:
        needed = task_wh(state, robot, dock, needs.task) / capacity_wh
    except NoRoute:
        return None  # closed now, which may change
    except CampusFleetError as error:
        return str(error)
    there = routes.leg(dock, first)
    back = routes.leg(first, dock)
    begun_wh = sum(drive_wh(kind, each.length_m, each.duration_s) for each in (there, back))
    if policy.charge_to - MARGIN * begun_wh / capacity_wh >= policy.reserve:
        return None
    return (
        f"it takes {needed:.0%} of a full battery of {kind.name} robots, and they keep "
        f"{policy.reserve:.0%}"
    )
