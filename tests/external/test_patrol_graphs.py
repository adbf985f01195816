"""Plans on published patrol graphs, beside the routes that were published for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.patrol import problem_of, read_graph
from benchmarks.peers.patrolling import routes, simulate
from fleet_manager.core.planning.patrol.planner import plan_patrol

# Published routes are closed walks of 48, 32, 16, 10 and 8 streets of 5.7 m: the longest of them
# is as long as a site that it passes once waits.
GRID = {1: 48, 2: 32, 4: 16, 8: 10, 9: 8}


@pytest.mark.parametrize("robots", GRID)
def test_a_plan_on_the_grid_is_proven_best(reference_data: Path, robots: int) -> None:
    graph = read_graph(reference_data / "patrolling_sim" / "graphs" / "grid.graph")
    plan = plan_patrol(problem_of(graph.apart), robots)
    # A tour over 25 crossings has 26 streets: there are more crossings of one colour.
    assert plan.worst_weighted_idleness_s == pytest.approx(26 * 5.7 / robots)
    assert plan.gap < 1e-3


@pytest.mark.parametrize("robots", GRID)
def test_published_routes_measure_what_is_published(reference_data: Path, robots: int) -> None:
    folder = reference_data / "patrolling_sim"
    graph = read_graph(folder / "graphs" / "grid.graph")
    files = sorted((folder / "msp_grid").glob(f"grid_{robots}_*.route"))
    given = [[int(each) for each in file.read_text().split()[1:]] for file in files]
    found = simulate(graph, [each[0] for each in given], routes(given), 3000.0, 600.0)
    assert found.worst == pytest.approx(5.7 * GRID[robots])


def test_eight_robots_on_a_graph_of_dead_ends(reference_data: Path) -> None:
    graph = read_graph(reference_data / "patrolling_sim" / "graphs" / "cumberland.graph")
    plan = plan_patrol(problem_of(graph.apart), 8)
    # A robot that sees the three dead ends at node 16 drives 2 * (94 + 85 + 128) * 0.075 m.
    assert plan.worst_weighted_idleness_s == pytest.approx(46.05)
