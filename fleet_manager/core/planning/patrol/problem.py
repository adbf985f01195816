"""What is to be patrolled: sites with weights and promises, and the times to drive between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from fleet_manager.core.config import KindSpec, Policy
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.planning.routes import Routes

Floats = npt.NDArray[np.float64]

HOURS = 24
SLOWER = 1.25
"""Turns, starts and stops: driving takes this much longer than at full speed."""


class CannotPatrol(CampusFleetError):
    """A patrol that contradicts itself or the map.

    Attributes:
        sites: ids of the waypoints that are to blame.
    """

    def __init__(self, message: str, remedy: str, sites: Iterable[str] = ()) -> None:
        super().__init__(message, remedy)
        self.sites = tuple(sites)


@dataclass(frozen=True, slots=True)
class PatrolSite:
    """A place to be seen again and again.

    Attributes:
        waypoint: id of the waypoint where a robot sees it.
        weight: how much a second without a visit counts; greater than 0.
        weights_by_hour: for each hour of the day what counts instead, at least 0; empty: always
            `weight`.
        promise_s: it is never longer without a visit; infinite: nothing is promised.
        dwell_s: how long a robot stays.
    """

    waypoint: str
    weight: float = 1.0
    weights_by_hour: tuple[float, ...] = ()
    promise_s: float = inf
    dwell_s: float = 0.0

    def weight_at(self, hour: int | None = None) -> float:
        """The weight in an hour of the day (0 to 23); None: the greatest of the day."""
        if not self.weights_by_hour:
            return self.weight
        return max(self.weights_by_hour) if hour is None else self.weights_by_hour[hour]


@dataclass(frozen=True, eq=False)
class PatrolProblem:
    """Sites and the times between them for one kind of robot. Robots are not part of it.

    Attributes:
        travel_s: from site to site, shape (n, n), zero diagonal, closed under shortest ways; where
            lanes are one-way, the directions differ.
        kind: of robot.
        availability: share of its time that a robot can patrol; the rest it charges.
        pause_s: how long a robot that has nobody to relieve it is away to charge.
    """

    sites: tuple[PatrolSite, ...]
    travel_s: Floats
    kind: str = ""
    availability: float = 1.0
    pause_s: float = 0.0

    def __post_init__(self) -> None:
        _check_sites(self.sites)
        size = len(self.sites)
        if self.travel_s.shape != (size, size):
            raise CannotPatrol(
                f"{size} sites with times of shape {self.travel_s.shape}",
                "give a row and a column for each site",
            )
        if np.isnan(self.travel_s).any() or self.travel_s.min() < 0.0:
            raise CannotPatrol("times to drive are below 0 or no numbers", "correct the times")
        _check_reach(self.waypoints, self.travel_s)
        if not 0.0 < self.availability <= 1.0:
            raise CannotPatrol(
                f"robots that are available for {self.availability:g} of their time",
                "the share must be above 0 and at most 1: see battery and chargers of the kind",
            )

    @property
    def waypoints(self) -> tuple[str, ...]:
        """Ids of the sites' waypoints."""
        return tuple(site.waypoint for site in self.sites)

    @property
    def dwell_s(self) -> Floats:
        """How long a robot stays at each site, shape (n,)."""
        return np.array([site.dwell_s for site in self.sites])

    @property
    def promises_s(self) -> Floats:
        """What each site is promised, shape (n,); infinite: nothing."""
        return np.array([site.promise_s for site in self.sites])

    def weights(self, hour: int | None = None) -> Floats:
        """Weights in an hour of the day (None: the greatest of the day), the least 1, shape (n,).

        A site that weighs nothing in the hour is still seen now and then: it counts as a hundredth
        of the heaviest.
        """
        if hour is not None and not 0 <= hour < HOURS:
            raise CannotPatrol(f"there is no hour {hour}", "hours of the day are 0 to 23")
        found = np.array([site.weight_at(hour) for site in self.sites])
        if found.max() <= 0.0:
            return np.ones(len(found))
        found = np.maximum(found, found.max() / 100.0)
        weights: Floats = found / found.min()
        return weights


def problem_on(
    routes: Routes,
    sites: Sequence[PatrolSite],
    availability: float = 1.0,
    pause_s: float = 0.0,
    slower: float = SLOWER,
) -> PatrolProblem:
    """The problem of patrolling sites of a campus.

    Args:
        routes: of the kind of robot that patrols, with what is closed.
        slower: what driving takes, as a multiple of the time at full speed.

    Raises:
        CannotPatrol: a site is not on the map or cannot be reached, comes twice, or has a weight,
            promise or stay that cannot be.
    """
    _check_sites(sites)
    ids = [site.waypoint for site in sites]
    unknown = [each for each in ids if each not in routes.arrays.nodes]
    if unknown:
        raise CannotPatrol(
            f"not on the map of {routes.campus.name}: {_listed(unknown)}",
            "choose waypoints of the map; `fleet map info` lists its places",
            unknown,
        )
    travel_s = routes.distances_s(ids, ids).astype(np.float64) * slower
    np.fill_diagonal(travel_s, 0.0)
    return PatrolProblem(tuple(sites), travel_s, routes.kind.name, availability, pause_s)


def duty_of(kind: KindSpec, policy: Policy, way_s: float = 0.0) -> tuple[float, float]:
    """Share of its time that a robot can patrol, and how long it is away to charge, seconds.

    Args:
        way_s: to the dock and back.
    """
    battery = kind.battery
    usable_wh = (policy.charge_to - policy.charge_below) * battery.capacity_wh
    drawn_w = battery.idle_w + battery.drive_w_per_mps * kind.max_speed_mps / SLOWER
    patrol_s = 3600.0 * usable_wh / drawn_w
    away_s = 3600.0 * usable_wh / battery.charge_w + way_s
    return patrol_s / (patrol_s + away_s), away_s


def site_from_json(value: Mapping[str, Any]) -> PatrolSite:
    """A site from what `site_to_json` gives; what is left out has its usual value."""
    promise_s = value.get("promise_s")
    return PatrolSite(
        waypoint=str(value["waypoint"]),
        weight=float(value.get("weight", 1.0)),
        weights_by_hour=tuple(float(each) for each in value.get("weights_by_hour", ())),
        promise_s=inf if promise_s is None else float(promise_s),
        dwell_s=float(value.get("dwell_s", 0.0)),
    )


def site_to_json(site: PatrolSite) -> dict[str, Any]:
    """A site for JSON; a promise of nothing is null."""
    return {
        "waypoint": site.waypoint,
        "weight": site.weight,
        "weights_by_hour": list(site.weights_by_hour),
        "promise_s": site.promise_s if isfinite(site.promise_s) else None,
        "dwell_s": site.dwell_s,
    }


def _check_sites(sites: Sequence[PatrolSite]) -> None:
    if not sites:
        raise CannotPatrol("a patrol without sites", "name at least one site")
    counts = Counter(each.waypoint for each in sites)
    twice = [each for each, count in counts.items() if count > 1]
    if twice:
        raise CannotPatrol(f"named more than once: {_listed(twice)}", "name each once", twice)
    hours = [s.waypoint for s in sites if len(s.weights_by_hour) not in {0, HOURS}]
    if hours:
        raise CannotPatrol(
            f"weights by hour that are not {HOURS}: {_listed(hours)}",
            "give a weight for each hour from 0 to 23",
            hours,
        )
    for what, remedy, wrong in _CANNOT_BE:
        blamed = [site.waypoint for site in sites if wrong(site)]
        if blamed:
            raise CannotPatrol(f"a {what} that cannot be: {_listed(blamed)}", remedy, blamed)


_CANNOT_BE: tuple[tuple[str, str, Callable[[PatrolSite], bool]], ...] = (
    (
        "weight",
        "weights are numbers above 0, by hour 0 at least; leave out what need not be seen",
        lambda site: (
            not 0.0 < site.weight < inf
            or not all(0.0 <= each < inf for each in site.weights_by_hour)
        ),
    ),
    (
        "promised idleness",
        "promises are times above 0 s",
        lambda site: not site.promise_s > 0.0,
    ),
    ("stay", "stays are times of at least 0 s", lambda site: not 0.0 <= site.dwell_s < inf),
)


def _check_reach(waypoints: Sequence[str], travel_s: Floats) -> None:
    """All sites can be reached from all others; blames those outside the largest such group."""
    from scipy.sparse.csgraph import connected_components

    reached = np.isfinite(travel_s)
    if reached.all():
        return
    _, group = connected_components(reached, connection="strong")
    largest = np.bincount(group).argmax()
    apart = [waypoints[each] for each in np.flatnonzero(group != largest).tolist()]
    raise CannotPatrol(
        f"no lanes lead there and back from the other sites: {_listed(apart)}",
        "open closed lanes, or leave these sites to another patrol or kind of robot",
        apart,
    )


def _listed(ids: Sequence[str], shown: int = 8) -> str:
    more = len(ids) - shown
    return ", ".join(ids[:shown]) + (f" and {more} more" if more > 0 else "")
