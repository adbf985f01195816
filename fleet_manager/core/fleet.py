"""The one gate of the fleet: `decide` turns commands into events, `apply` events into state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fleet_manager.core import commands as c
from fleet_manager.core import map_commands as m
from fleet_manager.core import programme_commands as o
from fleet_manager.core.decisions import (
    closures,
    controls,
    detections,
    emergencies,
    incidents,
    obstacles,
    passages,
    plans,
    programmes,
    publishing,
    stations,
    tasks,
    watch,
)
from fleet_manager.core.decisions.reports import heard
from fleet_manager.core.draft import Draft
from fleet_manager.core.emergency_changes import apply as _apply
from fleet_manager.core.events import Event
from fleet_manager.core.state import FleetState


def _unless_stopped(decision: Callable[[Draft, Any], object]) -> Callable[[Draft, Any], object]:
    """A decision on a closure that no emergency stop stands behind."""

    def decide(draft: Draft, command: Any) -> None:
        emergencies.check_closure(draft, command.closure_id)
        decision(draft, command)

    return decide


_DECISIONS: dict[type[c.Command], Callable[[Draft, Any], object]] = {
    c.StartManager: controls.start_manager,
    c.Tick: lambda draft, command: watch.time_passed(draft) if command.whole else None,
    c.ReportRobot: lambda draft, command: heard(draft, command.report),
    c.SubmitTask: tasks.submit,
    c.EndTask: tasks.end,
    c.InterruptTask: tasks.interrupt,
    c.ResumeTask: tasks.resume,
    c.TellRobots: controls.tell,
    c.ConfirmPosition: controls.confirm_position,
    c.SaveSchedule: controls.save_schedule,
    c.DeleteSchedule: controls.delete_schedule,
    c.RaiseIncident: incidents.raise_by_hand,
    c.MoveIncident: detections.move,
    c.ReportDetection: detections.heard,
    c.ReportReading: stations.heard,
    c.ReportHealthCheck: stations.health_checked,
    c.NoteTrouble: incidents.note_trouble,
    c.CloseLane: closures.close_lane,
    c.OpenLane: closures.open_lane,
    m.AddClosure: closures.add,
    m.ReportObstacle: obstacles.report,
    m.ChangeClosure: _unless_stopped(closures.change),
    m.RemoveClosure: _unless_stopped(closures.remove),
    m.SetWeather: closures.set_weather,
    m.PublishMap: publishing.publish,
    c.ReportPassage: lambda draft, command: passages.heard(draft, command.report),
    c.RestorePassage: passages.restore,
    c.PlanReady: plans.ready,
    o.SaveProgramme: programmes.save,
    o.DeleteProgramme: programmes.delete,
    o.PauseProgramme: programmes.pause,
    o.ResumeProgramme: programmes.resume,
}


def decide(state: FleetState, command: c.Command, now_s: float) -> tuple[Event, ...]:
    """What a command leads to, with all that follows from it; the state is left as it is.

    Args:
        now_s: fleet time, Unix seconds.

    Raises:
        CampusFleetError: the command is refused.
    """
    return decide_on(state, command, now_s)[1]


def decide_on(
    state: FleetState, command: c.Command, now_s: float
) -> tuple[FleetState, tuple[Event, ...]]:
    """What a command leads to, and the state after it: what `apply` makes of a copy.

    The state given is left as it is, but for its telemetry, which the two share.

    Raises:
        CampusFleetError: the command is refused.
    """
    draft = Draft(state, now_s)
    _DECISIONS[type(command)](draft, command)
    ticked = isinstance(command, c.Tick)
    if draft.events or ticked:
        watch.advance(draft, ticked=ticked)
    elif isinstance(command, c.ReportRobot) and command.report.new_base_request:
        watch.lead(draft, [name for name in (command.report.robot,) if name in state.robots])
    return draft.state, tuple(draft.events)


def apply(state: FleetState, event: Event) -> None:
    """Change the state by an event.

    Raises:
        WrongState: the event does not fit the state.
    """
    _apply(event, state)
