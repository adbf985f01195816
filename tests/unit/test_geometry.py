"""Polylines: lengths, points along them, feet on them, what a moving disc covers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

from fleet_manager.core.geometry import (
    angle_between_rad,
    heading_rad,
    length_m,
    point_at,
    polyline_distance_m,
    project,
    swept_area,
)

CORNER = ((0.0, 0.0), (10.0, 0.0), (10.0, 5.0))

coordinates = st.floats(-100.0, 100.0).map(lambda value: round(value, 3))
polylines = st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=6, unique=True)


def test_length_and_points_along_a_corner() -> None:
    assert length_m(CORNER) == 15.0
    assert point_at(CORNER, 12.0) == (10.0, 2.0)
    assert point_at(CORNER, -1.0) == (0.0, 0.0)
    assert point_at(CORNER, 99.0) == (10.0, 5.0)


def test_the_foot_of_a_point_beside_the_second_leg() -> None:
    assert project(CORNER, (13.0, 4.0)) == (14.0, 3.0)


def test_headings_turn_the_short_way() -> None:
    assert heading_rad((0, 0), (0, 2)) == pytest.approx(math.pi / 2)
    assert angle_between_rad(math.radians(170), math.radians(-170)) == pytest.approx(
        math.radians(20)
    )


def test_no_points_are_refused() -> None:
    for ask in (lambda: point_at((), 0.0), lambda: project((), (0, 0)), lambda: swept_area((), 1)):
        with pytest.raises(ValueError, match="at least one point"):
            ask()


def test_parallel_lanes_are_as_far_apart_as_drawn() -> None:
    assert polyline_distance_m(((0, 0), (10, 0)), ((3, 2), (20, 2))) == 2.0
    assert polyline_distance_m(((0, 0),), ((3, 4),)) == 5.0


@given(points=polylines, part=st.floats(0.0, 1.0))
def test_a_point_along_a_polyline_lies_on_it(
    points: list[tuple[float, float]], part: float
) -> None:
    _, off_m = project(points, point_at(points, part * length_m(points)))
    assert off_m < 1e-6


@given(points=polylines, part=st.floats(0.0, 1.0), angle=st.floats(0.0, math.tau))
def test_the_swept_area_holds_the_disc_everywhere(
    points: list[tuple[float, float]], part: float, angle: float
) -> None:
    x_m, y_m = point_at(points, part * length_m(points))
    rim = Point(x_m + 0.45 * math.cos(angle), y_m + 0.45 * math.sin(angle))
    assert swept_area(points, 0.45).distance(rim) < 1e-6
