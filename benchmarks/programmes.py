"""How patrol programmes keep their promise on the full site through a night, beside greedy robots.

`python -m benchmarks.programmes [--json] [--quick]`. Three programmes, one for each part of Xixi,
with six of its eight robots that patrol, in the fast simulation (adapters/sim): robots turn, start,
stop, meet and charge. Beside them in the same simulation: robots of which each, whenever it is
free, is sent to the place with the most idleness a second of driving, as the greedy strategies of
the literature do.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from fleet_manager.adapters.maps import load_campus, load_fleet, load_programmes
from fleet_manager.adapters.sim.record import Visits
from fleet_manager.adapters.sim.world import World
from fleet_manager.core.commands import SubmitTask
from fleet_manager.core.planning.availability import unavailable
from fleet_manager.core.planning.patrol_ways import travel_of
from fleet_manager.core.programme_commands import SaveProgramme
from fleet_manager.core.programme_sites import patrollers, resolved
from fleet_manager.core.scenario import QUIET
from fleet_manager.core.site import Site
from fleet_manager.core.task import Category

ROOT = Path(__file__).resolve().parent.parent
XIXI = ROOT / "maps" / "xixi"
START_S = 1_800_028_800.0  # an evening
HOURS, QUICK_HOURS = 8.0, 1.5
ON_PATROL = 6
LOOK_EVERY_S = 5.0

Json = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="a short night")
    options = parser.parse_args(arguments)
    hours = QUICK_HOURS if options.quick else HOURS
    ours, greedy = night(hours, greedy=False), night(hours, greedy=True)
    result: Json = {
        "benchmark": "programmes",
        "commit": commit(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "rows": rows(ours, greedy, hours),
    }
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        for each in result["rows"]:
            peers = ", ".join(f"{name} {value}" for name, value in each["peers"].items())
            print(f"{each['case']}: {each['metric']} {each['ours']} {each['unit']} ({peers})")
    return 1 if any(each["met"] is False for each in result["rows"]) else 0


def night(hours: float, *, greedy: bool) -> Json:
    """What a night leaves of idleness at all places of the three programmes."""
    campus = load_campus(XIXI)
    fleet = load_fleet(XIXI / "fleet.yaml", campus)
    world = World(Site(campus, fleet), (), QUIET, 1, START_S, START_S + hours * 3600.0)
    world.run(START_S + 5.0)
    specs = [replace(each, window=None) for each in load_programmes(XIXI, campus)]
    promises = {
        site.waypoint: site.promise_s for spec in specs for site in resolved(world.site, spec)
    }
    for spec in () if greedy else specs:
        world.do(SaveProgramme(spec))
    while world.now_s < world.end_s:
        if greedy:
            send_greedily(world, list(promises))
        world.run(world.now_s + LOOK_EVERY_S)
    return figures(world, promises)


def send_greedily(world: World, sites: Sequence[str]) -> None:
    """Send free robots, six at a time, each to the most idleness a second of driving."""
    state = world.state
    travel = travel_of(state)
    busy = {t.robot or t.description.get("robot") for t in state.open_tasks()}
    patrolling = [t for t in state.open_tasks() if t.category is Category.PATROL]
    goals = {phase.waypoint for task in patrolling for phase in task.phases}
    free = [r for r in patrollers(world.site) if r not in busy and unavailable(state, r) is None]
    free.sort(key=lambda robot: -(state.telemetry.reports[robot].battery or 0.0))
    for robot in free[: max(0, ON_PATROL - len(patrolling))]:
        here = next(iter(state.robot(robot).at), None)
        battery = state.telemetry.reports[robot].battery or 0.0
        if here is None or battery <= world.site.policy.charge_below:
            continue
        worth = {
            site: idle_s(world, site) / (travel(here, site) + 10.0)
            for site in sites
            if site not in goals and site != here
        }
        if worth:
            goal = max(worth, key=lambda site: (worth[site], site))
            goals.add(goal)
            world.do(SubmitTask("patrol", {"places": [goal], "robot": robot, "dwell_s": 2.0}))


def idle_s(world: World, site: str) -> float:
    """Since a robot that can patrol was there last."""
    visits = world.record.visits.get(site)
    return world.now_s - (visits.last_s if visits else START_S)


def figures(world: World, promises: Mapping[str, float]) -> Json:
    """Idleness from the beginning on, gaps that are open at the end included."""
    closed = {}
    for site in promises:
        visits = world.record.visits.get(site) or Visits(START_S)
        closed[site] = visits.closed(world.now_s)
    programmes = world.state.programmes.values()
    drawn = sum(each.visits_drawn for each in programmes)
    squares_s2 = [squares for _, squares in closed.values()]
    return {
        "places": len(promises),
        "promise_min": min(promises.values()) / 60.0,
        "late": sum(worst > promises[site] for site, (worst, _) in closed.items()),
        "worst_min": max(worst for worst, _ in closed.values()) / 60.0,
        "average_min": statistics.fmean(squares_s2) / (2.0 * (world.now_s - START_S)) / 60.0,
        "bits": sum(each.bits for each in programmes) / drawn if drawn else 0.0,
    }


def rows(ours: Json, greedy: Json, hours: float) -> list[Json]:
    """One row a figure."""
    case = f"Xixi, {ours['places']} places, 6 of 8 robots on patrol, {hours:g} h"
    promised = f"promise {ours['promise_min']:g} min"

    def row(metric: str, unit: str, key: str, target: float | None = None) -> Json:
        value, other = round(ours[key], 2), round(greedy[key], 2)
        return {
            "case": f"{case}, {promised}",
            "metric": metric,
            "unit": unit,
            "better": "lower",
            "ours": value,
            "peers": {"greedy": other},
            "ratio": round(value / other, 2) if other else None,
            "target": target,
            "met": None if target is None else value <= target,
        }

    entropy = row("entropy of a visit", "bits", "bits") | {
        "better": "higher",
        "peers": {},
        "ratio": None,
    }
    return [
        row("left for longer than promised", "places", "late", 0.0),
        row("longest time without a visit", "min", "worst_min", ours["promise_min"]),
        row("average graph idleness", "min", "average_min"),
        entropy,
    ]


def commit() -> str:
    """Of the checkout; "" outside of one."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()


if __name__ == "__main__":
    raise SystemExit(main())
