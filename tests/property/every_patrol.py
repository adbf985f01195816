"""The best of all patrols on graphs so small that every one can be tried, beside bound and plan."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from scipy.sparse.csgraph import shortest_path

from fleet_manager.core.planning.patrol.bounds import lower_bound
from fleet_manager.core.planning.patrol.planner import Effort, plan_patrol
from fleet_manager.core.planning.patrol.problem import PatrolProblem, PatrolSite

ROUNDING = 1e-6
EFFORT = Effort(iterations=4000, bound_steps=1000)


def best_patrol(problem: PatrolProblem, robots: int) -> float:
    """The least worst weighted idleness of all patrols that take a step every half second.

    Robots step on the graph of ways of a second, with a node in the middle of each. A state is
    where they are and how long each site has been idle; a patrol that keeps W exists if states
    that never exceed W go on for ever.
    """
    size = len(problem.sites)
    ends = [(a, b) for a in range(size) for b in range(a) if problem.travel_s[a, b] == 1.0]
    steps = [[place] for place in range(size + len(ends))]
    for middle, pair in enumerate(ends, size):
        steps[middle] += pair
        for end in pair:
            steps[end].append(middle)
    weights = problem.weights() / 2.0
    most = sorted({w * gap for w in weights for gap in range(1, 5 * size)})

    def keeps(limit: float) -> bool:
        idle_most = [math.floor(limit / w + ROUNDING) for w in weights]
        starts = itertools.combinations_with_replacement(range(len(steps)), robots)
        states = [(places, (0,) * size) for places in starts]
        after: dict[tuple[tuple[int, ...], tuple[int, ...]], set[object]] = {}
        waiting = list(states)
        while waiting:
            state = waiting.pop()
            if state in after:
                continue
            places, idle = state
            found = set()
            for move in itertools.product(*(steps[place] for place in places)):
                then = tuple(sorted(move))
                since = tuple(0 if v in then else idle[v] + 1 for v in range(size))
                if all(
                    gap <= allowed - (v not in then)
                    for v, (gap, allowed) in enumerate(zip(since, idle_most, strict=True))
                ):
                    found.add((then, since))
            after[state] = found
            waiting += [each for each in found if each not in after]
        alive = set(after)
        while True:
            dead = {state for state in alive if not after[state] & alive}
            if not dead:
                return any(state in alive for state in states)
            alive -= dead

    return next(limit for limit in most if keeps(limit))


def one_of_many(seed: int) -> dict[str, Any]:
    """A graph with weights drawn from a seed: what is best, bound, planned, and what is wrong."""
    rng = np.random.default_rng(seed)
    size, robots = int(rng.choice([3, 4, 4, 5])), int(rng.integers(1, 3))
    edges = np.zeros((size, size))
    for node in range(1, size):
        edges[node, rng.integers(node)] = 1.0
    for _ in range(int(rng.integers(0, 3))):
        one, other = rng.choice(size, 2, replace=False)
        edges[one, other] = 1.0
    apart = shortest_path(np.maximum(edges, edges.T), directed=False)
    most = {3: 3, 4: 2, 5: 1}[size]  # heavier sites make for too many states
    sites = (PatrolSite(f"w{at}", float(rng.integers(1, most + 1))) for at in range(size))
    problem = PatrolProblem(tuple(sites), apart)
    best_s = float(best_patrol(problem, robots))
    bound = lower_bound(apart, problem.weights(), robots, best_s, EFFORT.bound_steps)
    plan_s = plan_patrol(problem, robots, effort=EFFORT).worst_weighted_idleness_s
    problems = []
    if bound.value_s > best_s * (1 + ROUNDING):
        problems.append(f"the {bound.name} bound {bound.value_s} is above the best, {best_s}")
    if bound.value_s > plan_s * (1 + ROUNDING):
        problems.append(f"the {bound.name} bound {bound.value_s} is above the plan, {plan_s}")
    return {
        "problems": problems,
        "sites": size,
        "robots": robots,
        "best_s": best_s,
        "bound_s": bound.value_s,
        "bound": bound.name,
        "plan_s": plan_s,
    }
