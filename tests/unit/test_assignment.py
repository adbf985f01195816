"""Tasks to robots, on arrays: the best sum, priorities, look-ahead, and who goes first."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from fleet_manager.core.planning.assignment import (
    DUE_S,
    OVERTAKEN_LEAST,
    Queue,
    match,
    overtaken_at_most,
    overtakings,
    share_out,
    weights,
)

IDLE = 0.0
NEVER = np.inf


def seconds(rows: list[list[float]]) -> np.ndarray:
    return np.array(rows, np.float32)


def queue(
    since_s: list[float],
    priority: list[int] | None = None,
    due_s: list[float] | None = None,
    overtaken: list[int] | None = None,
) -> Queue:
    size = len(since_s)
    return Queue(
        np.array(priority or [0] * size, np.int64),
        np.array(since_s, np.float64),
        np.array(due_s or [np.inf] * size, np.float64),
        np.array(overtaken or [0] * size, np.int64),
    )


def test_the_sum_of_response_times_is_least_not_each_ones_own() -> None:
    response_s = seconds([[10.0, 20.0], [20.0, 300.0]])
    assert share_out(response_s, seconds([IDLE, IDLE]), queue([0, 0]), 0.0).tolist() == [1, 0]


@pytest.mark.parametrize("seed", range(5))
def test_no_other_assignment_of_all_tasks_has_a_smaller_sum(seed: int) -> None:
    response_s = np.random.default_rng(seed).uniform(0, 3600, (4, 6)).astype(np.float32)
    chosen = match(response_s, np.zeros(6, np.float32), np.ones(4))
    ours = response_s[np.arange(4), chosen].sum()
    best = min(response_s[np.arange(4), list(robots)].sum() for robots in permutations(range(6), 4))
    assert ours == pytest.approx(best)


def test_urgent_tasks_go_before_near_ones_where_robots_are_few() -> None:
    response_s = seconds([[30.0], [900.0]])
    assert share_out(response_s, seconds([IDLE]), queue([0, 0], [0, 5]), 0.0).tolist() == [-1, 0]


def test_a_task_waits_for_a_robot_that_is_there_sooner_than_those_that_are_idle() -> None:
    free_in_s = seconds([IDLE, 60.0])
    response_s = seconds([[600.0, 90.0]])
    assert share_out(response_s, free_in_s, queue([0]), 0.0).tolist() == [1]


def test_a_task_that_can_be_served_far_away_alone_is_served() -> None:
    assert match(seconds([[90_000.0]]), seconds([IDLE]), np.ones(1)).tolist() == [0]


def test_who_cannot_have_a_task_never_gets_it() -> None:
    response_s = seconds([[NEVER, NEVER], [5.0, NEVER]])
    assert share_out(response_s, seconds([IDLE, IDLE]), queue([0, 0]), 0.0).tolist() == [-1, 0]
    assert match(seconds([[]]), seconds([]), np.ones(1)).tolist() == [-1]


def test_a_task_overtaken_too_often_takes_the_nearest_idle_robot_before_all_others() -> None:
    response_s = seconds([[10.0, 12.0, 15.0], [500.0, 510.0, 1.0]])
    free_in_s = seconds([IDLE, IDLE, 1.0])
    most = overtaken_at_most(3)
    chosen = share_out(response_s, free_in_s, queue([50, 0], [9, 0], None, [0, most]), 60.0)
    assert chosen.tolist() == [1, 0], "not the third, which is not idle"
    chosen = share_out(response_s, free_in_s, queue([50, 0], [9, 0], None, [0, most - 1]), 60.0)
    assert chosen.tolist() == [0, 2]


def test_the_oldest_goes_first_among_those_overtaken() -> None:
    response_s = seconds([[1.0], [50.0]])
    most = overtaken_at_most(1)
    assert most == OVERTAKEN_LEAST
    chosen = share_out(response_s, seconds([IDLE]), queue([9, 3], None, None, [most, most]), 10.0)
    assert chosen.tolist() == [-1, 0]


def test_age_and_what_is_due_soon_weigh_more() -> None:
    nobody_due = np.array([np.inf, np.inf])
    older = weights(np.zeros(2, np.int64), np.array([0.0, 3600.0]), nobody_due)
    assert older[1] > older[0]
    slack_s = np.array([2 * DUE_S, DUE_S / 2, -60.0])
    due = weights(np.zeros(3, np.int64), np.zeros(3), slack_s)
    assert due[0] == 1.0
    assert due[0] < due[1] < due[2]


def test_only_younger_tasks_that_robots_were_given_have_overtaken() -> None:
    counts = overtakings(np.array([10.0, 30.0]), np.array([30.0, 5.0, 20.0, 40.0]))
    assert counts.tolist() == [3, 1]
