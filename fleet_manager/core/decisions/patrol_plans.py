"""Plans of patrol programmes: when another is wanted, and how robots go over to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from fleet_manager.core.decisions.changeover import follow, late_if_followed
from fleet_manager.core.decisions.incidents import resolve
from fleet_manager.core.decisions.programmes import cause_of, tell_trouble
from fleet_manager.core.draft import Draft
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.planning.jobs import PlanningJob, Wish
from fleet_manager.core.planning.patrol_job import (
    ITERATIONS,
    KIND,
    NoPlan,
    PatrolJob,
    at_once,
)
from fleet_manager.core.planning.patrol_ways import spare_robots
from fleet_manager.core.programme import (
    TROUBLE,
    BeatStatus,
    PatrolArrangement,
    PlanWanted,
    Programme,
    ProgrammeSite,
    ProgrammeSpec,
)
from fleet_manager.core.programme_events import PlanRequested, ProgrammePlanned
from fleet_manager.core.programme_sites import on_map, patrollers, problem_of
from fleet_manager.core.state import FleetState

AWAY_S = 120.0
"""A robot that is away for longer has the others' plan made without it."""
WORTH_IT = 0.85
"""Another plan for as many robots has to be at least so much better than the one in use."""
TO_SPARE = 0.15
"""Share of a promise that is kept to spare when another plan is gone over to."""
STAYS_S = 600.0
"""A plan is followed for so long at least, unless a robot is away."""


def ask_for_plan(draft: Draft, programme_id: str) -> None:
    """Have a plan worked out where there is none, or it does not fit any more.

    Until the first answer an immediate plan is followed, so that nothing waits.
    """
    programme = draft.state.programme(programme_id)
    plan = programme.plan
    hour = local_hour(programme.spec, draft.now_s)
    usual = programme.spec.robots
    if plan is None:
        if programme.wanted is None:
            _request(draft, programme, usual, hour, "it begins")
        wanted = draft.state.programme(programme_id).wanted
        assert wanted is not None, "asked for just above"
        plan = at_once(problem_of(draft.site, on_map(draft.site, programme)), wanted)
        follow(draft, programme_id, plan)
        return
    if programme.wanted is not None:
        return
    manned = sum(beat.status is BeatStatus.MANNED for beat in programme.beats)
    away = [beat for beat in programme.beats if beat.status is BeatStatus.VACANT]
    long_away = [beat for beat in away if draft.now_s - beat.since_s > AWAY_S]
    if long_away and manned and len(programme.beats) > manned:
        _request(draft, programme, manned, hour, long_away[0].reason or "a robot is away", True)
    elif draft.now_s - programme.planned_s < STAYS_S:
        return
    elif plan.reduced and not away and (spare := spare_robots(draft.state)):
        there = manned + len(spare)
        robots = None if usual is None else min(usual, there)
        _request(draft, programme, robots, hour, "a robot is back", robots != usual)
    elif plan.map_version != draft.site.campus.version:
        robots = len(programme.beats) if plan.reduced else usual
        _request(draft, programme, robots, hour, "the map has changed", plan.reduced)
    elif not _same_weights(programme.sites, plan.hour, hour):
        robots = len(programme.beats) if plan.reduced else usual
        _request(draft, programme, robots, hour, "the risks change with the hour", plan.reduced)


def _request(
    draft: Draft,
    programme: Programme,
    robots: int | None,
    hour: int,
    reason: str,
    reduced: bool = False,
) -> None:
    most = len(patrollers(draft.site))
    wanted = PlanWanted(programme.version + 1, robots, most, hour, reduced)
    draft.emit(PlanRequested(programme.id, wanted, draft.now_s, reason))


def _same_weights(sites: Iterable[ProgrammeSite], one: int, other: int) -> bool:
    """Whether the weights of two hours differ by a common factor alone."""
    if one == other:
        return True
    ratios = {round(site.weight_at(other) / site.weight_at(one), 9) for site in sites}
    return len(ratios) == 1


def local_hour(spec: ProgrammeSpec, now_s: float) -> int:
    """The hour of the day, 0 to 23, where the programme is."""
    return datetime.fromtimestamp(now_s, UTC).astimezone(ZoneInfo(spec.timezone)).hour


def wishes(state: FleetState, _: float) -> Iterator[Wish]:
    """Plans that programmes wait for."""
    for programme in state.programmes.values():
        if programme.running and programme.wanted is not None:
            yield Wish(_job_id(programme), KIND, _Maker(state, programme))


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the job of a programme."""

    state: FleetState
    programme: Programme

    def __call__(self) -> PlanningJob:
        wanted = self.programme.wanted
        assert wanted is not None, "it is wished for"
        site = self.state.site
        problem = problem_of(site, on_map(site, self.programme))
        job = PatrolJob(problem, wanted, self.programme.spec.seed)
        return PlanningJob(_job_id(self.programme), KIND, ITERATIONS, job)


def _job_id(programme: Programme) -> str:
    """Names the programme, the question, and when the programme was saved."""
    return f"{KIND}/{programme.id}/{programme.saved_s:.3f}/{programme.version}"


def adopt(draft: Draft, job_id: str, result: Any) -> None:
    """Follow the planner's answer; where it has none, the plan in use stays and people are told."""
    programme_id = job_id.split("/")[1]
    programme = draft.state.programme(programme_id)
    if isinstance(result, NoPlan):
        assert programme.plan is not None, "an immediate plan is followed since the question"
        tell_trouble(draft, programme_id, CampusFleetError(result.problem, result.remedy))
        draft.emit(
            ProgrammePlanned(
                programme_id,
                replace(programme.plan, immediate=False, version=programme.version),
                programme.beats,
                draft.now_s,
            )
        )
        return
    if _better_kept(draft, programme, result):
        assert programme.plan is not None, "it is kept"
        hour, version = result.hour, result.version
        kept = replace(programme.plan, hour=hour, version=version, immediate=False)
        draft.emit(ProgrammePlanned(programme_id, kept, programme.beats, draft.now_s))
        return
    follow(draft, programme_id, result)
    if not (result.keeps_promise or result.reduced):
        have = sum(team.robots for team in result.teams)
        error = CampusFleetError(
            f"no plan was found by which {have} robots keep the promise; the best leaves a place "
            f"for {result.worst_s / 60:.1f} min without a visit",
            f"{result.robots_needed} robots would do; promise more time, or fewer places",
        )
        tell_trouble(draft, programme_id, error)
    else:
        resolve(draft, cause_of(TROUBLE, programme_id), "a plan keeps the promise")


def _better_kept(draft: Draft, programme: Programme, result: PatrolArrangement) -> bool:
    """Whether the plan in use is as good as another for as many robots, or nearly.

    To go over to another takes time, in which sites wait: not where a promise would be broken.
    """
    plan = programme.plan
    if plan is None or plan.immediate or not plan.keeps_promise:
        return False
    same = plan.robots == result.robots and plan.reduced == result.reduced
    same = same and plan.map_version == draft.site.campus.version
    if not same or not plan.idleness_s.keys() >= result.idleness_s.keys():
        return False
    weights = {site.waypoint: site.weight_at(result.hour) for site in programme.sites}
    now_s = max(weights[site] * idle_s for site, idle_s in plan.idleness_s.items())
    if result.worst_weighted_s > WORTH_IT * now_s:
        return True
    late_s = late_if_followed(draft, programme, result)
    return late_s > -TO_SPARE * min(site.promise_s for site in programme.sites)
