"""Robots that drive from bay to bay on random roads in unit steps, whoever directs them.

Each robot draws its goals at random, from the same numbers whoever directs it, among bays that are
nobody's goal and where nobody stands who has no goal. Where robots are is noted here after each
step; whether two of them met is found from that alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.road_graph.roads import Roads

STUCK_STEPS = 500
"""Over three times the longest way: who has not arrived by then is counted as stuck."""
DRAWS = 3
NO_GOAL = -1

Nodes = NDArray[np.int32]
Flags = NDArray[np.uint8]


class Director(Protocol):
    """Who says where robots go."""

    name: str

    def begin(self, spots: Nodes) -> None:
        """Robots stand in these bays."""

    def prepare(self, step: int) -> None:
        """A step begins; goals follow."""

    def assign(self, robot: int, bay: int, step: int) -> bool:
        """A robot that has arrived gets a goal, as an index of a bay; False: it cannot go now."""

    def move(self, stalled: Flags, step: int) -> Nodes:
        """Where robots are after the step; those that are stalled do not leave."""

    def bytes_used(self) -> int:
        """Memory of what it keeps, without the distances that all share."""


@dataclass
class Outcome:
    """What a trial measured.

    Attributes:
        goals: reached.
        delays: of each trip over the steps of the shortest way.
        shortest: steps of the shortest way of each trip.
        stuck: robots that had not reached their goal for `STUCK_STEPS` at the end.
        collisions: pairs of robots on one node, or through each other on a street, or off the
            streets.
        plan_ms: of each goal that was given.
        tick_ms: of each step, all decisions of it.
        memory_mb: of what the director keeps.
    """

    robots: int
    steps: int
    goals: int = 0
    delays: list[float] = field(default_factory=list)
    shortest: list[float] = field(default_factory=list)
    stuck: int = 0
    collisions: int = 0
    refused: int = 0
    plan_ms: list[float] = field(default_factory=list)
    tick_ms: list[float] = field(default_factory=list)
    memory_mb: float = 0.0

    @property
    def goals_a_step(self) -> float:
        """Throughput."""
        return self.goals / self.steps


def run(
    director: Director,
    roads: Roads,
    robots: int,
    steps: int,
    stalls: float,
    seed: int,
    ghosts: bool = False,
    watch: Callable[[int, Outcome], None] | None = None,
) -> Outcome:
    """Drive for so many steps.

    Args:
        stalls: share of steps at which a robot does not leave, at random.
        ghosts: robots do not hinder each other, so that collisions are not counted.
        watch: is shown the outcome so far after each step.
    """
    rng = np.random.default_rng(seed)
    outcome = Outcome(robots, steps)
    bays = rng.permutation(len(roads.bays))
    stands = bays[:robots].copy()
    taken = np.zeros(len(bays), np.bool_)
    taken[stands] = True
    draws = [np.random.default_rng((seed, robot)) for robot in range(robots)]
    begun = np.zeros(robots, np.int64)
    from_node = roads.bays[stands].astype(np.int32)
    at = from_node.copy()
    bound = np.full(robots, NO_GOAL)
    streets = street_keys(roads)
    director.begin(at)
    for step in range(steps):
        began_s = time.thread_time()
        director.prepare(step)
        for robot in np.flatnonzero(bound == NO_GOAL).tolist():
            for _ in range(DRAWS):
                bay = drawn_from(draws[robot], taken)
                asked_s = time.thread_time()
                going = director.assign(robot, bay, step)
                outcome.plan_ms.append((time.thread_time() - asked_s) * 1e3)
                if going:
                    taken[stands[robot]], taken[bay] = False, True
                    stands[robot] = bound[robot] = bay
                    begun[robot], from_node[robot] = step, at[robot]
                    break
                outcome.refused += 1
        stalled = (rng.random(robots) < stalls).astype(np.uint8)
        after = director.move(stalled, step)
        outcome.tick_ms.append((time.thread_time() - began_s) * 1e3)
        if not ghosts:
            outcome.collisions += met(at, after, streets, roads.nodes)
        at = after.copy()
        there = (bound != NO_GOAL) & (at == roads.bays[stands])
        for robot in np.flatnonzero(there).tolist():
            least = float(roads.steps_to[bound[robot], from_node[robot]])
            outcome.delays.append(step + 1 - int(begun[robot]) - least)
            outcome.shortest.append(least)
        outcome.goals += int(there.sum())
        bound[there] = NO_GOAL
        begun[there] = step + 1
        if watch is not None:
            watch(step, outcome)
    outcome.stuck = int((steps - begun > STUCK_STEPS).sum())
    outcome.memory_mb = director.bytes_used() / 1e6
    return outcome


def drawn_from(draws: np.random.Generator, taken: NDArray[np.bool_]) -> int:
    """A bay that is not taken."""
    while True:
        bay = int(draws.integers(len(taken)))
        if not taken[bay]:
            return bay


def street_keys(roads: Roads) -> NDArray[np.int64]:
    """A number for each street and direction, ascending."""
    both = np.concatenate([roads.streets, roads.streets[:, ::-1]])
    return np.sort(both[:, 0] * roads.nodes + both[:, 1])


def met(before: Nodes, after: Nodes, streets: NDArray[np.int64], nodes: int) -> int:
    """How many robots share a node, pass through each other, or move where no street leads."""
    shared = len(after) - len(np.unique(after))
    gone = before != after
    tails, heads = before[gone].astype(np.int64), after[gone].astype(np.int64)
    forth, back = tails * nodes + heads, heads * nodes + tails
    through = int(np.isin(forth, back).sum()) // 2
    found = np.searchsorted(streets, forth)
    off = int((streets[np.minimum(found, len(streets) - 1)] != forth).sum())
    return shared + through + off
