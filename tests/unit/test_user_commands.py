"""`fleet user`: accounts and tokens from the command line, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fleet_manager.cli_user import app
from fleet_manager.core.errors import CampusFleetError

PASSWORD = "nine herons at dusk\n"


def run(folder: Path, *words: str, typed: str = "") -> str:
    result = CliRunner().invoke(app, [*words, "--data-dir", str(folder)], input=typed)
    if isinstance(result.exception, CampusFleetError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def told(folder: Path, *words: str, typed: str = "") -> Any:
    return json.loads(run(folder, *words, "--json", typed=typed))


def test_people_are_added_changed_and_kept_out(tmp_path: Path) -> None:
    added = told(tmp_path, "add", "Li", "--role", "admin", "--password-stdin", typed=PASSWORD)
    assert (added["role"], added["has_password"], added["link"]) == ("admin", True, None)
    invited = told(tmp_path, "add", "Kim", "--kind", "cleaning", "--link")
    assert (invited["role"], invited["kinds"]) == ("viewer", ["cleaning"])
    assert "/app/login#cfl_" in invited["link"]
    assert told(tmp_path, "change", "kim", "--role", "operator", "--all-kinds")["kinds"] is None
    assert told(tmp_path, "disable", "kim")["disabled"] is True
    assert run(tmp_path, "enable", "kim") == "Kim is enabled\n"
    assert "/app/login#cfl_" in run(tmp_path, "link", "kim")
    assert told(tmp_path, "logout", "kim") == {"name": "kim", "ended": 0}
    run(tmp_path, "password", "kim", "--password-stdin", typed=PASSWORD)
    assert [each["name"] for each in told(tmp_path, "list")] == ["Kim", "Li"]
    assert "operator" in run(tmp_path, "list")
    with pytest.raises(CampusFleetError, match="last admin"):
        run(tmp_path, "disable", "li")


def test_a_machine_gets_a_token_that_is_shown_once(tmp_path: Path) -> None:
    made = told(tmp_path, "token", "fire panel", "--scope", "fire:raise", "--days", "30")
    assert made["secret"].startswith("cft_")
    assert made["ends_s"] - made["created_s"] == pytest.approx(30 * 86400, abs=5)
    (listed,) = told(tmp_path, "tokens")
    assert listed == {key: value for key, value in made.items() if key != "secret"}
    assert "fire panel" in run(tmp_path, "tokens")
    told(tmp_path, "revoke", made["id"])
    assert told(tmp_path, "tokens") == []
