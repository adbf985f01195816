"""Closing, slowing and opening parts of the map, by hand, by the clock and by the weather."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import pairwise

from fleet_manager.core.campus import Campus, Weather, each_of
from fleet_manager.core.closure import (
    TRIGGER_TO,
    Closure,
    ClosureStatus,
    ClosureTrigger,
    Obstacle,
    Window,
)
from fleet_manager.core.commands import CloseLane, OpenLane
from fleet_manager.core.decisions.incidents import resolve
from fleet_manager.core.draft import Draft
from fleet_manager.core.errors import InvalidRequest, UnknownFeature, WrongState
from fleet_manager.core.map_commands import (
    AddClosure,
    ChangeClosure,
    RemoveClosure,
    SetWeather,
)
from fleet_manager.core.map_events import (
    ClosureAdded,
    ClosureChanged,
    ClosureMoved,
    OrderRestated,
    WeatherSet,
)
from fleet_manager.core.restrictions import Restrictions

SLOWEST_MPS = 0.1
SHORTEST_S = 60.0
OPEN_AT_MOST = 500


def add(draft: Draft, asked: AddClosure, obstacle: Obstacle | None = None) -> str:
    """Close or slow something; returns the closure's id.

    Args:
        obstacle: because of which.

    Raises:
        UnknownFeature: it names what is not on the map.
        InvalidRequest: it contradicts itself or the fleet, or lies in the past.
    """
    campus = draft.site.campus
    lanes = tuple(dict.fromkeys(each.feature_id for each in each_of(campus.lane, asked.lanes)))
    zones = tuple(dict.fromkeys(each.id for each in each_of(campus.zone, asked.zones)))
    passages = tuple(dict.fromkeys(each.id for each in each_of(campus.passage, asked.passages)))
    _check(draft, asked)
    status, changes_s = _now(draft, asked.window)
    number = draft.state.closure_number + 1
    closure = Closure(
        id=f"closure-{number}",
        lanes=lanes,
        zones=zones,
        passages=passages,
        kinds=None if asked.kinds is None else tuple(sorted(set(asked.kinds))),
        speed_limit_mps=asked.speed_limit_mps,
        window=asked.window,
        reason=asked.reason,
        by=asked.by,
        created_s=draft.now_s,
        status=status,
        since_s=draft.now_s,
        changes_s=changes_s,
        obstacle=obstacle,
    )
    before = draft.state.restrictions
    draft.emit(ClosureAdded(closure, number))
    _tell_limits(draft, before)
    return closure.id


def _check(draft: Draft, asked: AddClosure) -> None:
    if not (asked.lanes or asked.zones or asked.passages):
        raise InvalidRequest("nothing is named that is to be closed", "name lanes, zones, passages")
    kinds = draft.site.fleet.kinds
    unknown = sorted(set(asked.kinds or ()) - kinds.keys())
    if unknown or asked.kinds == ():
        raise InvalidRequest(
            f"no kind {', '.join(unknown) or 'is named'}", f"kinds are {', '.join(kinds)}"
        )
    limit_mps = asked.speed_limit_mps
    if limit_mps is not None and not SLOWEST_MPS <= limit_mps <= 15.0:
        raise InvalidRequest(
            f"a limit of {limit_mps:g} m/s", f"give {SLOWEST_MPS} to 15 m/s, or close it"
        )
    _check_window(asked.window)
    open_ones = [each for each in draft.state.closures.values() if not each.over]
    if len(open_ones) >= OPEN_AT_MOST:
        raise InvalidRequest(f"{OPEN_AT_MOST} closures are open", "remove some")


def _check_window(window: Window) -> None:
    for name, time_s in (("from", window.from_s), ("until", window.until_s)):
        if time_s is not None and not math.isfinite(time_s):
            raise InvalidRequest(f"{name} is not a time", "give Unix seconds")
    if window.recurrence is not None:
        if window.from_s is not None or window.until_s is not None:
            raise InvalidRequest("both once and again and again", "give either times or a rule")
        if not SHORTEST_S <= window.duration_s <= 31 * 86400.0:
            raise InvalidRequest(
                f"a closure for {window.duration_s:g} s each time", "give a minute to 31 days"
            )
    elif None not in (window.from_s, window.until_s):
        assert window.from_s is not None
        assert window.until_s is not None
        if window.until_s <= window.from_s:
            raise InvalidRequest("it would end before it begins", "correct from or until")


def _now(draft: Draft, window: Window) -> tuple[ClosureStatus, float | None]:
    """The status that a window means now, and when it changes next."""
    status, changes_s = window.at(draft.now_s)
    if status is ClosureStatus.ENDED:
        raise InvalidRequest(
            "the closure would be over already",
            "give times that are to come; what is closed is opened by removing the closure",
        )
    return status, changes_s


def change(draft: Draft, asked: ChangeClosure) -> None:
    """Have a closure hold at other times, or for another reason; what it closes stays the same.

    Raises:
        Unknown: there is no such closure.
        WrongState: it is over.
        InvalidRequest: the times contradict each other, or lie in the past.
    """
    closure = draft.state.closure(asked.closure_id)
    if closure.over:
        raise WrongState(f"{closure.id} is {closure.status.value}", "add another closure")
    _check_window(asked.window)
    status, changes_s = _now(draft, asked.window)
    reason = closure.reason if asked.reason is None else asked.reason
    if (asked.window, reason) == (closure.window, closure.reason):
        return
    before = draft.state.restrictions
    trigger = TRIGGER_TO[closure.status, status]
    draft.emit(
        ClosureChanged(closure.id, trigger, draft.now_s, asked.window, changes_s, reason, asked.by)
    )
    _tell_limits(draft, before)


def remove(draft: Draft, asked: RemoveClosure) -> None:
    """Open what a closure has closed, or call it off.

    Raises:
        Unknown: there is no such closure.
        WrongState: it is over.
    """
    before = draft.state.restrictions
    draft.state.closure(asked.closure_id)
    draft.emit(ClosureMoved(asked.closure_id, ClosureTrigger.REMOVE, draft.now_s, None, asked.by))
    resolve(draft, f"closure:{asked.closure_id}", "it is removed")
    _tell_limits(draft, before)


def close_lane(draft: Draft, asked: CloseLane) -> None:
    """Send nobody over a lane from now on; who is on it drives off.

    Raises:
        UnknownFeature: there is no such lane.
        WrongState: it is closed.
    """
    lane = draft.site.campus.lane(asked.lane_id).feature_id
    if _of_lane(draft, lane) is not None:
        raise WrongState(f"lane {lane} is closed already", "nothing has to be done")
    add(draft, AddClosure(lanes=(lane,), reason=asked.reason, by=asked.by))


def open_lane(draft: Draft, asked: OpenLane) -> None:
    """Let a lane be used again that was closed by itself.

    Raises:
        UnknownFeature: there is no such lane.
        WrongState: it is open, or closed with others or by the weather.
    """
    lane = draft.site.campus.lane(asked.lane_id).feature_id
    closure = _of_lane(draft, lane)
    if closure is not None:
        remove(draft, RemoveClosure(closure.id, asked.by))
        return
    for restricted in draft.state.restrictions.values():
        if lane in restricted.closed:
            why = restricted.why[lane]
            raise WrongState(f"lane {lane} is closed by {why}", "remove that closure")
    raise WrongState(f"lane {lane} is open", "nothing has to be done")


def _of_lane(draft: Draft, lane: str) -> Closure | None:
    """The closure in force by which this lane alone is closed for everybody."""
    for each in draft.state.closures.values():
        alone = each.lanes == (lane,) and not each.zones and not each.passages
        closes = each.speed_limit_mps is None and each.kinds is None
        if each.active and alone and closes:
            return each
    return None


def set_weather(draft: Draft, asked: SetWeather) -> None:
    """Hold robots to the map's rules for the weather of now.

    Raises:
        UnknownFeature: there is no such station.
    """
    stations = draft.site.campus.stations
    if asked.station and asked.station not in stations:
        raise UnknownFeature(
            f"no station {asked.station!r} on the map of {draft.site.campus.name}",
            f"stations are {', '.join(list(stations)[:5]) or 'none'}; or leave it out",
        )
    conditions = tuple(each for each in Weather if each in asked.conditions)
    before = draft.state.restrictions
    draft.emit(WeatherSet(conditions, draft.now_s, asked.by, asked.station))
    _tell_limits(draft, before)


def time_passed(draft: Draft) -> None:
    """Move closures on whose time has come."""
    for closure in list(draft.state.closures.values()):
        due = closure.changes_s is not None and closure.changes_s <= draft.now_s
        if closure.over or not due:
            continue
        status, changes_s = closure.window.at(draft.now_s)
        trigger = TRIGGER_TO[closure.status, status]
        before = draft.state.restrictions
        draft.emit(ClosureMoved(closure.id, trigger, draft.now_s, changes_s))
        _tell_limits(draft, before)


def _tell_limits(draft: Draft, before: Mapping[str, Restrictions]) -> None:
    """Tell robots their orders again that lead over lanes whose limit has changed."""
    after = draft.state.restrictions
    if after is before:
        return
    changed = {
        kind: _changed_limits(before.get(kind, Restrictions()).limits, restricted.limits)
        for kind, restricted in after.items()
    }
    for robot, record in draft.state.robots.items():
        movement = record.movement
        lanes = changed.get(draft.site.fleet.robots[robot].kind, frozenset())
        if movement is None or movement.canceling or not lanes:
            continue
        ahead = movement.waypoints[movement.passed :]
        if not lanes.isdisjoint(_lanes(draft.site.campus, ahead)):
            draft.emit(OrderRestated(robot, draft.now_s))


def _changed_limits(before: Mapping[str, float], after: Mapping[str, float]) -> frozenset[str]:
    lanes = before.keys() | after.keys()
    return frozenset(lane for lane in lanes if before.get(lane) != after.get(lane))


def _lanes(campus: Campus, way: Iterable[str]) -> Iterable[str]:
    return (campus.lane_between(start, end).feature_id for start, end in pairwise(way))
