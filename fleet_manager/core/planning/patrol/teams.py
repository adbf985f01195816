"""Robots parted into teams, each spaced on a closed tour of its own: simulated annealing.

What counts is the team whose tour, over its robots and times its heaviest weight, is the longest.
Annealed is a power mean of the teams' values, which leans to the greatest and still feels the
others. Moves: a run of sites to a neighbour's side in any team (Or 1976), a run turned round (Lin
1965), a robot to another team, two teams made one, one made two (Kirkpatrick et al. 1983).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fleet_manager.core.planning.machine_code import kernel
from fleet_manager.core.planning.patrol.tours import draw, neighbours, random_state

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
States = npt.NDArray[np.uint64]
Split = tuple[tuple[tuple[int, ...], int], ...]
"""Teams: the order in which sites are visited, and how many robots share it."""

NEIGHBOURS = 8
HOT, COLD = 0.02, 0.0005
"""Of the value, by which a move may worsen it with a chance of 1/e: at first, at last."""
_LONGEST_RUN = 5
_SIZE, _ROBOTS = 0, 1  # columns of the table of teams
_LENGTH, _HEAVY, _SHARE = 0, 1, 2  # columns of their figures


def annealed(
    distances: Floats,
    weights: Floats,
    start: Split,
    iterations: int,
    seed: int = 1,
    hot: float = HOT,
    cold: float = COLD,
) -> Split:
    """Better teams, found from some.

    Args:
        distances: shape (n, n); where directions differ, their mean is what is searched.
        weights: shape (n,).
        start: teams that have each site once.
        iterations: moves that are tried; the result depends on it and on the seed alone.
    """
    mean = np.ascontiguousarray((distances + distances.T) / 2.0)
    size, robots = len(mean), sum(count for _, count in start)
    if size < 3:
        return start
    routes = np.zeros((min(robots, size), size), dtype=np.int64)
    table = np.zeros((len(routes), 2), dtype=np.int64)
    for at, (order, count) in enumerate(start):
        routes[at, : len(order)] = order
        table[at] = len(order), count
    near = neighbours(mean, NEIGHBOURS)
    _anneal(mean, weights, near, routes, table, iterations, hot, cold, random_state(seed))
    found = (
        (routes[at, : table[at, _SIZE]].tolist(), table[at, _ROBOTS]) for at in range(len(routes))
    )
    return tuple((tuple(order), int(count)) for order, count in found if order)


def cut(
    distances: Floats, tour: Sequence[int], robots: Sequence[int], shares: Sequence[float] = ()
) -> Split:
    """A tour cut into pieces, one for each team.

    Args:
        robots: of each team; no more teams than sites.
        shares: of the tour's length, by team; empty: as many as the team has robots.
    """
    order = np.asarray(tour, dtype=np.int64)
    steps = distances[order, np.roll(order, -1)]
    ends = np.cumsum(shares or robots) / sum(shares or robots) * steps.sum()
    places = np.searchsorted(np.cumsum(steps) - steps, ends[:-1]).tolist()
    pieces, begin = [], 0
    for index, (count, place) in enumerate(zip(robots, (*places, len(order)), strict=True)):
        left = len(robots) - 1 - index  # a site at least for each team to come
        end = max(begin + 1, min(place, len(order) - left))
        pieces.append((tuple(order[begin:end].tolist()), int(count)))
        begin = end
    return tuple(pieces)


@kernel
def _heaviest(
    weights: Floats, route: Ints, size: int, begin: int, count: int, inside: bool
) -> float:
    """The greatest weight among `count` sites from `begin` on, or among the others."""
    best = 0.0
    for index in range(size):
        if ((index - begin) % size < count) == inside and weights[route[index]] > best:
            best = weights[route[index]]
    return best


@kernel
def _eighth(value: float) -> float:
    square = value * value
    fourth = square * square
    return fourth * fourth


@kernel
def _share(weight: float, length: float, robots: int, unit: float) -> float:
    """What a team adds to the sum: its value to the eighth power, once for each robot."""
    return robots * _eighth(weight * length / (unit * robots)) if robots > 0 else 0.0


@kernel
def _turn(route: Ints, first: int, last: int) -> None:
    """Turn a part of an open list round."""
    while first < last:
        route[first], route[last] = route[last], route[first]
        first += 1
        last -= 1


@kernel
def _rotate(route: Ints, size: int, begin: int, spare: Ints) -> None:
    """Let the closed tour begin elsewhere."""
    for index in range(size):
        spare[index] = route[(begin + index) % size]
    for index in range(size):
        route[index] = spare[index]


@kernel
def _note(routes: Ints, table: Ints, g: int, where: Ints) -> None:
    """Write down where the sites of a team are: its number and their positions."""
    for index in range(table[g, _SIZE]):
        where[routes[g, index], 0] = g
        where[routes[g, index], 1] = index


@kernel
def _along(distances: Floats, route: Ints, size: int, begin: int, count: int) -> float:
    """Length of a run of sites, open at its ends."""
    total = 0.0
    for index in range(count - 1):
        here, there = route[(begin + index) % size], route[(begin + index + 1) % size]
        total += distances[here, there]
    return total


@kernel
def _set(figures: Floats, g: int, length: float, heavy: float, share: float) -> None:
    figures[g, _LENGTH], figures[g, _HEAVY], figures[g, _SHARE] = length, heavy, share


@kernel
def _lend_robot(table: Ints, figures: Floats, g: int, h: int, unit: float, most: float) -> float:
    """Give a robot of g to h; the change of the sum of powers, 0 where it is refused."""
    if h == g or table[g, _ROBOTS] < 2:
        return 0.0
    one = _share(figures[g, _HEAVY], figures[g, _LENGTH], table[g, _ROBOTS] - 1, unit)
    other = _share(figures[h, _HEAVY], figures[h, _LENGTH], table[h, _ROBOTS] + 1, unit)
    change = one + other - figures[g, _SHARE] - figures[h, _SHARE]
    if change > most:
        return 0.0
    table[g, _ROBOTS] -= 1
    table[h, _ROBOTS] += 1
    figures[g, _SHARE], figures[h, _SHARE] = one, other
    return float(change)


@kernel
def _join(
    distances: Floats,
    routes: Ints,
    table: Ints,
    figures: Floats,
    where: Ints,
    spare: Ints,
    a: int,
    c: int,
    unit: float,
    most: float,
) -> float:
    """Make two teams one, a beside c; the change of the sum of powers, 0 where refused."""
    g, h, i, j = where[a, 0], where[c, 0], where[a, 1], where[c, 1]
    n, m = table[g, _SIZE], table[h, _SIZE]
    b, e = routes[g, (i + 1) % n], routes[h, (j + 1) % m]
    joined = figures[g, _LENGTH] + figures[h, _LENGTH] - distances[a, b] - distances[c, e]
    joined += distances[a, c] + distances[b, e]
    heavy = max(figures[g, _HEAVY], figures[h, _HEAVY])
    one = _share(heavy, joined, table[g, _ROBOTS] + table[h, _ROBOTS], unit)
    change = one - figures[g, _SHARE] - figures[h, _SHARE]
    if change > most:
        return 0.0
    _rotate(routes[g], n, (i + 1) % n, spare)  # ends with a
    for index in range(m):
        routes[g, n + index] = routes[h, (j - index) % m]
    table[g, _SIZE] = n + m
    table[g, _ROBOTS] += table[h, _ROBOTS]
    table[h, _SIZE], table[h, _ROBOTS] = 0, 0
    _set(figures, g, joined, heavy, one)
    _set(figures, h, 0.0, 0.0, 0.0)
    _note(routes, table, g, where)
    return float(change)


@kernel
def _part(
    distances: Floats,
    weights: Floats,
    routes: Ints,
    table: Ints,
    figures: Floats,
    where: Ints,
    spare: Ints,
    a: int,
    c: int,
    crew: int,
    unit: float,
    most: float,
) -> float:
    """Give what goes from a to c a crew of its own; the change, 0 where it is refused."""
    g, i, j = where[a, 0], where[a, 1], where[c, 1]
    n = table[g, _SIZE]
    count = (j - i) % n + 1
    free = 0
    while free < table.shape[0] and table[free, _SIZE] > 0:
        free += 1
    if count >= n or free == table.shape[0]:
        return 0.0
    run = _along(distances, routes[g], n, i, count)
    b, e = routes[g, (i - 1) % n], routes[g, (j + 1) % n]
    outer = figures[g, _LENGTH] - run - distances[b, a] - distances[c, e] + distances[b, e]
    inner = run + distances[c, a]
    inside = _heaviest(weights, routes[g], n, i, count, True)
    outside = _heaviest(weights, routes[g], n, i, count, False)
    one = _share(inside, inner, crew, unit)
    other = _share(outside, outer, table[g, _ROBOTS] - crew, unit)
    change = one + other - figures[g, _SHARE]
    if change > most:
        return 0.0
    _rotate(routes[g], n, (j + 1) % n, spare)  # the run is at its end
    for index in range(count):
        routes[free, index] = routes[g, n - count + index]
    table[free, _SIZE], table[free, _ROBOTS] = count, crew
    table[g, _SIZE] = n - count
    table[g, _ROBOTS] -= crew
    _set(figures, free, inner, inside, one)
    _set(figures, g, outer, outside, other)
    _note(routes, table, free, where)
    _note(routes, table, g, where)
    return float(change)


@kernel
def _turn_run(
    distances: Floats,
    routes: Ints,
    table: Ints,
    figures: Floats,
    where: Ints,
    a: int,
    c: int,
    unit: float,
    most: float,
) -> float:
    """Turn what lies between a and c round, so that they are neighbours; the change, 0: refused."""
    g, i, j = where[a, 0], where[a, 1], where[c, 1]
    n = table[g, _SIZE]
    first, last = min(i, j) + 1, max(i, j)
    if n < 4 or last <= first:
        return 0.0
    p, q, r, s = (
        routes[g, first - 1],
        routes[g, first],
        routes[g, last],
        routes[g, (last + 1) % n],
    )
    length = figures[g, _LENGTH] - distances[p, q] - distances[r, s]
    length += distances[p, r] + distances[q, s]
    one = _share(figures[g, _HEAVY], length, table[g, _ROBOTS], unit)
    change = one - figures[g, _SHARE]
    if change > most:
        return 0.0
    _turn(routes[g], first, last)
    for index in range(first, last + 1):
        where[routes[g, index], 1] = index
    figures[g, _LENGTH], figures[g, _SHARE] = length, one
    return float(change)


@kernel
def _move_run(
    distances: Floats,
    weights: Floats,
    routes: Ints,
    table: Ints,
    figures: Floats,
    where: Ints,
    spare: Ints,
    a: int,
    c: int,
    count: int,
    behind: bool,
    unit: float,
    most: float,
) -> float:
    """Move `count` sites from a on to the side of c; the change, 0 where it is refused.

    Args:
        behind: a comes right after c; else right before it, with the run turned round.
    """
    g, h, i, j = where[a, 0], where[c, 0], where[a, 1], where[c, 1]
    n, m = table[g, _SIZE], table[h, _SIZE]
    if count >= n or (h == g and ((j - i) % n < count or n < count + 2)):
        return 0.0
    last = routes[g, (i + count - 1) % n]
    b, e = routes[g, (i - 1) % n], routes[g, (i + count) % n]
    f = routes[h, (j + 1) % m] if behind else routes[h, (j - 1) % m]
    if h == g and behind and f == a:
        f = e
    elif h == g and not behind and f == last:
        f = b
    run = _along(distances, routes[g], n, i, count)
    left = figures[g, _LENGTH] - run - distances[b, a] - distances[last, e] + distances[b, e]
    added = run + distances[c, a] + distances[last, f] - distances[c, f]
    lighter, heavier = figures[g, _HEAVY], figures[h, _HEAVY]
    if h == g:
        one, other = _share(lighter, left + added, table[g, _ROBOTS], unit), 0.0
        change = one - figures[g, _SHARE]
    else:
        lighter = _heaviest(weights, routes[g], n, i, count, False)
        heavier = max(heavier, _heaviest(weights, routes[g], n, i, count, True))
        one = _share(lighter, left, table[g, _ROBOTS], unit)
        other = _share(heavier, figures[h, _LENGTH] + added, table[h, _ROBOTS], unit)
        change = one + other - figures[g, _SHARE] - figures[h, _SHARE]
    if change > most:
        return 0.0
    _rotate(routes[g], n, (i + count) % n, spare)  # the run is at its end
    for index in range(count):
        spare[index] = routes[g, n - count + index]
    if not behind:
        _turn(spare, 0, count - 1)
    table[g, _SIZE] = n - count
    _note(routes, table, g, where)
    m = table[h, _SIZE]
    at = where[c, 1] + 1 if behind else where[c, 1]
    for index in range(m - 1, at - 1, -1):
        routes[h, index + count] = routes[h, index]
    for index in range(count):
        routes[h, at + index] = spare[index]
    table[h, _SIZE] = m + count
    _note(routes, table, h, where)
    if h == g:
        _set(figures, g, left + added, lighter, one)
    else:
        _set(figures, g, left, lighter, one)
        _set(figures, h, figures[h, _LENGTH] + added, heavier, other)
    return float(change)


@kernel
def _worst(table: Ints, figures: Floats) -> float:
    worst = 0.0
    for g in range(figures.shape[0]):
        if table[g, _ROBOTS] > 0:
            worst = max(worst, figures[g, _HEAVY] * figures[g, _LENGTH] / table[g, _ROBOTS])
    return worst


@kernel
def _prepare(
    distances: Floats, weights: Floats, routes: Ints, table: Ints, figures: Floats, where: Ints
) -> float:
    """Fill in figures and places of the teams there are; the unit that their values are in."""
    for g in range(table.shape[0]):
        n = table[g, _SIZE]
        if n > 0:
            length = _along(distances, routes[g], n, 0, n + 1)
            _set(figures, g, length, _heaviest(weights, routes[g], n, 0, n, True), 0.0)
            _note(routes, table, g, where)
    unit = max(_worst(table, figures), 1e-9)
    for g in range(table.shape[0]):
        heavy, length = figures[g, _HEAVY], figures[g, _LENGTH]
        figures[g, _SHARE] = _share(heavy, length, table[g, _ROBOTS], unit)
    return unit


@kernel
def _keep(routes: Ints, table: Ints, best_routes: Ints, best_table: Ints) -> None:
    """Copy teams; quicker to compile than an assignment of slices."""
    for g in range(table.shape[0]):
        best_table[g, _SIZE], best_table[g, _ROBOTS] = table[g, _SIZE], table[g, _ROBOTS]
        for index in range(table[g, _SIZE]):
            best_routes[g, index] = routes[g, index]


@kernel
def _anneal(
    distances: Floats,
    weights: Floats,
    near: Ints,
    routes: Ints,
    table: Ints,
    iterations: int,
    hot: float,
    cold: float,
    state: States,
) -> None:
    """Anneal in place; routes and table end as the best that was met."""
    slots, sites = routes.shape
    where, spare = np.zeros((sites, 2), np.int64), np.zeros(sites, np.int64)
    figures = np.zeros((slots, 3))
    unit = _prepare(distances, weights, routes, table, figures, where)
    total = 0.0
    for g in range(slots):
        total += figures[g, _SHARE]
    best = _worst(table, figures)
    best_routes, best_table = np.zeros((slots, sites), np.int64), np.zeros((slots, 2), np.int64)
    _keep(routes, table, best_routes, best_table)
    cooling = (cold / hot) ** (1.0 / max(iterations, 1))
    for _ in range(iterations):
        hot *= cooling
        a = draw(state, sites)
        c = near[a, draw(state, near.shape[1])]
        g, h = where[a, 0], where[c, 0]
        chance = (draw(state, 1 << 30) + 1) / (1 << 30)
        # The eighth root of the sum may grow by a share of hot times -log(chance).
        most = total * (_eighth(1.0 - hot * np.log(chance)) - 1.0)
        kind = draw(state, 100)
        change = 0.0
        if kind < 3:
            change = _lend_robot(table, figures, g, h, unit, most)
        elif kind < 5 and h != g:
            change = _join(distances, routes, table, figures, where, spare, a, c, unit, most)
        elif kind < 5 and table[g, _ROBOTS] > 1:
            crew = 1 + draw(state, table[g, _ROBOTS] - 1)
            change = _part(
                distances, weights, routes, table, figures, where, spare, a, c, crew, unit, most
            )
        elif kind < 45 and h == g:
            change = _turn_run(distances, routes, table, figures, where, a, c, unit, most)
        else:
            count, behind = 1 + draw(state, _LONGEST_RUN), draw(state, 2) == 0
            change = _move_run(
                distances,
                weights,
                routes,
                table,
                figures,
                where,
                spare,
                a,
                c,
                count,
                behind,
                unit,
                most,
            )
        total += change
        if change < 0.0 and _worst(table, figures) < best * (1.0 - 1e-9):
            best = _worst(table, figures)
            _keep(routes, table, best_routes, best_table)
    _keep(best_routes, best_table, routes, table)
