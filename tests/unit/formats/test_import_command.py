"""`fleet map import`: the folder that it makes, what it keeps, its JSON and its refusals."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from fleet_manager.adapters.maps import load_campus, load_fleet
from fleet_manager.cli_map import app as map_app
from fleet_manager.cli_map_import import import_command
from fleet_manager.core.errors import MapFileError
from tests.unit.formats.osm_extracts import campus, place
from tests.unit.formats.rmf_buildings import HOUSE
from tests.unit.formats.test_opentcs import MODEL

DOCKS = (
    "--dock",
    "{:.7f},{:.7f}".format(*place(17, 4)),
    "--dock",
    "{:.7f},{:.7f}".format(*place(20, 4)),
)


def run(*words: object) -> str:
    app = typer.Typer()
    app.command()(import_command)
    result = CliRunner().invoke(app, [str(each) for each in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def run_json(*words: object) -> dict[str, Any]:
    printed: dict[str, Any] = json.loads(run(*words, "--json"))
    return printed


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    return campus().write(tmp_path / "site.osm")


def test_an_extract_becomes_a_folder_that_the_manager_reads(extract: Path, tmp_path: Path) -> None:
    folder = tmp_path / "my-site"
    printed = run_json(extract, "--to", folder, "--timezone", "Asia/Shanghai", *DOCKS)
    assert printed["format"] == "osm"
    assert printed["found"]["buildings"] == printed["made"]["building"] == 1
    assert printed["next"][0] == f"fleet map validate {folder}"
    assert {Path(each).name for each in printed["written"]} == {
        "campus.geojson",
        "fleet.yaml",
        "schedule.yaml",
    }
    read = load_campus(folder / "campus.geojson")
    assert (read.id, read.timezone, read.version) == (
        "my-site",
        "Asia/Shanghai",
        printed["version"],
    )
    assert [each.home for each in load_fleet(folder / "fleet.yaml", read).robots.values()] == [
        "dock_1"
    ]


def test_for_people_it_says_what_was_found_made_and_left_out(extract: Path, tmp_path: Path) -> None:
    printed = run(extract, "--to", tmp_path / "site")
    assert "13 highways" in printed
    assert "steps are not driven: way " in printed
    assert "--dock" in printed


def test_a_map_that_is_there_is_replaced_only_by_force_and_its_fleet_is_kept(
    extract: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    run(extract, "--to", folder, *DOCKS)
    fleet = (folder / "fleet.yaml").read_text() + "# ours\n"
    (folder / "fleet.yaml").write_text(fleet)
    before = (folder / "campus.geojson").read_bytes()
    with pytest.raises(MapFileError, match="exists") as refused:
        run(extract, "--to", folder)
    assert "--force" in refused.value.remedy
    assert (folder / "campus.geojson").read_bytes() == before
    printed = run_json(extract, "--to", folder, "--name", "Neu", "--force", *DOCKS)
    assert {Path(each).name for each in printed["kept"]} == {"fleet.yaml", "schedule.yaml"}
    assert (folder / "fleet.yaml").read_text() == fleet
    assert load_campus(folder / "campus.geojson").name == "Neu"


def test_a_refused_file_writes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "site.osm"
    file.write_text("<osm")
    with pytest.raises(MapFileError):
        run(file, "--to", tmp_path / "site")
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(("name", "text"), [("house.building.yaml", HOUSE), ("plant.xml", MODEL)])
def test_docks_are_refused_where_files_have_their_own(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(MapFileError, match="--dock does not go with") as refused:
        run(file, "--to", tmp_path / "site", *DOCKS)
    assert "leave --dock out" in refused.value.remedy


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--format", "dwg"), "no format 'dwg'"),
        (("--timezone", "Hangzhou"), "no timezone 'Hangzhou'"),
        (("--anchor", "30.28"), "--anchor is '30.28'"),
        (("--dock", "91,0"), "--dock is '91,0'"),
    ],
)
def test_wrong_options_are_refused_by_name(
    extract: Path, tmp_path: Path, words: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(MapFileError, match=problem) as refused:
        run(extract, "--to", tmp_path / "site", *words)
    assert refused.value.remedy


def test_a_file_of_no_known_format_is_refused_with_the_formats(tmp_path: Path) -> None:
    file = tmp_path / "drawing.dwg"
    file.write_bytes(b"AC1032")
    with pytest.raises(MapFileError, match="tells its format") as refused:
        run(file, "--to", tmp_path / "site")
    assert "osm" in refused.value.remedy
    assert "opentcs" in refused.value.remedy


def test_what_to_do_next_can_be_copied_whatever_the_folder_is_called(
    extract: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "my site"
    steps = run_json(extract, "--to", folder, *DOCKS)["next"]
    assert shlex.split(steps[0]) == ["fleet", "map", "validate", str(folder)]
    assert steps[1] == f"make run ARGS=\"--map '{folder}'\""


def test_help_names_the_formats() -> None:
    for command, formats in (("import", ("osm", "rmf", "opentcs")), ("export", ("grid", "sdf"))):
        printed = CliRunner().invoke(map_app, [command, "--help"], env={"COLUMNS": "200"}).output
        assert all(name in printed for name in formats), printed
