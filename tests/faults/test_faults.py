"""Whatever fails and whoever lies: no task is lost or done twice, and the log gives the state.

A seed that fails is run alone by `python -m tests.faults.world SEED`; ten thousand of them by
`make soak ARGS=faults`.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.faults.world import run_seed

SEEDS = range(1, 301)
A_TEST = 25


@pytest.mark.parametrize("first", SEEDS[::A_TEST])
def test_seeds(first: int) -> None:
    seeds = range(first, first + A_TEST)
    print(f"seeds {seeds.start} to {seeds.stop - 1}")
    counts: Counter[str] = Counter()
    for seed in seeds:
        counts += run_seed(seed)
    print(dict(counts))
    assert counts["lives"] > A_TEST, "no manager died: nothing was tried"
    assert counts["commits failed"]
    assert counts["tasks"] > A_TEST


def test_a_seed_gives_the_same_again() -> None:
    assert run_seed(21) == run_seed(21)
