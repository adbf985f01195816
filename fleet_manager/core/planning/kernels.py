"""Searches over a compiled graph, as machine code (numba): loops over arrays, no objects.

Every search gives the same answer, to the bit: a duration is the least sum of lane durations added
up from the start on, and among ways that tie each waypoint is reached from the one with the lowest
index. Neither the kind of search nor the order in which it looks at waypoints shows (Dijkstra 1959;
Hart, Nilsson and Raphael 1968). So caches may be filled and dropped at will.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fleet_manager.core.planning.machine_code import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.uint8]

TIE = 1e-9
"""A* looks this share further than the goal, so that rounding hides no way that ties."""


@kernel
def _raise(heap: Ints, place: Ints, key: Floats, node: int, at: int) -> None:
    """Move a node towards the top of a binary heap ordered by (key, node)."""
    while at > 0:
        above = (at - 1) >> 1
        other = heap[above]
        if key[other] < key[node] or (key[other] == key[node] and other < node):
            break
        heap[at] = other
        place[other] = at
        at = above
    heap[at] = node
    place[node] = at


@kernel
def _pop(heap: Ints, place: Ints, key: Floats, size: int) -> int:
    """Take the first node from a heap of this size."""
    top = heap[0]
    place[top] = -1
    size -= 1
    if size == 0:
        return int(top)
    node = heap[size]
    at = 0
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        other = heap[below]
        if below + 1 < size:
            right = heap[below + 1]
            if key[right] < key[other] or (key[right] == key[other] and right < other):
                below += 1
                other = right
        if key[node] < key[other] or (key[node] == key[other] and node < other):
            break
        heap[at] = other
        place[other] = at
        at = below
    heap[at] = node
    place[node] = at
    return int(top)


@kernel
def walk(before: Ints, start: int, goal: int) -> Ints:
    """Nodes from a start to a goal that it reaches, by what comes before each."""
    count = 1
    node = goal
    while node != start:
        node = before[node]
        count += 1
    way = np.empty(count, np.int32)
    node = goal
    for index in range(count - 1, -1, -1):
        way[index] = node
        node = before[node]
    return way


@kernel
def tree(
    indptr: Ints, heads: Ints, duration_s: Floats, length_m: Floats, start: int
) -> tuple[Floats, Floats, Ints]:
    """From a start to each node: duration (infinite: no way), length, and what comes before it."""
    count = len(indptr) - 1
    reached_s = np.full(count, np.inf)
    far_m = np.full(count, np.inf)
    before = np.full(count, -1, np.int32)
    heap = np.empty(count, np.int32)
    place = np.full(count, -1, np.int32)
    reached_s[start] = 0.0
    far_m[start] = 0.0
    heap[0] = start
    place[start] = 0
    size = 1
    while size > 0:
        here = _pop(heap, place, reached_s, size)
        size -= 1
        for edge in range(indptr[here], indptr[here + 1]):
            there = heads[edge]
            new_s = reached_s[here] + duration_s[edge]
            if new_s < reached_s[there]:
                reached_s[there] = new_s
                if place[there] < 0:
                    place[there] = size
                    size += 1
                _raise(heap, place, reached_s, there, place[there])
            elif new_s != reached_s[there] or new_s == np.inf or here >= before[there]:
                continue
            before[there] = here
            far_m[there] = far_m[here] + length_m[edge]
    return reached_s, far_m, before


@kernel
def to_nearest(indptr: Ints, heads: Ints, duration_s: Floats, ends: Flags) -> Floats:
    """From each node to the nearest end, on a graph that is driven backwards; infinite: none.

    Args:
        ends: nodes of the sort that is looked for.
    """
    count = len(indptr) - 1
    reached_s = np.full(count, np.inf)
    heap = np.empty(count, np.int32)
    place = np.full(count, -1, np.int32)
    size = 0
    for node in range(count):
        if ends[node]:
            reached_s[node] = 0.0
            heap[size] = node
            place[node] = size
            size += 1
    while size > 0:
        here = _pop(heap, place, reached_s, size)
        size -= 1
        for edge in range(indptr[here], indptr[here + 1]):
            there = heads[edge]
            new_s = reached_s[here] + duration_s[edge]
            if new_s < reached_s[there]:
                reached_s[there] = new_s
                if place[there] < 0:
                    place[there] = size
                    size += 1
                _raise(heap, place, reached_s, there, place[there])
    return reached_s


@kernel
def way(
    indptr: Ints,
    heads: Ints,
    duration_s: Floats,
    length_m: Floats,
    x_m: Floats,
    y_m: Floats,
    pace_s_per_m: float,
    start: int,
    goal: int,
) -> tuple[float, float, Ints]:
    """From a start to a goal (A*): duration, length, nodes; infinite and none where no way leads.

    Args:
        pace_s_per_m: no lane brings a robot nearer to anything faster than this.
    """
    count = len(indptr) - 1
    reached_s = np.full(count, np.inf)
    key = np.full(count, np.inf)
    before = np.full(count, -1, np.int32)
    heap = np.empty(count, np.int32)
    place = np.full(count, -1, np.int32)
    reached_s[start] = 0.0
    key[start] = 0.0
    heap[0] = start
    place[start] = 0
    size = 1
    bound_s = 0.0 if start == goal else np.inf
    while size > 0 and key[heap[0]] <= bound_s:
        here = _pop(heap, place, key, size)
        size -= 1
        for edge in range(indptr[here], indptr[here + 1]):
            there = heads[edge]
            new_s = reached_s[here] + duration_s[edge]
            if new_s < reached_s[there]:
                reached_s[there] = new_s
                dx_m = x_m[there] - x_m[goal]
                dy_m = y_m[there] - y_m[goal]
                key[there] = new_s + pace_s_per_m * np.sqrt(dx_m * dx_m + dy_m * dy_m)
                if there == goal:
                    bound_s = new_s * (1.0 + TIE)
                if key[there] <= bound_s:
                    if place[there] < 0:
                        place[there] = size
                        size += 1
                    _raise(heap, place, key, there, place[there])
            elif new_s != reached_s[there] or new_s == np.inf or here >= before[there]:
                continue
            before[there] = here
    if reached_s[goal] == np.inf:
        return np.inf, np.inf, np.empty(0, np.int32)
    nodes = walk(before, start, goal)
    length = 0.0
    for index in range(1, len(nodes)):
        for edge in range(indptr[nodes[index - 1]], indptr[nodes[index - 1] + 1]):
            if heads[edge] == nodes[index]:
                length += length_m[edge]
    return reached_s[goal], length, nodes


@kernel
def nearest(
    indptr: Ints,
    heads: Ints,
    duration_s: Floats,
    edge_resources: Ints,
    node_resources: Ints,
    closed: Flags,
    taken: Flags,
    ends: Flags,
    start: int,
    limit_s: float,
) -> Ints:
    """Nodes to the nearest end whose resources are not taken, over edges whose are not closed.

    Args:
        edge_resources: of each edge, shape (edges, 5); padded with the index of no resource.
        node_resources: of each node, shape (nodes, 2), padded likewise.
        closed: resources that may not be passed, shape (resources + 1,).
        taken: resources that may not be rested in.
        ends: nodes of the sort that is looked for.
        limit_s: longer ways are not looked for.
    """
    count = len(indptr) - 1
    reached_s = np.full(count, np.inf)
    before = np.full(count, -1, np.int32)
    heap = np.empty(count, np.int32)
    place = np.full(count, -1, np.int32)
    reached_s[start] = 0.0
    heap[0] = start
    place[start] = 0
    size = 1
    while size > 0:
        here = _pop(heap, place, reached_s, size)
        size -= 1
        if ends[here]:
            free = True
            for column in range(node_resources.shape[1]):
                free = free and not taken[node_resources[here, column]]
            if free:
                return walk(before, start, here)
        for edge in range(indptr[here], indptr[here + 1]):
            there = heads[edge]
            new_s = reached_s[here] + duration_s[edge]
            if new_s > limit_s or new_s > reached_s[there] or new_s == np.inf:
                continue
            free = True
            for column in range(edge_resources.shape[1]):
                free = free and not closed[edge_resources[edge, column]]
            if not free:
                continue
            if new_s < reached_s[there]:
                reached_s[there] = new_s
                if place[there] < 0:
                    place[there] = size
                    size += 1
                _raise(heap, place, reached_s, there, place[there])
            elif here >= before[there]:
                continue
            before[there] = here
    return np.empty(0, np.int32)


@kernel
def distances(
    indptr: Ints, heads: Ints, duration_s: Floats, starts: Ints, goals: Ints
) -> NDArray[np.float32]:
    """Durations from starts to goals, shape (starts, goals), infinite where no way leads."""
    count = len(indptr) - 1
    found = np.full((len(starts), len(goals)), np.inf, np.float32)
    wanted = np.zeros(count, np.uint8)
    for goal in goals:
        wanted[goal] = 1
    goal_count = 0
    for node in range(count):
        goal_count += wanted[node]
    reached_s = np.empty(count)
    heap = np.empty(count, np.int32)
    place = np.full(count, -1, np.int32)
    for row in range(len(starts)):
        start = starts[row]
        reached_s[:] = np.inf
        reached_s[start] = 0.0
        heap[0] = start
        place[start] = 0
        size = 1
        left = goal_count
        while size > 0:
            here = _pop(heap, place, reached_s, size)
            size -= 1
            if wanted[here]:
                left -= 1
                if left == 0:
                    break
            for edge in range(indptr[here], indptr[here + 1]):
                there = heads[edge]
                new_s = reached_s[here] + duration_s[edge]
                if new_s < reached_s[there]:
                    reached_s[there] = new_s
                    if place[there] < 0:
                        place[there] = size
                        size += 1
                    _raise(heap, place, reached_s, there, place[there])
        for index in range(size):
            place[heap[index]] = -1
        for column in range(len(goals)):
            found[row, column] = reached_s[goals[column]]
    return found
