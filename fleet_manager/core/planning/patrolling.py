"""Patrols while they run: the next stretch of a beat, spacing, and sites that others take over.

Pure functions of times and tours; `decisions.patrolling` turns what they find into tasks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite, log2

import numpy as np
import numpy.typing as npt

from fleet_manager.core.programme import Guest, TeamPlan

Floats = npt.NDArray[np.float64]
Travel = Callable[[str, str], float]
"""Seconds from one waypoint to another; infinite where no lanes lead."""

SHORTEST_STRETCH_S, LONGEST_STRETCH_S = 120.0, 600.0
BEYOND_AT_MOST = 3
"""Further sites that a stretch takes in so that it ends in a bay."""
URGENT_AT_MOST = 2
CANDIDATES = 4
"""Of so many next sites of the tour one is drawn."""
BIN_S = 10.0
"""Beginnings are told apart by so much."""
UNEVEN = 0.05
"""Gaps between robots that differ by less than this share are let be."""
TOGETHER_S = 1.0
MOST_HOLD_S = 600.0
STAY_S = 300.0
"""How long a robot that has one site alone stays there for each of its tasks."""


@dataclass(frozen=True, slots=True)
class Other:
    """Another robot of a team.

    Attributes:
        first: whether it goes first of two that are at the same place.
        at: index on the tour of the site that it goes to next.
        away_s: until it is there.
        left: sites of the stretch that it has.
    """

    first: bool
    at: int
    away_s: float
    left: frozenset[str]


@dataclass(frozen=True)
class Watch:
    """What the next stretch of a team depends on.

    Attributes:
        manned: robots that the team has now, at least 1.
        due_s: until when each site has to be visited, Unix seconds.
        promise_s: of each site.
        own_s: end of the last visit of each site by the programme itself.
        dwell_s: that a robot stays at a site.
        usable: whether a site can be visited now.
        is_bay: whether a robot may rest at a site.
        others: the other robots of the team.
    """

    team: TeamPlan
    index: int
    guests: tuple[Guest, ...]
    manned: int
    due_s: Mapping[str, float]
    promise_s: Mapping[str, float]
    own_s: Mapping[str, float | None]
    dwell_s: float
    travel: Travel
    usable: Callable[[str], bool]
    is_bay: Callable[[str], bool]
    others: tuple[Other, ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a beat's next task is to be.

    Attributes:
        next_at: index on the tour where the stretch after it begins.
        hold_s: it begins so much later.
        headway_s: how long ago its first site was visited by the programme; None: unknown.
        dwell_s: at each site.
        bits: Shannon entropy of what was drawn: order and beginning.
    """

    sites: tuple[str, ...]
    next_at: int
    hold_s: float
    headway_s: float | None
    dwell_s: float
    bits: float = 0.0


def round_from(
    team: TeamPlan, index: int, guests: Sequence[Guest], at: int
) -> list[tuple[str, int]]:
    """A round of a tour with its guests from an index on: sites with the own index they follow."""
    after: dict[int, list[str]] = {}
    for guest in guests:
        if guest.team == index:
            after.setdefault(guest.after, []).append(guest.waypoint)
    size = len(team.tour)
    found: list[tuple[str, int]] = []
    for own in [*range(at % size, size), *range(at % size)]:
        found.append((team.tour[own], own))
        found += [(guest, own) for guest in after.get(own, ())]
    return found


def round_s(
    team: TeamPlan, index: int, guests: Sequence[Guest], travel: Travel, dwell_s: float
) -> float:
    """How long a round takes with its guests; as planned where that is longer or there are none."""
    own = [guest for guest in guests if guest.team == index]
    if not own:
        return team.duration_s
    sites = [site for site, _ in round_from(team, index, own, 0)]
    around_s = sum(travel(here, there) for here, there in pairwise([*sites, sites[0]]))
    return max(team.duration_s, around_s + dwell_s * len(sites))


def next_stretch(
    watch: Watch, at: int, start: str | None, now_s: float, share: float, rng: np.random.Generator
) -> Stretch | None:
    """The next stretch of a beat that begins at an index of its tour; None: nothing can be visited.

    Order and beginning are drawn at random within a share of the slack, what lies between planned
    and promised idleness: each visit is early or late by a quarter of that at most, and what begins
    later adds up to half of it in a round, so that no gap grows by more than all of it.

    Args:
        start: where the robot is; None: not known yet.
        share: of the slack, 0 to 1.
        rng: of nothing else.
    """
    lap_s = round_s(watch.team, watch.index, watch.guests, watch.travel, watch.dwell_s)
    gap_s = lap_s / watch.manned
    nominal, next_at = _nominal(watch, at, gap_s)
    if not nominal:
        return None
    if lap_s <= 0.0 or len({*watch.team.tour}) == 1 == len(nominal):
        return Stretch((nominal[0],), next_at, 0.0, None, STAY_S)
    nominal = _with_urgent(watch, nominal, start, now_s)
    origin = nominal[0] if start is None else start
    headway_s = _headway_s(watch, nominal[0], now_s + watch.travel(origin, nominal[0]))
    when_s = _timetable_s(watch)
    spare_s = _spare_s(watch, at, origin, now_s, when_s)
    planned_s = min(watch.promise_s[site] for site in nominal) - gap_s
    slack_s = share * max(0.0, min(spare_s, planned_s))
    after = _after(watch, next_at, nominal)
    sites, bits = _drawn_order(watch, nominal, after, origin, slack_s / 4.0, rng)
    hold_s = 0.0
    if start is not None:  # one that comes from elsewhere is not expected at any time
        later_s = slack_s / 2.0 * min(1.0, _length_s(watch, origin, sites) / gap_s)
        bins = int(min(later_s, MOST_HOLD_S) / BIN_S)
        hold_s = BIN_S * int(rng.integers(bins + 1))
        bits += log2(bins + 1)
        away_s = watch.travel(origin, nominal[0])
        spacing_s = min(_spacing_s(watch, at, away_s, when_s), spare_s)
        hold_s = min(MOST_HOLD_S, max(0.0, hold_s, spacing_s))
    return Stretch(tuple(sites), next_at, hold_s, headway_s, watch.dwell_s, bits)


def _after(watch: Watch, at: int, nominal: Sequence[str]) -> str | None:
    """The first site of the tour behind a stretch; None: the stretch has them all."""
    around = round_from(watch.team, watch.index, watch.guests, at)
    return next((s for s, _ in around if s not in nominal and watch.usable(s)), None)


def _nominal(watch: Watch, at: int, gap_s: float) -> tuple[list[str], int]:
    """Sites in the tour's order from an index on, and the index after them."""
    wanted_s = min(max(gap_s / 2.0, SHORTEST_STRETCH_S), LONGEST_STRETCH_S)
    size = len(watch.team.tour)
    found: list[str] = []
    taken_s, beyond = 0.0, 0
    around = round_from(watch.team, watch.index, watch.guests, at)
    for site, own in around:
        begins = watch.team.tour[own] == site
        if begins and found and taken_s >= wanted_s:
            if watch.is_bay(found[-1]) or beyond >= BEYOND_AT_MOST:
                return found, own
            beyond += 1
        if watch.usable(site) and site not in found:
            before = found[-1] if found else site
            taken_s += watch.travel(before, site) + watch.dwell_s
            found.append(site)
    return found, at % size


def _with_urgent(watch: Watch, nominal: list[str], start: str | None, now_s: float) -> list[str]:
    """Guests that would be visited too late in the tour's order are put where it costs least."""
    eta_s = _etas_s(watch, nominal, start, now_s)
    later = [
        (watch.due_s[guest.waypoint], guest.waypoint)
        for guest in watch.guests
        if guest.team == watch.index and guest.waypoint not in nominal
    ]
    sites = list(nominal)
    for due_s, site in sorted(later)[:URGENT_AT_MOST]:
        if due_s < eta_s + watch.team.duration_s and watch.usable(site):
            sites.insert(_cheapest(sites, site, watch.travel)[0], site)
    return sites


def _etas_s(watch: Watch, sites: Sequence[str], start: str | None, now_s: float) -> float:
    return now_s + _length_s(watch, sites[0] if start is None else start, sites)


def _cheapest(sites: Sequence[str], site: str, travel: Travel) -> tuple[int, float]:
    """Where in an open sequence a site costs least, and what, seconds."""
    best = (len(sites), travel(sites[-1], site))
    for at, (here, there) in enumerate(pairwise(sites), start=1):
        extra_s = travel(here, site) + travel(site, there) - travel(here, there)
        if extra_s < best[1]:
            best = (at, extra_s)
    return best


def _arrivals_s(watch: Watch, origin: str, sites: Sequence[str]) -> list[float]:
    """Seconds until each site of a sequence is reached."""
    found, now_s, here = [], 0.0, origin
    for site in sites:
        now_s += watch.travel(here, site)
        found.append(now_s)
        now_s += watch.dwell_s
        here = site
    return found


def _length_s(watch: Watch, origin: str, sites: Sequence[str]) -> float:
    return _arrivals_s(watch, origin, sites)[-1] + watch.dwell_s


def _drawn_order(
    watch: Watch,
    nominal: list[str],
    after: str | None,
    origin: str,
    off_s: float,
    rng: np.random.Generator,
) -> tuple[list[str], float]:
    """An order in which no visit is more than `off_s` early or late, and the bits that it took.

    Site by site one is drawn of those after which all that is left can still be visited in time,
    in the tour's order; each is as likely. Where none can, the tour's order is kept.
    """
    if len(nominal) < 2 or off_s <= 0.0:
        return nominal, 0.0
    ends = nominal if after is None else [*nominal, after]
    when_s = dict(zip(ends, _arrivals_s(watch, origin, ends), strict=True))
    left, found, here, free_s, bits = list(nominal), list[str](), origin, 0.0, 0.0
    in_bay = watch.is_bay(nominal[-1])
    while left:
        options = []
        for site in left[:CANDIDATES]:
            rest = [each for each in left if each != site]
            if in_bay and not rest and not watch.is_bay(site):
                continue
            arrival_s = free_s + watch.travel(here, site)
            if arrival_s < when_s[site] - off_s:
                continue
            way = [site, *rest] if after is None else [site, *rest, after]
            arrivals = _arrivals_s(watch, here, way)
            in_time = zip(way, arrivals, strict=True)
            if all(free_s + at_s <= when_s[each] + off_s + 1e-6 for each, at_s in in_time):
                options.append(site)
        site = options[int(rng.integers(len(options)))] if options else left[0]
        bits += log2(max(1, len(options)))
        free_s += watch.travel(here, site) + watch.dwell_s
        left.remove(site)
        found.append(site)
        here = site
    return found, bits


def _headway_s(watch: Watch, first: str, arrival_s: float) -> float | None:
    """How long ago the site was visited that a stretch begins with, where that says something."""
    own_s = watch.own_s.get(first)
    if own_s is None or watch.team.tour.count(first) != 1:
        return None
    return arrival_s - own_s


def _timetable_s(watch: Watch) -> list[float]:
    """When a robot would be at each site of the tour, from its beginning on; its length last."""
    tour = watch.team.tour
    found = [0.0]
    for here, there in pairwise([*tour, tour[0]]):
        found.append(found[-1] + watch.dwell_s + watch.travel(here, there))
    return found


def _spare_s(
    watch: Watch,
    at: int,
    origin: str,
    now_s: float,
    when_s: Sequence[float],
) -> float:
    """How much later a robot could be at every site that it is the next to visit, seconds."""
    size = len(watch.team.tour)
    own = size
    for other in watch.others:
        ahead_s, behind_s = _apart_s(watch, at, 0.0, other, when_s)
        here = (other.at - at) % size
        own = min(own, here if here or ahead_s < behind_s else size)
    going = frozenset[str]().union(*(other.left for other in watch.others))
    found: list[str] = []
    for site, index in round_from(watch.team, watch.index, watch.guests, at):
        mine = (index - at) % size < own and site not in going
        if mine and site not in found and watch.usable(site):
            found.append(site)
    if not found:
        return when_s[-1]
    arrivals = _arrivals_s(watch, origin, found)
    return min(watch.due_s[s] - now_s - at_s for s, at_s in zip(found, arrivals, strict=True))


def _apart_s(
    watch: Watch, at: int, away_s: float, other: Other, when_s: Sequence[float]
) -> tuple[float, float]:
    """How far another robot is ahead and behind of one on the tour, in seconds of driving."""
    lap_s = when_s[-1]
    apart_s = (when_s[other.at] - other.away_s - when_s[at % len(watch.team.tour)] + away_s) % lap_s
    if min(apart_s, lap_s - apart_s) < TOGETHER_S:
        return (0.0, lap_s) if other.first else (lap_s, 0.0)
    return apart_s, lap_s - apart_s


def _spacing_s(watch: Watch, at: int, away_s: float, when_s: Sequence[float]) -> float:
    """How long a robot waits that is nearer to the one ahead than the next one is to it.

    Half of the difference, so that gaps even out by themselves, without a timetable (Daganzo and
    Pilachowski 2011).
    """
    if not watch.others or not isfinite(when_s[-1]) or not isfinite(away_s):
        return 0.0
    apart = [_apart_s(watch, at, away_s, other, when_s) for other in watch.others]
    ahead_s = min(ahead for ahead, _ in apart)
    behind_s = min(behind for _, behind in apart)
    if behind_s - ahead_s < UNEVEN * when_s[-1] / watch.manned:
        return 0.0
    return (behind_s - ahead_s) / 2.0


def widest_gap(size: int, taken: Sequence[int]) -> int:
    """The index in the middle of the longest part of a tour between indices that robots are at."""
    if not taken:
        return 0
    around = sorted({at % size for at in taken})
    gaps = [
        ((there - here) % size or size, -here) for here, there in pairwise([*around, around[0]])
    ]
    length, here = max(gaps)
    return (-here + length // 2) % size


def taken_over(
    teams: Sequence[TeamPlan],
    manned: Sequence[int],
    due_s: Mapping[str, float],
    promise_s: Mapping[str, float],
    dwell_s: float,
    travel: Travel,
) -> tuple[Guest, ...]:
    """Who visits the sites of teams without a robot; () where no team has one, or all have.

    The site that is due first is placed first, where the idleness of the team that takes it stays
    lowest against its promises; of several such places in a tour, at the least detour.

    Args:
        manned: robots that each team has now.
    """
    helped = {s for team, count in zip(teams, manned, strict=True) if count for s in team.tour}
    orphans = {s for team, count in zip(teams, manned, strict=True) if not count for s in team.tour}
    orphans -= helped
    if not helped or not orphans:
        return ()
    tours: dict[int, list[tuple[str, int]]] = {}
    laps: dict[int, float] = {}
    tightest: dict[int, float] = {}
    for index, team in enumerate(teams):
        if manned[index]:
            tours[index] = [(site, own) for own, site in enumerate(team.tour)]
            laps[index] = team.duration_s
            tightest[index] = min(promise_s[site] for site in team.tour)
    for site in sorted(orphans, key=lambda each: (due_s[each], each)):
        best = (inf, inf, -1, -1)
        for index, tour in tours.items():
            at, extra_s = _cheapest_in_round(tour, site, travel, dwell_s)
            strain = (laps[index] + extra_s) / manned[index]
            strain /= min(tightest[index], promise_s[site])
            best = min(best, (strain, extra_s, index, at))
        _, extra_s, index, at = best
        if index < 0 or extra_s == inf:
            continue
        tours[index].insert(at, (site, tours[index][at - 1][1]))
        laps[index] += extra_s
        tightest[index] = min(tightest[index], promise_s[site])
    own = {index: set(teams[index].tour) for index in tours}
    return tuple(
        Guest(site, index, after)
        for index, tour in tours.items()
        for site, after in tour
        if site not in own[index]
    )


def _cheapest_in_round(
    tour: Sequence[tuple[str, int]], site: str, travel: Travel, dwell_s: float
) -> tuple[int, float]:
    """Where in a closed tour a site costs least (the index it would have), and what, seconds."""
    best = (1, inf)
    around = [each for each, _ in tour]
    for at, (here, there) in enumerate(pairwise([*around, around[0]]), start=1):
        extra_s = travel(here, site) + travel(site, there) - travel(here, there) + dwell_s
        if extra_s < best[1]:
            best = (at, extra_s)
    return best


def nearest_first(travel_s: Floats) -> tuple[int, ...]:
    """A closed tour at once: always to the nearest site that has not been visited."""
    size = len(travel_s)
    left = np.ones(size, bool)
    tour = [0]
    left[0] = False
    while len(tour) < size:
        here = np.where(left, travel_s[tour[-1]], inf)
        tour.append(int(here.argmin()))
        left[tour[-1]] = False
    return tuple(tour)


def least_robots(travel_s: Floats, promises_s: Floats) -> int:
    """Proven: fewer robots cannot visit every site in time, whatever they do.

    k robots that visit n sites within any window of length P drive a forest of n - k edges at least
    in it, so that k P is not below the n - k shortest edges of a spanning tree (the window bound of
    `patrol.bounds` without its multipliers); for the sites of each promise and all shorter ones.
    """
    from scipy.sparse.csgraph import minimum_spanning_tree

    shortest = np.minimum(travel_s, travel_s.T)
    most = 1
    for promise_s in np.unique(promises_s):
        chosen = np.flatnonzero(promises_s <= promise_s)
        part = np.maximum(shortest[np.ix_(chosen, chosen)], 1e-9)
        edges = np.sort(minimum_spanning_tree(part).data)
        total_s = np.concatenate([[0.0], np.cumsum(edges)])
        for robots in range(1, len(chosen) + 1):
            if robots * promise_s >= total_s[len(chosen) - robots] - 1e-6:
                most = max(most, robots)
                break
    return most
