"""Says why a task has the robot it has, why it waits, and why it can never be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.planning.closed_ways import why_no_way
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
}
_TOLD_OF_MANY = {
    Obstacle.BUSY: "have other tasks",
    Obstacle.LOW: "have to charge first",
    Obstacle.TOO_FAR: "have too little charge for it",
    Obstacle.NO_WAY: "find no way there",
    Obstacle.CANNOT: "cannot do it",
}


def away(seconds: float) -> str:
    """How far something is in time, for people."""
    return f"{seconds / 60.0:.1f} min away"


def reason_chosen(options: Options, row: int, column: int) -> tuple[str, tuple[Considered, ...]]:
    """What spoke for a robot, and the best of the others with what spoke against them."""
    responses = options.response_s[row]
    chosen_s = float(responses[column])
    reason = away(chosen_s - options.prospects[column].penalty_s)
    order = [at for at in np.argsort(responses, kind="stable").tolist() if at != column]
    able = [at for at in order if np.isfinite(responses[at])]
    considered = tuple(
        Considered(options.prospects[at].robot, round(float(responses[at]), 1), why)
        for at in able[:ALTERNATIVES_TOLD]
        for why in [_against(options, row, at, chosen_s)]
    )
    rest = Counter(
        Obstacle(code)
        for at, code in enumerate(options.obstacle[row].tolist())
        if at != column and code
    )
    parts = [f"{len(able)} others could"] if able else []
    parts += [f"{count} {_MANY[code]}" for code, count in sorted(rest.items())]
    return reason + (f"; {', '.join(parts)}" if parts else ""), considered


_MANY = {
    Obstacle.BOUND: "are not meant",
    Obstacle.SKILL: "cannot do it",
    Obstacle.BUSY: "are busy",
    Obstacle.AWAY: "are not available",
    Obstacle.CLOSED: "are kept off by closures",
    Obstacle.NO_WAY: "have no way there",
    Obstacle.CANNOT: "cannot do it there",
    Obstacle.LOW: "have to charge first",
    Obstacle.TOO_FAR: "have too little charge",
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
        case Obstacle.NO_WAY:
            home = state.site.fleet.robots[prospect.robot].home
            places = (prospect.start, *(phase.waypoint for phase in needs.task.remaining), home)
            closed = why_no_way(state, prospect.robot, places)
            return closed or _no_route(state, prospect.robot, places)
    return _TOLD.get(obstacle, "cannot do it")


def _no_route(state: FleetState, robot: str, places: Sequence[str]) -> str:
    try:
        state.routes(robot).through(places[0], places[1:])
    except CampusFleetError as error:
        return str(error)
    return "cannot get there"


def why_it_waits(
    state: FleetState,
    desk: Desk,
    options: Options,
    row: int,
    column: int,
    taken: Mapping[str, str],
) -> str:
    """One line on why a task has no robot; worked out anew only where something has changed.

    Args:
        column: the robot that it is matched with, -1: none.
        taken: tasks that robots were given just now.
    """
    if column >= 0:
        return f"waits for {options.prospects[column].robot}, which will soon be free"
    needs = options.needs[row]
    statuses = tuple(
        taken.get(each.robot) or each.task_id or each.why for each in options.prospects
    )
    closed = tuple(state.restricted(each.robot) for each in options.prospects[:1])
    key = (needs, options.obstacle[row].tobytes(), statuses, *map(id, closed))
    known = desk.reasons.get(needs.task.id)
    if known is not None and known[0] == key:
        return known[1]
    reason = _why_it_waits(state, options, row, taken)
    desk.reasons[needs.task.id] = (key, reason)
    return reason


def _why_it_waits(state: FleetState, options: Options, row: int, taken: Mapping[str, str]) -> str:
    never = why_never(state, options.needs[row])
    if never is not None:
        return f"can never run: {never}"
    not_able = (Obstacle.BOUND, Obstacle.SKILL)
    able = [at for at, code in enumerate(options.obstacle[row].tolist()) if code not in not_able]
    told = {at: _told(state, options, row, at, taken) for at in able}
    if len(able) <= ROBOTS_NAMED:
        named = "; ".join(f"{options.prospects[at].robot} {told[at]}" for at in able)
        return f"no robot is free: {named}"
    classes = {
        _TOLD_OF_MANY.get(_obstacle(options, row, at, taken)) or f"“{told[at]}”": None
        for at in sorted(able, key=lambda at: _obstacle(options, row, at, taken))
    }
    return f"none of {len(able)} robots is free: they {', '.join(list(classes)[:ROBOTS_NAMED])}"


def _obstacle(options: Options, row: int, column: int, taken: Mapping[str, str]) -> Obstacle:
    obstacle = Obstacle(options.obstacle[row, column])
    given = options.prospects[column].robot in taken
    return Obstacle.BUSY if given or obstacle is Obstacle.NOTHING else obstacle


def _told(
    state: FleetState, options: Options, row: int, column: int, taken: Mapping[str, str]
) -> str:
    prospect = options.prospects[column]
    given = taken.get(prospect.robot)
    if given is not None:
        return f"has {given}"
    if options.obstacle[row, column] == Obstacle.NOTHING:
        return f"has {prospect.task_id}" if prospect.task_id else "is to do other work first"
    return _short(state, options, row, column)


def why_never(state: FleetState, needs: Needs) -> str | None:
    """Why no robot of the fleet will ever do a task as things are closed now; None: one may.

    Looked at are skills, closed zones, the lanes of the map whether closed or not, and batteries
    when full.
    """
    robots = list(state.site.fleet.robots)
    meant = [name for name in robots if needs.bound in (None, name)]
    if not meant:
        return f"{needs.bound} is not in the fleet"
    able = [name for name in meant if needs.skills <= state.site.kind(name).skills]
    if not able:
        kinds = sorted({state.site.kind(name).name for name in meant})
        return f"no robot can {', '.join(sorted(needs.skills))} ({', '.join(kinds)} robots cannot)"
    whys: dict[str, None] = {}
    for name in able:
        why = _never(state, name, needs)
        if why is None:
            return None
        whys.setdefault(why)
    return "; ".join(list(whys)[:ROBOTS_NAMED])


def _never(state: FleetState, robot: str, needs: Needs) -> str | None:
    closed = needs.closed_zone(state, robot)
    if closed is not None:
        return closed
    if needs.charges:
        return None
    spec, kind = state.site.fleet.robots[robot], state.site.kind(robot)
    routes = state.site.routes(robot)
    places = [phase.waypoint for phase in needs.task.remaining]
    try:
        routes.through(spec.home, (*places, spec.home))
    except NoRoute as error:
        return str(error)
    policy, capacity_wh = state.site.policy, kind.battery.capacity_wh
    try:
        needed = task_wh(state, robot, spec.home, needs.task) / capacity_wh
    except NoRoute:
        return None  # closed now, which may change
    except CampusFleetError as error:
        return str(error)
    there = routes.leg(spec.home, places[0])
    back = routes.leg(places[0], spec.home)
    begun_wh = sum(drive_wh(kind, each.length_m, each.duration_s) for each in (there, back))
    if policy.charge_to - MARGIN * begun_wh / capacity_wh >= policy.reserve:
        return None
    return (
        f"it takes {needed:.0%} of a full battery of {kind.name} robots, and they keep "
        f"{policy.reserve:.0%}"
    )
