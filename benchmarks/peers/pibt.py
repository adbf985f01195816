"""PIBT, priority inheritance with backtracking, on a graph: our own implementation.

Source: Okumura, Machida, Défago and Tamura, "Priority inheritance with backtracking for iterative
multi-agent path finding", Artificial Intelligence 310 (2022), algorithm 1. In each step robots
choose their next node by priority, nearest to the goal first; who wants a node that a robot has
which has not chosen lends it its priority, and takes the next best if that robot finds no place.
Priority grows with each step until the goal is reached.

Plain PIBT promises to arrive only where each street is on a circle. For corridors and dead ends
there is the *swap* rule (Okumura, "Improving LaCAM for scalable eventually optimal multi-agent path
finding", IJCAI 2023, section 5): if two neighbours want past each other and no crossing lies ahead
in the way of the one that pushes, and one lies behind the other, the one with priority backs out
and draws the other after it. It is used where `swap` is set.

A robot that is stalled stays where it is after all, and so does whoever wanted its node. The next
step is planned from where robots are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.road_graph.roads import Roads
from benchmarks.road_graph.trial import Flags, Nodes
from fleet_manager.core.planning.machine_code import kernel
from fleet_manager.core.traffic.network import Floats, Ints

NOBODY = -1
OCCUPIED = 0.4
"""Added to the distance of a node where a robot is: a free one that is as near comes first."""
DRAW = 0.1
"""Ties beyond that are settled at random."""


class Pibt:
    """Priority inheritance with backtracking."""

    def __init__(self, roads: Roads, robots: int, swap: bool, seed: int = 1) -> None:
        self.name = "PIBT with swaps" if swap else "PIBT"
        self.roads = roads
        self.swap = swap
        self.rng = np.random.default_rng(seed)
        self.tie = self.rng.permutation(robots) / robots
        self.at = np.zeros(robots, np.int32)
        self.bay = np.full(robots, NOBODY, np.int32)
        self.waited = np.zeros(robots, np.int64)
        self.here = np.full(roads.nodes, NOBODY, np.int32)
        self.stack = stack_for(robots, int(np.diff(roads.network.indptr).max()) + 1)

    def begin(self, spots: Nodes) -> None:
        """See `Director`."""
        self.at[:] = spots
        self.here[spots] = np.arange(len(spots))

    def prepare(self, step: int) -> None:
        """See `Director`."""

    def assign(self, robot: int, bay: int, step: int) -> bool:
        """See `Director`."""
        self.bay[robot] = bay
        self.waited[robot] = 0
        return True

    def move(self, stalled: Flags, step: int) -> Nodes:
        """See `Director`."""
        network = self.roads.network
        order = np.argsort(-(self.waited + self.tie)).astype(np.int32)
        chosen = np.full(len(self.at), NOBODY, np.int32)
        wanted = np.full(self.roads.nodes, NOBODY, np.int32)
        draws = self.rng.random(len(network.heads) + self.roads.nodes)
        choose_all(
            network.indptr,
            network.heads,
            self.roads.steps_to,
            self.roads.bays,
            self.bay,
            self.at,
            self.here,
            chosen,
            wanted,
            order,
            draws,
            self.swap,
            self.stack,
        )
        hold_back(self.at, self.here, chosen, stalled)
        self.here[self.at] = NOBODY
        self.at[:] = chosen
        self.here[self.at] = np.arange(len(self.at))
        self.waited += 1
        return self.at

    def bytes_used(self) -> int:
        """See `Director`."""
        return int(self.at.nbytes + self.bay.nbytes + self.waited.nbytes + self.here.nbytes)


@kernel
def hold_back(at: Ints, here: Ints, chosen: Ints, stalled: Flags) -> None:
    """Robots that are stalled stay, and those that would come where one stays."""
    for robot in range(len(at)):
        if stalled[robot] == 1:
            chosen[robot] = at[robot]
    changed = True
    while changed:
        changed = False
        for robot in range(len(at)):
            if chosen[robot] == at[robot]:
                continue
            other = here[chosen[robot]]
            if other != NOBODY and chosen[other] == at[other]:
                chosen[robot] = at[robot]
                changed = True


class Stack(NamedTuple):
    """Robots that wait for the one that each has lent its priority, the first at the bottom.

    Attributes:
        robot, puller: who chooses, and whom it draws after it.
        nodes: what it prefers, shape (robots, most neighbours + 1).
        count, rank: how many those are, and which of them is tried.
    """

    robot: Ints
    puller: Ints
    nodes: NDArray[np.int32]
    count: Ints
    rank: Ints


def stack_for(robots: int, most: int) -> Stack:
    """Room for all robots, with so many nodes to choose from at most."""
    robot, puller, count, rank = (np.zeros(robots, np.int32) for _ in range(4))
    return Stack(robot, puller, np.zeros((robots, most), np.int32), count, rank)


@kernel
def choose_all(
    indptr: Ints,
    heads: Ints,
    steps_to: NDArray[np.float32],
    bays: Ints,
    bay: Ints,
    at: Ints,
    here: Ints,
    chosen: Ints,
    wanted: Ints,
    order: Ints,
    draws: Floats,
    swap: bool,
    stack: Stack,
) -> None:
    """The next nodes of all robots, into `chosen`; `wanted` is who has chosen each node."""
    for first in order:
        if chosen[first] != NOBODY:
            continue
        depth, failed = 0, False
        asked = first
        while True:
            if asked != NOBODY:
                _prepare(
                    indptr, heads, steps_to, bays, bay, at, here, chosen, draws, swap, stack, depth,
                    asked,
                )  # fmt: skip
                depth += 1
                asked = _try(at, here, chosen, wanted, stack, depth - 1)
            elif failed:
                stack.rank[depth - 1] += 1
                asked = _try(at, here, chosen, wanted, stack, depth - 1)
            if asked != NOBODY:
                continue
            robot = stack.robot[depth - 1]
            if stack.rank[depth - 1] == stack.count[depth - 1]:
                chosen[robot] = at[robot]
                wanted[at[robot]] = robot
                failed = True
            else:
                _draw_after(at, chosen, wanted, stack, depth - 1)
                failed = False
            depth -= 1
            if depth == 0:
                break


@kernel
def _prepare(
    indptr: Ints,
    heads: Ints,
    steps_to: NDArray[np.float32],
    bays: Ints,
    bay: Ints,
    at: Ints,
    here: Ints,
    chosen: Ints,
    draws: Floats,
    swap: bool,
    stack: Stack,
    depth: int,
    robot: int,
) -> None:
    """Have a robot choose next: what it prefers, in reverse where it draws another after it."""
    nodes = _by_preference(indptr, heads, steps_to, bay[robot], at[robot], here, draws)
    puller = NOBODY
    if swap and nodes[0] != at[robot]:
        puller = _swaps_with(indptr, heads, steps_to, bays, bay, at, here, chosen, robot, nodes[0])
    count = len(nodes)
    for rank in range(count):
        stack.nodes[depth, rank] = nodes[rank if puller == NOBODY else count - 1 - rank]
    stack.robot[depth], stack.puller[depth] = robot, puller
    stack.count[depth], stack.rank[depth] = count, 0


@kernel
def _try(at: Ints, here: Ints, chosen: Ints, wanted: Ints, stack: Stack, depth: int) -> int:
    """Choose the next best node that can be had; returns who has to make room first, or NOBODY."""
    robot = stack.robot[depth]
    node = at[robot]
    while stack.rank[depth] < stack.count[depth]:
        there = stack.nodes[depth, stack.rank[depth]]
        other = NOBODY if there == node else here[there]
        through = other != NOBODY and chosen[other] == node
        if wanted[there] == NOBODY and not through:
            chosen[robot] = there
            wanted[there] = robot
            # Who is there and has not chosen yet inherits the priority, and has to find a place.
            return int(other) if other != NOBODY and chosen[other] == NOBODY else NOBODY
        stack.rank[depth] += 1
    return NOBODY


@kernel
def _draw_after(at: Ints, chosen: Ints, wanted: Ints, stack: Stack, depth: int) -> None:
    """Have the neighbour that a robot draws after it come to where that is now."""
    robot, puller = stack.robot[depth], stack.puller[depth]
    node = at[robot]
    if stack.rank[depth] > 0 or puller == NOBODY or chosen[robot] == node:
        return
    if chosen[puller] == NOBODY and wanted[node] == NOBODY:
        chosen[puller] = node
        wanted[node] = puller


@kernel
def _by_preference(
    indptr: Ints,
    heads: Ints,
    steps_to: NDArray[np.float32],
    goal: int,
    node: int,
    here: Ints,
    draws: Floats,
) -> Ints:
    """The node and its neighbours, the nearest to the goal first."""
    first, last = indptr[node], indptr[node + 1]
    count = last - first + 1
    nodes = np.empty(count, np.int32)
    keys = np.empty(count)
    for place in range(count):
        there = node if place == count - 1 else heads[first + place]
        draw = draws[len(heads) + node] if place == count - 1 else draws[first + place]
        key = DRAW * draw
        if goal != NOBODY:
            key += steps_to[goal, there]
        if here[there] != NOBODY and there != node:
            key += OCCUPIED
        at = place
        while at > 0 and keys[at - 1] > key:
            keys[at] = keys[at - 1]
            nodes[at] = nodes[at - 1]
            at -= 1
        keys[at] = key
        nodes[at] = there
    return nodes


@kernel
def _swaps_with(
    indptr: Ints,
    heads: Ints,
    steps_to: NDArray[np.float32],
    bays: Ints,
    bay: Ints,
    at: Ints,
    here: Ints,
    chosen: Ints,
    robot: int,
    ahead: int,
) -> int:
    """The neighbour that a robot has to draw after itself, or NOBODY."""
    node = at[robot]
    other = here[ahead]
    if (
        other != NOBODY
        and chosen[other] == NOBODY
        and _must_swap(indptr, heads, steps_to, bays, bay, here, robot, other, node, ahead)
        and _can_swap(indptr, heads, bays, bay, here, ahead, node)
    ):
        return int(other)
    # Another behind it wants past, and the robot's way leads where there is no room for that.
    for edge in range(indptr[node], indptr[node + 1]):
        behind = here[heads[edge]]
        if (
            behind != NOBODY
            and heads[edge] != ahead
            and _must_swap(indptr, heads, steps_to, bays, bay, here, behind, robot, node, ahead)
            and _can_swap(indptr, heads, bays, bay, here, ahead, node)
        ):
            return int(behind)
    return NOBODY


@kernel
def _onward(
    indptr: Ints, heads: Ints, bays: Ints, bay: Ints, here: Ints, node: int, but: int
) -> tuple[int, int]:
    """How many ways lead on from a node, and the last of them.

    A leaf where a robot is at its goal is no way.
    """
    count, last = 0, NOBODY
    for edge in range(indptr[node], indptr[node + 1]):
        there = heads[edge]
        if there == but:
            continue
        if indptr[there + 1] - indptr[there] == 1:
            resting = here[there]
            if resting != NOBODY and bay[resting] != NOBODY and bays[bay[resting]] == there:
                continue
        count += 1
        last = there
    return count, last


@kernel
def _must_swap(
    indptr: Ints,
    heads: Ints,
    steps_to: NDArray[np.float32],
    bays: Ints,
    bay: Ints,
    here: Ints,
    pusher: int,
    puller: int,
    pusher_at: int,
    puller_at: int,
) -> bool:
    """Whether two robots cannot pass however far the one pushes the other along its way."""
    if bay[pusher] == NOBODY or bay[puller] == NOBODY:
        return False
    push, pull = steps_to[bay[pusher]], steps_to[bay[puller]]
    while push[puller_at] < push[pusher_at]:
        count, onward = _onward(indptr, heads, bays, bay, here, puller_at, pusher_at)
        if count >= 2:
            return False
        if count == 0:
            break
        pusher_at, puller_at = puller_at, onward
    return bool(
        pull[pusher_at] < pull[puller_at]
        and (push[pusher_at] == 0 or push[puller_at] < push[pusher_at])
    )


@kernel
def _can_swap(
    indptr: Ints, heads: Ints, bays: Ints, bay: Ints, here: Ints, from_node: int, back: int
) -> bool:
    """Whether a crossing lies behind, when the one at `from_node` follows the one that backs."""
    pusher_at, puller_at = from_node, back
    while puller_at != from_node:
        count, onward = _onward(indptr, heads, bays, bay, here, puller_at, pusher_at)
        if count >= 2:
            return True
        if count == 0:
            return False
        pusher_at, puller_at = puller_at, onward
    return False
