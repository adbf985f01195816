"""How long a campus of 10,000 waypoints takes to be read, checked and compiled.

`python -m benchmarks.maps [--json] [--quick]`: the synthetic campus of `large_campus`, and the
full site beside it. Processor seconds of one core.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.large_campus import large_document, large_fleet
from fleet_manager.adapters.maps import load_campus, load_fleet, validate
from fleet_manager.adapters.maps.campus_file import check_schema, read_document
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.planning.compiled import CompiledCampus

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "maps" / "xixi"
TARGET_S = 5.0

Json = dict[str, Any]
Result = TypeVar("Result")
Given = TypeVar("Given")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="each step once")
    options = parser.parse_args(arguments)
    times = 1 if options.quick else 3
    load_campus(SITE)  # what is loaded once a process
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "campus.geojson")
        file.write_text(json.dumps(large_document()), encoding="utf-8")
        rows = [*measured("10,000 waypoints", file, times, TARGET_S)]
    rows += measured("maps/xixi", SITE / "campus.geojson", times, None)
    if options.json:
        machine = f"{platform.machine()}, Python {platform.python_version()}"
        result = {"benchmark": "maps", "commit": commit(), "machine": machine, "rows": rows}
        print(json.dumps(result, indent=2))
    else:
        for row in rows:
            target = "" if row["target"] is None else f" (target {row['target']:g})"
            print(f"{row['case']}, {row['metric']}: {row['ours']:.2f} s{target}")
    return 1 if any(row["met"] is False for row in rows) else 0


def measured(case: str, file: Path, times: int, target_s: float | None) -> list[Json]:
    """Each step's least time of some, and their sum."""
    steps: dict[str, float] = {}

    def step(name: str, work: Callable[[Given], Result], given: Callable[[], Given]) -> Result:
        for _ in range(times):
            material = given()  # made anew: what a campus has worked out it keeps
            began_s = time.process_time()
            result = work(material)
            taken_s = time.process_time() - began_s
            steps[name] = min(steps.get(name, taken_s), taken_s)
        return result

    document = step("reading", read_document, lambda: file)
    campus = step("building", campus_from_geojson, lambda: document)
    step("schema", check_schema, lambda: document)
    fleet = load_fleet(SITE, campus) if file.parent == SITE else large_fleet(campus)
    findings = step(
        "validating", lambda fresh: validate(fresh, fleet), lambda: campus_from_geojson(document)
    )
    if findings:
        raise SystemExit(f"maps: {case} is not sound: {findings[0].problem}")
    step("compiling", CompiledCampus, lambda: campus_from_geojson(document))
    rows = [row(case, name, seconds, None) for name, seconds in steps.items()]
    name = f"all of it, {len(campus.waypoints)} waypoints, {len(campus.lanes)} lanes"
    return [*rows, row(case, name, sum(steps.values()), target_s)]


def row(case: str, metric: str, seconds: float, target_s: float | None) -> Json:
    """A row of the benchmark's table."""
    return {
        "case": case,
        "metric": metric,
        "unit": "s",
        "better": "lower",
        "ours": seconds,
        "peers": {},
        "ratio": None,
        "target": target_s,
        "met": None if target_s is None else seconds <= target_s,
    }


def commit() -> str:
    """The commit that is measured."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
