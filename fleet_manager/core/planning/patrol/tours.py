"""Short closed tours through sites: 2-opt and or-opt with neighbour lists, perturbed and repaired.

Iterated local search (Lourenço, Martin and Stützle 2003) with the moves of Lin 1965 and Or 1976,
don't-look queues and a segment-local double bridge. On 300 sites it is nearer to the optimum in
0.1 s than PyVRP's general search in 12 s (benchmarks/patrol.py).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fleet_manager.core.planning.machine_code import kernel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
States = npt.NDArray[np.uint64]

NEIGHBOURS = 10
_LONGEST_SEGMENT = 3
_SPAN = 50  # sites over which a perturbation reaches
_GAIN = 1e-9


def shortest_tour(distances: Floats, iterations: int = 5000, seed: int = 1) -> tuple[int, ...]:
    """A short closed tour through all sites, from site 0.

    Args:
        distances: shape (n, n), any unit, zero diagonal; where the two directions differ, their
            mean is searched and the better direction of the result is taken.
        iterations: perturbations that are tried; the result depends on it and on the seed alone.
        seed: of the perturbations.
    """
    size = len(distances)
    if size <= 2:
        return tuple(range(size))
    mean = np.ascontiguousarray((distances + distances.T) / 2.0)
    near = neighbours(mean, NEIGHBOURS)
    tour = _search(mean, near, _nearest_first(mean), iterations, random_state(seed))
    first = int(np.flatnonzero(tour == 0)[0])
    forward = np.roll(tour, -first)
    backward = np.concatenate([forward[:1], forward[:0:-1]])
    best = min((forward, backward), key=lambda each: tour_length(distances, each))
    return tuple(int(site) for site in best)


def tour_length(distances: Floats, tour: npt.ArrayLike) -> float:
    """Length of a closed tour, in the unit of the distances; 0 for a single site."""
    order = np.asarray(tour, dtype=np.int64)
    return float(distances[order, np.roll(order, -1)].sum()) if len(order) > 1 else 0.0


def neighbours(distances: Floats, count: int) -> Ints:
    """The nearest other sites of each, nearest first: shape (n, min(count, n - 1))."""
    size = len(distances)
    apart = distances + np.diag(np.full(size, np.inf))
    order = np.argsort(apart, axis=1, kind="stable")
    return np.ascontiguousarray(order[:, : min(count, size - 1)], dtype=np.int64)


def random_state(seed: int) -> States:
    """State of the xorshift generator (Marsaglia 2003) that compiled searches draw from."""
    mixed = (seed * 0x9E3779B97F4A7C15 + 0x2545F4914F6CDD1D) % (1 << 64)
    return np.array([mixed or 1], dtype=np.uint64)


@kernel
def draw(state: States, below: int) -> int:
    """A number from 0 to below - 1."""
    word = state[0]
    word ^= word << np.uint64(13)
    word ^= word >> np.uint64(7)
    word ^= word << np.uint64(17)
    state[0] = word
    return int((word >> np.uint64(11)) % np.uint64(below))


def _nearest_first(distances: Floats) -> Ints:
    """Always to the nearest site that has not been visited."""
    size = len(distances)
    left = np.ones(size, dtype=bool)
    tour = np.zeros(size, dtype=np.int64)
    left[0] = False
    for step in range(1, size):
        row = np.where(left, distances[tour[step - 1]], np.inf)
        tour[step] = int(np.argmin(row))
        left[tour[step]] = False
    return tour


@kernel
def copied(source: Ints, target: Ints) -> None:
    """Copy a flat array; quicker to compile than an assignment of slices."""
    for index in range(source.shape[0]):
        target[index] = source[index]


@kernel
def _reverse(tour: Ints, position: Ints, first: int, last: int) -> None:
    """Reverse a part of the circle, or the rest of it where that is shorter."""
    size = tour.shape[0]
    inner = (last - first) % size + 1
    if inner * 2 > size:
        first, last = (last + 1) % size, (first - 1) % size
        inner = size - inner
    for _ in range(inner // 2):
        one, other = tour[first], tour[last]
        tour[first], tour[last] = other, one
        position[other], position[one] = first, last
        first = (first + 1) % size
        last = (last - 1) % size


@kernel
def _two_opt(distances: Floats, near: Ints, tour: Ints, position: Ints, a: int, out: Ints) -> float:
    """Exchange an edge of a for one to a neighbour; the gain, and the four ends in `out`."""
    size = tour.shape[0]
    for step in (1, -1):
        b = tour[(position[a] + step) % size]
        edge = distances[a, b]
        for rank in range(near.shape[1]):
            c = near[a, rank]
            saved = edge - distances[a, c]
            if saved <= _GAIN:
                break
            e = tour[(position[c] + step) % size]
            gain = saved + distances[c, e] - distances[b, e]
            if gain > _GAIN:
                if step == 1:
                    _reverse(tour, position, position[b], position[c])
                else:
                    _reverse(tour, position, position[c], position[b])
                out[0], out[1], out[2], out[3] = a, b, c, e
                return float(gain)
    return 0.0


@kernel
def _move_segment(
    tour: Ints, position: Ints, start: int, step: int, count: int, c: int, e: int
) -> None:
    """Take `count` sites from a position on and put them between c and e, the first beside c."""
    size = tour.shape[0]
    segment = np.empty(count, np.int64)
    taken = np.zeros(size, np.bool_)
    for index in range(count):
        segment[index] = tour[(start + step * index) % size]
        taken[segment[index]] = True
    rest = np.empty(size - count, np.int64)
    filled = 0
    for index in range(size):
        if not taken[tour[index]]:
            rest[filled] = tour[index]
            filled += 1
    place = 0
    for index in range(filled):
        tour[place] = rest[index]
        place += 1
        following = rest[(index + 1) % filled]
        if rest[index] == c and following == e:
            for at in range(count):
                tour[place] = segment[at]
                place += 1
        elif rest[index] == e and following == c:
            for at in range(count - 1, -1, -1):
                tour[place] = segment[at]
                place += 1
    for index in range(size):
        position[tour[index]] = index


@kernel
def _or_opt(distances: Floats, near: Ints, tour: Ints, position: Ints, a: int, out: Ints) -> float:
    """Move up to three sites from a on beside a neighbour of a; the gain, and ends in `out`."""
    size = tour.shape[0]
    for step in (1, -1):
        start = position[a]
        for count in range(1, _LONGEST_SEGMENT + 1):
            if size < count + 3:
                break
            last = tour[(start + step * (count - 1)) % size]
            before = tour[(start - step) % size]
            after = tour[(start + step * count) % size]
            saved = distances[before, a] + distances[last, after] - distances[before, after]
            if saved <= _GAIN:
                continue
            for rank in range(near.shape[1]):
                c = near[a, rank]
                if saved - distances[a, c] <= _GAIN:
                    break
                if ((position[c] - start) * step) % size < count:
                    continue
                for side in (1, -1):
                    e = tour[(position[c] + side) % size]
                    if ((position[e] - start) * step) % size < count:
                        continue
                    added = distances[c, a] + distances[last, e] - distances[c, e]
                    if saved - added > _GAIN:
                        _move_segment(tour, position, start, step, count, c, e)
                        out[0], out[1], out[2], out[3] = before, after, c, e
                        out[4], out[5] = a, last
                        return float(saved - added)
    return 0.0


@kernel
def _descend(
    distances: Floats, near: Ints, tour: Ints, position: Ints, queue: Ints, waiting: int
) -> float:
    """Improve around the queued sites until nothing gains; the total gain."""
    size = tour.shape[0]
    queued = np.zeros(size, np.bool_)
    for index in range(waiting):
        queued[queue[index]] = True
    ends = np.empty(6, np.int64)
    head = 0
    total = 0.0
    while waiting > 0:
        a = queue[head]
        head = (head + 1) % size
        waiting -= 1
        queued[a] = False
        while True:
            for index in range(6):
                ends[index] = a
            gain = _two_opt(distances, near, tour, position, a, ends)
            if gain <= 0.0:
                gain = _or_opt(distances, near, tour, position, a, ends)
            if gain <= 0.0:
                break
            total += gain
            for site in ends:
                if not queued[site] and site != a:
                    queued[site] = True
                    queue[(head + waiting) % size] = site
                    waiting += 1
    return float(total)


@kernel
def _search(distances: Floats, near: Ints, start: Ints, iterations: int, state: States) -> Ints:
    """Local search, then perturbations that are kept where they do not lengthen the tour."""
    size = start.shape[0]
    tour, queue, kept = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int64)
    position = np.empty(size, np.int64)
    copied(start, tour)
    copied(start, queue)
    for index in range(size):
        position[tour[index]] = index
    _descend(distances, near, tour, position, queue, size)
    if size < 8:
        return tour
    third = min(size - 1, _SPAN) // 3
    moved = np.empty(2 * third + 2, np.int64)
    for _ in range(iterations):
        start_at = draw(state, size)
        first = 1 + draw(state, max(third, 1))
        second = first + 1 + draw(state, max(third, 1))
        if second + 1 >= size:
            continue
        copied(tour, kept)
        a, b = tour[start_at], tour[(start_at + 1) % size]
        c, e = tour[(start_at + first) % size], tour[(start_at + first + 1) % size]
        f, g = tour[(start_at + second) % size], tour[(start_at + second + 1) % size]
        change = (
            distances[a, e]
            + distances[f, b]
            + distances[c, g]
            - distances[a, b]
            - distances[c, e]
            - distances[f, g]
        )
        for index in range(second):
            source = first + 1 + index if index < second - first else index - (second - first) + 1
            moved[index] = tour[(start_at + source) % size]
        for index in range(second):
            place = (start_at + 1 + index) % size
            tour[place] = moved[index]
            position[moved[index]] = place
        waiting = 0
        for site in (a, b, c, e, f, g):
            repeated = False
            for index in range(waiting):
                repeated = repeated or queue[index] == site
            if not repeated:
                queue[waiting] = site
                waiting += 1
        gain = _descend(distances, near, tour, position, queue, waiting)
        if change - gain > _GAIN:
            copied(kept, tour)
            for index in range(size):
                position[tour[index]] = index
    return tour
