"""Whatever is closed and opened while robots drive: nothing enters what is closed."""

from __future__ import annotations

import contextlib
from pathlib import Path

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.core.campus import Campus
from fleet_manager.core.closure import Window
from fleet_manager.core.commands import SubmitTask
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.map_commands import AddClosure, RemoveClosure
from tests.sim.keep_off import KeepOff
from tests.sim.robots import START_S, World

ROBOTS = ["security_1", "security_3", "cleaning_1", "safety_2"]
PLACES = ["gate_a", "gate_b", "library", "canteen", "clinic", "tower_b", "bridge_west"]
ZONES = ["plaza_a_west", "plaza_a_east", "garden_a", "market_b", "depot_apron_a", "canal_bank_a"]


@st.composite
def steps(draw: st.DrawFn) -> tuple[str, object]:
    """Something asked of the fleet, closed, opened, or waited for."""
    kind = draw(st.sampled_from(["patrol", "clean", "ahead", "zone", "limit", "open", "wait"]))
    return kind, draw(
        {
            "patrol": st.lists(st.sampled_from(PLACES), min_size=1, max_size=3),
            "clean": st.sampled_from(ZONES[:5]),
            "ahead": st.tuples(st.sampled_from(ROBOTS), st.integers(0, 6), st.booleans()),
            "zone": st.sampled_from(ZONES),
            "limit": st.tuples(st.sampled_from(ROBOTS), st.integers(0, 6)),
            "open": st.integers(0, 5),
            "wait": st.integers(5, 150),
        }[kind]
    )


def lane_ahead(world: World, robot: str, number: int) -> tuple[str, ...]:
    """The n-th lane of a robot's way from where it is, with those of its way out."""
    movement = world.state.robot(robot).movement
    if movement is None:
        return ()
    way = movement.waypoints[movement.passed :]
    if number + 1 >= len(way):
        return ()
    return (world.state.site.campus.lane_between(way[number], way[number + 1]).feature_id,)


def carry_out(world: World, watch: KeepOff, step: tuple[str, object]) -> None:
    """One step of a script."""
    command: object = None
    match step:
        case ("patrol", list() as places):
            command = SubmitTask("patrol", {"places": places})
        case ("clean", str() as zone):
            command = SubmitTask("clean", {"zone": zone})
        case ("ahead", (str() as robot, int() as number, bool() as for_a_while)):
            until_s = world.now_s + 120 if for_a_while else None
            lanes = lane_ahead(world, robot, number)
            command = AddClosure(lanes=lanes, window=Window(until_s=until_s))
        case ("zone", str() as zone):
            command = AddClosure(zones=(zone,))
        case ("limit", (str() as robot, int() as number)):
            command = AddClosure(lanes=lane_ahead(world, robot, number), speed_limit_mps=0.5)
        case ("open", int() as number):
            open_ones = [each.id for each in world.state.closures.values() if not each.over]
            command = RemoveClosure((open_ones or ["none"])[number % max(1, len(open_ones))])
        case ("wait", int() as seconds):
            for _ in world.run(seconds):
                watch.look()
            return
    with contextlib.suppress(CampusFleetError):
        world.do(command)  # type: ignore[arg-type]
    watch.look(closing=True)


@pytest.fixture(scope="module")
def campus(root: Path) -> Campus:
    return load_campus(root / "maps/canalside")


@pytest.fixture(scope="module")
def fleet(root: Path, campus: Campus) -> FleetConfig:
    return load_fleet(root / "maps/canalside/fleet.yaml", campus)


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(script=st.lists(steps(), min_size=4, max_size=16))
def test_nothing_enters_what_is_closed_and_all_goes_on_once_it_is_open(
    script: list[tuple[str, object]], campus: Campus, fleet: FleetConfig
) -> None:
    world = World(campus, fleet, ROBOTS)
    watch = KeepOff(world)
    for _ in world.run(2):
        pass
    for step in script:
        carry_out(world, watch, step)
    for closure in [each.id for each in world.state.closures.values() if not each.over]:
        world.do(RemoveClosure(closure))
    gone_s = 0.0
    while any(not each.ended for each in world.state.tasks.values()):
        world.step()
        watch.look()
        gone_s = world.now_s - START_S
        assert gone_s < 8 * 3600, [
            f"{t.id} {t.status} {t.robot}: {t.reason}" for t in world.state.tasks.values()
        ]
    logged = msgspec.json.encode(world.state.logged())
    assert msgspec.json.encode(world.replayed().logged()) == logged
