"""Robots charge in time, also where they are more than docks, docks fail and ways close."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fleet_manager.app.views.energy import energy_view
from fleet_manager.core.campus import Campus, Role
from fleet_manager.core.commands import CloseLane
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.consumption import Consumption
from fleet_manager.core.events import ConsumptionLearned, DockChosen, DockFailed
from fleet_manager.core.planning.docks import counted_dock, docked_at
from fleet_manager.core.task import TaskStatus
from tests.sim.robots import World
from tests.sim.test_campus_day import status, submit, task, until

SHARED = ("security_1", "security_2", "safety_1", "safety_2")


def with_docks(campus: Campus, docks: set[str]) -> Campus:
    """The campus with these docks alone; the others are bays."""
    waypoints = {
        key: replace(each, role=Role.BAY) if each.role is Role.DOCK and key not in docks else each
        for key, each in campus.waypoints.items()
    }
    return replace(campus, waypoints=waypoints, version=f"docks {sorted(docks)}")


def without_homes(fleet: FleetConfig, names: tuple[str, ...]) -> FleetConfig:
    """A fleet of some of the robots, none of which has a home."""
    robots = {name: replace(fleet.robots[name], home="") for name in names}
    return replace(fleet, robots=robots)


@pytest.fixture
def shared(campus: Campus, fleet: FleetConfig) -> World:
    """Four robots that share two docks."""
    world = World(with_docks(campus, {"dock_a1", "dock_a4"}), without_homes(fleet, SHARED))
    for number, robot in enumerate(world.robots.values()):
        robot.battery, robot.draws = 0.22 + 0.03 * number, (0.8, 1.0, 1.2, 1.3)[number]
    return world


def away_and_below(world: World) -> list[str]:
    """Robots below their reserve that stand at no dock."""
    reserve = world.gate.site.policy.reserve
    return [n for n, r in world.robots.items() if r.battery < reserve and not r.charging]


def test_robots_that_share_docks_work_and_charge_and_never_fall_below_their_reserve(
    shared: World,
) -> None:
    places = ["gate_a", "library", "bridge_west", "bridge_east", "gate_b"]
    charged: set[str] = set()
    for number, _ in enumerate(shared.run(3600)):
        if number % 400 == 0 and len(list(shared.state.open_tasks())) < 8:
            submit(shared, "patrol", places=places[(number // 400) % 3 :], rounds=2)
        assert not away_and_below(shared)
        at = [docked_at(shared.state, name) for name in SHARED]
        docked = [each for each in at if each in ("dock_a1", "dock_a4")]
        assert len(docked) == len(set(docked))
        charged |= {name for name, robot in shared.robots.items() if robot.charging}
    assert charged == set(SHARED)
    done = [each for each in shared.state.tasks.values() if each.status is TaskStatus.COMPLETED]
    assert any(each.category == "patrol" for each in done)


def test_the_one_that_can_wait_least_has_a_dock_next(campus: Campus, fleet: FleetConfig) -> None:
    world = World(with_docks(campus, {"dock_a1"}), without_homes(fleet, SHARED[:3]))
    charges = dict(zip(SHARED[:3], (0.27, 0.23, 0.20), strict=True))
    for name, charge in charges.items():
        world.robots[name].battery = charge
    first: list[str] = []
    for _ in world.run(3 * 3600):
        for name, robot in world.robots.items():
            if robot.charging and name not in first:
                first.append(name)
        assert not away_and_below(world)
        if len(first) == 3:
            break
    assert first.index("safety_1") < first.index("security_2") or first[0] == "security_2"
    assert set(first) == set(SHARED[:3])


def test_a_dock_without_energy_is_left_for_another_and_told(
    campus: Campus, fleet: FleetConfig
) -> None:
    world = World(campus, fleet, ["security_1"])
    robot = world.robots["security_1"]
    home = fleet.robots["security_1"].home
    robot.dead_docks.add(home)
    robot.battery = 0.25
    robot.charge_patience_s = 20.0
    until(world, lambda: any(isinstance(each, DockFailed) for each in world.events), 600)
    until(world, lambda: robot.charging, 1200)
    assert counted_dock(world.state, "security_1") != home
    (incident,) = [each for each in world.state.incidents.values() if each.kind == "dock_failed"]
    assert home in incident.title
    assert world.replayed().logged() == world.state.logged()


def test_a_robot_whose_dock_is_closed_off_counts_on_another(
    campus: Campus, fleet: FleetConfig
) -> None:
    world = World(campus, fleet, ["security_1"])
    for _ in world.run(2):
        pass
    submit(world, "patrol", places=["gate_a"], robot="security_1")
    until(world, lambda: world.robots["security_1"].driven_m > 30, 600)
    home = fleet.robots["security_1"].home
    stub = next(lane for lane in campus.lanes.values() if lane.end == home)
    world.do(CloseLane(stub.feature_id, "guard"))
    until(world, lambda: counted_dock(world.state, "security_1") != home, 60)
    world.robots["security_1"].battery = 0.25
    until(world, lambda: world.robots["security_1"].charging, 3600)


def test_what_a_robot_draws_is_learned_and_outlives_the_manager(
    campus: Campus, fleet: FleetConfig
) -> None:
    world = World(campus, fleet, ["security_1"])
    world.robots["security_1"].draws = 1.25
    identifier = submit(world, "patrol", places=["gate_b", "gate_a"], rounds=3)
    until(world, lambda: status(world, identifier) is TaskStatus.COMPLETED, 6 * 3600)
    known = world.state.robot("security_1").consumption
    assert known.stretches >= 3
    assert known.factor == pytest.approx(1.25, abs=0.1)
    events = [each for each in world.events if isinstance(each, ConsumptionLearned)]
    assert len(events) <= known.stretches
    world.restart(2)
    assert world.state.robot("security_1").consumption == known
    assert task(world, identifier).status is TaskStatus.COMPLETED


def test_a_robot_that_is_known_to_draw_much_turns_back_sooner(
    campus: Campus, fleet: FleetConfig
) -> None:
    """The same way back takes more of its battery, so it leaves more for it."""
    left: dict[float, float] = {}
    for factor in (0.8, 1.3):
        world = World(campus, fleet, ["security_1"])
        known = Consumption(factor, 0.0001, 0.0004, 50)
        world.gate.apply(world.state, ConsumptionLearned("security_1", known, world.now_s))
        for _ in world.run(2):
            pass
        identifier = submit(world, "patrol", places=["gate_b"], rounds=20, robot="security_1")
        until(world, lambda w=world: w.robots["security_1"].driven_m > 200, 900)
        robot = world.robots["security_1"]
        for step in range(400):
            robot.battery = 0.30 - 0.0005 * step
            world.step()
            if task(world, identifier).robot is None:
                break
        left[factor] = robot.battery
    assert left[1.3] > left[0.8]


def test_a_fleet_with_docks_of_its_own_chooses_no_others(
    campus: Campus, fleet: FleetConfig
) -> None:
    world = World(campus, fleet)
    for _ in world.run(5):
        pass
    assert not [each for each in world.events if isinstance(each, DockChosen)]


def test_people_see_what_is_reckoned_and_why_a_robot_charges(
    campus: Campus, fleet: FleetConfig
) -> None:
    world = World(campus, fleet, ["security_1"])
    for _ in world.run(2):
        pass
    submit(world, "patrol", places=["gate_a"], robot="security_1")
    until(world, lambda: world.robots["security_1"].driven_m > 30, 600)
    away = energy_view(world.state, "security_1")
    assert away["dock"] == fleet.robots["security_1"].home
    assert away["range_m"] > 1000
    assert away["why_charging"] is None
    world.robots["security_1"].battery = 0.2
    until(world, lambda: energy_view(world.state, "security_1")["why_charging"], 1800)
    told = energy_view(world.state, "security_1")
    assert "dock_a1" in told["why_charging"]
    assert told["range_m"] < away["range_m"]
