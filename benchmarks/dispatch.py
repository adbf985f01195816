"""How long tasks wait, how long a decision takes, how far rounds lead, beside peers.

`python -m benchmarks.dispatch [--json] [--quick]`.

Arrivals are Poisson at places of the full site, with 200 robots; the travel times are those of its
graph, and what a task takes is not what was reckoned (a fifth more or less, log-normal). The load
is the work that comes in over the work that robots could do if they never had to drive. The peer
is the usual dispatcher: first come, first served, by the nearest idle robot. Ours calls the
assignment that the core calls (`planning.assignment.share_out`).

The decision is the core's whole one (`planning.dispatch.assign`): 200 robots of three kinds, 1,000
tasks that wait, masks, energy, reasons.

Rounds: 200 visits with windows, 20 robots at docks; OR-Tools has the time that PyVRP took.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.rounds import check, nearest_next, or_tools
from benchmarks.routes import commit
from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.core.campus import Campus
from fleet_manager.core.commands import SubmitTask
from fleet_manager.core.config import FleetConfig, RobotSpec
from fleet_manager.core.decisions.tasks import submit
from fleet_manager.core.draft import Draft
from fleet_manager.core.planning.assignment import (
    LOOK_AHEAD_S,
    Queue,
    overtaken_at_most,
    overtakings,
    share_out,
)
from fleet_manager.core.planning.dispatch import assign
from fleet_manager.core.planning.rounds import (
    RoundRobot,
    RoundsProblem,
    Visit,
    plan_rounds,
)
from fleet_manager.core.planning.routes import Routes
from fleet_manager.core.report import RobotReport
from fleet_manager.core.robot import RobotStatus
from fleet_manager.core.site import Site
from fleet_manager.core.state import FleetState

SITE = Path(__file__).resolve().parent.parent / "maps" / "xixi"
KIND = "security"
ROBOTS = 200
PLACES = 400
WORK_S = 900.0
STEP_S = 5.0
WAIT_TARGETS = {0.85: 0.60, 1.2: 0.35}
TICK_TARGET_MS = 50.0
ROUNDS_TARGET = 0.90

Json = dict[str, Any]
Seconds = NDArray[np.float32]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--quick", action="store_true", help="two hours of arrivals, smaller rounds"
    )
    options = parser.parse_args(arguments)
    campus = load_campus(SITE)
    fleet = load_fleet(SITE, campus)
    routes = Routes(campus, fleet.kinds[KIND])
    places = reachable_places(routes)
    travel_s = routes.distances_s(places, places)
    rows = [
        *waits(travel_s, hours=2 if options.quick else 4, seeds=1 if options.quick else 3),
        *ticks(campus, fleet, 5 if options.quick else 20),
        *rounds(routes, travel_s, places, *((80, 8, 200) if options.quick else (200, 20, 2500))),
    ]
    result: Json = {
        "benchmark": "dispatch",
        "commit": commit(),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "rows": rows,
    }
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        for each in rows:
            beside = ", ".join(f"{name} {value:.3g}" for name, value in each["peers"].items())
            met = {True: "met", False: "missed", None: ""}[each["met"]]
            target = "" if each["target"] is None else f" (target {each['target']:g}, {met})"
            ratio = "" if each["ratio"] is None else f", ratio {each['ratio']:.3f}"
            ours = f"{each['ours']:.3g} {each['unit']}"
            print(f"{each['case']}, {each['metric']}: {ours}{ratio}{target}; {beside}")
    return 1 if any(each["met"] is False for each in rows) else 0


def reachable_places(routes: Routes) -> list[str]:
    """Waypoints between which there are ways both ways."""
    rng = np.random.default_rng(1)
    ids = routes.arrays.ids
    found = [ids[each] for each in rng.choice(len(ids), 2 * PLACES, replace=False)]
    apart_s = routes.distances_s(found, found)
    joined = np.isfinite(apart_s)
    hub = int(np.argmax(joined.sum(axis=1)))
    kept = np.flatnonzero(joined[hub] & joined[:, hub])[:PLACES]
    return [found[each] for each in kept.tolist()]


# --- waits ---


@dataclass(frozen=True)
class Arrivals:
    """When tasks come, where, what they take and what is reckoned; shape (tasks,)."""

    since_s: NDArray[np.float64]
    place: NDArray[np.int64]
    work_s: NDArray[np.float64]
    reckoned_s: NDArray[np.float64]


def arrivals(load: float, hours: float, places: int, seed: int, work_s: float = WORK_S) -> Arrivals:
    """Poisson arrivals; the reckoned work is gamma with shape 4, the work log-normal around it."""
    rng = np.random.default_rng(seed)
    rate, end_s = load * ROBOTS / work_s, hours * 3600.0
    gaps_s = rng.exponential(1.0 / rate, int(rate * end_s * 1.3) + 100)
    since_s = np.cumsum(gaps_s)
    since_s = since_s[since_s < end_s]
    count = len(since_s)
    reckoned_s = rng.gamma(4.0, work_s / 4.0, count)
    return Arrivals(
        since_s,
        rng.integers(0, places, count),
        reckoned_s * rng.lognormal(-0.02, 0.2, count),
        reckoned_s,
    )


class Fleet:
    """Robots that drive to tasks and do them."""

    def __init__(self, travel_s: Seconds, tasks: Arrivals) -> None:
        self.travel_s, self.tasks = travel_s, tasks
        rng = np.random.default_rng(7)
        self.at = rng.integers(0, len(travel_s), ROBOTS)
        self.free_s = np.zeros(ROBOTS)
        self.reckoned_free_s = np.zeros(ROBOTS)
        self.begun_s = np.full(len(tasks.since_s), np.nan)

    def give(self, task: int, robot: int, now_s: float) -> None:
        place = int(self.tasks.place[task])
        self.begun_s[task] = now_s + self.travel_s[self.at[robot], place]
        self.free_s[robot] = self.begun_s[task] + self.tasks.work_s[task]
        self.reckoned_free_s[robot] = self.begun_s[task] + self.tasks.reckoned_s[task]
        self.at[robot] = place


def fifo_nearest(fleet: Fleet, waiting: NDArray[np.int64], now_s: float) -> list[int]:
    """The oldest task first, each to the nearest idle robot."""
    given: list[int] = []
    idle = fleet.free_s <= now_s
    for task in waiting.tolist():
        if not idle.any():
            break
        way_s = np.where(idle, fleet.travel_s[fleet.at, fleet.tasks.place[task]], np.inf)
        robot = int(np.argmin(way_s))
        fleet.give(task, robot, now_s)
        idle[robot] = False
        given.append(task)
    return given


class Ours:
    """The core's assignment; counts overtakings as the core does."""

    def __init__(self, look_ahead_s: float = LOOK_AHEAD_S) -> None:
        self.look_ahead_s = look_ahead_s
        self.given_since_s: list[float] = []
        self.overtaken_most = 0

    def __call__(self, fleet: Fleet, waiting: NDArray[np.int64], now_s: float) -> list[int]:
        idle = fleet.free_s <= now_s
        if not idle.any():
            return []
        free_in_s = np.where(idle, 0.0, np.maximum(fleet.reckoned_free_s - now_s, 1.0))
        soon_s = np.where(free_in_s <= self.look_ahead_s, free_in_s, np.inf).astype(np.float32)
        ways_s = fleet.travel_s[np.ix_(fleet.at, fleet.tasks.place[waiting])].T
        since_s = fleet.tasks.since_s[waiting]
        counts = overtakings(since_s, np.array(self.given_since_s))
        self.overtaken_most = max(self.overtaken_most, int(counts.max()))
        none = np.zeros(len(waiting), np.int64)
        queue = Queue(none, since_s, np.full(len(waiting), np.inf), counts)
        chosen = share_out(ways_s + soon_s, soon_s, queue, now_s)
        given: list[int] = []
        for task, column in zip(waiting.tolist(), chosen.tolist(), strict=True):
            if column >= 0 and soon_s[column] == 0.0:
                fleet.give(task, column, now_s)
                self.given_since_s.append(float(fleet.tasks.since_s[task]))
                given.append(task)
        return given


def mean_wait_s(
    travel_s: Seconds,
    tasks: Arrivals,
    policy: Callable[[Fleet, NDArray[np.int64], float], list[int]],
) -> float:
    """From when a task comes until a robot begins it; all tasks are served."""
    fleet = Fleet(travel_s, tasks)
    waiting: list[int] = []
    come, now_s = 0, 0.0
    while come < len(tasks.since_s) or waiting:
        now_s += STEP_S
        while come < len(tasks.since_s) and tasks.since_s[come] <= now_s:
            waiting.append(come)
            come += 1
        if waiting:
            given = set(policy(fleet, np.array(waiting, np.int64), now_s))
            waiting = [task for task in waiting if task not in given]
    return float(np.mean(fleet.begun_s - tasks.since_s))


def waits(travel_s: Seconds, hours: float, seeds: int) -> list[Json]:
    """Mean waits at both loads, over seeds."""
    rows = []
    for load, target in WAIT_TARGETS.items():
        figures: dict[str, list[float]] = {"ours": [], "fifo_nearest": [], "idle_only": []}
        most = 0
        for seed in range(1, seeds + 1):
            tasks = arrivals(load, hours, len(travel_s), seed)
            ours = Ours()
            figures["ours"].append(mean_wait_s(travel_s, tasks, ours))
            figures["fifo_nearest"].append(mean_wait_s(travel_s, tasks, fifo_nearest))
            figures["idle_only"].append(mean_wait_s(travel_s, tasks, Ours(0.0)))
            most = max(most, ours.overtaken_most)
        means = {name: float(np.mean(each)) for name, each in figures.items()}
        case = f"{ROBOTS} robots, Poisson arrivals for {hours} h, load {load}"
        rows.append(row(case, "mean wait", "s", means, "fifo_nearest", target))
        bound = overtaken_at_most(ROBOTS) + ROBOTS
        rows.append(row(case, "most overtakings of a task", "tasks", {"ours": most}, None, bound))
    return rows


# --- ticks ---


def ticks(campus: Campus, fleet: FleetConfig, count: int) -> list[Json]:
    """Time of a whole decision of the core while nothing and while much can be given out."""
    found = []
    for tasks in (200, 1000):
        state = crowded(campus, fleet, tasks)
        assign(state, 1001.0)  # ways to places that are new are searched for once
        taken_ms, worked_ms = [], []
        for number in range(count):
            began_s, worked_s = time.perf_counter(), time.process_time()
            assign(state, 1002.0 + number)
            taken_ms.append((time.perf_counter() - began_s) * 1e3)
            worked_ms.append((time.process_time() - worked_s) * 1e3)
        case = f"a decision, {ROBOTS} robots, {tasks} tasks wait"
        target = TICK_TARGET_MS if tasks == 1000 else None
        found.append(row(case, "median", "ms", {"ours": median(taken_ms)}, None, target))
        worked = {"ours": median(worked_ms)}
        found.append(row(case, "median of processor time", "ms", worked, None, None))
    return found


def crowded(campus: Campus, fleet: FleetConfig, tasks: int) -> FleetState:
    """Robots of all kinds at bays all over the site, idle, and many tasks."""
    rng = np.random.default_rng(1)
    kinds, bays = list(fleet.kinds), [bay.id for bay in campus.bays]
    docks = sorted({spec.home for spec in fleet.robots.values()})
    specs = {}
    for number in range(ROBOTS):
        kind = kinds[number % len(kinds)]
        name = f"{kind}_{number}"
        specs[name] = RobotSpec(name, kind, docks[number % len(docks)])
    state = FleetState.initial(Site(campus, replace(fleet, robots=specs)))
    for name, spec in specs.items():
        bay = campus.waypoint(bays[int(rng.integers(len(bays)))])
        state.robots[name] = msgspec.structs.replace(
            state.robots[name], status=RobotStatus.IDLE, at=(bay.id,), parked=True
        )
        state.telemetry.reports[name] = RobotReport(
            robot=name,
            kind=spec.kind,
            boot_id="boot-1",
            sequence=1,
            stamp_s=0.0,
            x_m=bay.x_m,
            y_m=bay.y_m,
            yaw_rad=0.0,
            level=bay.level,
            battery=float(rng.uniform(0.3, 1.0)),
        )
    draft = Draft(state, 1000.0)
    assets, names = list(campus.assets), list(campus.names)
    for number in range(tasks):
        if number % 3:
            asset = assets[int(rng.integers(len(assets)))]
            submit(draft, SubmitTask("inspect", {"assets": [asset]}))
        else:
            places = [names[int(rng.integers(len(names)))] for _ in range(4)]
            submit(draft, SubmitTask("patrol", {"places": places}))
    return draft.state


# --- rounds ---


def rounds(
    routes: Routes,
    travel_s: Seconds,
    places: Sequence[str],
    visits: int,
    robots: int,
    iterations: int,
) -> list[Json]:
    """Metres of rounds with windows; OR-Tools has as long as ours took."""
    problem = timed_visits(routes, travel_s, places, visits, robots)
    began_s = time.perf_counter()
    ours = plan_rounds(problem, iterations)
    took_s = time.perf_counter() - began_s
    theirs = or_tools(problem, took_s)
    greedy = nearest_next(problem)
    figures = {
        "ours": ours.draw / 1000.0,
        "or_tools": theirs.draw / 1000.0,
        "nearest_next": greedy.draw / 1000.0,
    }
    for name, each in (("ours", ours), ("or_tools", theirs), ("nearest_next", greedy)):
        check(problem, each, name)
    left = {
        "ours": float(len(ours.left_out)),
        "or_tools": float(len(theirs.left_out)),
        "nearest_next": float(len(greedy.left_out)),
    }
    case = f"{visits} visits with windows, {robots} robots, {took_s:.0f} s each"
    return [
        row(case, "driven", "km", figures, "or_tools", ROUNDS_TARGET),
        row(case, "left out", "visits", left, None, None),
    ]


def timed_visits(
    routes: Routes, travel_s: Seconds, places: Sequence[str], visits: int, robots: int
) -> RoundsProblem:
    """Visits of three minutes, each in a window of an hour within four, and robots at docks."""
    rng = np.random.default_rng(11)
    chosen = rng.choice(len(places), visits + robots, replace=len(places) < visits + robots)
    order = np.concatenate((chosen, chosen[visits:]))
    metres = np.array(
        [[routes.leg(places[a], places[b]).length_m for b in order] for a in order], np.float32
    )
    early_s = rng.uniform(0.0, 3 * 3600.0, visits)
    return RoundsProblem(
        tuple(
            Visit(f"visit-{at}", 180.0, 0.0, float(early), float(early) + 3600.0)
            for at, early in enumerate(early_s)
        ),
        tuple(RoundRobot(f"robot-{at}", 0, 0.0, 20_000.0) for at in range(robots)),
        (travel_s[np.ix_(order, order)],),
        (metres,),
    )


def row(
    case: str, metric: str, unit: str, figures: Json, peer: str | None, target: float | None
) -> Json:
    """A row of the table; with a peer the target is for the ratio to it."""
    ours = float(figures["ours"])
    ratio = ours / figures[peer] if peer is not None else None
    value = ours if ratio is None else ratio
    return {
        "case": case,
        "metric": metric,
        "unit": unit,
        "better": "lower",
        "ours": ours,
        "peers": {name: value for name, value in figures.items() if name != "ours"},
        "ratio": ratio,
        "target": target,
        "met": None if target is None else value <= target,
    }


if __name__ == "__main__":
    sys.exit(main())
