"""Has robots charge in time: at which docks, who comes in, who is next, who makes room."""

from __future__ import annotations

import math
from collections.abc import Mapping

from fleet_manager.core.commands import SubmitTask
from fleet_manager.core.decisions.incidents import raise_once, resolve
from fleet_manager.core.decisions.tasks import cancel_order, pursue, submit, take_away
from fleet_manager.core.draft import Draft
from fleet_manager.core.events import DockChosen, DockFailed, DockPromised
from fleet_manager.core.incident import BATTERY_SHORT, DOCK_FAILED
from fleet_manager.core.map_events import PhaseRepointed
from fleet_manager.core.planning import charging
from fleet_manager.core.planning.availability import unavailable
from fleet_manager.core.planning.charging import Claim
from fleet_manager.core.planning.closed_ways import why_no_way
from fleet_manager.core.planning.docks import (
    Counted,
    charge_task,
    choose_dock,
    claim_of,
    claims_on,
    counted,
    counted_dock,
    docked_at,
    in_service,
    lost_docks,
    why_unusable,
)
from fleet_manager.core.planning.tanks import service_due
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Category, Task, TaskTrigger

CHARGE_PRIORITY = 9
MARGIN_S = 300.0
"""Robots come in while there is so much time left."""
NEARLY_FULL = 0.05
OUT_S = 3600.0
"""A dock at which no energy flowed is tried again after so long."""


def watch(draft: Draft) -> None:
    """Look at all batteries, and at all docks that somebody counts on."""
    _try_again(draft)
    lost = lost_docks(draft.state)
    for robot in draft.state.robots:
        if in_service(draft.state, robot):
            _keep_dock(draft, robot, lost)
    by_dock = counted(draft.state)
    for dock, robots in by_dock.items():
        claims = claims_on(draft.state, dock, robots)
        _call_in(draft, dock, claims, by_dock)
        for claim in claims:
            _watch_idle(draft, claim)
    _promise(draft)


# --- which dock ---


def _try_again(draft: Draft) -> None:
    """Docks that gave no energy are counted on again after a while."""
    for dock, until_s in list(draft.state.docks_out.items()):
        if draft.now_s >= until_s:
            draft.emit(DockFailed(dock, draft.now_s, 0.0))
            resolve(draft, f"dock:{dock}", "it is tried again")


def failed(draft: Draft, robot: str, dock: str, reason: str) -> None:
    """A robot gets no energy at a dock: nobody counts on it for a while."""
    until_s = draft.now_s + OUT_S
    draft.emit(DockFailed(dock, draft.now_s, until_s, robot, reason))
    at = draft.site.campus.waypoints.get(dock)
    title = f"{dock} gives no energy: {robot} found {reason}"
    raise_once(draft, DOCK_FAILED, f"dock:{dock}", 1, title, robot, place=dock, at=at)


def _keep_dock(draft: Draft, robot: str, lost: Mapping[str, tuple[str, str]]) -> None:
    """Have a robot count on another dock where it has none, or its dock is lost."""
    state = draft.state
    dock = counted_dock(state, robot)
    why = why_unusable(state, robot, dock, lost) if dock else "it has no home"
    reached = not state.restricted(robot).closed or claim_of(state, robot, dock) is not None
    if why is None and reached:
        return
    choice = choose_dock(state, robot, counted(state))
    if choice is not None and choice.dock != dock:
        count_on(draft, robot, choice.dock, why or f"no way leads to {dock}")


def count_on(draft: Draft, robot: str, dock: str, reason: str) -> None:
    """Have a robot count on a dock; if it is on its way to another to charge, it goes there."""
    draft.emit(DockChosen(robot, dock, draft.now_s, reason))
    task = charge_task(draft.state, robot)
    if task is None or not task.remaining or task.remaining[0].waypoint == dock:
        return
    draft.emit(PhaseRepointed(task.id, task.remaining[0].id, dock, draft.now_s))
    record = draft.state.robot(robot)
    if record.task_id != task.id or record.movement is None or record.movement.canceling:
        return
    if docked_at(draft.state, robot):
        cancel_order(draft, robot, record.movement.order_id)
    elif unavailable(draft.state, robot) is None:
        pursue(draft, robot)


# --- who comes in ---


def _call_in(draft: Draft, dock: str, claims: list[Claim], by_dock: Counted) -> None:
    """Have robots come in while all that count on a dock can still be served in time."""
    tight = charging.to_come_in(claims, MARGIN_S)
    slack_s = {turn.robot: turn.slack_s for turn in charging.turns(claims)} if tight else {}
    for claim in claims:
        robot = claim.need.robot
        if robot in tight:
            _elsewhere_or_in(draft, robot, dock, slack_s[robot], by_dock)
        else:
            resolve(draft, f"battery:{robot}", "there is time enough again")


def _elsewhere_or_in(draft: Draft, robot: str, dock: str, slack_s: float, by_dock: Counted) -> None:
    """Have a robot whose time is up count on another dock, or come in."""
    choice = choose_dock(draft.state, robot, by_dock)
    if choice is not None and choice.dock != dock and choice.slack_s > 2.0 * MARGIN_S:
        count_on(draft, robot, choice.dock, f"sooner than {dock}")
        return
    if slack_s < 0.0:
        _warn(draft, robot, dock)
    come_in(draft, robot)


def come_in(draft: Draft, robot: str) -> None:
    """Take a robot's task from it, and have it charge."""
    record = draft.state.robot(robot)
    charge = draft.state.telemetry.reports[robot].battery or 0.0
    task = draft.state.tasks.get(record.task_id or "")
    if task is not None and task.category is not Category.CHARGE:
        take_away(draft, task.id, TaskTrigger.RELEASE, f"{robot} has to charge ({charge:.0%})")
    to_charge(draft, robot)


def to_charge(draft: Draft, robot: str) -> None:
    """Have a robot charge, unless it is asked for already or it can reach no dock."""
    if charge_task(draft.state, robot) is not None:
        return
    dock = counted_dock(draft.state, robot)
    if docked_at(draft.state, robot) != dock:
        choice = choose_dock(draft.state, robot, counted(draft.state))
        if choice is not None and choice.dock != dock and choice.slack_s >= charging.EASY_S:
            dock = choice.dock
            count_on(draft, robot, dock, "it is free sooner")
    if not dock:
        return
    description = {"robot": robot}
    if dock != draft.site.fleet.robots[robot].home:
        description["dock"] = dock
    submit(draft, SubmitTask("charge", description, CHARGE_PRIORITY, (), "manager"))


def dock_to_rest_at(state: FleetState, robot: str) -> str:
    """Where a robot that has nothing to do goes to: its home, or a dock that nobody needs now.

    "": it stays. One with a home of its own goes there; others go to a free dock only to charge,
    or to be served.
    """
    home = state.site.fleet.robots[robot].home
    if home in state.site.campus.waypoints and _is_own_home(state, robot, home):
        return home
    start = docked_at(state, robot)
    report = state.telemetry.reports.get(robot)
    if not start or start in state.site.dock_ids or report is None or report.battery is None:
        return ""
    full = report.battery >= state.site.policy.charge_to - NEARLY_FULL
    if full and not service_due(state, robot):
        return ""
    others, lost = state.held_by_others(robot) | _ends(state, robot), lost_docks(state)
    reach = state.routes(robot).reach(start)
    homes = {each.home for each in state.site.fleet.robots.values()} - {home}
    free = [
        (dock in homes, reach.of(dock)[0], dock)
        for dock in state.site.dock_ids
        if dock not in others and why_unusable(state, robot, dock, lost) is None
    ]
    found = min(free, default=None)
    return found[2] if found is not None and found[1] < math.inf else ""


def _ends(state: FleetState, robot: str) -> frozenset[str]:
    """Where the ways of robots other than one end."""
    return frozenset(
        record.movement.nodes[-1].waypoint
        for name, record in state.robots.items()
        if name != robot and record.movement is not None
    )


def _watch_idle(draft: Draft, claim: Claim) -> None:
    """A robot that has nothing to do charges below a threshold."""
    robot = claim.need.robot
    below_wh = draft.site.policy.charge_below * claim.need.battery.capacity_wh
    if draft.state.robot(robot).task_id is None and claim.need.charge_wh < below_wh:
        to_charge(draft, robot)


def _warn(draft: Draft, robot: str, dock: str) -> None:
    """Have people know early of a robot that may fall below its reserve, and of what blocks it."""
    state = draft.state
    record = state.robot(robot)
    start = record.movement.base_end if record.movement else (record.at or ("",))[0]
    others = [each for each in counted(state).get(dock, ()) if each != robot]
    why = why_no_way(state, robot, (start, dock)) if start else None
    if why is None and others:
        why = f"{', '.join(others)} count on {dock} too"
    title = f"{robot} may fall below its reserve before it charges at {dock}"
    raise_once(
        draft, BATTERY_SHORT, f"battery:{robot}", 2, f"{title}: {why}" if why else title, robot
    )


# --- who is next ---


def _promise(draft: Draft) -> None:
    """Give each dock that robots are bound for to the one of them that can wait least.

    A dock that one robot alone counts on is its own anyway.
    """
    bound: dict[str, dict[str, Task]] = {}
    by_dock = counted(draft.state)
    for task in draft.state.open_tasks():
        if task.category is Category.CHARGE and task.robot and task.remaining:
            robot, dock = task.robot, task.remaining[0].waypoint
            if robot in draft.state.robots and docked_at(draft.state, robot) != dock:
                bound.setdefault(dock, {})[robot] = task
    for dock in [*draft.state.promised, *bound]:
        wanting = bound.get(dock, {})
        there = by_dock.get(dock, ())
        own = len(there) == 1 and _is_own_home(draft.state, there[0], dock)
        robot = "" if own else _next(draft.state, dock, there, wanting)
        if robot != draft.state.promised.get(dock, ""):
            draft.emit(DockPromised(dock, robot, draft.now_s))
        if robot:
            _make_room(draft, dock, robot, there)


def _is_own_home(state: FleetState, robot: str, dock: str) -> bool:
    """Whether a dock is the home of this robot and of no other."""
    return [each.name for each in state.site.fleet.robots.values() if each.home == dock] == [robot]


def _next(state: FleetState, dock: str, there: tuple[str, ...], wanting: dict[str, Task]) -> str:
    """The robot that has a dock next; one that holds it already keeps it."""
    if not wanting:
        return ""
    for robot in wanting:
        if dock in state.held[robot]:
            return robot
    claims = claims_on(state, dock, there)
    return charging.next_at(claims, wanting) or min(wanting)


def _make_room(draft: Draft, dock: str, waiting: str, there: tuple[str, ...]) -> None:
    """End the charging of a robot that stands at a dock once it has enough."""
    for robot in there:
        task = draft.state.tasks.get(draft.state.robot(robot).task_id or "")
        if task is None or task.category is not Category.CHARGE or robot == waiting:
            continue
        if docked_at(draft.state, robot) != dock:
            continue
        capacity_wh = draft.site.kind(robot).battery.capacity_wh
        full_wh = (draft.site.policy.charge_to - NEARLY_FULL) * capacity_wh
        enough_wh = min(charging.ENOUGH * capacity_wh, full_wh)
        claims = claims_on(draft.state, dock, there)
        if charging.gives_up(claims, enough_wh, full_wh, MARGIN_S):
            take_away(draft, task.id, TaskTrigger.COMPLETE, f"{waiting} has to charge")
