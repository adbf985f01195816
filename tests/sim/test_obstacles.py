"""What stands on the lanes for a while: robots are led around it, and it is forgotten."""

from __future__ import annotations

import math

import pytest

from fleet_manager.core.campus import Campus
from fleet_manager.core.closure import Closure, ClosureStatus, Obstacle
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.decisions.obstacles import SEEN_BY_ROBOT_S
from fleet_manager.core.errors import InvalidRequest
from fleet_manager.core.map_commands import RemoveClosure, ReportObstacle
from fleet_manager.core.task import TaskStatus
from tests.sim.keep_off import KeepOff
from tests.sim.robots import PATIENCE_S, World
from tests.sim.test_campus_day import status, submit, until


@pytest.fixture
def world(campus: Campus, fleet: FleetConfig) -> World:
    """Two robots on one side, heard."""
    world = World(campus, fleet, ["security_1", "security_2"])
    for _ in world.run(2):
        pass
    return world


def obstacles(world: World) -> list[Closure]:
    """Closures of obstacles, the first first."""
    return [each for each in world.state.closures.values() if each.obstacle is not None]


def on_bridge(campus: Campus, radius_m: float = 1.0, stays_s: float = 600.0) -> Obstacle:
    """A van in the middle of a lane of the bridge."""
    lane = next(each for each in campus.lanes.values() if each.resource == "bridge_1")
    (x0, y0), (x1, y1) = lane.points[:2]
    return Obstacle((x0 + x1) / 2, (y0 + y1) / 2, lane.level, radius_m, "van", stays_s)


def test_a_van_closes_the_lanes_on_which_it_would_be_touched_and_is_forgotten(
    world: World, campus: Campus
) -> None:
    van = on_bridge(campus, stays_s=300.0)
    world.do(ReportObstacle(van, "guard"))
    (closure,) = obstacles(world)
    bridge = {each.feature_id for each in campus.lanes.values() if each.resource == "bridge_1"}
    assert set(closure.lanes) & bridge
    assert closure.reason == "obstacle: van"
    assert closure.seen_s == world.now_s
    begin_s = world.now_s
    watch = KeepOff(world)
    task = submit(world, "go_to", place="gate_b", robot="security_1")
    while world.now_s < begin_s + 299:
        world.step()
        watch.look()
    assert watch.entered == 0
    until(world, lambda: obstacles(world)[0].status is ClosureStatus.ENDED, 10)
    until(world, lambda: status(world, task) is TaskStatus.COMPLETED, 3600)
    assert world.replayed().logged() == world.state.logged()


def test_who_sees_a_van_again_has_it_believed_in_for_longer(world: World, campus: Campus) -> None:
    van = on_bridge(campus)
    world.do(ReportObstacle(van, "guard"))
    first_s = world.now_s
    for _ in world.run(120):
        pass
    again = Obstacle(van.x_m + 0.5, van.y_m, van.level, 0.5, "still there", 600.0)
    world.do(ReportObstacle(again, "another guard"))
    (closure,) = obstacles(world)
    assert closure.window.until_s == world.now_s + 600.0 == first_s + 720.0
    world.do(RemoveClosure(closure.id, "guard"))
    assert obstacles(world)[0].status is ClosureStatus.REMOVED


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"x_m": 9_000.0}, "no lane within reach"),
        ({"level": "roof"}, "no lane within reach"),
        ({"radius_m": 0.0}, "a radius of 0 m"),
        ({"radius_m": math.nan}, "a radius of nan m"),
        ({"stays_s": 5.0}, "stays 5 s"),
    ],
)
def test_an_obstacle_that_is_none_is_refused(
    world: World, campus: Campus, changed: dict[str, object], said: str
) -> None:
    van = on_bridge(campus)
    fields = {name: getattr(van, name) for name in van.__struct_fields__}
    with pytest.raises(InvalidRequest, match=said):
        world.do(ReportObstacle(Obstacle(**(fields | changed)), "guard"))  # type: ignore[arg-type]
    assert not obstacles(world)


def meets_a_van(world: World, robot: str) -> None:
    """A van stops a robot in the middle of the next lane, unless it turns round."""
    movement = world.state.robot(robot).movement
    assert movement is not None
    way = movement.waypoints[movement.passed + 1 :][:2]
    lane = world.state.site.campus.lane_between(*way)
    (x0, y0), (x1, y1) = lane.points[:2]
    world.robots[robot].vans.append(((x0 + x1) / 2, (y0 + y1) / 2, 0.4))


def test_a_robot_that_a_van_has_stopped_takes_another_way_and_others_do_too(
    world: World, campus: Campus
) -> None:
    task = submit(world, "go_to", place="gate_b", robot="security_1")
    until(world, lambda: world.robots["security_1"].last_node == "bridge_road_a_f1", 600)
    meets_a_van(world, "security_1")
    until(world, lambda: bool(obstacles(world)), PATIENCE_S + 60)
    (closure,) = obstacles(world)
    assert closure.by == "security_1"
    assert closure.window.until_s == pytest.approx(world.now_s + SEEN_BY_ROBOT_S, abs=1.0)
    world.robots["security_2"].vans = world.robots["security_1"].vans
    other = submit(world, "go_to", place="gate_b", robot="security_2")
    until(world, lambda: status(world, task) is TaskStatus.COMPLETED, 3600)
    until(world, lambda: status(world, other) is TaskStatus.COMPLETED, 3600)
    assert world.replayed().logged() == world.state.logged()


def test_a_robot_without_another_way_waits_before_the_van(world: World, campus: Campus) -> None:
    dock = world.state.robot("security_1").at[0]
    submit(world, "go_to", place="gate_b", robot="security_1")
    until(world, lambda: world.state.robot("security_1").movement is not None, 60)
    first = world.state.site.campus.waypoint(dock)
    movement = world.state.robot("security_1").movement
    assert movement is not None
    (x0, y0), (x1, y1) = campus.lane_between(*movement.waypoints[:2]).points[:2]
    assert (x0, y0) == first.xy
    world.robots["security_1"].vans.append((x0 + 0.9 * (x1 - x0), y0 + 0.9 * (y1 - y0), 0.4))
    for _ in world.run(PATIENCE_S + 30):
        pass
    assert not obstacles(world)
    titles = [each.title for each in world.state.incidents.values()]
    assert "security_1 stands before an obstacle" in titles
    world.robots["security_1"].vans.clear()
    until(world, lambda: world.robots["security_1"].driven_m > 60, 600)
