"""What can be patrolled, what is refused, and how long sites are without a visit under a plan."""

from __future__ import annotations

from math import inf
from pathlib import Path

import numpy as np
import pytest

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.core.planning.patrol.bounds import Bound
from fleet_manager.core.planning.patrol.plan import (
    PatrolPlan,
    Team,
    Visit,
    gaps_of,
    spaced_team,
    teams_from_json,
)
from fleet_manager.core.planning.patrol.problem import (
    CannotPatrol,
    PatrolProblem,
    PatrolSite,
    duty_of,
    problem_on,
    site_from_json,
    site_to_json,
)
from fleet_manager.core.planning.routes import Routes


@pytest.fixture(scope="module")
def routes(root: Path) -> Routes:
    folder = root / "maps" / "canalside"
    campus = load_campus(folder)
    return Routes(campus, load_fleet(folder, campus).kinds["security"])


def ring(size: int, step_s: float = 10.0) -> PatrolProblem:
    """Sites on a ring, a step apart."""
    at = np.arange(size)
    apart = np.abs(at[:, None] - at[None])
    sites = tuple(PatrolSite(f"w{each}") for each in at)
    return PatrolProblem(sites, np.minimum(apart, size - apart) * step_s)


def test_sites_off_the_map_are_named(routes: Routes) -> None:
    known = routes.arrays.ids[0]
    with pytest.raises(CannotPatrol, match="nowhere") as error:
        problem_on(routes, [PatrolSite(known), PatrolSite("nowhere")])
    assert error.value.sites == ("nowhere",)
    assert error.value.remedy


def test_sites_that_cannot_be_reached_are_named() -> None:
    apart = np.array([[0.0, 1.0, inf], [1.0, 0.0, inf], [1.0, 1.0, 0.0]])
    with pytest.raises(CannotPatrol, match="c") as error:
        PatrolProblem(tuple(map(PatrolSite, "abc")), apart)
    assert error.value.sites == ("c",)


@pytest.mark.parametrize(
    ("site", "word"),
    [
        (PatrolSite("a", weight=-1.0), "weight"),
        (PatrolSite("a", weight=0.0), "weight"),
        (PatrolSite("a", weight=float("nan")), "weight"),
        (PatrolSite("a", weights_by_hour=(1.0,) * 23 + (-2.0,)), "weight"),
        (PatrolSite("a", weights_by_hour=(1.0, 2.0)), "24"),
        (PatrolSite("a", promise_s=0.0), "promise"),
        (PatrolSite("a", dwell_s=-1.0), "stay"),
    ],
)
def test_what_cannot_be_is_refused_by_name(site: PatrolSite, word: str) -> None:
    with pytest.raises(CannotPatrol, match=word) as error:
        PatrolProblem((site,), np.zeros((1, 1)))
    assert error.value.sites == ("a",)


def test_a_site_named_twice_and_a_patrol_of_nothing_are_refused() -> None:
    with pytest.raises(CannotPatrol, match="more than once"):
        PatrolProblem((PatrolSite("a"), PatrolSite("a")), np.zeros((2, 2)))
    with pytest.raises(CannotPatrol, match="without sites"):
        PatrolProblem((), np.zeros((0, 0)))


def test_times_on_a_campus_are_those_of_its_lanes_with_time_to_turn(routes: Routes) -> None:
    ids = [each.id for each in routes.campus.docks[:3]]
    problem = problem_on(routes, [PatrolSite(each) for each in ids], slower=1.25)
    leg = routes.leg(ids[0], ids[1])
    assert problem.travel_s[0, 1] == pytest.approx(1.25 * leg.duration_s, rel=1e-5)


def test_evenly_spaced_robots_share_the_round() -> None:
    problem = ring(6)
    team = spaced_team(problem, range(6), 2)
    worst_s, mean_s = gaps_of([team], 6)
    assert worst_s == pytest.approx([30.0] * 6)
    assert mean_s == pytest.approx([15.0] * 6)


def test_one_way_streets_count_in_the_direction_of_the_round() -> None:
    travel_s = np.array([[0.0, 1.0, 2.0], [8.0, 0.0, 1.0], [7.0, 8.0, 0.0]])
    problem = PatrolProblem(tuple(map(PatrolSite, "abc")), travel_s)
    assert spaced_team(problem, (0, 1, 2), 1).duration_s == pytest.approx(9.0)
    assert spaced_team(problem, (0, 2, 1), 1).duration_s == pytest.approx(18.0)


def test_a_site_seen_twice_a_round_has_the_longer_gap() -> None:
    team = Team((Visit(0, 0.0), Visit(1, 4.0), Visit(0, 6.0)), 10.0, (0.0,))
    worst_s, mean_s = gaps_of([team], 2)
    assert worst_s == pytest.approx([6.0, 10.0])
    assert mean_s == pytest.approx([(36.0 + 16.0) / 20.0, 5.0])


def test_a_site_that_nobody_visits_is_idle_for_ever() -> None:
    assert gaps_of([spaced_team(ring(3), (0, 1), 1)], 3)[0][2] == inf


def test_plans_and_sites_survive_json() -> None:
    problem = ring(4)
    teams = (spaced_team(problem, (0, 1), 1), spaced_team(problem, (2, 3), 2))
    worst_s, _ = gaps_of(teams, 4)
    plan = PatrolPlan(
        kind="security",
        waypoints=problem.waypoints,
        teams=teams,
        robots=3,
        relief=0,
        weights=(1.0,) * 4,
        promises_s=(15.0, 30.0, inf, inf),
        idleness_s=tuple(worst_s.tolist()),
        average_idleness_s=7.5,
        bound=Bound(10.0, "window"),
        method="by hand",
    )
    assert teams_from_json(plan.as_json()) == teams
    assert plan.broken == (0,)
    assert plan.gap == pytest.approx(1.0)
    for site in (PatrolSite("a"), PatrolSite("b", 2.0, (1.0,) * 24, 60.0, 5.0)):
        assert site_from_json(site_to_json(site)) == site


def test_a_robot_patrols_for_the_share_of_time_that_its_battery_gives(root: Path) -> None:
    fleet = load_fleet(root / "maps" / "xixi")
    kind = fleet.kinds["security"]
    share, away_s = duty_of(kind, fleet.policy, way_s=600.0)
    # 520 Wh at 107 W last 4.86 h; charging them takes 1.3 h and the ways 10 min.
    assert away_s == pytest.approx(1.3 * 3600 + 600)
    assert share == pytest.approx(4.86 / (4.86 + 1.3 + 1 / 6), rel=1e-3)
