"""Robots on shared docks never fall below their reserve away from a dock, whatever they draw."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.energy.days import World
from benchmarks.energy.robots import Ways, fleet_ways
from benchmarks.energy.rules import Fixed, Ours
from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.core.config import Policy

SEEDS = (11, 12)
DAYS = 1.5


@pytest.fixture(scope="module")
def policy(root: Path) -> Policy:
    """Of the full site."""
    return load_fleet(root / "maps/xixi").policy


@pytest.fixture(scope="module")
def ways(root: Path) -> list[Ways]:
    """Six docks of the full site, and places."""
    campus = load_campus(root / "maps/xixi")
    return fleet_ways(campus, load_fleet(root / "maps/xixi", campus), 100, 6, seed=5)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("robots", [6, 24, 30])
def test_nobody_falls_below_its_reserve_away_from_a_dock(
    ways: list[Ways], policy: Policy, robots: int, seed: int
) -> None:
    """More of this is `python -m benchmarks.charging`: ten thousand robot-days."""
    print(f"{robots} robots, seed {seed}")
    figures = World(ways, robots, policy, Ours(), seed).run(DAYS)
    assert figures.below == 0
    assert figures.lowest >= policy.reserve
    assert figures.working_s > 0.15 * figures.robot_days * 86_400.0, "they do work"


def test_a_fixed_threshold_does_fall_below_on_the_same_work(
    ways: list[Ways], policy: Policy
) -> None:
    """The work is hard enough to tell rules apart."""
    assert World(ways, 24, policy, Fixed(0.20), SEEDS[0]).run(DAYS).below > 0
