"""Ways in the time that others leave: safe-interval path planning (Phillips and Likhachev 2011).

A state is a node, the number of goals that have been served, and the interval in which the node is
free; the earliest arrival in an interval is all that counts, since a robot may wait in it. The
search is A* over arrivals, with distances to the goals, worked out once, as what is left at least.
It plans to the end: the last node is a bay that is free for ever from then on.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fleet_manager.core.planning.machine_code import kernel
from fleet_manager.core.traffic.network import Floats, Ints, Network
from fleet_manager.core.traffic.timetable import NONE, Entries

SAME_S = 1e-9
ROOM = 256
"""More states than one has followers."""
TOWARDS = 1.0 + 1e-6
"""Of states that may end at the same time, the one with less left comes first."""


class Scratch(NamedTuple):
    """Memory of a search, used again and again.

    Attributes:
        node, leg, parent, move: of each state.
        ready_s, until_s: of each state: arrival (with the stay of goals served), and the end of
            the interval.
        depart_s: of each state: the departure from its parent.
        key_s: of each state: arrival at the end at least.
        done: of each state: expanded, or beaten.
        sibling: the next state of the same node; NONE.
        first: a state of each node, if `stamp` of the node is that of the search.
        heap: of states.
        counter: shape (1,): the search's stamp.
    """

    node: Ints
    leg: Ints
    parent: Ints
    move: Ints
    ready_s: Floats
    until_s: Floats
    depart_s: Floats
    key_s: Floats
    done: NDArray[np.uint8]
    sibling: Ints
    first: Ints
    stamp: Ints
    heap: Ints
    counter: Ints


def scratch_for(nodes: int, states: int) -> Scratch:
    """Memory for searches over so many nodes that look at so many states at most."""

    def ints(size: int) -> Ints:
        return np.zeros(size, np.int32)

    return Scratch(
        node=ints(states),
        leg=ints(states),
        parent=ints(states),
        move=ints(states),
        ready_s=np.zeros(states),
        until_s=np.zeros(states),
        depart_s=np.zeros(states),
        key_s=np.zeros(states),
        done=np.zeros(states, np.uint8),
        sibling=ints(states),
        first=ints(nodes),
        stamp=ints(nodes),
        heap=ints(states),
        counter=ints(1),
    )


@kernel
def _blocked_until(entries: Entries, unit: int, robot: int, from_s: float, to_s: float) -> float:
    """The end of an entry of another robot that overlaps a time, or -1."""
    entry = entries.head[unit]
    while entry != NONE:
        if entries.start_s[entry] >= to_s - SAME_S:
            break
        if entries.end_s[entry] > from_s + SAME_S and entries.robot[entry] != robot:
            return float(entries.end_s[entry])
        entry = entries.after[entry]
    return -1.0


@kernel
def free_until(network: Network, entries: Entries, node: int, robot: int, from_s: float) -> float:
    """When a node that is free at a time is next occupied by another robot."""
    found = np.inf
    for at in range(network.node_ptr[node], network.node_ptr[node + 1]):
        entry = entries.head[network.node_units[at]]
        while entry != NONE:
            if entries.robot[entry] != robot and entries.end_s[entry] > from_s + SAME_S:
                found = min(found, entries.start_s[entry])
                break
            entry = entries.after[entry]
    return float(found)


@kernel
def _earliest(
    network: Network, entries: Entries, move: int, robot: int, from_s: float, latest_s: float
) -> float:
    """The first departure at which a move meets nobody; infinite: not by the latest."""
    depart_s = from_s
    changed = True
    while changed:
        changed = False
        offset_s = 0.0
        begin, end = network.move_at[move], network.move_at[move + 1]
        for at in range(begin, end):
            edge = network.move_edges[at]
            offset_s += network.duration_s[edge]
            for which in range(network.edge_ptr[edge], network.edge_ptr[edge + 1]):
                unit = network.edge_units[which]
                until_s = _blocked_until(entries, unit, robot, depart_s, depart_s + offset_s)
                if until_s >= 0.0:
                    depart_s = until_s
                    changed = True
            there = network.heads[edge]
            beyond_s = offset_s
            if at + 1 < end:
                beyond_s += network.clear_s[network.move_edges[at + 1]]
            for which in range(network.node_ptr[there], network.node_ptr[there + 1]):
                unit = network.node_units[which]
                until_s = _blocked_until(entries, unit, robot, depart_s, depart_s + beyond_s)
                if until_s >= 0.0:
                    depart_s = until_s
                    changed = True
            if depart_s > latest_s or depart_s == np.inf:
                return float(np.inf)
    return float(depart_s)


@kernel
def _push(scratch: Scratch, size: int, state: int) -> None:
    heap, key = scratch.heap, scratch.key_s
    at = size
    while at > 0:
        above = (at - 1) >> 1
        other = heap[above]
        if key[other] <= key[state]:
            break
        heap[at] = other
        at = above
    heap[at] = state


@kernel
def _pop(scratch: Scratch, size: int) -> int:
    heap, key = scratch.heap, scratch.key_s
    top = heap[0]
    size -= 1
    state = heap[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size and key[heap[below + 1]] < key[heap[below]]:
            below += 1
        if key[state] <= key[heap[below]]:
            break
        heap[at] = heap[below]
        at = below
    heap[at] = state
    return int(top)


@kernel
def _add(
    scratch: Scratch,
    count: int,
    node: int,
    leg: int,
    ready_s: float,
    until_s: float,
    depart_s: float,
    parent: int,
    move: int,
    left_s: float,
) -> bool:
    """Note a state, unless one of the same interval is as early; the later one is done with."""
    stamp = scratch.counter[0]
    if scratch.stamp[node] != stamp:
        scratch.stamp[node] = stamp
        scratch.first[node] = NONE
    other = scratch.first[node]
    while other != NONE:
        if scratch.leg[other] == leg and scratch.until_s[other] == until_s:
            if scratch.ready_s[other] <= ready_s + SAME_S:
                return False
            scratch.done[other] = 1
        other = scratch.sibling[other]
    scratch.node[count] = node
    scratch.leg[count] = leg
    scratch.ready_s[count] = ready_s
    scratch.until_s[count] = until_s
    scratch.depart_s[count] = depart_s
    scratch.parent[count] = parent
    scratch.move[count] = move
    scratch.done[count] = 0
    scratch.key_s[count] = ready_s + left_s * TOWARDS
    scratch.sibling[count] = scratch.first[node]
    scratch.first[node] = count
    return True


@kernel
def _beaten_until(scratch: Scratch, node: int, leg: int, from_s: float, takes_s: float) -> float:
    """From when on a departure may lead to a node before a state that is known there.

    Who departs in the interval of a state, after the one that led to it, and arrives later than
    that, need not ask the timetable: so it is with all ways back.
    """
    if scratch.stamp[node] != scratch.counter[0]:
        return from_s
    state = scratch.first[node]
    while state != NONE:
        if (
            scratch.leg[state] == leg
            and scratch.depart_s[state] <= from_s < scratch.until_s[state]
            and scratch.ready_s[state] <= from_s + takes_s
        ):
            return float(scratch.until_s[state])
        state = scratch.sibling[state]
    return from_s


@kernel
def _expand(
    network: Network,
    entries: Entries,
    scratch: Scratch,
    robot: int,
    state: int,
    left_s: Floats,
    count: int,
) -> int:
    """Add the states that moves from a state lead to, each interval once; returns how many are."""
    node, leg = scratch.node[state], scratch.leg[state]
    for move in range(network.move_ptr[node], network.move_ptr[node + 1]):
        there, takes_s = network.move_end[move], network.move_s[move]
        if left_s[there] == np.inf or takes_s == np.inf:
            continue
        first = network.move_edges[network.move_at[move]]
        latest_s = scratch.until_s[state] - network.clear_s[first]
        from_s = scratch.ready_s[state]
        while count < len(scratch.node):
            from_s = _beaten_until(scratch, there, leg, from_s, takes_s)
            if from_s > latest_s or from_s == np.inf:
                break
            depart_s = _earliest(network, entries, move, robot, from_s, latest_s)
            if depart_s > latest_s or depart_s == np.inf:
                break
            from_s = free_until(network, entries, there, robot, depart_s)
            arrive_s = depart_s + takes_s
            if _add(
                scratch, count, there, leg, arrive_s, from_s, depart_s, state, move, left_s[there]
            ):
                count += 1
            if from_s == np.inf:
                break
    return count


@kernel
def search(
    network: Network,
    entries: Entries,
    scratch: Scratch,
    robot: int,
    start: int,
    ready_s: float,
    goals: Ints,
    stays_s: Floats,
    left_s: Floats,
    rest: NDArray[np.uint8],
    states: int,
) -> int:
    """The last state of the way that is over first; NONE: there is none within so many states.

    Args:
        start, ready_s: node at which the robot is from then on.
        goals, stays_s: nodes to be visited in this order, and for how long.
        left_s: by number of goals served and node: what it takes at least to the end, shape
            (goals + 1, nodes).
        rest: nodes at which the way may end.
    """
    scratch.counter[0] += 1
    states = min(states, len(scratch.node))
    until_s = free_until(network, entries, start, robot, ready_s)
    _add(scratch, 0, start, 0, ready_s, until_s, ready_s, NONE, NONE, left_s[0, start])
    count, size = 1, 1
    scratch.heap[0] = 0
    while size > 0 and count < states - ROOM:
        state = _pop(scratch, size)
        size -= 1
        if scratch.done[state] == 1:
            continue
        scratch.done[state] = 1
        node, leg = scratch.node[state], scratch.leg[state]
        here_s, until_s = scratch.ready_s[state], scratch.until_s[state]
        found = count
        if leg == len(goals):
            if rest[node] == 1 and until_s == np.inf:
                return int(state)
            count = _expand(network, entries, scratch, robot, state, left_s[leg], count)
        elif node == goals[leg] and here_s + stays_s[leg] <= until_s:
            served_s = here_s + stays_s[leg]
            beyond_s = left_s[leg + 1, node]
            if _add(
                scratch, count, node, leg + 1, served_s, until_s, here_s, state, NONE, beyond_s
            ):
                count += 1
        else:
            count = _expand(network, entries, scratch, robot, state, left_s[leg], count)
        for each in range(found, count):
            _push(scratch, size, each)
            size += 1
    return NONE
