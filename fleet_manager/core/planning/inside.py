"""Shortest ways inside a polygon with holes, over its visibility graph."""

from __future__ import annotations

import math
from itertools import combinations

import networkx as nx
from shapely import prepare
from shapely.geometry import LineString, MultiPolygon, Polygon

from fleet_manager.core.geometry import Xy

_TOLERANCE_M = 1e-6


class InsideWays:
    """Answers how to get from one point of an area to another without leaving it.

    The shortest way in a polygon turns only at its corners (Lozano-Pérez and Wesley 1979), so
    that the graph of mutually visible corners holds every shortest way.

    Args:
        area: polygon or polygons, metres.
    """

    def __init__(self, area: Polygon | MultiPolygon) -> None:
        self._area = area.buffer(_TOLERANCE_M)
        prepare(self._area)
        parts = area.geoms if isinstance(area, MultiPolygon) else [area]
        self._corners = [
            (float(x), float(y))
            for part in parts
            for ring in (part.exterior, *part.interiors)
            for x, y in ring.coords[:-1]
        ]
        self._graph: nx.Graph[Xy] | None = None

    def sees(self, start: Xy, end: Xy) -> bool:
        """Whether the straight line between two points stays inside."""
        return start == end or bool(self._area.covers(LineString([start, end])))

    def way(self, start: Xy, end: Xy) -> tuple[Xy, ...] | None:
        """The shortest way from start to end, both included; None if there is none inside."""
        if self.sees(start, end):
            return (start, end)
        graph = self._corner_graph()
        for point in (start, end):
            if point not in graph:
                graph.add_node(point)
                self._connect(graph, point)
        try:
            found = nx.dijkstra_path(graph, start, end, weight="length_m")
        except nx.NetworkXNoPath:
            return None
        return tuple(found)

    def _corner_graph(self) -> nx.Graph[Xy]:
        if self._graph is None:
            self._graph = nx.Graph()
            self._graph.add_nodes_from(self._corners)
            for a, b in combinations(self._corners, 2):
                if self.sees(a, b):
                    self._graph.add_edge(a, b, length_m=math.dist(a, b))
        return self._graph.copy()

    def _connect(self, graph: nx.Graph[Xy], point: Xy) -> None:
        for other in list(graph):
            if other != point and self.sees(point, other):
                graph.add_edge(point, other, length_m=math.dist(point, other))
