"""Patrol programmes over hours: measured against planned, disturbed, unpredictable, replayed."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.core.campus import Campus
from fleet_manager.core.closure import Window
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.events import PhaseMoved
from fleet_manager.core.map_commands import AddClosure
from fleet_manager.core.planning.patrol.problem import SLOWER
from fleet_manager.core.programme import BROKEN, BeatStatus
from fleet_manager.core.programme_events import SitesTakenOver
from fleet_manager.core.task import PhaseStatus
from tests.sim.patrols import Patrols

GUARDS = ("security_1", "security_2", "security_3", "security_4")
SIDE_A = ("gate_a", "hall_a", "library", "laboratory_a", "canteen", "workshop")
SETTLING_H = 1.5
"""Until robots that came from their docks are evenly spaced."""


@pytest.fixture(scope="module")
def campus(root: Path) -> Campus:
    return load_campus(root / "maps/canalside")


@pytest.fixture(scope="module")
def fleet(root: Path, campus: Campus) -> FleetConfig:
    """Canalside's, with docks that charge in three quarters of an hour."""
    fleet = load_fleet(root / "maps/canalside/fleet.yaml", campus)
    kind = fleet.kinds["security"]
    fast = replace(kind, battery=replace(kind.battery, charge_w=1000.0))
    return replace(fleet, kinds={**fleet.kinds, "security": fast})


@pytest.mark.parametrize("robots", [1, 3])
def test_measured_idleness_is_the_planned_one_when_nothing_disturbs_it(
    campus: Campus, fleet: FleetConfig, robots: int
) -> None:
    """Plans reckon with driving `SLOWER` than at full speed; real driving lies in between."""
    world = Patrols(campus, fleet, GUARDS[:robots])
    world.patrol(robots=robots, unpredictability=0.0, promise_s=3600.0)
    world.hours(SETTLING_H)
    plan = world.programme().plan
    assert plan is not None
    assert not plan.immediate
    measured_s = world.worst_s(2.0)
    print(f"{robots} robots: planned {plan.worst_s:.0f} s, measured {measured_s:.0f} s")
    assert plan.worst_s / SLOWER <= measured_s <= plan.worst_s
    assert plan.worst_weighted_s >= plan.bound_s
    assert msgspec.json.encode(world.replayed().logged()["tasks"]) == msgspec.json.encode(
        world.state.logged()["tasks"]
    )


def test_a_robot_that_charges_is_replaced_or_its_sites_are_seen_by_the_others(
    campus: Campus, fleet: FleetConfig
) -> None:
    """With 2 of 3 robots left the gaps are 3/2 as long; the one that opens has twice the length."""
    world = Patrols(campus, fleet, GUARDS[:3])
    world.patrol(robots=3, unpredictability=0.0, promise_s=3600.0)
    world.hours(SETTLING_H)
    plan = world.programme().plan
    assert plan is not None
    world.drain(world.patrolling()[0], 0.16)
    opening_s = world.worst_s(0.4)
    left = [b for b in world.programme().beats if b.status is BeatStatus.MANNED]
    assert len(left) == 2
    with_two_s = world.worst_s(0.3)
    print(f"planned {plan.worst_s:.0f} s, opening {opening_s:.0f} s, with two {with_two_s:.0f} s")
    assert opening_s <= 2.2 * plan.worst_s
    assert with_two_s <= 1.1 * 1.5 * plan.worst_s
    world.hours(0.5)
    assert sum(b.status is BeatStatus.MANNED for b in world.programme().beats) == 3
    world.hours(0.7)
    assert world.worst_s(0.4) <= 1.1 * plan.worst_s


def test_when_a_robot_falls_silent_the_other_keeps_what_a_plan_for_it_alone_does(
    campus: Campus, fleet: FleetConfig
) -> None:
    """A quarter is for going over to that plan; the bay that the silent robot holds is left out."""
    world = Patrols(campus, fleet, GUARDS[:2])
    world.patrol(places=SIDE_A, robots=2, unpredictability=0.0, promise_s=1800.0)
    world.hours(SETTLING_H)
    plan = world.programme().plan
    assert plan is not None
    lost, bay = _stand_in_a_bay(world)
    world.mishap(lost, "silent", 3600.0)
    measured_s = world.worst_s(0.9, but=[bay])
    alone = world.programme().plan
    assert alone is not None
    assert alone.reduced
    print(f"planned {plan.worst_s:.0f} s, alone {alone.worst_s:.0f} s, measured {measured_s:.0f} s")
    assert measured_s <= 1.25 * alone.worst_s
    world.hours(1.0)
    assert sum(b.status is BeatStatus.MANNED for b in world.programme().beats) == 2
    assert world.worst_s(0.5) <= 1.2 * plan.worst_s
    assert world.replayed().logged()["programmes"].keys() == {"watch"}


def _stand_in_a_bay(world: Patrols) -> tuple[str, str]:
    """Let time pass until a robot of the programme stands in a bay; its name, and the bay."""
    for _ in range(2000):
        world.hours(1.0 / 3600.0)
        for name in world.patrolling():
            movement = world.state.robot(name).movement
            robot = world.robots[name]
            place = robot.at_waypoint if robot.leg is None and movement is not None else None
            if place is not None and world.site.campus.is_bay(place):
                return name, place
    raise AssertionError("no robot stood in a bay")


def test_sites_of_a_team_of_one_are_taken_over_and_given_back(
    campus: Campus, fleet: FleetConfig
) -> None:
    world = Patrols(campus, fleet, GUARDS[1:3])
    side_b = ("gate_b", "clinic", "lecture_hall", "plaza_b", "tower_b")
    world.patrol(places=SIDE_A + side_b, robots=2, unpredictability=0.0, promise_s=3600.0)
    world.hours(SETTLING_H)
    plan = world.programme().plan
    assert plan is not None
    assert len(plan.teams) == 2, f"the two sides are a beat each, not {plan.method}"
    gone = world.patrolling()[0]
    world.drain(gone, 0.16)
    before = len(world.events)
    world.hours(0.03)
    taken = [each for each in world.events[before:] if isinstance(each, SitesTakenOver)]
    assert taken, "nobody took the sites over"
    assert {guest.waypoint for guest in taken[0].guests} in ({*SIDE_A}, {*side_b})
    world.hours(1.5)
    assert not world.programme().guests
    assert sum(b.status is BeatStatus.MANNED for b in world.programme().beats) == 2


def test_order_and_times_are_drawn_from_the_seed_and_the_promise_is_kept(
    campus: Campus, fleet: FleetConfig
) -> None:
    orders = {}
    for seed, share in ((1, 1.0), (2, 1.0), (1, 0.0)):
        world = Patrols(campus, fleet, GUARDS[:3])
        world.patrol(robots=3, unpredictability=share, promise_s=1000.0, seed=seed)
        world.hours(SETTLING_H)
        worst_s = world.worst_s(1.0)
        programme = world.programme()
        bits = programme.bits / programme.visits_drawn
        print(f"seed {seed}, share {share}: worst {worst_s:.0f} s, {bits:.2f} bits a visit")
        assert worst_s <= 1000.0
        assert (bits > 0.3) == (share > 0.0)
        orders[seed, share] = _order(world)
    assert orders[1, 1.0] != orders[2, 1.0]
    assert orders[1, 1.0] != orders[1, 0.0]


def _order(world: Patrols) -> list[str]:
    return [
        world.state.tasks[each.task_id].phase(each.phase_id).waypoint
        for each in world.events
        if isinstance(each, PhaseMoved) and each.status is PhaseStatus.COMPLETED
        if each.task_id in world.state.tasks
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_no_site_is_ever_forgotten_whatever_happens(
    campus: Campus, fleet: FleetConfig, seed: int
) -> None:
    """Two hours of mishaps and closures, then two calm ones, in which every site is seen."""
    rng = random.Random(seed)
    world = Patrols(campus, fleet, GUARDS)
    world.patrol(robots=3, unpredictability=0.5, promise_s=1500.0)
    for _ in range(12):
        world.hours(rng.uniform(0.05, 0.25))
        robot = rng.choice(GUARDS)
        match rng.choice(["silent", "reboots", "stops", "drain", "close"]):
            case "drain":
                world.drain(robot, 0.17)
            case "close":
                lane = rng.choice(sorted({lane.feature_id for lane in campus.lanes.values()}))
                until_s = world.now_s + rng.uniform(300.0, 1500.0)
                world.do(AddClosure(lanes=(lane,), window=Window(world.now_s, until_s)))
            case mishap:
                world.mishap(robot, mishap, rng.uniform(5.0, 600.0))
    calm_s = world.now_s
    world.hours(2.0)
    programme = world.programme()
    forgotten = [site for site, each in programme.visits.items() if each.last_s < calm_s]
    assert not forgotten, f"seed {seed}: {forgotten}"
    assert not _open_incidents(world, BROKEN)
    logged = msgspec.json.encode(world.state.logged())
    assert msgspec.json.encode(world.replayed().logged()) == logged


def _open_incidents(world: Patrols, kind: str) -> list[str]:
    return [i.title for i in world.state.incidents.values() if i.kind == kind and not i.closed]
