"""A spot is cleaned wherever it lies in its zone, however small it is."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from shapely.geometry import LineString, Point

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.core.campus import ZonePurpose
from fleet_manager.core.site import Site


@pytest.fixture(scope="module")
def site(root: Path) -> Site:
    """Canalside."""
    campus = load_campus(root / "maps/canalside")
    return Site(campus, load_fleet(root / "maps/canalside", campus))


@pytest.mark.parametrize("radius_m", [0.1, 0.5, 1.0, 2.5])
def test_a_spot_is_cleaned_as_far_as_the_brush_reaches(site: Site, radius_m: float) -> None:
    kind = site.fleet.kinds["cleaning"]
    brush_m = kind.brush_width_m
    assert brush_m is not None
    rng = np.random.default_rng(5)
    for zone in site.campus.zones.values():
        if zone.purpose is not ZonePurpose.CLEAN:
            continue
        west, south, east, north = zone.polygon.bounds
        at = zone.polygon.exterior.interpolate(rng.uniform(), normalized=True)  # on its edge
        inside = Point(rng.uniform(west, east), rng.uniform(south, north))
        for spot in (at, inside):
            if not zone.polygon.buffer(1e-6).covers(spot):
                continue
            plan = site.sweep(zone.id, (spot.x, spot.y, radius_m), kind)
            path = LineString(plan.path)
            assert zone.polygon.buffer(1e-5).covers(path)
            opened = zone.polygon.buffer(-brush_m / 2).buffer(brush_m / 2)
            dirty = spot.buffer(radius_m).intersection(opened)
            left_m2 = dirty.difference(path.buffer(brush_m / 2)).area
            assert left_m2 <= max(0.02 * dirty.area, 0.01), (zone.id, spot)
            # At most twice what cleans a circle two brushes wider.
            assert plan.length_m <= 2 * math.pi * (radius_m + 2 * brush_m) ** 2 / brush_m
