"""A snapshot is what reading the log gives, byte for byte, wherever in the log it was taken."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import msgspec

from fleet_manager.app.fleet_gate import FleetGate
from fleet_manager.core import commands as c
from fleet_manager.core.campus import Campus, Weather
from fleet_manager.core.config import FleetConfig
from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.map_commands import AddClosure, SetWeather
from fleet_manager.core.state import FleetState, Inspection
from fleet_manager.core.stored_state import NOT_STORED, freeze, stored_names, thaw
from tests.sim.robots import World

ROBOTS = ["security_1", "security_3", "cleaning_1", "safety_2"]


def as_bytes(state: FleetState) -> bytes:
    """All that is stored of a state; the members of a set in one order."""
    return msgspec.json.encode(
        {name: getattr(state, name) for name in stored_names()}, order="deterministic"
    )


def lived(campus: Campus, fleet: FleetConfig) -> World:
    """A world in which a little of everything has happened."""
    world = World(campus, fleet, ROBOTS)
    for _ in world.run(3):
        pass
    world.do(c.SubmitTask("patrol", {"places": ["library", "canteen"], "rounds": 2}))
    world.do(c.SubmitTask("clean", {"zone": "plaza_a_west"}))
    world.do(c.SubmitTask("charge", {"robot": "safety_2"}))
    world.do(c.RaiseIncident("spill", "wet floor", place="library"))
    world.do(AddClosure(lanes=("lane_bridge_1_0",), reason="works", by="ana"))
    world.do(SetWeather((Weather.RAIN,), by="ana"))
    for _ in world.run(90):
        pass
    world.robots["security_1"].reboot()
    for _ in world.run(30):
        pass
    return world


def test_a_thawed_state_is_the_replayed_one_and_goes_on_like_it(
    campus: Campus, fleet: FleetConfig
) -> None:
    world = lived(campus, fleet)
    site = world.gate.site
    whole = world.replayed()
    events = [world.gate_decoded(event) for event in world.events]
    assert len(events) > 60
    state = world.gate.initial()
    for number, event in enumerate(events, start=1):
        world.gate.apply(state, event)
        if number % 7 and number != len(events):
            continue
        thawed = thaw(freeze(state), site, world.gate.library)
        assert as_bytes(thawed) == as_bytes(state), f"after event {number}"
        assert list(thawed.tasks) == list(state.tasks)
        assert list(thawed.held) == list(state.held)
        for robot in fleet.robots:
            assert thawed.restricted(robot) == state.restricted(robot)
        for later in events[number:]:
            world.gate.apply(thawed, later)
        assert as_bytes(thawed) == as_bytes(whole), f"from event {number} on"
        assert msgspec.json.encode(thawed.logged()) == msgspec.json.encode(whole.logged())


def test_both_states_decide_the_same(campus: Campus, fleet: FleetConfig) -> None:
    world = lived(campus, fleet)
    thawed = world.gate.thawed(world.gate.frozen(world.state)())
    thawed.telemetry = world.state.telemetry
    for command in (c.Tick(), c.SubmitTask("inspect", {"place": "clinic"}), c.StartManager(2)):
        assert outcome(world, thawed, command) == outcome(world, world.state, command)


def outcome(world: World, state: FleetState, command: c.Command) -> object:
    """The events, or the refusal."""
    try:
        return world.gate.decide(state, command, world.now_s)
    except CampusFleetError as refusal:
        return str(refusal)


def test_every_field_of_the_state_is_stored_or_follows_from_others() -> None:
    names = {each.name for each in fields(FleetState)}
    assert set(stored_names()) | NOT_STORED == names
    assert {"site", "sites", "telemetry", "restrictions"} == NOT_STORED


def test_infinity_and_numbers_of_all_digits_survive(campus: Campus, fleet: FleetConfig) -> None:
    world = World(campus, fleet, ROBOTS)
    world.state.docks_out["dock"] = math.inf
    world.state.inspected["asset"] = Inspection(0.1 + 0.2, {"n": 1.0, "i": 1, "list": [1e-300]})
    thawed = thaw(freeze(world.state), world.gate.site, world.gate.library)
    assert thawed.docks_out == {"dock": math.inf}
    assert thawed.inspected == world.state.inspected
    assert isinstance(thawed.inspected["asset"].result["i"], int)


def test_another_fleet_or_map_has_another_form(campus: Campus, fleet: FleetConfig) -> None:
    policy = replace(fleet.policy, reserve=fleet.policy.reserve / 2)
    form = FleetGate(campus, fleet).form
    assert FleetGate(campus, fleet).form == form
    assert FleetGate(campus, replace(fleet, policy=policy)).form != form
