"""The promises of programmes: measured, looked ahead for, and told where they break or may."""

from __future__ import annotations

import math
from collections.abc import Mapping

from fleet_manager.core.decisions.incidents import raise_once, resolve
from fleet_manager.core.decisions.programmes import cause_of
from fleet_manager.core.draft import Draft
from fleet_manager.core.incident import IncidentStatus
from fleet_manager.core.planning.patrol_ways import place_of, travel_of, usable_by
from fleet_manager.core.planning.patrolling import round_from
from fleet_manager.core.programme import AT_RISK, BROKEN, BeatStatus, Programme, SiteRecord
from fleet_manager.core.robot import ABSENT
from fleet_manager.core.state import FleetState

SETTLES_WITHIN_S = 60.0
"""So long robots are looked for before a promise counts as being at risk."""
EASED = 0.05
"""A promise is not at risk any more when this share of it is to spare."""
NAMED_AT_MOST = 5


def idle_s(state: FleetState, record: SiteRecord, now_s: float) -> float:
    """Seconds without a visit; a robot that is not heard visits nothing."""
    if record.staying is not None:
        robot = state.robots.get(record.staying)
        if robot is None or robot.status in ABSENT:
            return max(0.0, now_s - record.last_s)
    return record.idle_s(now_s)


def expected_s(state: FleetState, programme: Programme, now_s: float) -> dict[str, float]:
    """When each site is visited next as things go now, Unix seconds; those that nobody is to: none.

    Each robot first ends its stretch, then follows its team's tour.
    """
    if programme.plan is None:
        return {}
    travel = travel_of(state)
    usable = usable_by(state)
    found: dict[str, float] = {}
    for beat in programme.beats:
        task = state.tasks.get(beat.task_id or "")
        if beat.status is not BeatStatus.MANNED or task is None:
            continue
        left = [] if task.ended else [phase.waypoint for phase in task.remaining]
        team = programme.plan.teams[beat.team]
        around = [site for site, _ in round_from(team, beat.team, programme.guests, beat.at)]
        at_s, here = now_s, place_of(state, task, left)
        for site in (*left, *around):
            if not usable(site):
                continue
            at_s += travel(here, site)
            found[site] = min(found.get(site, math.inf), at_s)
            at_s += programme.spec.dwell_s
            here = site
    return found


def watch_promises(draft: Draft, identifier: str) -> None:
    """Have people know of promises that are broken, and of those that will be as things go."""
    programme = draft.state.programme(identifier)
    now_s = draft.now_s
    idle = {
        site.waypoint: idle_s(draft.state, programme.visits[site.waypoint], now_s)
        for site in programme.sites
    }
    broken = {s.waypoint: s.promise_s for s in programme.sites if idle[s.waypoint] > s.promise_s}
    if broken:
        worst = max(broken, key=lambda each: idle[each] / broken[each])
        title = (
            f"Programme {identifier} broke its promise at {_named(broken)}: {worst} has been "
            f"without a visit for {idle[worst] / 60:.0f} min, promised {broken[worst] / 60:.0f}"
        )
        _tell(draft, BROKEN, identifier, 2, title, worst)
    else:
        resolve(draft, cause_of(BROKEN, identifier), "all sites are within the promise again")
    _look_ahead(draft, programme, idle, set(broken))


def _look_ahead(
    draft: Draft, programme: Programme, idle: Mapping[str, float], broken: set[str]
) -> None:
    now_s = draft.now_s
    lately = [b.since_s for b in programme.beats if b.status is BeatStatus.VACANT]
    if now_s - max([programme.since_s, *lately]) < SETTLES_WITHIN_S:
        return  # robots are still being found
    cause = cause_of(AT_RISK, programme.id)
    known = any(
        each.cause == cause and each.status is not IncidentStatus.RESOLVED and not each.closed
        for each in draft.state.incidents.values()
    )
    expected = expected_s(draft.state, programme, now_s)
    late: dict[str, float] = {}
    for site in programme.sites:
        due_s = now_s - idle[site.waypoint] + site.promise_s
        if known:
            due_s -= EASED * site.promise_s
        by_s = expected.get(site.waypoint, math.inf) - due_s
        if by_s > 0.0 and idle[site.waypoint] > 0.0 and site.waypoint not in broken:
            late[site.waypoint] = by_s
    if not late:
        resolve(draft, cause, "all sites will be visited in time")
        return
    worst = max(late, key=lambda each: (late[each], each))
    when = (
        "it cannot be reached, or no robot is there"
        if late[worst] == math.inf
        else f"{late[worst]:.0f} s late"
    )
    title = f"Programme {programme.id}: promise at risk at {_named(late)} ({worst}: {when})"
    _tell(draft, AT_RISK, programme.id, 1, title, worst)


def _tell(draft: Draft, kind: str, identifier: str, severity: int, title: str, worst: str) -> None:
    at = draft.site.campus.waypoints.get(worst)
    raise_once(draft, kind, cause_of(kind, identifier), severity, title, place=worst, at=at)


def _named(sites: Mapping[str, float]) -> str:
    names = sorted(sites)
    more = len(names) - NAMED_AT_MOST
    return ", ".join(names[:NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
