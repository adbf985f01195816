"""Patrol strategies of the literature on a graph, without delays: our own implementations.

All are told every visit at once and drive without hindrance, which is more than they have in the
field. Passing through a node counts as a visit. Sources:

- Conscientious Reactive: Machado et al. 2002; the neighbour with the longest idleness next.
- Heuristic Pathfinder Conscientious Cognitive: Almeida et al. 2004; a goal by idleness and
  distance, a way there that prefers idle nodes.
- greedy idleness over distance: any node, the greatest quotient next.
- SEBS: Portugal and Rocha 2013; a neighbour by Bayes' rule from the gain and the intentions of the
  other robots.
- MSP: Portugal and Rocha 2010; published routes, each driven again and again.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import shortest_path

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Strategy = Callable[["Patrol", int], Sequence[int]]
"""From the patrol and a robot to the nodes that it drives through next."""

_PATHFINDER_SHARE = 0.2  # of idleness against distance (Almeida et al. 2004)
_SEBS_LOWEST, _SEBS_GAIN = 0.1, 1.0  # L and M of Portugal and Rocha 2013


@dataclass(frozen=True)
class Graph:
    """Edges by length, and shortest ways.

    Attributes:
        edges: shape (n, n), infinite where there is none.
        apart: shortest ways, shape (n, n).
        before: the node before the last on the shortest way, shape (n, n).
    """

    edges: Floats
    apart: Floats
    before: Ints

    @property
    def size(self) -> int:
        return len(self.edges)

    def way(self, start: int, goal: int) -> list[int]:
        """Nodes of the shortest way, without the start."""
        found = [goal]
        while (node := int(self.before[start, found[-1]])) != start:
            found.append(node)
        return found[::-1]


def graph_of(edges: Floats) -> Graph:
    """The graph with its shortest ways."""
    given = np.where(np.isfinite(edges), edges, 0.0)
    apart, before = shortest_path(given, return_predecessors=True)
    return Graph(edges, apart, before.astype(np.int64))


@dataclass
class Patrol:
    """A patrol as it is: when each node was visited last, and what robots are up to.

    Attributes:
        weights: of nodes; idleness counts times the weight.
        goals: where each robot is bound for.
    """

    graph: Graph
    weights: Floats
    at: list[int]
    rng: np.random.Generator
    now: float = 0.0
    last: Floats = field(default_factory=lambda: np.zeros(0))
    goals: list[int] = field(default_factory=list)

    def idleness(self) -> Floats:
        """Weighted time since the last visit of each node."""
        found: Floats = self.weights * (self.now - self.last)
        return found


@dataclass(frozen=True)
class Idleness:
    """Worst weighted idleness, and average graph idleness (sum of squared gaps over twice time)."""

    worst: float
    average: float


def simulate(
    graph: Graph,
    starts: Sequence[int],
    strategy: Strategy,
    until: float,
    settle: float,
    weights: Floats | None = None,
    seed: int = 1,
) -> Idleness:
    """Run a strategy; measured from `settle` on, with the gaps that are open at the end."""
    of = np.ones(graph.size) if weights is None else weights
    patrol = Patrol(graph, of, list(starts), np.random.default_rng(seed))
    patrol.last = np.zeros(graph.size)
    patrol.goals = list(starts)
    plans: list[list[int]] = [[] for _ in starts]
    queue = [(0.0, robot) for robot in range(len(starts))]
    worst, squares = np.zeros(graph.size), np.zeros(graph.size)

    def close(node: int, now: float) -> None:
        if now <= settle:
            return
        gap = now - patrol.last[node]
        worst[node] = max(worst[node], gap)
        inside = min(gap, now - settle)
        squares[node] += gap**2 - (gap - inside) ** 2

    while queue and queue[0][0] <= until:
        now, robot = heapq.heappop(queue)
        patrol.now = now
        here = patrol.at[robot]
        close(here, now)
        patrol.last[here] = now
        if not plans[robot]:
            plans[robot] = list(strategy(patrol, robot))
            patrol.goals[robot] = plans[robot][-1]
        there = plans[robot].pop(0)
        patrol.at[robot] = there
        heapq.heappush(queue, (now + float(graph.edges[here, there]), robot))
    for node in range(graph.size):
        close(node, until)
    average = float((squares / (2.0 * (until - settle))).mean())
    return Idleness(float((of * worst).max()), average)


def conscientious_reactive(patrol: Patrol, robot: int) -> Sequence[int]:
    here = patrol.at[robot]
    near = np.flatnonzero(np.isfinite(patrol.graph.edges[here]))
    near = near[near != here]
    return [int(near[np.argmax(patrol.idleness()[near])])]


def greedy(patrol: Patrol, robot: int) -> Sequence[int]:
    here = patrol.at[robot]
    gain = patrol.idleness() / np.maximum(patrol.graph.apart[here], 1e-9)
    gain[here] = -math.inf
    others = [goal for each, goal in enumerate(patrol.goals) if each != robot]
    free = gain.copy()
    free[others] = -math.inf
    chosen = free if np.isfinite(free).any() else gain
    return patrol.graph.way(here, int(np.argmax(chosen)))


def heuristic_pathfinder(patrol: Patrol, robot: int) -> Sequence[int]:
    here = patrol.at[robot]
    idle, apart = _shares(patrol.idleness()), _shares(patrol.graph.apart[here])
    cost = _PATHFINDER_SHARE * (1.0 - idle) + (1.0 - _PATHFINDER_SHARE) * apart
    cost[here] = math.inf
    goal = int(np.argmin(cost))
    lengths = _shares(np.where(np.isfinite(patrol.graph.edges), patrol.graph.edges, 0.0))
    steps = _PATHFINDER_SHARE * (1.0 - idle)[None] + (1.0 - _PATHFINDER_SHARE) * lengths
    steps = np.where(np.isfinite(patrol.graph.edges), steps + 1e-9, 0.0)
    _, before = shortest_path(steps, indices=here, return_predecessors=True)
    found = [goal]
    while (node := int(before[found[-1]])) != here:
        found.append(node)
    return found[::-1]


def sebs(patrol: Patrol, robot: int) -> Sequence[int]:
    here = patrol.at[robot]
    near = np.flatnonzero(np.isfinite(patrol.graph.edges[here]))
    near = near[near != here]
    gains = patrol.idleness()[near] / patrol.graph.edges[here, near]
    scale = math.log(1.0 / _SEBS_LOWEST) / _SEBS_GAIN
    moves = _SEBS_LOWEST * np.exp(scale * np.minimum(gains, _SEBS_GAIN))
    robots = len(patrol.at)
    bound = np.array(
        [sum(goal == each for at, goal in enumerate(patrol.goals) if at != robot) for each in near]
    )
    odds = np.exp2(robots - bound) / (2.0**robots - 1.0)
    value = moves * odds
    # Gains beyond M are equal to the rule; the larger one is meant.
    return [int(near[np.lexsort((-gains, -value))[0]])]


def random_walk(patrol: Patrol, robot: int) -> Sequence[int]:
    here = patrol.at[robot]
    near = np.flatnonzero(np.isfinite(patrol.graph.edges[here]))
    return [int(patrol.rng.choice(near[near != here]))]


def routes(given: Sequence[Sequence[int]]) -> Strategy:
    """Closed routes, one for each robot, driven again and again."""

    def follow(patrol: Patrol, robot: int) -> Sequence[int]:
        return given[robot][1:]

    return follow


def _shares(values: Floats) -> Floats:
    """Values between their least, 0, and their greatest, 1."""
    low, high = float(values.min()), float(values.max())
    found: Floats = (values - low) / max(high - low, 1e-9)
    return found


REACTIVE: dict[str, Strategy] = {
    "greedy": greedy,
    "Conscientious Reactive": conscientious_reactive,
    "Heuristic Pathfinder": heuristic_pathfinder,
    "SEBS": sebs,
    "random": random_walk,
}
