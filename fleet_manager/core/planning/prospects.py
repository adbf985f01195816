"""When and where each robot could begin something new: now, soon, or by leaving what it does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from fleet_manager.core.config import KindSpec
from fleet_manager.core.errors import CampusFleetError, UnknownFeature
from fleet_manager.core.planning.assignment import LOOK_AHEAD_S
from fleet_manager.core.planning.availability import interruptible_soc, position, unavailable
from fleet_manager.core.planning.docks import dock_of, docked_at, is_pressed
from fleet_manager.core.planning.energy import SLOWER, drive_wh, phase_wh
from fleet_manager.core.planning.tanks import service_due
from fleet_manager.core.robot import Movement
from fleet_manager.core.site import Site
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Category, Phase, PhaseStatus, Task, action_id

CHARGING_PENALTY_S = 120.0
"""A robot that charges is taken when others would be this much later."""


class Readiness(IntEnum):
    """Whether a robot could have another task."""

    IDLE = 0
    """Now; it has none."""
    CHARGING = 1
    """Now; it charges and has enough to be called away."""
    SOON = 2
    """It is about to be free."""
    BUSY = 3
    """It has a task, and is free only after that."""
    NOT = 4
    """It cannot be given anything."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a robot is to whoever gives out tasks.

    Attributes:
        why: what keeps it from beginning now, for people; "" where nothing does.
        start: waypoint from which it would begin; "" before it is placed.
        free_in_s: until it could begin; infinite where that is not known.
        penalty_s: of taking it, on top.
        battery: state of charge when it could begin, 0 to 1; None: it does not tell.
        task_id: of the task that it has.
    """

    robot: str
    kind: KindSpec
    readiness: Readiness
    why: str = ""
    start: str = ""
    free_in_s: float = 0.0
    penalty_s: float = 0.0
    battery: float | None = None
    task_id: str | None = None


class Foresight:
    """Works out prospects; keeps how long the ways of present orders are."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._ways: dict[str, tuple[object, tuple[float, ...], tuple[float, ...]]] = {}

    def prospect(self, state: FleetState, robot: str) -> Prospect:
        """When and where a robot could begin something new."""
        kind = self._site.kind(robot)
        record = state.robot(robot)
        why = unavailable(state, robot)
        if why is not None:
            return Prospect(robot, kind, Readiness.NOT, why, task_id=record.task_id)
        report = state.telemetry.reports[robot]
        start = position(state, robot)
        if start is None:
            return Prospect(robot, kind, Readiness.NOT, "has not been placed on the map")
        battery = report.battery
        if record.task_id is None and (why := service_due(state, robot)):
            return Prospect(robot, kind, Readiness.NOT, why)
        if record.task_id is None:
            return Prospect(robot, kind, Readiness.IDLE, "", start, battery=battery)
        task = state.tasks.get(record.task_id)
        has = f"has {record.task_id}"
        if task is None:
            return Prospect(robot, kind, Readiness.NOT, has, task_id=record.task_id)
        if task.category is Category.CHARGE:
            return self._charging(state, robot, task, start, battery)
        busy = Prospect(
            robot, kind, Readiness.BUSY, has, start, math.inf, 0.0, battery, record.task_id
        )
        return self._soon(state, busy, task) or busy

    def _charging(
        self, state: FleetState, robot: str, task: Task, start: str, battery: float | None
    ) -> Prospect:
        """Free at once where it has enough, else when it will have."""
        kind = self._site.kind(robot)
        enough = interruptible_soc(state)
        if battery is None:
            return Prospect(robot, kind, Readiness.NOT, "does not tell its charge")
        if battery >= enough and (docked_at(state, robot) or not is_pressed(state, robot)):
            return Prospect(
                robot,
                kind,
                Readiness.CHARGING,
                "",
                start,
                0.0,
                CHARGING_PENALTY_S,
                battery,
                task.id,
            )
        why = f"has {task.id}"
        missing_wh = (enough - battery) * kind.battery.capacity_wh
        wait_s = missing_wh / max(kind.battery.charge_w, 1e-9) * 3600.0
        charges = state.telemetry.reports[robot].charging
        if not charges or wait_s > LOOK_AHEAD_S:
            return Prospect(
                robot, kind, Readiness.BUSY, why, start, math.inf, 0.0, battery, task.id
            )
        dock = dock_of(state, robot, start)
        return Prospect(robot, kind, Readiness.SOON, why, dock, wait_s, 0.0, enough, task.id)

    def _soon(self, state: FleetState, busy: Prospect, task: Task) -> Prospect | None:
        """A robot whose task ends within the look-ahead; None: it takes longer, or who knows."""
        movement = state.robot(busy.robot).movement
        if movement is None or movement.task_id != task.id or movement.canceling:
            return None
        left_s, left_m = self._way_left(busy, movement)
        more_s, more_m, end = self._way_beyond(state, busy.robot, movement, task)
        left_s, left_m = left_s + more_s, left_m + more_m
        drive_s = left_s * SLOWER
        if drive_s > LOOK_AHEAD_S:
            return None
        try:
            work_s, work_wh = self._work_left(state, busy, task)
        except CampusFleetError:
            return None
        if drive_s + work_s > LOOK_AHEAD_S:
            return None
        used_wh = drive_wh(busy.kind, left_m, left_s) + work_wh
        battery = busy.battery
        if battery is not None:
            battery -= used_wh / busy.kind.battery.capacity_wh
        return Prospect(
            busy.robot,
            busy.kind,
            Readiness.SOON,
            busy.why,
            end,
            max(drive_s + work_s, 1.0),
            0.0,
            battery,
            task.id,
        )

    def _way_left(self, busy: Prospect, movement: Movement) -> tuple[float, float]:
        """Seconds at full speed and metres to the last node with something to do."""
        kept = self._ways.get(busy.robot)
        if kept is None or kept[0] is not movement.nodes:
            waypoints = movement.waypoints
            last = max((i for i, node in enumerate(movement.nodes) if node.actions), default=0)
            kept = (movement.nodes, *_to_end(self._site, busy.kind, waypoints[: last + 1]))
            self._ways[busy.robot] = kept
        _, seconds, metres = kept
        at = min(movement.passed, len(seconds) - 1)
        return seconds[at], metres[at]

    def _way_beyond(
        self, state: FleetState, robot: str, movement: Movement, task: Task
    ) -> tuple[float, float, str]:
        """Seconds and metres through the places that are not planned yet, and the last place."""
        planned = {each.action_id for node in movement.nodes for each in node.actions}
        last = max((i for i, node in enumerate(movement.nodes) if node.actions), default=-1)
        here, routes = movement.nodes[last].waypoint, state.routes(robot)
        seconds = metres = 0.0
        for phase in task.remaining:
            if action_id(task, phase) in planned:
                continue
            if routes.duration_s(here, phase.waypoint) is None:
                return math.inf, math.inf, here
            leg = routes.leg(here, phase.waypoint)
            seconds, metres = seconds + leg.duration_s, metres + leg.length_m
            here = phase.waypoint
        return seconds, metres, here

    def _work_left(self, state: FleetState, busy: Prospect, task: Task) -> tuple[float, float]:
        """Seconds and watt-hours of the phases that are left, less what is done of them."""
        shares = {
            each.action_id: each.progress
            for each in state.telemetry.reports[busy.robot].action_states
        }
        total_s = total_wh = 0.0
        for phase in task.remaining:
            share = 1.0
            if phase.status is PhaseStatus.UNDERWAY:
                share -= min(1.0, max(0.0, shares.get(action_id(task, phase), 0.0)))
            total_s += share * phase_s(self._site, busy.kind, phase)
            total_wh += share * phase_wh(self._site, busy.kind, phase)
        return total_s, total_wh


def phase_s(site: Site, kind: KindSpec, phase: Phase) -> float:
    """How long what is done at a place takes, without the way to it.

    Raises:
        CannotSweep: the robot cannot clean the zone.
    """
    if phase.action_type != "clean_zone":
        return float(phase.parameters.get("dwell_s", 0.0))
    spot = phase.parameters.get("spot")
    plan = site.sweep(phase.detail, tuple(spot) if spot else None, kind)
    whole_s = site.sweep_s(phase.detail, tuple(spot) if spot else None, kind)
    return whole_s * plan.share_after(phase.covered_m(kind.brush_width_m))


def _to_end(
    site: Site, kind: KindSpec, way: Sequence[str]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Seconds at full speed and metres from each waypoint of a way to its end."""
    seconds, metres = [0.0], [0.0]
    for start, end in reversed(list(pairwise(way))):
        try:
            lane = site.campus.lane_between(start, end)
        except UnknownFeature:  # driven over before another map was published; nobody asks there
            seconds.append(math.inf)
            metres.append(math.inf)
            continue
        speed_mps = min(lane.speed_limit_mps, kind.max_speed_mps)
        seconds.append(seconds[-1] + lane.length_m / speed_mps)
        metres.append(metres[-1] + lane.length_m)
    return tuple(reversed(seconds)), tuple(reversed(metres))
