"""How long patrolling robots are under way, where they can get to now, and where they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from fleet_manager.core.planning.availability import interruptible_soc, unavailable
from fleet_manager.core.planning.docks import counted_dock
from fleet_manager.core.planning.patrol.problem import SLOWER
from fleet_manager.core.planning.patrolling import Travel
from fleet_manager.core.programme_sites import pacemaker, patrollers
from fleet_manager.core.robot import ABSENT
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Task, TaskStatus


def travel_of(state: FleetState) -> Travel:
    """Planned times between sites of the map, for the slowest robot that patrols."""
    routes = state.site.routes(pacemaker(state.site))

    def travel(start: str, end: str) -> float:
        if start == end:
            return 0.0
        duration_s = routes.duration_s(start, end)
        return math.inf if duration_s is None else duration_s * SLOWER

    return travel


def usable_by(state: FleetState) -> Callable[[str], bool]:
    """Whether patrolling robots can get to a site now, and home from there.

    Closed lanes keep them from it, and silent robots that stand in the way.
    """
    present = [name for name in patrollers(state.site) if state.robot(name).status not in ABSENT]
    waypoints = state.site.campus.waypoints
    if not present:
        return waypoints.__contains__
    robot = present[0]
    places = state.restricted(robot).places
    routes = state.routes(robot)
    homes = {counted_dock(state, name) for name in present} - {""}

    def usable(site: str) -> bool:
        if site not in waypoints or site in places:
            return False
        return any(
            routes.duration_s(home, site) is not None and routes.duration_s(site, home) is not None
            for home in homes
        )

    return usable


def place_of(state: FleetState, task: Task, left: Sequence[str]) -> str:
    """Where a robot is on its way, as a waypoint: the last it passed."""
    record = state.robots.get(task.robot or "")
    if record is not None and record.movement is not None:
        return record.movement.nodes[record.movement.passed].waypoint
    if record is not None and record.at:
        return record.at[0]
    return left[0] if left else task.phases[-1].waypoint


def is_held(state: FleetState, robot: str) -> bool:
    """Whether a robot waits for the beginning of its next stretch, to be evenly spaced."""
    for programme in state.programmes.values():
        for beat in programme.beats:
            task = state.tasks.get(beat.task_id or "")
            if beat.robot == robot and task is not None and task.status is TaskStatus.QUEUED:
                return True
    return False


def spare_robots(state: FleetState) -> list[str]:
    """Robots that could patrol and have nothing to do, charged well enough."""
    enough = interruptible_soc(state)
    waits = (task for task in state.open_tasks() if task.status is TaskStatus.QUEUED)
    awaited = {task.description.get("robot") for task in waits}
    return [
        robot
        for robot in patrollers(state.site)
        if state.robot(robot).task_id is None
        and robot not in awaited
        and not is_held(state, robot)
        and unavailable(state, robot) is None
        and (state.telemetry.reports[robot].battery or 0.0) >= enough
    ]
