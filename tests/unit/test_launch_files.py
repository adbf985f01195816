"""Launch files start what `fleet demo` starts: both read the one process table.

ROS `launch` is not among the wheels; where it is not installed, the files are loaded with a
stand-in that records what they describe.
"""

from __future__ import annotations

import contextlib
import importlib.util
import runpy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fleet_manager.demo import options as demo_options
from fleet_manager.demo.failure import DemoFailed
from fleet_manager.demo.options import DemoOptions, plan_run
from fleet_manager.gazebo.place import Place
from fleet_manager.launching import ARGUMENTS, SIMULATORS, launched
from fleet_manager.processes import TABLE, Run, processes
from fleet_manager.settings import Settings
from tests.unit.launch_stand_in import LaunchConfiguration, stand_in

FILES = {
    "campus": None,
    "manager": {"manager"},
    "gazebo": {"gazebo", "simulator"},
}
"""Launch files made of rows of the table, and which rows."""


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table's programs are installed, a Gazebo is there, ports are what was asked for."""
    for name in ("campus_sim", "campus_robot", "campus_gazebo"):
        program = tmp_path / "lib" / name / name
        program.parent.mkdir(parents=True)
        program.touch(0o755)
    monkeypatch.setenv("AMENT_PREFIX_PATH", str(tmp_path))
    monkeypatch.setattr(Place, "why_not", lambda self: None)
    monkeypatch.setattr(demo_options, "free_port", lambda host, port: port or 11345)


@contextlib.contextmanager
def ros_launch() -> Iterator[bool]:
    """Whether it is the real one."""
    if importlib.util.find_spec("launch") is not None and importlib.util.find_spec(
        "launch.actions"
    ):
        yield True
    else:
        with stand_in():
            yield False


def described(root: Path, name: str) -> list[Any]:
    with ros_launch() as real:
        if real:
            pytest.skip("ROS launch is installed: `ros2 launch --print` shows the same")
        file = root / "launch" / f"{name}.launch.py"
        found: list[Any] = runpy.run_path(str(file))["generate_launch_description"]().entities
        return found


def started(root: Path, name: str, **given: str) -> list[Any]:
    """The processes that a launch file starts with some arguments."""
    entities = described(root, name)
    arguments = {each.name: each.default_value for each in entities if hasattr(each, "description")}
    assert given.keys() <= arguments.keys()
    with ros_launch():
        (function,) = (each.function for each in entities if hasattr(each, "function"))
        found: list[Any] = function(arguments | given)
        return found


def run_of_demo(root: Path, tmp_path: Path, sim: str) -> Run:
    settings = Settings(map_dir=root / "maps/canalside", data_dir=tmp_path / "data")
    run = plan_run(DemoOptions(gazebo=sim == "gazebo"), settings, tmp_path / "data")
    if sim == "none":
        real = run.settings.with_changes(sim_time=False, speed=1.0)
        run = replace(run, settings=real, simulated=False)
    return run


@pytest.mark.parametrize("sim", SIMULATORS)
@pytest.mark.parametrize("name", FILES)
def test_a_launch_file_starts_its_rows_of_the_table(
    name: str, sim: str, root: Path, tmp_path: Path
) -> None:
    given = {"map": str(root / "maps/canalside"), "data_dir": str(tmp_path / "data"), "sim": sim}
    found = started(root, name, **given)
    rows = FILES[name]
    wanted = [
        each
        for each in processes(run_of_demo(root, tmp_path, sim))
        if rows is None or each.row in rows
    ]
    assert [(each.name, tuple(each.cmd), each.additional_env) for each in found] == [
        (each.name, each.argv, dict(each.environment)) for each in wanted
    ]
    for process, each in zip(found, wanted, strict=True):
        assert bool(process.on_exit) == each.essential


@pytest.mark.parametrize(
    ("name", "sim"), [("campus", "embedded"), ("gazebo", "gazebo"), ("manager", "none")]
)
def test_without_arguments_a_launch_file_starts_what_it_is_for(
    name: str, sim: str, root: Path
) -> None:
    entities = described(root, name)
    defaults = {each.name: each.default_value for each in entities if hasattr(each, "description")}
    assert defaults == {key: default for key, (default, _) in ARGUMENTS.items()} | {"sim": sim}


def test_every_row_of_the_table_is_started_by_a_launch_file(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"map": str(root / "maps/canalside"), "data_dir": str(tmp_path)}
    rows = {each.row for sim in SIMULATORS for each in launched({**given, "sim": sim})}
    monkeypatch.setattr(demo_options, "choose_model", lambda _: tmp_path / "model.yaml")
    rows |= {each.row for each in launched({**given, "cameras": "2"})}
    assert rows == {row.name for row in TABLE}


def test_arguments_of_the_files_are_those_that_are_known(root: Path) -> None:
    for name in FILES:
        declared = {each.name for each in described(root, name) if hasattr(each, "description")}
        assert declared == set(ARGUMENTS), name


def test_one_robot_is_started_as_the_table_starts_it(root: Path, tmp_path: Path) -> None:
    settings = Settings(map_dir=root / "maps/canalside", data_dir=tmp_path / "data")
    run = plan_run(DemoOptions(robots="security_1"), settings, tmp_path / "data")
    (robots,) = [each for each in processes(replace(run, simulated=False)) if each.row == "robots"]
    *arguments, process = described(root, "robot")
    assert process.respawn
    assert process.cmd[:4] == ["ros2", "run", "campus_robot", "campus_robot"]
    options = [each for each in process.cmd[4:] if not isinstance(each, LaunchConfiguration)]
    assert options == [each for each in robots.argv if each.startswith("--")]
    text = (root / "launch/robot.launch.py").read_text()
    assert "fleet_manager" not in text, "a robot's computer has nothing of the manager"
    names = {"robot", "map", "fleet_file", "state_dir", "keys_dir"}
    assert {each.name for each in arguments} == names


@pytest.mark.parametrize("given", [{"sim": "webots"}, {"speed": "fast"}, {"robots": "robot_9"}])
def test_an_argument_that_cannot_be_used_is_named(
    given: dict[str, str], root: Path, tmp_path: Path
) -> None:
    usable = {"map": str(root / "maps/canalside"), "data_dir": str(tmp_path)}
    (value,) = given.values()
    with pytest.raises(DemoFailed, match=value) as caught:
        launched(usable | given)
    assert caught.value.remedy
