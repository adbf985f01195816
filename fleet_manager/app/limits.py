"""Holds a caller who may command some kinds of robots only to these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fleet_manager.app.accounts.records import Forbidden
from fleet_manager.app.permissions import Caller
from fleet_manager.core.commands import (
    Command,
    ConfirmPosition,
    DeleteSchedule,
    EndTask,
    InterruptTask,
    ResumeTask,
    SaveSchedule,
    SubmitTask,
    TellRobots,
)
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.map_commands import AddClosure, ChangeClosure, RemoveClosure
from fleet_manager.core.order import InstantActionType
from fleet_manager.core.programme_commands import (
    DeleteProgramme,
    PauseProgramme,
    ResumeProgramme,
    SaveProgramme,
)
from fleet_manager.core.requests import plan_phases
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import SKILLS, Phase


def check_limits(state: FleetState, command: Command, caller: Caller) -> None:
    """See that a command reaches no robot of a kind that the caller may not command.

    Raises:
        Forbidden: it would, or could.
    """
    if caller.kinds is None:
        return
    reached = _kinds_reached(state, command)
    if foreign := sorted(set(reached) - caller.kinds):
        raise Forbidden(
            f"{caller.name} may command robots of {_told(caller.kinds)}, not {', '.join(foreign)}",
            "name a robot that you may command, or ask an admin",
        )


def _kinds_reached(state: FleetState, command: Command) -> Iterable[str]:
    """Kinds of the robots that a command is for, or that may be given its work."""
    fleet = state.site.fleet
    match command:
        case TellRobots(action=InstantActionType.EMERGENCY_STOP):
            return ()  # whoever sees danger may stop what is in it
        case TellRobots(robot=None):
            return [each.kind for each in fleet.robots.values()]
        case TellRobots() | ConfirmPosition():
            return _kind_of(state, command.robot)
        case SubmitTask():
            _, asked, phases = plan_phases(state.site, command.category, command.description)
            return _kinds_of_work(state, phases, asked.get("robot"))
        case SaveSchedule():
            before = state.schedules.get(command.spec.id)
            replaced = () if before is None else _kinds_of_schedule(state, before.spec.request)
            return [*replaced, *_kinds_of_schedule(state, command.spec.request)]
        case DeleteSchedule():
            known = state.schedules.get(command.schedule_id)
            return () if known is None else _kinds_of_schedule(state, known.spec.request)
        case SaveProgramme() | DeleteProgramme() | PauseProgramme() | ResumeProgramme():
            return _kinds_that(state, {"patrol"})
        case AddClosure():
            return _kinds_held(state, command.kinds)
        case ChangeClosure() | RemoveClosure():
            closure = state.closures.get(command.closure_id)
            return () if closure is None else _kinds_held(state, closure.kinds)
        case EndTask() | InterruptTask() | ResumeTask():
            task = state.tasks.get(command.task_id)
            if task is None:
                return ()
            robot = task.robot or task.description.get("robot")
            return _kinds_of_work(state, task.phases, robot)
    return ()


def _kinds_of_schedule(state: FleetState, wish: Mapping[str, Any]) -> Iterable[str]:
    try:
        work = plan_phases(state.site, wish.get("category", ""), wish.get("description", {}))
    except CampusFleetError:
        return _kinds_held(state, None)  # what it names is not there any more: any may be meant
    return _kinds_of_work(state, work[2], work[1].get("robot"))


def _kinds_held(state: FleetState, kinds: Iterable[str] | None) -> Iterable[str]:
    """Kinds of the fleet that a closure keeps out."""
    present = {each.kind for each in state.site.fleet.robots.values()}
    return present if kinds is None else present & set(kinds)


def _kind_of(state: FleetState, robot: object) -> Iterable[str]:
    known = state.site.fleet.robots.get(robot) if isinstance(robot, str) else None
    return () if known is None else (known.kind,)


def _kinds_of_work(state: FleetState, phases: Sequence[Phase], robot: object) -> Iterable[str]:
    if robot is not None:
        return _kind_of(state, robot)
    return _kinds_that(state, {SKILLS[each.action_type] for each in phases})


def _kinds_that(state: FleetState, skills: set[str]) -> Iterable[str]:
    fleet = state.site.fleet
    present = {each.kind for each in fleet.robots.values()}
    return [name for name in present if skills <= fleet.kinds[name].skills]


def _told(kinds: Iterable[str]) -> str:
    return f"kind {' and '.join(sorted(kinds)) or 'none'}"
