"""Idleness of places within the hours of their programmes, by hand."""

from __future__ import annotations

import pytest

from fleet_manager.adapters.sim.hours import Hours, Idleness


def test_only_gaps_within_the_hours_count_and_each_time_begins_anew() -> None:
    """100 to 200 with a visit at 130, 1000 to 1050 with one at 1040: gaps 30, 70, 40, 10."""
    place = Hours()
    place.visited(50.0)
    place.begin("night", 100.0)
    place.visited(130.0)
    place.end("night", 200.0)
    place.visited(500.0)
    place.begin("night", 1000.0)
    place.visited(1040.0)
    assert place.idleness(1050.0) == Idleness(70.0, 30.0**2 + 70**2 + 40**2 + 10**2, 150.0)
    assert place.idleness(1050.0).average_s == pytest.approx(7500 / 300)


def test_a_place_of_two_programmes_counts_while_one_of_them_runs() -> None:
    place = Hours()
    place.begin("day", 0.0)
    place.begin("night", 50.0)
    place.end("day", 60.0)
    place.visited(80.0)
    place.end("night", 100.0)
    assert place.idleness(900.0) == Idleness(80.0, 80.0**2 + 20**2, 100.0)


def test_a_place_whose_programme_never_ran_has_no_idleness() -> None:
    assert Hours().idleness(900.0) == Idleness(0.0, 0.0, 0.0)
    assert Hours().idleness(900.0).average_s == 0.0
