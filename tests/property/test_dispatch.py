"""Under any overload no task is overtaken more often than is promised, and every task is served."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given, settings

from tests.property.overload import overtaken


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10_000),
    robots=st.integers(1, 5),
    load=st.floats(1.0, 4.0),
    far_s=st.floats(0.0, 5000.0),
    urgent=st.floats(0.0, 0.9),
)
def test_nobody_is_overtaken_more_often_than_promised(
    seed: int, robots: int, load: float, far_s: float, urgent: float
) -> None:
    """Tasks come faster than they can be served; one is far from everybody and of no priority."""
    most, promised = overtaken(seed, robots, load, far_s, urgent)
    assert most < promised
