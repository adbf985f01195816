"""A sweep cleans what the brush can reach and stays in the zone."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon, box

from fleet_manager.core.planning.coverage import (
    TRACKING_ERROR_M,
    CannotSweep,
    SweepPlan,
    plan_sweep,
)
from fleet_manager.core.planning.inside import InsideWays

BRUSH_M = 0.7


def reachable(zone: Polygon, brush_m: float) -> Polygon:
    """What a round brush cleans that stays in the zone: its opening by the brush."""
    return zone.buffer(-brush_m / 2).buffer(brush_m / 2).intersection(zone)


def covered_of(zone: Polygon, plan: SweepPlan, brush_m: float) -> float:
    reach = reachable(zone, brush_m)
    return LineString(plan.path).buffer(brush_m / 2).intersection(reach).area / reach.area


def assert_good(zone: Polygon, plan: SweepPlan, brush_m: float) -> None:
    assert zone.buffer(1e-5).covers(LineString(plan.path))
    assert covered_of(zone, plan, brush_m) >= 0.99


def test_a_rectangle_is_swept_whole_with_little_driven_twice() -> None:
    zone = box(0, 0, 20, 10)
    plan = plan_sweep(zone, BRUSH_M)
    assert_good(zone, plan, BRUSH_M)
    assert plan.area_m2 == pytest.approx(200)
    # A perfect sweep with strips 0.6 m apart is 333 m; the round and the ends may add 15 %.
    assert 200 / BRUSH_M <= plan.length_m <= 1.15 * 200 / 0.6


def test_the_edge_is_clean_although_the_robot_strays() -> None:
    zone = box(0, 0, 12, 9)
    path = LineString(plan_sweep(zone, BRUSH_M).path)
    certain = path.buffer(BRUSH_M / 2 - TRACKING_ERROR_M)
    assert certain.intersection(zone).area / zone.area >= 0.995


def test_holes_are_left_out() -> None:
    zone = Polygon(box(0, 0, 20, 20).exterior.coords, [box(8, 8, 12, 12).exterior.coords])
    plan = plan_sweep(zone, BRUSH_M)
    assert_good(zone, plan, BRUSH_M)
    assert not LineString(plan.path).intersects(box(8.1, 8.1, 11.9, 11.9))


def test_parts_joined_by_a_narrow_neck_are_both_swept() -> None:
    neck = box(5, 2.4, 8, 2.8)  # narrower than the brush
    zone = box(0, 0, 5, 5).union(neck).union(box(8, 0, 13, 5))
    assert isinstance(zone, Polygon)
    assert_good(zone, plan_sweep(zone, BRUSH_M), BRUSH_M)


def test_the_path_begins_where_the_robot_comes_from() -> None:
    zone = box(0, 0, 20, 10)
    for corner in ((0.0, 0.0), (20.0, 0.0), (20.0, 10.0), (0.0, 10.0)):
        assert math.dist(plan_sweep(zone, BRUSH_M, corner).path[0], corner) < 1.0


def test_a_robot_that_must_stay_inside_keeps_its_radius_from_the_edge() -> None:
    zone = box(0, 0, 10, 10)
    path = LineString(plan_sweep(zone, BRUSH_M, footprint_radius_m=0.6).path)
    assert path.distance(zone.exterior) >= 0.6


def test_strips_run_along_the_longer_side() -> None:
    wide, tall = (plan_sweep(box(0, 0, *size), BRUSH_M) for size in ((30, 5), (5, 30)))
    assert len(wide.path) == len(tall.path) < 30


@pytest.mark.parametrize("brush_m", [0.0, -1.0, math.nan])
def test_a_brush_without_width_is_refused(brush_m: float) -> None:
    with pytest.raises(CannotSweep, match="cleans nothing"):
        plan_sweep(box(0, 0, 10, 10), brush_m)


def test_a_zone_narrower_than_the_robot_is_refused() -> None:
    with pytest.raises(CannotSweep, match="nowhere in the zone") as refused:
        plan_sweep(box(0, 0, 10, 0.5), BRUSH_M)
    assert "wider" in refused.value.remedy


@st.composite
def star_polygons(draw: st.DrawFn) -> Polygon:
    """Polygons seen whole from their middle, 6 to 16 m wide, some with a hole, turned anyhow."""
    corners = draw(st.integers(4, 9))
    radii = draw(st.lists(st.floats(3.0, 8.0), min_size=corners, max_size=corners))
    outline = [
        (radius * math.cos(math.tau * k / corners), radius * math.sin(math.tau * k / corners))
        for k, radius in enumerate(radii)
    ]
    holes = []
    if draw(st.booleans()):
        # A disc around the middle that every outline leaves more than a brush's room around.
        holes.append(list(Point(0, 0).buffer(0.8, quad_segs=2).exterior.coords))
    turn = draw(st.floats(0.0, 180.0))
    zone = Polygon(outline, holes)
    return affinity.translate(affinity.rotate(zone, turn), 100.0, -40.0)


@settings(max_examples=60, deadline=None)
@given(zone=star_polygons(), brush_m=st.floats(0.4, 1.0))
def test_any_zone_is_swept_inside_and_whole(zone: Polygon, brush_m: float) -> None:
    if not zone.is_valid:
        return
    assert_good(zone, plan_sweep(zone, brush_m), brush_m)


@settings(max_examples=60, deadline=None)
@given(zone=star_polygons(), numbers=st.tuples(*[st.floats(0.0, 1.0)] * 2))
def test_ways_inside_stay_inside_and_are_no_shorter_than_straight(
    zone: Polygon, numbers: tuple[float, float]
) -> None:
    if not zone.is_valid:
        return
    start, end = (zone.exterior.interpolate(each, normalized=True).coords[0] for each in numbers)
    way = InsideWays(zone).way(start, end)
    assert way is not None
    assert (way[0], way[-1]) == (start, end)
    assert len(way) == 1 or zone.buffer(1e-5).covers(LineString(way))
    assert LineString(way).length >= math.dist(start, end) - 1e-9
