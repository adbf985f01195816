"""Which waiting tasks go to which robots: the arithmetic alone, on arrays of any fleet.

Tasks are assigned to robots that are idle or soon will be (Kuhn 1955, as solved by scipy), so that
the sum of response times, weighted by priority and age, is least. A task matched to a robot that is
still busy waits for it. Nobody starves: a task that was overtaken too often goes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LOOK_AHEAD_S = 300.0
"""Robots that will be free within this are assigned like idle ones."""
OVERTAKEN_A_ROBOT = 4
"""A task that so many younger ones have overtaken for each robot of the fleet goes first."""
OVERTAKEN_LEAST, OVERTAKEN_MOST = 20, 800
HORIZON_S = 7200.0
"""A task served after this is worth as little as one that is not served; later is worth no less."""
AGEING_S = 72_000.0
"""Waiting this long doubles the weight of a task."""
DUE_S = 900.0
"""From so long before it is due a task grows more urgent, up to `DUE_WEIGHT`."""
DUE_WEIGHT = 4.0
LEAST_GAIN_S = 1.0

Floats = NDArray[np.float64]
Seconds = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Queue:
    """Tasks that wait; arrays of shape (tasks,).

    Attributes:
        priority: 0 to 9; each step doubles what a second of response time counts.
        since_s: when each could have begun.
        due_s: when each is to be done; infinite where it is not due.
        overtaken: how many younger tasks went before it.
    """

    priority: Ints
    since_s: Floats
    due_s: Floats
    overtaken: Ints


def share_out(response_s: Seconds, free_in_s: Seconds, queue: Queue, now_s: float) -> Ints:
    """The robot of each task that waits, shape (tasks,); -1: none.

    A robot that is not idle yet is one to wait for. Tasks that were overtaken too often take the
    nearest idle robot first, oldest first.

    Args:
        response_s: until each robot of the fleet could begin each task, shape (tasks, robots), with
            the time until it is free; infinite where it cannot have it.
        free_in_s: of each robot; 0: it is idle.
    """
    most = overtaken_at_most(len(free_in_s))
    first = np.flatnonzero(queue.overtaken >= most)
    ordered = first[np.argsort(queue.since_s[first], kind="stable")]
    weight = weights(queue.priority, now_s - queue.since_s, queue.due_s - now_s)
    return match(response_s, free_in_s, weight, ordered.tolist())


def weights(priority: Ints, waited_s: Floats, slack_s: Floats) -> Floats:
    """How much a second of each task's response time counts, shape (tasks,).

    Args:
        waited_s: since the task could have begun.
        slack_s: until it can only just be done in time; infinite where it is not due.
    """
    ageing = 1.0 + np.maximum(waited_s, 0.0) / AGEING_S
    urgency = 1.0 + (DUE_WEIGHT - 1.0) * np.clip(1.0 - slack_s / DUE_S, 0.0, 1.0)
    return np.exp2(priority.astype(np.float64)) * ageing * urgency


def match(
    response_s: Seconds, free_in_s: Seconds, weight: Floats, first: Sequence[int] = ()
) -> Ints:
    """The robot of each task, shape (tasks,); -1: none.

    Args:
        response_s: until each robot could begin each task, shape (tasks, robots), with the time
            until it is free; infinite where it cannot have it.
        free_in_s: of each robot; 0: it is idle.
        weight: of each task.
        first: tasks that take the nearest idle robot before all others choose, in this order.
    """
    from scipy.optimize import linear_sum_assignment

    chosen = np.full(len(response_s), -1, np.int64)
    left = np.ones(len(free_in_s), bool)
    idle = free_in_s <= 0.0
    for row in first:
        if not (left & idle).any():
            break
        nearest = np.where(left & idle, response_s[row], np.inf)
        column = int(np.argmin(nearest))
        if np.isfinite(nearest[column]):
            chosen[row] = column
            left[column] = False
    possible = np.isfinite(response_s)
    open_ = chosen < 0
    columns = np.flatnonzero(left & possible[open_].any(axis=0))
    rows = np.flatnonzero(open_ & possible[:, columns].any(axis=1))
    if not len(rows):
        return chosen
    cost_s = response_s[np.ix_(rows, columns)].astype(np.float64)
    gain = np.maximum(HORIZON_S - cost_s, LEAST_GAIN_S) * weight[rows, None]
    gain[~np.isfinite(cost_s)] = 0.0
    taken, by = linear_sum_assignment(gain, maximize=True)
    real = gain[taken, by] > 0.0
    chosen[rows[taken[real]]] = columns[by[real]]
    return chosen


def overtaken_at_most(robots: int) -> int:
    """How many younger tasks may be given to robots before one that waits goes first.

    Then it takes the nearest idle robot that can do it. So it is overtaken by no more than these
    and those that are given out together with the last of them, at most one for each robot.
    """
    return max(OVERTAKEN_LEAST, min(OVERTAKEN_A_ROBOT * robots, OVERTAKEN_MOST))


def overtakings(since_s: Floats, assigned_since_s: Floats) -> Ints:
    """How many of the tasks that were given to robots are younger than each that waits.

    Args:
        since_s: when each waiting task could have begun.
        assigned_since_s: the same of tasks that went to robots which could have done it.
    """
    ordered = np.sort(assigned_since_s)
    found: Ints = len(ordered) - np.searchsorted(ordered, since_s, side="right")
    return found
