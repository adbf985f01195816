"""Runs a scenario on a campus from beginning to end."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from fleet_manager.adapters.sim.world import World
from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.scenario import DAY_S, Scenario, StandingWork
from fleet_manager.core.scenario_fit import fitted

STEP_S = 900.0
"""Progress is told this often, simulated."""


def world_of(
    campus: Campus,
    fleet: FleetConfig,
    standing: StandingWork,
    scenario: Scenario,
    seed: int,
) -> World:
    """A simulation that has not begun.

    Raises:
        InvalidRequest: the scenario contradicts itself, the map or the fleet.
    """
    site = fitted(scenario, campus, fleet)
    zone = ZoneInfo(campus.timezone)
    local = scenario.start
    start_s = (local if local.tzinfo else local.replace(tzinfo=zone)).timestamp()
    end_s = start_s + scenario.days * DAY_S
    return World(site, standing, scenario, seed, start_s, end_s)


def simulate(
    campus: Campus,
    fleet: FleetConfig,
    standing: StandingWork,
    scenario: Scenario,
    seed: int,
    progress: Callable[[float], None] = lambda _: None,
) -> World:
    """Run a scenario to its end.

    Args:
        progress: is told the part that is done, 0 to 1.

    Raises:
        InvalidRequest: the scenario contradicts itself, the map or the fleet.
        UnknownFeature: it names what is not on the map.
    """
    world = world_of(campus, fleet, standing, scenario, seed)
    start_s, end_s = world.record.start_s, world.end_s
    now_s = start_s
    while now_s < end_s:
        now_s = min(now_s + STEP_S, end_s)
        world.run(now_s)
        progress((now_s - start_s) / (end_s - start_s))
    return world
