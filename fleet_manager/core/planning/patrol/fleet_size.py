"""How many robots a promise needs: the fewest that a plan was found for, and the proven minimum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from fleet_manager.core.planning.patrol.bounds import Bound, lower_bound
from fleet_manager.core.planning.patrol.plan import PatrolPlan
from fleet_manager.core.planning.patrol.planner import (
    USUAL,
    Effort,
    Progress,
    keeping_plan,
    on_patrol,
    plan_patrol,
    weights_of_promises,
)
from fleet_manager.core.planning.patrol.problem import CannotPatrol, PatrolProblem

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class FleetSize:
    """How many robots promises need.

    Attributes:
        robots: the fewest that a plan was found for, with those that charge.
        least: no fewer can keep the promises, even if none had to charge.
        bound: what proves it: one robot fewer has a worst idleness, over promises and in seconds
            of the shortest one, of more than that; None: one robot is the least there can be.
        plan: with `robots`.
    """

    robots: int
    least: int
    bound: Bound | None
    plan: PatrolPlan


def promising(problem: PatrolProblem, promise_s: float) -> PatrolProblem:
    """The problem with the same promise to every site."""
    sites = tuple(replace(site, promise_s=promise_s) for site in problem.sites)
    return replace(problem, sites=sites)


def smallest_fleet(
    problem: PatrolProblem,
    hour: int | None = None,
    effort: Effort = USUAL,
    progress: Progress = lambda _: None,
) -> FleetSize:
    """The fewest robots that a plan is found for which keeps every promise.

    Raises:
        CannotPatrol: nothing is promised to any site.
    """
    if not np.isfinite(problem.promises_s).any():
        raise CannotPatrol(
            "how many robots a patrol needs depends on its promise, and none is made",
            "promise a longest idleness, as --promise 30min",
            problem.waypoints,
        )
    least, bound = proven_minimum(problem, effort.bound_steps)
    progress(0.1)
    crew = min(least, len(problem.sites))
    tried: list[int] = []

    def kept(robots: int) -> bool:
        tried.append(robots)
        progress(0.8 - 0.7 / len(tried))
        return not keeping_plan(problem, robots, effort).broken

    low, high = fleet_for(problem, crew) - 1, fleet_for(problem, crew)
    if problem.availability < 1.0 and crew == 1:
        low = 0  # a single robot, which leaves its sites while it charges, may do
        high = 1
    step = 1
    while not kept(high):
        low, high, step = high, high + step, 2 * step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if kept(middle) else (middle, high)
    plan = plan_patrol(problem, high, hour, effort, lambda done: progress(0.8 + 0.2 * done))
    return FleetSize(high, least, bound, plan)


def proven_minimum(problem: PatrolProblem, steps: int) -> tuple[int, Bound | None]:
    """No fewer robots can keep all promises; and the bound that says so of one fewer."""
    promises_s = problem.promises_s
    urgency, shortest_s = weights_of_promises(promises_s), float(promises_s.min())
    promised = np.flatnonzero(np.isfinite(promises_s))
    travel_s = problem.travel_s[np.ix_(promised, promised)]
    low, high, proof = 0, len(promised), None
    while high - low > 1:
        middle = (low + high) // 2
        needed_s = shortest_s * (1.0 + _ROUNDING)
        bound = lower_bound(travel_s, urgency[promised], middle, shortest_s, steps, needed_s)
        if bound.value_s > needed_s:
            low, proof = middle, bound
        else:
            high = middle
    return low + 1, proof


def fleet_for(problem: PatrolProblem, crew: int) -> int:
    """The fewest robots of which so many patrol at once while the others charge."""
    found = max(crew, ceil(crew / problem.availability - _ROUNDING))
    while on_patrol(problem, found) < crew:
        found += 1
    return found


def held_to_promises(plan: PatrolPlan, problem: PatrolProblem, effort: Effort = USUAL) -> None:
    """Check that a plan keeps its promises.

    Raises:
        CannotPatrol: it does not; names the sites, says what is proven and what would help.
    """
    if not plan.broken:
        return
    least, _ = proven_minimum(problem, effort.bound_steps)
    names = [plan.waypoints[site] for site in plan.broken]
    worst = max(plan.idleness_s[site] / plan.promises_s[site] for site in plan.broken)
    crew = plan.robots - plan.relief
    proven = (
        f"no plan of {crew} on patrol can: {least} are needed at least"
        if least > crew
        else "none was found"
    )
    raise CannotPatrol(
        f"{plan.robots} robots ({crew} on patrol) do not keep what is promised to "
        f"{_listed(names)}; {proven}",
        f"promise {worst:.2f} times as long, add robots (leave out --robots to see how many), "
        "or leave out sites",
        names,
    )


def _listed(names: Sequence[str], shown: int = 8) -> str:
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more} more" if more > 0 else "")
