"""The shape of the project: small files, one table of topics, locked requirements."""

from __future__ import annotations

import importlib
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE_LINES = 500
SOURCE_SUFFIXES = {".py", ".ts", ".tsx", ".css"}


def tracked_files() -> list[Path]:
    """Files of the project, without what was built or installed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (ROOT / line for line in listed.stdout.splitlines())
    return [path for path in paths if path.is_file()]


def test_no_source_file_is_too_long() -> None:
    too_long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked_files()
        if path.suffix in SOURCE_SUFFIXES
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE_LINES
    }
    assert not too_long


def test_every_python_module_says_in_one_sentence_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if path.suffix == ".py"
        and (text := path.read_text(encoding="utf-8")).strip()
        and not text.lstrip().startswith(('"""', "#!"))
    ]
    assert not silent


def test_no_module_is_named_utils_or_helpers() -> None:
    names = {path.stem for path in tracked_files() if path.suffix in SOURCE_SUFFIXES}
    assert not names & {"utils", "util", "helpers", "helper", "common", "misc"}


def test_robot_and_manager_have_the_same_topics() -> None:
    pytest.importorskip("campus_robot.topics", reason="the ROS workspace is not sourced")
    robot = importlib.import_module("campus_robot.topics")
    manager = importlib.import_module("fleet_manager.adapters.ros.topics")
    columns = ("name", "type", "reliable", "transient_local", "depth")
    for key, topic in robot.FLEET.items():
        other = manager.FLEET[key]
        ours, theirs = ([getattr(each, column) for column in columns] for each in (topic, other))
        assert ours == theirs, key


def test_programs_of_the_process_table_are_installed_by_the_workspace() -> None:
    table = (ROOT / "fleet_manager/processes.py").read_text()
    programs = set(re.findall(r'\["(campus_\w+)"', table))
    assert programs == {"campus_gazebo", "campus_robot", "campus_sim"}
    for program in programs:
        setup = (ROOT / f"ros2_ws/src/{program}/setup.py").read_text()
        assert re.search(rf"console_scripts.*{program} =", setup, re.DOTALL), program


def test_locked_requirements_have_hashes_and_name_no_index() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text()
        assert "://" not in text, path.name
        blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
        assert all("--hash=sha256:" in block for block in blocks if block.strip()), path.name


def test_what_the_package_needs_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements/runtime.txt").read_text(), re.M))
    needed = {re.split(r"[^\w.-]", entry)[0] for entry in project["dependencies"]}
    assert needed <= locked
