"""Robot models weigh what their solids weigh, are as large as fleet.yaml says, and are valid."""

from __future__ import annotations

import math
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from campus_gazebo.models import model_files
from campus_gazebo.robot_sdf import TARGETS, robot_sdf
from campus_gazebo.robots import WHEEL_RADIUS_M, RobotModel, UnknownLook, model_of
from campus_gazebo.solids import Box, Cylinder, Placed, Sphere, together
from campus_sim.configuration import load_campus, load_fleet
from fleet_manager.core.config import BatterySpec, KindSpec

KINDS = ("security", "cleaning", "safety")


@pytest.fixture(scope="session")
def models(root: Path) -> dict[str, RobotModel]:
    folder = root / "maps" / "canalside"
    fleet = load_fleet(folder / "fleet.yaml", load_campus(folder))
    return {name: model_of(kind) for name, kind in fleet.kinds.items()}


def numbers(text: str | None) -> list[float]:
    return [float(each) for each in (text or "").split()]


def links(model: RobotModel, target: str) -> dict[str, Any]:
    document = ElementTree.fromstring(robot_sdf(model, "robot_1", target))
    return {each.get("name"): each for each in document.iter("link")}


def test_a_cube_cut_in_two_keeps_its_inertia() -> None:
    whole = together([Placed(Box(2.0, 1.0, 1.0), 8.0, (0.0, 0.0, 0.0))])
    halves = together([Placed(Box(1.0, 1.0, 1.0), 4.0, (side, 0.0, 0.0)) for side in (-0.5, 0.5)])
    assert np.allclose(whole.inertia, halves.inertia)
    # m/12 (1 + 1) along x, m/12 (4 + 1) across
    assert np.allclose(np.diag(whole.inertia), [8 / 6, 40 / 12, 40 / 12])


def test_inertia_of_balls_and_of_wheels_that_lie() -> None:
    assert np.allclose(Sphere(0.5).inertia(10.0), np.eye(3))
    wheel = Placed(Cylinder(0.2, 0.1), 3.0, (0.0, 0.0, 0.0), roll_rad=math.pi / 2)
    assert math.isclose(float(wheel.inertia()[1, 1]), 3.0 * 0.2**2 / 2)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", TARGETS)
def test_masses_and_inertias_are_those_of_a_body(
    kind: str, target: str, models: dict[str, RobotModel]
) -> None:
    found = links(models[kind], target)
    assert set(found) == {"base_link", "left_wheel", "right_wheel"}
    total_kg = 0.0
    for link in found.values():
        total_kg += float(link.findtext("inertial/mass"))
        entries = {
            name: float(link.findtext(f"inertial/inertia/{name}"))
            for name in ("ixx", "iyy", "izz", "ixy", "ixz", "iyz")
        }
        moments = np.linalg.eigvalsh(
            [
                [entries["ixx"], entries["ixy"], entries["ixz"]],
                [entries["ixy"], entries["iyy"], entries["iyz"]],
                [entries["ixz"], entries["iyz"], entries["izz"]],
            ]
        )
        assert moments[0] > 0
        assert moments[2] <= moments[0] + moments[1] + 1e-6  # of any body, the triangle holds
    assert math.isclose(total_kg, models[kind].mass_kg, rel_tol=1e-4)
    assert math.isclose(total_kg, models[kind].kind.mass_kg, rel_tol=1e-4)
    low_m = numbers(found["base_link"].findtext("inertial/pose"))[2]
    assert low_m < 0.45, "a robot whose centre of mass is low does not fall when it brakes"


@pytest.mark.parametrize("kind", KINDS)
def test_sizes_agree_with_the_fleet_file(kind: str, models: dict[str, RobotModel]) -> None:
    model = models[kind]
    radius_m = model.kind.footprint_radius_m
    base = links(model, "gazebo11")["base_link"]
    chassis = base.find("collision[@name='chassis']/geometry/cylinder")
    assert float(chassis.findtext("radius")) == radius_m
    for visual in base.iter("visual"):
        x_m, y_m, *_ = numbers(visual.findtext("pose"))
        round_m = float(visual.findtext("geometry/cylinder/radius") or 0.0)
        size = numbers(visual.findtext("geometry/box/size"))
        corner_m = math.hypot(abs(x_m) + size[0] / 2, abs(y_m) + size[1] / 2) if size else 0.0
        reach_m = corner_m or math.hypot(x_m, y_m) + round_m
        assert reach_m <= radius_m + 0.02, visual.get("name")
    if model.kind.brush_width_m is not None:
        brush = base.find("visual[@name='main_brush_visual']/geometry/box/size")
        assert numbers(brush.text)[1] == model.kind.brush_width_m
    wheel = links(model, "gazebo11")["left_wheel"]
    assert numbers(wheel.findtext("pose"))[2] == WHEEL_RADIUS_M


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", TARGETS)
def test_every_sensor_is_there(kind: str, target: str, models: dict[str, RobotModel]) -> None:
    document = ElementTree.fromstring(robot_sdf(models[kind], "r", target, camera=True))
    lidar = {"gazebo11": "ray", "gz": "gpu_lidar"}[target]
    assert {each.get("type") for each in document.iter("sensor")} == {
        *(lidar, "imu", "contact", "camera")
    }
    assert document.find(".//battery/voltage") is not None
    samples = document.findtext(f".//sensor[@type='{lidar}']//samples")
    assert samples == "360"


def test_models_in_the_package_are_those_of_the_fleet_file(
    root: Path, models: dict[str, RobotModel]
) -> None:
    folder = root / "ros2_ws/src/campus_gazebo/models"
    for kind, model in models.items():
        for name, text in model_files(model.kind).items():
            written = (folder / kind / name).read_text(encoding="utf-8")
            assert written == text, (
                f"{kind}/{name} is not of today: campus_gazebo_models "
                f"--map-dir maps/canalside --to {folder}"
            )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", TARGETS)
def test_libsdformat_calls_the_model_valid(
    kind: str, target: str, models: dict[str, RobotModel], tmp_path: Path
) -> None:
    ign = shutil.which("ign") or shutil.which("gz")
    if ign is None:
        pytest.skip("no `ign sdf` here: apt-get install libsdformat-dev ignition-tools")
    file = tmp_path / "robot.sdf"
    file.write_text(robot_sdf(models[kind], "robot_1", target, camera=True))
    done = subprocess.run(
        [ign, "sdf", "-k", str(file)], capture_output=True, text=True, check=False, timeout=60
    )
    assert "Valid." in done.stdout, done.stdout + done.stderr
    assert "Error" not in done.stderr, done.stderr


def test_a_kind_of_other_people_gets_the_look_of_its_skills() -> None:
    battery = BatterySpec(500, 10, 20, 0, 200)
    sweeper = KindSpec("broom", frozenset({"clean"}), 0.5, 1.0, 0.5, 1.0, battery, 0.6)
    assert any(each.name == "main_brush" for each in model_of(sweeper).look.pieces)
    carrier = KindSpec("carrier", frozenset({"go_to"}), 0.5, 1.0, 0.5, 1.0, battery)
    with pytest.raises(UnknownLook, match="carrier"):
        model_of(carrier)
