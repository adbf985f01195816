"""Small campuses drawn at random: corridors, junctions, loops, bridges, dead ends, doors, lifts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import networkx as nx

from fleet_manager.adapters.maps.checks.finding import errors_of
from fleet_manager.adapters.maps.checks.validate import validate
from fleet_manager.core.campus import Campus
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.config import BatterySpec, FleetConfig, KindSpec, Policy, RobotSpec
from tests.unit.campus_documents import Json, feature, lane, rectangle, waypoint

Xy = tuple[float, float]

SPACING_M = 12.0
AISLE_M = 3.0
"""From a street to the bays beside it, in x and in y."""
LEVELS = [
    {"id": "ground", "name": "Ground", "elevation_m": 0.0},
    {"id": "upper", "name": "Upper", "elevation_m": 4.0},
]
FLAWS = ("behind a bay", "one way in", "no bay to spare", "beside the street")
HINDERING = {"well_formed", "spare_bay", "connected", "trap", "bay_reachable", "bay_clearance"}
"""Checks that refuse a map on which traffic could come to a standstill."""
SKILLS = frozenset({"go_to", "patrol", "charge"})
BATTERY = BatterySpec(1e6, 1.0, 1.0, 0.0, 1e5)
"""For ever: charging is tried elsewhere."""
POLICY = Policy(charge_below=0.01, reserve=0.005, reassign_after_s=30.0)


@dataclass
class Drawing:
    """A campus in the making; streets run along a grid, bays lie in the corners between them.

    Attributes:
        corners: of each street waypoint the places for bays beside it.
        served: bays by the street waypoint that they are joined to.
    """

    chance: random.Random
    robots: int
    flaw: str
    features: list[Json] = field(default_factory=list)
    points: dict[str, Json] = field(default_factory=dict)
    corners: dict[str, list[Xy]] = field(default_factory=dict)
    bays: list[str] = field(default_factory=list)
    served: dict[str, list[str]] = field(default_factory=dict)

    def draw(self) -> Json:
        """The campus as GeoJSON."""
        self._streets()
        self.robots = min(self.robots, sum(map(len, self.corners.values())) - 4)
        self._bays()
        if self.flaw == "behind a bay":
            bay = self.points[self.chance.choice(self.bays)]
            street = next(s for s, each in self.served.items() if bay["id"] in each)
            x_m, y_m = self._between(self.points[street], bay, 2.0)
            self.features.append(lane(bay, self._point("behind", x_m, y_m, "bay")))
        if self.chance.random() < 0.2:
            self._lift()
        return {
            "type": "FeatureCollection",
            "campus": {
                "format_version": 2,
                "id": "drawn",
                "name": "Drawn at random",
                "timezone": "UTC",
                "anchor": {"latitude_deg": 30.0, "longitude_deg": 120.0},
                "levels": LEVELS,
            },
            "features": [
                feature("edge", "boundary", "Polygon", rectangle(-99, -99, 199, 199)),
                *self.points.values(),
                *self.features,
            ],
        }

    def _point(self, name: str, x_m: float, y_m: float, role: str, **given: Any) -> Json:
        found = waypoint(name, round(x_m, 2), round(y_m, 2), role, **given)
        self.points[name] = found
        return found

    # --- streets ---

    def _streets(self) -> None:
        """A tree of streets on a grid, some of its gaps closed by more streets."""
        chance = self.chance
        places = [(0, 0)]
        edges: list[tuple[int, int]] = []
        for number in range(1, chance.randint(2, 9)):
            near = list(self._free_beside(places))
            if chance.random() < 0.4:  # on from the last one: corridors
                near = [each for each in near if each[0] == number - 1] or near
            start, place = chance.choice(near)
            places.append(place)
            edges.append((start, number))
        for number, (column, row) in enumerate(places):
            name = f"s{number}"
            x_m, y_m = column * SPACING_M, row * SPACING_M
            self._point(name, x_m, y_m, "junction")
            signs = [(x, y) for x in (-1, 1) for y in (-1, 1)]
            self.corners[name] = [(x_m + AISLE_M * x, y_m + AISLE_M * y) for x, y in signs]
        tree = set(edges)
        one_way = chance.randrange(len(edges)) if self.flaw == "one way in" else None
        for number, (start, end) in enumerate(edges):
            self._street(f"s{start}", f"s{end}", one_way=number == one_way)
        for start, one in enumerate(places):
            for end, other in enumerate(places[:start]):
                beside = abs(one[0] - other[0]) + abs(one[1] - other[1]) == 1
                if beside and (end, start) not in tree and chance.random() < 0.6:
                    loop = self.flaw != "one way in" and chance.random() < 0.3
                    self._street(f"s{start}", f"s{end}", one_way=loop)

    def _free_beside(self, places: list[tuple[int, int]]) -> Iterator[tuple[int, tuple[int, int]]]:
        for number, (column, row) in enumerate(places):
            for place in ((column + 1, row), (column, row + 1), (column - 1, row)):
                if place not in places:
                    yield number, place

    def _street(self, start: str, end: str, *, one_way: bool) -> None:
        one, other = self.points[start], self.points[end]
        if one_way:
            self.features.append(lane(one, other, "forward"))
            return
        kinds = ["lane", "corridor", "bridge", "road", "resource", "door"]
        kind = self.chance.choices(kinds, [4.0, 3.0, 2.0, 1.0, 1.0, 0.4])[0]
        if kind == "lane":
            self.features.append(lane(one, other))
        elif kind == "resource":
            self.features.append(lane(one, other, resource=f"{start}={end}"))
        elif kind == "road":
            self._road(one, other)
        elif kind == "corridor":
            self._corridor(one, other, self.chance.randint(1, 2), "junction")
        elif kind == "bridge":
            self._corridor(one, other, self.chance.randint(1, 2), "bridge", f"{start}~~{end}")
        else:
            self._door(one, other)

    def _road(self, one: Json, other: Json) -> None:
        """Two lanes on which robots pass each other."""
        for start, end in ((one, other), (other, one)):
            drawn = lane(start, end, "forward")
            (ax, ay), (bx, by) = drawn["geometry"]["coordinates"]
            ux, uy = (bx - ax) / SPACING_M, (by - ay) / SPACING_M
            near = [ax + 2.0 * ux + 1.2 * uy, ay + 2.0 * uy - 1.2 * ux]
            far = [bx - 2.0 * ux + 1.2 * uy, by - 2.0 * uy - 1.2 * ux]
            drawn["geometry"]["coordinates"] = [[ax, ay], near, far, [bx, by]]
            self.features.append(drawn)

    def _between(self, one: Json, other: Json, share: float) -> Xy:
        (ax, ay), (bx, by) = (each["geometry"]["coordinates"] for each in (one, other))
        return ax + (bx - ax) * share, ay + (by - ay) * share

    def _corridor(
        self, one: Json, other: Json, count: int, role: str, resource: str | None = None
    ) -> None:
        given = {} if resource is None else {"resource": resource}
        way = [one]
        for number in range(1, count + 1):
            x_m, y_m = self._between(one, other, number / (count + 1))
            name = f"{one['id']}.{number}.{other['id']}"
            way.append(self._point(name, x_m, y_m, role, **given))
            if resource is None and count == 1:
                self.corners[name] = [(x_m + AISLE_M, y_m), (x_m, y_m + AISLE_M)]
                along_x = one["geometry"]["coordinates"][1] == other["geometry"]["coordinates"][1]
                del self.corners[name][0 if along_x else 1]
        way.append(other)
        self.features += [lane(a, b, **given) for a, b in pairwise(way)]

    def _door(self, one: Json, other: Json) -> None:
        x_m, y_m = self._between(one, other, 0.5)
        name = f"door.{one['id']}.{other['id']}"
        inside = self._point(f"in.{name}", x_m, y_m, "door", passage=name)
        ax, bx = (each["geometry"]["coordinates"][0] for each in (one, other))
        across = (1.5, 0.0) if ax == bx else (0.0, 1.5)
        leaf = [[x_m - across[0], y_m - across[1]], [x_m + across[0], y_m + across[1]]]
        given = {"name": name, "level": "ground", "opening_s": 2.0, "timeout_s": 20.0}
        self.features.append(feature(name, "door", "LineString", leaf, **given))
        self.features += [lane(one, inside), lane(inside, other)]

    # --- bays ---

    def _bays(self) -> None:
        chance = self.chance
        free = [(name, place) for name, places in self.corners.items() for place in places]
        chance.shuffle(free)
        few = self.flaw == "no bay to spare"
        count = self.robots if few else self.robots + chance.randint(1, 4)
        for number, (name, (x_m, y_m)) in enumerate(free[:count]):
            self._bay(number, name, x_m, y_m)
        if self.flaw == "beside the street":
            end = self.points["s0"]["geometry"]["coordinates"]
            self._bay(99, "s0", end[0] + 1.0, end[1] + 0.5)
            self._bay(98, "s0", end[0] + 0.5, end[1] + 1.0)

    def _bay(self, number: int, street: str, x_m: float, y_m: float) -> None:
        role = "dock" if number < self.robots or self.chance.random() < 0.2 else "bay"
        bay = self._point(f"b{number}", x_m, y_m, role)
        self.bays.append(bay["id"])
        self.served.setdefault(street, []).append(bay["id"])
        self.features.append(lane(self.points[street], bay))

    def _lift(self) -> None:
        """To an upper level with two bays, from the right of the last street."""
        lobby = max(
            (each for name, each in self.points.items() if name in self.corners),
            key=lambda each: each["geometry"]["coordinates"],
        )
        x_m, y_m = lobby["geometry"]["coordinates"]
        if x_m % SPACING_M or y_m % SPACING_M:
            return
        across = x_m + 9.0
        box = rectangle(across - 1.5, y_m - 1.5, across + 1.5, y_m + 1.5)
        given = {"name": "lift", "levels": ["ground", "upper"], "speed_mps": 1.0}
        given |= {"opening_s": 2.0, "timeout_s": 60.0}
        self.features.append(feature("lift", "lift", "Polygon", box, **given))
        cabin = self._point("cabin", across, y_m, "lift", passage="lift")
        up: dict[str, Any] = {"level": "upper"}
        above = self._above("cabin_up", across, y_m, "lift", passage="lift")
        hall = self._above("hall_up", across + 8.0, y_m, "junction")
        bays = [
            self._above(f"up{sign:+d}", across + 11.0, y_m + 3.0 * sign, "bay") for sign in (-1, 1)
        ]
        self.bays += [each["id"] for each in bays]
        self.features += [lane(lobby, cabin), lane(cabin, above), lane(above, hall, **up)]
        self.features += [lane(hall, each, **up) for each in bays]

    def _above(self, name: str, x_m: float, y_m: float, role: str, **given: Any) -> Json:
        found = self._point(name, x_m, y_m, role, **given)
        found["properties"]["level"] = "upper"
        return found


def drawn_campus(chance: random.Random) -> tuple[Campus, FleetConfig]:
    """A well-formed campus with its fleet; those drawn before it that are not were refused.

    Raises:
        AssertionError: the map's checks do not find what is wrong with a campus, or refuse one
            that is well-formed.
    """
    while True:
        flaw = chance.choice(FLAWS) if chance.random() < 0.25 else ""
        drawing = Drawing(chance, chance.choice([2, 2, 3, 3, 4, 5, 6, 8, 10, 12]), flaw)
        campus = campus_from_geojson(drawing.draw())
        fleet = _fleet(chance, drawing.robots)
        errors = errors_of(validate(campus, fleet))
        refused = {each.check for each in errors}
        formed = is_well_formed(campus, drawing.robots)
        assert formed == refused.isdisjoint(HINDERING - {"bay_clearance"}), (flaw, errors)
        assert ("bay_clearance" in refused) == (flaw == "beside the street"), (flaw, errors)
        assert refused <= HINDERING, (flaw, errors)
        if not errors:
            return campus, fleet


def is_well_formed(campus: Campus, robots: int) -> bool:
    """Whether there are ways between all bays past all others, and a bay to spare.

    Worked out by trying every pair, and not by the map's checks.
    """
    graph = campus.graph
    bays = {each.id for each in campus.bays}
    streets = set(graph) - bays
    if len(bays) <= robots:
        return False
    for start in graph:
        got = nx.descendants(graph.subgraph(streets | {start}), start)
        ends = {end for each in {start, *got} for end in graph[each]}
        if not set(graph) - {start} <= got | ends:
            return False
    return True


def _fleet(chance: random.Random, robots: int) -> FleetConfig:
    """Robots of one to three sizes; the first docks are theirs."""
    radii_m = chance.sample([0.3, 0.45, 0.55], chance.randint(1, 3))
    kinds = {
        name: KindSpec(name, SKILLS, radius_m, chance.choice([1.0, 1.5]), 1.0, 1.0, BATTERY)
        for name, radius_m in zip(("one", "two", "three"), radii_m, strict=False)
    }
    named = [f"r{number}" for number in range(robots)]
    specs = {
        name: RobotSpec(name, chance.choice(list(kinds)), f"b{number}")
        for number, name in enumerate(named)
    }
    used = {each.kind for each in specs.values()}
    kinds = {name: kind for name, kind in kinds.items() if name in used}
    return FleetConfig("drawn", kinds, specs, POLICY)
