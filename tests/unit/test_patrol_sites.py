"""Which places a patrol sees, with the risk and promise of the sector they lie in."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
import pytest

from fleet_manager.core.campus import Campus
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.config import BatterySpec, KindSpec
from fleet_manager.core.errors import UnknownFeature
from fleet_manager.core.planning.patrol.problem import CannotPatrol, PatrolProblem, problem_on
from fleet_manager.core.planning.patrol.sites import (
    sites_covering,
    sites_of_places,
    sites_of_sectors,
)
from fleet_manager.core.planning.routes import Routes
from tests.unit.campus_documents import feature, find, rectangle, tiny_document

GUARD = KindSpec(
    "guard", frozenset({"patrol"}), 0.3, 1.5, 1.0, 1.0, BatterySpec(500, 30, 50, 0, 300)
)
NIGHT = [4.0] * 6 + [1.0] * 12 + [4.0] * 6


def campus_with_sectors(**changes: str) -> Campus:
    """The tiny campus with a sector in the west and one in the east; directions of some lanes."""
    document = tiny_document()
    for identifier, west, east, risk, promise_s in (
        ("sector_west", -20, 10, [0.0] * 24, None),
        ("sector_east", 10, 60, NIGHT, 1800.0),
    ):
        properties = {"name": identifier, "level": "ground", "risk_by_hour": risk}
        if promise_s is not None:
            properties["max_idleness_s"] = promise_s
        corners = rectangle(west, -20, east, 30)
        document["features"].append(feature(identifier, "sector", "Polygon", corners, **properties))
    for lane, direction in changes.items():
        find(document, lane.replace("_", "-"))["properties"]["direction"] = direction
    return campus_from_geojson(document)


def test_named_places_of_a_sector_have_its_risk_and_promise() -> None:
    (site,) = sites_of_sectors(campus_with_sectors(), ["sector_east"], dwell_s=5.0)
    assert (site.waypoint, site.promise_s, site.dwell_s) == ("middle", 1800.0, 5.0)
    assert [site.weight_at(hour) for hour in (3, 12)] == [4.0, 1.0]
    assert site.weight_at() == 4.0


def test_without_sectors_all_named_places_are_seen() -> None:
    found = sites_of_sectors(campus_with_sectors(), [])
    assert sorted(each.waypoint for each in found) == ["bay", "middle"]


def test_a_sector_without_risk_or_promise_gives_neither() -> None:
    (site,) = sites_of_places(campus_with_sectors(), ["west"])
    assert (site.weights_by_hour, site.promise_s) == ((), inf)


@pytest.mark.parametrize(("every_m", "count"), [(45.0, 1), (15.0, 3)])
def test_as_many_junctions_as_it_takes(every_m: float, count: int) -> None:
    routes = Routes(campus_with_sectors(), GUARD)
    found = [each.waypoint for each in sites_covering(routes, (), every_m, "dock")]
    assert len(found) == count
    assert found[0] == "middle"  # the junction in the middle sees most


def test_junctions_of_a_sector_alone() -> None:
    routes = Routes(campus_with_sectors(), GUARD)
    found = sites_covering(routes, ["sector_west"], 5.0, "dock")
    assert [each.waypoint for each in found] == ["west"]


def test_a_sector_that_is_not_there_or_has_nothing_to_see_is_refused() -> None:
    campus = campus_with_sectors(**{"west_middle": "forward"})
    with pytest.raises(UnknownFeature, match="nowhere"):
        sites_of_sectors(campus, ["nowhere"])
    with pytest.raises(CannotPatrol, match="sector_west"):  # nobody gets there
        sites_covering(Routes(campus, GUARD), ["sector_west"], 5.0, "dock")


def test_sites_beyond_a_one_way_street_are_named() -> None:
    routes = Routes(campus_with_sectors(**{"middle_east": "forward"}), GUARD)
    with pytest.raises(CannotPatrol, match="east") as error:
        problem_on(routes, sites_of_places(routes.campus, ["west", "middle", "east"]))
    assert error.value.sites == ("east",)


def test_a_site_that_weighs_nothing_now_is_still_seen_now_and_then() -> None:
    weights = tuple([0.0] * 12 + [5.0] * 12)
    campus = campus_with_sectors()
    light, heavy = sites_of_places(campus, ["west", "east"])
    sites = (replace(light, weights_by_hour=weights), heavy)
    problem = PatrolProblem(sites, np.array([[0.0, 1.0], [1.0, 0.0]]))
    assert problem.weights(3).tolist() == [1.0, 100.0]
    assert problem.weights(12).tolist() == [5.0, 1.0]
    with pytest.raises(CannotPatrol, match="24"):
        problem.weights(24)
