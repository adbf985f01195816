"""Readings of stations and counts of health checks become incidents, and end with their cause."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fleet_manager.core.campus import Campus
from fleet_manager.core.campus_features import Station
from fleet_manager.core.commands import ReportHealthCheck, ReportReading
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.errors import InvalidRequest
from fleet_manager.core.incident import Incident, IncidentStatus
from fleet_manager.core.safety_rules import DEFAULT_RULES, HealthRule, SafetyRules
from fleet_manager.core.station import LEAST_WINDOW_S, HealthCheck, Reading
from tests.sim.robots import World


@pytest.fixture
def world(campus: Campus, fleet: FleetConfig) -> World:
    """A campus with a station, whose health checks are taken."""
    stations = {
        name: Station(name, name.title(), "ground", 50.0, 200.0, ("air", "heat"))
        for name in ("kiosk", "roof")
    }
    safety = SafetyRules(DEFAULT_RULES.rules, health_checks=HealthRule(stations=("kiosk",)))
    with_stations = replace(campus, stations=stations)
    return World(with_stations, replace(fleet, safety=safety), ["security_1"])


def read(world: World, value: float, quantity: str = "co", unit: str = "[ppm]") -> None:
    reading = Reading("roof", quantity, value, unit, world.now_s)
    world.do(ReportReading(reading))


def incidents(world: World) -> list[Incident]:
    return list(world.state.incidents.values())


def test_what_stays_above_its_limit_is_told_once_and_ends_when_it_is_back(world: World) -> None:
    for _ in range(7):
        read(world, 40.0)
        world.now_s += 10
    assert [each.kind for each in incidents(world)] == ["carbon_monoxide"]
    read(world, 60.0)
    (incident,) = incidents(world)
    assert (incident.severity, incident.place) == (3, "roof")
    assert "co 40 [ppm], above 35 for 60 s" in incident.note
    read(world, 34.5)  # below the limit, but not by a twentieth: no flutter
    assert incidents(world)[0].status is IncidentStatus.RAISED
    read(world, 20.0)
    assert incidents(world)[0].status is IncidentStatus.RESOLVED


def test_a_peak_is_not_told(world: World) -> None:
    for value in (40.0, 10.0, 40.0, 10.0, 40.0):
        read(world, value)
        world.now_s += 30
    assert incidents(world) == []


def test_another_unit_is_not_held_to_the_limit(world: World) -> None:
    for _ in range(10):
        read(world, 100.0, "temperature", "[degF]")
        world.now_s += 10
    assert incidents(world) == []


def test_a_station_that_the_map_has_not_is_refused(world: World) -> None:
    with pytest.raises(InvalidRequest, match="no station 'cellar'"):
        world.do(ReportReading(Reading("cellar", "co", 50.0, "[ppm]", 0.0)))


def check(
    world: World, people: int, raised: int, window_s: float = LEAST_WINDOW_S, at: str = "kiosk"
) -> None:
    until_s = world.now_s
    world.do(ReportHealthCheck(HealthCheck(at, until_s - window_s, until_s, people, raised)))


def test_many_raised_temperatures_are_told_and_rare_ones_end_it(world: World) -> None:
    check(world, 40, 7)
    assert incidents(world) == []  # 17.5 %
    check(world, 40, 8)
    (incident,) = incidents(world)
    assert (incident.kind, incident.place) == ("raised_temperatures", "kiosk")
    assert incident.note == "8 of 40 people"
    check(world, 40, 1)
    assert incidents(world)[0].status is IncidentStatus.RESOLVED


@pytest.mark.parametrize(
    ("people", "raised", "window_s"),
    [(4, 4, 3600.0), (1, 1, 86400.0), (50, 20, 899.0), (50, 20, -900.0), (10, 11, 900.0)],
)
def test_no_count_that_says_something_of_a_person_is_taken(
    world: World, people: int, raised: int, window_s: float
) -> None:
    before = list(world.events)
    with pytest.raises(InvalidRequest):
        check(world, people, raised, window_s)
    assert world.events == before


def test_of_a_small_group_two_are_not_told_of(world: World) -> None:
    check(world, 5, 2)
    assert incidents(world) == []


def test_without_opting_in_nothing_is_taken(world: World) -> None:
    with pytest.raises(InvalidRequest, match="not taken"):
        check(world, 40, 20, at="roof")
    world.state.site.fleet = replace(world.state.site.fleet, safety=DEFAULT_RULES)
    with pytest.raises(InvalidRequest, match=r"health_checks in rules\.yaml|not taken"):
        check(world, 40, 20)
