"""Stops, silence and restarts: what a robot does when things are not as usual."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import pytest
from robot_world import SMALL_COVARIANCE, World, action, order
from test_executor import SWEEP_M, clean, instant

from campus_robot.battery import Battery
from campus_robot.configuration import load_robot
from campus_robot.errors import ConfigurationError, ErrorType
from campus_robot.executor import Status
from campus_robot.instant import InstantActions
from campus_robot.localization import Localizer
from campus_robot.memory import Memory
from campus_robot.motion import Pose
from campus_robot.state import StateClock

ROAD = [(0.0, 0.0), (15.0, 0.0), (30.0, 0.0)]


def error_types(world: World) -> list[ErrorType]:
    return [fault.error_type for fault in world.robot.faults.current()]


def underway(world: World, **fields: object) -> World:
    world.tick(orders=[order(ROAD, **fields)])  # type: ignore[arg-type]
    world.until(lambda: world.v > 1.4, 10)
    return world


def test_emergency_stop_latches_until_a_named_person_releases_it() -> None:
    world = underway(World())
    command = world.tick(instants=[instant("s", "emergency_stop", by="kim", reason="smoke")])
    assert command.motion.v_mps == 0.0
    report = world.robot.report()
    assert report is not None
    assert (report.stop_by, report.stop_reason) == ("kim", "smoke")
    world.tick(instants=[instant("r1", "release_stop")])
    assert world.robot.emergency_stop.latched
    assert ErrorType.INVALID_PARAMETER in error_types(world)
    world.tick(instants=[instant("r2", "resume")])
    world.ticks(30)
    assert world.v == 0.0
    world.tick(instants=[instant("r3", "release_stop", by="lee")])
    assert not world.robot.emergency_stop.latched
    world.until(lambda: world.idle, 40)


def test_latch_survives_a_restart(tmp_path: Path) -> None:
    world = World(memory=Memory.load(tmp_path, "r1"))
    world.tick(instants=[instant("s", "emergency_stop", by="kim", reason="smoke")])
    again = World(memory=Memory.load(tmp_path, "r1"))
    assert again.robot.emergency_stop.by == "kim"
    again.tick(orders=[order(ROAD)])
    assert error_types(again) == [ErrorType.NOT_ALLOWED]
    again.tick(instants=[instant("r", "release_stop", by="lee")])
    assert not Memory.load(tmp_path, "r1").stop_latched


def test_a_damaged_memory_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "r1.json").write_text("{", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"r1\.json.*damaged"):
        Memory.load(tmp_path, "r1")


def test_pause_holds_and_resume_goes_on() -> None:
    world = underway(World())
    world.tick(instants=[instant("p", "pause")])
    world.until(lambda: world.v == 0.0, 5)
    world.ticks(20)
    report = world.robot.report()
    assert report is not None
    assert report.paused
    assert report.order_active
    world.tick(instants=[instant("q", "resume")])
    world.until(lambda: world.idle, 40)
    assert world.pose.x_m == pytest.approx(30, abs=0.1)


def test_pause_stops_the_clock_of_an_action() -> None:
    world = World()
    stop = {0: (action("p", "patrol_point", dwell_s="3", place='"gate"'),)}
    world.tick(orders=[order([(0, 0)], actions=stop)])
    world.ticks(10)
    world.tick(instants=[instant("p", "pause")])
    world.ticks(100)
    assert world.robot.executor.runs["p"].status is Status.PAUSED
    world.tick(instants=[instant("q", "resume")])
    assert world.until(lambda: world.idle, 5) == pytest.approx(2.0, abs=0.3)


def test_an_instant_action_is_carried_out_once_and_acknowledged(tmp_path: Path) -> None:
    world = World(memory=Memory.load(tmp_path, "r1"))
    world.tick(instants=[instant("p", "pause")])
    world.tick(instants=[instant("q", "resume")])
    world.tick(instants=[instant("p", "pause")])
    assert not world.robot.paused
    assert world.robot.acknowledgements.ids() == ("p", "q")
    again = World(memory=Memory.load(tmp_path, "r1"))
    again.tick(instants=[instant("p", "pause")])
    assert not again.robot.paused


def test_cancel_stops_inside_the_base_and_a_new_order_is_welcome() -> None:
    world = underway(World())
    world.tick(instants=[instant("c", "cancel_order", order_id="o1")])
    world.until(lambda: world.idle, 5)
    assert world.v == 0.0
    stopped_m = world.pose.x_m
    world.ticks(20)
    assert world.pose.x_m == stopped_m < 15
    here = order([(stopped_m, 0.0), (stopped_m + 3, 0.0)], order_id="o2")
    world.tick(orders=[here])
    world.until(lambda: world.idle, 20)
    assert world.pose.x_m == pytest.approx(stopped_m + 3, abs=0.1)


def test_cancel_of_another_order_changes_nothing() -> None:
    world = underway(World())
    world.tick(instants=[instant("c", "cancel_order", order_id="o0")])
    world.until(lambda: world.idle, 40)
    assert world.pose.x_m == pytest.approx(30, abs=0.1)


def test_an_older_manager_is_refused_over_restarts(tmp_path: Path) -> None:
    world = World(memory=Memory.load(tmp_path, "r1"))
    world.tick(orders=[order(ROAD[:1], manager_epoch=7)])
    again = World(memory=Memory.load(tmp_path, "r1"))
    again.tick(orders=[order(ROAD, order_id="o2", manager_epoch=6)])
    assert error_types(again) == [ErrorType.EPOCH_STALE]
    old = dataclasses.replace(instant("s", "emergency_stop", by="kim"), manager_epoch=6)
    again.tick(instants=[old])
    assert not again.robot.emergency_stop.latched
    assert again.robot.acknowledgements.ids() == ()


def test_an_order_under_way_at_a_restart_is_not_resumed(tmp_path: Path) -> None:
    world = World(memory=Memory.load(tmp_path, "r1"))
    stops = {0: (action("a"),), 1: (action("b"),)}
    underway(world, actions=stops)
    again = World(memory=Memory.load(tmp_path, "r1"))
    again.tick(orders=[order(ROAD, actions=stops)])  # the topic replays it
    report = again.robot.report()
    assert report is not None
    assert (report.order_id, report.order_active) == ("o1", False)
    assert [(run.action.action_id, run.status) for run in report.runs] == [
        ("a", Status.FINISHED),
        ("b", Status.FAILED),
    ]
    assert error_types(again) == []
    again.tick(orders=[order(ROAD, update=1, actions=stops)])
    assert error_types(again) == [ErrorType.ORDER_STALE]
    again.tick(orders=[order(ROAD, order_id="o2")])
    assert not again.idle
    assert error_types(again) == []


def test_what_was_cleaned_before_a_restart_is_reported(tmp_path: Path) -> None:
    world = World(memory=Memory.load(tmp_path, "r1"))
    world.tick(orders=[order([(0, 0), (2, 0)], actions={1: (clean(),)})])
    world.until(lambda: world.robot.executor.runs["c"].progress > 0.7, 60)
    covered_m = world.robot.executor.runs["c"].progress * SWEEP_M
    again = World(memory=Memory.load(tmp_path, "r1"))
    before = again.robot.executor.runs["c"]
    assert before.status is Status.FAILED
    # Noted every 10 s, at 0.9 m/s at most.
    assert covered_m - 9.5 < json.loads(before.result_json)["covered_m"] <= covered_m


def test_without_heartbeats_it_finishes_the_base_and_says_so() -> None:
    world = World()
    world.heartbeats = False
    world.tick(orders=[order(ROAD, released=2)])
    world.ticks(97)
    assert ErrorType.HEARTBEAT_LOST not in error_types(world)
    world.ticks(10)
    assert ErrorType.HEARTBEAT_LOST in error_types(world)
    world.until(lambda: world.robot.book.last_sequence_id == 2, 30)
    world.ticks(30)
    assert world.pose.x_m == pytest.approx(15, abs=0.1)
    world.heartbeats = True
    world.tick()
    assert ErrorType.HEARTBEAT_LOST not in error_types(world)


def test_short_dropouts_of_the_localiser_are_driven_through() -> None:
    world = underway(World())
    world.localiser = False
    world.ticks(50)
    assert world.v > 1.4
    assert ErrorType.LOCALIZATION_LOST not in error_types(world)


def test_a_long_dropout_stops_it_until_it_knows_where_it_is() -> None:
    world = World()
    world.tick(orders=[order([(0, 0), (80, 0)])])
    world.until(lambda: world.pose.x_m > 5, 10)
    world.localiser = False
    world.until(lambda: ErrorType.LOCALIZATION_LOST in error_types(world), 40)
    world.until(lambda: world.v == 0.0, 5)
    assert not world.robot.localizer.localized
    world.localiser = True
    world.until(lambda: world.idle, 80)


def test_a_silent_lidar_stops_it() -> None:
    world = underway(World())
    world.robot.watchdog.sensor_heard = lambda name, now_s: None  # type: ignore[method-assign]
    world.until(lambda: ErrorType.SENSOR_FAULT in error_types(world), 2)
    world.until(lambda: world.v == 0.0, 3)


def test_a_low_battery_is_reported() -> None:
    world = World()
    world.battery = Battery(0.149)
    world.tick()
    assert error_types(world) == [ErrorType.BATTERY_LOW]


def test_instants_for_another_robot_are_left_alone() -> None:
    world = World()
    pause = instant("p", "pause")
    world.tick(instants=[InstantActions("r2", 1, pause.actions)])
    assert not world.robot.paused


def test_localizer_follows_drifting_odometry_with_noisy_poses() -> None:
    localizer = Localizer()
    true, odometry = Pose(0, 0, 0), Pose(5, 5, 1.0)
    noise = [0.03, -0.03, 0.02, -0.02, 0.0]
    errors = []
    for step in range(600):
        turn = 0.02 * math.sin(step / 50)
        true = Pose(
            true.x_m + 0.1 * math.cos(true.theta_rad),
            true.y_m + 0.1 * math.sin(true.theta_rad),
            true.theta_rad + turn,
        )
        # Wheels that measure 2 % too far and turn half a degree a metre to the left.
        odometry = Pose(
            odometry.x_m + 0.102 * math.cos(odometry.theta_rad),
            odometry.y_m + 0.102 * math.sin(odometry.theta_rad),
            odometry.theta_rad + turn + 0.0009,
        )
        localizer.odometry(odometry)
        if step % 10 < 5:
            e = noise[step % 5]
            seen = Pose(true.x_m + e, true.y_m - e, true.theta_rad + e / 3)
            localizer.correct(seen, SMALL_COVARIANCE)
        assert localizer.pose is not None
        errors.append(math.hypot(localizer.pose.x_m - true.x_m, localizer.pose.y_m - true.y_m))
    assert max(errors[20:]) < 0.08


def test_state_is_published_each_second_and_on_change() -> None:
    world = World()
    clock = StateClock()
    times = []
    for step in range(40):
        if step == 15:
            world.tick(instants=[instant("p", "pause")])
        else:
            world.tick()
        report = world.robot.report()
        assert report is not None
        if clock.due(report, 100 + step / 10):
            times.append(step)
    assert times == [0, 10, 15, 25, 35]


FLEET = """
fleet: test
kinds:
  security: {skills: [patrol, go_to], footprint_radius_m: 0.4, max_speed_mps: 1.2,
             max_acceleration_mps2: 0.7, max_turn_rate_radps: 1.0}
robots: [{name: r1, kind: security, home: a}, {name: r2, kind: cleaning, home: a}]
policy: {reserve: 0.2}
"""


def test_a_robot_is_what_the_fleet_file_says(tmp_path: Path) -> None:
    file = tmp_path / "fleet.yaml"
    file.write_text(FLEET, encoding="utf-8")
    robot = load_robot(file, "r1")
    assert robot.skills == {"patrol", "go_to"}
    assert robot.limits.max_speed_mps == 1.2
    assert robot.battery_reserve == 0.2


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("r3", FLEET, r"no robot 'r3'; it has r1, r2"),
        ("r2", FLEET, r"kind 'cleaning'"),
        ("r1", FLEET.replace("1.2", "fast"), r"max_speed_mps is 'fast'"),
        ("r1", FLEET.replace("[patrol,", "[juggle,"), r"skills.*juggle"),
        ("r1", "a: [", r"not YAML"),
        ("r1", "robots: 3", r"robots is missing"),
    ],
)
def test_a_wrong_fleet_file_is_one_clear_line(
    tmp_path: Path, name: str, text: str, says: str
) -> None:
    file = tmp_path / "fleet.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=says) as caught:
        load_robot(file, name)
    assert "\n" not in str(caught.value)
    assert str(file) in str(caught.value)
