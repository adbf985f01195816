"""Rounds for sites of different weight: light sites are seen in every second, third, … round.

A team's cycle is a number of rounds. A site that may be idle r times as long as the heaviest is
part of every r-th of them, so that a round is shorter than a tour of all sites. All rounds keep
the order of one tour, so that what is part of each round is seen at about the same time in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

import numpy as np
import numpy.typing as npt

from fleet_manager.core.planning.patrol.plan import Team, Visit
from fleet_manager.core.planning.patrol.problem import PatrolProblem

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ROUNDS = (2, 3, 4, 6, 8)
"""Numbers of rounds to a cycle that are tried."""
PASSES = 4
_ROUNDING = 1e-9


def every(weights: Floats, rounds: int) -> Ints:
    """Each site is part of every so many rounds: a divisor of `rounds`, as its weight allows."""
    allowed = weights.max() / weights * (1.0 + _ROUNDING)
    divisors = [each for each in range(1, rounds + 1) if rounds % each == 0]
    found: Ints = np.array([max(d for d in divisors if d <= most) for most in allowed], np.int64)
    return found


def team_of_rounds(
    problem: PatrolProblem, weights: Floats, tour: Sequence[int], robots: int, rounds: int
) -> Team | None:
    """A team whose cycle has so many rounds along a tour; None: all sites are part of each.

    Args:
        weights: of all sites of the problem, shape (n,).
        tour: the team's sites, in the order of a short closed tour.
    """
    order = np.asarray(tour, dtype=np.int64)
    skips = every(weights[order], rounds)
    if skips.max() == 1:
        return None
    begin = int(np.argmin(skips))  # a site of every round
    order, skips = np.roll(order, -begin), np.roll(skips, -begin)
    stays = problem.dwell_s[order]
    times = problem.travel_s[np.ix_(order, order)] + stays[:, None]
    part = _rounds_of_sites(times, skips, rounds)
    visits, now_s = [], 0.0
    sequence = [at for turn in range(rounds) for at in np.flatnonzero(part[:, turn]).tolist()]
    for here, there in zip(sequence, (*sequence[1:], sequence[0]), strict=True):
        visits.append(Visit(int(order[here]), now_s))
        now_s += float(times[here, there])
    return Team(tuple(visits), now_s, offsets(now_s, robots, rounds))


def offsets(cycle_s: float, robots: int, rounds: int) -> tuple[float, ...]:
    """Where in a cycle robots are, so that each round and the whole cycle are shared evenly.

    Robot i is i robots'th parts of the cycle ahead. Where robots and rounds have a common divisor,
    that would let some pass every place at the same time of a round: each block of robots is
    a robot's part of a round further on.
    """
    block = robots // gcd(robots, rounds)
    round_s = cycle_s / rounds
    return tuple(
        (each * cycle_s / robots + (each // block) * round_s / robots) % cycle_s
        for each in range(robots)
    )


def _rounds_of_sites(times: Floats, skips: Ints, rounds: int) -> npt.NDArray[np.bool_]:
    """Which rounds each site is part of, shape (sites, rounds), for short rounds.

    Sites are moved to other rounds as long as that shortens the sum of squares, which also makes
    rounds alike.
    """
    turn = np.zeros(len(skips), dtype=np.int64)
    for each in np.unique(skips):
        same = np.flatnonzero(skips == each)
        turn[same] = np.arange(len(same)) % each
    turns = np.arange(rounds)
    part: npt.NDArray[np.bool_] = turns[None] % skips[:, None] == turn[:, None]
    lengths = np.array([_closed(times, part[:, each]) for each in range(rounds)])
    for _ in range(PASSES):
        moved = False
        for site in np.flatnonzero(skips > 1):
            moved |= _move(times, part, turn, lengths, int(site), int(skips[site]))
        if not moved:
            break
    return part


def _move(
    times: Floats,
    part: npt.NDArray[np.bool_],
    turn: Ints,
    lengths: Floats,
    site: int,
    skip: int,
) -> bool:
    """Move a site to the rounds where it costs the least; whether it moved."""
    rounds = part.shape[1]
    detours = np.array([_detour(times, part[:, each], site) for each in range(rounds)])
    without = lengths.copy()
    without[turn[site] :: skip] -= detours[turn[site] :: skip]
    best, chosen = np.inf, turn[site]
    for each in range(skip):
        changed = without.copy()
        changed[each::skip] += detours[each::skip]
        cost = float((changed**2).sum())
        if cost < best * (1.0 - _ROUNDING):
            best, chosen = cost, each
    if chosen == turn[site]:
        return False
    part[site] = False
    part[site, chosen::skip] = True
    lengths[:] = without
    lengths[chosen::skip] += detours[chosen::skip]
    turn[site] = chosen
    return True


def _detour(times: Floats, inside: npt.NDArray[np.bool_], site: int) -> float:
    """What a site costs in a round, between those before and after it that are part of it."""
    size = len(inside)
    before = (site - 1) % size
    while not inside[before]:
        before = (before - 1) % size
    after = (site + 1) % size
    while not inside[after]:
        after = (after + 1) % size
    return float(times[before, site] + times[site, after] - times[before, after])


def _closed(times: Floats, inside: npt.NDArray[np.bool_]) -> float:
    """Length of a round."""
    order = np.flatnonzero(inside)
    return float(times[order, np.roll(order, -1)].sum())
