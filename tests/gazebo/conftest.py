"""A Gazebo 11 server with Canalside for the tests, or the reason why there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fleet_manager.demo.locks import free_port
from fleet_manager.gazebo.place import Place, usual_place


@dataclass(frozen=True)
class Server:
    """A running gzserver.

    Attributes:
        port: of its master.
        pid: of its process.
        messages: descriptors of its messages.
        map_dir: of the campus in it.
    """

    port: int
    pid: int
    messages: Path
    map_dir: Path


@pytest.fixture(scope="session")
def place() -> Place:
    """Gazebo 11; tests that need it are passed over where it is not, with the reason."""
    found = usual_place()
    reason = found.why_not()
    if reason is not None:
        pytest.skip(f"no Gazebo 11 here: {reason}")
    return found


@pytest.fixture(scope="module")
def server(place: Place, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this module alone."""
    pytest.importorskip("campus_gazebo", reason="the ROS workspace is not built or sourced")
    port = free_port("127.0.0.1", 0)
    map_dir = root / "maps/canalside"
    log = tmp_path_factory.mktemp("gazebo") / "gzserver.log"
    command = [sys.executable, "-m", "fleet_manager", "gazebo", "serve"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--map-dir", str(map_dir), "--port", str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        try:
            yield Server(port, process.pid, place.descriptors, map_dir)
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
