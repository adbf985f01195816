"""Programmes over HTTP and on the command line: promised, changed, paused, refused, shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from fleet_manager import cli_programme
from fleet_manager.app.views.live import live_content
from tests.api.conftest import Served
from tests.api.manager import Manager
from tests.contract.ledger import START_S

WATCH: dict[str, Any] = {
    "id": "watch",
    "name": "Night watch",
    "sites": ["gate_a", {"place": "Library", "promise_s": 1200}],
    "promise_s": 1800,
}
NIGHTLY = {"rrule": "FREQ=DAILY;BYHOUR=22;BYMINUTE=0;BYSECOND=0", "duration_s": 28800}


@pytest.mark.anyio
async def test_a_programme_lives_from_post_to_delete(manager: Manager) -> None:
    made = await manager.post("/programmes", WATCH | {"window": NIGHTLY})
    assert (made["status"], made["promised_s"], made["plan"]) == ("waiting", 1200, None)
    assert 0 < made["opens_s"] - START_S <= 86400
    assert made["closes_s"] - made["opens_s"] == 28800
    assert [site["site"] for site in made["state_of_sites"]] == ["gate_a", "library"]
    assert [each["id"] for each in await manager.get("/programmes")] == ["watch"]

    changed = await manager.http.patch("/programmes/watch", json={"promise_s": 3600, "seed": 7})
    assert (changed.json()["promise_s"], changed.json()["seed"]) == (3600, 7)
    assert changed.json()["window"]["rrule"] == NIGHTLY["rrule"]
    paused = await manager.http.patch("/programmes/watch", json={"enabled": False, "by": "Li"})
    assert (paused.json()["status"], paused.json()["paused_by"]) == ("paused", "Li")
    again = await manager.http.patch("/programmes/watch", json={"enabled": False})
    assert again.status_code == 409
    resumed = await manager.http.patch("/programmes/watch", json={"enabled": True})
    assert resumed.json()["status"] == "waiting"
    assert (await manager.http.delete("/programmes/watch")).json() == {"success": True}
    assert (await manager.http.get("/programmes/watch")).status_code == 404


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"robots": 0}, 422, "0 robots"),
        ({"sites": []}, 422, "nothing to patrol"),
        ({"sites": ["gate_z"]}, 404, "gate_z"),
        ({"sectors": ["north"]}, 404, "north"),
        ({"sites": [{"place": "gate_a", "weight": -1}]}, 422, "gate_a"),
        ({"promise_s": 1}, 422, "promise"),
        ({"window": NIGHTLY | {"until": "2026-01-02"}}, 422, "past"),
        ({"window": NIGHTLY | {"rrule": "every night"}}, 422, "rrule"),
        ({"timezone": "Moon/Sea"}, 422, "Moon/Sea"),
        ({"unpredictability": 3}, 422, "unpredictability"),
        ({"colour": "red"}, 422, "colour"),
        ({"id": "Night Watch"}, 422, "id"),
    ],
)
async def test_what_cannot_be_is_refused_with_what_would_help(
    manager: Manager, change: dict[str, Any], status: int, says: str
) -> None:
    answer = await manager.http.post("/programmes", json=WATCH | change)
    assert (answer.status_code, says in answer.json()["detail"]) == (status, True), answer.text
    assert answer.json()["remedy"]
    assert await manager.get("/programmes") == []


@pytest.mark.anyio
async def test_a_promise_that_no_such_fleet_can_keep_names_how_many_robots_would_do(
    manager: Manager,
) -> None:
    places = list(manager.loop.state.site.campus.names)
    asked = WATCH | {"sites": places, "promise_s": 60}
    answer = await manager.http.post("/programmes", json=asked)
    assert answer.status_code == 422
    assert "are needed at least, and the fleet has 8" in answer.json()["detail"]
    assert "robots would do" in answer.json()["remedy"]


@pytest.mark.anyio
async def test_a_running_programme_is_planned_and_told_live(manager: Manager) -> None:
    await manager.post("/programmes", WATCH)
    await manager.hears("security_1")
    state = manager.loop.state
    frame = live_content(state, {}, START_S, 1.0).snapshot()
    assert [each["id"] for each in frame["programmes"]] == ["watch"]
    before = live_content(state, {}, START_S, 1.0)
    await manager.http.delete("/programmes/watch")
    gone = live_content(manager.loop.state, {}, START_S, 1.0).delta(before)
    assert gone["removed_programmes"] == ["watch"]


def test_programmes_on_the_command_line(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")

    def run(*words: str, exit_code: int = 0) -> str:
        result = CliRunner().invoke(cli_programme.app, [*words, "--url", served[0]])
        assert result.exit_code == exit_code, result.output
        return result.output

    made = json.loads(run("add", "rounds", "gate_a", "library", "--promise", "30min", "--json"))
    assert (made["id"], made["promise_s"]) == ("rounds", 1800)
    assert "rounds" in run("list")
    assert "library" in run("show", "rounds")
    assert json.loads(run("pause", "rounds", "--json"))["status"] == "paused"
    assert "waiting" in run("resume", "rounds") or "running" in run("show", "rounds")
    run("add", "rounds", "gate_a", "--promise", "30min", exit_code=1)
    run("add", "other", "gate_a", "--promise", "soon", exit_code=2)
    assert json.loads(run("delete", "rounds", "--json")) == {"success": True}
    assert run("list") == "no programmes\n"
