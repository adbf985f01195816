"""`fleet map export|render|diff` write what was asked for, or say in one line why not."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fleet_manager.adapters.maps import load_campus
from fleet_manager.adapters.maps.formats import FORMATS
from fleet_manager.cli import main
from tests.unit.campus_documents import find, tiny_document

FILES = {
    "nav2": ["tiny.nav2.geojson"],
    "lif": ["tiny.lif.json"],
    "grid": ["tiny_ground.pgm", "tiny_ground.yaml"],
    "sdf": ["tiny.sdf"],
    "svg": ["tiny.svg"],
    "png": ["tiny.png"],
}
"""What each format writes of the tiny campus."""

Fleet = Callable[..., tuple[int, str, str]]


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Fleet:
    """Runs a `fleet` command; its exit code, what it prints, and what it complains about."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["fleet", *map(str, arguments)])
        code: Any = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        output, problems = capsys.readouterr()
        assert "Traceback" not in output + problems
        return int(code or 0), output, problems

    return run


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "campus.geojson").write_text(json.dumps(tiny_document()))
    return folder


def test_every_format_that_is_written_is_tested_here() -> None:
    assert set(FILES) == {each.name for each in FORMATS.values() if each.write is not None}


@pytest.mark.parametrize("name", FILES)
def test_each_format_is_written_into_a_folder(
    name: str, tiny: Path, tmp_path: Path, fleet: Fleet
) -> None:
    out = tmp_path / "new" / "out"
    code, output, problems = fleet("map", "export", tiny, "--format", name, "--to", out, "--json")
    assert (code, problems) == (0, "")
    told = json.loads(output)
    assert (told["format"], told["version"]) == (name, load_campus(tiny).version)
    assert [Path(each["file"]).name for each in told["written"]] == FILES[name]
    for each in told["written"]:
        assert Path(each["file"]).stat().st_size == each["bytes"] > 0
    assert sorted(each.name for each in out.iterdir()) == sorted(FILES[name])
    code, output, _ = fleet("map", "export", tiny, "--format", name, "--to", out)
    assert code == 0
    assert FILES[name][0] in output


@pytest.mark.parametrize("name", [name for name, files in FILES.items() if len(files) == 1])
def test_a_format_of_one_file_is_written_as_it_is_named(
    name: str, tiny: Path, tmp_path: Path, fleet: Fleet
) -> None:
    target = tmp_path / f"mine.{name}"
    assert fleet("map", "export", tiny, "--format", name, "--to", target)[0] == 0
    assert target.stat().st_size > 0
    assert list(tmp_path.glob(".*")) == []


def test_several_files_are_not_written_into_one(tiny: Path, tmp_path: Path, fleet: Fleet) -> None:
    target = tmp_path / "grid.yaml"
    code, _, problems = fleet("map", "export", tiny, "--format", "grid", "--to", target)
    assert code == 2
    assert "tiny_ground.pgm, tiny_ground.yaml" in problems
    assert "give a folder" in problems
    assert not target.exists()


@pytest.mark.parametrize("name", FILES)
def test_unknown_levels_are_named(name: str, tiny: Path, tmp_path: Path, fleet: Fleet) -> None:
    code, _, problems = fleet(
        "map", "export", tiny, "--format", name, "--to", tmp_path / "out", "--level", "attic"
    )
    assert code == 2
    assert "no level 'attic'" in problems
    assert "levels are ground" in problems
    assert not (tmp_path / "out").exists()


def test_unknown_formats_are_named(tiny: Path, tmp_path: Path, fleet: Fleet) -> None:
    for name in ("dxf", "rmf"):
        code, _, problems = fleet("map", "export", tiny, "--format", name, "--to", tmp_path)
        assert code == 2
        assert f"maps are not exported as '{name}'" in problems
        assert ", ".join(FILES) in problems


@pytest.mark.parametrize("name", FILES)
def test_targets_that_cannot_be_written_are_named(
    name: str, tiny: Path, tmp_path: Path, fleet: Fleet
) -> None:
    (tmp_path / "file").write_text("in the way")
    target = tmp_path / "file" / "out"
    code, _, problems = fleet("map", "export", tiny, "--format", name, "--to", target)
    assert code == 2
    assert "cannot be written" in problems
    assert (tmp_path / "file").read_text() == "in the way"


def test_maps_that_cannot_be_read_are_named(tmp_path: Path, fleet: Fleet) -> None:
    for command in (
        ("map", "export", tmp_path / "none", "--format", "sdf", "--to", tmp_path),
        ("map", "render", tmp_path / "none", "-o", tmp_path / "a.png"),
        ("map", "diff", tmp_path / "none", tmp_path),
    ):
        code, _, problems = fleet(*command)
        assert code == 2
        assert "none" in problems


def test_a_failed_export_leaves_the_old_file(tiny: Path, tmp_path: Path, fleet: Fleet) -> None:
    target = tmp_path / "map.png"
    assert fleet("map", "render", tiny, "-o", target)[0] == 0
    before = target.read_bytes()
    assert fleet("map", "render", tiny, "-o", target, "--size", "1")[0] == 2
    assert target.read_bytes() == before


def test_resolutions_are_taken_and_bounded(tiny: Path, tmp_path: Path, fleet: Fleet) -> None:
    export = ("map", "export", tiny, "--format", "grid", "--to", tmp_path / "out")
    assert fleet(*export, "--resolution", "1")[0] == 0
    # 80 m by 50 m, and half a metre around it in whole cells
    assert (tmp_path / "out" / "tiny_ground.pgm").read_bytes().startswith(b"P5\n82 52\n255\n")
    for wrong in ("0", "-1", "11", "nan", "x"):
        assert fleet(*export, "--resolution", wrong)[0] == 2


@pytest.mark.parametrize("suffix", ["svg", "png", "SVG"])
def test_render_draws_by_the_end_of_the_name(
    suffix: str, tiny: Path, tmp_path: Path, fleet: Fleet
) -> None:
    target = tmp_path / "deep" / f"map.{suffix}"
    code, output, _ = fleet("map", "render", tiny, "-o", target, "--size", "400", "--json")
    assert code == 0
    told = json.loads(output)
    assert told == {
        "picture": str(target),
        "version": load_campus(tiny).version,
        "bytes": target.stat().st_size,
    }
    assert target.read_bytes().startswith(b"\x89PNG" if suffix == "png" else b"<svg")
    assert str(target) in fleet("map", "render", tiny, "-o", target)[1]


def test_render_draws_beside_the_map_unless_told_otherwise(tiny: Path, fleet: Fleet) -> None:
    assert fleet("map", "render", tiny)[0] == 0
    assert (tiny / "campus.svg").read_bytes().startswith(b"<svg")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("-o", "map.pdf"), "ends in .svg or .png"),
        (("-o", "map"), "ends in .svg or .png"),
        (("-o", "a.svg", "--level", "attic"), "no level 'attic'"),
        (("-o", "a.svg", "--layers", "lanes,robots"), "no layer 'robots'"),
        (("-o", "a.svg", "--size", "20000"), "choose a size between"),
        (("-o", "/dev/null/a.svg"), "cannot be written"),
    ],
)
def test_render_says_what_it_cannot_draw(
    options: tuple[str, ...],
    problem: str,
    tiny: Path,
    fleet: Fleet,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, problems = fleet("map", "render", tiny, *options)
    assert code == 2
    assert problem in problems
    assert not list(tmp_path.glob("*.svg"))


def test_render_draws_chosen_layers(tiny: Path, tmp_path: Path, fleet: Fleet) -> None:
    target = tmp_path / "a.svg"
    assert fleet("map", "render", tiny, "-o", target, "--layers", "buildings, lanes")[0] == 0
    text = target.read_text()
    assert '<g id="lanes">' in text
    assert '<g id="ground">' not in text


def test_diff_tells_what_two_maps_differ_in(tiny: Path, tmp_path: Path, fleet: Fleet) -> None:
    other = tmp_path / "other"
    shutil.copytree(tiny, other)
    code, output, _ = fleet("map", "diff", tiny, other, "--json")
    assert (code, json.loads(output)["differences"]) == (0, [])
    document = tiny_document()
    find(document, "west-middle")["properties"]["speed_limit_mps"] = 0.5
    find(document, "aed")["geometry"]["coordinates"] = [13, 6]
    document["features"].remove(find(document, "square"))
    (other / "campus.geojson").write_text(json.dumps(document))
    code, output, _ = fleet("map", "diff", tiny, other, "--json")
    told = json.loads(output)
    assert code == 1
    assert (told["added"], told["removed"], told["changed"]) == (0, 1, 2)
    code, output, _ = fleet("map", "diff", tiny, other)
    assert code == 1
    assert "~ west-middle  speed_limit_mps: 1.5 → 0.5" in output
    assert "~ aed  moved 5 m" in output  # 3 m east and 4 m north
    assert "- square" in output
