"""Which movements of robots are visits of the sites of programmes.

A visit is a stop for a task at the site, or a drive past it, of a robot whose kind can patrol,
whatever it does there; records say which. A stop counts from its beginning to its end.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from fleet_manager.core.programme import Programme, SiteRecord
from fleet_manager.core.robot import Movement
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Phase, PhaseStatus, Task

PATROL_ACTION = "patrol_point"
SKILL = "patrol"


def passed(state: FleetState, robot: str, movement: Movement, to: int, time_s: float) -> None:
    """Nodes of a robot's order, up to one of them, have been reached."""
    if not state.programmes or time_s <= 0.0 or not _may_patrol(state, robot):
        return
    for node in movement.nodes[movement.passed + 1 : to + 1]:
        if any(action.action_type == PATROL_ACTION for action in node.actions):
            continue  # its phase tells when it begins and ends
        for programme, record in _watching(state, node.waypoint):
            promise_s = _promise_s(programme, node.waypoint)
            after = record.arrived(robot, time_s, promise_s, own=False, stays=False)
            state.programmes[programme.id] = programme.with_record(node.waypoint, after)


def phase_moved(
    state: FleetState, task: Task, phase: Phase, status: PhaseStatus, time_s: float
) -> None:
    """A phase of a patrol began, ended, or was broken off."""
    robot = task.robot
    if phase.action_type != PATROL_ACTION or robot is None:
        return
    for programme, record in _watching(state, phase.waypoint):
        own = task.programme_id == programme.id
        if status is PhaseStatus.UNDERWAY or (
            status is PhaseStatus.COMPLETED and record.staying != robot
        ):
            promise_s = _promise_s(programme, phase.waypoint)
            after = record.arrived(robot, time_s, promise_s, own, stays=True)
        else:
            after = record
        if status is not PhaseStatus.UNDERWAY:
            after = after.left(robot, time_s, own)
        state.programmes[programme.id] = programme.with_record(phase.waypoint, after)


def task_left(state: FleetState, robot: str, time_s: float) -> None:
    """A robot has lost its task: where it stayed, it stays no more."""
    for programme in list(state.programmes.values()):
        stays = [site for site, record in programme.visits.items() if record.staying == robot]
        if stays:
            left = {site: programme.visits[site].left(robot, time_s, False) for site in stays}
            visits = {**programme.visits, **left}
            state.programmes[programme.id] = replace(programme, visits=visits)


def _watching(state: FleetState, waypoint: str) -> Iterable[tuple[Programme, SiteRecord]]:
    """Programmes that run and have a site there, with what they know of it."""
    found = [
        (each, each.visits.get(waypoint)) for each in state.programmes.values() if each.running
    ]
    return [(programme, record) for programme, record in found if record is not None]


def _promise_s(programme: Programme, waypoint: str) -> float:
    return programme.site(waypoint).promise_s


def _may_patrol(state: FleetState, robot: str) -> bool:
    return robot in state.site.fleet.robots and SKILL in state.site.kind(robot).skills
