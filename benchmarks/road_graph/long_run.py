"""A hundred thousand steps with delays, which goes on where it was when it was stopped."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.road_graph.planned import Planned
from benchmarks.road_graph.roads import random_roads
from benchmarks.road_graph.trial import Trial

FLEETS = (200, 500, 1000)
STALLS = 0.2
STEPS = 100_000
KEPT_EVERY = 1000


def long_run(number: int, kept: Path, steps: int = STEPS) -> dict[str, Any]:
    """Run a fleet of 200, 500 or 1,000 robots in turn, and say what must not be.

    Args:
        number: from 1 on; gives the size of the fleet and the seed.
        kept: where the run is written every `KEPT_EVERY` steps, and taken up again.
    """
    robots, seed = FLEETS[(number - 1) % len(FLEETS)], 1 + (number - 1) // len(FLEETS)
    if kept.exists():
        trial: Trial = pickle.loads(kept.read_bytes())
    else:
        roads = random_roads(robots, seed)
        trial = Trial(Planned(roads, robots), roads, robots, STALLS, seed)
    while trial.outcome.steps < steps:
        trial.step()
        if trial.outcome.steps % KEPT_EVERY == 0:
            kept.parent.mkdir(parents=True, exist_ok=True)
            fresh = kept.with_suffix(".new")
            fresh.write_bytes(pickle.dumps(trial))
            fresh.replace(kept)
    kept.unlink(missing_ok=True)
    found = trial.outcome
    problems = [f"{found.collisions} collisions"] if found.collisions else []
    if found.most_stuck:
        problems.append(f"{found.most_stuck} robots were stuck at once, {found.stuck} at the end")
    return {
        "problems": problems,
        "robots": robots,
        "seed": seed,
        "steps": found.steps,
        "goals a step": round(found.goals_a_step, 3),
        "delay, mean": round(float(np.mean(found.delays)), 2),
        "delay, p99": float(np.quantile(found.delays, 0.99)),
        "delay, longest": max(found.delays),
        "planning a goal, p50 and p99, ms": _quantiles(found.plan_ms),
        "a step, p50 and p99, ms": _quantiles(found.tick_ms),
    }


def _quantiles(values: list[float]) -> list[float]:
    return [round(float(each), 3) for each in np.quantile(values, (0.5, 0.99))]
