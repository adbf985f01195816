"""The process table covers every robot once and gives all processes the same world."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fleet_manager.processes import TABLE, ProgramMissing, Run, processes
from fleet_manager.settings import Settings


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ROS prefix in which the table's programs are installed."""
    for name in ("campus_sim", "campus_robot", "campus_gazebo"):
        program = tmp_path / "lib" / name / name
        program.parent.mkdir(parents=True)
        program.touch(0o755)
    monkeypatch.setenv("AMENT_PREFIX_PATH", f"/nowhere:{tmp_path}")
    return tmp_path


def run_of(count: int, tmp_path: Path, simulated: bool = True) -> Run:
    names = tuple(f"robot_{number}" for number in range(count))
    return Run(Settings(data_dir=tmp_path / "data"), names, simulated=simulated)


@pytest.mark.parametrize("count", [1, 6, 7, 12, 13])
def test_every_robot_is_in_exactly_one_process(workspace: Path, count: int) -> None:
    run = run_of(count, workspace)
    started = [
        argument
        for process in processes(run)
        if process.name.startswith("robots")
        for flag, argument in zip(process.argv, process.argv[1:], strict=False)
        if flag == "--robot"
    ]
    assert sorted(started) == sorted(run.robots)


def test_names_are_unique_and_every_row_is_there(workspace: Path) -> None:
    run = replace(run_of(12, workspace), gazebo_port=11345, cameras=("robot_1",))
    names = [process.name for process in processes(run)]
    assert len(set(names)) == len(names)
    assert all(any(name.startswith(row.name) for name in names) for row in TABLE)


def test_gazebo_takes_the_place_of_the_embedded_simulator(workspace: Path) -> None:
    run = run_of(2, workspace)
    embedded = {each.name: each.argv for each in processes(run)}
    gazebo = {each.name: each.argv for each in processes(replace(run, gazebo_port=12345))}
    assert set(gazebo) == {*embedded, "gazebo"}
    assert embedded["simulator"][0].endswith("campus_sim")
    assert gazebo["simulator"][0].endswith("campus_gazebo")
    for name in ("gazebo", "simulator"):
        port = gazebo[name].index("--port")
        assert gazebo[name][port + 1] == "12345"
    unchanged = {name: argv for name, argv in gazebo.items() if name not in ("gazebo", "simulator")}
    assert unchanged == {name: argv for name, argv in embedded.items() if name != "simulator"}


def test_real_hardware_needs_no_simulator(workspace: Path) -> None:
    names = [process.name for process in processes(run_of(2, workspace, simulated=False))]
    assert "simulator" not in names
    assert "manager" in names


def test_the_fleet_goes_on_without_a_robot_process_only(workspace: Path) -> None:
    essential = {process.name: process.essential for process in processes(run_of(2, workspace))}
    assert essential == {"simulator": True, "robots": False, "manager": True}


def test_all_processes_get_the_same_domains_and_database(workspace: Path) -> None:
    found = processes(run_of(12, workspace))
    assert len({tuple(sorted(process.environment.items())) for process in found}) == 1
    variables = found[0].environment
    assert variables["CAMPUS_PLANT_DOMAIN_ID"] != variables["CAMPUS_FLEET_DOMAIN_ID"]
    assert variables["CAMPUS_DATABASE_URL"].endswith("/data/fleet.db")


def test_what_is_to_fail_is_told_to_the_simulator_alone(workspace: Path, tmp_path: Path) -> None:
    run = replace(run_of(2, tmp_path), fail_passages=("door_1", "lift_1:60:120"))
    told = {
        each.name: [a for a in each.argv if a.startswith(("--fail", "door", "lift"))]
        for each in processes(run)
    }
    assert told.pop("simulator") == ["--fail-passage", "door_1", "--fail-passage", "lift_1:60:120"]
    assert not any(told.values())


def test_the_manager_runs_on_this_interpreter(workspace: Path) -> None:
    manager = processes(run_of(1, workspace))[-1]
    assert manager.argv == (sys.executable, "-m", "fleet_manager", "serve")


def test_a_missing_program_says_how_to_build_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMENT_PREFIX_PATH", "")
    with pytest.raises(ProgramMissing, match="campus_sim") as caught:
        processes(run_of(1, Path("/tmp")))
    assert "make run" in caught.value.remedy


def test_cameras_are_on_in_the_simulator_and_watched_through(workspace: Path) -> None:
    run = replace(run_of(3, workspace), cameras=("robot_1",), model=Path("/models/card.yaml"))
    started = {each.name: each.argv for each in processes(run)}
    simulator, watching = started["simulator"], started["perception"]
    assert simulator[simulator.index("--camera") + 1] == "robot_1"
    assert watching[1:3] == ("-m", "campus_robot.sight")
    assert watching[watching.index("--robot") + 1] == "robot_1"
    assert watching[watching.index("--model") + 1] == "/models/card.yaml"
    for argv in (simulator, watching):
        assert argv[argv.index("--cameras") + 1].endswith("cameras")
    assert "perception" not in {each.name for each in processes(run_of(3, workspace))}
