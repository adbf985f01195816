"""The campuses of the traffic explorer are what they are said to be.

`python -m tests.property.traffic_explorer SEED [LAST]` runs seeds alone, and `make soak
ARGS=traffic_explorer` ten thousand of them.
"""

from __future__ import annotations

import random

from fleet_manager.adapters.maps.checks.finding import errors_of
from fleet_manager.adapters.maps.checks.validate import validate
from tests.property.traffic_campus import drawn_campus, is_well_formed

CAMPUSES = 30


def test_campuses_are_well_formed_and_others_refused() -> None:
    """By the map's checks and by trying every pair of bays, which agree (`drawn_campus`)."""
    for number in range(CAMPUSES):
        print(f"campus {number}")
        campus, fleet = drawn_campus(random.Random(f"campus {number}"))
        assert is_well_formed(campus, len(fleet.robots))
        assert not errors_of(validate(campus, fleet))
