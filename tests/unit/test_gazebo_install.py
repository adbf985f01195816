"""`fleet gazebo` says where Gazebo 11 is, or in one line why it cannot be had and what to do."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from fleet_manager.cli import main
from fleet_manager.gazebo import install as installing
from fleet_manager.gazebo.install import debian_mirror, install, remove
from fleet_manager.gazebo.place import FOLDER, GazeboMissing, Place, usual_place
from fleet_manager.gazebo.server import new_world_file, server_command

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A folder without Gazebo, on a machine that could have it."""
    monkeypatch.setenv(FOLDER, str(tmp_path / "gazebo"))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(9e12, 0, 9e12))
    return usual_place()


def made(place: Place) -> Place:
    """The same with a Gazebo that looks installed."""
    (place.root / "tmp").mkdir(parents=True)
    place.descriptors.touch()
    place.mark.write_text('{"gazebo": "11.1.0"}')
    return place


def quiet(_number: int, _count: int, _title: str) -> None:
    """Steps that nobody watches."""


def test_the_mirror_is_the_one_of_apt_in_both_of_its_forms(tmp_path: Path) -> None:
    old = tmp_path / "sources.list"
    old.write_text(
        "# deb http://commented.example/debian bookworm main\n"
        "deb [arch=amd64] https://packages.example/apt stable main\n"
        "deb http://old.example/debian bookworm main\n"
    )
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    new = "Types: deb\nURIs: http://new.example/debian\nSuites: bookworm\n"
    (folder / "debian.sources").write_text(new)
    (folder / "security.sources").write_text("URIs: http://x.example/debian-security\n")
    assert debian_mirror([old]) == "http://old.example/debian"
    assert debian_mirror([folder]) == "http://new.example/debian"
    with pytest.raises(GazeboMissing) as caught:
        debian_mirror([tmp_path / "missing"])
    assert "--mirror" in caught.value.remedy


def test_who_is_not_root_is_told_so(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(GazeboMissing, match="root"):
        install(place, quiet)
    assert not place.folder.exists()


def test_a_machine_of_another_kind_is_named(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    with pytest.raises(GazeboMissing, match="aarch64"):
        install(place, quiet)


def test_a_full_disk_is_noticed_before_anything_is_fetched(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(9e12, 0, 1e9))
    with pytest.raises(GazeboMissing, match=r"1\.0 GB free"):
        install(place, quiet)


def test_a_step_that_fails_is_quoted_and_leaves_no_mark(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/sbin/{name}")
    failing = ["sh", "-c", "echo E: no such suite >&2; exit 1"]
    monkeypatch.setattr(installing, "_private", lambda _command: failing)
    with pytest.raises(GazeboMissing, match="no such suite") as caught:
        install(place, quiet, "http://mirror.example/debian")
    assert "http://mirror.example/debian" in str(caught.value)
    assert str(place.log) in caught.value.remedy
    assert not place.is_installed


def test_what_is_installed_is_left_alone_and_can_be_removed(place: Place) -> None:
    made(place)
    assert install(place, quiet) is False
    assert remove(place) is True
    assert not place.folder.exists()
    assert remove(place) is False


def test_a_server_needs_an_installation(place: Place) -> None:
    with pytest.raises(GazeboMissing, match="fleet gazebo install"):
        new_world_file(place)


def test_the_server_sees_its_world_and_listens_on_its_port(place: Place) -> None:
    made(place)
    world = new_world_file(place)
    assert world.parent.is_dir()
    assert place.root in world.parents
    *_, script = server_command(place, world, 12345)
    assert f"/tmp/{world.parent.name}/world.sdf" in script
    assert "GAZEBO_MASTER_URI=http://127.0.0.1:12345" in script
    assert new_world_file(place) != world


def test_status_is_for_people_and_programs(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: str) -> tuple[Any, str]:
        monkeypatch.setattr(sys, "argv", ["fleet", "gazebo", "status", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capsys.readouterr().out

    code, text = run()
    assert code == 1
    assert "fleet gazebo install" in text
    made(place)
    code, text = run("--json")
    assert code == 0
    found = json.loads(text)
    assert found["usable"] is True
    assert found["gazebo"] == "11.1.0"
    assert set(found) == {
        *("folder", "installed", "usable", "why", "gazebo", "mirror", "messages"),
    }
