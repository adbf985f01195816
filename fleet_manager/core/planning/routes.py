"""Shortest ways on the campus graph, in seconds, for one kind of robot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, cast

import networkx as nx

from fleet_manager.core.campus import Campus
from fleet_manager.core.config import KindSpec
from fleet_manager.core.errors import CampusFleetError

SOURCES_KEPT = 1024


class NoRoute(CampusFleetError):
    """No lanes lead there for this kind of robot."""


Tree = tuple[Mapping[str, float], Mapping[str, list[str]]]


def _dijkstra(graph: nx.DiGraph[str], start: str, **options: Any) -> Tree:
    """Durations and ways from a start to all waypoints."""
    return cast(Tree, nx.single_source_dijkstra(graph, start, **options))


class Routes:
    """Ways of one kind of robot; Dijkstra's algorithm, one tree a start, kept.

    Args:
        closed: ids of the map's lanes (`Lane.feature_id`) that nobody may use.
        limits: of the map's lanes that are slower than usual, with their limit.
    """

    def __init__(
        self,
        campus: Campus,
        kind: KindSpec,
        closed: frozenset[str] = frozenset(),
        limits: frozenset[tuple[str, float]] = frozenset(),
    ) -> None:
        self.campus = campus
        self.kind = kind
        view = campus.graph_for(kind.name)
        self._graph: nx.DiGraph[str] = nx.DiGraph()
        self._graph.add_nodes_from(view.nodes)
        slower = dict(limits)
        for start, end, data in view.edges(data=True):
            lane = data["lane"]
            if lane.feature_id not in closed:
                limit_mps = slower.get(lane.feature_id, kind.max_speed_mps)
                duration_s = lane.duration_s(min(kind.max_speed_mps, limit_mps))
                self._graph.add_edge(start, end, duration_s=duration_s)
        self._tree = lru_cache(SOURCES_KEPT)(self._tree_from)

    def _tree_from(self, start: str) -> Tree:
        return _dijkstra(self._graph, start, weight="duration_s")

    def duration_s(self, start: str, goal: str) -> float | None:
        """Time to drive at full speed; None: no lanes lead there."""
        return self._tree(start)[0].get(goal)

    def path(self, start: str, goal: str) -> tuple[str, ...]:
        """Waypoints from start to goal, both included.

        Raises:
            NoRoute: no lanes lead there.
        """
        found = self._tree(start)[1].get(goal)
        if found is None:
            raise NoRoute(
                f"no lanes lead from {start} to {goal} for {self.kind.name} robots",
                "open closed lanes, or choose another place",
            )
        return tuple(found)

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

    def way_to_nearest(
        self,
        start: str,
        may_end: Callable[[str], bool],
        may_pass: Callable[[str, str], bool],
        limit_s: float,
    ) -> tuple[str, ...] | None:
        """The quickest way to a waypoint of a sort through lanes of a sort, or None.

        Args:
            may_end: whether a waypoint will do; asked of the start too.
            may_pass: whether the lane from one waypoint to the next may be driven.
            limit_s: longer ways are not looked for.
        """

        def weight(here: str, there: str, data: Mapping[str, Any]) -> float | None:
            duration_s: float = data["duration_s"]
            return duration_s if may_pass(here, there) else None

        durations, ways = _dijkstra(self._graph, start, cutoff=limit_s, weight=weight)
        good = [waypoint for waypoint in durations if may_end(waypoint)]
        if not good:
            return None
        return tuple(ways[min(good, key=lambda each: (durations[each], each))])
