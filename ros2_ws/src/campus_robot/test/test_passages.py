"""A robot enters no door, lift or crossing that is not open to it, and rides lifts."""

from __future__ import annotations

from dataclasses import replace

from robot_world import World, order

from campus_robot.order import Order
from campus_robot.passages import PassageSeen


def door(state: str, robot: str = "r1") -> PassageSeen:
    return PassageSeen("door", "door", state, "ground", robot)


def lift(state: str, level: str, robot: str = "r1") -> PassageSeen:
    return PassageSeen("lift", "lift", state, level, robot)


def through_door() -> Order:
    """n0 (0, 0), n1 (5, 0), the door n2 (8, 0), n3 (12, 0)."""
    plain = order([(0, 0), (5, 0), (8, 0), (12, 0)])
    nodes = list(plain.nodes)
    nodes[2] = replace(nodes[2], passage="door")
    return replace(plain, nodes=tuple(nodes))


def by_lift() -> Order:
    """n0 (0, 0), the lift n1 (5, 0), carried to n2 and n3 above it, and back to n4 (0, 0)."""
    plain = order([(0, 0), (5, 0), (5, 0), (5, 0), (0, 0)])
    levels = ("ground", "ground", "l2", "l3", "l3")
    nodes = [
        replace(node, level=level, passage="lift" if 1 <= index <= 3 else "")
        for index, (node, level) in enumerate(zip(plain.nodes, levels, strict=True))
    ]
    edges = [
        replace(edge, lift="lift" if index in (1, 2) else "")
        for index, edge in enumerate(plain.edges)
    ]
    return replace(plain, nodes=tuple(nodes), edges=tuple(edges))


def test_a_robot_waits_before_a_door_until_it_is_open_to_it() -> None:
    world = World()
    world.tick(orders=[through_door()])
    world.ticks(150)
    assert abs(world.pose.x_m - 5.0) < 0.2
    report = world.robot.report()
    assert report is not None
    assert [fault.error_type for fault in report.faults] == ["passage_closed"]
    for seen in (door("opening"), door("open", "r2")):
        world.tick(passages=[seen])
        world.ticks(20)
        assert abs(world.pose.x_m - 5.0) < 0.2
    world.tick(passages=[door("open")])
    world.until(lambda: world.idle, 20)
    assert abs(world.pose.x_m - 12.0) < 0.2
    report = world.robot.report()
    assert report is not None
    assert not report.faults


def test_a_robot_drives_through_an_open_door_without_a_stop() -> None:
    world = World()
    world.tick(orders=[through_door()], passages=[door("open")])
    world.until(lambda: world.pose.x_m > 5.0, 20)
    assert world.v > 0.8


def test_a_robot_before_a_door_that_closes_again_stands_and_one_within_drives_out() -> None:
    world = World()
    world.tick(orders=[through_door()], passages=[door("open")])
    world.until(lambda: world.pose.x_m > 5.3, 20)
    world.tick(passages=[door("closing")])
    world.ticks(50)
    assert world.pose.x_m < 7.0
    world.tick(passages=[door("open")])
    world.until(lambda: world.pose.x_m > 7.2, 20)
    world.tick(passages=[door("closing")])
    world.until(lambda: world.idle, 20)


def test_a_robot_rides_and_reports_the_level_that_it_has_come_to() -> None:
    world = World()
    world.level = "ground"
    world.tick(orders=[by_lift()], passages=[lift("open", "ground")])
    world.until(lambda: world.robot.book.last_sequence_id == 2, 20)
    world.ticks(30)
    assert abs(world.pose.x_m - 5.0) < 0.15
    for seen in (lift("moving", "ground"), lift("open", "l2"), lift("opening", "l3")):
        world.tick(passages=[seen])
        world.ticks(10)
        assert world.robot.book.last_sequence_id == 2
    world.tick(passages=[lift("open", "l3")])
    world.ticks(10)
    assert world.robot.book.last_sequence_id == 2, "its localiser is not there yet"
    world.level = "l3"
    world.ticks(2)
    assert world.robot.book.last_sequence_id == 6
    report = world.robot.report()
    assert report is not None
    assert report.level == "l3"
    world.until(lambda: world.idle, 20)
    assert abs(world.pose.x_m) < 0.2


def test_a_robot_leaves_no_lift_that_is_not_open_where_it_is() -> None:
    world = World()
    out = by_lift()
    whole = replace(
        out,
        nodes=(replace(out.nodes[3], sequence_id=0), replace(out.nodes[4], sequence_id=2)),
        edges=(replace(out.edges[3], sequence_id=1),),
    )
    world.pose = replace(world.pose, x_m=5.0)
    world.robot.localizer.mean = None
    world.tick()
    world.tick(orders=[whole], passages=[lift("closed", "l3", "")])
    world.ticks(30)
    assert world.pose.x_m > 4.7
    world.tick(passages=[lift("open", "l3")])
    world.until(lambda: world.idle, 20)


def test_an_order_that_begins_on_another_level_is_refused() -> None:
    world = World()
    world.level = "l2"
    world.ticks(2)
    world.tick(orders=[through_door()])
    report = world.robot.report()
    assert report is not None
    assert [fault.error_type for fault in report.faults] == ["node_unreachable"]
