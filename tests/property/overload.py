"""Tasks that come faster than robots can do them, one of them far from everybody and not urgent."""

from __future__ import annotations

import numpy as np

from fleet_manager.core.planning.assignment import (
    Queue,
    overtaken_at_most,
    overtakings,
    share_out,
)

TICK_S = 10.0
WORK_S = 200.0


def overtaken(
    seed: int,
    robots: int | None = None,
    load: float | None = None,
    far_s: float | None = None,
    urgent: float | None = None,
) -> tuple[int, int]:
    """Share out tasks until none is left; what is not given is drawn from the seed.

    Args:
        robots: 1 to 5 if drawn.
        load: work asked for, as a multiple of what robots can do; 1 to 4 if drawn.
        far_s: to the first task, which nobody has near; up to 5000 if drawn.
        urgent: share of tasks with a priority above 0; up to 0.9 if drawn.

    Returns:
        How often the most overtaken task was, and below which number it is promised to stay.
    """
    rng = np.random.default_rng(seed)
    robots = int(rng.integers(1, 6)) if robots is None else robots
    load = float(rng.uniform(1.0, 4.0)) if load is None else load
    far_s = float(rng.uniform(0.0, 5000.0)) if far_s is None else far_s
    urgent = float(rng.uniform(0.0, 0.9)) if urgent is None else urgent
    count = 30 * robots + 30
    since_s = np.sort(rng.uniform(0, count * WORK_S / robots / load, count))
    since_s[0] = 0.0
    spot_s = rng.uniform(0, 600, count)
    spot_s[0] = far_s
    priority = (rng.uniform(size=count) < urgent).astype(np.int64) * rng.integers(1, 10, count)
    priority[0] = 0
    free_s, place_s = np.zeros(robots), rng.uniform(0, 600, robots)
    waiting, given_since_s, now_s = list(range(count)), [], 0.0
    seen = np.zeros(count, np.int64)
    while waiting:
        now_s = max(now_s + TICK_S, free_s.min())
        there = np.array([task for task in waiting if since_s[task] <= now_s], np.int64)
        if not len(there):
            continue
        free_in_s = np.maximum(free_s - now_s, 0.0).astype(np.float32)
        apart_s = np.abs(spot_s[there, None] - place_s[None, :]) + free_in_s
        seen[there] = overtakings(since_s[there], np.array(given_since_s))
        queue = Queue(priority[there], since_s[there], np.full(len(there), np.inf), seen[there])
        chosen = share_out(apart_s.astype(np.float32), free_in_s, queue, now_s)
        for task, robot in zip(there.tolist(), chosen.tolist(), strict=True):
            if robot >= 0 and free_in_s[robot] == 0.0:
                free_s[robot] = now_s + abs(spot_s[task] - place_s[robot]) + WORK_S
                place_s[robot] = spot_s[task]
                waiting.remove(task)
                given_since_s.append(since_s[task])
    return int(seen.max()), overtaken_at_most(robots) + robots
