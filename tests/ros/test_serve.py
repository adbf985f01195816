"""The manager as a process: starts, ends in time, refuses a second one, outlives a kill."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from tests.stopwatch import seconds_to_end

pytest.importorskip("campus_msgs.msg", reason="the ROS workspace is not sourced")

pytestmark = [pytest.mark.ros, pytest.mark.timeout(300)]

START_WITHIN_S = 120.0
END_WITHIN_S = 2.0


@dataclass
class Manager:
    """A manager process and what it said so far."""

    process: subprocess.Popen[str]
    log: list[dict[str, Any]]
    address: str = ""

    def read_until(self, event: str) -> dict[str, Any]:
        """Read its log until a line tells of an event."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(json.loads(line))
            if self.log[-1]["event"] == event:
                return self.log[-1]
        raise AssertionError(f"it ended before {event!r}: {self.log}")

    def get(self) -> Any:
        return httpx.get(self.address, trust_env=False).json()

    def add(self, amount: int) -> None:
        httpx.post(f"{self.address}/add/{amount}", trust_env=False).raise_for_status()

    def end(self) -> float:
        """Ask it to end; returns the seconds it took."""
        return seconds_to_end(self.process)


@contextlib.contextmanager
def started(root: Path, data_dir: Path, *options: str, port: int = 0) -> Iterator[Manager]:
    command = [sys.executable, "-m", "tests.ros.ledger_manager", str(data_dir), str(port), *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=root)
    try:
        yield Manager(process, [])
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


@contextlib.contextmanager
def serving(root: Path, data_dir: Path) -> Iterator[Manager]:
    with started(root, data_dir) as manager:
        manager.address = manager.read_until("ready")["address"]
        yield manager


def refused(root: Path, data_dir: Path, port: int = 0) -> str:
    """What a manager that cannot start says."""
    with started(root, data_dir, port=port) as manager:
        _, said = manager.process.communicate(timeout=START_WITHIN_S)
        assert manager.process.returncode == 2
    return said


def test_it_ends_in_time_also_with_a_client_that_listens(root: Path, tmp_path: Path) -> None:
    with serving(root, tmp_path) as manager:
        assert manager.get()["total"] == 100
        with connect(manager.address.replace("http", "ws") + "/live", proxy=None) as live:
            live.recv(timeout=START_WITHIN_S)
            assert manager.end() < END_WITHIN_S
        assert manager.process.returncode == 0


def test_a_killed_manager_starts_again_at_once_and_goes_on(root: Path, tmp_path: Path) -> None:
    with serving(root, tmp_path) as manager:
        manager.add(5)
        manager.process.kill()
        with serving(root, tmp_path) as successor:
            shown = successor.get()
            # What the files ask for was carried out by the first, and is not asked again.
            assert (shown["total"], shown["epoch"]) == (105, 2)


def test_a_second_manager_is_refused_with_one_line(root: Path, tmp_path: Path) -> None:
    with serving(root, tmp_path) as manager:
        said = refused(root, tmp_path)
        assert said.count("\n") == 1
        assert f"process {manager.process.pid}" in said
        manager.add(1)


def test_a_taken_port_is_said_in_one_line(root: Path, tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        said = refused(root, tmp_path, port)
    assert said.count("\n") == 1
    assert f"port {port}" in said
    assert not (tmp_path / "fleet.db").exists(), "nothing else was begun"


def test_it_can_be_ended_while_it_waits_for_the_simulator(root: Path, tmp_path: Path) -> None:
    with started(root, tmp_path, "--sim-time") as manager:
        manager.read_until("waiting for /clock")
        assert manager.end() < END_WITHIN_S
        assert manager.process.returncode == 0
