"""The best times for a team's visits in a given order: a linear programme."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor
from typing import Any

import numpy as np
import numpy.typing as npt

from fleet_manager.core.planning.patrol.plan import Team, Visit
from fleet_manager.core.planning.patrol.problem import PatrolProblem

Floats = npt.NDArray[np.float64]
Row = tuple[tuple[int, float], ...]
"""Columns and their factors; the sum is at most the right-hand side."""


def timed(problem: PatrolProblem, weights: Floats, team: Team) -> Team:
    """The team with waits where they make its worst weighted idleness the least.

    Order of visits, and how robots follow each other as shares of the cycle, stay as they are.
    Variables: when each visit is, the cycle's length C and the worst weighted idleness W. A way
    takes at least its time; between visits of a site by any robots there is at most W/weight.
    """
    from scipy.optimize import linprog
    from scipy.sparse import coo_matrix

    if team.duration_s <= 0.0:
        return team
    count = len(team.visits)
    shares = [offset / team.duration_s for offset in team.offsets_s]
    ways = list(_ways(problem, team))
    gaps = [((count + 1, -1.0 / weights[site]), *row) for site, row in _gaps(team, shares)]
    rows = [row for row, _ in ways] + gaps
    entries = [(at, column, factor) for at, row in enumerate(rows) for column, factor in row]
    at, columns, factors = (np.array(each) for each in zip(*entries, strict=True))
    matrix: Any = coo_matrix((factors, (at, columns)), shape=(len(rows), count + 2)).tocsr()
    limits = [-least_s for _, least_s in ways] + [0.0] * len(gaps)
    cost = np.zeros(count + 2)
    cost[-1] = 1.0
    within = [(0.0, 0.0)] + [(0.0, None)] * (count + 1)  # the first visit is at 0
    found = linprog(cost, A_ub=matrix, b_ub=limits, bounds=within, method="highs")
    if found.x is None:
        return team
    cycle_s = float(found.x[count])
    visits = zip(team.visits, found.x[:count].tolist(), strict=True)
    return Team(
        tuple(Visit(visit.site, at_s) for visit, at_s in visits),
        cycle_s,
        tuple(share * cycle_s for share in shares),
    )


def _ways(problem: PatrolProblem, team: Team) -> Iterator[tuple[Row, float]]:
    """Each visit and the next, the last and the first: what lies between them at least."""
    count = len(team.visits)
    for at, visit in enumerate(team.visits):
        following = (at + 1) % count
        there = team.visits[following].site
        least_s = problem.dwell_s[visit.site] + problem.travel_s[visit.site, there]
        row = ((at, 1.0), (following, -1.0)) if count > 1 else ()
        yield (*row, *(((count, -1.0),) if following == 0 else ())), float(least_s)


def _gaps(team: Team, shares: list[float]) -> Iterator[tuple[int, Row]]:
    """For each site, visits by any robots that follow each other, once where robots repeat."""
    visits_of: dict[int, list[int]] = {}
    for at, visit in enumerate(team.visits):
        visits_of.setdefault(visit.site, []).append(at)
    for site, visits in visits_of.items():
        seen: set[tuple[int, int, float]] = set()
        events = []
        for at in visits:
            for share in shares:
                when = team.visits[at].at_s / team.duration_s - share
                events.append((when - floor(when), at, share + floor(when)))
        events.sort()
        again = (events[0][0] + 1.0, events[0][1], events[0][2] - 1.0)
        for (_, here, one), (_, there, other) in zip(events, (*events[1:], again), strict=True):
            key = (here, there, round(one - other, 9))
            if key not in seen:
                seen.add(key)
                turn = () if here == there else ((there, 1.0), (here, -1.0))
                yield site, (*turn, (len(team.visits), one - other))
