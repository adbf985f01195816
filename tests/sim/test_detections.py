"""What cameras tell becomes incidents: one for one happening, answered at once, learned from."""

from __future__ import annotations

from dataclasses import replace
from math import hypot

import pytest
from msgspec.structs import replace as changed

from fleet_manager.core.campus import Campus
from fleet_manager.core.commands import MoveIncident, ReportDetection
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.decisions.detections import HIGHEST_SCORE_OF_DANGER, TUNE_STEP
from fleet_manager.core.detection import Detection
from fleet_manager.core.detection_events import DetectionCommitted
from fleet_manager.core.events import Event, IncidentRaised
from fleet_manager.core.incident import Incident, IncidentStatus, IncidentTrigger
from fleet_manager.core.safety_rules import Response, Rule, SafetyRules
from fleet_manager.core.task import TaskStatus
from tests.sim.robots import START_S, World
from tests.sim.test_campus_day import until

NIGHT_S = START_S + 7 * 3600.0
"""START_S is four in the afternoon in Shanghai; seven hours on it is eleven at night."""


@pytest.fixture
def world(campus: Campus, fleet: FleetConfig) -> World:
    """One robot of each kind and a second guard, heard."""
    world = World(campus, fleet, ["security_1", "security_3", "cleaning_1", "safety_1"])
    for _ in world.run(2):
        pass
    return world


class Cameras:
    """Tells the core, with growing sequence numbers."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sequences: dict[str, int] = {}

    def tell(
        self,
        class_name: str,
        x_m: float,
        y_m: float,
        *,
        source: str = "security_1",
        score: float = 0.8,
        track: str = "1",
        asset: str = "",
        stddev_m: float = 0.3,
        picture: str = "",
    ) -> tuple[Event, ...]:
        self.sequences[source] = self.sequences.get(source, 0) + 1
        seen = Detection(
            source=source,
            boot_id="boot",
            sequence=self.sequences[source],
            class_name=class_name,
            score=score,
            x_m=x_m,
            y_m=y_m,
            stddev_m=stddev_m,
            level="ground",
            seen_s=self.world.now_s,
            track_id=track,
            asset_id=asset,
            picture=picture,
        )
        return self.world.do(ReportDetection(seen))


@pytest.fixture
def cameras(world: World) -> Cameras:
    return Cameras(world)


def incidents(world: World) -> list[Incident]:
    return [each for each in world.state.incidents.values() if each.detects]


def beside(campus: Campus, waypoint: str) -> tuple[float, float]:
    place = campus.place(waypoint)
    return place.x_m + 2.0, place.y_m + 1.0


def test_a_person_who_falls_is_one_incident_at_the_place_and_a_guard_is_sent(
    world: World, cameras: Cameras, campus: Campus
) -> None:
    x_m, y_m = beside(campus, "gate_a")
    cameras.tell("person_down", x_m, y_m, picture="a.jpg")
    for number in range(5):
        cameras.tell("person_down", x_m + 0.3, y_m - 0.2, picture=f"{number}.jpg")
        cameras.tell("person_down", x_m - 0.9, y_m, source="security_3", track="7")
    (incident,) = incidents(world)
    assert (incident.kind, incident.severity, incident.robot) == ("person_down", 3, "security_1")
    assert hypot((incident.x_m or 0) - x_m, (incident.y_m or 0) - y_m) <= 1.0
    assert incident.sightings == 11
    assert incident.sources == ("security_1", "security_3")
    assert incident.pictures[:2] == ("a.jpg", "0.jpg")
    assert incident.task_id is not None
    task = world.state.tasks[incident.task_id]
    assert (task.category, task.priority, task.requester) == ("respond", 9, incident.id)
    place = campus.waypoints[task.phases[0].waypoint]
    assert hypot(place.x_m - x_m, place.y_m - y_m) <= 5.0
    until(world, lambda: world.state.tasks[task.id].status is TaskStatus.UNDERWAY, 10)
    until(world, lambda: world.state.tasks[task.id].status is TaskStatus.COMPLETED, 900)


def test_two_who_fall_apart_are_two_incidents(
    world: World, cameras: Cameras, campus: Campus
) -> None:
    for place, track in (("gate_a", "1"), ("canteen", "2")):
        cameras.tell("person_down", *beside(campus, place), track=track)
    assert len(incidents(world)) == 2


def test_the_same_detection_again_changes_nothing(
    world: World, cameras: Cameras, campus: Campus
) -> None:
    cameras.tell("person_down", *beside(campus, "gate_a"))
    told = next(each.detection for each in world.events if isinstance(each, DetectionCommitted))
    assert world.do(ReportDetection(told)) == ()
    # A camera whose store was removed numbers anew; it has another boot id.
    assert world.do(ReportDetection(changed(told, boot_id="another")))


def test_people_are_an_incident_at_night_alone(
    world: World, cameras: Cameras, campus: Campus
) -> None:
    cameras.tell("person", *beside(campus, "gate_a"))
    assert incidents(world) == []
    assert world.state.detections_heard["security_1"].sequence == 1
    world.now_s = NIGHT_S
    cameras.tell("person", *beside(campus, "gate_a"))
    assert [each.kind for each in incidents(world)] == ["intruder"]


def test_an_intruder_who_walks_on_stays_one_and_who_falls_is_one_that_is_worse(
    world: World, cameras: Cameras, campus: Campus
) -> None:
    world.now_s = NIGHT_S
    x_m, y_m = beside(campus, "gate_a")
    for number in range(6):
        cameras.tell("person", x_m + 10 * number, y_m)
    (incident,) = incidents(world)
    assert incident.x_m == x_m + 50
    cameras.tell("person_down", x_m + 50, y_m)
    (incident,) = incidents(world)
    assert (incident.kind, incident.severity) == ("person_down", 3)
    assert "intruder, now person_down" in incident.timeline[-1].note
    assert sum(isinstance(each, IncidentRaised) for each in world.events) == 1


def test_a_spill_is_cleaned_where_it_is(world: World, cameras: Cameras, campus: Campus) -> None:
    middle = campus.zone("plaza_a_west").polygon.representative_point()
    cameras.tell("spill", middle.x, middle.y, source="camera_1")
    (incident,) = incidents(world)
    assert incident.robot is None
    task = world.state.tasks[incident.task_id or ""]
    assert (task.category, task.description["x_m"]) == ("spot_clean", middle.x)


def test_a_spill_where_nobody_cleans_says_so(
    world: World, cameras: Cameras, campus: Campus
) -> None:
    cameras.tell("spill", *beside(campus, "bridge_west"))
    (incident,) = incidents(world)
    assert incident.task_id is None
    assert "lies in no zone to clean" in incident.timeline[-1].note


def test_robots_leave_a_fire_and_come_back_when_it_is_out(
    world: World, cameras: Cameras, campus: Campus
) -> None:
    x_m, y_m = beside(campus, "gate_a")
    cameras.tell("fire", x_m, y_m)
    (incident,) = incidents(world)
    closure = world.state.closures[incident.closure_id or ""]
    assert closure.lanes
    assert not closure.over
    world.do(MoveIncident(incident.id, IncidentTrigger.RESOLVE, "guard"))
    assert world.state.closures[closure.id].over


def test_an_asset_is_one_incident_wherever_it_was_seen_from(world: World, cameras: Cameras) -> None:
    cameras.tell("exit_blocked", 108.3, 292.0, asset="exit_a1", track="")
    cameras.tell("exit_blocked", 100.0, 280.0, asset="exit_a1", track="", source="safety_1")
    (incident,) = incidents(world)
    assert incident.place == "exit_a1"
    asset = world.state.site.campus.assets["exit_a1"]
    assert world.state.tasks[incident.task_id or ""].phases[0].waypoint == asset.access


def test_a_false_alarm_makes_its_camera_stricter_and_keeps_quiet_for_a_while(
    world: World, cameras: Cameras, campus: Campus
) -> None:
    x_m, y_m = beside(campus, "gate_a")
    cameras.tell("litter", x_m, y_m, score=0.6, track="1")
    (incident,) = incidents(world)
    world.do(MoveIncident(incident.id, IncidentTrigger.MARK_FALSE_ALARM, "guard"))
    assert world.state.camera_scores == {"security_1 litter": pytest.approx(0.6 + TUNE_STEP)}
    # Another thing, just as unsure, of this camera: nothing; of another one: an incident.
    cameras.tell("litter", *beside(campus, "canteen"), score=0.6, track="2")
    assert len(incidents(world)) == 1
    cameras.tell("litter", *beside(campus, "canteen"), score=0.6, source="security_3")
    assert len(incidents(world)) == 2
    # The same place, surer: quiet until ten minutes are over.
    cameras.tell("litter", x_m, y_m, score=0.9, track="3")
    assert len(incidents(world)) == 2
    world.now_s += 601
    cameras.tell("litter", x_m, y_m, score=0.9, track="4")
    assert len(incidents(world)) == 3


def test_what_was_done_for_a_false_alarm_ends_with_it(
    world: World, cameras: Cameras, campus: Campus
) -> None:
    cameras.tell("person_down", *beside(campus, "bridge_east"))
    (incident,) = incidents(world)
    until(world, lambda: world.state.tasks[incident.task_id or ""].robot, 10)
    world.do(MoveIncident(incident.id, IncidentTrigger.MARK_FALSE_ALARM, "guard"))
    assert world.state.tasks[incident.task_id or ""].status is TaskStatus.CANCELED


def test_no_camera_is_tuned_to_miss_people_who_lie_there_for_certain(
    world: World, cameras: Cameras, campus: Campus
) -> None:
    for number in range(20):
        cameras.tell("person_down", *beside(campus, "gate_a"), score=0.99, track=str(number))
        world.now_s += 700
        for each in incidents(world):
            if each.status is not IncidentStatus.FALSE_ALARM:
                world.do(MoveIncident(each.id, IncidentTrigger.MARK_FALSE_ALARM, "guard"))
    assert world.state.camera_scores["security_1 person_down"] == HIGHEST_SCORE_OF_DANGER
    cameras.tell("person_down", *beside(campus, "gate_a"), score=0.75, track="last")
    assert incidents(world)[-1].status is IncidentStatus.RAISED


def test_people_who_resolve_it_ease_the_camera(
    world: World, cameras: Cameras, campus: Campus
) -> None:
    cameras.tell("litter", *beside(campus, "gate_a"), score=0.6)
    world.do(MoveIncident(incidents(world)[0].id, IncidentTrigger.MARK_FALSE_ALARM, "guard"))
    before = world.state.camera_scores["security_1 litter"]
    cameras.tell("litter", *beside(campus, "canteen"), score=0.9, track="2")
    world.do(MoveIncident(incidents(world)[-1].id, IncidentTrigger.RESOLVE, "guard"))
    assert world.state.camera_scores["security_1 litter"] < before


def test_rules_hold_in_their_zones(campus: Campus, fleet: FleetConfig) -> None:
    rules = SafetyRules(
        (Rule("vehicle", 1, zones=("plaza_a_west",), respond=Response.NONE, score=0.5),)
    )
    world = World(campus, replace(fleet, safety=rules), ["security_1"])
    cameras = Cameras(world)
    inside = campus.zone("plaza_a_west").polygon.representative_point()
    cameras.tell("vehicle", *beside(campus, "gate_a"), track="1")
    cameras.tell("vehicle", inside.x, inside.y, score=0.4, track="2")
    assert incidents(world) == []
    cameras.tell("vehicle", inside.x, inside.y, track="3")
    assert [each.kind for each in incidents(world)] == ["vehicle"]


def test_the_log_gives_it_all_back(world: World, cameras: Cameras, campus: Campus) -> None:
    for place in ("gate_a", "canteen", "gate_a"):
        cameras.tell("person_down", *beside(campus, place), track=place)
    world.do(MoveIncident(incidents(world)[0].id, IncidentTrigger.MARK_FALSE_ALARM, "guard"))
    assert world.replayed().logged() == world.state.logged()
