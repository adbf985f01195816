"""ROS domains that no two test processes on this machine share, for every folder of tests."""

from __future__ import annotations

import os
import socket

import pytest

_TEST_DOMAINS = range(50, 100, 2)  # each test process has a fleet and a plant domain
_held: list[socket.socket] = []


def _free_domain() -> int:
    """A domain that no other test process holds; kept until this one ends, however it ends.

    The name that holds it is seen where the domain's own ports are: in this network namespace, by
    all checkouts and users.
    """
    for domain in _TEST_DOMAINS:
        holder = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            holder.bind(f"\0campus-fleet-test-domain-{domain}")
        except OSError:
            holder.close()
            continue
        _held.append(holder)
        return domain
    raise RuntimeError("all ROS domains for tests are taken; end other test runs")


def pytest_configure(config: pytest.Config) -> None:
    """Give this process its domains before anything imports ROS, and keep ROS on this machine.

    The process that only hands tests to workers needs none.
    """
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        return
    domain = _free_domain()
    os.environ["ROS_DOMAIN_ID"] = str(domain)
    os.environ["CAMPUS_FLEET_DOMAIN_ID"] = str(domain)
    os.environ["CAMPUS_PLANT_DOMAIN_ID"] = str(domain + 1)


@pytest.fixture
def fleet_domain_id() -> int:
    """The fleet domain of this test process; the plant domain is the next one."""
    return int(os.environ["CAMPUS_FLEET_DOMAIN_ID"])
