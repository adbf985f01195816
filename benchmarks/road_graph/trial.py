"""Robots that drive from bay to bay on random roads in unit steps, whoever directs them.

Each robot draws its goals at random, from the same numbers whoever directs it, among bays that are
nobody's goal and where nobody stands who has no goal. Where robots are is noted here after each
step; whether two of them met is found from that alone.
"""

from __future__ import annotations

import time
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
        steps: so far.
        delays: of each trip over the steps of the shortest way.
        stuck, most_stuck: robots that have not reached their goal for `STUCK_STEPS`, now and ever.
        refused: goals to which no way was found.
        collisions: pairs of robots on one node, or through each other on a street, or off the
            streets.
        plan_ms: of each goal that was given.
        tick_ms: of each step, all decisions of it.
        memory_mb: of what the director keeps.
    """

    robots: int
    steps: int = 0
    goals: int = 0
    delays: list[float] = field(default_factory=list)
    stuck: int = 0
    most_stuck: int = 0
    collisions: int = 0
    refused: int = 0
    plan_ms: list[float] = field(default_factory=list)
    tick_ms: list[float] = field(default_factory=list)
    memory_mb: float = 0.0

    @property
    def goals_a_step(self) -> float:
        """Throughput."""
        return self.goals / self.steps


class Trial:
    """A trial that goes on step by step, and may be written down (pickle) and taken up again.

    Args:
        stalls: share of steps at which a robot does not leave, at random.
        ghosts: robots do not hinder each other, so that collisions are not counted.
    """

    def __init__(
        self,
        director: Director,
        roads: Roads,
        robots: int,
        stalls: float,
        seed: int,
        ghosts: bool = False,
    ) -> None:
        self.director, self.roads, self.stalls, self.ghosts = director, roads, stalls, ghosts
        self.outcome = Outcome(robots)
        self.rng = np.random.default_rng(seed)
        self.stands = self.rng.permutation(len(roads.bays))[:robots]
        self.taken = np.zeros(len(roads.bays), np.bool_)
        self.taken[self.stands] = True
        self.draws = [np.random.default_rng((seed, robot)) for robot in range(robots)]
        self.begun = np.zeros(robots, np.int64)
        self.at = roads.bays[self.stands].astype(np.int32)
        self.from_node = self.at.copy()
        self.bound = np.full(robots, NO_GOAL)
        self.streets = street_keys(roads)
        director.begin(self.at)

    def step(self) -> None:
        """Who has no goal gets one; all drive on."""
        outcome, step = self.outcome, self.outcome.steps
        began_s = time.thread_time()
        self.director.prepare(step)
        for robot in np.flatnonzero(self.bound == NO_GOAL).tolist():
            self._give_goal(robot, step)
        stalled = (self.rng.random(outcome.robots) < self.stalls).astype(np.uint8)
        after = self.director.move(stalled, step)
        outcome.tick_ms.append((time.thread_time() - began_s) * 1e3)
        if not self.ghosts:
            outcome.collisions += met(self.at, after, self.streets, self.roads.nodes)
        self.at = after.copy()
        outcome.steps += 1
        there = (self.bound != NO_GOAL) & (self.at == self.roads.bays[self.stands])
        for robot in np.flatnonzero(there).tolist():
            least = float(self.roads.steps_to[self.bound[robot], self.from_node[robot]])
            outcome.delays.append(outcome.steps - int(self.begun[robot]) - least)
        outcome.goals += int(there.sum())
        self.bound[there] = NO_GOAL
        self.begun[there] = outcome.steps
        outcome.stuck = int((outcome.steps - self.begun > STUCK_STEPS).sum())
        outcome.most_stuck = max(outcome.most_stuck, outcome.stuck)

    def _give_goal(self, robot: int, step: int) -> None:
        outcome = self.outcome
        for _ in range(DRAWS):
            bay = drawn_from(self.draws[robot], self.taken)
            asked_s = time.thread_time()
            going = self.director.assign(robot, bay, step)
            outcome.plan_ms.append((time.thread_time() - asked_s) * 1e3)
            if going:
                self.taken[self.stands[robot]], self.taken[bay] = False, True
                self.stands[robot] = self.bound[robot] = bay
                self.begun[robot], self.from_node[robot] = step, self.at[robot]
                return
            outcome.refused += 1


def run(
    director: Director,
    roads: Roads,
    robots: int,
    steps: int,
    stalls: float,
    seed: int,
    ghosts: bool = False,
) -> Outcome:
    """Drive for so many steps; see `Trial`."""
    trial = Trial(director, roads, robots, stalls, seed, ghosts)
    for _ in range(steps):
        trial.step()
    trial.outcome.memory_mb = director.bytes_used() / 1e6
    return trial.outcome


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
