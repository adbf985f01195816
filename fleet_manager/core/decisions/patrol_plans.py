"""Plans of patrol programmes: when another is wanted, and how robots go over to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from fleet_manager.core.decisions.programmes import tell_trouble
from fleet_manager.core.decisions.tasks import take_away
from fleet_manager.core.draft import Draft
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.planning.availability import interruptible_soc, unavailable
from fleet_manager.core.planning.jobs import PlanningJob, Wish
from fleet_manager.core.planning.patrol_job import (
    ITERATIONS,
    KIND,
    NoPlan,
    PatrolJob,
    at_once,
)
from fleet_manager.core.programme import (
    Beat,
    BeatStatus,
    PatrolArrangement,
    PlanWanted,
    Programme,
    ProgrammeSite,
    ProgrammeSpec,
)
from fleet_manager.core.programme_events import PlanRequested, ProgrammePlanned
from fleet_manager.core.programme_sites import on_map, pacemaker, patrollers, problem_of
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import TaskTrigger

AWAY_S = 120.0
"""A robot that is away for longer has the others' plan made without it."""
JUST_BEGUN_S = 60.0
"""Robots that set out less than this ago are sent where the plan has them begin."""


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
    elif plan.reduced and not away and spare_robots(draft.state):
        there = manned + len(spare_robots(draft.state))
        robots = None if usual is None else min(usual, there)
        _request(draft, programme, robots, hour, "a robot is back", robots != usual)
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


def spare_robots(state: FleetState) -> list[str]:
    """Robots that could patrol and have nothing to do, charged well enough."""
    enough = interruptible_soc(state)
    return [
        robot
        for robot in patrollers(state.site)
        if state.robot(robot).task_id is None
        and unavailable(state, robot) is None
        and (state.telemetry.reports[robot].battery or 0.0) >= enough
    ]


def follow(draft: Draft, programme_id: str, plan: PatrolArrangement) -> None:
    """Go over to a plan: robots that patrol go on from the nearest part of a tour."""
    programme = draft.state.programme(programme_id)
    beats = _beats(draft, programme, plan)
    kept = {beat.task_id for beat in beats}
    for beat in programme.beats:
        task = draft.state.tasks.get(beat.task_id or "")
        if task is not None and task.id not in kept and not task.ended:
            reason = f"programme {programme_id} goes over to another plan"
            take_away(draft, task.id, TaskTrigger.CANCEL, reason)
    draft.emit(ProgrammePlanned(programme_id, plan, beats, draft.now_s))


def _beats(draft: Draft, programme: Programme, plan: PatrolArrangement) -> tuple[Beat, ...]:
    """A beat for each robot of a plan; those that have a robot go where it costs least."""
    state = draft.state
    places: dict[int, str] = {}
    just_begun = draft.now_s - programme.since_s < JUST_BEGUN_S
    for beat in () if just_begun else programme.beats:
        task = state.tasks.get(beat.task_id or "")
        if task is not None and not task.ended and task.robot is not None:
            places[beat.number] = task.phases[-1].waypoint
    routes = draft.site.routes(pacemaker(draft.site))
    choices = sorted(
        (routes.duration_s(place, site) or 0.0, number, index, at)
        for number, place in places.items()
        for index, team in enumerate(plan.teams)
        for at, site in enumerate(team.tour)
        if routes.duration_s(place, site) is not None
    )
    capacity = [team.robots for team in plan.teams]
    beats: list[Beat] = []
    for _, number, index, at in choices:
        if number in places and capacity[index] > 0:
            before = programme.beat(number)
            assert before is not None, "it has a place"
            del places[number]
            capacity[index] -= 1
            beats.append(replace(before, number=len(beats) + 1, team=index, at=at, headway_s=None))
    for index, team in enumerate(plan.teams):
        for each in range(team.robots - capacity[index], team.robots):
            beats.append(Beat(len(beats) + 1, index, team.start(each), since_s=draft.now_s))
    return tuple(beats)


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
    else:
        follow(draft, programme_id, result)
