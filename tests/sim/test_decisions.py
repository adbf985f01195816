"""Single decisions on small situations: releases, dispatch, refusals, requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec
import pytest
from shapely.geometry import LineString, Point

from fleet_manager.core.campus import Campus
from fleet_manager.core.commands import (
    CloseLane,
    ConfirmPosition,
    EndTask,
    OpenLane,
    ReportRobot,
    SaveSchedule,
    SubmitTask,
    TellRobots,
)
from fleet_manager.core.config import FleetConfig, ScheduleSpec
from fleet_manager.core.errors import InvalidRequest, Unknown, UnknownFeature, WrongState
from fleet_manager.core.events import RobotPlaced
from fleet_manager.core.order import InstantActionType
from fleet_manager.core.order_events import OrderCanceled, OrderEnded, OrderOutcome
from fleet_manager.core.planning.explain import explain
from fleet_manager.core.report import ErrorLevel, RobotError
from fleet_manager.core.robot import RobotStatus
from fleet_manager.core.task import TaskStatus, TaskTrigger
from fleet_manager.core.traffic.fleet_ways import FleetWays
from fleet_manager.core.traffic.release import further, in_the_way
from tests.sim.robots import World
from tests.sim.test_campus_day import status, submit, task, until


@pytest.fixture
def world(campus: Campus, fleet: FleetConfig) -> World:
    """One robot of each kind on either side, heard."""
    world = World(campus, fleet, ["security_1", "security_3", "cleaning_1", "safety_1"])
    for _ in world.run(2):
        pass
    return world


def test_a_base_never_ends_where_nobody_may_stop(world: World, campus: Campus) -> None:
    submit(world, "patrol", places=["bridge_east", "bridge_west", "gate_b"], robot="security_1")
    for _ in world.run(900):
        movement = world.state.robot("security_1").movement
        if movement is not None:
            end = movement.base_end
            assert campus.is_bay(end) or campus.may_end_base(end), end


def test_a_way_ends_in_a_bay_that_nobody_else_has_or_is_bound_for(
    world: World, campus: Campus
) -> None:
    for robot in ("security_1", "security_3"):
        submit(world, "patrol", places=["gate_b", "gate_a"], robot=robot)
    for _ in world.run(900):
        ends = [
            record.movement.nodes[-1].waypoint
            for record in world.state.robots.values()
            if record.movement is not None
        ]
        stood = [each for record in world.state.robots.values() for each in record.at]
        assert len({*ends, *stood}) == len(ends) + len(stood)
        assert all(campus.is_bay(each) for each in ends)


def test_nothing_is_released_through_what_another_robot_has(world: World) -> None:
    identifier = submit(world, "patrol", places=["bridge_east"], robot="security_1")
    movement = world.state.robot("security_1").movement
    assert movement is not None
    assert task(world, identifier).status is TaskStatus.UNDERWAY
    ahead = movement.waypoints[movement.released_to + 1]
    ways = FleetWays.kept(world.state.site)
    assert further(world.state, ways, "security_1", movement) is not None
    world.do(ConfirmPosition("safety_1", ahead, "guard"))
    assert further(world.state, ways, "security_1", movement) is None
    assert in_the_way(world.state, ways, "security_1", movement) == "safety_1"


def test_the_nearest_able_robot_gets_the_task_and_every_other_has_a_reason(world: World) -> None:
    identifier = submit(world, "patrol", places=["gate_b"])
    assert task(world, identifier).robot == "security_3"
    reasons = {each.robot: each for each in explain(world.state, identifier, world.now_s).robots}
    assert "cannot patrol" in reasons["cleaning_1"].reason
    assert reasons["security_2"].reason == "is offline"
    assert reasons["security_1"].eligible
    assert reasons["security_1"].cost_s is not None


def test_urgent_work_is_given_out_before_what_waits_longer(world: World) -> None:
    busy = submit(world, "clean", zone="plaza_a_west")
    usual = submit(world, "clean", zone="plaza_a_east")
    events = world.do(SubmitTask("clean", {"zone": "depot_apron_a"}, priority=5))
    urgent = next(event.task.id for event in events if hasattr(event, "task"))
    world.do(EndTask(busy))
    until(world, lambda: task(world, urgent).robot, 600)
    assert status(world, usual) is TaskStatus.QUEUED


@pytest.mark.parametrize(
    ("category", "description", "error"),
    [
        ("dance", {}, InvalidRequest),
        ("patrol", {}, InvalidRequest),
        ("patrol", {"places": []}, InvalidRequest),
        ("patrol", {"places": ["gate_a"], "rounds": 0}, InvalidRequest),
        ("patrol", {"places": ["gate_a"], "colour": "red"}, InvalidRequest),
        ("patrol", {"places": ["gate_a"] * 400, "rounds": 2}, InvalidRequest),
        ("patrol", {"places": ["nowhere"]}, UnknownFeature),
        ("patrol", {"places": ["gate_a"], "robot": "cleaning_1"}, InvalidRequest),
        ("clean", {"zone": "car_park_a"}, InvalidRequest),
        ("spot_clean", {"x_m": 0.0, "y_m": 0.0, "radius_m": 1.0}, InvalidRequest),
        ("inspect", {"assets": ["nothing"]}, UnknownFeature),
        ("charge", {"robot": "nobody"}, InvalidRequest),
    ],
)
def test_requests_that_cannot_be_done_are_refused(
    world: World, category: str, description: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        world.do(SubmitTask(category, description))
    assert not world.state.tasks


def test_all_that_is_not_on_the_map_is_named_with_what_is_like_it(world: World) -> None:
    with pytest.raises(UnknownFeature, match=r"gate_aa.*nowhere") as refused:
        world.do(SubmitTask("patrol", {"places": ["gate_aa", "library", "nowhere"]}))
    assert "gate_a" in refused.value.remedy
    with pytest.raises(UnknownFeature, match=r"nothing.*no_more"):
        world.do(SubmitTask("inspect", {"assets": ["nothing", "no_more"]}))
    many = [f"nowhere_{number}" for number in range(400)]
    with pytest.raises(UnknownFeature) as refused:
        world.do(SubmitTask("patrol", {"places": many}))
    assert "nowhere_7" in str(refused.value)
    assert "nowhere_8" not in str(refused.value), "a look for what is alike takes a while"


@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=DAILY;COUNT=2"])
def test_a_schedule_that_lies_in_the_past_is_refused_but_in_a_file_just_over(
    world: World, rule: str
) -> None:
    until_day = None if "COUNT" in rule else date(2020, 2, 1)
    request = {"category": "go_to", "description": {"place": "gate_a"}}
    begin = date(2020, 1, 1)
    spec = ScheduleSpec("old", "old", rule, "Asia/Shanghai", begin, until_day, (), True, request)
    with pytest.raises(InvalidRequest, match="old lies in the past") as refused:
        world.do(SaveSchedule(spec))
    assert refused.value.remedy
    world.do(SaveSchedule(replace(spec, enabled=False)))
    world.do(SaveSchedule(spec, None))
    assert world.state.schedule("old").next_run_s is None


def test_a_spot_is_cleaned(world: World, campus: Campus) -> None:
    middle = campus.zones["plaza_a_east"].polygon.representative_point()
    identifier = submit(world, "spot_clean", x_m=middle.x, y_m=middle.y, radius_m=2.0)
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 3600)


def test_an_order_that_no_robot_would_take_fails_its_task(world: World) -> None:
    identifier = submit(world, "patrol", places=["gate_a"], robot="security_1")
    movement = world.state.robot("security_1").movement
    assert movement is not None
    error = RobotError(
        "unknown_action", ErrorLevel.WARNING, "no such action", order_id=movement.order_id
    )
    report = world.robots["security_1"].report(world.now_s)
    report = msgspec.structs.replace(report, order_active=False, order_id="", errors=(error,))
    events = world.do(ReportRobot(report))
    outcomes = [event.outcome for event in events if isinstance(event, OrderEnded)]
    assert outcomes == [OrderOutcome.REFUSED]
    assert status(world, identifier) is TaskStatus.FAILED
    assert "unknown_action" in task(world, identifier).reason


def test_an_order_that_nobody_knows_is_cancelled_and_again_where_that_did_nothing(
    world: World,
) -> None:
    robot = world.robots["security_1"]
    stray = msgspec.structs.replace(robot.report(world.now_s), order_id="old", order_active=True)
    (told,) = [e for e in world.do(ReportRobot(stray)) if isinstance(e, OrderCanceled)]
    assert told.action.parameters == {"order_id": "old"}
    assert not world.do(ReportRobot(stray)), "told once while it has not been acknowledged"
    heard = msgspec.structs.replace(stray, acknowledged_action_ids=(told.action.action_id,))
    for _ in range(5):
        world.now_s += 1.0
        assert not world.do(ReportRobot(heard)), "it has heard and stops"
    world.now_s += 1.0
    again = [e for e in world.do(ReportRobot(heard)) if isinstance(e, OrderCanceled)]
    assert len(again) == 1
    assert again[0].action.action_id != told.action.action_id
    assert not world.do(ReportRobot(heard)), "once until that is acknowledged or late"


def test_a_fault_takes_a_robot_out_of_service_until_it_has_gone(world: World) -> None:
    report = world.robots["security_1"].report(world.now_s)
    fault = RobotError("sensor_fault", ErrorLevel.FATAL, "no scan")
    world.do(ReportRobot(msgspec.structs.replace(report, errors=(fault,))))
    assert world.state.robot("security_1").status is RobotStatus.ERROR
    (incident,) = world.state.incidents.values()
    assert incident.robot == "security_1"
    world.do(ReportRobot(report))
    assert world.state.robot("security_1").status is not RobotStatus.ERROR
    assert world.state.incident(incident.id).closed


def test_a_closed_lane_is_driven_round_or_waited_for(world: World, campus: Campus) -> None:
    bridge = [lane for lane in campus.lanes.values() if lane.resource == "bridge_1"]
    for lane in {lane.feature_id for lane in bridge}:
        world.do(CloseLane(lane, "guard"))
    with pytest.raises(WrongState):
        world.do(CloseLane(bridge[0].id, "guard"))
    identifier = submit(world, "go_to", place="gate_b", robot="security_1")
    for _ in world.run(600):
        movement = world.state.robot("security_1").movement
        driven = movement.waypoints if movement else ()
        assert not set(driven) & {lane.end for lane in bridge if lane.start.startswith("bridge_1")}
    for lane in {lane.feature_id for lane in bridge}:
        world.do(OpenLane(lane, "guard"))
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 3600)


def test_only_a_named_person_releases_a_stop_and_only_known_robots_are_told(world: World) -> None:
    with pytest.raises(InvalidRequest):
        world.do(TellRobots(InstantActionType.RELEASE_STOP, "security_1"))
    with pytest.raises(InvalidRequest):
        world.do(TellRobots(InstantActionType.CANCEL_ORDER, "security_1"))
    with pytest.raises(Unknown):
        world.do(TellRobots(InstantActionType.PAUSE, "nobody"))


def test_the_position_of_a_robot_that_drives_is_not_confirmed_by_hand(world: World) -> None:
    submit(world, "patrol", places=["bridge_east"], robot="security_1")
    with pytest.raises(WrongState):
        world.do(ConfirmPosition("security_1", "gate_a", "guard"))


@pytest.mark.parametrize(("x_m", "y_m", "level"), [(-600.0, -600.0, "ground"), (0.0, 0.0, "attic")])
def test_a_robot_far_from_the_lanes_is_fetched_by_people_and_not_sent_across_country(
    campus: Campus, fleet: FleetConfig, x_m: float, y_m: float, level: str
) -> None:
    world = World(campus, fleet, ["security_1", "security_3"])
    robot = world.robots["security_1"]
    home = (robot.x_m, robot.y_m, robot.level)
    robot.x_m, robot.y_m, robot.level = x_m, y_m, level
    for _ in world.run(3):
        pass
    assert world.state.robot("security_1").at == ()
    own = submit(world, "go_to", place="library", robot="security_1")
    anyone = submit(world, "go_to", place="library")
    until(world, lambda: status(world, anyone) is TaskStatus.COMPLETED, 1800)
    assert task(world, anyone).robot == "security_3"
    assert robot.order is None
    assert "stands" in task(world, own).reason
    (incident,) = (each for each in world.state.incidents.values() if not each.closed)
    assert incident.robot == "security_1"
    assert "by hand" in incident.title
    placed = [event for event in world.events if isinstance(event, RobotPlaced)]
    assert len(placed) <= len(world.robots), "not again with each report"
    robot.x_m, robot.y_m, robot.level = home
    until(world, lambda: status(world, own) is TaskStatus.COMPLETED, 1800)
    assert world.state.incident(incident.id).closed


def test_a_robot_cancelled_again_and_again_is_known_where_it_stands(
    campus: Campus, fleet: FleetConfig
) -> None:
    """On its way to the first node too: its place must not run ahead of it."""
    world = World(campus, fleet, ["security_1"])
    for _ in world.run(2):
        pass
    robot = world.robots["security_1"]
    wanted = submit(world, "go_to", place="gate_b", robot="security_1")
    until(world, lambda: robot.driven_m > 60 and 2.0 < robot.along_m < 5.0, 600)
    for _ in range(6):
        before = len(world.events)
        world.do(EndTask(wanted, TaskTrigger.CANCEL, "guard"))
        for _ in world.run(2):
            pass
        ended = [each for each in world.events[before:] if isinstance(each, OrderEnded)]
        for each in ended:
            lane = LineString([campus.waypoint(at).xy for at in (*each.at, *each.at)])
            apart_m = lane.distance(Point(robot.x_m, robot.y_m))
            assert apart_m < 3.5, f"{each.at}, but it is {apart_m:.1f} m from there"
        wanted = submit(world, "go_to", place="gate_b", robot="security_1")
        for _ in world.run(0.5):
            pass
    until(world, lambda: status(world, wanted) is TaskStatus.COMPLETED, 1800)
    assert world.replayed().logged() == world.state.logged()
