"""The planning job of a patrol programme: from sites and robots to the arrangement it follows."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf

from msgspec.structs import replace

from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.planning.patrol.fleet_size import smallest_fleet
from fleet_manager.core.planning.patrol.plan import PatrolPlan, Team, spaced_team
from fleet_manager.core.planning.patrol.planner import Effort, measured, plan_patrol
from fleet_manager.core.planning.patrol.problem import PatrolProblem
from fleet_manager.core.planning.patrol.unpredictable import with_freedom
from fleet_manager.core.planning.patrolling import least_robots, nearest_first
from fleet_manager.core.programme import PatrolArrangement, PlanWanted, TeamPlan

KIND = "patrol"
ITERATIONS = 50_000
BOUND_STEPS = 400


@dataclass(frozen=True, eq=False)
class PatrolJob:
    """What is to be planned; complete in itself."""

    problem: PatrolProblem
    wanted: PlanWanted
    seed: int


@dataclass(frozen=True, slots=True)
class NoPlan:
    """Why there is no plan, for people, and what would help."""

    problem: str
    remedy: str


def run(job: PatrolJob, iterations: int) -> PatrolArrangement | NoPlan:
    """Plan a patrol within a budget of iterations."""
    effort = Effort(iterations, BOUND_STEPS, job.seed)
    try:
        return _planned(job.problem, job.wanted, effort)
    except CampusFleetError as error:
        return NoPlan(str(error), error.remedy)


def _planned(problem: PatrolProblem, wanted: PlanWanted, effort: Effort) -> PatrolArrangement:
    """For as many robots as are wanted, or the fewest that keep the promise, if there are enough.

    Raises:
        CannotPatrol: nothing can be planned.
    """
    needed, least = wanted.robots, least_robots(problem.travel_s, problem.promises_s)
    if needed is None:
        size = smallest_fleet(problem, wanted.hour, effort)
        needed, least = size.robots, size.least
        plan = size.plan
        if needed > wanted.most:
            plan = plan_patrol(problem, wanted.most, wanted.hour, effort)
    else:
        plan = plan_patrol(problem, needed, wanted.hour, effort)
        if plan.broken and not wanted.reduced:
            size = smallest_fleet(problem, wanted.hour, effort)
            needed, least = size.robots, size.least
    plan = with_freedom(problem, plan, effort.seed)
    found = _arranged(plan, problem, wanted)
    bits = sum(
        free.bits_per_visit * t.robots for free, t in zip(plan.freedom, plan.teams, strict=True)
    )
    crew = sum(team.robots for team in plan.teams)
    return replace(found, least_robots=least, robots_needed=needed, entropy_bits=bits / crew)


def _arranged(
    plan: PatrolPlan, problem: PatrolProblem, wanted: PlanWanted, *, immediate: bool = False
) -> PatrolArrangement:
    """A plan as a programme follows it."""
    return PatrolArrangement(
        version=wanted.version,
        method=plan.method,
        teams=tuple(
            TeamPlan(
                tuple(plan.waypoints[visit.site] for visit in team.visits),
                team.duration_s,
                team.robots,
                tuple(_begins_at(team, offset_s) for offset_s in team.offsets_s),
            )
            for team in plan.teams
        ),
        robots=plan.robots,
        relief=plan.relief,
        hour=wanted.hour,
        idleness_s=dict(zip(plan.waypoints, plan.idleness_s, strict=True)),
        worst_s=max(plan.idleness_s),
        worst_weighted_s=plan.worst_weighted_idleness_s,
        bound_s=plan.bound.value_s,
        bound=plan.bound.name if not immediate else "",
        gap=None if immediate or plan.gap == inf else plan.gap,
        least_robots=least_robots(problem.travel_s, problem.promises_s),
        keeps_promise=not plan.broken,
        immediate=immediate,
        reduced=wanted.reduced,
    )


def at_once(problem: PatrolProblem, wanted: PlanWanted) -> PatrolArrangement:
    """A plan that takes no time: all robots on one tour, always to the nearest site next."""
    tour = nearest_first(problem.travel_s)
    robots = wanted.robots
    if robots is None:
        lap_s = spaced_team(problem, tour, 1).duration_s
        robots = ceil(lap_s / float(problem.promises_s.min()) - 1e-9)
        robots = max(1, min(robots, wanted.most))
    teams = (spaced_team(problem, tour, robots),)
    weights = problem.weights(wanted.hour)
    plan = measured(problem, robots, weights, teams, "nearest site next")
    return _arranged(plan, problem, wanted, immediate=True)


def _begins_at(team: Team, offset_s: float) -> int:
    """The visit of a cycle that a robot makes first which is so far into it."""
    return next((at for at, visit in enumerate(team.visits) if visit.at_s >= offset_s - 1e-6), 0)
