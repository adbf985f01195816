"""Shortest ways on the campus graph, in seconds, for one kind of robot."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from fleet_manager.core.campus import Campus
from fleet_manager.core.config import KindSpec
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.planning.compiled import (
    CompiledCampus,
    Flags,
    Floats,
    Ints,
    compiled,
    frozen,
)
from fleet_manager.core.planning.energy_model import drive_wh

TREES_KEPT_BYTES = 32_000_000
STARTS_KEPT = 4096
LEGS_KEPT, PATHS_KEPT = 65_536, 1024
REACHES_KEPT = 64

NO_LIMITS: frozenset[tuple[str, float]] = frozenset()


class NoRoute(CampusFleetError):
    """No lanes lead there for this kind of robot."""


@dataclass(frozen=True, slots=True)
class Leg:
    """What it takes to drive from one waypoint to another at full speed."""

    duration_s: float
    length_m: float


@dataclass(frozen=True, slots=True)
class Reach:
    """Ways between one waypoint and every other, by node of the compiled campus.

    Attributes:
        duration_s: at full speed; infinite where no lanes lead.
        energy_wh: by the model of the kind of robot; infinite likewise.
    """

    nodes: Mapping[str, int]
    duration_s: Floats
    energy_wh: Floats

    def of(self, waypoint: str) -> tuple[float, float]:
        """Duration and energy of the way; infinite for what is not on the map."""
        node = self.nodes.get(waypoint)
        if node is None:
            return math.inf, math.inf
        return float(self.duration_s[node]), float(self.energy_wh[node])


@dataclass(frozen=True, slots=True)
class _Tree:
    """Ways from one start to every node."""

    reached_s: Floats
    far_m: Floats
    before: Ints


class Routes:
    """Ways of one kind of robot on the compiled graph (docs/decisions/0006).

    The first question about a start is answered by A*; with the second all ways from there are
    searched and kept. The answers are the same to the bit.

    Args:
        closed: ids of the map's lanes (`Lane.feature_id`) that nobody may use.
        limits: speed limits for the time being: a lane's feature id and metres per second.
    """

    def __init__(
        self,
        campus: Campus,
        kind: KindSpec,
        closed: frozenset[str] = frozenset(),
        limits: frozenset[tuple[str, float]] = NO_LIMITS,
    ) -> None:
        self.campus = campus
        self.kind = kind
        self.arrays: CompiledCampus = compiled(campus)
        open_s = self.arrays.durations_s(kind, limits)
        self._duration_s = self.arrays.closed_s(open_s, closed)
        self._graph = (self.arrays.indptr, self.arrays.heads, self._duration_s)
        self._pace_s_per_m = self.arrays.pace_s_per_m(kind)
        self._trees_kept = max(16, TREES_KEPT_BYTES // (20 * max(1, len(self.arrays.ids))))
        self._trees: OrderedDict[int, _Tree] = OrderedDict()
        self._asked: OrderedDict[int, None] = OrderedDict()
        self._legs = lru_cache(LEGS_KEPT)(self._find_leg)
        self._energies = lru_cache(LEGS_KEPT)(self._find_energy)
        self.towards = lru_cache(REACHES_KEPT)(self._towards)
        self.reach = lru_cache(REACHES_KEPT)(self._reach)
        self._paths = lru_cache(PATHS_KEPT)(self._find_path)

    @cached_property
    def _kernels(self) -> ModuleType:
        """Loaded with the first search: numba takes a while."""
        from fleet_manager.core.planning import kernels

        return kernels

    def prepare(self) -> None:
        """Load every kernel by a small question.

        Takes about a second, some ten where the machine code is not on disk yet: too long for a
        decision that robots wait for.
        """
        kernels, first = self._kernels, self.arrays.ids[0]
        self.search(first, first)
        kernels.walk(self._grow(0).before, 0, 0)
        self.distances_s([first], [first])
        self.way_to_nearest(first, self.arrays.bays_for(None, True), 0.0)

    def duration_s(self, start: str, goal: str) -> float | None:
        """Time to drive at full speed; None: no lanes lead there."""
        duration_s = self._legs(start, goal).duration_s
        return duration_s if duration_s < math.inf else None

    @property
    def edge_durations_s(self) -> Floats:
        """What each edge of the compiled campus takes; infinite where it may not be driven."""
        return self._duration_s

    @cached_property
    def edge_energies_wh(self) -> Floats:
        """What each edge takes of a battery by the model; infinite where it may not be driven."""
        return self.arrays.energies_wh(self.kind, self._duration_s)

    @cached_property
    def backwards(self) -> tuple[Ints, Ints, Floats, Floats]:
        """The graph driven backwards, with what its edges take in seconds and watt-hours."""
        indptr, heads, order = self.arrays.backwards
        costs = (self._duration_s[order], self.edge_energies_wh[order])
        return indptr, heads, frozen(costs[0]), frozen(costs[1])

    def energy_wh(self, start: str, goal: str) -> float:
        """What the way from start to goal takes of a battery by the model.

        Raises:
            NoRoute: no lanes lead there.
        """
        if self.kind.mass_kg <= 0.0 or not self.arrays.slopes:
            leg = self.leg(start, goal)
            return drive_wh(self.kind, leg.length_m, leg.duration_s)
        energy_wh = self._energies(start, goal)
        if energy_wh == math.inf:
            raise self._no_route(start, goal)
        return energy_wh

    def _find_energy(self, start: str, goal: str) -> float:
        """Added up over the lanes of the way; infinite where none leads."""
        way = self._paths(start, goal)
        if not way:
            return math.inf
        return float(
            sum(self.edge_energies_wh[self.arrays.edge_between[pair]] for pair in pairwise(way))
        )

    def _reach(self, start: str) -> Reach:
        """Ways from a waypoint of the map to every other."""
        node = self.arrays.nodes[start]
        seconds, energy, _ = self._kernels.tree(*self._graph, self.edge_energies_wh, node)
        return self._kept(seconds, energy)

    def _towards(self, goal: str) -> Reach:
        """Ways from every waypoint to one of the map."""
        node = self.arrays.nodes[goal]
        seconds, energy, _ = self._kernels.tree(*self.backwards, node)
        return self._kept(seconds, energy)

    def _kept(self, duration_s: Floats, energy_wh: Floats) -> Reach:
        return Reach(self.arrays.nodes, duration_s, energy_wh)

    def search(self, start: str, goal: str) -> Leg:
        """What `leg` says, searched for anew by A*; infinite where no lanes lead."""
        nodes = self.arrays.nodes
        duration_s, length_m, _ = self._search(nodes[start], nodes[goal])
        return Leg(duration_s, length_m)

    def all_from(self, start: str) -> Floats:
        """Durations from a start to every node of the compiled campus, searched for anew."""
        return self._grow(self.arrays.nodes[start]).reached_s

    def leg(self, start: str, goal: str) -> Leg:
        """What it takes to drive from start to goal.

        Raises:
            NoRoute: no lanes lead there.
        """
        leg = self._legs(start, goal)
        if leg.duration_s == math.inf:
            raise self._no_route(start, goal)
        return leg

    def path(self, start: str, goal: str) -> tuple[str, ...]:
        """Waypoints from start to goal, both included.

        Raises:
            NoRoute: no lanes lead there.
        """
        found = self._paths(start, goal)
        if not found:
            raise self._no_route(start, goal)
        return found

    def through(self, start: str, goals: Iterable[str]) -> tuple[str, ...]:
        """Waypoints from start through goals in their order; a goal may equal the one before.

        Raises:
            NoRoute: a goal cannot be reached from the one before.
        """
        way = [start]
        for goal in goals:
            way.extend(self.path(way[-1], goal)[1:])
        return tuple(way)

    def length_m(self, way: Sequence[str]) -> float:
        """Length of a way along its lanes."""
        return sum(self.campus.lane_between(*pair).length_m for pair in pairwise(way))

    def distances_s(self, starts: Sequence[str], goals: Sequence[str]) -> NDArray[np.float32]:
        """Times to drive at full speed, shape (starts, goals); infinite where no lanes lead."""
        nodes = self.arrays.nodes
        rows = np.array([nodes[each] for each in starts], np.int32)
        columns = np.array([nodes[each] for each in goals], np.int32)
        found: NDArray[np.float32] = self._kernels.distances(*self._graph, rows, columns)
        return found

    def way_to_nearest(
        self,
        start: str,
        ends: Flags,
        limit_s: float,
        closed: frozenset[str] = frozenset(),
        avoid: frozenset[str] = frozenset(),
    ) -> tuple[str, ...] | None:
        """The quickest way to a waypoint of a sort, or None; of two as quick, the first by id.

        Args:
            ends: which nodes will do, as `CompiledCampus.bays_for` has them; the start may too.
            limit_s: longer ways are not looked for.
            closed: resources that may be neither passed nor rested in; the start is left anyway.
            avoid: resources that may be passed, but not rested in.
        """
        arrays = self.arrays
        way = self._kernels.nearest(
            *self._graph,
            arrays.edge_resources,
            arrays.node_resources,
            arrays.flags(closed),
            arrays.flags(closed | avoid if avoid else closed),
            ends,
            arrays.nodes[start],
            limit_s,
        )
        return self._names(way) if len(way) else None

    def _names(self, way: Ints) -> tuple[str, ...]:
        ids = self.arrays.ids
        return tuple([ids[node] for node in way.tolist()])

    def _tree(self, start: int) -> _Tree | None:
        """All ways from a start that was asked about before; None: it is asked about first."""
        tree = self._trees.get(start)
        if tree is not None:
            self._trees.move_to_end(start)
            return tree
        if start not in self._asked:
            self._asked[start] = None
            if len(self._asked) > STARTS_KEPT:
                self._asked.popitem(last=False)
            return None
        tree = self._grow(start)
        self._trees[start] = tree
        if len(self._trees) > self._trees_kept:
            self._trees.popitem(last=False)
        return tree

    def _grow(self, start: int) -> _Tree:
        return _Tree(*self._kernels.tree(*self._graph, self.arrays.length_m, start))

    def _search(self, start: int, goal: int) -> tuple[float, float, Ints]:
        arrays = self.arrays
        found: tuple[float, float, Ints] = self._kernels.way(
            *self._graph, arrays.length_m, arrays.x_m, arrays.y_m, self._pace_s_per_m, start, goal
        )
        return found

    def _find_leg(self, start: str, goal: str) -> Leg:
        nodes = self.arrays.nodes
        if start not in nodes or goal not in nodes:
            return Leg(math.inf, math.inf)
        here, there = nodes[start], nodes[goal]
        tree = self._tree(here)
        if tree is None:
            duration_s, length_m, _ = self._search(here, there)
            return Leg(duration_s, length_m)
        return Leg(float(tree.reached_s[there]), float(tree.far_m[there]))

    def _find_path(self, start: str, goal: str) -> tuple[str, ...]:
        nodes = self.arrays.nodes
        if start not in nodes or goal not in nodes:
            return ()
        here, there = nodes[start], nodes[goal]
        tree = self._tree(here)
        if tree is None:
            return self._names(self._search(here, there)[2])
        if tree.reached_s[there] == math.inf:
            return ()
        return self._names(self._kernels.walk(tree.before, here, there))

    def _no_route(self, start: str, goal: str) -> NoRoute:
        return NoRoute(
            f"no lanes lead from {start} to {goal} for {self.kind.name} robots",
            "open closed lanes, or choose another place",
        )
