"""What a simulated robot spends its time on, for the record."""

from __future__ import annotations

from fleet_manager.adapters.sim.doing import Doing
from fleet_manager.adapters.sim.record import Activity
from fleet_manager.adapters.sim.robot import SimRobot
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Category, PhaseStatus


def waits(state: FleetState, robot: SimRobot) -> bool:
    """Whether a robot has something to do and its way is not free."""
    record = state.robots[robot.name]
    if record.movement is None:
        return record.task_id is not None
    return robot.doing is Doing.WAITING


def activity_of(state: FleetState, robot: SimRobot, now_s: float) -> Activity:
    """What a robot does now."""
    record = state.robots[robot.name]
    if robot.dead or robot.silent:
        return Activity.ABSENT
    if robot.held_s > now_s and robot.active:
        return Activity.WAIT
    task = state.tasks.get(record.task_id or "")
    if robot.doing is Doing.WORKING:
        charges = robot.work is not None and robot.work.charges
        return Activity.CHARGE if charges else Activity.WORK
    if task is not None and task.category is Category.CHARGE:
        task = None
    if robot.doing is Doing.DRIVING:
        if task is None:
            return Activity.MOVE
        begun = any(each.status is not PhaseStatus.PENDING for each in task.phases)
        return Activity.WORK if begun else Activity.TO_WORK
    if waits(state, robot) and (task is not None or record.movement is not None):
        return Activity.WAIT
    return Activity.IDLE
