"""Closures while robots drive, in virtual time."""

from __future__ import annotations

import copy
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from fleet_manager.core.campus import Campus, Weather
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.closure import ClosureStatus, Window
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.events import decode
from fleet_manager.core.map_commands import AddClosure, ChangeClosure, RemoveClosure, SetWeather
from fleet_manager.core.map_events import ClosureAdded, ClosureMoved
from fleet_manager.core.recurrence import Recurrence
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


def test_a_closure_that_is_prolonged_keeps_the_task_waiting_and_shortened_lets_it_go(
    world: World, campus: Campus
) -> None:
    watch = KeepOff(world)
    begin_s = world.now_s
    closure = close(world, *canal(campus), reason="works", window=Window(until_s=begin_s + 120))
    identifier = submit(world, "go_to", place="gate_b", robot="security_1")
    world.do(ChangeClosure(closure, Window(until_s=None), "deeper works", "guard"))
    while world.now_s < begin_s + 240:
        world.step()
        watch.look()
    assert "deeper works" in task(world, identifier).reason
    world.restart(2)
    world.do(ChangeClosure(closure, Window(until_s=begin_s + 300), by="guard"))
    until(world, lambda: watch.look() or world.now_s > begin_s + 299, 120)
    assert status(world, identifier) is not TaskStatus.COMPLETED
    assert world.state.closure(closure).reason == "deeper works"
    until(world, lambda: watch.look() or status(world, identifier) is TaskStatus.COMPLETED, 3600)
    assert watch.entered == 0
    assert world.state.closure(closure).status is ClosureStatus.ENDED
    assert world.replayed().logged() == world.state.logged()


def test_a_limit_that_is_put_off_leaves_the_order_and_comes_back_later(
    world: World, campus: Campus
) -> None:
    everywhere = sorted({lane.feature_id for lane in campus.lanes.values()})
    submit(world, "go_to", place="gate_b", robot="security_1")
    until(world, lambda: world.robots["security_1"].driven_m > 10, 600)
    closure = close(world, *everywhere, speed_limit_mps=0.4)

    def limits() -> set[float]:
        order = world.robots["security_1"].order
        assert order is not None
        return {edge.max_speed_mps for edge in order.edges}

    assert limits() == {0.4}
    later_s = world.now_s + 20
    world.do(ChangeClosure(closure, Window(from_s=later_s)))
    assert world.state.closure(closure).status is ClosureStatus.SCHEDULED
    assert 0.4 not in limits()
    until(world, lambda: world.now_s >= later_s, 30)
    assert limits() == {0.4}


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


def icy(campus: Campus) -> Campus:
    """The campus with a rule: on ice no cleaning robot on bridges."""
    document = copy.deepcopy(dict(campus.document))
    for feature in document["features"]:
        if feature["properties"].get("resource") == "bridge_1" and "from" in feature["properties"]:
            feature["properties"]["structure"] = "bridge"
    rule = {"id": "ice", "weather": "ice", "kinds": ["cleaning"], "structures": ["bridge"]}
    document["campus"] = {**document["campus"], "weather": [rule]}
    return campus_from_geojson(document)


def test_ice_closes_the_bridge_for_cleaning_robots_alone(
    campus: Campus, fleet: FleetConfig
) -> None:
    world = World(icy(campus), fleet, ["security_1", "cleaning_1"])
    for _ in world.run(2):
        pass
    world.do(SetWeather((Weather.ICE,), "guard"))
    close(world, campus.lane_between("north_way_3", "north_way_4").feature_id)
    close(world, campus.lane_between("north_way_4", "north_way_3").feature_id)
    watch = KeepOff(world)
    cleaning = submit(world, "go_to", place="gate_b", robot="cleaning_1")
    security = submit(world, "go_to", place="gate_b", robot="security_1")
    until(world, lambda: watch.look() or status(world, security) is TaskStatus.COMPLETED, 1800)
    assert watch.entered == 0
    assert status(world, cleaning) is TaskStatus.QUEUED
    assert "ice" in task(world, cleaning).reason
    world.do(SetWeather((), "guard"))
    until(world, lambda: status(world, cleaning) is TaskStatus.COMPLETED, 3600)


def test_the_tasks_of_a_closed_zone_wait_and_go_on_by_themselves(world: World) -> None:
    watch = KeepOff(world)
    identifier = submit(world, "clean", zone="plaza_a_west")
    until(world, lambda: status(world, identifier) is TaskStatus.UNDERWAY, 600)
    until(world, lambda: world.robots["cleaning_1"].states, 1200)
    until_s = world.now_s + 300
    close_zone = AddClosure(zones=("plaza_a_west",), reason="fair", window=Window(until_s=until_s))
    world.do(close_zone)
    watch.look(closing=True)
    assert status(world, identifier) is TaskStatus.QUEUED
    while world.now_s < until_s - 5:
        world.step()
        watch.look()
    assert "plaza_a_west" in task(world, identifier).reason
    assert "fair" in task(world, identifier).reason
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 3 * 3600)


def test_people_hear_of_a_robot_that_is_enclosed_and_which_closure_does_it(
    world: World, campus: Campus
) -> None:
    at_dock = (each for each in campus.lanes.values() if "dock_a1" in (each.start, each.end))
    lanes = {lane.feature_id for lane in at_dock}
    closure = close(world, *sorted(lanes), reason="works")
    for _ in world.run(2):
        pass
    (incident,) = (each for each in world.state.incidents.values() if not each.closed)
    assert incident.robot == "security_1"
    assert closure in incident.title
    world.do(RemoveClosure(closure))
    for _ in world.run(2):
        pass
    assert world.state.incident(incident.id).closed


def test_a_limit_makes_the_way_take_that_much_longer(campus: Campus, fleet: FleetConfig) -> None:
    def takes_s(limit_mps: float | None) -> float:
        world = World(campus, fleet, ["cleaning_1"])
        for _ in world.run(2):
            pass
        if limit_mps is not None:
            lanes = sorted({lane.feature_id for lane in campus.lanes.values()})
            close(world, *lanes, speed_limit_mps=limit_mps)
        identifier = submit(world, "go_to", place="library", robot="cleaning_1")
        return until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 7200)

    usual = takes_s(None)
    assert takes_s(0.4) == pytest.approx(2 * takes_s(0.8), rel=0.1)
    assert takes_s(0.4) > usual


BERLIN = ZoneInfo("Europe/Berlin")
QUARTER_S = 900.0


def utc_s(text: str) -> float:
    return datetime.fromisoformat(f"{text}+00:00").timestamp()


@pytest.mark.parametrize(
    ("change", "begins", "night_after"),
    [
        # 02:00 is followed by 03:00: 02:30 is taken as an hour after 01:30, which is 03:30.
        ("2027-03-28 01:00", "2027-03-28 01:30", "2027-03-29 00:30"),
        # 03:00 is followed by 02:00: of the two 02:30 the first counts, and only it.
        ("2027-10-31 01:00", "2027-10-31 00:30", "2027-11-01 01:30"),
    ],
)
def test_a_nightly_closure_holds_once_in_the_night_in_which_the_clocks_change(
    world: World, campus: Campus, change: str, begins: str, night_after: str
) -> None:
    at_s = utc_s(change)
    offsets = {datetime.fromtimestamp(at_s + by_s, BERLIN).utcoffset() for by_s in (-1, 1)}
    assert len(offsets) == 2, "the clocks change there"
    begin_s = utc_s(begins)
    world.now_s = begin_s - 120.0
    rule = Recurrence("FREQ=DAILY;BYHOUR=2;BYMINUTE=30;BYSECOND=0", BERLIN.key, date(2027, 3, 1))
    window = Window(recurrence=rule, duration_s=QUARTER_S)
    closure = close(world, *canal(campus), reason="works", window=window)
    watch = KeepOff(world)
    while world.now_s < begin_s - 60:
        world.step()
    identifier = submit(world, "go_to", place="gate_b", robot="security_1")
    while world.now_s < begin_s + QUARTER_S / 2:
        world.step()
        watch.look()
    assert closure in task(world, identifier).reason
    world.restart(2)
    until(world, lambda: watch.look() or world.now_s > begin_s + QUARTER_S, QUARTER_S)
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 3600)
    moved = [event for event in world.events if isinstance(event, ClosureMoved)]
    assert [event.time_s for event in moved] == [begin_s, begin_s + QUARTER_S]
    assert [event.changes_s for event in moved] == [begin_s + QUARTER_S, utc_s(night_after)]
    assert watch.entered == 0
    assert world.replayed().logged() == world.state.logged()


def test_logs_that_closed_single_lanes_are_read_as_closures(world: World) -> None:
    for text in (
        '{"type":"LaneClosed","lane_id":"lane_bridge_1_0","by":"guard","reason":"works"}',
        '{"type":"LaneOpened","lane_id":"lane_bridge_1_0","by":"guard"}',
    ):
        world.gate.apply(world.state, decode(text))
        closed = world.state.restrictions["security"].closed
        assert closed == ({"lane_bridge_1_0"} if "Closed" in text else set())


def test_the_watch_sees_a_robot_that_drives_on_into_what_has_closed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holds the watch of these tests and of the property to a fault that is planted."""
    monkeypatch.setattr("fleet_manager.core.decisions.watch.keep_off", lambda draft, robot: None)
    watch = KeepOff(world)
    submit(world, "go_to", place="library", robot="security_1")
    until(world, lambda: world.robots["security_1"].driven_m > 40, 600)
    movement = world.state.robot("security_1").movement
    assert movement is not None
    ahead = movement.waypoints[movement.passed + 1 : movement.released_to + 1]
    close(world, world.state.site.campus.lane_between(ahead[0], ahead[1]).feature_id)
    watch.look(closing=True)

    def drive_on() -> None:
        for _ in world.run(120):
            watch.look()

    with pytest.raises(AssertionError, match="security_1 entered"):
        drive_on()
