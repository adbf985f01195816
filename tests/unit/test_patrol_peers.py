"""The literature's patrol strategies do on small graphs what their papers say."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.peers.patrolling import REACTIVE, Graph, graph_of, routes, simulate


def ring(size: int) -> Graph:
    edges = np.full((size, size), np.inf)
    for node in range(size):
        edges[node, (node + 1) % size] = edges[(node + 1) % size, node] = 1.0
    return graph_of(edges)


@pytest.mark.parametrize("name", ["greedy", "Conscientious Reactive", "SEBS"])
def test_a_robot_that_goes_where_it_was_least_goes_round(name: str) -> None:
    found = simulate(ring(6), [0], REACTIVE[name], 600.0, 60.0)
    assert found.worst == pytest.approx(6.0)
    assert found.average == pytest.approx(3.0)


def test_two_robots_on_routes_share_a_ring() -> None:
    there = [0, 1, 2, 3, 4, 5, 0]
    found = simulate(ring(6), [0, 3], routes([there, [3, 4, 5, 0, 1, 2, 3]]), 600.0, 60.0)
    assert found.worst == pytest.approx(3.0)


def test_gaps_that_are_open_at_the_end_count() -> None:
    graph = graph_of(np.array([[np.inf, 1.0, 1.0], [1.0, np.inf, np.inf], [1.0, np.inf, np.inf]]))
    found = simulate(graph, [0], routes([[0, 1, 0]]), 100.0, 0.0)
    assert found.worst == pytest.approx(100.0)  # nobody ever sees node 2


@pytest.mark.parametrize("name", REACTIVE)
def test_every_strategy_sees_every_node(name: str) -> None:
    found = simulate(ring(5), [0, 2], REACTIVE[name], 500.0, 100.0)
    assert found.worst < 400.0  # a node that is never seen waits for all of the time measured
