"""Storms do not break traffic, and the campuses they are on are what they are said to be.

`python -m tests.property.traffic_explorer SEED [LAST]` runs seeds alone, and `make soak
ARGS=traffic_explorer` ten thousand of them.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest

from fleet_manager.adapters.maps.checks.finding import errors_of
from fleet_manager.adapters.maps.checks.validate import validate
from tests.property.traffic_campus import drawn_campus, is_well_formed
from tests.property.traffic_explorer import A_CAMPUS, run_seed

CAMPUSES = 30
SEEDS = range(1, 301)


def test_campuses_are_well_formed_and_others_refused() -> None:
    """By the map's checks and by trying every pair of bays, which agree (`drawn_campus`)."""
    for number in range(CAMPUSES):
        print(f"campus {number}")
        campus, fleet = drawn_campus(random.Random(f"campus {number}"))
        assert is_well_formed(campus, len(fleet.robots))
        assert not errors_of(validate(campus, fleet))


@pytest.mark.parametrize("first", SEEDS[::A_CAMPUS])
def test_nobody_meets_and_everybody_arrives_whatever_the_storm(first: int) -> None:
    """Seeds of one campus; what they hold is in `traffic_explorer`."""
    seen: Counter[str] = Counter()
    for seed in range(first, first + A_CAMPUS):
        print(f"seed {seed}")
        seen += run_seed(seed)
    assert seen["plans"] > A_CAMPUS
    assert seen["deaths"], "no manager died: nothing was tried"
