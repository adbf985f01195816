"""`fleet plan patrol`: figures for people and programs, a picture, errors that say what helps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.cli_plan import app, seconds
from fleet_manager.core.errors import UnknownFeature
from fleet_manager.core.planning.patrol.problem import CannotPatrol
from fleet_manager.core.planning.patrol.sites import sites_covering
from fleet_manager.core.planning.routes import Routes

KEYS = {
    "kind", "robots", "relief", "method", "worst_weighted_idleness_s", "worst_idleness_s",
    "average_idleness_s", "bound_s", "bound", "gap", "worst_with_one_lost_s", "promises_kept",
    "bits_per_visit", "sites", "teams", "map", "hour", "seed", "svg",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    return root / "maps" / "canalside"


def ask(folder: Path, *options: str) -> Any:
    """What the command prints as JSON."""
    quick = ("--map", str(folder), "--iterations", "5000", "--json")
    result = CliRunner().invoke(app, ["patrol", *quick, *options])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_a_plan_has_its_figures_its_bound_and_a_picture(folder: Path, tmp_path: Path) -> None:
    picture = tmp_path / "plan.svg"
    plan = ask(folder, "--robots", "3", "--svg", str(picture))
    assert set(plan) == KEYS
    assert plan["bound_s"] <= plan["worst_weighted_idleness_s"]
    assert plan["gap"] == pytest.approx(plan["worst_weighted_idleness_s"] / plan["bound_s"] - 1)
    tours = ElementTree.parse(picture).findall(".//*[@class]")
    assert any(each.get("class", "").startswith("team 1: ") for each in tours)


def test_a_promise_alone_is_answered_with_the_fewest_robots(folder: Path) -> None:
    one = ask(folder, "--robots", "1", "--no-charging")
    promise_s = 0.6 * one["worst_idleness_s"]
    found = ask(folder, "--promise", f"{promise_s}s", "--no-charging")
    assert 2 <= found["proven_minimum_robots"] <= found["robots"]
    assert found["promises_kept"]
    assert found["worst_idleness_s"] <= promise_s
    fewer = found["robots"] - 1
    with pytest.raises(CannotPatrol):
        ask(folder, "--promise", f"{promise_s}s", "--no-charging", "--robots", str(fewer))


def test_what_can_be_late_is_unpredictable(folder: Path) -> None:
    one = ask(folder, "--robots", "1", "--no-charging")
    promise = f"{1.5 * one['worst_idleness_s']}s"
    loose = ask(folder, "--robots", "1", "--no-charging", "--promise", promise)
    assert one["bits_per_visit"] == 0.0
    assert loose["bits_per_visit"] > 1.0


def test_places_are_chosen_by_name(folder: Path) -> None:
    names = list(load_campus(folder).names)[:3]
    plan = ask(folder, "--robots", "1", "--sites", f"{names[0]};{names[1]}", "--sites", names[2])
    assert len(plan["sites"]) == 3


def test_each_junction_has_a_site_nearby(folder: Path) -> None:
    campus = load_campus(folder)
    fleet = load_fleet(folder, campus)
    home = next(each.home for each in fleet.robots.values() if each.kind == "security")
    routes = Routes(campus, fleet.kinds["security"])
    few, many = (len(sites_covering(routes, (), each, home)) for each in (80.0, 20.0))
    assert 1 <= few < many


@pytest.mark.parametrize(
    ("options", "error", "word"),
    [
        (("--robots", "0"), CannotPatrol, "0 robots"),
        (("--robots", "1", "--sites", "nowhere"), UnknownFeature, "nowhere"),
        (("--robots", "1", "--sector", "nowhere"), UnknownFeature, "nowhere"),
        (("--robots", "1", "--kind", "cleaning"), CannotPatrol, "cleaning"),
        ((), CannotPatrol, "none is made"),
        (("--robots", "1", "--promise", "10s"), CannotPatrol, "needed at least"),
    ],
)
def test_what_cannot_be_planned_is_named(
    folder: Path, options: tuple[str, ...], error: type[Exception], word: str
) -> None:
    with pytest.raises(error, match=word) as found:
        ask(folder, *options)
    assert isinstance(found.value, CannotPatrol | UnknownFeature)
    assert found.value.remedy


@pytest.mark.parametrize(
    ("text", "time_s"), [("30min", 1800), ("2h", 7200), ("1h30min", 5400), ("90", 90), ("5 s", 5)]
)
def test_times_are_read_as_people_write_them(text: str, time_s: float) -> None:
    assert seconds(text) == time_s
