"""Doors, lifts and crossings over HTTP, in the live feed and on the command line."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fleet_manager.app.views.live import live_content
from fleet_manager.cli_map import app
from fleet_manager.core.passage import PassageReport, PassageStatus
from tests import two_levels
from tests.api.manager import Manager, running_manager, served_manager
from tests.contract.ledger import START_S

pytestmark = pytest.mark.anyio
BROKEN = PassageReport("door_n", PassageStatus.OUT_OF_ORDER, "ground", stamp_s=START_S)


@pytest.fixture
async def manager(tmp_path: Path) -> AsyncIterator[Manager]:
    """A manager of a house with two doors and a lift."""
    map_dir = two_levels.write(tmp_path / "two_levels")
    async with running_manager(tmp_path, map_dir) as running:
        yield running


@pytest.fixture
def fleet_map(tmp_path: Path) -> Iterator[Any]:
    """Runs `fleet map …` against a manager of that house."""
    map_dir = two_levels.write(tmp_path / "two_levels")
    with served_manager(tmp_path, map_dir) as (address, _, _):

        def run(*arguments: str) -> Any:
            return CliRunner().invoke(app, [*arguments, "--url", address])

        yield run


async def ask_for_the_north_door(manager: Manager) -> str:
    """A robot drives up to the north door and asks for it; the name of the task."""
    await manager.hears("guard_1")
    task = await manager.dispatch("go_to", place="office", robot="guard_1")
    return str(task["booking"]["id"])


async def test_all_passages_are_listed_and_what_was_never_heard_is_unknown(
    manager: Manager,
) -> None:
    found = await manager.get("/passages")
    assert [(each["id"], each["kind"]) for each in found] == [
        ("door_n", "door"),
        ("door_s", "door"),
        ("lift", "lift"),
    ]
    assert {each["state"] for each in found} == {"unknown"}
    lift = await manager.get("/passages/lift")
    assert (lift["name"], lift["levels"], lift["building"]) == (
        "Tower lift",
        ["ground", "l2"],
        "tower",
    )
    keys = ("level", "robot", "session", "asked_level", "since_s")
    assert all(lift[key] is None for key in keys)
    assert lift["waiting"] == []
    assert [each["id"] for each in await manager.get("/passages", kind="lift")] == ["lift"]


async def test_a_passage_says_whom_it_serves_and_how_it_is(manager: Manager) -> None:
    await ask_for_the_north_door(manager)
    door = await manager.get("/passages/door_n")
    assert (door["robot"], door["session"], door["asked_level"]) == (
        "guard_1",
        "requested",
        "ground",
    )
    assert door["since_s"] == START_S
    session = manager.loop.state.passages["door_n"].sessions[0].id
    opened = PassageReport("door_n", PassageStatus.OPEN, "ground", session, "guard_1", START_S)
    await manager.hears_passage(opened)
    door = await manager.get("/passages/door_n")
    assert (door["state"], door["session"], door["level"]) == ("open", "open", "ground")
    assert [each["id"] for each in await manager.get("/passages", state="open")] == ["door_n"]


async def test_what_is_out_of_order_is_restored_once_by_a_person(manager: Manager) -> None:
    await manager.hears_passage(BROKEN)
    door = await manager.get("/passages/door_n")
    assert (door["state"], door["since_s"]) == ("out_of_order", START_S)
    assert door["reason"] == "says that it is out of order"
    assert await manager.post("/passages/door_n/restore", {"by": "Li"}) == {"success": True}
    again = await manager.http.post("/passages/door_n/restore", json={"by": "Li"})
    assert again.status_code == 409
    assert "North door works" in again.json()["detail"]
    (incident,) = await manager.get("/incidents")
    assert incident["status"] == "resolved"
    assert incident["timeline"][-1]["note"] == "Li says that it works"


async def test_an_unknown_passage_is_a_problem_with_a_remedy(manager: Manager) -> None:
    for answer in (
        await manager.http.get("/passages/gate"),
        await manager.http.post("/passages/gate/restore", json={}),
    ):
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert "gate" in answer.json()["detail"]
        assert answer.json()["remedy"]


async def test_the_live_feed_tells_of_passages_that_change(manager: Manager) -> None:
    before = live_content(manager.loop.state, {}, START_S, 1.0)
    assert [each["id"] for each in before.snapshot()["passages"]] == ["door_n", "door_s", "lift"]
    await manager.hears_passage(BROKEN)
    after = live_content(manager.loop.state, {}, START_S + 1, 1.0)
    (changed,) = after.delta(before)["passages"]
    assert (changed["id"], changed["state"]) == ("door_n", "out_of_order")
    await manager.hears_passage(BROKEN)
    later = live_content(manager.loop.state, {}, START_S + 2, 1.0)
    assert "passages" not in later.delta(after)


def test_passages_are_listed_and_restored_on_the_command_line(fleet_map: Any) -> None:
    listed = fleet_map("passages", "--json")
    assert [each["id"] for each in json.loads(listed.stdout)] == ["door_n", "door_s", "lift"]
    assert "door_s" in fleet_map("passages", "--state", "unknown").stdout
    assert "door_s" not in fleet_map("passages", "--state", "open").stdout
    refused = fleet_map("restore", "door_n", "--by", "Li", "--json")
    assert refused.exit_code == 1
    assert "works" in refused.output
