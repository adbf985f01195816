"""Whether robots that share docks ever fall below their reserve: energies of many robot-days.

`python -m benchmarks.charging [--json] [--quick] [--seed N]`. Robots of the full site, up to five
to a dock, have more to do than they can. What each draws is random, within 30 % of the model of its
kind; so are its work, closings on its way back, delays, and docks that fail. The rules are those of
the manager (`core/planning/charging.py`), which learns what each robot draws; beside them, on the
same work, the fixed thresholds that fleets are usually run by. Traffic is not simulated: what it
may cost is drawn from what the rules allow for (docs/planning.md, "Energy").
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from benchmarks.energy.days import DAY_S, World
from benchmarks.energy.robots import Figures, fleet_ways
from benchmarks.energy.rules import Fixed, Ours, Rules
from fleet_manager.adapters.maps import load_campus, load_fleet

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "maps" / "xixi"
PLACES = 160
DAYS = 10.0
THRESHOLDS = (0.20, 0.30, 0.40)
CASES = ((24, 6, 10_000.0), (30, 6, 1_000.0), (12, 12, 1_000.0))
"""Robots, docks and robot-days."""
QUICK_DAYS = 240.0
PEERS_SHARE = 0.2
"""Peers live the first of the same worlds: what they do shows there already."""

Json = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="a few robot-days")
    parser.add_argument("--seed", type=int, default=1, help="of work, closings and consumption")
    options = parser.parse_args(arguments)
    rows: list[Json] = []
    for robots, docks, robot_days in CASES:
        rows += compare(robots, docks, QUICK_DAYS if options.quick else robot_days, options.seed)
    result: Json = {
        "benchmark": "charging",
        "commit": _commit(),
        "machine": f"{platform.machine()}, {platform.system()}",
        "seed": options.seed,
        "rows": rows,
    }
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        for row in rows:
            peers = ", ".join(f"{name} {value:g}" for name, value in row["peers"].items())
            print(f"{row['case']}: {row['metric']} {row['ours']:g} {row['unit']} ({peers})")
    return 0 if all(row["met"] is not False for row in rows) else 1


def compare(robots: int, docks: int, robot_days: float, seed: int) -> list[Json]:
    """The manager's rules and fixed thresholds on the same work."""
    begun_s = time.monotonic()
    ours = lived(robots, docks, robot_days, seed, Ours)
    took_s = time.monotonic() - begun_s
    peers = {
        f"below {each:.0%}": lived(
            robots, docks, robot_days * PEERS_SHARE, seed, partial(Fixed, each)
        )
        for each in THRESHOLDS
    }
    case = f"{robots} robots, {docks} docks, {ours.robot_days:,.0f} robot-days"

    def row(metric: str, unit: str, better: str, of: Callable[[Figures], float]) -> Json:
        values = {name: round(of(each), 4) for name, each in peers.items()}
        best = (min if better == "lower" else max)(values.values())
        own = round(of(ours), 4)
        return {
            "case": case,
            "metric": metric,
            "unit": unit,
            "better": better,
            "ours": own,
            "peers": values,
            "ratio": round(own / best, 3) if best else None,
            "target": None,
            "met": None,
        }

    below = row(
        "below the reserve away from a dock",
        "per 1,000 robot-days",
        "lower",
        lambda f: f.below / f.robot_days * 1000.0,
    )
    below |= {"target": 0, "met": ours.below == 0}
    low = row("lowest charge away from a dock", "share", "higher", lambda f: f.lowest)
    low |= {"target": 0.15, "met": ours.lowest >= 0.15}
    return [
        below,
        low,
        row("at work", "share of time", "higher", lambda f: f.working_s / f.robot_days / DAY_S),
        row("waits for a dock", "h/day", "lower", lambda f: f.waiting_s / f.robot_days / 3600.0),
        row("error of what is learned", "share", "lower", _error),
        {
            "case": case,
            "metric": "time to simulate, ours",
            "unit": "s",
            "better": "lower",
            "ours": round(took_s, 1),
            "peers": {},
            "ratio": None,
            "target": None,
            "met": None,
        },
    ]


def lived(
    robots: int, docks: int, robot_days: float, seed: int, rules: Callable[[], Rules]
) -> Figures:
    """Worlds of ten days each, with other robots, work and troubles in each; all added up."""
    campus = load_campus(SITE)
    fleet = load_fleet(SITE, campus)
    ways = fleet_ways(campus, fleet, PLACES, docks, seed)
    total = Figures()
    worlds = max(1, math.ceil(robot_days / (robots * DAYS)))
    numbers = track(range(worlds), description=f"{robots} robots", console=_console())
    for number in numbers:
        total.add(World(ways, robots, fleet.policy, rules(), seed * 1000 + number).run(DAYS))
    return total


def _console() -> Any:
    from rich.console import Console

    return Console(stderr=True)


def _error(figures: Figures) -> float:
    """Root mean square of what was learned of robots, against what they draw."""
    pairs = np.array(figures.learned)
    return float(np.sqrt(np.mean((pairs[:, 0] - pairs[:, 1]) ** 2)))


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
