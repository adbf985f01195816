"""What a campus is asked for and what goes wrong on it, drawn from streams of their own.

Each stream depends on the seed and on what it is for, never on what the fleet does, so that two
scenarios with one seed meet the same world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from shapely.geometry import Point

from fleet_manager.core.campus import Campus, Role, Zone, ZonePurpose
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.scenario import DAY_S, HOUR_S, Mishap, Scenario

PLACES_A_PATROL = 6
ASSETS_A_ROUND = 5
SPILL_RADIUS_M = 2.0
USUAL_PATROL_S = 7200.0
"""Where a map promises nothing: places are patrolled once in so long."""
JITTER = 0.1
"""Patrols are asked for up to this part of their period late."""
MOST_LIKELY = {"intruder": 0.3, "fall": 0.2, "blocked_exit": 0.3, "smoke": 0.2}
"""Kinds of incidents, with how likely each is."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A task that somebody asks for."""

    time_s: float
    category: str
    description: dict[str, Any]
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Trouble:
    """An incident somewhere, to which a robot is sent."""

    time_s: float
    kind: str
    place: str


@dataclass(frozen=True, slots=True)
class Spell:
    """Something that happens to a robot from then on, for a while."""

    time_s: float
    robot: str
    what: str
    for_s: float


def stream(seed: int, *purpose: str) -> Random:
    """Random numbers for one purpose."""
    return Random(f"{seed}/{'/'.join(purpose)}")


def requests(
    campus: Campus, fleet: FleetConfig, scenario: Scenario, seed: int, start_s: float, end_s: float
) -> list[Asked]:
    """What people ask for, in its order; what no kind of robot can do is not asked for."""
    asked = scenario.requests
    skills = frozenset().union(*(fleet.kind_of(name).skills for name in fleet.robots))
    usual = _Usual(campus)

    def rate(given: float | None, otherwise: float) -> float:
        return otherwise if given is None else given

    sources: list[tuple[str, str, float, Callable[[Random], dict[str, Any] | None]]] = [
        ("patrol", "patrol", rate(asked.patrols_per_hour, 0.0), usual.patrol),
        ("clean", "clean", rate(asked.cleanings_per_hour, usual.cleanings_per_hour), usual.clean),
        (
            "inspect",
            "inspect",
            rate(asked.inspections_per_hour, usual.inspections_per_hour),
            usual.inspect,
        ),
        ("spot_clean", "clean", asked.spills_per_hour, usual.spill),
        ("go_to", "go_to", asked.visits_per_hour, usual.visit),
    ]
    found: list[Asked] = []
    for category, skill, per_hour, draw in sources:
        rng = stream(seed, "requests", category)
        for time_s in _arrivals(rng, per_hour, start_s, end_s):
            description = draw(rng)
            if description is not None and skill in skills:
                found.append(Asked(time_s, category, description))
    if asked.patrols_per_hour is None and not scenario.programmes and "patrol" in skills:
        found += usual.patrols(seed, start_s, end_s)
    for timed in scenario.tasks:
        time_s = start_s + timed.at_h * HOUR_S
        found.append(Asked(time_s, timed.category, dict(timed.description), timed.priority))
    return sorted(found, key=lambda each: each.time_s)


def troubles(
    campus: Campus, fleet: FleetConfig, scenario: Scenario, seed: int, start_s: float, end_s: float
) -> list[Trouble]:
    """Incidents, in their order; none where no robot can respond."""
    able = any("respond" in fleet.kind_of(name).skills for name in fleet.robots)
    places = _places(campus)
    if not able or not places:
        return []
    rng = stream(seed, "incidents")
    kinds, weights = list(MOST_LIKELY), list(MOST_LIKELY.values())
    return [
        Trouble(time_s, rng.choices(kinds, weights)[0], rng.choice(places))
        for time_s in _arrivals(rng, scenario.incidents.per_day / 24.0, start_s, end_s)
    ]


def spells(
    scenario: Scenario, robots: Iterable[str], seed: int, start_s: float, end_s: float
) -> list[Spell]:
    """What happens to robots, in its order."""
    mishaps = scenario.mishaps
    found = [
        spell
        for robot in robots
        for what in ("stops", "slow", "silent", "reboots")
        for spell in _spells(getattr(mishaps, what), robot, what, seed, start_s, end_s)
    ]
    return sorted(found, key=lambda each: each.time_s)


def consumption(scenario: Scenario, robot: str, seed: int) -> float:
    """What a robot draws, as a part of what its kind does."""
    spread = scenario.mishaps.consumption
    return stream(seed, "consumption", robot).uniform(1.0 - spread, 1.0 + spread)


def _spells(
    mishap: Mishap, robot: str, what: str, seed: int, start_s: float, end_s: float
) -> Iterator[Spell]:
    rng = stream(seed, "mishaps", what, robot)
    for time_s in _arrivals(rng, mishap.per_robot_day / 24.0, start_s, end_s):
        yield Spell(time_s, robot, what, rng.uniform(mishap.least_s, mishap.most_s))


def _arrivals(rng: Random, per_hour: float, start_s: float, end_s: float) -> Iterator[float]:
    """Times of a Poisson process."""
    time_s = start_s
    while per_hour > 0.0:
        time_s += rng.expovariate(per_hour / HOUR_S)
        if time_s >= end_s:
            return
        yield time_s


def _places(campus: Campus) -> list[str]:
    """Where something may happen or somebody may send a robot: places with a name, bays else."""
    named = [each.id for each in campus.waypoints.values() if each.name and each.passage is None]
    return named or [each.id for each in campus.bays if each.role is Role.BAY]


class _Usual:
    """The work that the map has."""

    def __init__(self, campus: Campus) -> None:
        zones = campus.zones.values()
        self._zones: Sequence[Zone] = [
            zone for zone in zones if zone.purpose is ZonePurpose.CLEAN and zone.access
        ]
        self._assets = _assets_by_nearness(campus)
        self._places = _places(campus)
        self._beats, self._periods_s = _beats(campus)
        self.cleanings_per_hour = len(self._zones) * HOUR_S / DAY_S
        due_a_day = sum(1.0 / each.due_interval_days for each in campus.assets.values())
        self.inspections_per_hour = due_a_day / ASSETS_A_ROUND / 24.0

    def patrols(self, seed: int, start_s: float, end_s: float) -> Iterator[Asked]:
        """Each beat once in its period, not quite regularly."""
        for beat, period_s in zip(self._beats, self._periods_s, strict=True):
            rng = stream(seed, "requests", "patrol", beat[0])
            time_s = start_s + rng.uniform(0.0, period_s)
            while time_s < end_s:
                yield Asked(time_s, "patrol", {"places": rng.sample(beat, len(beat)), "rounds": 1})
                time_s += period_s * (1.0 + rng.uniform(0.0, JITTER))

    def patrol(self, rng: Random) -> dict[str, Any] | None:
        """Any beat."""
        if not self._beats:
            return None
        beat = rng.choice(self._beats)
        return {"places": rng.sample(beat, len(beat)), "rounds": 1}

    def clean(self, rng: Random) -> dict[str, Any] | None:
        return {"zone": rng.choice(self._zones).id} if self._zones else None

    def inspect(self, rng: Random) -> dict[str, Any] | None:
        if not self._assets:
            return None
        first = rng.randrange(len(self._assets))
        return {"assets": self._assets[first : first + ASSETS_A_ROUND]}

    def spill(self, rng: Random) -> dict[str, Any] | None:
        if not self._zones:
            return None
        zone = rng.choice(self._zones)
        spot = zone.polygon.representative_point()
        x_m, y_m = round(float(spot.x), 2), round(float(spot.y), 2)
        return {"x_m": x_m, "y_m": y_m, "radius_m": SPILL_RADIUS_M, "level": zone.level}

    def visit(self, rng: Random) -> dict[str, Any] | None:
        return {"place": rng.choice(self._places)} if self._places else None


def _assets_by_nearness(campus: Campus) -> list[str]:
    """Assets in the order of the map, level by level: neighbours there are near each other."""
    levels = list(campus.levels)
    return [each.id for each in sorted(campus.assets.values(), key=lambda a: levels.index(a.level))]


def _beats(campus: Campus) -> tuple[list[list[str]], list[float]]:
    """Places that are patrolled together, sector by sector, and the period of each, seconds."""
    beats: list[list[str]] = []
    periods_s: list[float] = []
    for sector in campus.sectors.values():
        inside = [
            each
            for each in campus.waypoints.values()
            if each.level == sector.level
            and each.passage is None
            and (each.name or each.role is Role.BAY)
            and sector.polygon.contains(Point(each.xy))
        ]
        inside.sort(key=lambda each: each.name is None)
        if inside:
            beats.append([each.id for each in inside[:PLACES_A_PATROL]])
            periods_s.append(sector.max_idleness_s or USUAL_PATROL_S)
    if not beats:
        places = _places(campus)
        beats = [places[at : at + PLACES_A_PATROL] for at in range(0, len(places), PLACES_A_PATROL)]
        periods_s = [USUAL_PATROL_S] * len(beats)
    return beats, periods_s
