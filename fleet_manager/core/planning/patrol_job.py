"""The planning job of a patrol programme: from sites and robots to the arrangement it follows."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, isfinite

import numpy as np

from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.planning.patrol.bounds import lower_bound
from fleet_manager.core.planning.patrol.plan import Team, gaps_of, spaced_team
from fleet_manager.core.planning.patrol.problem import PatrolProblem
from fleet_manager.core.planning.patrol.tours import shortest_tour
from fleet_manager.core.planning.patrolling import least_robots, nearest_first
from fleet_manager.core.programme import PatrolArrangement, PlanWanted, TeamPlan

KIND = "patrol"
ITERATIONS = 5000
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
    try:
        tour = shortest_tour(job.problem.travel_s, iterations, job.seed)
        return arrangement(job.problem, job.wanted, tour, "one tour", bound=True)
    except CampusFleetError as error:
        return NoPlan(str(error), error.remedy)


def at_once(problem: PatrolProblem, wanted: PlanWanted) -> PatrolArrangement:
    """A plan that takes no time: one tour, always to the nearest site next."""
    tour = nearest_first(problem.travel_s)
    return arrangement(problem, wanted, tour, "nearest site next", bound=False)


def arrangement(
    problem: PatrolProblem, wanted: PlanWanted, tour: tuple[int, ...], method: str, *, bound: bool
) -> PatrolArrangement:
    """All robots evenly spaced on one tour."""
    lap_s = spaced_team(problem, tour, 1).duration_s
    tightest_s = float(problem.promises_s.min())
    robots = wanted.robots
    if robots is None:
        robots = ceil(lap_s / tightest_s - 1e-9) if isfinite(tightest_s) else 1
        robots = max(1, min(robots, wanted.most))
    teams = (spaced_team(problem, tour, robots),)
    return summed_up(problem, teams, wanted, method, bound=bound)


def summed_up(
    problem: PatrolProblem,
    teams: tuple[Team, ...],
    wanted: PlanWanted,
    method: str,
    *,
    bound: bool,
) -> PatrolArrangement:
    """Teams with what they keep and what is proven."""
    robots = sum(team.robots for team in teams)
    worst_s, _ = gaps_of(teams, len(problem.sites))
    weights = problem.weights(wanted.hour)
    weighted_s = float((weights * worst_s).max())
    proven = (
        lower_bound(problem.travel_s, weights, robots, weighted_s, BOUND_STEPS) if bound else None
    )
    value_s = proven.value_s if proven else 0.0
    gap = weighted_s / value_s - 1.0 if value_s > 0.0 else inf
    promises = problem.promises_s
    return PatrolArrangement(
        version=wanted.version,
        method=method,
        teams=tuple(
            TeamPlan(
                tuple(problem.waypoints[visit.site] for visit in team.visits),
                team.duration_s,
                team.robots,
            )
            for team in teams
        ),
        robots=robots,
        hour=wanted.hour,
        worst_s=float(worst_s.max()),
        worst_weighted_s=weighted_s,
        bound_s=value_s,
        bound=proven.name if proven else "",
        gap=max(0.0, gap) if isfinite(gap) else None,
        least_robots=least_robots(problem.travel_s, promises),
        keeps_promise=bool(np.all(worst_s <= promises * (1.0 + 1e-9))),
        immediate=not bound,
        reduced=wanted.reduced,
    )
