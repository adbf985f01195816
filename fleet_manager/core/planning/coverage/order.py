"""The order of cells, and at which end each is entered: a small generalised travelling salesman.

Exact by dynamic programming over sets (Held and Karp 1962) for a few cells; for more the nearest
next, improved by moving runs of up to three cells (Or 1976), with the best ends for each order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fleet_manager.core.planning.machine_code import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EXACT_CELLS = 9
_ROUNDS = 20
_WINDOW = 24
"""Runs are moved by so many places at most where there are more than `_MANY` pieces."""
_MANY = 32
_LEAST_ROUNDS = 2


def best_order(
    choices: Sequence[int], between_m: Floats, start_m: Floats, end_m: Floats
) -> list[tuple[int, int]]:
    """The pieces in the order in which least is driven between them.

    Args:
        choices: of each piece, in how many ways it can be done; the ways of all pieces are
            numbered one after the other, m in all.
        between_m: m x m; from the end of one way to the begin of another.
        start_m: m; from where the robot comes to the begin of a way.
        end_m: m; from the end of a way to where the robot goes then.

    Returns:
        Piece and way (from 0 for each piece), in order. Exact up to `EXACT_CELLS` pieces.
    """
    firsts = np.concatenate([[0], np.cumsum(np.array(choices, dtype=np.int64))]).astype(np.int64)
    if len(choices) <= EXACT_CELLS:
        found = _exact(firsts, between_m, start_m, end_m)
    else:
        order = _nearest_next(firsts, between_m, start_m)
        found = _improved(order, firsts, between_m, start_m, end_m)
    pieces = np.searchsorted(firsts, found, side="right") - 1
    return [
        (int(piece), int(way - firsts[piece])) for piece, way in zip(pieces, found, strict=True)
    ]


@kernel
def _exact(firsts: Ints, between_m: Floats, start_m: Floats, end_m: Floats) -> Ints:
    """Ways in the best order."""
    count = len(firsts) - 1
    done = (1 << count) - 1
    least, before = _least_of_sets(firsts, between_m, start_m)
    last = int(np.argmin(least[done] + end_m))
    found = np.empty(count, dtype=np.int64)
    for place in range(count - 1, -1, -1):
        found[place] = last
        piece = int(np.searchsorted(firsts, last, side="right")) - 1
        last, done = before[done, last], done & ~(1 << piece)
    return found


@kernel
def _least_of_sets(firsts: Ints, between_m: Floats, start_m: Floats) -> tuple[Floats, Ints]:
    """For each set of pieces done and way done last: the least driven, and the way before."""
    count, ways = len(firsts) - 1, len(start_m)
    least = np.full((1 << count, ways), np.inf)
    before = np.full((1 << count, ways), -1, dtype=np.int64)
    for piece in range(count):
        least[1 << piece, firsts[piece] : firsts[piece + 1]] = start_m[
            firsts[piece] : firsts[piece + 1]
        ]
    for done in range(1, 1 << count):
        for piece in range(count):
            if done >> piece & 1:
                continue
            after = done | 1 << piece
            for last in range(ways):
                for way in range(firsts[piece], firsts[piece + 1]):
                    total = least[done, last] + between_m[last, way]
                    if total < least[after, way]:
                        least[after, way] = total
                        before[after, way] = last
    return least, before


@kernel
def _nearest_next(firsts: Ints, between_m: Floats, start_m: Floats) -> Ints:
    count = len(firsts) - 1
    order = np.empty(count, dtype=np.int64)
    done = np.zeros(count, dtype=np.bool_)
    last = -1
    for place in range(count):
        least, nearest, begun = np.inf, -1, -1
        for piece in range(count):
            if done[piece]:
                continue
            for way in range(firsts[piece], firsts[piece + 1]):
                apart = start_m[way] if last < 0 else between_m[last, way]
                if apart < least or nearest < 0:
                    least, nearest, begun = apart, piece, way
        order[place] = nearest
        done[nearest] = True
        last = begun
    return order


@kernel
def _ways_of(
    order: Ints,
    firsts: Ints,
    between_m: Floats,
    start_m: Floats,
    end_m: Floats,
    least: Floats,
    before: Ints,
) -> float:
    """What is driven between pieces in an order, each done in the best way.

    Args:
        least, before: room for the least to each way of the piece at a place, and the way of the
            piece before it, both counted from 0 for each piece.
    """
    count = len(order)
    first = firsts[order[0]]
    for way in range(first, firsts[order[0] + 1]):
        least[0, way - first] = start_m[way]
    for place in range(1, count):
        here, there = firsts[order[place - 1]], firsts[order[place]]
        lasts = firsts[order[place - 1] + 1] - here
        for way in range(there, firsts[order[place] + 1]):
            best = np.inf
            for last in range(lasts):
                total = least[place - 1, last] + between_m[here + last, way]
                if total < best:
                    best = total
                    before[place, way - there] = last
            least[place, way - there] = best
    final = firsts[order[count - 1]]
    best = np.inf
    for way in range(firsts[order[count - 1] + 1] - final):
        best = min(best, least[count - 1, way] + end_m[final + way])
    return float(best)


@kernel
def _read_back(
    order: Ints, firsts: Ints, end_m: Floats, least: Floats, before: Ints, found: Ints
) -> None:
    """The ways that `_ways_of` has last found the best."""
    count = len(order)
    final = firsts[order[count - 1]]
    way = 0
    for other in range(firsts[order[count - 1] + 1] - final):
        if least[count - 1, other] + end_m[final + other] < (
            least[count - 1, way] + end_m[final + way]
        ):
            way = other
    for place in range(count - 1, -1, -1):
        found[place] = firsts[order[place]] + way
        way = before[place, way]


@kernel
def _improved(order: Ints, firsts: Ints, between_m: Floats, start_m: Floats, end_m: Floats) -> Ints:
    """Move runs of one to three pieces, also turned round, while that shortens the whole."""
    count = len(order)
    most = int(np.max(firsts[1:] - firsts[:-1]))
    least = np.full((count, most), np.inf)
    before = np.zeros((count, most), dtype=np.int64)
    trial = np.empty(count, dtype=np.int64)
    best = _ways_of(order, firsts, between_m, start_m, end_m, least, before)
    window = count if count <= _MANY else _WINDOW
    rounds = _ROUNDS if count <= _MANY else _LEAST_ROUNDS
    for _ in range(rounds):
        moved = False
        for size in range(1, 4):
            for begin in range(count - size + 1):
                for to in range(max(0, begin - window), min(count - size, begin + window) + 1):
                    for turned in range(2 if size > 1 else 1):
                        if to == begin and turned == 0:
                            continue
                        _moved(order, begin, size, to, turned, trial)
                        total = _ways_of(trial, firsts, between_m, start_m, end_m, least, before)
                        if total < best - 1e-9:
                            best, moved = total, True
                            order[:] = trial
        if not moved:
            break
    found = np.empty(count, dtype=np.int64)
    _ways_of(order, firsts, between_m, start_m, end_m, least, before)
    _read_back(order, firsts, end_m, least, before, found)
    return found


@kernel
def _moved(order: Ints, begin: int, size: int, to: int, turned: int, trial: Ints) -> None:
    """Write an order with a run taken out and put back before another place."""
    count = len(order)
    place, source = 0, 0
    for _ in range(count - size + 1):
        if place == to:
            for step in range(size):
                trial[place] = order[begin + size - 1 - step if turned else begin + step]
                place += 1
        if source == begin:
            source += size
        if place < count and source < count:
            trial[place] = order[source]
            place += 1
            source += 1
