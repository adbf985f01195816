"""Another version of the map while six robots drive, in virtual time."""

from __future__ import annotations

import copy
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import msgspec
import networkx as nx
import pytest

from fleet_manager.core.campus import Campus
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.errors import WrongState
from fleet_manager.core.map_commands import AddClosure, PublishMap
from fleet_manager.core.map_events import BaseOutdated
from fleet_manager.core.task import TaskStatus
from fleet_manager.core.traffic.map_change import way_is_same
from tests.sim.robots import World
from tests.sim.test_campus_day import status, submit, task, until

SIX = ["security_1", "security_3", "cleaning_1", "cleaning_3", "safety_1", "safety_3"]


def redrawn(campus: Campus, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Campus:
    """A campus with each feature changed, or left out where the change gives None."""
    document = copy.deepcopy(dict(campus.document))
    changed = (change(feature) for feature in document["features"])
    document["features"] = [feature for feature in changed if feature is not None]
    return campus_from_geojson(document)


def without(campus: Campus, waypoint: str) -> Campus:
    """A campus without a waypoint, its lanes and the assets looked at from it."""

    def change(feature: dict[str, Any]) -> dict[str, Any] | None:
        properties = feature["properties"]
        names = (feature["id"], *(properties.get(key) for key in ("from", "to", "access")))
        return None if waypoint in names else feature

    return redrawn(campus, change)


@pytest.fixture
def world(campus: Campus, fleet: FleetConfig) -> World:
    """Six robots under way."""
    world = World(campus, fleet, SIX)
    for _ in world.run(2):
        pass
    submit(world, "patrol", robot="security_1", places=["gate_b", "library"])
    submit(world, "patrol", robot="security_3", places=["gate_a", "library"])
    submit(world, "go_to", robot="safety_1", place="clinic")
    submit(world, "go_to", place="canteen", robot="safety_3")
    submit(world, "clean", zone="plaza_a_west")
    submit(world, "clean", zone="plaza_b_east")
    until(world, lambda: world.robots["security_1"].driven_m > 60, 600)
    return world


def publish(world: World, campus: Campus, **how: str) -> list[object]:
    """Publish a campus; what was decided."""
    world.gate.library.add(campus)
    return list(world.do(PublishMap(campus.version, "planner", "test", **how)))


def finish(world: World) -> None:
    """Everything that is asked for ends, and the log alone gives the same state."""
    until(world, lambda: all(each.ended for each in world.state.tasks.values()), 6 * 3600)
    logged = msgspec.json.encode(world.state.logged())
    assert msgspec.json.encode(world.replayed().logged()) == logged


def done(world: World) -> set[TaskStatus]:
    return {each.status for each in world.state.tasks.values()}


def test_orders_go_on_where_only_what_nobody_drives_on_has_changed(
    world: World, campus: Campus
) -> None:
    before = {name: world.state.robot(name).movement for name in SIX}

    def slower(feature: dict[str, Any]) -> dict[str, Any]:
        if feature["id"] == "lane_bridge_1_0":
            feature["properties"]["speed_limit_mps"] = 0.3
        return feature

    events = publish(world, redrawn(campus, slower))
    assert not any(isinstance(event, BaseOutdated) for event in events)
    for name in SIX:
        movement, earlier = world.state.robot(name).movement, before[name]
        assert (movement is None) == (earlier is None)
        if movement is not None and earlier is not None:
            assert movement.order_id == earlier.order_id
            order = world.robots[name].order
            assert order is not None
            assert order.map_version == world.state.map.version
    finish(world)
    assert done(world) == {TaskStatus.COMPLETED}


def test_a_robot_whose_base_has_moved_stops_and_goes_on_from_there(
    world: World, campus: Campus
) -> None:
    movement = world.state.robot("security_1").movement
    assert movement is not None
    ahead = movement.waypoints[movement.passed + 1]

    def moved(feature: dict[str, Any]) -> dict[str, Any]:
        geometry, properties = feature["geometry"], feature["properties"]
        if feature["id"] == ahead:
            geometry["coordinates"][1] += 0.3
        elif ahead == properties.get("from"):
            geometry["coordinates"][0][1] += 0.3
        elif ahead == properties.get("to"):
            geometry["coordinates"][-1][1] += 0.3
        return feature

    new = redrawn(campus, moved)
    events = publish(world, new)
    assert [e.robot for e in events if isinstance(e, BaseOutdated)][:1] == ["security_1"]
    assert world.state.held["security_1"]
    until(world, lambda: not getattr(world.state.robot("security_1").movement, "blocks", ()), 30)
    finish(world)
    assert done(world) == {TaskStatus.COMPLETED}


def test_a_task_to_a_place_that_is_gone_fails_and_names_it_and_the_version(
    world: World, campus: Campus
) -> None:
    new = without(campus, "clinic")
    publish(world, new)
    (failed,) = (each for each in world.state.tasks.values() if each.status is TaskStatus.FAILED)
    assert "clinic" in failed.reason
    assert new.version in failed.reason
    assert "planner" in failed.reason
    finish(world)
    others = {each.status for each in world.state.tasks.values() if each.id != failed.id}
    assert others == {TaskStatus.COMPLETED}


def test_a_robot_whose_bay_is_gone_is_placed_anew_and_people_hear_of_a_dock_that_is_gone(
    campus: Campus, fleet: FleetConfig
) -> None:
    world = World(campus, fleet, ["security_1", "security_2"])
    for _ in world.run(2):
        pass
    publish(world, without(campus, "dock_a1"))
    movement = world.state.robot("security_1").movement
    assert movement is not None, "it is brought into a bay that the map has"
    assert set(movement.waypoints) <= world.state.site.campus.waypoints.keys()
    titles = [each.title for each in world.state.incidents.values() if not each.closed]
    assert any("dock_a1" in title and "security_1" in title for title in titles)
    identifier = submit(world, "go_to", place="library", robot="security_1")
    publish(world, campus)
    assert all(each.closed for each in world.state.incidents.values())
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 1800)
    assert task(world, identifier).robot == "security_1"


def test_only_on_top_of_the_version_in_use(world: World, campus: Campus) -> None:
    publish(world, campus)
    with pytest.raises(WrongState):
        publish(world, without(campus, "clinic"), parent="another")
    publish(world, without(campus, "clinic"), parent=campus.version)
    assert world.state.map.number == 2


def test_a_closure_of_what_is_gone_is_told_to_people(world: World, campus: Campus) -> None:
    lane = "to_bridge_west"
    world.do(AddClosure(lanes=(lane,)))
    publish(world, without(campus, "bridge_west"))
    titles = [each.title for each in world.state.incidents.values() if not each.closed]
    assert any(lane in title for title in titles)


def test_a_way_is_the_same_only_as_long_as_its_lanes_are(campus: Campus) -> None:
    way = ("bridge_1_0", "bridge_1_1", "bridge_1_2")
    assert way_is_same(campus, campus, "security", way)

    def narrower(feature: dict[str, Any]) -> dict[str, Any]:
        if feature["id"] == "lane_bridge_1_1":
            feature["properties"]["width_m"] = 1.6
        return feature

    assert not way_is_same(campus, redrawn(campus, narrower), "security", way)
    assert not way_is_same(campus, without(campus, "bridge_1_2"), "security", way)


def without_lanes(campus: Campus, *ways: tuple[str, str]) -> Campus:
    """A campus without the lanes between pairs of waypoints."""
    gone = {campus.lane_between(*way).feature_id for way in ways}
    return redrawn(campus, lambda feature: None if feature["id"] in gone else feature)


def driving(world: World, passed: int) -> str:
    """A robot that has gone so far, with a horizon before it."""

    def found() -> str:
        for name in SIX:
            movement = world.state.robot(name).movement
            if movement is None or movement.passed < passed:
                continue
            if len(movement.nodes) > movement.released_to + 2:
                return name
        return ""

    until(world, found, 600)
    return found()


def test_what_a_robot_has_driven_over_may_go_from_the_map(world: World, campus: Campus) -> None:
    robot = driving(world, passed=4)
    movement = world.state.robot(robot).movement
    assert movement is not None
    publish(world, without_lanes(campus, (movement.waypoints[0], movement.waypoints[1])))
    submit(world, "patrol", places=["gate_a", "library"])  # who is free next is looked for
    for _ in world.run(2):
        pass
    world.restart(2)
    after = world.state.robot(robot).movement
    assert after is not None
    assert after.order_id == movement.order_id
    assert world.state.held[robot]
    publish(world, campus)
    finish(world)
    assert done(world) == {TaskStatus.COMPLETED}


def _has_other_way(campus: Campus, *gone: tuple[str, str]) -> bool:
    """Whether every lane's end is still reached from every other without some lanes."""
    graph = nx.DiGraph((lane.start, lane.end) for lane in campus.lanes.values())
    graph.remove_edges_from(gone)
    graph.remove_edges_from((end, start) for start, end in gone)
    return nx.is_strongly_connected(graph)


def test_both_ends_of_a_horizon_may_go_from_the_map_at_once(world: World, campus: Campus) -> None:
    robot = driving(world, passed=1)
    movement = world.state.robot(robot).movement
    assert movement is not None
    ahead = movement.waypoints[movement.released_to :]
    pairs = list(pairwise(ahead))
    second = next(each for each in reversed(pairs[1:]) if _has_other_way(campus, pairs[0], each))
    publish(world, without_lanes(campus, pairs[0], second))
    for _ in world.run(5):
        pass
    publish(world, campus)
    finish(world)
    assert done(world) == {TaskStatus.COMPLETED}


def test_robots_wait_where_the_map_has_nothing_and_go_on_when_it_has(
    world: World, campus: Campus
) -> None:
    """Somebody publishes a map whose origin is half a kilometre off, and then the right one."""

    def shifted(feature: dict[str, Any]) -> dict[str, Any]:
        def move(at: Any) -> Any:
            return [at[0] + 500.0, at[1]] if isinstance(at[0], int | float) else [*map(move, at)]

        feature["geometry"]["coordinates"] = move(feature["geometry"]["coordinates"])
        return feature

    before_m = {name: robot.driven_m for name, robot in world.robots.items()}
    outdated = publish(world, redrawn(campus, shifted))
    stopping = {each.robot for each in outdated if isinstance(each, BaseOutdated)}
    assert "security_1" in stopping
    again = without(campus, "clinic")  # at once, while they stop
    publish(world, redrawn(again, shifted))
    for _ in world.run(5):
        pass
    assert not any(world.robots[each].active for each in stopping)
    assert all(world.robots[each].driven_m - before_m[each] < 20 for each in stopping)
    titles = [each.title for each in world.state.incidents.values() if not each.closed]
    assert any("security_1 stands" in title and "by hand" in title for title in titles)
    world.restart(2)
    publish(world, campus)
    finish(world)
    titles = [each.title for each in world.state.incidents.values() if not each.closed]
    assert not any("by hand" in title for title in titles)
