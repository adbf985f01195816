"""The fast simulation: figures by hand, days on a campus, the same again from the same seed."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import msgspec
import pytest

from fleet_manager.adapters.maps.standing_file import load_standing
from fleet_manager.adapters.sim import demand
from fleet_manager.adapters.sim.demand import Spell
from fleet_manager.adapters.sim.figures import figures
from fleet_manager.adapters.sim.plots.gantt import gantt
from fleet_manager.adapters.sim.plots.heat import heat_map
from fleet_manager.adapters.sim.plots.responses import response_plot
from fleet_manager.adapters.sim.plots.sheet import write
from fleet_manager.adapters.sim.simulate import simulate
from fleet_manager.adapters.sim.world import LATENCY_S, World
from fleet_manager.core.campus import Campus
from fleet_manager.core.campus_geojson import campus_from_geojson
from fleet_manager.core.config import BatterySpec, FleetConfig, KindSpec, Policy, RobotSpec
from fleet_manager.core.errors import InvalidRequest
from fleet_manager.core.fleet_size import resized
from fleet_manager.core.programme import ProgrammeSpec, SiteSpec, Window
from fleet_manager.core.recurrence import Recurrence
from fleet_manager.core.requests import PATROL_DWELL_S
from fleet_manager.core.scenario import (
    DAY_S,
    NO_WORK,
    QUIET,
    ClosureSpell,
    Mishap,
    Mishaps,
    Scenario,
    TimedRequest,
)
from tests.unit.campus_documents import Json, find, tiny_document

SPEED, ACCELERATION, TURN_RATE = 1.5, 0.8, 1.2
IDLE_W, DRIVE_W = 36.0, 60.0


def tiny(mass_kg: float = 0.0, document: Json | None = None, **changes: object) -> World:
    """A robot at the dock of the tiny campus, in a scenario that begins with nothing."""
    campus = campus_from_geojson(tiny_document() if document is None else document)
    battery = BatterySpec(800.0, IDLE_W, DRIVE_W, 0.0, 400.0)
    skills = frozenset({"patrol", "go_to", "charge"})
    moves = (0.45, SPEED, ACCELERATION, TURN_RATE)
    kind = KindSpec("guard", skills, *moves, battery, mass_kg=mass_kg)
    robots = {"guard_1": RobotSpec("guard_1", "guard", "dock")}
    fleet = FleetConfig("tiny", {"guard": kind}, robots, Policy())
    return simulate(campus, fleet, NO_WORK, msgspec.structs.replace(QUIET, **changes), seed=1)


def to_the_bay_s() -> float:
    """From the dock at (40, 4) over (40, 0) and (0, 0) to the bay at (0, 4), by hand.

    The robot stands with its back to the lane: it turns by half a circle on the spot, at 0.8 of its
    rate and with 0.3 s for the last degrees, and loses half of v/a until it is at full speed, and
    of v/(0.75 a) and 0.15 s to stop. In a square corner it follows an arc with 2/0.55 of
    curvature at 0.8 of its turn rate: it slows down to that and up again, and drives 0.7 of 0.3 m
    so slowly.
    """
    turn_s = math.pi / (0.8 * TURN_RATE) + 0.3
    ramps_s = SPEED / ACCELERATION / 2 * (1 + 1 / 0.75) + 0.15
    slow = 0.8 * TURN_RATE / (2 / 0.55)
    corner_s = (SPEED - slow) ** 2 / (2 * SPEED) * (1 + 1 / 0.75) / ACCELERATION
    corner_s += 0.7 * 0.3 * (1 / slow - 1 / SPEED)
    return turn_s + ramps_s + 2 * corner_s + (4 + 40 + 4) / SPEED


def test_the_time_to_a_place_is_what_it_is_by_hand() -> None:
    task = TimedRequest(0.5, "go_to", {"place": "bay"})
    found = figures(tiny(days=1 / 24, tasks=(task,)))
    assert found["tasks"]["by_status"] == {"completed": 1}
    reached_s = to_the_bay_s() + LATENCY_S
    assert found["response"]["go_to"]["max_s"] == pytest.approx(reached_s, abs=0.1)


def test_driven_way_and_energy_are_what_they_are_by_hand() -> None:
    """48 m there, a minute of standing, 48 m home; at the dock the battery is charged."""
    task = TimedRequest(0.5, "go_to", {"place": "bay"})
    world = tiny(days=1 / 24, tasks=(task,))
    found = figures(world)
    assert found["driven"]["km"] == pytest.approx(0.096)
    away_s = DAY_S / 24 - world.record.spent("guard_1", world.end_s)["idle"]
    driving_wh = DRIVE_W * 96 / 3600
    least_wh = driving_wh + IDLE_W * 96 / SPEED / 3600
    most_wh = driving_wh + IDLE_W * (away_s + 120) / 3600
    assert least_wh < found["energy"]["used_kwh"] * 1000 < most_wh


@pytest.mark.parametrize(
    ("mass_kg", "more_j"),
    [
        (100.0, 100.0 * 9.81 * 0.4 * (1 / 0.8 - 0.8)),
        (1000.0, 1000.0 * 9.81 * 0.4 / 0.8 - DRIVE_W * 20.0),
    ],
)
def test_a_slope_costs_its_height_and_gives_back_less(mass_kg: float, more_j: float) -> None:
    """Of the way 20 m slope by 2 %: 0.4 m down and later up.

    A heavy robot rolls down without any power at all, and no more is given back than that.
    """
    task = TimedRequest(0.5, "go_to", {"place": "bay"})
    level, sloping = (tiny(mass, days=1 / 24, tasks=(task,)) for mass in (0.0, mass_kg))
    for world in (level, sloping):
        world.robots["guard_1"].settle(world.now_s)
    used_wh = [world.robots["guard_1"].battery.used_wh for world in (level, sloping)]
    assert (used_wh[1] - used_wh[0]) * 3600.0 == pytest.approx(more_j, rel=1e-3)


def test_what_a_robot_draws_on_slopes_is_not_taken_for_a_fault_of_its_battery() -> None:
    """Up and down 1 m all day: without the slope the model would be a third below."""
    document = tiny_document()
    find(document, "west-middle")["properties"]["slope"] = 0.05
    trips = range(300)
    tasks = tuple(
        TimedRequest(each * 0.012, "go_to", {"place": "bay" if each % 2 else "work"})
        for each in trips
    )
    world = tiny(400.0, document, days=3.7 / 24, tasks=tasks)
    known = world.state.robot("guard_1").consumption
    assert known.stretches >= 5
    assert known.factor == pytest.approx(1.0, abs=0.03)


def test_what_a_robot_draws_on_sweeps_is_reckoned_by_the_way_and_not_straight(
    campus: Campus, fleet: FleetConfig
) -> None:
    """Between two reports a sweep may turn back to where it was, and has taken its energy."""
    zones = ("garden_a", "plaza_a_west", "plaza_a_east", "depot_apron_a")
    tasks = tuple(
        TimedRequest(0.01 * each, "clean", {"zone": zone, "robot": "cleaning_1"})
        for each, zone in enumerate(zones)
    )
    quiet = msgspec.structs.replace(QUIET, days=0.12, tasks=tasks)
    known = simulate(campus, fleet, NO_WORK, quiet, 1).state.robot("cleaning_1").consumption
    assert known.stretches >= 5
    assert known.factor == pytest.approx(1.0, abs=0.05)


def test_a_robot_that_is_held_up_draws_for_its_way_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten minutes of standing on the way cost what is always on, and no driving."""
    task = TimedRequest(0.5, "go_to", {"place": "bay"})
    free = tiny(days=1 / 24, tasks=(task,))
    held_s = 600.0
    monkeypatch.setattr(
        demand, "spells", lambda *span: [Spell(span[3] + 1810.0, "guard_1", "stops", held_s)]
    )
    held = tiny(days=1 / 24, tasks=(task,))
    for world in (free, held):
        world.robots["guard_1"].settle(world.now_s)
    used_wh = [world.robots["guard_1"].battery.used_wh for world in (free, held)]
    assert (used_wh[1] - used_wh[0]) * 3600.0 == pytest.approx(IDLE_W * held_s, rel=0.02)


def test_idleness_counts_gaps_before_between_and_after_visits() -> None:
    """The place is visited at T1 and T2 of an hour: the worst gap and the mean of gap²/2T.

    The gap begins when the robot has stayed there.
    """
    tasks = tuple(TimedRequest(at_h, "patrol", {"places": ["bay"]}) for at_h in (0.25, 0.75))
    idle = figures(tiny(days=1 / 24, tasks=tasks))["idleness"]
    first_s, second_s = (900 + to_the_bay_s(), 2700 + to_the_bay_s())
    gaps = (first_s, second_s - first_s - PATROL_DWELL_S, 3600 - second_s - PATROL_DWELL_S)
    assert idle["sites"] == 1
    assert idle["worst_s"] == pytest.approx(max(gaps), abs=0.2)
    average_s = sum(gap * gap for gap in gaps) / 2 / 3600
    assert idle["average_s"] == pytest.approx(average_s, abs=0.5)


def test_places_of_a_programme_count_in_its_hours_alone_each_time_anew() -> None:
    """It runs from two to three; the robot goes to the bay and stays there. By all hours the bay
    waits for two hours before and for what is left of the night."""
    nightly = Recurrence("FREQ=DAILY;BYHOUR=2;BYMINUTE=0;BYSECOND=0", "UTC", date(2020, 1, 1))
    watch = ProgrammeSpec(
        "watch", "Watch", "UTC", (SiteSpec("bay"),), promise_s=1200.0, window=Window(nightly, 3600)
    )
    world = tiny(days=0.5, start=datetime(2026, 3, 2), programmes=(watch,))
    idle = figures(world)["idleness"]
    assert idle["sites"] == 1
    assert to_the_bay_s() <= idle["worst_s"] <= 1200.0
    closed = world.record.visits["bay"].closed(world.now_s)
    assert closed[0] >= 7200.0


def test_a_task_that_nobody_begins_counts_with_its_age() -> None:
    """The way to the bay is closed: the robot can never begin."""
    task = TimedRequest(0.5, "go_to", {"place": "bay"})
    closed = ClosureSpell(0.0, 5.0, lanes=("west-bay",))
    found = figures(tiny(days=1 / 24, tasks=(task,), closures=(closed,)))
    row = found["response"]["go_to"]
    assert (row["asked"], row["begun"], row["not_begun"]) == (1, 0, 1)
    assert row["max_s"] == pytest.approx(1800.0)


def test_a_robot_that_falls_silent_finishes_its_task_afterwards() -> None:
    task = TimedRequest(0.1, "patrol", {"places": ["bay"] * 30, "rounds": 1, "dwell_s": 60.0})
    mishaps = Mishaps(Mishap(), Mishap(), Mishap(60.0, 30.0, 60.0), Mishap(60.0, 20.0, 40.0))
    world = tiny(days=0.2, tasks=(task,), mishaps=mishaps)
    assert figures(world)["tasks"]["by_status"].get("completed", 0) >= 1
    assert world.record.raised["robot_silent"] >= 1


def test_a_day_on_a_campus_serves_it(campus: Campus, fleet: FleetConfig, root: Path) -> None:
    """A quarter of a day with work, delays, silence and incidents: nothing is left behind."""
    standing = load_standing(root / "maps/canalside", campus)
    world = simulate(campus, fleet, standing, Scenario(days=0.25), seed=3)
    found = figures(world)
    assert found["standstills"]["unresolved"] == 0, found["standstills"]
    assert found["batteries"]["empty"] == []
    begun = sum(row["begun"] for row in found["response"].values())
    asked = sum(row["asked"] for row in found["response"].values())
    assert asked > 10
    assert begun >= 0.8 * asked
    for shares in found["use"].values():
        parts = ("work", "to work", "wait", "move", "charge", "idle", "absent")
        assert sum(shares[part] for part in parts) == pytest.approx(1.0, abs=0.001)


SCRIPT = """
import json
from pathlib import Path
from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.adapters.maps.standing_file import load_standing
from fleet_manager.adapters.sim.figures import figures
from fleet_manager.adapters.sim.simulate import simulate
from fleet_manager.core.scenario import Scenario
folder = Path("maps/canalside")
campus = load_campus(folder)
fleet = load_fleet(folder, campus)
standing = load_standing(folder, campus)
print(json.dumps(figures(simulate(campus, fleet, standing, Scenario(days=0.05), seed=7))))
"""


def test_the_same_seed_gives_the_same_to_the_byte_in_another_process(root: Path) -> None:
    """Also where Python hashes strings otherwise, so that no set's order shows."""
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": salt, "PYTHONPATH": str(root)},
            stdout=subprocess.PIPE,
        )
        for salt in ("1", "2")
    ]
    told = [run.communicate()[0] for run in runs]
    assert json.loads(told[0])["work_of_core"]["decisions"] > 50
    assert told[0] == told[1]


def test_a_larger_fleet_has_the_kinds_of_the_file_and_docks_of_its_own(
    campus: Campus, fleet: FleetConfig
) -> None:
    larger = resized(fleet, campus, 14)
    assert set(fleet.robots) < set(larger.robots)
    homes = [each.home for each in larger.robots.values()]
    assert len(set(homes)) == 14
    smaller = resized(fleet, campus, 3)
    assert sorted(each.kind for each in smaller.robots.values()) == [
        "cleaning",
        "safety",
        "security",
    ]
    with pytest.raises(InvalidRequest, match="14 docks"):
        resized(fleet, campus, len(campus.bays))
    shared = resized(fleet, campus, 16)
    assert sum(not each.home for each in shared.robots.values()) == 2
    with pytest.raises(InvalidRequest, match="no kind flying"):
        resized(fleet, campus, {"flying": 1})


def test_plots_of_a_day_are_written_as_png_and_svg_and_are_the_same_again(tmp_path: Path) -> None:
    tasks = tuple(TimedRequest(at_h, "patrol", {"places": ["bay"]}) for at_h in (0.25, 0.75))
    world = tiny(days=1 / 24, tasks=tasks)
    written = {}
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        for name, figure in (
            ("idleness", heat_map(world.site.campus, world.record, world.now_s)),
            ("responses", response_plot(world.record, world.now_s)),
            ("day", gantt(world.site, world.record, world.now_s)),
        ):
            files = write(figure, folder, name)
            written[folder.name, name] = [file.read_bytes() for file in files]
            assert written[folder.name, name][0].startswith(b"\x89PNG")
            assert b"</svg>" in written[folder.name, name][1]
    for name in ("idleness", "responses", "day"):
        assert written["one", name] == written["two", name]


def test_plots_of_a_day_without_work_are_empty_not_broken() -> None:
    world = tiny(days=1 / 24)
    heat_map(world.site.campus, world.record, world.now_s)
    response_plot(world.record, world.now_s)
    gantt(world.site, world.record, world.now_s)
