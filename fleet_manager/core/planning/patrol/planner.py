"""Patrol plans for a number of robots: the best of all candidates, with a proven bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import floor, inf

import numpy as np
import numpy.typing as npt

from fleet_manager.core.planning.patrol.bounds import ASCENT_STEPS, Bound, lower_bound
from fleet_manager.core.planning.patrol.candidates import Candidates
from fleet_manager.core.planning.patrol.plan import PatrolPlan, Team, gaps_of
from fleet_manager.core.planning.patrol.problem import CannotPatrol, PatrolProblem

Floats = npt.NDArray[np.float64]
Progress = Callable[[float], None]

ITERATIONS = 200_000
BOUND_SHARE = 0.2
NO_BOUND = Bound(0.0, "none")
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Effort:
    """How long is searched, counted in steps: plans depend on these and the seed alone.

    Attributes:
        iterations: moves of each annealing; tours get a fortieth of them.
        bound_steps: of each ascent of the bound.
    """

    iterations: int = ITERATIONS
    bound_steps: int = ASCENT_STEPS
    seed: int = 1


USUAL = Effort()


def plan_patrol(
    problem: PatrolProblem,
    robots: int,
    hour: int | None = None,
    effort: Effort = USUAL,
    progress: Progress = lambda _: None,
) -> PatrolPlan:
    """The best plan found by worst weighted idleness, of those that keep all promises if any does.

    Args:
        robots: that there are; where they are not always available, some charge while others
            patrol.
        hour: of the day, whose weights count; None: the greatest of the day.
        progress: told the share that is done.

    Raises:
        CannotPatrol: there are no robots.
    """
    patrolling = on_patrol(problem, robots)
    weights = problem.weights(hour)
    plan = _best(problem, robots, weights, weights, patrolling, effort, progress)
    if plan.broken:
        urgency = weights_of_promises(problem.promises_s)
        other = _best(problem, robots, weights, urgency, patrolling, effort, progress)
        plan = min(plan, other, key=_shortfall)
    return plan


def keeping_plan(problem: PatrolProblem, robots: int, effort: Effort = USUAL) -> PatrolPlan:
    """The first plan found that keeps all promises, or the one that misses them least; no bound."""
    urgency = weights_of_promises(problem.promises_s)
    patrolling = on_patrol(problem, robots)
    best: PatrolPlan | None = None
    search = Candidates(problem, urgency, patrolling, effort.iterations, effort.seed)
    for method, teams in search.all():
        plan = measured(problem, robots, problem.weights(), teams, method)
        if best is None or _shortfall(plan) < _shortfall(best):
            best = plan
        if not best.broken:
            break
    assert best is not None
    return best


def on_patrol(problem: PatrolProblem, robots: int) -> int:
    """How many of these robots patrol at once while the others charge; one at least.

    Raises:
        CannotPatrol: there are no robots.
    """
    if robots < 1:
        raise CannotPatrol(
            f"a patrol with {robots} robots", "plan for one robot at least", problem.waypoints
        )
    return max(1, floor(robots * problem.availability + _ROUNDING))


def weights_of_promises(promises_s: Floats) -> Floats:
    """Weights under which a worst weighted idleness of the shortest promise keeps all of them.

    Sites that nothing is promised weigh a thousandth of the least that others do.
    """
    shortest_s = promises_s.min()
    weights = shortest_s / promises_s
    weights[weights == 0.0] = weights[weights > 0.0].min(initial=1.0) / 1000.0
    found: Floats = weights
    return found


def measured(
    problem: PatrolProblem, robots: int, weights: Floats, teams: Sequence[Team], method: str
) -> PatrolPlan:
    """Teams as a plan with their idleness, not yet with a bound.

    A robot that nobody relieves leaves its sites alone while it charges: that is added to the
    longest gap of every site, while the average is that of the time on patrol.
    """
    patrolling = on_patrol(problem, robots)
    worst_s, mean_s = gaps_of(teams, len(problem.sites))
    if patrolling == robots and problem.availability < 1.0:
        worst_s = worst_s + problem.pause_s
    return PatrolPlan(
        kind=problem.kind,
        waypoints=problem.waypoints,
        teams=tuple(teams),
        robots=robots,
        relief=robots - sum(team.robots for team in teams),
        weights=tuple(weights.tolist()),
        promises_s=tuple(problem.promises_s.tolist()),
        idleness_s=tuple(worst_s.tolist()),
        average_idleness_s=float(mean_s.mean()),
        bound=NO_BOUND,
        method=method,
    )


def _best(
    problem: PatrolProblem,
    robots: int,
    weights: Floats,
    aim: Floats,
    patrolling: int,
    effort: Effort,
    progress: Progress,
) -> PatrolPlan:
    """The best plan for some aim, measured by the weights, with its bound."""
    search = Candidates(problem, aim, patrolling, effort.iterations, effort.seed)
    count = search.count
    best: PatrolPlan | None = None
    for at, (method, teams) in enumerate(search.all()):
        plan = measured(problem, robots, weights, teams, method)
        if best is None or _shortfall(plan) < _shortfall(best):
            best = plan
        progress((1.0 - BOUND_SHARE) * (at + 1) / count)
    assert best is not None
    upper_s = best.worst_weighted_idleness_s
    bound = lower_bound(problem.travel_s, weights, patrolling, upper_s, effort.bound_steps)
    progress(1.0)
    return replace(best, bound=bound)


def _shortfall(plan: PatrolPlan) -> tuple[float, float]:
    """What is better first: by how much a promise is missed, if one is, then idleness."""
    ratios = zip(plan.idleness_s, plan.promises_s, strict=True)
    missed = max(gap_s / promise_s if promise_s < inf else 0.0 for gap_s, promise_s in ratios)
    return (missed if plan.broken else 0.0), plan.worst_weighted_idleness_s
