"""Sends robots on their way: to their tasks, out of others' way, into a bay, home.

A way is planned in time to a bay that is free from then on (`traffic.fleet_ways`); how far a robot
may drive of it follows from after whom it comes (`traffic.release`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from fleet_manager.core.decisions.passages import ask, ask_out
from fleet_manager.core.draft import Draft
from fleet_manager.core.order import Action
from fleet_manager.core.order_events import BaseExtended, OrderIssued, WayPlanned
from fleet_manager.core.planning.approach import AT_M, approach
from fleet_manager.core.planning.availability import unavailable
from fleet_manager.core.planning.docks import may_go_on
from fleet_manager.core.planning.routes import NoRoute
from fleet_manager.core.robot import Movement, RobotStatus, RouteNode
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Category, action_id
from fleet_manager.core.traffic.fleet_ways import FleetWays, Way
from fleet_manager.core.traffic.obstacles import stands_between
from fleet_manager.core.traffic.passages import is_open
from fleet_manager.core.traffic.precedence import open_waits
from fleet_manager.core.traffic.release import further, wanted
from fleet_manager.core.traffic.stays import stay_s

EXTEND_WITHIN_M = 20.0
"""A base is extended when less of it than this lies ahead."""
ENDING_M = 3.0
"""A robot with so little of its order before it ends it before it hears of another."""
UNHEARD_S = 60.0
"""So long after a start homes are left to robots that have never been heard."""
PLAN_AHEAD_S = 90.0
"""Goals are planned through until about so much time is full; the others later, from there."""
MORE_WITHIN_M = 60.0
"""Goals beyond are planned through when the last one planned is so near to the end of the base."""

Goal = tuple[str, tuple[Action, ...]]
"""A waypoint to visit and what to do there."""


def send(draft: Draft, robot: str, goals: Sequence[Goal], task_id: str | None) -> bool:
    """Send a robot through goals and into a bay; False: there is no way now.

    One that is under way is led on from the end of its base.

    Raises:
        NoRoute: a goal cannot be reached.
    """
    record = draft.state.robot(robot)
    if record.movement is not None:
        return _redirect(draft, robot, record.movement, goals, task_id)
    entries = _entries(draft.state, robot)
    if not entries:
        ask_out(draft, robot)
        return False
    if any(_begin(draft, robot, entry, goals, task_id) for entry in entries):
        return True
    return not record.parked and bring_in(draft, robot)


def _begin(
    draft: Draft,
    robot: str,
    entry: str,
    goals: Sequence[Goal],
    task_id: str | None,
    *,
    avoid: Iterable[str] = (),
) -> bool:
    """Issue an order to a robot that stands; False: there is no way now."""
    near, way = _plan_near(draft, robot, goals, entry, avoid)
    if way is None:
        return False
    state = draft.state
    before = approach(state, robot, entry)
    movement = Movement(
        order_id=f"order-{state.manager_epoch}-{state.order_number + 1}",
        nodes=_nodes(RouteNode(entry), way, near),
        updated_s=draft.now_s,
        approach=before,
        behind=state.robot(robot).at[:2] if before else (),
        clear=bool(before) and state.robot(robot).clear,
        task_id=task_id,
        boot_id=state.robot(robot).boot_id,
        waits=way.waits,
    )
    ways = FleetWays.kept(state.site)
    ways.adopt(robot, movement)
    released_to = further(state, ways, robot, movement)
    movement = replace(movement, released_to=released_to or 0)
    others = ways.others(state, robot)
    draft.emit(OrderIssued(robot, movement, state.order_number + 1, others))
    return True


def lead_sooner(draft: Draft, robot: str, goals: Sequence[Goal], sooner_by_s: float) -> bool:
    """Lead a robot another way, or before others, if it ends so much sooner; False: it does not.

    Raises:
        NoRoute: a goal cannot be reached.
    """
    movement = draft.state.robot(robot).movement
    if movement is None:
        return False
    return _redirect(draft, robot, movement, goals, movement.task_id, sooner_by_s)


def _redirect(
    draft: Draft,
    robot: str,
    before: Movement,
    goals: Sequence[Goal],
    task_id: str | None,
    sooner_by_s: float = -math.inf,
) -> bool:
    """Keep the base and lead on from its end; False: there is no way now, or the order ends."""
    if before.canceling or before.outdated:
        return False
    if before.complete and _ahead_m(draft.state, robot, before) < ENDING_M:
        return False
    if sooner_by_s > 0.0:  # as far as the way that it has
        beyond = before.nodes[before.released_to + 1 :]
        planned = {each.action_id for node in beyond for each in node.actions}
        near = [each for each in goals if any(a.action_id in planned for a in each[1])]
        way = _plan(draft, robot, near, sooner_by_s=sooner_by_s)
    else:
        near, way = _plan_near(draft, robot, goals)
    if way is None:
        return False
    nodes = _nodes(before.nodes[before.released_to], way, near)
    ways = FleetWays.kept(draft.state.site)
    ways.adopt(robot, replace(before, nodes=(*before.nodes[: before.released_to], *nodes)))
    others = ways.others(draft.state, robot)
    same = nodes == before.nodes[before.released_to :] and not others
    if (
        same
        and task_id == before.task_id
        and set(way.waits) == set(open_waits(draft.state, before))
    ):
        return True  # nothing to tell anybody: it would count as news of the order
    draft.emit(WayPlanned(robot, nodes, way.waits, draft.now_s, others, task_id))
    return True


def end_with_base(draft: Draft, robot: str, reason: str) -> None:
    """Have a robot's way end where its base does; what it would have used beyond is free."""
    movement = draft.state.robot(robot).movement
    if movement is None or movement.released_to == len(movement.nodes) - 1:
        return
    ways = FleetWays.of(draft.state, draft.now_s)
    ways.cut(robot, movement)
    nodes = movement.nodes[: movement.released_to + 1]
    ways.adopt(robot, replace(movement, nodes=nodes))
    waits = ways.waits(ways.numbers[robot])
    others = ways.others(draft.state, robot)
    draft.emit(WayPlanned(robot, nodes[-1:], waits, draft.now_s, others, movement.task_id, reason))


def _near(state: FleetState, robot: str, start: str, goals: Sequence[Goal]) -> list[Goal]:
    """The goals that are planned through now: the first, and those that follow soon."""
    routes = state.routes(robot)
    found: list[Goal] = []
    total_s, here = 0.0, start
    for waypoint, actions in goals:
        if total_s > PLAN_AHEAD_S:
            break
        total_s += routes.duration_s(here, waypoint) or 0.0
        total_s += stay_s(state, robot, RouteNode(waypoint, actions))
        found.append((waypoint, actions))
        here = waypoint
    return found


def _plan_near(
    draft: Draft,
    robot: str,
    goals: Sequence[Goal],
    entry: str = "",
    avoid: Iterable[str] = (),
) -> tuple[list[Goal], Way | None]:
    """Plan through the goals that are near, or through the first where others rest at the next.

    Raises:
        NoRoute: a goal cannot be reached.
    """
    movement = draft.state.robot(robot).movement
    start = entry or (movement.base_end if movement is not None else "")
    near = _near(draft.state, robot, start, goals)
    way = _plan(draft, robot, near, entry, avoid)
    if way is None and len(near) > 1:
        near = near[:1]
        way = _plan(draft, robot, near, entry, avoid)
    return near, way


def _plan(
    draft: Draft,
    robot: str,
    goals: Sequence[Goal],
    entry: str = "",
    avoid: Iterable[str] = (),
    *,
    sooner_by_s: float = -math.inf,
) -> Way | None:
    """Plan a way through goals into a bay, from an entry or from the end of the robot's base.

    Args:
        avoid: waypoints at which it must not end.
        sooner_by_s: it has to end so much sooner than the way that the robot has.

    Raises:
        NoRoute: a goal cannot be reached.
    """
    state = draft.state
    restricted = state.restricted(robot)
    ways = FleetWays.of(state, draft.now_s)
    movement = state.robot(robot).movement
    start = entry or (movement.base_end if movement is not None else "")
    _check_reachable(state, robot, start, goals)
    promised = {dock for dock, to in state.promised.items() if to != robot}
    promised |= _homes_of_unheard(state, robot, draft.now_s)
    last = goals[-1][0] if goals else ""
    if last in promised:
        return None
    home = state.site.fleet.robots[robot].home
    ends = state.site.campus.is_bay(last) if last else False
    rests = [ways.arrays.bays_for(home, named, restricted.places) for named in (False, True)]
    if sooner_by_s <= 0.0:
        rests.append(ways.arrays.all_bays(restricted.places))
    return ways.plan(
        state,
        robot,
        [(each, stay_s(state, robot, RouteNode(each, actions))) for each, actions in goals],
        rests,
        draft.now_s,
        entry=entry,
        goal=last if ends and last not in restricted.places else "",
        shut=[*promised, *avoid],
        out=not goals and start in restricted.shut,
        sooner_by_s=sooner_by_s,
    )


def _homes_of_unheard(state: FleetState, robot: str, now_s: float) -> set[str]:
    """Homes of other robots that may stand there and have not said so yet, after a start."""
    if now_s - state.manager_started_s > UNHEARD_S:
        return set()
    return {
        state.site.fleet.robots[name].home
        for name, record in state.robots.items()
        if name != robot and record.status is RobotStatus.UNINITIALIZED
    }


def _check_reachable(state: FleetState, robot: str, start: str, goals: Sequence[Goal]) -> None:
    """Raises NoRoute."""
    routes, here = state.routes(robot), start
    for waypoint, _ in goals:
        if routes.duration_s(here, waypoint) is None:
            routes.path(here, waypoint)
        here = waypoint


def _nodes(first: RouteNode, way: Way, goals: Sequence[Goal]) -> tuple[RouteNode, ...]:
    """The nodes of a way with what is done at them."""
    nodes = [first, *(RouteNode(each) for each in way.waypoints)]
    for at, (_, actions) in zip(way.served, goals, strict=True):
        nodes[at] = replace(nodes[at], actions=(*nodes[at].actions, *actions))
    return tuple(nodes)


def _distance(state: FleetState, robot: str, waypoint: str) -> tuple[bool, float]:
    """Whether a waypoint is on another level than the robot was last seen on, and metres to it."""
    report, there = state.telemetry.reports[robot], state.site.campus.waypoint(waypoint)
    return report.level != there.level, math.dist((report.x_m, report.y_m), there.xy)


def _entries(state: FleetState, robot: str) -> list[str]:
    """Where a robot that stands may begin its next order, the best first.

    One that was stopped on a lane begins at the nearer end of it. In a door or lift it waits until
    that is open.
    """
    record = state.robot(robot)
    if record.parked or not record.at:
        return list(record.at[:1])
    ends = _ends(state, robot)
    if any(stands_between(state, robot, each) for each in ends):  # back, on a one-way lane too
        back = () if record.clear else record.at[:2]
        ends = tuple(each for each in back if not stands_between(state, robot, each))
    found = sorted(ends, key=lambda each: _distance(state, robot, each))
    return [each for each in found if _may_leave(state, robot, each)]


def _may_leave(state: FleetState, robot: str, entry: str) -> bool:
    waypoint = state.site.campus.waypoint(entry)
    if not waypoint.passage:
        return True
    return is_open(state, robot, (waypoint.passage, waypoint.level))


def _ends(state: FleetState, robot: str) -> tuple[str, ...]:
    """The ends of the lane that a robot stands on; only the first where it has not entered it."""
    at = state.robot(robot).at
    if len(at) < 2:
        return at
    if state.robot(robot).clear:  # others may have been sent to the first
        return at[1:2]
    lane = state.site.campus.lane_between(at[0], at[1])
    entered = _distance(state, robot, at[0]) > (False, AT_M)
    if entered and lane.reverse is None and lane.lift is None:
        return at[1:2]
    closed = lane.feature_id in state.restricted(robot).closed
    return at[:2] if entered or not closed else at[:1]


def bring_in(draft: Draft, robot: str) -> bool:
    """Send a robot that stands off the bays into the nearest free one; False: none is in reach."""
    entries = _entries(draft.state, robot)
    if not entries:
        ask_out(draft, robot)
    return any(_begin(draft, robot, entry, (), None) for entry in entries)


def to_bay(draft: Draft, robot: str) -> bool:
    """Lead a robot from the end of its base into a bay; False: none is in reach."""
    movement = draft.state.robot(robot).movement
    if movement is None:
        return bring_in(draft, robot)
    return _redirect(draft, robot, movement, (), movement.task_id)


def lead_on(draft: Draft, robot: str) -> bool:
    """Release more of a robot's way, where all have passed who come before.

    False: it does not go on, as it could not get to a dock in time from there.
    """
    movement = draft.state.robot(robot).movement
    if movement is None or movement.canceling or movement.complete:
        return True
    if _ahead_m(draft.state, robot, movement) > EXTEND_WITHIN_M:
        return True
    released_to = further(draft.state, FleetWays.kept(draft.site), robot, movement)
    if released_to is None:
        ask(draft, robot, movement)
        return True
    then = replace(movement, released_to=released_to)
    if _works(draft.state, movement) and not may_go_on(draft.state, robot, then):
        return False
    draft.emit(BaseExtended(robot, released_to, (), draft.now_s))
    return True


def wants_more(state: FleetState, robot: str, movement: Movement) -> bool:
    """Whether the goals that a robot's way was planned through come to an end, and there are more.

    Args:
        movement: of its task.
    """
    task = state.tasks.get(movement.task_id or "")
    if task is None or movement.canceling or movement.outdated:
        return False
    planned = {each.action_id for node in movement.nodes for each in node.actions}
    if all(action_id(task, each) in planned for each in task.remaining):
        return False
    last = max((at for at, node in enumerate(movement.nodes) if node.actions), default=0)
    ahead = movement.way(movement.released_to, max(last, movement.released_to))
    return state.site.routes(robot).length_m(ahead) < MORE_WITHIN_M


def _works(state: FleetState, movement: Movement) -> bool:
    """Whether a movement serves a task other than charging."""
    task = state.tasks.get(movement.task_id or "")
    return task is not None and task.category is not Category.CHARGE


def _ahead_m(state: FleetState, robot: str, movement: Movement) -> float:
    """Length of base that a robot has before it."""
    routes = state.site.routes(robot)
    ahead_m = routes.length_m(movement.way(movement.passed, movement.released_to))
    report = state.telemetry.reports.get(robot)
    if report is None or report.order_id != movement.order_id:
        return ahead_m
    return max(0.0, ahead_m - report.distance_since_last_node_m)


def make_way(draft: Draft, robot: str, needed: frozenset[str]) -> None:
    """Send robots that stand in what a robot needs to other bays."""
    for name, held in list(draft.state.held.items()):
        record = draft.state.robot(name)
        stands = record.movement is None and record.parked
        if name == robot or not stands or held.isdisjoint(needed):
            continue
        if unavailable(draft.state, name) is None:
            _begin(draft, name, record.at[0], (), None, avoid=needed | held)


def go_home(draft: Draft, robot: str, home: str) -> bool:
    """Send a robot that has nothing to do to a dock; False: it stands there, or cannot now."""
    record = draft.state.robot(robot)
    if home in record.at or not record.parked or home not in draft.site.campus.waypoints:
        return False
    try:
        return send(draft, robot, [(home, ())], None)
    except NoRoute:
        return False


def needed_from(state: FleetState, robot: str, goal: str) -> frozenset[str]:
    """Resources of a standing robot's way to a goal.

    Raises:
        NoRoute: the goal cannot be reached.
    """
    routes = state.routes(robot)
    nodes = tuple(RouteNode(each) for each in routes.path(state.robot(robot).at[0], goal))
    return wanted(state, Movement("", nodes, 0.0), math.inf)
