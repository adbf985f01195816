"""Loads the machine code and libraries that decisions search with, before a robot waits for it."""

from __future__ import annotations

import numpy as np
from shapely.geometry import box

from fleet_manager.core.planning.assignment import match
from fleet_manager.core.planning.coverage import plan_sweep
from fleet_manager.core.planning.coverage.order import EXACT_CELLS, best_order
from fleet_manager.core.planning.patrol.bounds import lower_bound
from fleet_manager.core.planning.routes import Routes
from fleet_manager.core.site import Site
from fleet_manager.core.traffic.fleet_ways import FleetWays


def load_machine_code(site: Site) -> None:
    """Ask a small question of every search that decisions make, so that none is loaded later.

    Takes about a second, some twenty where the machine code is not on disk yet. What planning jobs
    need is loaded by their own process.
    """
    for kind in site.fleet.kinds.values():
        Routes(site.campus, kind).prepare()
    FleetWays.kept(site).prepare()
    match(np.zeros((1, 1), np.float32), np.zeros(1, np.float32), np.ones(1))
    plan_sweep(box(0.0, 0.0, 3.0, 3.0), 0.5)
    _order_many_cells()
    _bound_a_patrol()


def _order_many_cells() -> None:
    """More cells than are ordered exactly."""
    cells = EXACT_CELLS + 1
    at_m = np.arange(2.0 * cells)
    between_m = np.abs(at_m[:, None] - at_m[None])
    best_order([2] * cells, between_m, at_m, at_m)


def _bound_a_patrol() -> None:
    """Four places in a row for one robot and for two: each has a bound of its own."""
    at_s = 10.0 * np.arange(4.0)
    travel_s = np.abs(at_s[:, None] - at_s[None])
    for robots in (1, 2, 3):
        lower_bound(travel_s, np.ones(4), robots, steps=2)
