"""How events about the map change the state: closures, weather, versions."""

from __future__ import annotations

from msgspec.structs import replace

from fleet_manager.core import events as e
from fleet_manager.core import map_events as m
from fleet_manager.core.changes import apply
from fleet_manager.core.closure import (
    CLOSURE_TRANSITIONS,
    Closure,
    ClosureStatus,
    ClosureTrigger,
)
from fleet_manager.core.errors import UnknownFeature
from fleet_manager.core.restrictions import WeatherNow, restrictions
from fleet_manager.core.state import FleetState, MapInUse
from fleet_manager.core.task import PhaseStatus
from fleet_manager.core.traffic.conflicts import holdings
from fleet_manager.core.transitions import next_state

__all__ = ["apply", "restrict"]

OVER_KEPT = 200
"""Closures that are over and still in memory; all of them are in the log."""


def restrict(state: FleetState) -> None:
    """Work out anew what is closed and slowed for each kind of robot."""
    closures = [each for each in state.closures.values() if each.active]
    state.restrictions = {
        kind: restrictions(state.site.campus, kind, closures, state.weather, state.out_of_order())
        for kind in state.site.fleet.kinds
    }


@apply.register
def _(event: m.ClosureAdded, state: FleetState) -> None:
    state.closures[event.closure.id] = event.closure
    state.closure_number = event.number
    over = [each.id for each in state.closures.values() if each.over]
    for identifier in over[: max(0, len(over) - OVER_KEPT)]:
        del state.closures[identifier]
    if event.closure.active:
        restrict(state)


@apply.register
def _(event: m.ClosureMoved, state: FleetState) -> None:
    before = state.closure(event.closure_id)
    what = f"closure {before.id}"
    status = next_state(CLOSURE_TRANSITIONS, before.status, event.trigger, what)
    after = replace(before, status=status, changes_s=event.changes_s)
    if status is not before.status:
        after = replace(after, since_s=event.time_s)
    if event.trigger is ClosureTrigger.REMOVE:
        after = replace(after, ended_by=event.by)
    state.closures[before.id] = after
    if before.active or after.active:
        restrict(state)


@apply.register
def _(event: m.ClosureChanged, state: FleetState) -> None:
    before = state.closure(event.closure_id)
    what = f"closure {before.id}"
    status = next_state(CLOSURE_TRANSITIONS, before.status, event.trigger, what)
    since_s = before.since_s if status is before.status else event.time_s
    state.closures[before.id] = replace(
        before,
        status=status,
        since_s=since_s,
        changes_s=event.changes_s,
        window=event.window,
        reason=event.reason,
    )
    if before.active or status is ClosureStatus.ACTIVE:
        restrict(state)


@apply.register
def _(event: m.WeatherSet, state: FleetState) -> None:
    state.weather = WeatherNow(event.conditions, event.time_s, event.by, event.station)
    restrict(state)


@apply.register
def _(event: m.OrderRestated, state: FleetState) -> None:
    record = state.robots.get(event.robot)
    if record is not None and record.movement is not None:
        before = record.movement
        movement = replace(before, update_id=before.update_id + 1, updated_s=event.time_s)
        state.robots[event.robot] = replace(record, movement=movement)


@apply.register
def _(event: m.MapPublished, state: FleetState) -> None:
    state.site = state.sites[event.version]
    state.map = MapInUse(
        event.version, event.number, event.time_s, event.by, event.note, event.source
    )
    for robot in state.robots:
        _hold(state, robot)
    restrict(state)


def _hold(state: FleetState, robot: str) -> None:
    """What a robot holds on the map of now; nothing where its way is not on it."""
    try:
        state.held[robot] = holdings(state.site.campus, state.robots[robot])
    except UnknownFeature:
        state.held[robot] = frozenset()


@apply.register
def _(event: m.BaseOutdated, state: FleetState) -> None:
    record = state.robots.get(event.robot)
    if record is not None and record.movement is not None:
        movement = replace(record.movement, outdated=True, blocks=event.resources)
        state.robots[event.robot] = replace(record, movement=movement)
        _hold(state, event.robot)


@apply.register
def _(event: m.PhaseRepointed, state: FleetState) -> None:
    task = state.task(event.task_id)
    phase = task.phase(event.phase_id)
    if phase.action_type == "charge":
        phase = replace(phase, detail=event.waypoint)
    phase = replace(
        phase,
        waypoint=event.waypoint,
        status=PhaseStatus.PENDING,
        attempt=phase.attempt + 1,
        from_m=0.0,
    )
    text = f"{phase.action_type} {phase.detail} anew: its place on the map has changed"
    state.tasks[task.id] = task.with_phase(phase).logged(event.time_s, text)


# Logs of before there were closures: a lane closed by itself is a closure of its own.


@apply.register
def _(event: e.LaneClosed, state: FleetState) -> None:
    identifier = _of_lane(event.lane_id)
    state.closures[identifier] = Closure(
        identifier, lanes=(event.lane_id,), reason=event.reason, by=event.by
    )
    restrict(state)


@apply.register
def _(event: e.LaneOpened, state: FleetState) -> None:
    identifier = _of_lane(event.lane_id)
    if identifier in state.closures:
        removed = replace(
            state.closures[identifier], status=ClosureStatus.REMOVED, ended_by=event.by
        )
        state.closures[identifier] = removed
        restrict(state)


def _of_lane(lane: str) -> str:
    return f"closure-of-{lane}"
