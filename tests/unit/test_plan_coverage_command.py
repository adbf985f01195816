"""`fleet plan coverage` prints figures of zones as JSON, draws one, and says what is wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from fleet_manager.cli_plan import app
from fleet_manager.core.errors import CampusFleetError

ZONE = "clinic_court"


@pytest.fixture
def canalside(root: Path) -> Path:
    """Folder of the small campus."""
    return root / "maps/canalside"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["coverage", *arguments])


def test_the_json_has_the_figures_of_each_zone_and_of_all(canalside: Path, tmp_path: Path) -> None:
    picture = tmp_path / "zone.svg"
    done = run("--map", str(canalside), "--zone", ZONE, "--svg", str(picture), "--json")
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(done.stdout)
    (zone,) = told["zones"]
    assert {"zone", "level", "area_m2", "reachable_m2", "covered", "overlap", "length_m"} <= set(
        zone
    )
    assert {"over_bound", "turns", "minutes", "out_of_reach_m2", "stretches"} <= set(zone)
    assert zone["zone"] == ZONE
    assert zone["covered"] >= 0.99
    assert zone["minutes"] == pytest.approx(zone["duration_s"] / 60, abs=0.01)
    assert told["summary"]["over_bound_median"] == zone["over_bound"]
    drawn = ElementTree.parse(picture).getroot()
    names = {each.get("class") for each in drawn.iter()}
    assert {"zone", "cleaned", "stretch 1", "begin", "end"} <= names


def test_what_is_out_of_reach_is_in_the_picture(canalside: Path, tmp_path: Path) -> None:
    picture = tmp_path / "zone.svg"
    assert run("--map", str(canalside), "--zone", ZONE, "--svg", str(picture)).exit_code == 0
    groups = {each.get("class"): each for each in ElementTree.parse(picture).getroot().iter()}
    assert len(list(groups["out of reach"])) == 4  # the corners, which a round brush leaves


def test_a_picture_by_its_name_is_a_png(canalside: Path, tmp_path: Path) -> None:
    picture = tmp_path / "zone.png"
    assert run("--map", str(canalside), "--zone", ZONE, "--svg", str(picture)).exit_code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--zone", "nowhere"], "no zone nowhere"),
        (["--kind", "security"], "security robots have no brush"),
        (["--svg", "picture.svg"], "one picture shows one zone"),
    ],
)
def test_what_is_wrong_is_said(canalside: Path, arguments: list[str], says: str) -> None:
    done = run("--map", str(canalside), *arguments)
    assert isinstance(done.exception, CampusFleetError)
    assert says in str(done.exception)
    assert done.exception.remedy


def test_a_zone_that_cannot_be_swept_is_named_and_the_others_are_planned(
    canalside: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(canalside, tmp_path / "site"))
    fleet = folder / "fleet.yaml"
    wide = fleet.read_text().replace("brush_width_m: 0.7", "brush_width_m: 6.0")
    fleet.write_text(wide)
    done = run("--map", str(folder), "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    refused = [each for each in told["zones"] if "problem" in each]
    assert 0 < len(refused) == told["summary"]["refused"] < len(told["zones"])
    assert all(each["zone"] in each["problem"] and each["remedy"] for each in refused)
