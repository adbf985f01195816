"""Closures while robots drive, in virtual time."""

from __future__ import annotations

import pytest

from fleet_manager.core.campus import Campus
from fleet_manager.core.closure import Window
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.map_commands import AddClosure, RemoveClosure
from fleet_manager.core.map_events import ClosureAdded
from fleet_manager.core.task import TaskStatus
from tests.sim.keep_off import KeepOff
from tests.sim.robots import World
from tests.sim.test_campus_day import status, submit, task, until


def close(world: World, *lanes: str, **how: object) -> str:
    """Close lanes; returns the closure's id."""
    events = world.do(AddClosure(lanes=lanes, **how))  # type: ignore[arg-type]
    (added,) = (event for event in events if isinstance(event, ClosureAdded))
    return added.closure.id


def bridge(campus: Campus) -> list[str]:
    """The lanes of the bridge."""
    lanes = (lane for lane in campus.lanes.values() if lane.resource == "bridge_1")
    return sorted({lane.feature_id for lane in lanes})


def canal(campus: Campus) -> list[str]:
    """A lane of each of the two ways over the canal."""
    return [*bridge(campus), campus.lane_between("north_way_3", "north_way_4").feature_id]


@pytest.fixture
def world(campus: Campus, fleet: FleetConfig) -> World:
    """One robot of each kind on one side, heard."""
    world = World(campus, fleet, ["security_1", "cleaning_1", "safety_1"])
    for _ in world.run(2):
        pass
    return world


def test_a_robot_stops_before_a_lane_that_closes_in_its_base(world: World) -> None:
    watch = KeepOff(world)
    identifier = submit(world, "go_to", place="library", robot="security_1")
    until(world, lambda: world.robots["security_1"].driven_m > 40, 600)
    movement = world.state.robot("security_1").movement
    assert movement is not None
    ahead = movement.waypoints[movement.passed + 1 : movement.released_to + 1]
    assert len(ahead) >= 2, "it has more than one lane of base before it"
    lane = world.state.site.campus.lane_between(ahead[0], ahead[1]).feature_id
    closure = close(world, lane, reason="works")
    watch.look()
    movement = world.state.robot("security_1").movement
    assert movement is not None
    assert movement.canceling
    for _ in world.run(900):
        watch.look()
    assert watch.entered == 0
    if status(world, identifier) is not TaskStatus.COMPLETED:
        assert closure in task(world, identifier).reason
        world.do(RemoveClosure(closure, "guard"))
        until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 1800)
    assert world.replayed().logged() == world.state.logged()


def test_a_closed_bridge_keeps_a_task_waiting_and_says_which_closure(
    world: World, campus: Campus
) -> None:
    watch = KeepOff(world)
    identifier = submit(world, "go_to", place="gate_b", robot="security_1")
    until(world, lambda: world.robots["security_1"].driven_m > 60, 600)
    until_s = world.now_s + 600
    closure = close(world, *canal(campus), reason="works", window=Window(until_s=until_s))
    while world.now_s < until_s:
        world.step()
        watch.look()
    assert watch.entered == 0
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 3600)
    waited = " ".join(line.text for line in task(world, identifier).log)
    assert closure in waited
    assert "works" in waited
    assert world.replayed().logged() == world.state.logged()


def test_a_robot_on_a_lane_that_closes_leaves_it(world: World, campus: Campus) -> None:
    watch = KeepOff(world)
    submit(world, "go_to", place="gate_b", robot="security_1")
    until(world, lambda: world.robots["security_1"].last_node == "bridge_1_1", 1200)
    watch.look()
    close(world, *bridge(campus))
    watch.look()
    assert watch.inside == {"security_1"}
    until(world, lambda: watch.look() or not watch.inside, 60)
    for _ in world.run(900):
        watch.look()
    assert watch.inside == set()


def test_a_limit_is_in_the_order_of_a_robot_that_drives_already(
    world: World, campus: Campus
) -> None:
    submit(world, "go_to", place="library", robot="security_1")
    until(world, lambda: world.robots["security_1"].driven_m > 40, 600)
    order = world.robots["security_1"].order
    assert order is not None
    lane = order.edges[1].edge_id
    close(world, campus.lane(lane).feature_id, speed_limit_mps=0.4)
    after = world.robots["security_1"].order
    assert after is not None
    assert after.order_id == order.order_id
    assert after.order_update_id > order.order_update_id
    (edge,) = (edge for edge in after.edges if edge.edge_id == lane)
    assert edge.max_speed_mps == 0.4
