"""Every file and stored payload may be damaged: its reader says so, and does nothing else."""

from __future__ import annotations

import pytest

from tests.property.fuzz import fuzz, ways

INPUTS = 1000


@pytest.mark.timeout(600)
def test_damaged_inputs_are_refused_as_promised() -> None:
    seed = 1
    found = fuzz(seed, INPUTS)
    print(found)
    assert not found["problems"]
    for name in ways():
        assert any(key.startswith(name) for key in found), f"{name} was never tried"
