"""Whatever is asked and whatever breaks: decide leaves the state alone, replay gives it back."""

from __future__ import annotations

from pathlib import Path

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.core import commands as c
from fleet_manager.core.campus import Campus
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.incident import IncidentTrigger
from fleet_manager.core.order import InstantActionType
from fleet_manager.core.task import TaskTrigger
from tests.sim.robots import World

ROBOTS = ["security_1", "security_3", "cleaning_1", "safety_2"]
PLACES = ["gate_a", "library", "canteen", "bridge_west", "bridge_east", "clinic", "nowhere"]
BY_HAND = [
    InstantActionType.PAUSE,
    InstantActionType.RESUME,
    InstantActionType.EMERGENCY_STOP,
    InstantActionType.RELEASE_STOP,
]

robots = st.sampled_from(ROBOTS)
submissions = st.one_of(
    st.builds(
        lambda places, rounds: c.SubmitTask("patrol", {"places": places, "rounds": rounds}),
        st.lists(st.sampled_from(PLACES), min_size=1, max_size=3),
        st.integers(1, 2),
    ),
    st.builds(
        lambda zone: c.SubmitTask("clean", {"zone": zone}),
        st.sampled_from(["plaza_a_west", "depot_apron_a", "car_park_a"]),
    ),
    st.builds(lambda robot: c.SubmitTask("charge", {"robot": robot}), robots),
)
meddling = st.one_of(
    st.builds(
        c.TellRobots,
        st.sampled_from(BY_HAND),
        st.one_of(st.none(), robots),
        st.sampled_from(["", "guard"]),
    ),
    st.builds(c.ConfirmPosition, robots, st.sampled_from(PLACES)),
    st.builds(c.RaiseIncident, st.sampled_from(["spill", ""]), st.just("wet floor")),
    st.builds(
        c.MoveIncident,
        st.integers(1, 3).map(lambda n: f"incident-{n}"),
        st.sampled_from(list(IncidentTrigger)),
        st.sampled_from(["", "guard"]),
    ),
    st.builds(c.CloseLane, st.sampled_from(["bridge_1_0", "lane_bridge_1_0", "main_a_w_f0"])),
)


@st.composite
def of_tasks(draw: st.DrawFn) -> tuple[str, int, object]:
    """Something done to the n-th task of the world."""
    kind = draw(st.sampled_from(["end", "interrupt", "resume"]))
    return (
        kind,
        draw(st.integers(0, 5)),
        draw(st.sampled_from([TaskTrigger.CANCEL, TaskTrigger.KILL])),
    )


faults = st.tuples(st.sampled_from(["dies", "reboots", "drains"]), robots)
waits = st.integers(1, 240)
scripts = st.lists(
    st.one_of(submissions, meddling, of_tasks(), faults, waits), min_size=3, max_size=14
)


@pytest.fixture(scope="module")
def campus(root: Path) -> Campus:
    return load_campus(root / "maps/canalside")


@pytest.fixture(scope="module")
def fleet(root: Path, campus: Campus) -> FleetConfig:
    return load_fleet(root / "maps/canalside/fleet.yaml", campus)


def carry_out(world: World, step: object) -> None:
    """One step of a script; what the core refuses has to leave the state as it was."""
    match step:
        case int():
            for _ in world.run(step):
                pass
        case ("dies", name):
            world.robots[name].alive = False
        case ("reboots", name):
            world.robots[name].reboot()
        case ("drains", name):
            world.robots[name].battery = min(world.robots[name].battery, 0.2)
        case (str() as kind, int() as number, TaskTrigger() as trigger):
            ids = list(world.state.tasks)
            if number < len(ids):
                ask(
                    world,
                    {
                        "end": c.EndTask(ids[number], trigger),
                        "interrupt": c.InterruptTask(ids[number]),
                        "resume": c.ResumeTask(ids[number]),
                    }[kind],
                )
        case _:
            ask(world, step)  # type: ignore[arg-type]


def ask(world: World, command: c.Command) -> None:
    before = msgspec.json.encode(world.state.logged())
    refused = None
    try:
        world.gate.decide(world.state, command, world.now_s)
    except CampusFleetError as error:
        refused = error
    assert msgspec.json.encode(world.state.logged()) == before, "decide changed the state"
    if refused is None:
        world.do(command)
    else:
        assert refused.remedy, f"{refused} does not say what to do"


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(script=scripts)
def test_any_script_keeps_the_rules_and_replays(
    script: list[object], campus: Campus, fleet: FleetConfig
) -> None:
    world = World(campus, fleet, ROBOTS)
    for _ in world.run(2):
        pass
    for step in script:
        carry_out(world, step)
    logged = msgspec.json.encode(world.state.logged())
    assert msgspec.json.encode(world.replayed().logged()) == logged
    for task in world.state.tasks.values():
        has = [name for name, robot in world.state.robots.items() if robot.task_id == task.id]
        assert has == ([task.robot] if task.robot and not task.ended else []), task
    for identifier in {event.task.id for event in world.events if hasattr(event, "task")}:
        assert identifier in world.state.tasks, f"{identifier} was lost"
