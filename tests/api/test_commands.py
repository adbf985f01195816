"""`fleet task` and `fleet robot` against a running manager: tables, JSON, exit codes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from typer.testing import CliRunner

from fleet_manager import cli_robot, cli_task
from tests.api.conftest import Served, call


@dataclass
class Shell:
    """Runs commands on a manager's address."""

    address: str

    def run(self, group: str, *words: str, exit_code: int = 0) -> str:
        app = {"task": cli_task.app, "robot": cli_robot.app}[group]
        result = CliRunner().invoke(app, [*words, "--url", self.address])
        assert result.exit_code == exit_code, result.output
        return result.output

    def json(self, group: str, *words: str) -> Any:
        return json.loads(self.run(group, *words, "--json"))


@pytest.fixture
def shell(served: Served, monkeypatch: pytest.MonkeyPatch) -> Shell:
    li = call(served, served[1].person("Li"))
    monkeypatch.setenv("CAMPUS_TOKEN", li["Authorization"].removeprefix("Bearer "))
    monkeypatch.setenv("COLUMNS", "160")
    return Shell(served[0])


def test_work_is_asked_for_followed_and_ended(shell: Shell) -> None:
    states = [
        shell.json("task", "patrol", "gate_a", "library", "--rounds", "2", "--by", "Li"),
        shell.json("task", "clean", "plaza_a_west", "--priority", "3"),
        shell.json("task", "inspect", "hydrant_a1", "hydrant_a2"),
        shell.json("task", "go-to", "library", "--robot", "security_1"),
    ]
    assert [state["category"] for state in states] == ["patrol", "clean", "inspect", "go_to"]
    patrol = states[0]["booking"]["id"]
    assert states[0]["booking"]["requester"] == "Li"
    assert states[3]["detail"]["robot"] == "security_1"
    assert patrol in shell.run("task", "list", "--category", "patrol")
    assert "patrol_point library" in shell.run("task", "show", patrol)
    assert "security_2" in shell.run("task", "explain", patrol)
    assert "token" in shell.json("task", "interrupt", patrol)
    shell.run("task", "resume", patrol)
    assert shell.run("task", "cancel", patrol) == f"{patrol} is canceled\n"
    assert shell.json("task", "show", patrol)["status"] == "canceled"


def test_emergencies_and_what_is_due_are_asked_for(shell: Shell) -> None:
    state = shell.json("task", "respond", "gate_a", "--by", "Li")
    assert (state["category"], state["booking"]["priority"]["value"]) == ("respond", 8)
    state = shell.json("task", "inspect", "hydrant_a1", "--within", "20")
    asked_ms = state["booking"]["unix_millis_request_time"]
    assert state["unix_millis_due_time"] - asked_ms == pytest.approx(20 * 60 * 1000, abs=5000)
    explained = shell.json("task", "explain", state["booking"]["id"])
    keys = {"task_id", "status", "reason", "never", "decided", "robots"}
    assert set(explained) == keys


def test_robots_are_seen_and_told(shell: Shell) -> None:
    assert len(shell.json("robot", "list")) == 12
    assert "uninitialized" in shell.run("robot", "list")
    assert "dock_a1" in shell.run("robot", "show", "security_1")
    for words in (
        ("pause", "security_1"),
        ("resume", "--all"),
        ("stop", "security_1", "--reason", "smoke"),
        ("release", "security_1"),
        ("stop", "--zone", "plaza_a_west"),
        ("release", "--zone", "plaza_a_west"),
        ("charge", "security_1"),
        ("go-to", "security_2", "library"),
    ):
        assert shell.json("robot", *words) == {"success": True}
    stops = shell.json("robot", "stops")
    assert [each["released_by"] for each in stops["stops"]] == ["Li"]
    assert "releasing" in shell.run("robot", "stops")


def test_a_refusal_is_one_line_with_its_remedy(shell: Shell) -> None:
    line = shell.run("task", "patrol", "gate_aa", exit_code=1)
    assert line.startswith("fleet: no place 'gate_aa' on the map of Canalside; did you mean gate_a")
    assert line.count("\n") == 1
    assert "nobody" in shell.run("robot", "show", "nobody", exit_code=1)
    shell.run("robot", "pause", exit_code=2)
    shell.run("robot", "pause", "security_1", "--all", exit_code=2)


def test_a_manager_that_does_not_answer_is_one_line() -> None:
    line = Shell("http://127.0.0.1:9").run("robot", "list", exit_code=2)
    assert line.startswith("fleet: no fleet manager answers at http://127.0.0.1:9; start it")
    assert line.count("\n") == 1
