"""The set-up names what is missing, repeats nothing unchanged, and uses a sourced ROS."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def setup(root: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, in a shell without ROS."""
    monkeypatch.delenv("AMENT_PREFIX_PATH", raising=False)
    monkeypatch.delenv("ROS_DISTRO", raising=False)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = importlib.machinery.SourceFileLoader("setup_script", str(root / "scripts/setup"))
    spec = importlib.util.spec_from_loader("setup_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def ros_prefix(tmp_path: Path) -> Path:
    package = tmp_path / "ros" / "share" / "rclpy" / "package.xml"
    package.parent.mkdir(parents=True)
    package.touch()
    return tmp_path / "ros"


def test_every_missing_prerequisite_is_named_in_one_line(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(setup.sysconfig, "get_paths", lambda: {"include": str(tmp_path)})
    with pytest.raises(setup.SetupFailed) as caught:
        setup.check_prerequisites()
    python = f"python3.{sys.version_info.minor}-dev"
    assert str(caught.value) == (
        f"missing: g++, make, {python}. Install them and try again: "
        f"sudo apt-get install g++ make {python}"
    )


def test_a_step_runs_once_and_again_when_its_inputs_change(
    setup: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made: list[str] = []

    def set_up(inputs: str) -> None:
        steps = setup.Steps()
        stamp = tmp_path / "made" / ".stamp"
        steps.add("Thing", stamp, lambda: inputs, lambda: made.append(inputs))
        steps.run()

    for inputs in ("a", "a", "b"):
        set_up(inputs)
    assert made == ["a", "b"]
    assert "[1/1] Thing … 0 s" in capsys.readouterr().out


def test_a_failed_step_is_tried_again(setup: ModuleType, tmp_path: Path) -> None:
    def fail() -> None:
        raise setup.SetupFailed("no network")

    for _ in range(2):
        steps = setup.Steps()
        steps.add("Thing", tmp_path / ".stamp", lambda: "a", fail)
        with pytest.raises(setup.SetupFailed, match="no network"):
            steps.run()


def test_the_wheels_are_used_where_no_ros_is_sourced(setup: ModuleType) -> None:
    assert setup.sourced_ros() is None


def test_a_sourced_jazzy_is_used(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = ros_prefix(tmp_path)
    monkeypatch.setenv("AMENT_PREFIX_PATH", f"/nowhere:{prefix}")
    monkeypatch.setenv("ROS_DISTRO", "jazzy")
    assert setup.sourced_ros() == prefix


def test_another_ros_is_refused_with_the_way_out(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMENT_PREFIX_PATH", str(ros_prefix(tmp_path)))
    monkeypatch.setenv("ROS_DISTRO", "humble")
    with pytest.raises(setup.SetupFailed, match="ROS 2 humble is sourced"):
        setup.sourced_ros()


def test_the_projects_own_workspace_is_no_sourced_ros(
    setup: ModuleType, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMENT_PREFIX_PATH", f"{root}/ros2_ws/install/campus_msgs:{root}/.venv")
    assert setup.sourced_ros() is None


def test_beside_a_sourced_ros_numpy_is_not_replaced(
    setup: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "CACHE", tmp_path)
    path = tmp_path / "runtime.txt"
    kept = "numba==1 \\\n    --hash=sha256:aa\n"
    tail = "scipy==2 \\\n    --hash=sha256:cc\n"
    path.write_text(kept + "numpy==2 ; x \\\n    --hash=sha256:bb\n" + tail)
    assert setup.without_numpy(path).read_text() == kept + tail
