"""Which docks there are for a robot, and what those need that count on them, as things stand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import pairwise

from fleet_manager.core.planning.charging import (
    EASY_S,
    ENOUGH,
    KEPT_S,
    OTHERS_HOME_S,
    Choice,
    Claim,
    Need,
    Option,
    choose,
    slack_s,
    to_come_in,
)
from fleet_manager.core.planning.energy_model import charge_s
from fleet_manager.core.report import OperatingMode
from fleet_manager.core.robot import ABSENT, Movement, RobotStatus
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Category, Task

Counted = Mapping[str, tuple[str, ...]]
"""Robots that count on each dock."""
RELEASE_MARGIN_S = 60.0
"""No more way is released than leaves so much time."""
LOOKED_AT = 12
"""Docks that are compared when a robot needs one: those nearest to it."""


def counted_dock(state: FleetState, robot: str) -> str:
    """The dock that a robot counts on: the one chosen for it, else its home; "": none."""
    campus = state.site.campus
    for dock in (state.robot(robot).dock, state.site.fleet.robots[robot].home):
        if dock in campus.waypoints:
            return dock
    return ""


def dock_of(state: FleetState, robot: str, near: str) -> str:
    """The dock that a robot counts on, or the one nearest to a waypoint; "": it can reach none."""
    dock = counted_dock(state, robot)
    if dock:
        return dock
    reach = state.routes(robot).reach(near)
    found = min(((reach.of(each.id)[0], each.id) for each in state.site.campus.docks), default=None)
    return "" if found is None or found[0] == math.inf else found[1]


def counted(state: FleetState) -> dict[str, tuple[str, ...]]:
    """Who counts on which dock, of the robots that are in service."""
    found: dict[str, tuple[str, ...]] = {}
    for robot in state.robots:
        dock = counted_dock(state, robot)
        if dock and in_service(state, robot):
            found[dock] = (*found.get(dock, ()), robot)
    return found


def in_service(state: FleetState, robot: str) -> bool:
    """Whether a robot is heard, and led by the manager."""
    report = state.telemetry.reports.get(robot)
    status = state.robot(robot).status
    if report is None or status in ABSENT or status is RobotStatus.ERROR:
        return False
    return report.battery is not None and report.operating_mode is OperatingMode.AUTOMATIC


def docked_at(state: FleetState, robot: str) -> str:
    """The bay or dock in which a robot stands; "": it stands in none."""
    record = state.robot(robot)
    movement = record.movement
    if movement is None:
        return record.at[0] if record.parked else ""
    at_end = movement.passed == len(movement.nodes) - 1 and movement.complete
    return movement.base_end if at_end else ""


def charge_task(state: FleetState, robot: str) -> Task | None:
    """The task by which a robot charges, or is to."""
    charging = (each for each in state.open_tasks() if each.category is Category.CHARGE)
    return next((each for each in charging if each.description["robot"] == robot), None)


def why_unusable(
    state: FleetState, robot: str, dock: str, lost: Mapping[str, tuple[str, str]]
) -> str | None:
    """What keeps a robot from a dock for longer than others take to charge; None: nothing does.

    Args:
        lost: as `lost_docks` tells.
    """
    if dock not in state.site.campus.waypoints:
        return f"{dock} is not on the map"
    if dock in state.restricted(robot).places:
        return f"{dock} lies in a closed zone"
    by, why = lost.get(dock, (robot, ""))
    return why if by != robot else None


def lost_docks(state: FleetState) -> dict[str, tuple[str, str]]:
    """Docks that give no energy, or are taken by a robot out of service: by whom, and why."""
    found = {dock: ("", f"{dock} gives no energy") for dock in state.docks_out}
    docks = state.site.dock_ids
    for robot, held in state.held.items():
        if not docks.isdisjoint(held) and not in_service(state, robot):
            status = state.robot(robot).status
            for dock in docks & held:
                found.setdefault(dock, (robot, f"{dock} is taken by {robot}, which is {status}"))
    return found


def need_of(state: FleetState, robot: str) -> Need:
    """How a robot's battery is; for one that is in service."""
    battery = state.site.kind(robot).battery
    charge = state.telemetry.reports[robot].battery
    assert charge is not None, f"{robot} does not tell its charge"
    return Need(
        robot,
        battery,
        charge * battery.capacity_wh,
        state.site.policy.reserve * battery.capacity_wh,
        state.robot(robot).consumption.upper,
    )


def claim_of(
    state: FleetState, robot: str, dock: str, movement: Movement | None = None
) -> Claim | None:
    """What a robot needs of a dock if it turns back where its base ends; None: there is no way.

    Args:
        movement: that it would have; None: the one that it has.
    """
    need = need_of(state, robot)
    if movement is None and docked_at(state, robot) == dock:
        return Claim(need, 0.0, 0.0, docked=True)
    record = state.robot(robot)
    movement = record.movement if movement is None else movement
    if movement is None:
        ahead, start = (0.0, 0.0), (record.at[0] if record.at else "")
    else:
        base = movement.way(movement.passed, movement.released_to)
        way = (*base, *movement.way_out)
        ahead, start = _along(state, robot, way), way[-1]
    seconds, energy_wh = state.routes(robot).towards(dock).of(start)
    if seconds == math.inf:
        return None
    beyond_wh = state.site.beyond_wh(robot, dock)
    return Claim(need, ahead[0] + seconds, ahead[1] + energy_wh, beyond_wh)


def _along(state: FleetState, robot: str, way: Iterable[str]) -> tuple[float, float]:
    """Seconds and watt-hours of a way that may lead over what is closed by now."""
    routes = state.site.routes(robot)
    edges = routes.arrays.edge_between
    seconds = energy_wh = 0.0
    for pair in pairwise(way):
        edge = edges.get(pair)
        if edge is not None:
            seconds += float(routes.edge_durations_s[edge])
            energy_wh += float(routes.edge_energies_wh[edge])
    return seconds, energy_wh


def claims_on(state: FleetState, dock: str, robots: Iterable[str], but: str = "") -> list[Claim]:
    """What some robots need of a dock, all but one; those without a way there are left out."""
    found = (claim_of(state, robot, dock) for robot in robots if robot != but)
    return [claim for claim in found if claim is not None]


def may_go_on(state: FleetState, robot: str, movement: Movement) -> bool:
    """Whether everyone gets to a dock in time if a robot's base becomes that of a movement.

    True too where it has no way to a dock at all: nothing is won by standing still then.
    """
    if not in_service(state, robot):
        return True
    dock = counted_dock(state, robot)
    own = claim_of(state, robot, dock, movement) if dock else None
    if own is None:
        return True
    claims = [*claims_on(state, dock, counted(state).get(dock, ()), but=robot), own]
    return robot not in to_come_in(claims, RELEASE_MARGIN_S)


def is_pressed(state: FleetState, robot: str) -> bool:
    """Whether a robot that drives to a dock would soon have to turn back if it were called away."""
    dock = counted_dock(state, robot)
    own = claim_of(state, robot, dock) if dock else None
    if own is None:
        return False
    claims = [*claims_on(state, dock, counted(state).get(dock, ()), but=robot), own]
    return slack_s(claims) < EASY_S


def choose_dock(state: FleetState, robot: str, by_dock: Counted) -> Choice | None:
    """The dock that a robot had best count on from where it is; None: it can reach none."""
    start = _start(state, robot)
    reach = state.routes(robot).reach(start) if start else None
    if reach is None:
        return None
    near = sorted((reach.of(each.id)[0], each.id) for each in state.site.campus.docks)
    docks = [dock for seconds, dock in near if seconds < math.inf]
    own = [counted_dock(state, robot), state.site.fleet.robots[robot].home]
    options: list[Option] = []
    lost = lost_docks(state)
    for dock in dict.fromkeys([*own, *docks]):
        if len(options) == LOOKED_AT:
            break
        if dock and why_unusable(state, robot, dock, lost) is None:
            claim = claim_of(state, robot, dock)
            if claim is not None:
                options.append(_option(state, robot, dock, claim, by_dock.get(dock, ())))
    return choose(options)


def _option(
    state: FleetState, robot: str, dock: str, claim: Claim, there: tuple[str, ...]
) -> Option:
    others = claims_on(state, dock, there, but=robot)
    cost_s = 0.0 if dock == counted_dock(state, robot) else KEPT_S
    home = state.site.fleet.robots[robot].home
    if dock != home:
        at_home = any(each.home == dock for each in state.site.fleet.robots.values())
        cost_s += OTHERS_HOME_S if at_home else 0.0
    for other in others:
        if charge_task(state, other.need.robot) is not None:
            enough_wh = ENOUGH * other.need.battery.capacity_wh
            cost_s += charge_s(other.need.battery, other.need.charge_wh, enough_wh)
    return Option(dock, claim, others, cost_s)


def _start(state: FleetState, robot: str) -> str:
    record = state.robot(robot)
    if record.movement is not None:
        end = (record.movement.base_end, *record.movement.way_out)[-1]
        return "" if record.movement.outdated else end
    return record.at[0] if record.at else ""
