"""How well zones are swept: covered, driven twice, length over the area bound, beside other ways.

`python -m benchmarks.coverage [--json] [--quick]`. All clean zones of both campuses, and 500 zones
at random with holes. Figures are counted on a grid of a twentieth of the brush, apart from any
planner. Peers sweep the same zones in the same run (benchmarks/peers/sweeps.py); where one of them
cannot, it is left out of its medians. Some zones are driven by the robot's own code with the
simulator's noise. Zones are shared out to two processes.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from benchmarks.instances.random_zones import random_zone
from benchmarks.peers.sweeps import PEERS
from fleet_manager.adapters.maps import load_campus
from fleet_manager.core.campus import ZonePurpose
from fleet_manager.core.planning.coverage import plan_sweep
from fleet_manager.core.planning.coverage.figures import SweepFigures, figures
from fleet_manager.core.planning.coverage.pace import sweep_s

Json = dict[str, Any]
Xy = tuple[float, float]

ROOT = Path(__file__).resolve().parent.parent
CAMPUSES = ("xixi", "canalside")
BRUSH_M = 0.7
RANDOM = 500
WIDE = 20.0
DRIVEN = 12
PROCESSES = 2
_INSIDE_M = 1e-5


@dataclass(frozen=True)
class Zone:
    """A zone to sweep."""

    name: str
    polygon: Polygon
    brush_m: float
    start: Xy


@dataclass
class Swept:
    """Figures of one zone, by whom it was swept; of ours also how long planning took.

    Attributes:
        peers_failed: what went wrong, by peer; their figures are those of the other zones.
    """

    name: str
    figures: dict[str, SweepFigures] = field(default_factory=dict)
    plan_s: float = 0.0
    inside: bool = True
    failed: str = ""
    peers_failed: dict[str, str] = field(default_factory=dict)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="fewer zones")
    options = parser.parse_args(arguments)
    campus = campus_zones()[:: 20 if options.quick else 1]
    count = 20 if options.quick else RANDOM
    with ProcessPoolExecutor(PROCESSES) as pool:
        drawn = list(pool.map(sweep, campus, chunksize=4))
        at_random = list(pool.map(sweep_random, range(count), chunksize=4))
        driven = list(pool.map(drive, campus[:: max(1, len(campus) // DRIVEN)][:DRIVEN]))
    rows = [
        *zone_rows("all zones of both campuses", drawn),
        *random_rows(f"{count} zones at random with holes", at_random),
        *driven_rows(driven),
    ]
    result: Json = {
        "benchmark": "coverage",
        "commit": commit(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "zones": len(drawn),
        "random_zones": count,
        "seeds": [0, count - 1],
        "failed": [[each.name, each.failed] for each in at_random + drawn if each.failed],
        "worst": worst(at_random),
        "rows": rows,
    }
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        for each in rows:
            print(line(each))
    return 1 if any(each["met"] is False for each in rows) else 0


def campus_zones() -> list[Zone]:
    """The clean zones of both campuses, from their access."""
    found = []
    for name in CAMPUSES:
        campus = load_campus(ROOT / "maps" / name)
        for zone in campus.zones.values():
            if zone.purpose is ZonePurpose.CLEAN:
                start = campus.waypoint(zone.access).xy if zone.access else (0.0, 0.0)
                found.append(Zone(zone.id, zone.polygon, BRUSH_M, start))
    return found


def _peers_failed(swept: Sequence[Swept]) -> dict[str, float]:
    """In how many zones each peer failed."""
    return {name: float(sum(name in each.peers_failed for each in swept)) for name in PEERS}


def sweep_random(seed: int) -> Swept:
    """Sweep the zone of a seed."""
    drawn = random_zone(seed)
    return sweep(Zone(f"seed {seed}", drawn.polygon, drawn.brush_width_m, drawn.start))


def sweep(zone: Zone) -> Swept:
    """Sweep a zone in our way and in others."""
    found = Swept(zone.name)
    plan_sweep(shapely.box(0, 0, 3, 3), BRUSH_M)  # reads what is compiled
    try:
        began_s = time.process_time()
        path = plan_sweep(zone.polygon, zone.brush_m, zone.start, name=zone.name).path
        found.plan_s = time.process_time() - began_s
    except Exception as error:  # what breaks is a result
        found.failed = repr(error)
        return found
    found.inside = bool(zone.polygon.buffer(_INSIDE_M).covers(LineString(path)))
    found.figures["ours"] = figures(zone.polygon, path, zone.brush_m)
    for name, way in PEERS.items():
        try:
            other = way(zone.polygon, zone.brush_m, zone.start)
        except Exception as error:  # what breaks is a result
            found.peers_failed[name] = repr(error)
            continue
        found.figures[name] = figures(zone.polygon, other, zone.brush_m)
    return found


def drive(zone: Zone) -> tuple[float, list[float], float, float]:
    """Clean share, how far the robot strayed, seconds it took, seconds expected."""
    from benchmarks.instances.driven_sweep import drive as driven

    path = plan_sweep(zone.polygon, zone.brush_m, zone.start).path
    found = driven(zone.polygon, path, zone.brush_m, seed=1)
    return found.clean_fraction, list(found.stray_m), found.duration_s, sweep_s(path)


Figure = Callable[[SweepFigures], float]
Total = Callable[[list[float]], float]


def median(values: list[float]) -> float:
    return float(np.median(values))


def p95(values: list[float]) -> float:
    return float(np.quantile(values, 0.95))


def by_whom(swept: Iterable[Swept], figure: Figure, total: Total) -> dict[str, float]:
    """A figure of all zones together, for each who swept them."""
    found: dict[str, list[float]] = {}
    for each in swept:
        for name, counted in each.figures.items():
            found.setdefault(name, []).append(figure(counted))
    return {name: total(values) for name, values in found.items()}


def zone_rows(case: str, swept: list[Swept]) -> list[Json]:
    """Rows of the campuses' zones."""
    wide = [each for each in swept if each.figures["ours"].brushes_across >= WIDE]
    over, least, most = (lambda f: f.over_bound), min, max
    covered, overlap = (lambda f: f.covered), (lambda f: f.overlap)
    rows = [
        row(case, "covered, least", "", by_whom(swept, covered, least), 0.99, "higher"),
        row(case, "length over bound, median", "", by_whom(swept, over, median), 1.15),
        row(case, "length over bound, p95", "", by_whom(swept, over, p95), 1.35),
        row(case, "driven twice, median", "", by_whom(swept, overlap, median), None),
        row(case, "planning, median", "ms", {"ours": plan_ms(swept, median)}, 100.0),
        row(case, "hours of one robot", "h", by_whom(swept, _hours, sum), None),
    ]
    if wide:
        case = f"{case}, {len(wide)} at least {WIDE:g} brushes across"
        rows += [
            row(case, "length over bound, most", "", by_whom(wide, over, most), 1.15),
            row(case, "driven twice, most", "", by_whom(wide, overlap, most), 0.10),
        ]
    return rows


def random_rows(case: str, swept: list[Swept]) -> list[Json]:
    """Rows of zones at random."""
    whole = [each for each in swept if not each.failed]
    wide = [each for each in whole if each.figures["ours"].brushes_across >= WIDE]
    over, least = (lambda f: f.over_bound), min
    covered, overlap = (lambda f: f.covered), (lambda f: f.overlap)
    failed = sum(1 for each in swept if each.failed or not each.inside)
    rows = [
        row(case, "failed or outside", "", {"ours": float(failed), **_peers_failed(swept)}, 0.0),
        row(case, "covered, least", "", by_whom(whole, covered, least), 0.99, "higher"),
        row(case, "length over bound, median", "", by_whom(whole, over, median), None),
        row(case, "length over bound, p95", "", by_whom(whole, over, p95), None),
        row(case, "planning, median", "ms", {"ours": plan_ms(whole, median)}, None),
    ]
    if wide:
        case = f"{case}, {len(wide)} at least {WIDE:g} brushes across"
        rows += [
            row(case, "length over bound, median", "", by_whom(wide, over, median), 1.15),
            row(case, "length over bound, p95", "", by_whom(wide, over, p95), 1.15),
            row(case, "driven twice, median", "", by_whom(wide, overlap, median), 0.10),
        ]
    return rows


def driven_rows(driven: list[tuple[float, list[float], float, float]]) -> list[Json]:
    """Rows of zones that robots drove."""
    case = f"{len(driven)} zones driven with the simulator's noise"
    clean = min(share for share, _, _, _ in driven)
    strays_m = [stray for _, strays, _, _ in driven for stray in strays]
    told = max(abs(took - expected) / took for _, _, took, expected in driven)
    return [
        row(case, "clean in its grid, least", "", {"ours": clean}, 0.95, "higher"),
        row(case, "off the path, p95", "m", {"ours": p95(strays_m)}, None),
        row(case, "time foretold, off by at most", "", {"ours": told}, None),
    ]


def worst(swept: list[Swept]) -> Json:
    """The seeds to look at."""
    whole = [each for each in swept if "ours" in each.figures]
    by_cover = sorted(whole, key=lambda each: each.figures["ours"].covered)[:3]
    by_length = sorted(whole, key=lambda each: -each.figures["ours"].over_bound)[:3]
    return {
        "covered": [[each.name, round(each.figures["ours"].covered, 4)] for each in by_cover],
        "over_bound": [
            [each.name, round(each.figures["ours"].over_bound, 3)] for each in by_length
        ],
    }


def _hours(counted: SweepFigures) -> float:
    return counted.duration_s / 3600.0


def plan_ms(swept: Iterable[Swept], total: Total) -> float:
    """Processor time of planning."""
    return total([each.plan_s * 1e3 for each in swept])


def row(
    case: str,
    metric: str,
    unit: str,
    figures: dict[str, float],
    target: float | None,
    better: str = "lower",
) -> Json:
    """A row of the benchmark's table; the ratio is to the best peer."""
    ours = figures["ours"]
    peers = {name: value for name, value in figures.items() if name != "ours"}
    best = (min if better == "lower" else max)(peers.values()) if peers else None
    met = None
    if target is not None:
        met = ours <= target if better == "lower" else ours >= target
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


def line(row: Json) -> str:
    """A row for people."""
    beside = ", ".join(f"{name} {value:.4g}" for name, value in row["peers"].items())
    met = {True: "met", False: "missed", None: ""}[row["met"]]
    target = "" if row["target"] is None else f" (target {row['target']:g}, {met})"
    return f"{row['case']}, {row['metric']}: {row['ours']:.4g} {row['unit']}{target}; {beside}"


def commit() -> str:
    """The commit that is measured."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
