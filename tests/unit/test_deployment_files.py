"""Units, compose file and Dockerfile say what systemd and the project's own tables say."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from fleet_manager.settings import Settings

UNITS = ("campus-fleet-manager.service", "campus-fleet-robot@.service")
OPTION_OF_ROBOT = re.compile(r"--[a-z-]+")


@pytest.fixture(scope="module")
def dockerfile(root: Path) -> str:
    return (root / "Dockerfile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose(root: Path) -> Any:
    return yaml.safe_load((root / "compose.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_calls_the_unit_right(unit: str, root: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here: apt-get install systemd")
    text = (root / "deploy/systemd" / unit).read_text(encoding="utf-8")
    # The programs lie where they do on the machine that is meant; here they are the checkout's.
    copied = tmp_path / unit.replace("@", "@robot_1")
    copied.write_text(text.replace("/opt/campus-fleet/", f"{root}/").replace("User=campus\n", ""))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copied)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    complaints = [line for line in done.stderr.splitlines() if copied.name in line]
    assert complaints == [], done.stderr
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("unit", UNITS)
def test_units_run_without_rights_and_come_back(unit: str, root: Path) -> None:
    text = (root / "deploy/systemd" / unit).read_text(encoding="utf-8")
    for line in ("User=campus", "NoNewPrivileges=true", "ProtectSystem=strict", "Restart=always"):
        assert line in text.splitlines()


def test_images_are_built_in_stages_and_run_without_rights(dockerfile: str) -> None:
    stages = dict(re.findall(r"^FROM (\S+) AS (\S+)$", dockerfile, re.MULTILINE))
    targets = {name: base for base, name in re.findall(r"^FROM (\S+) AS (\S+)$", dockerfile, re.M)}
    assert stages
    for target in ("manager", "robot", "demo"):
        lineage = [target]
        while lineage[-1] in targets:
            lineage.append(targets[lineage[-1]])
        assert "runs" in lineage
        assert "build" not in lineage, "compilers are in no image"
    runs = dockerfile.split("AS runs", 1)[1].split("\nFROM ", 1)[0]
    assert re.search(r"^USER campus$", runs, re.MULTILINE)
    assert dockerfile.count("HEALTHCHECK") == 2


def test_settings_of_images_and_compose_exist(dockerfile: str, compose: Any) -> None:
    named = set(re.findall(r"CAMPUS_([A-Z_]+)=", dockerfile))
    for service in compose["services"].values():
        named |= {name.removeprefix("CAMPUS_") for name in service["environment"]}
    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_compose_builds_the_targets_of_the_dockerfile(dockerfile: str, compose: Any) -> None:
    targets = set(re.findall(r"AS (\S+)$", dockerfile, re.MULTILINE))
    for name, service in compose["services"].items():
        assert service["build"]["target"] in targets, name
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
    assert "profiles" not in compose["services"]["manager"], "the manager comes up by itself"
    volumes = {
        entry.split(":")[0]
        for service in compose["services"].values()
        for entry in service["volumes"]
        if not entry.startswith(("/", ".", "$"))
    }
    assert volumes == set(compose["volumes"])


def test_programs_take_the_options_that_units_and_compose_give(root: Path, compose: Any) -> None:
    host = (root / "ros2_ws/src/campus_robot/campus_robot/host.py").read_text(encoding="utf-8")
    known = set(re.findall(r'add_argument\("(--[a-z-]+)"', host))
    unit = (root / "deploy/systemd" / UNITS[1]).read_text(encoding="utf-8")
    command = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    assert command is not None
    given = set(OPTION_OF_ROBOT.findall(command[1].split("campus_robot/campus_robot", 1)[1]))
    given |= {word.split("=")[0] for word in compose["services"]["robot"]["command"][1:]}
    assert given <= known


def test_pruning_keeps_what_a_package_requires_and_names_what_is_missing(root: Path) -> None:
    script = root / "deploy/image/prune.py"
    code = (
        f"import runpy; names = runpy.run_path({str(script)!r})['kept']({{'pydantic-settings'}}); "
        "print(*sorted(names))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"pydantic-settings", "pydantic", "pydantic-core"} <= set(done.stdout.split())
    assert "ruff" not in done.stdout.split()
