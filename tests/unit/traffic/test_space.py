"""Robots that have no unit of space in common never touch."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from random import Random

import pytest
from shapely import STRtree
from shapely.geometry import LineString, Point

from fleet_manager.adapters.maps import load_campus
from fleet_manager.core.campus import Campus
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.traffic.space import Space, space_of
from tests.unit.campus_documents import Json, lane, tiny_document, waypoint

SMALL_M, LARGE_M = 0.45, 0.55


@pytest.fixture(scope="module")
def canalside() -> Campus:
    return load_campus(Path(__file__).parents[3] / "maps" / "canalside")


def campus_of(points: list[Json], lanes: list[Json]) -> Campus:
    document = tiny_document()
    document["features"] = [
        each for each in document["features"] if each["properties"]["feature"] == "level"
    ]
    document["features"] += [*points, *lanes]
    return campus_from_geojson(document)


def share(space: Space, one: str, other: str, sizes: tuple[int, int] = (0, 0)) -> bool:
    units = {**space.waypoints, **space.lanes}
    return not set(units[one][sizes[0]]).isdisjoint(units[other][sizes[1]])


def test_each_waypoint_and_lane_is_a_unit_by_itself_where_nothing_is_near() -> None:
    tiny = campus_from_geojson(tiny_document())
    space = space_of(tiny, (SMALL_M,))
    for one, other in combinations({**space.waypoints, **space.lanes}, 2):
        assert not share(space, one, other)


def test_parallel_lanes_exclude_each_other_only_for_robots_that_would_touch() -> None:
    # Centre lines 1.2 m apart: two small robots need 0.45 + 0.45 + 0.2, two large ones 1.3 m.
    a, b = waypoint("a", 0, 0, "junction"), waypoint("b", 20, 0, "junction")
    c, d = waypoint("c", 0, 1.2, "junction"), waypoint("d", 20, 1.2, "junction")
    space = space_of(campus_of([a, b, c, d], [lane(a, b), lane(c, d)]), (LARGE_M, SMALL_M))
    assert not share(space, "a-b", "c-d", (0, 0))
    assert not share(space, "a-b", "c-d", (0, 1))
    assert share(space, "a-b", "c-d", (1, 1))
    assert not share(space, "a", "c", (0, 1))
    assert share(space, "a", "c", (1, 1))
    assert share(space, "a-b", "c", (1, 1))


def test_lanes_that_cross_without_a_waypoint_exclude_each_other() -> None:
    a, b = waypoint("a", 0, 0, "junction"), waypoint("b", 20, 0, "junction")
    c, d = waypoint("c", 10, -9, "junction"), waypoint("d", 10, 9, "junction")
    space = space_of(campus_of([a, b, c, d], [lane(a, b), lane(c, d)]), (SMALL_M,))
    assert share(space, "a-b", "c-d")
    assert not share(space, "a-b", "c")


def test_lanes_that_leave_a_waypoint_at_a_narrow_angle_exclude_each_other() -> None:
    # At 3 degrees they are 0.05 m apart for each metre: within 1.1 m of each other until 21 m on.
    a = waypoint("a", 0, 0, "junction")
    b, c = waypoint("b", 30, 0, "junction"), waypoint("c", 30, 30 * math.sin(0.05), "junction")
    d = waypoint("d", 0, 30, "junction")
    space = space_of(campus_of([a, b, c, d], [lane(a, b), lane(a, c), lane(a, d)]), (SMALL_M,))
    assert share(space, "a-b", "a-c")
    assert not share(space, "a-b", "a-d"), "who has the waypoint settles it"


def test_what_the_map_names_is_one_unit() -> None:
    points = [waypoint(name, 20 * at, 0, "junction") for at, name in enumerate("abcd")]
    lanes = [
        lane(points[0], points[1], resource="bridge"),
        lane(points[1], points[2]),
        lane(points[2], points[3], resource="bridge"),
    ]
    space = space_of(campus_of(points, lanes), (SMALL_M,))
    assert share(space, "a-b", "c-d")
    assert "bridge" in space.units


def positions(
    campus: Campus, space: Space, random: Random
) -> Iterator[tuple[str, set[int], Point]]:
    """Robots at random places of random ways, with all the units they have there."""
    lanes = list(campus.lanes.values())
    while True:
        size = random.randrange(len(space.radii_m))
        each = random.choice(lanes)
        line = LineString(each.points)
        along_m = random.uniform(0.0, line.length)
        here = line.interpolate(along_m)
        units = set(space.lanes[each.feature_id][size]) | set(space.waypoints[each.end][size])
        start = Point(campus.waypoint(each.start).xy)
        before = line.interpolate(min(along_m, space.clear_m[size]))
        if before.distance(start) < space.clear_m[size] and along_m < space.clear_m[size]:
            units |= set(space.waypoints[each.start][size])
        yield campus.waypoint(each.start).level + str(size), units, here


def test_robots_without_a_common_unit_never_touch(canalside: Campus) -> None:
    space = space_of(canalside, (SMALL_M, LARGE_M))
    seed = 7
    print(f"seed {seed}")
    robots = positions(canalside, space, Random(seed))
    placed = [next(robots) for _ in range(4000)]
    points = [here for _, _, here in placed]
    pairs = STRtree(points).query(points, predicate="dwithin", distance=2 * LARGE_M)
    near = 0
    for one, other in pairs.T.tolist():
        level, units, here = placed[one]
        other_level, others, there = placed[other]
        if one >= other or level[:-1] != other_level[:-1]:
            continue
        reach_m = space.radii_m[int(level[-1])] + space.radii_m[int(other_level[-1])]
        if here.distance(there) < reach_m:
            near += 1
            assert units & others, (level, here, there)
    assert near > 500
