"""Patrols that cannot be foreseen: order and times are drawn, and the promise is kept all the same.

A plan's timetable is slowed down by some factor, which leaves gaps of g at most at a site that is
promised P. Each visit may then come early by up to P - g: two visits that follow each other, by
whichever robots, are never further apart than g + (P - g). So each robot by itself may see sites in
another order, and wait, as long as what it passes over is still seen by its time.

Which site is next, and after what wait, is drawn from a known distribution. Its Shannon entropy,
the mean over the visits of a seeded run, is what an observer cannot know of the next visit (site
and arrival, told apart by bins of time) who knows plan, generator and every visit before, but not
the seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count as counted
from math import inf, log2

import numpy as np
import numpy.typing as npt

from fleet_manager.core.planning.patrol.plan import Freedom, PatrolPlan, Team
from fleet_manager.core.planning.patrol.problem import PatrolProblem

Floats = npt.NDArray[np.float64]

BIN_S = 10.0
VISITS_MEASURED = 400
CANDIDATES = 6
_SLOWED = (0.15, 0.3, 0.5, 0.7)  # shares of the slack that slow the timetable down
_WAITED = 0.5  # of the time that is left, at most
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Due:
    """A visit that a robot has to make: not before, and not after."""

    site: int
    opens_s: float
    due_s: float


@dataclass(frozen=True, slots=True)
class Choice:
    """What may come next.

    Attributes:
        pending: which of the pending visits.
        arrive_s: the earliest that it can be.
        waits: how many bins it may be later, so that all that is pending is still in time.
    """

    pending: int
    arrive_s: float
    waits: int


def choices(
    problem: PatrolProblem, here: int, free_s: float, pending: Sequence[Due], bin_s: float = BIN_S
) -> tuple[Choice, ...]:
    """What a robot may do next so that no pending visit comes late.

    Args:
        here: the site it is at.
        free_s: when it may leave.
        pending: in the order of their times, a few more than are to be chosen from.

    Returns:
        Empty where the robot is late: then the first pending visit is the one to make.
    """
    found = []
    earlier = {here}  # to see a site for a later turn than its next would be no other order
    for index, due in enumerate(pending[:CANDIDATES]):
        if index > 0 and due.site in earlier:
            continue
        earlier.add(due.site)
        arrive_s = max(free_s + _way(problem, here, due.site), due.opens_s)
        spare_s = min(due.due_s - arrive_s, _spare(problem, pending, index, arrive_s))
        if spare_s >= -_ROUNDING:
            found.append(Choice(index, arrive_s, int(_WAITED * max(0.0, spare_s) / bin_s)))
    return tuple(found)


def drawn(
    options: Sequence[Choice], rng: np.random.Generator, bin_s: float = BIN_S
) -> tuple[Choice, float]:
    """One of the choices, each as likely, and when it arrives, each bin of time as likely."""
    choice = options[int(rng.integers(len(options)))]
    return choice, choice.arrive_s + bin_s * int(rng.integers(choice.waits + 1))


def entropy_bits(options: Sequence[Choice]) -> float:
    """Shannon entropy of what `drawn` draws."""
    if not options:
        return 0.0
    return log2(len(options)) + sum(log2(each.waits + 1) for each in options) / len(options)


def visits_of(
    problem: PatrolProblem,
    team: Team,
    freedom: Freedom,
    robot: int,
    rng: np.random.Generator,
) -> Iterator[tuple[int, float, float]]:
    """Visits of one robot of a team without end: site, arrival in seconds, bits of the draw."""
    ahead = _timetable(team, freedom, robot)
    first = next(ahead)
    here, free_s = first.site, first.due_s + problem.sites[first.site].dwell_s
    yield first.site, first.due_s, 0.0
    pending = [next(ahead) for _ in range(CANDIDATES + 2)]
    while True:
        options = choices(problem, here, free_s, pending, freedom.bin_s)
        if options:
            choice, arrive_s = drawn(options, rng, freedom.bin_s)
            due = pending.pop(choice.pending)
        else:
            due = pending.pop(0)
            arrive_s = max(free_s + _way(problem, here, due.site), due.opens_s)
        pending.append(next(ahead))
        yield due.site, arrive_s, entropy_bits(options)
        here, free_s = due.site, arrive_s + problem.sites[due.site].dwell_s


def with_freedom(
    problem: PatrolProblem, plan: PatrolPlan, seed: int = 1, bin_s: float = BIN_S
) -> PatrolPlan:
    """The plan with how each team's patrol is made unpredictable, and by how many bits a visit.

    A team keeps its timetable where it has no slack: where nothing is promised, or no more than
    the plan just keeps. Of a few factors to slow down by, the one with most bits is taken.
    """
    return replace(
        plan, freedom=tuple(_freedom(problem, plan, team, seed, bin_s) for team in plan.teams)
    )


def _freedom(
    problem: PatrolProblem, plan: PatrolPlan, team: Team, seed: int, bin_s: float
) -> Freedom:
    sites = sorted(team.sites)
    gaps_s = np.array([plan.idleness_s[site] for site in sites])
    promises_s = np.array([plan.promises_s[site] for site in sites])
    slack = float(min(promises_s / np.maximum(gaps_s, _ROUNDING)))
    still = Freedom(1.0, bin_s, (0.0,) * len(plan.waypoints), 0.0)
    if team.duration_s <= 0.0 or slack <= 1.0 or slack == inf:
        return still
    promises_s = np.minimum(promises_s, promises_s[np.isfinite(promises_s)].max())
    best = still
    for share in _SLOWED:
        slower = 1.0 + share * (slack - 1.0)
        early_s = np.zeros(len(plan.waypoints))
        early_s[sites] = np.maximum(0.0, promises_s - slower * gaps_s)
        freedom = Freedom(slower, bin_s, tuple(early_s.tolist()), 0.0)
        bits = _measured_bits(problem, team, freedom, np.random.default_rng(seed))
        if bits > best.bits_per_visit:
            best = replace(freedom, bits_per_visit=bits)
    return best


def _measured_bits(
    problem: PatrolProblem, team: Team, freedom: Freedom, rng: np.random.Generator
) -> float:
    """Mean entropy of a visit in a run of the team's first robot."""
    run = visits_of(problem, team, freedom, 0, rng)
    next(run)
    return sum(next(run)[2] for _ in range(VISITS_MEASURED)) / VISITS_MEASURED


def _timetable(team: Team, freedom: Freedom, robot: int) -> Iterator[Due]:
    """What a robot has to visit from time 0 on, by the slowed timetable, without end."""
    offset_s = team.offsets_s[robot] % team.duration_s
    begin = next((at for at, v in enumerate(team.visits) if v.at_s >= offset_s - _ROUNDING), None)
    skipped = len(team.visits) if begin is None else begin
    for number in counted(skipped):
        turn, at = divmod(number, len(team.visits))
        visit = team.visits[at]
        due_s = freedom.slower * (visit.at_s + turn * team.duration_s - offset_s)
        yield Due(visit.site, due_s - freedom.early_s[visit.site], due_s)


def _spare(problem: PatrolProblem, pending: Sequence[Due], taken: int, arrive_s: float) -> float:
    """How much later one pending visit may be so that the others, in their order, are in time.

    Once what was passed over is made up for and the timetable's order is met again in time, it is
    kept from there on.
    """
    here = pending[taken].site
    now_s, spare_s = arrive_s + problem.sites[here].dwell_s, inf
    for index, due in enumerate(pending[: taken + 2]):
        if index == taken:
            continue
        now_s = max(now_s + _way(problem, here, due.site), due.opens_s)
        spare_s = min(spare_s, due.due_s - now_s)
        here = due.site
        now_s += problem.sites[here].dwell_s
    return spare_s


def _way(problem: PatrolProblem, here: int, there: int) -> float:
    return float(problem.travel_s[here, there])
