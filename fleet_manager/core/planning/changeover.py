"""How robots that patrol go over to another plan, so that the site that waits longest waits least.

Pure functions of times and tours; `decisions.patrol_plans` ends stretches and begins beats by them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

import numpy as np
import numpy.typing as npt

from fleet_manager.core.programme import TeamPlan

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FAR_S = 1e9
"""Stands for a way that no lanes lead."""
SAME_S = 1e-6


@dataclass(frozen=True, slots=True)
class Walker:
    """A robot that patrols when the plan changes.

    Attributes:
        here: waypoint from which it goes on.
        left: places of its stretch that it has not visited, in their order.
        least: so many of them it visits in any case.
    """

    here: str
    left: tuple[str, ...] = ()
    least: int = 0


@dataclass(frozen=True, slots=True)
class Changeover:
    """How a plan is begun.

    Attributes:
        starts: by team, indices of its tour where its robots begin.
        slots: by walker, its team and which of the team's starts is its own; None: none.
        kept: by walker, how many places of its stretch it visits before.
        late_s: by how much the latest site is visited too late; negative: all are in time.
    """

    starts: tuple[tuple[int, ...], ...]
    slots: tuple[tuple[int, int] | None, ...]
    kept: tuple[int, ...]
    late_s: float


@dataclass(frozen=True)
class Sites:
    """What is asked of sites, and how long robots take.

    Attributes:
        left_s: until when each has to be visited, from now.
        promise_s: of each: after a visit it has so long.
    """

    left_s: Mapping[str, float]
    promise_s: Mapping[str, float]
    dwell_s: float
    travel: Callable[[str, str], float]


def go_over(teams: Sequence[TeamPlan], walkers: Sequence[Walker], sites: Sites) -> Changeover:
    """Where the robots of each team begin, who begins where, and what of stretches is still done.

    Stretches are broken off as soon as can be, except where the latest site gains by one that is
    done to its end. Robots of a team begin as far apart as planned; starts that no walker has are
    for whoever is free.
    """
    kept = [min(each.least, len(each.left)) for each in walkers]
    best = _begun(teams, walkers, kept, sites)
    for index, walker in enumerate(walkers):
        if kept[index] == len(walker.left):
            continue
        longer = [*kept]
        longer[index] = len(walker.left)
        other = _begun(teams, walkers, longer, sites)
        if other.late_s < best.late_s - SAME_S:
            kept, best = longer, other
    return best


def _begun(
    teams: Sequence[TeamPlan], walkers: Sequence[Walker], kept: Sequence[int], sites: Sites
) -> Changeover:
    """The best beginning where each walker does so many places of its stretch before."""
    left_s, late_s = dict(sites.left_s), -inf
    free: list[tuple[str, float]] = []
    for walker, count in zip(walkers, kept, strict=True):
        here, at_s = walker.here, 0.0
        for site in walker.left[:count]:
            at_s += min(sites.travel(here, site), FAR_S)
            if site in sites.left_s:
                late_s = max(late_s, at_s - left_s[site])
                left_s[site] = max(left_s[site], at_s + sites.promise_s[site])
            at_s += sites.dwell_s
            here = site
        free.append((here, at_s))
    tours = [_Tour.of(team, left_s, sites) for team in teams]
    reach_s = [_arrivals_s(tour, free, sites) for tour in tours]
    members = _shared_out(tours, reach_s, len(walkers))
    starts: list[tuple[int, ...]] = []
    slots: list[tuple[int, int] | None] = [None] * len(walkers)
    for index, (tour, arrivals_s) in enumerate(zip(tours, reach_s, strict=True)):
        begun, own, team_late_s = _placed(tour, arrivals_s[members[index]])
        starts.append(begun)
        late_s = max(late_s, team_late_s)
        for walker_index, slot in zip(members[index], own, strict=True):
            slots[walker_index] = (index, slot)
    return Changeover(tuple(starts), tuple(slots), tuple(kept), late_s)


@dataclass(frozen=True)
class _Tour:
    """A team's tour with what is late on it.

    Attributes:
        when_s: from its beginning to each visit, shape (visits + 1,), the length of a round last.
        after_s: of each robot, how far behind the first start its own is.
        late_s: shape (visits, visits): how late the latest of the first m + 1 visits from an index
            on would be, if a robot were at the first of them now.
    """

    team: TeamPlan
    when_s: Floats
    after_s: Floats
    late_s: Floats

    @classmethod
    def of(cls, team: TeamPlan, left_s: Mapping[str, float], sites: Sites) -> _Tour:
        tour = team.tour
        size = len(tour)
        around = pairwise([*tour, tour[0]])
        legs = [min(sites.travel(here, there), FAR_S) + sites.dwell_s for here, there in around]
        when_s = np.concatenate([[0.0], np.cumsum(legs)])
        when_s[-1] = max(when_s[-1], SAME_S)
        first = [team.start(robot) for robot in range(team.robots)]
        after_s = (when_s[first] - when_s[first[0]]) % when_s[-1]
        due_s = np.array([left_s[site] for site in tour])
        ahead = (np.arange(size)[:, None] + np.arange(size)) % size
        away_s = (when_s[ahead] - when_s[:-1, None]) % when_s[-1]
        late_s = np.where(_first_of_each(tour, ahead), away_s - due_s[ahead], -inf)
        return cls(team, when_s, after_s, np.maximum.accumulate(late_s, axis=1))

    def starts(self, turn: int) -> tuple[int, ...]:
        """Where its robots begin if the first does at an index: as far apart as planned."""
        size = len(self.team.tour)
        wanted_s = (self.when_s[turn] + self.after_s) % self.when_s[-1]
        apart_s = np.abs(self.when_s[:-1, None] - wanted_s)
        apart_s = np.minimum(apart_s, self.when_s[-1] - apart_s)
        found = [turn, *(int(at) for at in apart_s.argmin(axis=0)[1:])]
        return tuple(at % size for at in found)

    def late_from_s(self, starts: Sequence[int]) -> Floats:
        """How late each start's part of the tour is, up to the next start, shape (starts,)."""
        size = len(self.team.tour)
        around = sorted({*starts})
        ahead = {a: (b - a) % size or size for a, b in pairwise([*around, around[0]])}
        return np.array([self.late_s[at, ahead[at] - 1] for at in starts])


def _first_of_each(tour: Sequence[str], ahead: Ints) -> npt.NDArray[np.bool_]:
    """Which of the visits from each index on are the first of their site."""
    if len({*tour}) == len(tour):
        return np.ones(ahead.shape, bool)
    known = {site: number for number, site in enumerate(dict.fromkeys(tour))}
    numbers = np.array([known[site] for site in tour])
    found = np.zeros(ahead.shape, bool)
    for row, order in enumerate(ahead):
        found[row, np.unique(numbers[order], return_index=True)[1]] = True
    return found


def _arrivals_s(tour: _Tour, free: Sequence[tuple[str, float]], sites: Sites) -> Floats:
    """When each walker could be at each index of a tour, shape (walkers, visits)."""
    return np.array(
        [
            [at_s + min(sites.travel(here, site), FAR_S) for site in tour.team.tour]
            for here, at_s in free
        ]
    ).reshape(len(free), len(tour.team.tour))


def _shared_out(tours: Sequence[_Tour], reach_s: Sequence[Floats], walkers: int) -> list[list[int]]:
    """The walkers of each team: those by whom the latest site is least late, were they alone."""
    members: list[list[int]] = [[] for _ in tours]
    teams = [index for index, tour in enumerate(tours) for _ in range(tour.team.robots)]
    if not walkers:
        return members
    columns = []
    for tour, arrivals_s in zip(tours, reach_s, strict=True):
        visits = -(-len(tour.team.tour) // tour.team.robots)
        late_s = (arrivals_s + tour.late_s[:, visits - 1]).min(axis=1)
        columns += [late_s] * tour.team.robots
    cost_s = np.array(columns).T
    for walker, column in _matched(cost_s):
        members[teams[column]].append(walker)
    return members


def _placed(tour: _Tour, arrivals_s: Floats) -> tuple[tuple[int, ...], tuple[int, ...], float]:
    """Starts of a team, the start of each of its walkers, and how late its latest site is."""
    best: tuple[float, float] = (inf, inf)
    found: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
    for turn in range(len(tour.team.tour)):
        starts = tour.starts(turn)
        late_s = tour.late_from_s(starts)
        own: dict[int, int] = {}
        driven_s = 0.0
        if len(arrivals_s):
            cost_s = arrivals_s[:, starts] + late_s
            own = dict(_matched(cost_s))
            late_s = late_s.copy()
            for walker, slot in own.items():
                late_s[slot] = cost_s[walker, slot]
                driven_s += arrivals_s[walker, starts[slot]]
        this = (float(late_s.max()), driven_s)
        if this < best:
            best = this
            found = (starts, tuple(own[walker] for walker in range(len(arrivals_s))))
    return *found, best[0]


def _matched(cost_s: Floats) -> list[tuple[int, int]]:
    """Pairs of rows and columns whose greatest cost is least, and of such the least sum."""
    from scipy.optimize import linear_sum_assignment

    worst = np.unique(cost_s)
    low, high = 0, len(worst) - 1
    pairs = min(cost_s.shape)
    while low < high:
        middle = (low + high) // 2
        within = cost_s <= worst[middle]
        if int(within[linear_sum_assignment(within, maximize=True)].sum()) >= pairs:
            high = middle
        else:
            low = middle + 1
    dear = float(np.abs(cost_s[np.isfinite(cost_s)]).sum()) + 1.0
    rows, columns = linear_sum_assignment(np.where(cost_s <= worst[low], cost_s, dear))
    return list(zip(rows.tolist(), columns.tolist(), strict=True))
