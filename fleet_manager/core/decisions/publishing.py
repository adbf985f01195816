"""Another version of the map while robots drive: each is held to it, none is left on the old one.

First tasks, then robots: what a task names and the map has no more ends it, what has moved is done
anew. A robot whose base is the same keeps its order and is told it on the new map; one whose base
is not stops, holds meanwhile whatever of the new map lies where it may be, and starts from where it
stands.
"""

from __future__ import annotations

import math

from fleet_manager.core.campus import Campus
from fleet_manager.core.decisions.incidents import raise_once, resolve
from fleet_manager.core.decisions.reports import where
from fleet_manager.core.decisions.tasks import break_off, cancel_order, take_away
from fleet_manager.core.decisions.traffic import lead_elsewhere
from fleet_manager.core.draft import Draft
from fleet_manager.core.errors import CampusFleetError, InvalidRequest, WrongState
from fleet_manager.core.events import RobotPlaced
from fleet_manager.core.incident import CLOSURE_OUTDATED, HOME_MISSING, SCHEDULE_OUTDATED
from fleet_manager.core.map_commands import PublishMap
from fleet_manager.core.map_events import (
    BaseOutdated,
    MapPublished,
    OrderRestated,
    PhaseRepointed,
)
from fleet_manager.core.requests import plan_phases
from fleet_manager.core.task import Phase, Task, TaskTrigger
from fleet_manager.core.traffic.conflicts import held_way
from fleet_manager.core.traffic.map_change import resources_near, resources_over, way_is_same


def publish(draft: Draft, asked: PublishMap) -> None:
    """Lead robots by another version of the map from now on.

    Raises:
        WrongState: another version is in use than the one expected, or this one is already.
        InvalidRequest: the library has no such version, or it is of another campus.
    """
    state = draft.state
    in_use = state.map.version
    if asked.parent is not None and asked.parent != in_use:
        raise WrongState(
            f"version {in_use or 'of the files'} of the map is in use, not {asked.parent}",
            "look at what has changed, and publish on top of it",
        )
    if asked.version == in_use:
        raise WrongState(f"version {in_use} of the map is in use already", "nothing has to be done")
    if asked.version not in state.sites:
        raise InvalidRequest(f"no version {asked.version!r} of the map", "send its document")
    old, new = draft.site.campus, state.sites[asked.version].campus
    if in_use and new.id != old.id:
        raise InvalidRequest(
            f"a map of the campus {new.id}, this manager is for {old.id}",
            "start a manager with a folder of its own for another campus",
        )
    draft.emit(
        MapPublished(
            state.map.number + 1,
            asked.version,
            draft.now_s,
            asked.by,
            asked.note,
            in_use,
            asked.source,
        )
    )
    for task in draft.state.open_tasks():
        _hold_task(draft, task, old)
    keep = [robot for robot in draft.state.robots if _hold_robot(draft, robot, old)]
    for robot in keep:
        _lead_on(draft, robot, old)
    for robot in draft.state.robots:
        _watch_home(draft, robot)
    _watch_schedules(draft)
    _watch_closures(draft)


# --- tasks ---


def _hold_task(draft: Draft, task: Task, old: Campus) -> None:
    """A task whose places are gone fails; phases whose places have changed are done anew."""
    new = draft.site.campus
    gone = [phase.detail for phase in task.remaining if _waypoint_of(new, phase) is None]
    if gone:
        names = ", ".join(dict.fromkeys(gone))
        by = draft.state.map.by or "somebody"
        reason = f"not on version {new.version} of the map, published by {by}: {names}"
        take_away(draft, task.id, TaskTrigger.FAIL, reason)
        return
    changed = [phase for phase in task.remaining if _changed(old, new, phase)]
    if not changed:
        return
    robot = task.robot
    if robot in draft.state.robots:
        break_off(draft, robot, task.id, "its place on the map has changed")
        movement = draft.state.robot(robot).movement
        if movement is not None and movement.task_id == task.id and not movement.canceling:
            cancel_order(draft, robot, movement.order_id)
    for phase in changed:
        waypoint = _waypoint_of(new, phase)
        assert waypoint is not None, "looked at just above"
        draft.emit(PhaseRepointed(task.id, phase.id, waypoint, draft.now_s))


def _waypoint_of(campus: Campus, phase: Phase) -> str | None:
    """From where a phase is done on a map; None: it cannot be."""
    if phase.action_type == "clean_zone":
        zone = campus.zones.get(phase.detail)
        return zone.access if zone else None
    if phase.action_type == "inspect_asset":
        asset = campus.assets.get(phase.detail)
        return asset.access if asset else None
    return phase.waypoint if phase.waypoint in campus.waypoints else None


def _changed(old: Campus, new: Campus, phase: Phase) -> bool:
    """Whether the zone or asset of a phase has moved or is worked from elsewhere."""
    if _waypoint_of(new, phase) != phase.waypoint:
        return True
    if phase.action_type == "clean_zone":
        zone = old.zones.get(phase.detail)
        return zone is None or not zone.polygon.equals(new.zones[phase.detail].polygon)
    if phase.action_type == "inspect_asset":
        asset = old.assets.get(phase.detail)
        return asset is None or asset.xy != new.assets[phase.detail].xy
    return False


# --- robots ---


def _hold_robot(draft: Draft, robot: str, old: Campus) -> bool:
    """Hold a robot where it is on the new map; True: its order goes on there."""
    record = draft.state.robot(robot)
    new, kind = draft.site.campus, draft.site.kind(robot)
    if record.movement is None:
        if not record.at and robot in draft.state.telemetry.reports:
            _place(draft, robot, old, "")
        elif record.at and not way_is_same(old, new, kind.name, record.at):
            _place(draft, robot, old, record.at[0])
        return False
    movement = record.movement
    if movement.outdated:  # it stops since an earlier version already
        over = resources_over(old, new, movement.blocks)
        draft.emit(BaseOutdated(robot, over))
        return False
    same = way_is_same(old, new, kind.name, held_way(movement))
    if not same or not _may_end(new, movement.base_end):
        if not movement.canceling:
            cancel_order(draft, robot, movement.order_id)
        near = resources_near(old, new, held_way(movement), kind.footprint_radius_m)
        others = draft.state.held_by_others(robot)
        draft.emit(BaseOutdated(robot, tuple(each for each in near if each not in others)))
        return False
    return not movement.canceling


def _may_end(campus: Campus, waypoint: str) -> bool:
    return campus.is_bay(waypoint) or campus.may_end_base(waypoint)


def _lead_on(draft: Draft, robot: str, old: Campus) -> None:
    """Tell a robot its order on the new map; beyond the base another way where the old is gone."""
    record = draft.state.robot(robot)
    movement = record.movement
    assert movement is not None
    new, kind = draft.site.campus, draft.site.kind(robot)
    horizon = movement.waypoints[movement.released_to :]
    if way_is_same(old, new, kind.name, horizon):
        draft.emit(OrderRestated(robot, draft.now_s))
        return
    lead_elsewhere(draft, robot, "the map has changed")


def _place(draft: Draft, robot: str, old: Campus, stood: str) -> None:
    """Place a robot anew whose waypoint has moved or gone: by its last word, or the old map."""
    report = draft.state.telemetry.reports.get(robot)
    if report is not None:
        at, parked = where(draft.state, report)
    else:
        at, parked = _nearest(draft.site.campus, old, stood), False
    draft.emit(RobotPlaced(robot, at, parked, "manager"))


def _nearest(new: Campus, old: Campus, stood: str) -> tuple[str, ...]:
    """The waypoint nearest to one of the old map; () where that did not have it either."""
    before = old.waypoints.get(stood)
    if before is None:
        return ()
    nearest = min(
        new.waypoints.values(),
        key=lambda each: (each.level != before.level, math.dist(each.xy, before.xy)),
    )
    return (nearest.id,)


# --- what people have to see to ---


def _watch_home(draft: Draft, robot: str) -> None:
    home = draft.site.fleet.robots[robot].home
    if not home or home in draft.site.campus.waypoints:
        resolve(draft, f"home:{robot}", "its dock is on the map again")
        return
    title = f"{robot} has no dock: {home} is not on version {draft.site.campus.version} of the map"
    raise_once(draft, HOME_MISSING, f"home:{robot}", 2, title, robot)


def _watch_schedules(draft: Draft) -> None:
    for schedule in draft.state.schedules.values():
        request = schedule.spec.request
        cause = f"schedule:{schedule.spec.id}"
        try:
            plan_phases(draft.site, request.get("category", ""), request.get("description", {}))
        except CampusFleetError as error:
            title = f"schedule {schedule.spec.id} does not fit the map any more: {error}"
            raise_once(draft, SCHEDULE_OUTDATED, cause, 1, title)
        else:
            resolve(draft, cause, "it fits the map again")


def _watch_closures(draft: Draft) -> None:
    """A closure of what has another id now closes nothing: people have to know."""
    campus = draft.site.campus
    lanes = {lane.feature_id for lane in campus.lanes.values()}
    for closure in draft.state.closures.values():
        named = (*closure.lanes, *closure.zones, *closure.passages)
        known = lanes | campus.zones.keys() | campus.passages.keys()
        gone = [each for each in named if each not in known]
        cause = f"closure:{closure.id}"
        if gone and not closure.over:
            title = f"{closure.id} names what the map has no more: {', '.join(gone)}"
            raise_once(draft, CLOSURE_OUTDATED, cause, 2, title)
        else:
            resolve(draft, cause, "what it names is on the map again")
