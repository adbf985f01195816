"""Programmes at work: stretches become tasks, sites are taken over, promises are watched."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from fleet_manager.core.commands import SubmitTask
from fleet_manager.core.decisions.changeover import waits_to_walk
from fleet_manager.core.decisions.patrol_plans import ask_for_plan
from fleet_manager.core.decisions.programmes import open_and_close, tell_trouble
from fleet_manager.core.decisions.promises import watch_promises
from fleet_manager.core.decisions.tasks import submit, take_away
from fleet_manager.core.draft import Draft
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.planning.availability import position, unavailable
from fleet_manager.core.planning.patrol_ways import place_of, spare_robots, travel_of, usable_by
from fleet_manager.core.planning.patrolling import (
    Other,
    Stretch,
    Travel,
    Watch,
    next_stretch,
    taken_over,
    widest_gap,
)
from fleet_manager.core.programme import (
    Beat,
    BeatStatus,
    BeatTrigger,
    Programme,
)
from fleet_manager.core.programme_events import BeatMoved, SitesTakenOver, StretchBegun
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Task, TaskStatus, TaskTrigger

FINDS_ROBOT_WITHIN_S = 15.0
"""A stretch that nobody takes for so long has no robot."""
AGAIN_AFTER_S = 60.0
"""A stretch that failed is not asked for again before."""
RELIEVED_AT = 0.3
"""A robot is relieved by one whose charge is better by so much."""
COMES_IN_TIME = 0.1
"""Share of a promise that is to spare when a robot that relieves another arrives."""
LONG_AWAY_S = 600.0
"""A robot that comes back after more than this begins in the widest gap of its team."""
LOOK_ONE_IN = 4
"""Of so many seconds, promises are looked after in one."""


def time_passed(draft: Draft) -> None:
    """Open, close, plan and watch each programme; trouble of one does not reach another."""
    for identifier in list(draft.state.programmes):
        _tend(draft, identifier, _one_passed)


def begin_stretches(draft: Draft) -> None:
    """Ask for the next stretch of every beat whose last one has ended."""
    for identifier, programme in list(draft.state.programmes.items()):
        if programme.running and any(_may_begin(draft, beat) for beat in programme.beats):
            _tend(draft, identifier, _begin)


def _tend(draft: Draft, identifier: str, what: Callable[[Draft, str], None]) -> None:
    try:
        what(draft, identifier)
    except CampusFleetError as error:
        tell_trouble(draft, identifier, error)


def _one_passed(draft: Draft, identifier: str) -> None:
    open_and_close(draft, identifier)
    if not draft.state.programme(identifier).running:
        return
    ask_for_plan(draft, identifier)
    _watch_beats(draft, identifier)
    if _looks(draft.now_s):
        _leave_out_what_cannot_be_reached(draft, identifier)
        watch_promises(draft, identifier)


def _looks(now_s: float) -> bool:
    """Whether this is a second in which promises are looked after; whatever the ticks' rhythm."""
    return (int(now_s) * 2_654_435_761 >> 16) % LOOK_ONE_IN == 0


# --- beats ---


def _watch_beats(draft: Draft, identifier: str) -> None:
    """Note which beats a robot walks; what others take over follows at once."""
    changed = ""
    for beat in draft.state.programme(identifier).beats:
        away = _away(draft, beat)
        if away is None or (away == "") is (beat.status is BeatStatus.MANNED):
            continue
        changed = away or "a robot is back"
        trigger = BeatTrigger.LEAVE if away else BeatTrigger.MAN
        at = None if away else _comes_back_at(draft, identifier, beat)
        draft.emit(BeatMoved(identifier, beat.number, trigger, draft.now_s, reason=away, at=at))
    if changed:
        _arrange(draft, identifier, changed)
    for beat in draft.state.programme(identifier).beats:
        _let_another(draft, beat)


def _let_another(draft: Draft, beat: Beat) -> None:
    """End a stretch that is for a robot which has gone to charge or elsewhere, or is away for long.

    The next stretch of the beat is for whoever is free.
    """
    task = draft.state.tasks.get(beat.task_id or "")
    if task is None or task.ended or task.held_by or beat.status is BeatStatus.MANNED:
        return
    bound = "robot" in task.description
    gone = bound and task.robot is None and bool(task.attempts)
    long_s = draft.site.policy.reassign_after_s
    stuck = (bound or task.robot is not None) and draft.now_s - beat.since_s > long_s
    if gone or stuck:
        take_away(draft, task.id, TaskTrigger.CANCEL, beat.reason or "its robot is away")


def _away(draft: Draft, beat: Beat) -> str | None:
    """Why no robot walks a beat, for people; "": one does; None: it is as it was."""
    state = draft.state
    task = state.tasks.get(beat.task_id or "")
    if task is None or task.ended:
        return None
    if task.robot is None:
        if task.attempts:
            return task.attempts[-1].why or task.reason or "its robot was taken away"
        waits_s = draft.now_s - max(task.earliest_start_s, task.requested_s)
        if waits_s <= FINDS_ROBOT_WITHIN_S:
            return None
        return task.reason or "no robot is free"
    if task.robot not in state.robots:
        return f"{task.robot} has left the fleet"
    why = unavailable(state, task.robot)
    if why is not None:
        return f"{task.robot} {why}"
    if task.status in (TaskStatus.BLOCKED, TaskStatus.DELAYED):
        return task.reason or f"{task.robot} is {task.status}"
    return ""


def _leave_out_what_cannot_be_reached(draft: Draft, identifier: str) -> None:
    """End stretches that lead to a site that nobody can get to now; the next leaves it out."""
    usable = usable_by(draft.state)
    for beat in draft.state.programme(identifier).beats:
        task = draft.state.tasks.get(beat.task_id or "")
        if task is None or task.ended or task.held_by:
            continue
        cut_off = [p.waypoint for p in task.remaining if not usable(p.waypoint)]
        if cut_off:
            reason = f"cannot be reached now: {', '.join(dict.fromkeys(cut_off))}"
            take_away(draft, task.id, TaskTrigger.CANCEL, reason)


def _comes_back_at(draft: Draft, identifier: str, beat: Beat) -> int | None:
    """Where on the tour a robot goes on that was away for long; None: where it was."""
    programme = draft.state.programme(identifier)
    others = [
        each.at
        for each in programme.beats
        if each.team == beat.team
        and each.number != beat.number
        and each.status is BeatStatus.MANNED
    ]
    if not others or draft.now_s - beat.since_s < LONG_AWAY_S or programme.plan is None:
        return None
    return widest_gap(len(programme.plan.teams[beat.team].tour), others)


def _arrange(draft: Draft, identifier: str, reason: str) -> None:
    """Have the sites of teams without a robot visited by the others, and given back."""
    programme = draft.state.programme(identifier)
    assert programme.plan is not None, "beats come with a plan"
    manned = [0] * len(programme.plan.teams)
    for beat in programme.beats:
        manned[beat.team] += beat.status is BeatStatus.MANNED
    guests = taken_over(
        programme.plan.teams,
        manned,
        _due_s(programme),
        {site.waypoint: site.promise_s for site in programme.sites},
        programme.spec.dwell_s,
        travel_of(draft.state),
    )
    if guests != programme.guests:
        draft.emit(SitesTakenOver(identifier, guests, draft.now_s, reason))


def _due_s(programme: Programme) -> dict[str, float]:
    """Until when each site has to be visited, Unix seconds."""
    return {
        site.waypoint: programme.visits[site.waypoint].last_s + site.promise_s
        for site in programme.sites
    }


# --- stretches ---


def _may_begin(draft: Draft, beat: Beat) -> bool:
    """Whether a beat has no task that is open or failed just now."""
    if beat.task_id is None:
        return True
    task = draft.state.tasks.get(beat.task_id)
    if task is None:
        return True
    failed = task.status is TaskStatus.FAILED
    since_s = draft.now_s - (task.finished_s or 0.0)
    return task.ended and (not failed or since_s > AGAIN_AFTER_S)


def _begin(draft: Draft, identifier: str) -> None:
    for beat in draft.state.programme(identifier).beats:
        if _may_begin(draft, beat):
            _begin_one(draft, identifier, beat)


def _begin_one(draft: Draft, identifier: str, beat: Beat) -> None:
    programme = draft.state.programme(identifier)
    spec = programme.spec
    last = draft.state.tasks.get(beat.task_id or "")
    start = last.phases[-1].waypoint if last is not None and not last.remaining else None
    rng = np.random.default_rng([abs(spec.seed), programme.stretches])
    watch = _watch(draft.state, programme, beat, draft.now_s)
    robot = _goes_on(draft, programme, beat, last, watch)
    if last is not None and robot is not None and robot != last.robot:
        start = position(draft.state, robot)
    stretch = next_stretch(watch, beat.at, start, draft.now_s, spec.unpredictability, rng)
    if stretch is None:
        return
    task_id = submit(
        draft,
        _request_of(draft, programme, stretch, robot),
        programme=(identifier, beat.number),
    )
    draft.emit(
        StretchBegun(
            identifier,
            beat.number,
            task_id,
            stretch.next_at,
            draft.now_s,
            stretch.headway_s,
            _walked_by(last) if robot is not None else None,
            len(stretch.sites),
            stretch.bits,
        )
    )


def _goes_on(
    draft: Draft, programme: Programme, beat: Beat, last: Task | None, watch: Watch
) -> str | None:
    """The robot that ended the stretch before, if it can do the next; None: whoever is free.

    One that another could relieve in time which is charged much better may go and charge: so the
    robots of a programme do not all have to at the same time.
    """
    state = draft.state
    walked = _walked_by(last)
    if walked not in state.robots or beat.status is BeatStatus.VACANT:
        return None
    if unavailable(state, walked) is not None or state.robot(walked).task_id is not None:
        return None
    battery = state.telemetry.reports[walked].battery
    if battery is None or battery <= state.site.policy.charge_below:
        return None
    if any(each.status is BeatStatus.VACANT for each in programme.beats):
        return walked  # robots that could relieve it are needed there
    first = watch.team.tour[beat.at % len(watch.team.tour)]
    left_s = watch.due_s[first] - draft.now_s - COMES_IN_TIME * watch.promise_s[first]
    charges = {
        name: state.telemetry.reports[name].battery or 0.0
        for name in spare_robots(state)
        if (place := position(state, name)) is not None and watch.travel(place, first) < left_s
    }
    relief = max(charges, key=lambda name: (charges[name], name), default=None)
    if relief is not None and charges[relief] - battery >= RELIEVED_AT:
        return relief
    return walked


def _walked_by(last: Task | None) -> str:
    """The robot of the stretch before: it ended that, or waited for its beginning; "": none."""
    if last is None:
        return ""
    if last.status is TaskStatus.COMPLETED:
        return last.robot or ""
    return waits_to_walk(last) if last.status is TaskStatus.CANCELED else ""


def _request_of(
    draft: Draft, programme: Programme, stretch: Stretch, robot: str | None
) -> SubmitTask:
    spec = programme.spec
    description = {"places": list(stretch.sites), "dwell_s": stretch.dwell_s}
    if robot is not None:
        description["robot"] = robot
    return SubmitTask(
        category="patrol",
        description=description,
        priority=spec.priority,
        labels=(*spec.labels, f"programme={spec.id}"),
        requester=f"programme {spec.id}",
        earliest_start_s=draft.now_s + stretch.hold_s if stretch.hold_s > 0.0 else None,
    )


def _watch(state: FleetState, programme: Programme, beat: Beat, now_s: float) -> Watch:
    """What the next stretch of a beat depends on."""
    plan = programme.plan
    assert plan is not None, "beats come with a plan"
    manned = [
        each
        for each in programme.beats
        if each.team == beat.team and (each.status is BeatStatus.MANNED or _is_filled(each, now_s))
    ]
    tour = plan.teams[beat.team].tour
    travel = travel_of(state)
    others = tuple(
        _other(state, tour, each, each.number < beat.number, travel)
        for each in manned
        if each.number != beat.number
    )
    campus = state.site.campus
    return Watch(
        team=plan.teams[beat.team],
        index=beat.team,
        guests=programme.guests,
        manned=max(1, len(manned)),
        due_s=_due_s(programme),
        promise_s={site.waypoint: site.promise_s for site in programme.sites},
        own_s={site: record.own_s for site, record in programme.visits.items()},
        dwell_s=programme.spec.dwell_s,
        travel=travel,
        usable=usable_by(state),
        is_bay=campus.is_bay,
        others=others,
    )


def _is_filled(beat: Beat, now_s: float) -> bool:
    """Whether a robot for a beat without one is still being found."""
    return beat.status is BeatStatus.VACANT and now_s - beat.since_s <= FINDS_ROBOT_WITHIN_S


def _other(
    state: FleetState, tour: tuple[str, ...], beat: Beat, first: bool, travel: Travel
) -> Other:
    """Another robot of a team, where it is on the tour."""
    task = state.tasks.get(beat.task_id or "")
    size = len(tour)
    if task is None or task.ended:
        return Other(first, beat.at % size, 0.0, frozenset())
    left = [phase.waypoint for phase in task.remaining]
    back = max(((beat.at - at) % size or size for at, s in enumerate(tour) if s in left), default=0)
    at = (beat.at - back) % size
    away_s = travel(place_of(state, task, left), tour[at])
    if not math.isfinite(away_s):
        away_s = 0.0
    return Other(first, at, away_s, frozenset(left))
