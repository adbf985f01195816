"""What all tests share: the checkout, and ROS domains that no two test processes share."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path
from typing import TextIO

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says how busy the machine is, and nothing of the program.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")

ROOT = Path(__file__).resolve().parent.parent
_TEST_DOMAINS = range(60, 100, 2)  # each test process has a fleet and a plant domain
_held: list[TextIO] = []


def _free_domain() -> int:
    """A domain whose lock no other process on this machine holds; kept until this one ends."""
    for domain in _TEST_DOMAINS:
        path = Path(tempfile.gettempdir(), f"campus-fleet-test-domain-{domain}.lock")
        lock = path.open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        _held.append(lock)
        return domain
    raise RuntimeError("all ROS domains for tests are taken; end other test runs")


def pytest_configure() -> None:
    """Give this process its domains before anything imports ROS, and keep ROS on this machine."""
    domain = _free_domain()
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
