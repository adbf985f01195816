"""Under any overload no task is overtaken more often than is promised, and every task is served."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings

from fleet_manager.core.planning.assignment import (
    Queue,
    overtaken_at_most,
    overtakings,
    share_out,
)

TICK_S = 10.0


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10_000),
    robots=st.integers(1, 5),
    load=st.floats(1.0, 4.0),
    far=st.floats(0.0, 5000.0),
    urgent=st.floats(0.0, 0.9),
)
def test_nobody_is_overtaken_more_often_than_promised(
    seed: int, robots: int, load: float, far: float, urgent: float
) -> None:
    """Tasks come faster than they can be served; one is far from everybody and of no priority."""
    rng = np.random.default_rng(seed)
    count, work_s = 30 * robots + 30, 200.0
    since_s = np.sort(rng.uniform(0, count * work_s / robots / load, count))
    since_s[0] = 0.0
    spot_s = rng.uniform(0, 600, count)
    spot_s[0] = far
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
                free_s[robot] = now_s + abs(spot_s[task] - place_s[robot]) + work_s
                place_s[robot] = spot_s[task]
                waiting.remove(task)
                given_since_s.append(since_s[task])
    assert seen.max() < overtaken_at_most(robots) + robots
