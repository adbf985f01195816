"""How many goals robots reach that drive on the same streets, and how late they are, beside peers.

`python -m benchmarks.traffic [--json] [--quick] [--plot FILE]`.

Campus: 5,000 crossings and 7,000 streets drawn at random, with bridges and dead ends
(benchmarks/road_graph), 1.5 leaf bays a robot, goals drawn from bays that are free, a street a
step; without delays, and with robots that do not leave at a fifth of all steps. Site: maps/xixi, in
seconds, on the units of space that the core works out; every fifth time a lane takes as long again.

Peers drive on the same streets with the same rule for goals: PIBT, as published and with the
published rule for corridors and dead ends (benchmarks/peers/pibt.py; it knows no durations, so it
is not on the site), and a manager that locks the next lane. Free flow is robots that drive through
each other: no traffic is faster. A delay is the time from a goal to its bay, over that of the
shortest way without stops. A robot is stuck that has not reached its goal for 500 steps, or not
moved for a quarter of an hour on the site. Whether robots meet is found from where they are, not
from what the planner notes. Times are processor times of one thread.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.lane_locks import Ghosts, LaneLocks
from benchmarks.peers.pibt import Pibt
from benchmarks.road_graph import site as on_site
from benchmarks.road_graph.planned import Planned
from benchmarks.road_graph.plot import plot
from benchmarks.road_graph.roads import NODES, STREETS, Roads, random_roads
from benchmarks.road_graph.trial import Director, Outcome, run
from benchmarks.routes import commit

ROOT = Path(__file__).resolve().parent.parent
SITE, KIND = ROOT / "maps" / "xixi", "security"
SEED = 1
STALLS = 0.2
STEPS = 1500
GOALS_TARGETS = {200: 3.8, 500: 8.8, 1000: 15.0}
KEPT_TARGET = 0.7
TICK_TARGETS_MS = {200: 20.0, 1000: 100.0}
GROWTH_NODES = (1250, 2500, 5000, 10000)
GROWTH_ROBOTS, GROWTH_STEPS = 200, 400
LIMIT = "free flow"

Json = dict[str, Any]
Makers = dict[str, Callable[[Roads, int], Director]]
DIRECTORS: Makers = {
    "ours": Planned,
    "PIBT": lambda roads, robots: Pibt(roads, robots, swap=False),
    "PIBT with swaps": lambda roads, robots: Pibt(roads, robots, swap=True),
    "lane locks": LaneLocks,
    LIMIT: Ghosts,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="a small campus and short days")
    parser.add_argument("--plot", type=Path, help="draw throughput and stuck robots (.svg, .png)")
    options = parser.parse_args(arguments)
    warm_up()
    nodes, streets = (1000, 1400) if options.quick else (NODES, STREETS)
    fleets = (40, 100, 200) if options.quick else tuple(GOALS_TARGETS)
    steps = 700 if options.quick else STEPS
    drawn: dict[int, dict[float, dict[str, Outcome]]] = {}
    rows: list[Json] = []
    for robots in fleets:
        roads = random_roads(robots, SEED, nodes, streets)
        drawn[robots] = {late: trials(roads, robots, steps, late) for late in (0.0, STALLS)}
        rows += campus_rows(drawn[robots], robots, nodes)
    if not options.quick:
        rows += growth_with_robots({robots: drawn[robots][0.0]["ours"] for robots in fleets})
    rows += growth_with_nodes((500, 1000) if options.quick else GROWTH_NODES)
    site = on_site.Site.load(SITE, KIND)
    for robots in (20,) if options.quick else (50, 100):
        for late in (0.0, STALLS):
            rows += site_rows(site, robots, 0.4 if options.quick else 2.0, late)
    roads = random_roads(max(fleets), SEED, nodes, streets)
    result: Json = {
        "benchmark": "traffic",
        "commit": commit(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "crossings": nodes,
        "streets": streets,
        "bridges": roads.bridges(),
        "dead_ends": roads.dead_ends(),
        "steps": steps,
        "rows": rows,
    }
    if options.plot:
        plot(drawn, options.plot)
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        for each in rows:
            print(said(each))
    return 1 if any(each["met"] is False for each in rows) else 0


def said(each: Json) -> str:
    """A row, for people."""
    beside = ", ".join(f"{name} {value:.3g}" for name, value in each["peers"].items())
    met = {True: "met", False: "missed", None: ""}[each["met"]]
    target = "" if each["target"] is None else f" (target {each['target']:g}, {met})"
    return f"{each['case']}, {each['metric']}: {each['ours']:.3g} {each['unit']}{target}; {beside}"


def warm_up() -> None:
    """Compile, or read the machine code, before anything is timed."""
    roads = random_roads(10, SEED, 100, 140)
    for make in DIRECTORS.values():
        run(make(roads, 10), roads, 10, 20, STALLS, SEED, ghosts=True)


def trials(roads: Roads, robots: int, steps: int, late: float) -> dict[str, Outcome]:
    """All directors on the same roads."""
    return {
        name: run(make(roads, robots), roads, robots, steps, late, SEED, ghosts=name == LIMIT)
        for name, make in DIRECTORS.items()
    }


def campus_rows(
    outcomes: dict[float, dict[str, Outcome]], robots: int, nodes: int
) -> Iterator[Json]:
    """What a fleet reached on the campus, without and with delays."""
    full = nodes == NODES
    for late, found in outcomes.items():
        delays = f"{late:.0%} delays" if late else "no delays"
        case = f"{robots} robots on {nodes:,} crossings, {delays}"
        target = GOALS_TARGETS.get(robots) if full and not late else None
        goals = {name: each.goals_a_step for name, each in found.items()}
        yield row(case, "goals", "per step", goals, target, "higher")
        if late:
            kept = {
                name: each.goals_a_step / max(outcomes[0.0][name].goals_a_step, 1e-9)
                for name, each in found.items()
                if name in ("ours", LIMIT)
            }
            yield row(
                case, "throughput kept", "of that without delays", kept, KEPT_TARGET, "higher"
            )
        stuck = {name: float(each.stuck) for name, each in found.items() if name != LIMIT}
        yield row(case, "stuck at the end", "robots", stuck, 0.0)
        met = {name: float(each.collisions) for name, each in found.items() if name != LIMIT}
        yield row(case, "collisions", "pairs", met, 0.0)
        for metric, share in (("mean", None), ("p99", 0.99)):
            figures = {name: _figure(each.delays, share) for name, each in found.items()}
            yield row(case, f"delay over free flow, {metric}", "steps", figures, None)
        plan_ms = found["ours"].plan_ms
        for metric, share in (("p50", 0.5), ("p99", 0.99)):
            figure = {"ours": _figure(plan_ms, share)}
            yield row(case, f"planning a goal, {metric}", "ms", figure, None)
        for metric, share in (("p50", 0.5), ("p99", 0.99)):
            figures = {
                name: _figure(each.tick_ms, share) for name, each in found.items() if name != LIMIT
            }
            limit = TICK_TARGETS_MS.get(robots) if full and share == 0.99 else None
            yield row(case, f"a step of all robots, {metric}", "ms", figures, limit)
        memory = {"ours": found["ours"].memory_mb}
        yield row(case, "memory of the tables", "MB", memory, None)


def _figure(values: Sequence[float], share: float | None) -> float:
    if not values:
        return 0.0
    return float(np.mean(values) if share is None else np.quantile(values, share))


def growth_with_robots(found: dict[int, Outcome]) -> Iterator[Json]:
    """How a step grows from the smallest fleet to the largest."""
    least, most = min(found), max(found)
    times = _figure(found[most].tick_ms, 0.5) / _figure(found[least].tick_ms, 0.5)
    case = f"from {least} to {most:,} robots"
    yield row(case, "a step of all robots, p50", "times", {"ours": times}, None)
    times = _figure(found[most].plan_ms, 0.5) / _figure(found[least].plan_ms, 0.5)
    yield row(case, "planning a goal, p50", "times", {"ours": times}, None)


def growth_with_nodes(sizes: Sequence[int]) -> Iterator[Json]:
    """The same fleet on campuses of several sizes."""
    robots = GROWTH_ROBOTS if len(sizes) > 2 else 40
    for nodes in sizes:
        roads = random_roads(robots, SEED, nodes, int(1.4 * nodes))
        found = run(Planned(roads, robots), roads, robots, GROWTH_STEPS, 0.0, SEED)
        case = f"{robots} robots on {nodes:,} crossings"
        for metric, values in (("planning a goal", found.plan_ms), ("a step", found.tick_ms)):
            yield row(case, f"{metric}, p50", "ms", {"ours": _figure(values, 0.5)}, None)


def site_rows(site: on_site.Site, robots: int, hours: float, late: float) -> Iterator[Json]:
    """What a fleet reached on the site."""
    makers = (on_site.Planned, on_site.LaneLocks, on_site.Ghosts)
    found = {make.name: on_site.Day(site, make, robots, late, SEED).run(hours) for make in makers}
    delays = f"{late:.0%} delays" if late else "no delays"
    case = f"{robots} robots at Xixi, {hours:g} h, {delays}"
    goals = {name: each.goals_an_hour for name, each in found.items()}
    yield row(case, "goals", "per hour", goals, None, "higher")
    stuck = {name: float(each.stuck) for name, each in found.items() if name != LIMIT}
    yield row(case, "stuck at the end", "robots", stuck, 0.0)
    touched = {name: float(each.collisions) for name, each in found.items() if name != LIMIT}
    yield row(case, "collisions", "pairs", touched, 0.0)
    for metric, share in (("mean", None), ("p99", 0.99)):
        figures = {name: _figure(each.delays_s, share) for name, each in found.items()}
        yield row(case, f"delay over free flow, {metric}", "s", figures, None)
    for metric, share in (("p50", 0.5), ("p99", 0.99)):
        figure = {"ours": _figure(found["ours"].plan_ms, share)}
        yield row(case, f"planning a goal, {metric}", "ms", figure, None)


def row(
    case: str,
    metric: str,
    unit: str,
    figures: Json,
    target: float | None,
    better: str = "lower",
) -> Json:
    """A row of the benchmark's table; the ratio is to the best peer, which free flow is not."""
    ours = figures["ours"]
    peers = {name: value for name, value in figures.items() if name != "ours"}
    real = [value for name, value in peers.items() if name != LIMIT]
    best = (max if better == "higher" else min)(real) if real else None
    met = None
    if target is not None:
        met = ours >= target if better == "higher" else ours <= target
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "better": better,
        "ours": ours,
        "peers": peers,
        "ratio": ours / best if best else None,
        "target": target,
        "met": met,
    }


if __name__ == "__main__":
    sys.exit(main())
