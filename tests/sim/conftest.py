"""The campus and fleet that the core is run on."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig


@pytest.fixture(scope="session")
def campus(root: Path) -> Campus:
    """Canalside."""
    return load_campus(root / "maps/canalside")


@pytest.fixture(scope="session")
def fleet(root: Path, campus: Campus) -> FleetConfig:
    """Canalside's twelve robots."""
    return load_fleet(root / "maps/canalside/fleet.yaml", campus)
