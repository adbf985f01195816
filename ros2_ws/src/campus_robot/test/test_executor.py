"""Actions are carried out at their nodes, once, and reported as they go."""

from __future__ import annotations

import json
import math

import pytest
from robot_world import World, action, order

from campus_robot.battery import Battery
from campus_robot.executor import Run, Status
from campus_robot.instant import InstantAction, InstantActions
from campus_robot.order import Action

SWEEP = [[3, 1], [9, 1], [9, 1.6], [3, 1.6], [3, 2.2], [9, 2.2]]
SWEEP_M = 6 * 3 + 0.6 * 2


def clean(action_id: str = "c", from_m: float = 0.0) -> Action:
    return action(
        action_id,
        "clean_zone",
        zone_id='"lawn"',
        path=json.dumps(SWEEP),
        brush_width_m="0.7",
        from_m=json.dumps(from_m),
    )


def inspect(x_m: float, y_m: float) -> Action:
    return action(
        "i",
        "inspect_asset",
        asset_id='"x1"',
        asset_kind='"extinguisher"',
        x_m=json.dumps(x_m),
        y_m=json.dumps(y_m),
        dwell_s="1.0",
    )


def instant(action_id: str, action_type: str, **parameters: str) -> InstantActions:
    texts = {name: json.dumps(value) for name, value in parameters.items()}
    return InstantActions("r1", 1, (InstantAction(action_id, action_type, texts),))


def run(world: World, action_id: str) -> Run:
    return world.robot.executor.runs[action_id]


def test_dwells_at_each_place_in_turn() -> None:
    world = World()
    stops = {
        i: (action(f"p{i}", "patrol_point", dwell_s="2", place=f'"gate {i}"'),) for i in (1, 2)
    }
    world.tick(orders=[order([(0, 0), (4, 0), (8, 0)], actions=stops)])
    world.until(lambda: run(world, "p1").status is Status.RUNNING, 20)
    assert run(world, "p2").status is Status.WAITING
    assert world.pose.x_m == pytest.approx(4, abs=0.1)
    stood_s = world.until(lambda: run(world, "p1").status is Status.FINISHED, 5)
    assert stood_s == pytest.approx(2.0, abs=0.15)
    world.until(lambda: world.idle, 20)
    assert json.loads(run(world, "p2").result_json) == {"place": "gate 2"}
    assert run(world, "p2").progress == 1.0


def test_sweeps_a_zone_with_the_brush_on_its_path_only() -> None:
    world = World()
    world.tick(orders=[order([(0, 0), (2, 0)], actions={1: (clean(),)})])
    world.until(lambda: world.idle, 120)
    assert json.loads(run(world, "c").result_json) == {
        "covered_m": pytest.approx(SWEEP_M),
        "path_m": pytest.approx(SWEEP_M),
    }
    assert math.hypot(world.pose.x_m - 2, world.pose.y_m) < 0.1
    for i in range(101):
        for y in (1.0, 1.6, 2.2):
            x = 3 + 6 * i / 100
            nearest = min(math.hypot(p.x_m - x, p.y_m - y) for p in world.brushed)
            assert nearest < 0.1
    assert all(0.9 < p.y_m < 2.3 and 2.9 < p.x_m < 9.1 for p in world.brushed)


def test_cleaning_goes_on_where_another_left_off() -> None:
    world = World()
    world.tick(orders=[order([(0, 0), (2, 0)], actions={1: (clean(from_m=12.6),)})])
    world.until(lambda: world.idle, 60)
    assert all(p.y_m > 1.5 for p in world.brushed)
    assert json.loads(run(world, "c").result_json)["covered_m"] == pytest.approx(SWEEP_M)


def test_cancel_inside_a_zone_keeps_what_was_covered() -> None:
    world = World()
    world.tick(orders=[order([(0, 0), (2, 0)], actions={1: (clean(),)})])
    world.until(lambda: run(world, "c").progress > 0.5, 60)
    world.tick(instants=[instant("x", "cancel_order", order_id="o1")])
    assert not world.idle
    world.until(lambda: world.idle, 5)
    assert abs(world.v) < 1e-6
    assert run(world, "c").status is Status.FAILED
    covered = json.loads(run(world, "c").result_json)["covered_m"]
    assert SWEEP_M / 2 < covered < SWEEP_M / 2 + 2


@pytest.mark.parametrize(
    ("discs", "seen"),
    [
        ([], True),
        ([(4.0, 5.0, 0.4)], True),  # the wall that carries it
        ([(4.0, 2.0, 0.4)], False),  # a pillar half way
    ],
)
def test_inspects_an_asset(discs: list[tuple[float, float, float]], seen: bool) -> None:
    world = World()
    world.discs = discs
    world.tick(orders=[order([(0, 0), (4, 0)], actions={1: (inspect(4.0, 4.8),)})])
    world.until(lambda: world.idle, 30)
    result = json.loads(run(world, "i").result_json)
    assert (result["asset_id"], result["seen"]) == ("x1", seen)
    assert result["stamp_s"] == pytest.approx(world.now_s, abs=0.5)
    assert world.pose.theta_rad == pytest.approx(math.pi / 2, abs=0.1)


def charge(target: float = 0.9, interruptible: float = 0.5) -> Action:
    return action(
        "ch",
        "charge",
        target_soc=json.dumps(target),
        interruptible_soc=json.dumps(interruptible),
    )


def test_charges_to_its_target() -> None:
    world = World()
    world.battery = Battery(0.3, 48.0, 8.0, charging=True)
    world.tick(orders=[order([(0, 0)], actions={0: (charge(),)})])
    world.ticks(100)
    assert run(world, "ch").status is Status.RUNNING
    world.battery = Battery(0.9, 48.0, 8.0, charging=True)
    world.until(lambda: world.idle, 1)
    assert json.loads(run(world, "ch").result_json) == {"state_of_charge": 0.9}


@pytest.mark.parametrize(("charge_now", "status"), [(0.4, "FAILED"), (0.6, "FINISHED")])
def test_a_charge_may_be_cut_short_once_interruptible(charge_now: float, status: str) -> None:
    world = World()
    world.battery = Battery(charge_now, 48.0, 8.0, charging=True)
    world.tick(orders=[order([(0, 0)], actions={0: (charge(),)})])
    world.ticks(10)
    world.tick(instants=[instant("x", "cancel_order")])
    world.until(lambda: world.idle, 1)
    assert run(world, "ch").status == status


def test_a_dock_without_energy_fails_the_charge() -> None:
    world = World()
    world.battery = Battery(0.4)
    world.tick(orders=[order([(0, 0)], actions={0: (charge(),)})])
    world.until(lambda: world.idle, 70)
    assert run(world, "ch").status is Status.FAILED
    assert "energy" in run(world, "ch").description


def test_a_finished_action_id_is_not_carried_out_again() -> None:
    world = World()
    stop = {0: (action("p", "patrol_point", dwell_s="5", place='"gate"'),)}
    world.tick(orders=[order([(0, 0)], actions=stop)])
    world.until(lambda: world.idle, 10)
    world.tick(orders=[order([(0, 0)], order_id="o2", actions=stop)])
    world.until(lambda: world.idle, 1)
    assert run(world, "p").status is Status.FINISHED
    assert json.loads(run(world, "p").result_json) == {"place": "gate"}
