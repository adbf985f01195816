"""How many times faster than real time the core runs with simulated robots: `fleet sim`.

`python -m benchmarks.simulation [--json] [--quick]`. A day (with --quick two hours) of usual work:
patrols of every sector as often as promised, each clean zone once a day, inspections as they are
due, spills, incidents, and robots that are delayed, fall silent and reboot. Time is processor time
of the one thread that simulates, so that what else the machine does does not count; reading the map
and what is compiled once are left out, planning of sweeps and ways is not.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.adapters.maps.standing_file import load_standing
from fleet_manager.adapters.sim.figures import figures
from fleet_manager.adapters.sim.simulate import world_of
from fleet_manager.adapters.sim.world import World
from fleet_manager.core.scenario import Scenario

ROOT = Path(__file__).resolve().parent.parent
TARGET = 1000.0
WARM_UP_S = 60.0
SITES = (("xixi", 50), ("canalside", 14))

Json = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="two hours instead of a day")
    options = parser.parse_args(arguments)
    rows = [
        row
        for name, robots in SITES
        for row in simulated(name, robots, days=2 / 24 if options.quick else 1.0)
    ]
    result: Json = {
        "benchmark": "simulation",
        "commit": commit(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "rows": rows,
    }
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        for row in rows:
            met = {True: "met", False: "missed", None: ""}[row["met"]]
            target = "" if row["target"] is None else f" (target {row['target']:g}, {met})"
            print(f"{row['case']}, {row['metric']}: {row['ours']:.4g} {row['unit']}{target}")
    return 1 if any(row["met"] is False for row in rows) else 0


def simulated(name: str, robots: int, days: float) -> list[Json]:
    """A campus with so many robots at usual work."""
    folder = ROOT / "maps" / name
    campus = load_campus(folder)
    fleet = load_fleet(folder, campus)
    standing = load_standing(folder, campus)
    world = world_of(campus, fleet, standing, Scenario(days=days, robots=robots), seed=1)
    world.run(world.now_s + WARM_UP_S)  # loads what is compiled
    span_s = world.end_s - world.now_s
    began_s = time.process_time()
    world.run()
    took_s = time.process_time() - began_s
    case = f"{robots} robots at usual work on {campus.name}"
    found = figures(world)
    busy = sum(found["robots"][kind] * found["use"][kind]["busy"] for kind in found["robots"])
    return [
        row(case, "times real time (processor)", "x", span_s / took_s, TARGET),
        row(case, "share of time with a task", "", busy / robots, None),
        row(case, "tasks an hour", "1/h", tasks_per_hour(world), None),
        row(case, "decisions a second", "1/s", world.record.decisions / took_s, None),
        row(case, "standstills that were not resolved", "", still(found), 0.0, better="lower"),
    ]


def tasks_per_hour(world: World) -> float:
    """Asked for, of all kinds."""
    return len(world.record.tasks) / ((world.end_s - world.record.start_s) / 3600.0)


def still(found: Json) -> float:
    """Robots for ever in each other's way."""
    return float(found["standstills"]["unresolved"])


def row(
    case: str, metric: str, unit: str, ours: float, target: float | None, better: str = "higher"
) -> Json:
    """A row of the benchmark's table; there is no peer that runs these decisions."""
    met = None
    if target is not None:
        met = ours >= target if better == "higher" else ours <= target
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "better": better,
        "ours": ours,
        "peers": {},
        "ratio": None,
        "target": target,
        "met": met,
    }


def commit() -> str:
    """The commit that is measured."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
