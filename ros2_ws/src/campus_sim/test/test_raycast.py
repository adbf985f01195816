"""Lidar ranges against distances worked out by hand."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from small_campus import small_world

from campus_sim import raycast
from campus_sim.raycast import cast
from campus_sim.walls import Neighbourhood, segments_of

ANGLES = -math.pi + np.arange(360) * 2 * math.pi / 360
AHEAD, LEFT, BACK, RIGHT = 180, 270, 0, 90
SELF = np.array([[0.0, 0.0, 0.4]])


def test_a_long_wall_is_seen_at_distance_over_cosine() -> None:
    wall = np.array([[5.0, -1000.0, 5.0, 1000.0]])
    ranges = cast(np.array([[0.0, 0.0, 0.0]]), [wall], SELF, 20.0)[0]
    expected = np.where(np.cos(ANGLES) > 0.25, 5.0 / np.maximum(np.cos(ANGLES), 1e-9), np.inf)
    assert ranges == pytest.approx(expected, rel=1e-9)


def test_rays_turn_with_the_robot_and_count_counter_clockwise_from_behind() -> None:
    wall = np.array([[5.0, -1.0, 5.0, 1.0]])
    for heading, ray in [(0.0, AHEAD), (-math.pi / 2, LEFT), (math.pi, BACK), (math.pi / 2, RIGHT)]:
        ranges = cast(np.array([[0.0, 0.0, heading]]), [wall], SELF, 20.0)[0]
        assert ranges[ray] == pytest.approx(5.0)
        half = math.floor(math.degrees(math.atan2(1.0, 5.0)))
        assert np.isfinite(ranges).sum() == 2 * half + 1


def test_a_disc_is_seen_at_its_rim_and_not_ones_own() -> None:
    poses = np.array([[0.0, 0.0, 0.0], [4.0, 0.0, 0.0]])
    discs = np.array([[0.0, 0.0, 0.4], [4.0, 0.0, 0.5], [0.0, 30.0, 1.0]])
    first, second = cast(poses, [np.empty((0, 4))] * 2, discs, 20.0)
    assert first[AHEAD] == pytest.approx(3.5)
    assert second[BACK] == pytest.approx(3.6)
    off = math.radians(5)
    rim_m = 4 * math.cos(off) - math.sqrt(0.5**2 - (4 * math.sin(off)) ** 2)
    assert first[AHEAD + 5] == pytest.approx(rim_m)
    assert np.isfinite(first).sum() == 2 * math.floor(math.degrees(math.asin(0.5 / 4))) + 1


def test_a_courtyard_is_seen_from_inside_and_the_nearer_of_two_walls() -> None:
    house = shapely.box(-10, -10, 10, 10).difference(shapely.box(-2, -3, 2, 3))
    segments = segments_of(house)
    assert len(segments) == 8
    ranges = cast(np.array([[0.0, 0.0, 0.0]]), [segments], SELF, 20.0)[0]
    assert ranges[[AHEAD, LEFT, BACK, RIGHT]] == pytest.approx([2.0, 3.0, 2.0, 3.0])
    assert ranges.max() == pytest.approx(math.hypot(2, 3), rel=0.01)


def test_nothing_in_reach_is_left_out_by_the_preselection() -> None:
    rng = np.random.default_rng(5)
    starts = rng.uniform(0, 100, (300, 2))
    segments = np.hstack([starts, starts + rng.uniform(-6, 6, (300, 2))])
    near = Neighbourhood(segments, 20.0, 5.0)
    for x, y, heading in rng.uniform((0, 0, -3), (100, 100, 3), (20, 3)):
        pose = np.array([[x, y, heading]])
        own = np.array([[x, y, 0.1]])
        chosen = cast(pose, [near.at(x, y)], own, 20.0)
        assert np.array_equal(chosen, cast(pose, [segments], own, 20.0))


def test_the_scan_of_a_robot_shows_the_house_and_the_other_robot(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    scan = world.readings["r1"].scan
    assert scan is not None
    assert scan[LEFT] == pytest.approx(8.0 - 0.5, abs=1e-5)
    assert np.isinf(scan[AHEAD])  # 30 m off
    assert len(scan) == raycast.RAYS
