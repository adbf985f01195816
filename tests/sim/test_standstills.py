"""A simulation tells of robots that do not get on, who blocks whom, and since when: all of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
from typer.testing import CliRunner

from fleet_manager import cli_sim
from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.adapters.sim import demand, standstills
from fleet_manager.adapters.sim.demand import Spell
from fleet_manager.adapters.sim.doing import Doing
from fleet_manager.adapters.sim.figures import figures
from fleet_manager.adapters.sim.record import Record
from fleet_manager.adapters.sim.robot import SimRobot
from fleet_manager.adapters.sim.simulate import simulate
from fleet_manager.adapters.sim.standstills import PATIENCE_S, Standstills
from fleet_manager.core.decisions.blocked import TOLD_AFTER_S
from fleet_manager.core.incident import TRAFFIC_BLOCKED, IncidentStatus
from fleet_manager.core.scenario import DAY_S, NO_WORK, QUIET, Scenario, TimedRequest
from fleet_manager.core.site import Site
from fleet_manager.core.state import FleetState
from fleet_manager.core.traffic.standstill import Waiting
from tests.unit.campus_documents import find, lane, tiny_document, waypoint

STOPS_AT_S, STANDS_FOR_S = 12.0, 3600.0
TURNED_ROUND_S = 30.0
"""By then guard_1 is known to be silent, and guard_2 is back in the bay behind it."""
"""guard_1 leaves its dock at 2 s and is on the 20 m of street to the west 4 m later."""
TASKS = (
    TimedRequest(0.0, "go_to", {"place": "spare", "robot": "guard_1"}),
    TimedRequest(0.0, "go_to", {"place": "bay", "robot": "guard_2"}),
)


FLEET = {
    "fleet": "tiny",
    "kinds": {
        "guard": {
            "skills": ["go_to", "charge"],
            "footprint_radius_m": 0.45,
            "max_speed_mps": 1.5,
            "max_acceleration_mps2": 0.8,
            "max_turn_rate_radps": 1.2,
            "battery": {
                "capacity_wh": 800,
                "idle_w": 36,
                "drive_w_per_mps": 60,
                "tool_w": 0,
                "charge_w": 400,
            },
            "brush_width_m": None,
        }
    },
    "robots": [
        {"name": "guard_1", "kind": "guard", "home": "work"},
        {"name": "guard_2", "kind": "guard", "home": "dock"},
    ],
    "policy": {},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The tiny street, its only way west; guard_1 lives in its middle, guard_2 at its east end."""
    document = tiny_document()
    spare = waypoint("spare", -4, 0, "bay")
    document["features"] += [spare, lane(find(document, "west"), spare)]
    find(document, "work")["properties"]["role"] = "dock"
    (tmp_path / "campus.geojson").write_text(json.dumps(document))
    (tmp_path / "fleet.yaml").write_text(json.dumps(FLEET))
    return tmp_path


@pytest.fixture
def site(folder: Path) -> Site:
    campus = load_campus(folder)
    return Site(campus, load_fleet(folder, campus))


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """guard_1 restarts in the middle of the street, and is not heard for an hour."""
    monkeypatch.setattr(
        demand,
        "spells",
        lambda *span: [Spell(span[3] + STOPS_AT_S, "guard_1", "reboots", STANDS_FOR_S)],
    )


def blocked(seconds: float) -> Scenario:
    return msgspec.structs.replace(QUIET, days=seconds / DAY_S, tasks=TASKS)


@pytest.mark.usefixtures("stopped")
def test_a_robot_behind_one_that_stands_in_the_street_is_told_with_who_blocks_it(
    site: Site,
) -> None:
    world = simulate(site.campus, site.fleet, NO_WORK, blocked(1800.0), 1)
    told = figures(world)["standstills"]
    assert (told["count"], told["circles"], told["unresolved"]) == (1, 0, 1)
    assert told["unresolved_robots"] == ["guard_2"]
    (still,) = told["list"]
    assert still["blocked_by"] == {"guard_2": ["guard_1"]}
    assert "guard_1 (offline) in the way" in still["waits_for"]["guard_2"]
    assert still["tasks"]["guard_2"] == "go_to-2"
    assert STOPS_AT_S < still["since_s"] < STOPS_AT_S + TURNED_ROUND_S
    assert still["until_s"] is None


@pytest.mark.usefixtures("stopped")
def test_people_are_told_once_who_blocks_whom_until_nobody_waits(site: Site) -> None:
    world = simulate(site.campus, site.fleet, NO_WORK, blocked(STANDS_FOR_S + 600.0), 1)
    told = [each for each in world.state.incidents.values() if each.kind == TRAFFIC_BLOCKED]
    assert [each.title for each in told] == ["guard_1 is offline in the way of guard_2"]
    (alert,) = told
    assert alert.robot == "guard_1"
    assert alert.status is IncidentStatus.RESOLVED
    raised_s = alert.raised_s - world.record.start_s
    assert STOPS_AT_S + TOLD_AFTER_S < raised_s < STOPS_AT_S + TOLD_AFTER_S + TURNED_ROUND_S
    assert alert.timeline[-1].time_s - alert.raised_s > STANDS_FOR_S - 120.0


@pytest.mark.usefixtures("stopped")
def test_a_standstill_that_ends_has_an_end_and_the_tasks_are_done(site: Site) -> None:
    world = simulate(site.campus, site.fleet, NO_WORK, blocked(STANDS_FOR_S + 600.0), 1)
    found = figures(world)
    (still,) = found["standstills"]["list"]
    assert found["standstills"]["unresolved"] == 0
    heard_s = STOPS_AT_S + STANDS_FOR_S
    assert heard_s < still["until_s"] < heard_s + 180.0
    assert found["tasks"]["by_status"] == {"completed": 2}


@pytest.mark.usefixtures("stopped")
def test_fleet_sim_prints_who_waits_for_whom(folder: Path) -> None:
    scenario = folder / "blocked.json"
    scenario.write_bytes(msgspec.json.encode(blocked(1800.0)))
    done = CliRunner().invoke(cli_sim.app, ["--map", str(folder), "--scenario", str(scenario)])
    assert done.exit_code == 0, done.output
    printed = " ".join(done.stdout.split())
    assert "1 standstill, 0 of them circles, 1 not resolved" in printed
    assert re.search(r"guard_2 \(go_to-2\) from \d+ s for ever: waits for", printed)
    assert "guard_1 (offline) in the way" in printed


def test_robots_that_wait_for_each_other_are_told_as_one_circle(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The traffic rules allow none: two robots head to head are planted."""
    waits = {
        "guard_1": Waiting("guard_1", "middle, which guard_2 holds", ("guard_2",)),
        "guard_2": Waiting("guard_2", "west, which guard_1 holds", ("guard_1",)),
    }
    monkeypatch.setattr(standstills, "waiting", lambda _, robot: waits[robot])
    record = Record(site, 0.0)
    watch = Standstills(record)
    robots: dict[str, Any] = {
        name: SimpleNamespace(name=name, silent=False, doing=Doing.WAITING) for name in waits
    }
    records = {name: SimpleNamespace(movement=object(), task_id=f"of {name}") for name in waits}
    state = cast(FleetState, SimpleNamespace(robots=records))
    for now_s in range(0, int(PATIENCE_S) + 200, 30):
        watch.watch(state, cast(dict[str, SimRobot], robots), float(now_s))
    (still,) = record.standstills
    assert still.circle
    assert still.robots == ("guard_1", "guard_2")
    assert still.blocked_by == {"guard_1": ("guard_2",), "guard_2": ("guard_1",)}
    assert still.until_s is None
    robots["guard_1"].doing = Doing.DRIVING
    watch.watch(state, cast(dict[str, SimRobot], robots), PATIENCE_S + 300.0)
    assert still.until_s == PATIENCE_S + 300.0
