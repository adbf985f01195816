"""How fast ways are found on the full site, beside networkx, rustworkx and scipy in the same run.

`python -m benchmarks.routes [--json] [--quick]`. All answer the same questions on the same graph,
and their answers are held to be equal before any figure is printed. Peers are asked as their
documentation asks: networkx with bidirectional search, rustworkx with A* (no estimate, as it has
the coordinates from nobody), scipy by compressed sparse rows.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import networkx as nx
import numpy as np
import rustworkx as rx
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.core.planning.compiled import CompiledCampus
from fleet_manager.core.planning.routes import Routes

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "maps" / "xixi"
KIND = "security"
QUERY_TARGET_MS = 1.0
MATRIX_TARGET_S = 1.5
SAME = 1e-6  # relative: distances are kept as float32

Json = dict[str, Any]


class Peers:
    """The same graph in the other libraries."""

    def __init__(self, routes: Routes) -> None:
        arrays = routes.arrays
        tails, heads = arrays.tails.tolist(), arrays.heads.tolist()
        seconds = routes.edge_durations_s.tolist()
        edges = [each for each in zip(tails, heads, seconds, strict=True) if each[2] < np.inf]
        count = len(arrays.ids)
        self.networkx: nx.DiGraph[int] = nx.DiGraph()
        self.networkx.add_nodes_from(range(count))
        self.networkx.add_weighted_edges_from(edges)
        self.rustworkx = rx.PyDiGraph()
        self.rustworkx.add_nodes_from(range(count))
        self.rustworkx.add_edges_from(edges)
        rows, columns, values = zip(*edges, strict=True)
        self.scipy = csr_matrix((values, (rows, columns)), shape=(count, count))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="fewer questions")
    options = parser.parse_args(arguments)
    campus = load_campus(SITE)
    fleet = load_fleet(SITE, campus)
    routes = Routes(campus, fleet.kinds[KIND])
    routes.distances_s(routes.arrays.ids[:2], routes.arrays.ids[:2])  # compiles, or reads the cache
    peers = Peers(routes)
    rows = [
        *queries(routes, peers, 40 if options.quick else 400),
        *matrices(routes, peers, 200 if options.quick else 1000),
        from_one_start(routes, peers, 20 if options.quick else 200),
        compiling(campus),
        memory(routes.arrays),
    ]
    result: Json = {
        "benchmark": "routes",
        "commit": commit(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "waypoints": len(campus.waypoints),
        "lanes": len(campus.lanes),
        "rows": rows,
    }
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        for row in rows:
            beside = ", ".join(f"{name} {value:.3g}" for name, value in row["peers"].items())
            met = {True: "met", False: "missed", None: ""}[row["met"]]
            target = "" if row["target"] is None else f" (target {row['target']:g}, {met})"
            ours = f"{row['ours']:.3g} {row['unit']}"
            print(f"{row['case']}, {row['metric']}: {ours}{target}; {beside}")
    return 1 if any(row["met"] is False for row in rows) else 0


def queries(routes: Routes, peers: Peers, count: int) -> list[Json]:
    """Ways between random pairs, each asked for the first time."""
    rng = np.random.default_rng(1)
    nodes = len(routes.arrays.ids)
    pairs = [(int(a), int(b)) for a, b in rng.integers(0, nodes, (count, 2)) if a != b]
    ids = routes.arrays.ids
    ways: dict[str, Callable[[int, int], float]] = {
        "ours": lambda a, b: routes.search(ids[a], ids[b]).duration_s,
        "networkx": lambda a, b: float(nx.bidirectional_dijkstra(peers.networkx, a, b)[0]),
        "rustworkx": lambda a, b: float(
            rx.dijkstra_shortest_path_lengths(peers.rustworkx, a, float, goal=b)[b]
        ),
        "scipy": lambda a, b: float(dijkstra(peers.scipy, indices=a)[b]),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for a, b in pairs:
        answers = []
        for name, way in ways.items():
            began_s = time.perf_counter()
            answers.append(way(a, b))
            taken[name].append((time.perf_counter() - began_s) * 1e3)
        assert max(answers) - min(answers) <= SAME * max(answers), (a, b, answers)
    found = []
    for metric, figure in (("median", median), ("p99", lambda ms: float(np.quantile(ms, 0.99)))):
        target = QUERY_TARGET_MS if metric == "median" else None
        figures = {name: float(figure(each)) for name, each in taken.items()}
        found.append(row("a way between two waypoints", metric, "ms", figures, target))
    return found


def matrices(routes: Routes, peers: Peers, size: int) -> list[Json]:
    """Times between size waypoints and size others; networkx is asked for a tenth of the rows."""
    rng = np.random.default_rng(2)
    nodes = len(routes.arrays.ids)
    starts, goals = (rng.choice(nodes, size, replace=False) for _ in range(2))
    ids = routes.arrays.ids
    figures: dict[str, float] = {}
    began_s = time.perf_counter()
    ours = routes.distances_s([ids[each] for each in starts], [ids[each] for each in goals])
    figures["ours"] = time.perf_counter() - began_s
    began_s = time.perf_counter()
    theirs = dijkstra(peers.scipy, indices=starts)[:, goals]
    figures["scipy"] = time.perf_counter() - began_s
    np.testing.assert_allclose(ours, theirs, rtol=SAME)
    began_s = time.perf_counter()
    for start in starts.tolist():
        rx.dijkstra_shortest_path_lengths(peers.rustworkx, start, float)
    figures["rustworkx"] = time.perf_counter() - began_s
    tenth = starts[: size // 10].tolist()
    began_s = time.perf_counter()
    for start in tenth:
        nx.single_source_dijkstra_path_length(peers.networkx, start)
    figures["networkx"] = (time.perf_counter() - began_s) * size / len(tenth)
    target = MATRIX_TARGET_S if size == 1000 else None
    return [row(f"{size} x {size} times", "total", "s", figures, target)]


def from_one_start(routes: Routes, peers: Peers, count: int) -> Json:
    """All ways from a start, with what comes before each waypoint."""
    rng = np.random.default_rng(3)
    starts = rng.integers(0, len(routes.arrays.ids), count).tolist()
    ways: dict[str, Callable[[int], object]] = {
        "ours": lambda a: routes.all_from(routes.arrays.ids[a]),
        "networkx": lambda a: nx.dijkstra_predecessor_and_distance(peers.networkx, a),
        "rustworkx": lambda a: rx.dijkstra_shortest_path_lengths(peers.rustworkx, a, float),
        "scipy": lambda a: dijkstra(peers.scipy, indices=a, return_predecessors=True),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for start in starts:
        for name, way in ways.items():
            began_s = time.perf_counter()
            way(start)
            taken[name].append((time.perf_counter() - began_s) * 1e3)
    figures = {name: float(median(each)) for name, each in taken.items()}
    return row("all ways from one waypoint", "median", "ms", figures, None)


def memory(arrays: CompiledCampus) -> Json:
    """What the arrays take."""
    size = sum(each.nbytes for each in vars(arrays).values() if isinstance(each, np.ndarray))
    return row("the compiled campus", "memory of its arrays", "MB", {"ours": size / 1e6}, None)


def compiling(campus: Any) -> Json:
    """Making the arrays from the campus."""
    began_s = time.perf_counter()
    CompiledCampus(campus)
    return row("compiling the campus", "total", "s", {"ours": time.perf_counter() - began_s}, None)


def row(case: str, metric: str, unit: str, figures: Json, target: float | None) -> Json:
    """A row of the benchmark's table; the ratio is to the fastest peer."""
    ours = figures["ours"]
    peers = {name: value for name, value in figures.items() if name != "ours"}
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "better": "lower",
        "ours": ours,
        "peers": peers,
        "ratio": ours / min(peers.values()) if peers else None,
        "target": target,
        "met": None if target is None else ours <= target,
    }


def commit() -> str:
    """The commit that is measured."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
