"""The units of space of a campus: what one robot has at a time, from robots' sizes and the map.

Robots are discs that turn where they stand (`KindSpec.footprint_radius_m`). A *unit* is a set of
waypoints and lanes of which robots may be on one at a time; two elements on which robots of given
sizes would touch have a unit in common, and only those. So whoever has all units of what it is on
touches nobody. What the map names as one resource (a bridge, the links of a junction) is one unit,
and so is a door, lift or crossing.

Lanes meet at waypoints. Who is on a lane near its end has the waypoint as well, and keeps the
waypoint that it has left until it is `clear_m` away. What lanes do to each other within that
distance of a common waypoint is settled by who has the waypoint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree
from shapely.geometry import LineString, Point

from fleet_manager.core.campus import Campus
from fleet_manager.core.per_campus import per_campus

CLEARANCE_M = 0.2
"""Between robots that pass each other, for errors of position and control."""

Pairs = NDArray[np.int64]
Element = tuple[int, int]
"""Index of a waypoint or lane, and of a size."""


@dataclass(frozen=True, eq=False)
class Space:
    """Units by waypoint and lane feature, for each size.

    Attributes:
        radii_m: of the sizes, ascending.
        clear_m: a robot of each size keeps a waypoint until it is so far from it.
        waypoints, lanes: by id, the units for each size.
        units: names of the units, by number: elements in it, or the resource or passage.
    """

    radii_m: tuple[float, ...]
    clear_m: tuple[float, ...]
    waypoints: Mapping[str, tuple[tuple[int, ...], ...]]
    lanes: Mapping[str, tuple[tuple[int, ...], ...]]
    units: tuple[str, ...]

    def size_of(self, radius_m: float) -> int:
        """The smallest size that holds a robot of a radius.

        Raises:
            ValueError: the robot is larger than all.
        """
        for size, each_m in enumerate(self.radii_m):
            if radius_m <= each_m + 1e-9:
                return size
        raise ValueError(f"no size for a radius of {radius_m:g} m")


@per_campus
def space_of(campus: Campus, radii_m: tuple[float, ...]) -> Space:
    """The units of a campus for robots of these radii, metres; worked out once a map version."""
    return _Builder(campus, tuple(sorted(set(radii_m)))).build()


class _Builder:
    def __init__(self, campus: Campus, radii_m: tuple[float, ...]) -> None:
        self.campus = campus
        self.radii_m = radii_m
        self.clear_m = tuple(r + radii_m[-1] + CLEARANCE_M for r in radii_m)
        self.waypoint_ids = list(campus.waypoints)
        self.lane_ids: list[str] = []
        self.ends: list[frozenset[str]] = []
        lines: list[LineString] = []
        self.levels: list[str] = [each.level for each in campus.waypoints.values()]
        self.names: list[set[str]] = [
            {name for name in (each.resource, each.passage) if name is not None}
            for each in campus.waypoints.values()
        ]
        for lane in campus.lanes.values():
            if lane.id != lane.feature_id:  # the other direction occupies the same
                continue
            self.lane_ids.append(lane.feature_id)
            self.ends.append(frozenset({lane.start, lane.end}))
            lines.append(LineString(lane.points))
            level = campus.waypoint(lane.start).level
            self.levels.append(level if level == campus.waypoint(lane.end).level else "")
            self.names.append(set() if lane.resource is None else {lane.resource})
        points = [Point(each.xy) for each in campus.waypoints.values()]
        self.shapes = np.array([*points, *lines], dtype=object)
        self.number = {name: at for at, name in enumerate(self.waypoint_ids)}

    def build(self) -> Space:
        pairs, distance_m = self._near()
        touching = self._touching(pairs, distance_m)
        units = _Units(len(self.shapes), len(self.radii_m))
        for name, members in self._named().items():
            units.add_all(name, members)
        everywhere = touching.all(axis=1)
        units.cover(pairs[everywhere])
        for (a, b), sizes in zip(
            pairs[~everywhere].tolist(), touching[~everywhere].tolist(), strict=True
        ):
            units.add_sizes(a, b, sizes)
        units.complete()
        return self._space(units)

    def _named(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for element, names in enumerate(self.names):
            for name in names:
                found.setdefault(name, []).append(element)
        return found

    def _near(self) -> tuple[Pairs, NDArray[np.float64]]:
        """Pairs of elements of a level on which the largest robots would touch, with distances."""
        reach_m = 2.0 * self.radii_m[-1] + CLEARANCE_M
        tree = STRtree(self.shapes)
        first, second = tree.query(self.shapes, predicate="dwithin", distance=reach_m)
        # What leads from level to level is with nothing else on any: its resource guards it.
        levels = {name: -at for at, name in enumerate(self.campus.levels, start=1)}
        level = np.array([levels.get(each, at) for at, each in enumerate(self.levels)])
        keep = (first < second) & (level[first] == level[second])
        pairs = np.stack([first[keep], second[keep]], axis=1)
        one, other = self._apart(pairs)
        return pairs, shapely.distance(one, other)

    def _apart(self, pairs: Pairs) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        """Shapes of each pair, lanes without what lies near the waypoints that they share.

        Of a lane and a waypoint at its end nothing is left, so that their distance is not a number.
        """
        one, other = self.shapes[pairs[:, 0]], self.shapes[pairs[:, 1]]
        count = len(self.waypoint_ids)
        clear_m = self.clear_m[-1]
        for row, (a, b) in enumerate(pairs.tolist()):
            if b < count:
                continue
            ends = self.ends[b - count]
            if a < count:
                if self.waypoint_ids[a] in ends:
                    one[row] = LineString()
                continue
            for common in ends & self.ends[a - count]:
                near = self.shapes[self.number[common]].buffer(clear_m)
                one[row] = one[row].difference(near)
                other[row] = other[row].difference(near)
        return one, other

    def _touching(self, pairs: Pairs, distance_m: NDArray[np.float64]) -> NDArray[np.bool_]:
        """For each pair and each pair of sizes whether robots on both would touch."""
        columns = [distance_m < a + b + CLEARANCE_M for a, b in product(self.radii_m, self.radii_m)]
        return np.stack(columns, axis=1)

    def _space(self, units: _Units) -> Space:
        count = len(self.waypoint_ids)
        sizes = range(len(self.radii_m))
        names = [*self.waypoint_ids, *self.lane_ids]

        def of(element: int) -> tuple[tuple[int, ...], ...]:
            return tuple(tuple(units.of[element, size]) for size in sizes)

        return Space(
            self.radii_m,
            self.clear_m,
            {name: of(at) for at, name in enumerate(self.waypoint_ids)},
            {name: of(count + at) for at, name in enumerate(self.lane_ids)},
            tuple(units.name_of(unit, names) for unit in range(len(units.members))),
        )


class _Units:
    """Sets of elements that exclude each other, grown greedily so that few are needed."""

    def __init__(self, elements: int, sizes: int) -> None:
        self.elements = elements
        self.sizes = sizes
        self.members: list[set[Element]] = []
        self.names: dict[int, str] = {}
        self.of: dict[Element, list[int]] = {
            (element, size): [] for element in range(elements) for size in range(sizes)
        }

    def add_all(self, name: str, elements: Sequence[int]) -> None:
        """A unit of these elements, whatever the size."""
        self.names[len(self.members)] = name
        self._new({(e, s) for e in elements for s in range(self.sizes)})

    def _new(self, members: set[Element]) -> None:
        for member in members:
            self.of[member].append(len(self.members))
        self.members.append(members)

    def cover(self, pairs: Pairs) -> None:
        """Units for pairs that exclude each other at every size: cliques of them."""
        near: list[set[int]] = [set() for _ in range(self.elements)]
        for a, b in pairs.tolist():
            near[a].add(b)
            near[b].add(a)
        cliques: list[set[int]] = []
        of: list[list[int]] = [[] for _ in range(self.elements)]
        for a, b in pairs.tolist():
            if not set(of[a]).isdisjoint(of[b]):
                continue
            for this, that in ((a, b), (b, a)):
                fitting = next((c for c in of[this] if cliques[c] <= near[that]), None)
                if fitting is not None:
                    cliques[fitting].add(that)
                    of[that].append(fitting)
                    break
            else:
                of[a].append(len(cliques))
                of[b].append(len(cliques))
                cliques.append({a, b})
        for clique in cliques:
            self._new({(e, s) for e in clique for s in range(self.sizes)})

    def add_sizes(self, a: int, b: int, touching: Sequence[bool]) -> None:
        """Units for a pair that excludes each other at some sizes."""
        for size in range(self.sizes):
            others = {(b, t) for t in range(self.sizes) if touching[size * self.sizes + t]}
            if others:
                self._new({(a, size), *others})

    def complete(self) -> None:
        """Elements that have no unit for all sizes get one of their own."""
        for element in range(self.elements):
            shared = set(self.of[element, 0])
            for size in range(1, self.sizes):
                shared &= set(self.of[element, size])
            if not shared:
                self._new({(element, size) for size in range(self.sizes)})

    def name_of(self, unit: int, names: Sequence[str]) -> str:
        if unit in self.names:
            return self.names[unit]
        return " + ".join(sorted({names[element] for element, _ in self.members[unit]}))
