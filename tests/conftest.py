"""What all tests share: the checkout, and ROS domains that no two test processes share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
_FIRST_TEST_DOMAIN = 60  # even numbers up to 98: each test process has a fleet and a plant domain


def _worker_number() -> int:
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def pytest_configure() -> None:
    """Give this process its domains before anything imports ROS, and keep ROS on this machine."""
    domain = _FIRST_TEST_DOMAIN + 2 * (_worker_number() + 2 * (os.getppid() % 8))
    os.environ["ROS_DOMAIN_ID"] = str(domain)
    os.environ["CAMPUS_FLEET_DOMAIN_ID"] = str(domain)
    os.environ["CAMPUS_PLANT_DOMAIN_ID"] = str(domain + 1)
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture
def fleet_domain_id() -> int:
    """The fleet domain of this test process; the plant domain is the next one."""
    return int(os.environ["CAMPUS_FLEET_DOMAIN_ID"])
