"""Zones at random, with holes, are swept whole; what cannot be swept is refused by name."""

from __future__ import annotations

import math

import pytest
from shapely.geometry import LineString, Point, Polygon, box

from benchmarks.instances.random_zones import random_zone
from fleet_manager.core.planning.coverage import CannotSweep, plan_sweep
from fleet_manager.core.planning.coverage.figures import figures
from fleet_manager.core.planning.coverage.ground import Ground

BRUSH_M = 0.7


@pytest.mark.parametrize("seed", range(0, 500, 42))
def test_a_zone_at_random_is_swept_whole_from_inside(seed: int) -> None:
    """Twelve of the 500 that `benchmarks/coverage.py` sweeps."""
    zone = random_zone(seed)
    path = plan_sweep(zone.polygon, zone.brush_width_m, zone.start).path
    assert zone.polygon.buffer(1e-5).covers(LineString(path)), seed
    assert figures(zone.polygon, path, zone.brush_width_m).covered >= 0.99, seed


def test_the_same_zone_is_swept_the_same_way() -> None:
    zones = [random_zone(10), random_zone(10)]
    assert zones[0].polygon.equals_exact(zones[1].polygon, 0.0)
    first, again = (plan_sweep(z.polygon, z.brush_width_m, z.start).path for z in zones)
    assert first == again


@pytest.mark.parametrize(
    ("polygon", "says"),
    [
        (Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]), "self-intersection"),
        (Polygon(box(0, 0, 9, 9).exterior, [box(7, 7, 12, 12).exterior]), "not that of an area"),
        (Polygon(), "no area"),
        (Polygon([(0, 0), (10, 0), (10, math.inf)]), "not a number"),
        (Polygon([(0, 0), (10, 0), (5, 0)]), "lawn"),
        (box(0, 0, 20, 0.6), "nowhere in lawn"),
    ],
)
def test_a_zone_badly_drawn_is_refused_by_name_with_what_helps(polygon: Polygon, says: str) -> None:
    with pytest.raises(CannotSweep, match=says) as refused:
        plan_sweep(polygon, BRUSH_M, name="lawn")
    assert "lawn" in str(refused.value)
    assert refused.value.remedy


@pytest.mark.parametrize("radius_m", [-0.1, math.nan, math.inf])
def test_a_robot_without_a_radius_is_refused(radius_m: float) -> None:
    with pytest.raises(CannotSweep, match="radius"):
        plan_sweep(box(0, 0, 9, 9), BRUSH_M, footprint_radius_m=radius_m)


def test_what_no_brush_reaches_is_shown() -> None:
    neck = box(5, 2.4, 8, 2.8)
    zone = box(0, 0, 5, 5).union(neck).union(box(8, 0, 13, 5))
    assert isinstance(zone, Polygon)
    plan = plan_sweep(zone, BRUSH_M)
    largest = plan.out_of_reach[0]
    # The neck, but for what the round brush reaches into its ends.
    assert neck.buffer(1e-6).covers(largest)
    assert largest.area > 0.7 * neck.area
    corners_m2 = 8 * (BRUSH_M / 2) ** 2 * (1 - math.pi / 4)
    rest_m2 = sum(each.area for each in plan.out_of_reach[1:])
    assert rest_m2 == pytest.approx(corners_m2, rel=0.3)
    assert plan.reachable_m2 + largest.area + rest_m2 == pytest.approx(plan.area_m2, rel=1e-3)


def test_a_robot_that_has_to_stay_inside_sweeps_the_part_that_it_comes_into() -> None:
    neck = box(5, 2, 8, 3)  # wide enough for the brush, too narrow for the robot
    zone = box(0, 0, 5, 5).union(neck).union(box(8, 0, 16, 8))
    assert isinstance(zone, Polygon)
    plan = plan_sweep(zone, BRUSH_M, start_xy=(0.0, 0.0), footprint_radius_m=0.6)
    assert max(x for x, _ in plan.path) < 5
    assert any(each.contains(Point(12, 4)) for each in plan.out_of_reach)


def test_what_strays_by_the_tracking_error_still_covers_what_counts() -> None:
    zone = random_zone(8)
    ground = Ground.of(zone.polygon, zone.brush_width_m, start_xy=zone.start)
    path = plan_sweep(zone.polygon, zone.brush_width_m, zone.start).path
    certain = LineString(path).buffer(ground.radius_m)
    assert certain.intersection(ground.certain).area >= 0.99 * ground.certain.area
