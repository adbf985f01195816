"""How events about emergency stops change the state."""

from __future__ import annotations

from msgspec.structs import replace

from fleet_manager.core import events as e
from fleet_manager.core.detection_changes import apply
from fleet_manager.core.emergency import (
    STOP_TRANSITIONS,
    RobotStop,
    StopStatus,
    StopTrigger,
    ZoneStop,
)
from fleet_manager.core.order import InstantActionType
from fleet_manager.core.state import FleetState
from fleet_manager.core.transitions import next_state

__all__ = ["apply"]


@apply.register
def _(event: e.InstantActionIssued, state: FleetState) -> None:
    """Robots are told once it is committed; a stop is followed until they say that it is latched.

    When it was told is in the id of the action since the first log: ACTION/ROBOT/SECONDS.
    """
    told_s = _told_s(event.action.action_id)
    stop = state.stops.get(event.robot)
    if event.action.action_type is InstantActionType.EMERGENCY_STOP:
        status = StopStatus.TOLD
        if stop is not None:
            status = _next(stop, StopTrigger.TELL)
        zones = tuple(dict.fromkeys((*(stop.zones if stop else ()), *event.zones)))
        state.stops[event.robot] = RobotStop(
            event.robot,
            status,
            told_s,
            event.by,
            event.reason,
            zones,
            stop.confirmed_s if stop is not None and status is StopStatus.CONFIRMED else None,
        )
    elif event.action.action_type is InstantActionType.RELEASE_STOP and stop is not None:
        status = _next(stop, StopTrigger.RELEASE)
        state.stops[event.robot] = replace(stop, status=status, released_by=event.by)


@apply.register
def _(event: e.StopConfirmed, state: FleetState) -> None:
    stop = state.stops[event.robot]
    status = _next(stop, StopTrigger.CONFIRM)
    state.stops[event.robot] = replace(stop, status=status, confirmed_s=event.time_s)


@apply.register
def _(event: e.StopCleared, state: FleetState) -> None:
    _next(state.stops[event.robot], StopTrigger.CLEAR)
    del state.stops[event.robot]


@apply.register
def _(event: e.ZoneStopped, state: FleetState) -> None:
    state.zone_stops[event.zone] = ZoneStop(
        event.zone, event.closure_id, event.time_s, event.by, event.reason
    )


@apply.register
def _(event: e.ZoneReleased, state: FleetState) -> None:
    del state.zone_stops[event.zone]


def _next(stop: RobotStop, trigger: StopTrigger) -> StopStatus:
    return next_state(STOP_TRANSITIONS, stop.status, trigger, f"the stop of {stop.robot}")


def _told_s(action_id: str) -> float:
    try:
        return float(action_id.rpartition("/")[2])
    except ValueError:
        return 0.0
