"""What is done about an incident at once, and what ends with it."""

from __future__ import annotations

from shapely.geometry import LineString, Point

from fleet_manager.core.commands import EndTask, SubmitTask
from fleet_manager.core.decisions import closures, tasks
from fleet_manager.core.detection_events import IncidentAnswered
from fleet_manager.core.draft import Draft
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.incident import Incident
from fleet_manager.core.map_commands import AddClosure, RemoveClosure
from fleet_manager.core.safety_rules import Response
from fleet_manager.core.task import TaskTrigger

PRIORITIES = (3, 5, 7, 9)
"""Of tasks, by severity."""
LOOK_S = 20.0
SPOT_RADIUS_M = 1.0
EVACUATED_M = 25.0
"""Around a fire."""


def answer(draft: Draft, incident_id: str, response: Response) -> None:
    """Do what a rule asks for; where that is not possible the incident says why."""
    incident = draft.state.incident(incident_id)
    if response is Response.NONE or incident.x_m is None or incident.y_m is None:
        return
    task_id = closure_id = None
    try:
        if response is Response.EVACUATE:
            closure_id = _evacuate(draft, incident)
        else:
            task_id = tasks.submit(draft, _task(draft, incident, response))
    except CampusFleetError as error:
        problem = f"no answer: {error}"
        draft.emit(IncidentAnswered(incident_id, draft.now_s, problem=problem))
        return
    draft.emit(IncidentAnswered(incident_id, draft.now_s, task_id, closure_id))


def _task(draft: Draft, incident: Incident, response: Response) -> SubmitTask:
    """A visit to the nearest place, or a spot to clean.

    Raises:
        UnknownFeature: the level has no places.
    """
    assert incident.x_m is not None
    assert incident.y_m is not None
    campus = draft.site.campus
    level = incident.level or next(iter(campus.levels))
    description: dict[str, object]
    if response is Response.SPOT_CLEAN:
        category = "spot_clean"
        radius_m = SPOT_RADIUS_M + min(incident.stddev_m, 1.0)
        place = {"x_m": incident.x_m, "y_m": incident.y_m}
        description = {**place, "radius_m": radius_m, "level": level}
    else:
        category = "respond"
        ends = [each.id for each in campus.waypoints.values() if campus.may_end_base(each.id)]
        asset = campus.assets.get(incident.place or "")
        nearest = campus.nearest_waypoint(incident.x_m, incident.y_m, level, ends)
        description = {"place": asset.access if asset else nearest.id, "dwell_s": LOOK_S}
    return SubmitTask(
        category, description, priority=PRIORITIES[incident.severity], requester=incident.id
    )


def _evacuate(draft: Draft, incident: Incident) -> str | None:
    """Close the lanes around it, which sends robots away and keeps others off.

    Raises:
        CampusFleetError: there are none, or too much is closed already.
    """
    assert incident.x_m is not None
    assert incident.y_m is not None
    here = Point(incident.x_m, incident.y_m)
    lanes = {
        lane.feature_id: None
        for lane in draft.site.campus.lanes.values()
        if lane.level == incident.level and LineString(lane.points).distance(here) <= EVACUATED_M
    }
    reason = f"{incident.title} ({incident.id})"
    return closures.add(draft, AddClosure(lanes=tuple(lanes), reason=reason, by="manager"))


def withdraw(draft: Draft, incident_id: str, *, false_alarm: bool, by: str) -> None:
    """End what was done about a closed incident: its closure; its task where it was for nothing."""
    incident = draft.state.incident(incident_id)
    closure = draft.state.closures.get(incident.closure_id or "")
    if closure is not None and not closure.over:
        closures.remove(draft, RemoveClosure(closure.id, by=by))
    task = draft.state.tasks.get(incident.task_id or "")
    if false_alarm and incident.detects and task is not None and not task.ended:
        reason = f"{incident.id} was a false alarm"
        tasks.end(draft, EndTask(task.id, TaskTrigger.CANCEL, by, reason))
