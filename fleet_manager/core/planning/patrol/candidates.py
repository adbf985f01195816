"""Candidate plans of every sort for robots that all patrol at once; the caller chooses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import gcd

import numpy as np
import numpy.typing as npt

from fleet_manager.core.planning.patrol.plan import Team, Visit, gaps_of, spaced_team
from fleet_manager.core.planning.patrol.problem import PatrolProblem
from fleet_manager.core.planning.patrol.rounds import ROUNDS, every, team_of_rounds
from fleet_manager.core.planning.patrol.teams import Split, annealed, cut
from fleet_manager.core.planning.patrol.timetable import timed
from fleet_manager.core.planning.patrol.tours import shortest_tour, tour_length

Floats = npt.NDArray[np.float64]
Candidate = tuple[str, tuple[Team, ...]]

_REBALANCED = 3
_TEAM_COUNTS = (2, 3, 4)
_HEATS = (0.01, 0.05)
_TOURS_SHARE = 40  # an annealing's iterations for each of a tour's
_LARGE = 120  # sites from which on fewer annealings are tried


@dataclass(frozen=True)
class Candidates:
    """Plans for a problem under some weights.

    Attributes:
        weights: shape (n,).
        robots: that patrol at once, fewer than sites.
        iterations: moves of each annealing.
    """

    problem: PatrolProblem
    weights: Floats
    robots: int
    iterations: int
    seed: int

    def all(self) -> Iterator[Candidate]:
        """Every candidate, the quickest to find first."""
        if self.robots >= len(self.weights):
            yield "a robot at each site", self._posts()
            return
        yield "one tour", (self._spaced(self.tour, self.robots),)
        for start in self._starts():
            for heat in self._heats():
                split = annealed(
                    self.times, self.weights, start, self.iterations, self.seed, hot=heat
                )
                yield "teams on tours", self._teams(split)
        for rounds in ROUNDS:
            if self._worth(rounds):
                for crews in self._crews(rounds):
                    yield f"teams in {rounds} rounds", self._in_rounds(rounds, crews)

    @property
    def count(self) -> int:
        """How many candidates there are."""
        if self.robots >= len(self.weights):
            return 1
        rounds = [each for each in ROUNDS if self._worth(each)]
        annealings = len(self._starts()) * len(self._heats())
        return 1 + annealings + sum(len(self._crews(each)) for each in rounds)

    @cached_property
    def times(self) -> Floats:
        """Ways with half of the stays at their ends, so that tours add up to their duration."""
        stays = self.problem.dwell_s
        found: Floats = self.problem.travel_s + (stays[:, None] + stays[None]) / 2.0
        np.fill_diagonal(found, 0.0)
        return found

    @cached_property
    def tour(self) -> tuple[int, ...]:
        """A short closed tour through all sites."""
        return shortest_tour(self.times, self.iterations // _TOURS_SHARE, self.seed)

    def by_weight_teams(self) -> tuple[Team, ...]:
        """A team on a tour for each weight; none where weights are many, or all are equal."""
        return self._teams(self._by_weight())

    def _posts(self) -> tuple[Team, ...]:
        return tuple(Team((Visit(site, 0.0),), 0.0, (0.0,)) for site in range(len(self.weights)))

    def _heats(self) -> tuple[float, ...]:
        return _HEATS if len(self.weights) < _LARGE else _HEATS[:1]

    def _starts(self) -> list[Split]:
        """Teams to begin with: the tour in pieces; and a team for each weight."""
        if self.robots == 1:
            return []
        counts = [each for each in _TEAM_COUNTS if each <= self.robots]
        if len(self.weights) >= _LARGE:
            counts = counts[-1:]
        if self.robots not in counts:
            counts.append(self.robots)
        found = [cut(self.times, self.tour, _even(self.robots, each)) for each in counts]
        by_weight = self._by_weight()
        return [*found, by_weight] if by_weight else found

    def _by_weight(self) -> Split:
        """A team for each weight, where there are a few; robots as weight times length asks."""
        classes = np.unique(self.weights)
        if not 1 < len(classes) <= self.robots:
            return ()
        orders, needs = [], []
        for weight in classes:
            sites = np.flatnonzero(self.weights == weight)
            part = self.times[np.ix_(sites, sites)]
            tour = shortest_tour(part, self.iterations // _TOURS_SHARE, self.seed)
            orders.append(tuple(sites[list(tour)].tolist()))
            needs.append(weight * tour_length(part, tour) + 1e-9)
        crews = [1] * len(classes)
        for _ in range(self.robots - len(classes)):
            short = max(range(len(crews)), key=lambda each: needs[each] / crews[each])
            crews[short] += 1
        return tuple(zip(orders, crews, strict=True))

    def _teams(self, split: Split) -> tuple[Team, ...]:
        """Teams on the shortest tours that are found for them."""
        return tuple(self._spaced(self._shortened(order), crew) for order, crew in split)

    def _shortened(self, order: Sequence[int]) -> tuple[int, ...]:
        part = self.times[np.ix_(order, order)]
        tour = shortest_tour(part, self.iterations // _TOURS_SHARE, self.seed)
        if tour_length(part, tour) >= tour_length(part, range(len(order))):
            return tuple(order)
        return tuple(order[each] for each in tour)

    def _spaced(self, order: Sequence[int], crew: int) -> Team:
        """Evenly spaced on a tour, in its quicker direction."""
        there, back = (spaced_team(self.problem, each, crew) for each in (order, order[::-1]))
        return min((there, back), key=lambda team: team.duration_s)

    def _worth(self, rounds: int) -> bool:
        """Whether so many rounds serve these weights other than fewer do."""
        skips = every(self.weights, rounds)
        fewer = [each for each in ROUNDS if each < rounds]
        return bool(skips.max() > 1) and not any(
            np.array_equal(skips, every(self.weights, each)) for each in fewer
        )

    def _crews(self, rounds: int) -> list[tuple[int, ...]]:
        """Sizes of teams that share rounds evenly: without a common divisor with them."""
        whole: list[tuple[int, ...]] = [(self.robots,)]
        if self.robots < 4:
            return whole
        pairs = [
            (each, self.robots - each) for each in range(self.robots // 3, self.robots // 2 + 1)
        ]
        even = [pair for pair in pairs if all(gcd(each, rounds) == 1 for each in pair)]
        return [
            *(whole if gcd(self.robots, rounds) == 1 or not even else []),
            *even[:1],
            *even[1:][-1:],
        ]

    def _in_rounds(self, rounds: int, crews: tuple[int, ...]) -> tuple[Team, ...]:
        """Teams in rounds on pieces of the tour that are cut anew until none is much worse."""
        shares = [float(each) for each in crews]
        best: tuple[Team, ...] = ()
        best_s = np.inf
        for _ in range(_REBALANCED if len(crews) > 1 else 1):
            teams = tuple(
                self._round_team(order, crew, rounds)
                for order, crew in cut(self.times, self.tour, crews, shares)
            )
            values = [self._value(team) for team in teams]
            if max(values) < best_s:
                best, best_s = teams, max(values)
            shares = [share / max(value, 1e-9) for share, value in zip(shares, values, strict=True)]
        return best

    def _round_team(self, order: Sequence[int], crew: int, rounds: int) -> Team:
        tour = self._shortened(order)
        team = team_of_rounds(self.problem, self.weights, tour, crew, rounds)
        return timed(self.problem, self.weights, team) if team else self._spaced(tour, crew)

    def _value(self, team: Team) -> float:
        worst_s, _ = gaps_of((team,), len(self.weights))
        sites = sorted(team.sites)
        return float((worst_s[sites] * self.weights[sites]).max())


def _even(robots: int, teams: int) -> tuple[int, ...]:
    return tuple(robots // teams + (each < robots % teams) for each in range(teams))
