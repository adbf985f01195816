"""How good patrol plans are: worst idleness beside the literature's strategies, gaps to the bound.

`python -m benchmarks.patrol [--json] [--quick]`. The published graphs are read from
../shared/data/patrolling_sim beside the checkout; without them their rows are left out, and the
result says so. Strategies of the literature run in the same process without delays or collisions
(benchmarks/peers/patrolling.py). Our worst idleness is the one planned; a test holds that robots
that drive the plan measure the same.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pyvrp import Model
from pyvrp.stop import MaxRuntime

from benchmarks.peers.patrolling import REACTIVE, Graph, Idleness, graph_of, routes, simulate
from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.core.planning.patrol.candidates import Candidates
from fleet_manager.core.planning.patrol.plan import PatrolPlan, gaps_of
from fleet_manager.core.planning.patrol.planner import Effort, plan_patrol
from fleet_manager.core.planning.patrol.problem import PatrolProblem, PatrolSite, problem_on
from fleet_manager.core.planning.patrol.sites import sites_covering
from fleet_manager.core.planning.patrol.tours import shortest_tour, tour_length
from fleet_manager.core.planning.routes import Routes

Floats = npt.NDArray[np.float64]
Json = dict[str, Any]

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "maps" / "xixi"
SITES = 300
EVERY_M = 40.0
PUBLISHED = ("patrolling_sim", "graphs")
GRID_TARGETS = {1: 148.2, 2: 74.1, 4: 37.05, 8: 18.53, 9: 16.5}
CUMBERLAND_TARGET = 46.0
GAP_TARGETS = {5: 10.0, 10: 12.0, 20: 16.0}
WEIGHTED_TARGETS = {5: None, 10: 2.5, 20: 2.5}
LAPS = 20  # a peer is watched for so many rounds of one robot, and settles for a quarter of that


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="shorter searches")
    options = parser.parse_args(arguments)
    measured = commit()
    data = published()
    rows = [*on_campus(options.quick)]
    if data is not None:
        rows = [*on_grid(data), *on_cumberland(data, options.quick), *rows]
    result: Json = {
        "benchmark": "patrol",
        "commit": measured,
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "left_out": [] if data else ["grid", "cumberland: no ../shared/data/patrolling_sim"],
        "rows": rows,
    }
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        for each in rows:
            print(line(each))
        for each in result["left_out"]:
            print(f"left out: {each}")
    return 1 if any(each["met"] is False for each in rows) else 0


def published() -> Path | None:
    """The folder of published graphs and routes."""
    for folder in (ROOT.parent, ROOT.parent.parent):
        found = folder / "shared" / "data" / PUBLISHED[0]
        if found.is_dir():
            return found
    return None


def read_graph(file: Path) -> Graph:
    """A graph of patrolling_sim; edges in metres."""
    words = file.read_text().split()
    size, metres = int(words[0]), float(words[3])
    edges = np.full((size, size), np.inf)
    at = 6
    for _ in range(size):
        node, count = int(words[at]), int(words[at + 3])
        at += 4
        for _ in range(count):
            edges[node, int(words[at])] = float(words[at + 2]) * metres
            at += 3
    return graph_of(edges)


def on_grid(data: Path) -> Iterator[Json]:
    """The grid of patrolling_sim, with MSP's published routes."""
    graph = read_graph(data / "graphs" / "grid.graph")
    problem = problem_of(graph.apart)
    lap = tour_length(graph.apart, shortest_tour(graph.apart))
    for robots, target in GRID_TARGETS.items():
        plan = plan_patrol(problem, robots)
        given = [
            [int(each) for each in file.read_text().split()[1:]]
            for file in sorted((data / "msp_grid").glob(f"grid_{robots}_*.route"))
        ]
        starts = [each[0] for each in given]
        peers = strategies(graph, starts, lap)
        peers["MSP"] = simulate(graph, starts, routes(given), LAPS * lap, LAPS / 4 * lap)
        yield idleness_row(f"grid, {robots} robot{'s' if robots > 1 else ''}", plan, peers, target)


def on_cumberland(data: Path, quick: bool) -> Iterator[Json]:
    """A graph with many dead ends."""
    graph = read_graph(data / "graphs" / "cumberland.graph")
    effort = Effort(iterations=200_000 if quick else 2_000_000)
    plan = plan_patrol(problem_of(graph.apart), 8, effort=effort)
    tour = shortest_tour(graph.apart)
    starts = [tour[len(tour) * each // 8] for each in range(8)]
    peers = strategies(graph, starts, tour_length(graph.apart, tour))
    yield idleness_row("cumberland, 8 robots", plan, peers, CUMBERLAND_TARGET)


def strategies(graph: Graph, starts: Sequence[int], lap: float) -> dict[str, Idleness]:
    """What the literature's strategies reach."""
    return {
        name: simulate(graph, starts, strategy, LAPS * lap, LAPS / 4 * lap)
        for name, strategy in REACTIVE.items()
    }


def on_campus(quick: bool) -> Iterator[Json]:
    """300 junctions of the full site, alike and with weights 1, 2 and 4; times in seconds."""
    problem = campus_problem()
    effort = Effort(iterations=150_000 if quick else 2_000_000)
    began_s = time.perf_counter()
    tour = shortest_tour(problem.travel_s, effort.iterations // 40)
    ours_s = time.perf_counter() - began_s
    began_s = time.perf_counter()
    theirs = pyvrp_tour(problem.travel_s, 2.0 if quick else 12.0)
    theirs_s = time.perf_counter() - began_s
    lengths = [tour_length(problem.travel_s, each) for each in (tour, theirs)]
    case = f"{SITES} sites on the campus"
    yield row(f"{case}, one tour", "length", "s", lengths[0], {"PyVRP": lengths[1]}, None)
    yield row(f"{case}, one tour", "time to find it", "s", ours_s, {"PyVRP": theirs_s}, None)
    graph = near_graph(problem.travel_s)
    for robots, target in GAP_TARGETS.items():
        began_s = time.perf_counter()
        plan = plan_patrol(problem, robots, effort=effort)
        seconds = time.perf_counter() - began_s
        bound = plan.bound.value_s
        found = reactive(graph, tour, robots, np.ones(SITES))
        peers = {"PyVRP tour, shared": lengths[1] / robots}
        peers |= {name: each.worst for name, each in found.items()}
        gaps = {name: 100.0 * (each / bound - 1.0) for name, each in peers.items()}
        ours = 100.0 * plan.gap
        found_row = row(f"{case}, {robots} robots", "gap to the bound", "%", ours, gaps, target)
        yield found_row | told(plan) | {"seconds": seconds}
    yield from weighted(problem, tour, graph, effort)


def weighted(
    problem: PatrolProblem, tour: Sequence[int], graph: Graph, effort: Effort
) -> Iterator[Json]:
    """The same sites with weights drawn from 1, 2 and 4."""
    weights = np.random.default_rng(1).choice([1.0, 2.0, 4.0], SITES)
    of = problem_of(problem.travel_s, weights)
    for robots, target in WEIGHTED_TARGETS.items():
        plan = plan_patrol(of, robots, effort=effort)
        bound = plan.bound.value_s
        search = Candidates(of, weights, robots, effort.iterations, effort.seed)
        shared = 4.0 * tour_length(problem.travel_s, tour) / robots
        peers = {"one tour": shared, "a tour for each weight": by_weight(search)}
        peers |= {name: each.worst for name, each in reactive(graph, tour, robots, weights).items()}
        values = {name: each / bound for name, each in peers.items()}
        case = f"{SITES} sites on the campus, weights 1, 2, 4, {robots} robots"
        ours = plan.worst_weighted_idleness_s / bound
        yield row(case, "worst weighted idleness / bound", "", ours, values, target) | told(plan)


def by_weight(search: Candidates) -> float:
    """Worst weighted idleness with a team on a tour for each weight."""
    teams = search.by_weight_teams()
    worst_s, _ = gaps_of(teams, len(search.weights))
    return float((worst_s * search.weights).max())


def reactive(
    graph: Graph, tour: Sequence[int], robots: int, weights: Floats
) -> dict[str, Idleness]:
    """The strategies that can be run on hundreds of sites in seconds."""
    starts = [tour[len(tour) * each // robots] for each in range(robots)]
    lap = tour_length(graph.apart, tour)
    chosen = ("greedy", "Conscientious Reactive")
    return {
        name: simulate(graph, starts, REACTIVE[name], 3.0 * lap, lap, weights) for name in chosen
    }


def campus_problem() -> PatrolProblem:
    """The first 300 of junctions that lie as far apart as they can; security robots' times."""
    campus = load_campus(SITE)
    fleet = load_fleet(SITE, campus)
    home = next(each.home for each in fleet.robots.values() if each.kind == "security")
    ways = Routes(campus, fleet.kinds["security"])
    chosen = sites_covering(ways, (), EVERY_M, home)[:SITES]
    assert len(chosen) == SITES
    sites = [PatrolSite(each.waypoint) for each in chosen]
    return problem_on(ways, sites, slower=1.0)


def near_graph(times: Floats, count: int = 6) -> Graph:
    """Each site joined to its nearest ones and along a spanning tour: where reactive robots go."""
    size = len(times)
    mean = (times + times.T) / 2.0
    apart = mean + np.diag(np.full(size, np.inf))
    edges = np.full((size, size), np.inf)
    for site, near in enumerate(np.argsort(apart, axis=1)[:, :count]):
        edges[site, near] = edges[near, site] = apart[site, near]
    tour = np.array(shortest_tour(mean, 1000))
    following = np.roll(tour, -1)
    edges[tour, following] = edges[following, tour] = mean[tour, following]
    return graph_of(edges)


def pyvrp_tour(times: Floats, limit_s: float) -> tuple[int, ...]:
    """One vehicle round all sites by PyVRP, from the first."""
    scale = 10.0
    model = Model()
    places = [model.add_location(0, 0) for _ in times]
    model.add_depot(places[0])
    for place in places[1:]:
        model.add_client(place)
    model.add_vehicle_type(1)
    for a, start in enumerate(places):
        for b, end in enumerate(places):
            if a != b:
                model.add_edge(start, end, round(scale * float(times[a, b])))
    found = model.solve(stop=MaxRuntime(limit_s), seed=1, display=False)
    (route,) = found.best.routes()
    return (0, *(each.idx + 1 for each in route.schedule() if each.is_client()))


def problem_of(times: Floats, weights: Floats | None = None) -> PatrolProblem:
    """Sites with these times between them."""
    of = np.ones(len(times)) if weights is None else weights
    sites = (PatrolSite(f"site {at}", float(weight)) for at, weight in enumerate(of))
    return PatrolProblem(tuple(sites), times)


def idleness_row(case: str, plan: PatrolPlan, peers: dict[str, Idleness], target: float) -> Json:
    """Worst idleness; average graph idleness beside it."""
    worst = {name: each.worst for name, each in peers.items()}
    average = {"ours": plan.average_idleness_s}
    average |= {name: each.average for name, each in peers.items()}
    ours = plan.worst_weighted_idleness_s
    found = row(case, "worst idleness", "m", ours, worst, target)
    return found | told(plan) | {"average_graph_idleness": average}


def told(plan: PatrolPlan) -> Json:
    """What a row says of the plan beside its figure."""
    bound = {"name": plan.bound.name, "value": plan.bound.value_s, "gap": plan.gap}
    return {"method": plan.method, "bound": bound}


def row(
    case: str, metric: str, unit: str, ours: float, peers: dict[str, float], target: float | None
) -> Json:
    """A row of the benchmark's table; the ratio is to the best peer."""
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "better": "lower",
        "ours": ours,
        "peers": peers,
        "ratio": ours / min(peers.values()) if peers and min(peers.values()) > 0.0 else None,
        "target": target,
        "met": None if target is None else bool(ours <= target * (1.0 + 1e-9)),
    }


def line(each: Json) -> str:
    """A row for people."""
    beside = ", ".join(f"{name} {value:.4g}" for name, value in each["peers"].items())
    met = {True: "met", False: "MISSED", None: ""}[each["met"]]
    target = "" if each["target"] is None else f" (target {each['target']:g}, {met})"
    text = f"{each['case']}, {each['metric']}: {each['ours']:.4g} {each['unit']}{target}"
    return f"{text}; {beside}" if beside else text


def commit() -> str:
    """The commit that is measured."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
