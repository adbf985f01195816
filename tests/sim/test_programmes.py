"""Patrol programmes at work in virtual time: measured against planned, robots lost, given back."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.errors import CampusFleetError, InvalidRequest, Unknown, UnknownFeature
from fleet_manager.core.programme import ProgrammeSpec, ProgrammeStatus, SiteSpec, Window
from fleet_manager.core.programme_commands import (
    DeleteProgramme,
    PauseProgramme,
    ResumeProgramme,
    SaveProgramme,
)
from fleet_manager.core.recurrence import Recurrence
from tests.sim.robots import World

PAST = Recurrence("FREQ=DAILY", "Asia/Shanghai", date(2020, 1, 1), date(2020, 1, 31))

PLACES = ("gate_a", "library", "hall_a", "plaza_a", "laboratory_a", "canteen")
"""On one side of the canal."""


def spec(campus: Campus, places: tuple[str, ...] = PLACES, **fields: object) -> ProgrammeSpec:
    usual = {
        "id": "night",
        "name": "Night",
        "timezone": campus.timezone,
        "sites": tuple(SiteSpec(place) for place in places),
        "promise_s": 1800.0,
    }
    return ProgrammeSpec(**{**usual, **fields})  # type: ignore[arg-type]


@pytest.fixture
def world(campus: Campus, fleet: FleetConfig) -> World:
    """Two security robots on either side, heard."""
    world = World(campus, fleet, ["security_1", "security_2", "security_3", "security_4"])
    for _ in world.run(2):
        pass
    return world


def test_sites_are_visited_round_by_round_and_the_log_gives_the_same_state(
    world: World, campus: Campus
) -> None:
    world.do(SaveProgramme(spec(campus, robots=1, unpredictability=0.0)))
    for _ in world.run(1500):
        pass
    programme = world.state.programme("night")
    assert programme.running
    assert all(record.visits >= 2 for record in programme.visits.values())
    assert all(record.broken == 0 for record in programme.visits.values())
    tasks = [task for task in world.state.tasks.values() if task.programme_id == "night"]
    assert {task.category for task in tasks} == {"patrol"}
    assert all("programme=night" in task.labels for task in tasks)
    logged = msgspec.json.encode(world.state.logged())
    assert msgspec.json.encode(world.replayed().logged()) == logged


@pytest.mark.parametrize(
    ("fields", "error", "says"),
    [
        ({"robots": 0}, InvalidRequest, "0 robots"),
        ({"robots": 99}, InvalidRequest, "8 that can"),
        ({"sites": ()}, InvalidRequest, "nothing to patrol"),
        (
            {"sites": (SiteSpec("nowhere"), SiteSpec("nor_here"))},
            UnknownFeature,
            "nowhere.*nor_here",
        ),
        ({"sectors": ("nowhere", "nor_here")}, UnknownFeature, "nowhere.*nor_here"),
        ({"sites": (SiteSpec("gate_a", weight=-1.0),)}, InvalidRequest, "gate_a"),
        ({"sites": (SiteSpec("gate_a", weights_by_hour=(1.0,)),)}, InvalidRequest, "gate_a"),
        ({"dwell_s": -1.0}, InvalidRequest, "gate_a"),
        ({"window": Window(PAST, 600.0)}, InvalidRequest, "in the past"),
        ({"promise_s": None}, InvalidRequest, "no promise"),
        ({"promise_s": 60.0, "robots": 1}, InvalidRequest, "are needed at least"),
        ({"timezone": "Mars/Base"}, InvalidRequest, "Mars/Base"),
        ({"unpredictability": 2.0}, InvalidRequest, "unpredictability"),
    ],
)
def test_what_cannot_be_promised_is_refused_and_says_what_would_do(
    world: World, campus: Campus, fields: dict[str, object], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says) as refused:
        world.do(SaveProgramme(spec(campus, **fields)))
    assert isinstance(refused.value, CampusFleetError)
    assert refused.value.remedy
    assert not world.state.programmes


def test_programmes_go_on_while_what_cannot_be_is_refused(world: World, campus: Campus) -> None:
    world.do(SaveProgramme(spec(campus, robots=1, unpredictability=0.0)))
    wrong: tuple[dict[str, object], ...] = (
        {"id": "hasty", "promise_s": 60.0, "robots": 1},
        {"id": "lost", "sites": (SiteSpec("gate_a"), SiteSpec("nowhere"))},
        {"id": "nobody", "robots": 0},
    )
    for _ in world.run(300):
        if wrong and world.now_s % 60.0 < 0.5:
            with pytest.raises(CampusFleetError, match=str(wrong[0]["id"])):
                world.do(SaveProgramme(spec(campus, **wrong[0])))
            wrong = wrong[1:]
    assert not wrong
    assert list(world.state.programmes) == ["night"]
    assert sum(record.visits for record in world.state.programme("night").visits.values()) >= 3


def test_a_paused_programme_gives_its_robots_back_and_goes_on_when_resumed(
    world: World, campus: Campus
) -> None:
    world.do(SaveProgramme(spec(campus)))
    for _ in world.run(60):
        pass
    assert any(not task.ended for task in world.state.tasks.values())
    world.do(PauseProgramme("night", "guard"))
    assert world.state.programme("night").status is ProgrammeStatus.PAUSED
    assert all(task.ended for task in world.state.tasks.values())
    for _ in world.run(60):
        pass
    assert all(task.ended for task in world.state.tasks.values())
    world.do(ResumeProgramme("night", "guard"))
    for _ in world.run(60):
        pass
    assert any(task.robot and not task.ended for task in world.state.tasks.values())
    world.do(DeleteProgramme("night"))
    assert all(task.ended for task in world.state.tasks.values())
    with pytest.raises(Unknown):
        world.do(DeleteProgramme("night"))


def test_a_programme_that_the_map_has_no_place_for_any_more_leaves_the_others_alone(
    world: World, campus: Campus
) -> None:
    world.do(SaveProgramme(spec(campus, ("library", "hall_a"), id="first")))
    world.do(SaveProgramme(spec(campus, ("gate_a", "canteen"), id="second")))
    first = world.state.programmes["first"]
    gone = tuple(msgspec.structs.replace(each, waypoint="gone") for each in first.sites)
    world.state.programmes["first"] = msgspec.structs.replace(first, sites=gone)
    for _ in world.run(60):
        pass
    assert any("first" in each.title for each in world.state.incidents.values())
    assert [t.programme_id for t in world.state.tasks.values() if not t.ended] == ["second"]
