"""Robots of the fast simulation take as long, as far and as much as those of the embedded one.

The same orders are carried out by both: by `SimRobot`, from event to event, and by the robots' own
code (campus_robot) on the embedded simulator's bodies and batteries, step by step, without noise.
Tolerances: on the way 1 % of time, way and energy, with stops and turns 1.5 %, on sweeps 5 %, each
with what the last step, the last centimetres and a turn on the spot may come to.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.adapters.sim.battery import Battery
from fleet_manager.adapters.sim.robot import SimRobot
from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.orders import action_of, order_of
from fleet_manager.core.requests import plan_phases
from fleet_manager.core.robot import Movement, RouteNode
from fleet_manager.core.site import Site
from fleet_manager.core.state import FleetState
from fleet_manager.core.task import Task
from tests.sim import embedded
from tests.sim.embedded import CHARGE, Driven

SLACK = (1.0, 1.2, 0.05)
"""Seconds, metres, watt-hours; the way ends where the robot is near enough to its place."""


def movement_of(
    state: FleetState, robot: str, places: Sequence[str], *, task: Task | None = None
) -> Movement:
    """From place to place, all of it released; with the actions of a task at its places."""
    routes = state.site.routes(robot)
    phases = () if task is None else task.phases
    way = [places[0], *(phase.waypoint for phase in phases), *places[1:]]
    actions = {at: action_of(state, robot, task, each) for at, each in enumerate(phases, start=1)}
    nodes = [RouteNode(way[0])]
    for at, ends in enumerate(pairwise(way), start=1):
        nodes += [RouteNode(each) for each in routes.path(*ends)[1:]]
        if at in actions:
            last = nodes.pop()
            nodes.append(RouteNode(last.waypoint, (*last.actions, actions[at])))
    return Movement("o1", tuple(nodes), 0.0, released_to=len(nodes) - 1)


def simulated(site: Site, name: str, movement: Movement) -> Driven:
    """The order carried out from event to event."""
    kind = site.kind(name)
    battery = Battery(kind, 1.0, CHARGE, 0.0)
    start = movement.nodes[0].waypoint
    robot = SimRobot(
        name, kind, site.campus, start, {}, battery, lambda lane: lane.speed_limit_mps, 0.0
    )
    robot.take(movement, 0.0)
    now_s = 0.0
    while robot.active:
        assert robot.due_s < math.inf, "it waits for something"
        now_s = robot.due_s
        robot.wake(now_s)
    robot.settle(now_s)
    return Driven(now_s, robot.odometer.driven_m, battery.used_wh)


def compare(state: FleetState, name: str, movement: Movement, share: float) -> None:
    """Hold both to each other."""
    site = state.site
    start = site.campus.waypoint(movement.nodes[0].waypoint)
    order = order_of(state, name, movement)
    true = embedded.drive(site.campus, site.kind(name), start, order, 4 * 3600.0)
    fast = simulated(site, name, movement)
    pairs = [
        (fast.seconds, true.seconds),
        (fast.driven_m, true.driven_m),
        (fast.used_wh, true.used_wh),
    ]
    for (ours, theirs), slack in zip(pairs, SLACK, strict=True):
        assert ours == pytest.approx(theirs, abs=share * theirs + slack), f"{fast} for {true}"


@pytest.fixture
def state(campus: Campus, fleet: FleetConfig) -> FleetState:
    return FleetState.initial(Site(campus, fleet))


@pytest.mark.parametrize(
    ("robot", "goal"),
    [("security_1", "sports_hall"), ("cleaning_2", "bay_b10"), ("safety_1", "dock_a4")],
)
def test_a_way_takes_what_it_takes_in_the_embedded_simulator(
    state: FleetState, robot: str, goal: str
) -> None:
    home = state.site.fleet.robots[robot].home
    compare(state, robot, movement_of(state, robot, [home, goal]), 0.01)


@pytest.mark.parametrize(
    ("robot", "category", "asked", "share"),
    [
        ("security_1", "patrol", {"places": ["library", "hall_a", "gate_a"]}, 0.015),
        ("safety_1", "inspect", {"assets": ["hydrant_a1", "hydrant_a2"]}, 0.015),
        ("cleaning_3", "clean", {"zone": "clinic_court"}, 0.05),
    ],
)
def test_work_takes_what_it_takes_in_the_embedded_simulator(
    state: FleetState, robot: str, category: str, asked: dict[str, object], share: float
) -> None:
    home = state.site.fleet.robots[robot].home
    known, description, phases = plan_phases(state.site, category, asked)
    task = Task("t1", known, description, phases, requested_s=0.0, earliest_start_s=0.0)
    compare(state, robot, movement_of(state, robot, [home, home], task=task), share)


def test_an_underpass_draws_what_it_draws_in_the_embedded_simulator(root: Path) -> None:
    """Down and up again by 5 %: what goes down is not given back whole."""
    folder = root / "maps/xixi"
    campus = load_campus(folder)
    state = FleetState.initial(Site(campus, load_fleet(folder, campus)))
    lane = campus.lane("lane_underpass_f0")
    onward = campus.lanes_from(lane.end)
    beyond = next(each.end for each in onward if each.slope * lane.slope < 0.0)
    movement = movement_of(state, "cleaning_1", [lane.start, lane.end, beyond])
    compare(state, "cleaning_1", movement, 0.015)
