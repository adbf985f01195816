"""The campus graph as arrays (compressed sparse rows), compiled once a map for all searches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fleet_manager.core.campus import Campus, Lane, Role, Waypoint
from fleet_manager.core.config import KindSpec
from fleet_manager.core.planning.energy_model import J_PER_WH, edges_wh

CAMPUSES_KEPT = 4
MASKS_KEPT = 256
SHORTEST_S = 1e-6
"""No lane takes less, so that ways that tie cannot go in circles."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.uint8]
Scalar = TypeVar("Scalar", bound=np.generic)


@lru_cache(CAMPUSES_KEPT)
def compiled(campus: Campus) -> CompiledCampus:
    """The arrays of a campus; the same for campuses of the same version."""
    return CompiledCampus(campus)


class CompiledCampus:
    """A campus's graph as read-only arrays. Nodes are waypoints in the order of their ids.

    An edge is a directed lane; those that leave node i are `indptr[i]` to `indptr[i + 1]`, ordered
    by the node they lead to. Resources are numbered too; the last number is that of no resource.

    Attributes:
        ids: of waypoints, by node.
        nodes: numbers of waypoints, by id.
        lanes: by edge.
        indptr: shape (nodes + 1,).
        tails, heads: nodes that each edge leads from and to, shape (edges,).
        length_m: by edge; of a ride in a lift, its height.
        slope: by edge, rise over run.
        slopes: whether there is any.
        x_m, y_m: by node.
        resources: numbers of resources, by id.
        edge_resources: what a robot occupies that drives an edge to its end: at most the end and
            what it names, the lane and what it names, and the entry into a passage from
            outside; shape (edges, 5), padded.
        node_resources: what a robot at a node occupies, shape (nodes, 2), padded.
        entries: passage and level of each entry into one, by its name among the resources.
    """

    def __init__(self, campus: Campus) -> None:
        self.campus = campus
        self.ids = tuple(sorted(campus.waypoints))
        self.nodes: Mapping[str, int] = {name: node for node, name in enumerate(self.ids)}
        lanes = campus.lanes.values()
        ends = {(self.nodes[lane.start], self.nodes[lane.end]): lane for lane in lanes}
        pairs = sorted(ends)
        self.lanes = tuple(ends[pair] for pair in pairs)
        self.tails = _ints([tail for tail, _ in pairs])
        leaving = np.bincount(self.tails, minlength=len(self.ids))
        self.indptr = _ints(np.concatenate(([0], np.cumsum(leaving))))
        self.heads = _ints([head for _, head in pairs])
        self.length_m = _floats([lane.length_m for lane in self.lanes])
        self.slope = _floats([lane.slope for lane in self.lanes])
        self.slopes = bool(self.slope.any())
        waypoints = [campus.waypoints[name] for name in self.ids]
        self.entries: dict[str, tuple[str, str]] = {}
        self.x_m = _floats([each.x_m for each in waypoints])
        self.y_m = _floats([each.y_m for each in waypoints])
        self._number_resources(waypoints)
        self._limit_mps = _floats([self._limit_of(lane) for lane in self.lanes])
        self._opening_s = _floats([self._opening_of(lane) for lane in self.lanes])
        self._ridden = np.array([lane.lift is not None for lane in self.lanes], np.bool_)
        self.durations_s = lru_cache(MASKS_KEPT)(self._durations_s)
        self.pace_s_per_m = lru_cache(MASKS_KEPT)(self._pace_s_per_m)
        self.flags = lru_cache(MASKS_KEPT)(self._flags)
        self.bays_for = lru_cache(MASKS_KEPT)(self._bays_for)
        self.all_bays = lru_cache(MASKS_KEPT)(self._all_bays)

    def _number_resources(self, waypoints: Iterable[Waypoint]) -> None:
        at_nodes = [(each.id, each.resource) for each in waypoints]
        on_edges = [
            (*at_nodes[head], lane.feature_id, lane.resource, self._entry_of(lane))
            for head, lane in zip(self.heads.tolist(), self.lanes, strict=True)
        ]
        names = {name for row in (*at_nodes, *on_edges) for name in row if name is not None}
        numbers: dict[str | None, int] = {name: at for at, name in enumerate(sorted(names))}
        self.resources: Mapping[str, int] = {n: at for n, at in numbers.items() if n is not None}
        numbers[None] = len(names)
        nodes = [[numbers[name] for name in row] for row in at_nodes]
        edges = [[numbers[name] for name in row] for row in on_edges]
        self.node_resources = _ints(nodes).reshape(-1, 2)
        self.edge_resources = _ints(edges).reshape(-1, 5)

    def _entry_of(self, lane: Lane) -> str | None:
        """The entry into a passage that a lane is, kept among `entries`; None: it is none."""
        inside = self.campus.waypoints[lane.end]
        if inside.passage is None or inside.passage == self.campus.waypoints[lane.start].passage:
            return None
        name = f"{inside.passage} on {inside.level}"
        self.entries[name] = (inside.passage, inside.level)
        return name

    def _limit_of(self, lane: Lane) -> float:
        """The speed on a lane; in a lift that of its cabin, which is no robot's."""
        lift = self.campus.passages.get(lane.lift or "")
        return lift.speed_mps if lift is not None else lane.speed_limit_mps

    def _opening_of(self, lane: Lane) -> float:
        """What a lane takes beside driving: until a passage is open, or a lift lets out again."""
        entered = self.campus.waypoints[lane.end].passage
        passage = self.campus.passages.get(entered or "")
        if passage is None:
            return 0.0
        inside = self.campus.waypoints[lane.start].passage == entered
        return passage.opening_s if lane.lift is not None or not inside else 0.0

    def _durations_s(self, kind: KindSpec, limits: frozenset[tuple[str, float]]) -> Floats:
        """What each edge takes a kind of robot; infinite where it may not drive.

        Args:
            limits: speed limits for the time being: a lane's feature id and metres per second.
        """
        limit_mps = self._limit_mps.copy()
        for feature_id, speed_mps in limits:
            for edge in self.edges_of.get(feature_id, ()):
                if not self._ridden[edge]:
                    limit_mps[edge] = min(limit_mps[edge], speed_mps)
        speed_mps_of = np.where(self._ridden, limit_mps, np.minimum(limit_mps, kind.max_speed_mps))
        found = np.maximum(self.length_m / speed_mps_of + self._opening_s, SHORTEST_S)
        found[~self._admitted(kind.name)] = np.inf
        return frozen(found)

    def _admitted(self, kind: str) -> NDArray[np.bool_]:
        return np.array([lane.admits(kind) for lane in self.lanes], np.bool_)

    def closed_s(self, durations_s: Floats, closed: Iterable[str]) -> Floats:
        """Durations with closed lanes (feature ids; unknown ones are passed over) shut."""
        edges = [edge for each in closed for edge in self.edges_of.get(each, ())]
        if not edges:
            return durations_s
        found = durations_s.copy()
        found[edges] = np.inf
        return frozen(found)

    def _pace_s_per_m(self, kind: KindSpec) -> float:
        """The least that any edge takes for a metre, straight: what A* may reckon with."""
        duration_s = self.durations_s(kind, frozenset())
        dx_m, dy_m = (each[self.heads] - each[self.tails] for each in (self.x_m, self.y_m))
        straight_m = np.hypot(dx_m, dy_m)
        moves = (straight_m > 0.0) & np.isfinite(duration_s)
        return float(min(duration_s[moves] / straight_m[moves], default=0.0))

    def _flags(self, resources: frozenset[str]) -> Flags:
        """Which resources are among these, shape (resources + 1,); unknown ones are passed over."""
        found = np.zeros(len(self.resources) + 1, np.uint8)
        numbers = self.resources
        found[[numbers[name] for name in resources if name in numbers]] = 1
        return frozen(found)

    def _bays_for(self, home: str | None, named: bool, shut: frozenset[str] = frozenset()) -> Flags:
        """Nodes at which a robot may rest: bays, and of the docks its own.

        Args:
            named: also those with a name; the robot's home always.
            shut: waypoints that are closed.
        """

        def fits(each: Waypoint) -> bool:
            if each.id in shut:
                return False
            if each.id == home:
                return each.is_bay
            return each.role is Role.BAY and (named or each.name is None)

        waypoints = self.campus.waypoints
        return frozen(np.array([fits(waypoints[name]) for name in self.ids], np.uint8))

    def _all_bays(self, shut: frozenset[str]) -> Flags:
        """Nodes at which a robot may rest where nothing else is left: docks of others too."""
        waypoints = self.campus.waypoints
        rest = [waypoints[name].is_bay and name not in shut for name in self.ids]
        return frozen(np.array(rest, np.uint8))

    def energies_wh(self, kind: KindSpec, durations_s: Floats) -> Floats:
        """What each edge takes of a battery; in a lift and before a door only what is always on.

        Args:
            durations_s: by edge; infinite where it may not be driven, as the energy is then.
        """
        waits_s = np.where(self._ridden, durations_s, self._opening_s)
        open_ = np.isfinite(durations_s)
        drives_s = np.where(open_, durations_s, 0.0) - np.where(open_, waits_s, 0.0)
        length_m = np.where(self._ridden, 0.0, self.length_m)
        found = edges_wh(kind, length_m, drives_s, self.slope)
        found += np.where(open_, waits_s, 0.0) * kind.battery.idle_w / J_PER_WH
        found[~open_] = np.inf
        return frozen(found)

    @cached_property
    def backwards(self) -> tuple[Ints, Ints, Ints]:
        """The graph driven backwards: `indptr`, `heads`, and which edge each of its edges is."""
        order = np.lexsort((self.tails, self.heads))
        arriving = np.bincount(self.heads, minlength=len(self.ids))
        indptr = _ints(np.concatenate(([0], np.cumsum(arriving))))
        return indptr, frozen(self.tails[order]), _ints(order)

    @cached_property
    def edge_between(self) -> Mapping[tuple[str, str], int]:
        """The edge from one waypoint to its neighbour, by their ids."""
        return {(lane.start, lane.end): edge for edge, lane in enumerate(self.lanes)}

    @cached_property
    def entry_names(self) -> frozenset[str]:
        """All entries into passages, by their names among the resources."""
        return frozenset(self.entries)

    @cached_property
    def edges_of(self) -> Mapping[str, tuple[int, ...]]:
        """Edges of each of the map's lanes, by its feature id."""
        found: dict[str, tuple[int, ...]] = {}
        for edge, lane in enumerate(self.lanes):
            found[lane.feature_id] = (*found.get(lane.feature_id, ()), edge)
        return found

    @cached_property
    def touching(self) -> Mapping[str, frozenset[str]]:
        """Feature ids of the lanes that cannot be driven while somebody holds a resource."""
        found: dict[str, set[str]] = {}
        waypoints = self.campus.waypoints
        for lane in self.lanes:
            ends = (lane.start, lane.end)
            named = [waypoints[each].resource for each in ends]
            for resource in (lane.feature_id, *ends, lane.resource, *named):
                if resource is not None:
                    found.setdefault(resource, set()).add(lane.feature_id)
        return {resource: frozenset(lanes) for resource, lanes in found.items()}


def _ints(values: Sequence[Any] | NDArray[Any]) -> Ints:
    return frozen(np.array(values, np.int32))


def _floats(values: Sequence[float]) -> Floats:
    return frozen(np.array(values, np.float64))


def frozen(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """The array, not to be written to any more: kernels take no other, to be compiled once."""
    array.setflags(write=False)
    return array
