"""A patrol plan: teams on cycles of visits, and how long each site is without a visit under it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import inf
from operator import mul
from typing import Any

import numpy as np
import numpy.typing as npt

from fleet_manager.core.planning.patrol.bounds import Bound
from fleet_manager.core.planning.patrol.problem import PatrolProblem

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Visit:
    """A robot's arrival at a site: the site's index, seconds after the cycle's start."""

    site: int
    at_s: float


@dataclass(frozen=True, slots=True)
class Team:
    """Robots that repeat one cycle of visits, each from another place of it.

    At time t robot i is `(offsets_s[i] + t) mod duration_s` into the cycle. Between visits it
    drives the shortest way and waits, if there is time, before it leaves.

    Attributes:
        visits: in the order of time; a site may come more than once.
        duration_s: of the cycle; 0 for a robot that stays at its only site.
    """

    visits: tuple[Visit, ...]
    duration_s: float
    offsets_s: tuple[float, ...]

    @property
    def robots(self) -> int:
        """How many robots share the cycle."""
        return len(self.offsets_s)

    @property
    def sites(self) -> frozenset[int]:
        """Indices of the sites that are visited."""
        return frozenset(visit.site for visit in self.visits)


@dataclass(frozen=True, slots=True)
class Freedom:
    """How a team's patrol is made unpredictable (`unpredictable`).

    Attributes:
        slower: the timetable is slowed down by this factor.
        bin_s: arrivals that differ by less count as the same.
        early_s: how much earlier than in the slowed timetable each site may be visited, by site.
        bits_per_visit: Shannon entropy of the next site and arrival, knowing all before but the
            seed.
    """

    slower: float
    bin_s: float
    early_s: tuple[float, ...]
    bits_per_visit: float


@dataclass(frozen=True, eq=False)
class PatrolPlan:
    """A plan for a number of robots, with what can be proven about it.

    Attributes:
        waypoints: ids of the problem's sites, by index.
        teams: whose robots patrol at the same time.
        robots: how many the plan is for.
        relief: of these, robots that charge while the others patrol.
        weights: of the sites in the hour that was planned for.
        idleness_s: the longest time without a visit, by site.
        average_idleness_s: average graph idleness, the mean over sites of sum(gap^2) / (2 time).
        bound: no plan has a worst weighted idleness below.
        method: how the plan was found.
        freedom: of each team; empty: robots keep to the timetable.
    """

    kind: str
    waypoints: tuple[str, ...]
    teams: tuple[Team, ...]
    robots: int
    relief: int
    weights: tuple[float, ...]
    promises_s: tuple[float, ...]
    idleness_s: tuple[float, ...]
    average_idleness_s: float
    bound: Bound
    method: str
    freedom: tuple[Freedom, ...] = ()

    @property
    def worst_weighted_idleness_s(self) -> float:
        """The greatest weight times time without a visit."""
        return max(w * gap for w, gap in zip(self.weights, self.idleness_s, strict=True))

    @property
    def gap(self) -> float:
        """How far the plan is above the bound at most, as a share of the bound."""
        worst_s, bound_s = self.worst_weighted_idleness_s, self.bound.value_s
        if worst_s <= bound_s:
            return 0.0
        return worst_s / bound_s - 1.0 if bound_s > 0.0 else inf

    @cached_property
    def worst_with_one_lost_s(self) -> float:
        """The worst weighted idleness if any one robot is lost and the others drive on as they do.

        Infinite where a team is one robot: its sites must be taken over. Once the others have
        closed up it is less, by the number of robots over one less on a tour.
        """
        worst_s = self.worst_weighted_idleness_s
        for team in self.teams:
            for lost in range(team.robots):
                left = team.offsets_s[:lost] + team.offsets_s[lost + 1 :]
                if not left:
                    return inf
                gaps_s, _ = gaps_of((replace(team, offsets_s=left),), len(self.waypoints))
                for site in team.sites:
                    worst_s = max(worst_s, self.weights[site] * float(gaps_s[site]))
        return worst_s

    @property
    def broken(self) -> tuple[int, ...]:
        """Sites whose promise the plan does not keep."""
        found = enumerate(zip(self.idleness_s, self.promises_s, strict=True))
        return tuple(site for site, (gap, promise) in found if gap > promise * (1.0 + 1e-9))

    @property
    def bits_per_visit(self) -> float:
        """Entropy of a visit, the mean over all visits of all teams; 0: known in advance."""
        if not self.freedom:
            return 0.0
        visits = [
            team.robots * len(team.visits) / (team.duration_s * freedom.slower)
            if team.duration_s > 0.0
            else 0.0
            for team, freedom in zip(self.teams, self.freedom, strict=True)
        ]  # a second
        bits = [freedom.bits_per_visit for freedom in self.freedom]
        return sum(map(mul, visits, bits)) / sum(visits) if any(visits) else 0.0

    def as_json(self) -> dict[str, Any]:
        """The plan for JSON: sites by their waypoints, infinite numbers as null."""
        freedoms: tuple[Freedom | None, ...] = self.freedom or (None,) * len(self.teams)
        return {
            "kind": self.kind,
            "robots": self.robots,
            "relief": self.relief,
            "method": self.method,
            "worst_weighted_idleness_s": self.worst_weighted_idleness_s,
            "worst_idleness_s": max(self.idleness_s),
            "average_idleness_s": self.average_idleness_s,
            "bound_s": self.bound.value_s,
            "bound": self.bound.name,
            "gap": _finite(self.gap),
            "worst_with_one_lost_s": _finite(self.worst_with_one_lost_s),
            "promises_kept": not self.broken,
            "bits_per_visit": self.bits_per_visit,
            "sites": [
                {
                    "waypoint": waypoint,
                    "weight": weight,
                    "promise_s": _finite(promise_s),
                    "idleness_s": gap_s,
                }
                for waypoint, weight, promise_s, gap_s in zip(
                    self.waypoints, self.weights, self.promises_s, self.idleness_s, strict=True
                )
            ],
            "teams": [
                {
                    "robots": team.robots,
                    "duration_s": team.duration_s,
                    "offsets_s": list(team.offsets_s),
                    "freedom": None if freedom is None else _freedom_json(freedom),
                    "visits": [
                        {"waypoint": self.waypoints[visit.site], "at_s": visit.at_s}
                        for visit in team.visits
                    ],
                }
                for team, freedom in zip(self.teams, freedoms, strict=True)
            ],
        }


def teams_from_json(value: Mapping[str, Any]) -> tuple[Team, ...]:
    """The teams of a plan from what `PatrolPlan.as_json` gives."""
    index = {str(site["waypoint"]): at for at, site in enumerate(value["sites"])}
    return tuple(
        Team(
            tuple(Visit(index[each["waypoint"]], float(each["at_s"])) for each in team["visits"]),
            float(team["duration_s"]),
            tuple(float(each) for each in team["offsets_s"]),
        )
        for team in value["teams"]
    )


def spaced_team(problem: PatrolProblem, order: Sequence[int], robots: int) -> Team:
    """A team whose robots are evenly spaced in time on a closed tour, without waiting."""
    stays_s = problem.dwell_s
    if len(order) == 1:
        return Team((Visit(int(order[0]), 0.0),), 0.0, (0.0,) * robots)
    visits, now_s = [], 0.0
    for here, there in pairwise((*order, order[0])):
        visits.append(Visit(int(here), now_s))
        now_s += float(stays_s[here] + problem.travel_s[here, there])
    return Team(tuple(visits), now_s, tuple(now_s * each / robots for each in range(robots)))


def gaps_of(teams: Sequence[Team], size: int) -> tuple[Floats, Floats]:
    """The longest gap between visits of each site, and sum(gap^2) / (2 time), seconds.

    Visits of different teams to one site are not added up, as their cycles keep no common time:
    the better team counts. A site that nobody visits has infinite gaps.
    """
    worst_s = np.full(size, inf)
    mean_s = np.full(size, inf)
    for team in teams:
        times: dict[int, list[float]] = {}
        for visit in team.visits:
            # Robot i is there at at_s - offset_i, once a cycle.
            seen = (visit.at_s - offset for offset in team.offsets_s)
            times.setdefault(visit.site, []).extend(seen)
        for site, when in times.items():
            if team.duration_s <= 0.0:
                worst_s[site] = mean_s[site] = 0.0
                continue
            at_s = np.sort(np.mod(when, team.duration_s))
            gaps_s = np.diff(at_s, append=at_s[0] + team.duration_s)
            worst_s[site] = min(worst_s[site], float(gaps_s.max()))
            mean_s[site] = min(mean_s[site], float((gaps_s**2).sum() / (2.0 * team.duration_s)))
    return worst_s, mean_s


def _freedom_json(freedom: Freedom) -> dict[str, Any]:
    return {
        "slower": freedom.slower,
        "bin_s": freedom.bin_s,
        "bits_per_visit": freedom.bits_per_visit,
    }


def _finite(value: float) -> float | None:
    return value if value < inf else None
