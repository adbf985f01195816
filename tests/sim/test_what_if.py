"""What-if: statistics by hand, equal scenarios, an obvious difference, studies that go on."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from fleet_manager.adapters.maps.scenario_file import load_scenario
from fleet_manager.adapters.sim.comparison import NONE_SEEN, compared, difference
from fleet_manager.adapters.sim.study import Results, Study, run_all
from fleet_manager.adapters.sim.what_if import what_if
from fleet_manager.core.config import BatterySpec, FleetConfig, KindSpec, Policy, RobotSpec
from fleet_manager.core.errors import CampusFleetError, InvalidRequest, MapFileError
from fleet_manager.core.scenario import NO_MISHAPS, ClosureSpell, Incidents, Requests, Scenario
from tests.unit.campus_documents import tiny_document

USUAL = Scenario(
    name="usual",
    days=0.1,
    requests=Requests(0.0, 0.0, 0.0, 0.0, visits_per_hour=6.0),
    incidents=Incidents(per_day=0.0),
    mishaps=NO_MISHAPS,
)
SLOW = Scenario(
    name="road works",
    days=0.1,
    requests=USUAL.requests,
    incidents=USUAL.incidents,
    mishaps=NO_MISHAPS,
    closures=(ClosureSpell(0.0, 5.0, lanes=("middle-east",), speed_limit_mps=0.2),),
)


@pytest.fixture(scope="module")
def study() -> Study:
    """A robot on the tiny campus."""
    battery = BatterySpec(800.0, 36.0, 60.0, 0.0, 400.0)
    skills = frozenset({"patrol", "go_to", "charge"})
    kind = KindSpec("guard", skills, 0.45, 1.5, 0.8, 1.2, battery)
    robots = {"guard_1": RobotSpec("guard_1", "guard", "dock")}
    fleet = FleetConfig("tiny", {"guard": kind}, robots, Policy())
    return Study(json.dumps(tiny_document()).encode(), fleet, {})


def test_the_interval_is_that_of_the_paired_t_test() -> None:
    """Differences 1, 1, 2: mean 4/3, standard error 1/3; t(0.975, 2) is 4.3027, t is 4."""
    found = difference([1.0, 2.0, 3.0], [2.0, 3.0, 5.0])
    assert found.mean == pytest.approx(4 / 3)
    assert found.high - found.mean == pytest.approx(4.3027 / 3, abs=1e-4)
    assert found.p == pytest.approx(0.0572, abs=1e-4)
    assert (found.first, found.second, found.seeds) == (2.0, pytest.approx(10 / 3), 3)


def test_verdicts_count_how_many_measures_are_looked_at() -> None:
    """t = 1 / (1.05 √(8/7) / √8) = 2.52, p = 0.04: enough alone; with another Holm asks 0.025."""
    low, high = -1.0, 1.0
    first = [{"driven.km": 0.0, "energy.used_kwh": 0.0} for _ in range(8)]
    noise = [1.0 + 1.05 * (low if n % 2 else high) for n in range(8)]
    alone = [{"driven.km": each} for each in noise]
    (row,) = compared([{"driven.km": 0.0}] * 8, alone)
    assert 0.025 < row["p"] <= 0.05
    assert row["verdict"] == "worse"
    both = [
        {"driven.km": each, "energy.used_kwh": high if n % 2 else low}
        for n, each in enumerate(noise)
    ]
    assert {row["verdict"] for row in compared(first, both)} == {NONE_SEEN}


def test_equal_scenarios_do_not_differ_and_are_run_once(study: Study) -> None:
    results = Results(None)
    found = what_if(study, USUAL, USUAL, range(1, 5), results)
    assert len(results.runs) == 4
    assert {row["verdict"] for row in found["measures"]} == {NONE_SEEN}
    assert all(row["difference"] == 0.0 for row in found["measures"])


def test_slower_roads_are_seen_to_be_worse(study: Study) -> None:
    found = what_if(study, USUAL, SLOW, range(1, 9))
    rows = {row["measure"]: row for row in found["measures"]}
    waits = rows["response.go_to.mean_s"]
    assert waits["verdict"] == "worse"
    assert 0.0 < waits["low"] < waits["difference"] < waits["high"]
    assert waits["seeds"] == 8


def test_both_scenarios_meet_the_same_requests(study: Study) -> None:
    one, other = run_all(study, (USUAL, SLOW), [5], Results(None))
    asked = [run["response"]["go_to"]["asked"] for run in (one[0], other[0])]
    assert asked[0] == asked[1] > 5


def test_a_study_goes_on_where_it_was(study: Study, tmp_path: Path) -> None:
    file = tmp_path / "runs.json"
    run_all(study, (USUAL,), [1, 2], Results(file))
    kept = json.loads(file.read_text())
    for run in kept["runs"].values():
        run["refused"] = {"marked by the test": 1}
    file.write_text(json.dumps(kept))
    told: list[float] = []
    (runs,) = run_all(study, (USUAL,), [1, 2, 3], Results(file), progress=told.append)
    assert [bool(run["refused"]) for run in runs] == [True, True, False]
    assert told[0] == pytest.approx(2 / 3)
    assert told[-1] == pytest.approx(1.0)


def test_processes_give_the_same_as_one(study: Study) -> None:
    alone = run_all(study, (USUAL, SLOW), [1, 2], Results(None))
    assert run_all(study, (USUAL, SLOW), [1, 2], Results(None), processes=2) == alone


def test_what_cannot_be_compared_is_refused_with_the_reason(study: Study, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="seeds"):
        what_if(study, USUAL, SLOW, [1])
    longer = Scenario(name="longer", days=2.0)
    with pytest.raises(InvalidRequest, match="not over the same days"):
        what_if(study, USUAL, longer, [1, 2])
    none = tmp_path / "runs.json"
    none.write_text("[]")
    with pytest.raises(CampusFleetError, match="no runs of a study"):
        Results(none)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("days: -1", "days is -1"),
        ("dayz: 1", "dayz"),
        ("robots: many", "robots"),
        ("mishaps: {stops: {per_robot_day: 1, least_s: 50, most_s: 5}}", "most_s"),
        ("closures: [{from_h: 3, until_h: 1, lanes: [a]}]", "until_h"),
        ("requests: {patrols_per_hour: .nan}", "patrols_per_hour"),
    ],
)
def test_a_scenario_file_with_a_fault_is_refused_naming_it(
    text: str, problem: str, tmp_path: Path
) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(text)
    with pytest.raises(MapFileError, match=problem) as refused:
        load_scenario(file)
    assert str(file) in str(refused.value)
    assert refused.value.remedy


def test_a_scenario_file_says_everything(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(
        """
name: one more robot
days: 2
start: 2026-03-02T06:00:00
robots: {security: 5, cleaning: 4}
policy: {charge_below: 0.4}
schedules: false
requests: {patrols_per_hour: 2, spills_per_hour: 0}
incidents: {per_day: 12}
mishaps: {silent: {per_robot_day: 1, least_s: 10, most_s: 60}, consumption: 0.3}
closures: [{from_h: 8, until_h: 12, zones: [canteen_terrace]}]
weather: [{from_h: 10, until_h: 14, conditions: [rain]}]
tasks: [{at_h: 1, category: go_to, description: {place: library}}]
"""
    )
    read = load_scenario(file)
    assert (read.name, read.days, read.start.hour) == ("one more robot", 2.0, 6)
    assert read.robots == {"security": 5, "cleaning": 4}
    assert read.requests.patrols_per_hour == 2.0
    assert read.requests.cleanings_per_hour is None
    assert read.mishaps.silent.most_s == 60.0
    assert not math.isnan(read.incidents.per_day)
