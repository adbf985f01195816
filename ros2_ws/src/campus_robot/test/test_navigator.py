"""The navigator keeps to its lanes, stops where it must, and for what stands in its way."""

from __future__ import annotations

import dataclasses
import math

import pytest
from robot_world import World, action, order

from campus_robot.errors import ErrorType
from campus_robot.motion import Pose

CORNERS = [(0.0, 0.0), (12.0, 0.0), (12.0, 9.0), (2.0, 9.0), (-4.0, 15.0)]


def distance_to_line(pose: Pose, points: list[tuple[float, float]]) -> float:
    def to_segment(a: tuple[float, float], b: tuple[float, float]) -> float:
        ux, uy = b[0] - a[0], b[1] - a[1]
        share = ((pose.x_m - a[0]) * ux + (pose.y_m - a[1]) * uy) / (ux * ux + uy * uy)
        share = min(max(share, 0.0), 1.0)
        return math.hypot(pose.x_m - a[0] - share * ux, pose.y_m - a[1] - share * uy)

    return min(map(to_segment, points, points[1:]))


def error_types(world: World) -> set[ErrorType]:
    return {fault.error_type for fault in world.robot.faults.current()}


def test_stays_near_the_middle_of_its_lanes() -> None:
    world = World()
    world.tick(orders=[order(CORNERS)])
    world.until(lambda: world.idle, 90)
    # A lane of 2 m leaves 0.55 m beside a robot of 0.45 m radius; half of that is kept free.
    assert max(distance_to_line(pose, CORNERS) for pose in world.track) < 0.27


def test_stops_at_the_end_of_the_base() -> None:
    world = World()
    world.tick(orders=[order([(0, 0), (8, 0), (20, 0)], released=2)])
    world.until(lambda: world.robot.book.last_sequence_id == 2, 20)
    world.ticks(50)
    report = world.robot.report()
    assert report is not None
    assert report.new_base_request
    assert report.order_active
    assert not report.driving
    assert world.pose.x_m == pytest.approx(8.0, abs=0.1)
    assert max(pose.x_m for pose in world.track) < 8.1


def test_goes_on_when_the_base_grows_without_stopping() -> None:
    world = World()
    world.tick(orders=[order([(0, 0), (8, 0), (20, 0)], released=2)])
    world.until(lambda: world.pose.x_m > 3, 20)
    world.tick(orders=[order([(0, 0), (8, 0), (20, 0)], update=1)])
    speeds = []

    def arrived() -> bool:
        if 4 < world.pose.x_m < 17:
            speeds.append(world.v)
        return world.idle

    world.until(arrived, 40)
    assert min(speeds) > 1.4
    assert world.pose.x_m == pytest.approx(20.0, abs=0.1)


def test_obeys_the_speed_limit_of_each_lane() -> None:
    world = World()
    fast = order([(0, 0), (10, 0), (20, 0)])
    slow = dataclasses.replace(fast.edges[1], max_speed_mps=0.5)
    world.tick(orders=[dataclasses.replace(fast, edges=(fast.edges[0], slow))])
    speeds: list[tuple[float, float]] = []

    def done() -> bool:
        speeds.append((world.pose.x_m, world.v))
        return world.idle

    world.until(done, 60)
    assert max(v for x, v in speeds if x < 8) > 1.3
    assert max(v for x, v in speeds if x > 10) < 0.55


def test_acceleration_is_within_its_limit() -> None:
    world = World()
    world.tick(orders=[order(CORNERS)])
    last = world.v
    for _ in range(300):
        command = world.tick()
        assert abs(command.motion.v_mps - last) <= 0.8 * 0.1 + 1e-9
        last = command.motion.v_mps


def test_takes_the_heading_a_node_wants() -> None:
    world = World()
    wanted = order([(0, 0), (5, 0)])
    node = dataclasses.replace(wanted.nodes[1], theta_rad=-math.pi / 2)
    world.tick(orders=[dataclasses.replace(wanted, nodes=(wanted.nodes[0], node))])
    world.until(lambda: world.idle, 30)
    assert world.pose.theta_rad == pytest.approx(-math.pi / 2, abs=0.25)


def test_drives_straight_to_a_first_node_further_off() -> None:
    world = World()
    far = order([(3, 4), (3, 10)])
    first = dataclasses.replace(far.nodes[0], allowed_deviation_xy_m=6.0)
    world.tick(orders=[dataclasses.replace(far, nodes=(first, far.nodes[1]))])
    assert world.robot.book.last_node is None
    world.until(lambda: world.robot.book.last_sequence_id == 0, 20)
    assert math.hypot(world.pose.x_m - 3, world.pose.y_m - 4) <= 0.5
    world.until(lambda: world.idle, 30)
    assert world.robot.book.last_sequence_id == 2


def test_brakes_before_an_obstacle_and_reports_it() -> None:
    world = World()
    world.discs = [(10.0, 0.0, 0.3)]
    world.tick(orders=[order([(0, 0), (20, 0)])])
    world.until(lambda: world.robot.report().obstacle_stop, 20)  # type: ignore[union-attr]
    world.ticks(30)
    # Surface at 9.7 m, body 0.45 m: half a metre is to stay between them.
    gap = 9.7 - world.pose.x_m - 0.45
    assert 0.3 < gap < 0.8
    assert ErrorType.BLOCKED not in error_types(world)
    world.ticks(160)
    assert ErrorType.BLOCKED in error_types(world)
    world.discs = []
    world.until(lambda: world.idle, 30)
    assert ErrorType.BLOCKED not in error_types(world)


def test_stops_for_a_person_who_steps_out_beyond_its_braking_distance() -> None:
    world = World()
    world.tick(orders=[order([(0, 0), (30, 0)])])
    world.until(lambda: world.v > 1.45, 20)
    # From 1.5 m/s at 0.8 m/s² it needs 1.4 m, and 0.3 m until it reacts.
    world.discs = [(world.pose.x_m + 0.45 + 1.4 + 0.3 + 0.2 + 0.25, 0.0, 0.25)]
    surface = world.discs[0][0] - 0.25
    world.until(lambda: world.v == 0.0, 10)
    assert surface - world.pose.x_m - 0.45 > 0.0


def test_what_stands_beside_the_lane_does_not_stop_it() -> None:
    world = World()
    world.discs = [(5.0, 1.0, 0.3), (9.0, -1.0, 0.3)]
    world.tick(orders=[order([(0, 0), (14, 0)])])
    assert world.until(lambda: world.idle, 30) < 16


def test_a_wall_behind_the_last_node_does_not_keep_it_away() -> None:
    world = World()
    world.discs = [(6.0 + 0.45 + 0.3 + 0.5, 0.0, 0.5)]
    world.tick(orders=[order([(0, 0), (6, 0)])])
    world.until(lambda: world.idle, 20)
    assert world.pose.x_m == pytest.approx(6.0, abs=0.1)


def test_off_its_lane_it_says_so_and_steers_back() -> None:
    world = World()
    world.tick(orders=[order([(0, 0), (30, 0)])])
    world.until(lambda: world.pose.x_m > 5, 20)
    world.pose = dataclasses.replace(world.pose, y_m=1.6)
    world.until(lambda: ErrorType.OFF_ROUTE in error_types(world), 3)
    world.until(lambda: world.idle, 60)
    assert ErrorType.OFF_ROUTE not in error_types(world)
    assert abs(world.pose.y_m) < 0.1


def test_turns_round_on_the_spot() -> None:
    world = World()
    world.tick(orders=[order([(0, 0), (6, 0), (0, 0)], actions={1: (action("a"),)})])
    world.until(lambda: world.idle, 40)
    assert max(pose.x_m for pose in world.track) < 6.1
    assert max(abs(pose.y_m) for pose in world.track) < 0.2
    assert world.pose.x_m == pytest.approx(0.0, abs=0.1)


def test_a_limit_that_is_lowered_under_way_is_kept_to() -> None:
    world = World()
    line = [(0.0, 0.0), (10.0, 0.0), (30.0, 0.0)]
    told = order(line)
    world.tick(orders=[told])
    world.until(lambda: world.pose.x_m > 4, 20)
    edges = tuple(
        dataclasses.replace(edge, max_speed_mps=0.4) if index == 1 else edge
        for index, edge in enumerate(told.edges)
    )
    world.tick(orders=[dataclasses.replace(told, order_update_id=1, edges=edges)])
    speeds: list[float] = []

    def far() -> bool:
        if world.pose.x_m > 12:
            speeds.append(world.v)
        return world.pose.x_m > 20

    world.until(far, 60)
    assert max(speeds) <= 0.45
