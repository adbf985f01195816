"""/readyz says whether commands are decided, and why not; people are told by an alert."""

from __future__ import annotations

import pytest

from fleet_manager.app import keeper
from fleet_manager.ports import StoreFull
from tests.api.manager import Manager

pytestmark = pytest.mark.anyio


async def test_a_manager_that_is_well_is_ready(manager: Manager) -> None:
    assert await manager.get("/readyz") == {"status": "ok", "conditions": []}


async def test_a_full_disk_is_told_by_readyz_and_afterwards_by_an_alert(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "RETRY_S", 0.0)

    async def full(*_: object) -> None:
        raise StoreFull("the disk is full", "make room")

    with monkeypatch.context() as disk:
        disk.setattr(manager.store, "commit", full)
        disk.setattr(manager.store, "probe", full)
        answer = await manager.http.post("/incidents", json={"kind": "spill", "title": "wet floor"})
        assert (answer.status_code, answer.json()["code"]) == (503, "store_full")
        ready = await manager.http.get("/readyz")
        assert ready.status_code == 503
        problem = ready.json()
        assert (problem["code"], problem["remedy"]) == ("database_full", "make room")
        (condition,) = (await manager.get("/system"))["conditions"]
        assert (condition["code"], condition["stops"]) == ("database_full", True)
        text = (await manager.http.get("/metrics")).text
        assert 'campus_fleet_condition{code="database_full",stops="true"} 1.0' in text
        answer = await manager.http.get("/robots")
        assert answer.status_code == 200, "what is known can be read"
    await manager.post("/incidents", {"kind": "spill", "title": "wet floor"})
    await manager.hears("security_1")
    assert (await manager.get("/readyz"))["status"] == "ok"
    kinds = [each["kind"] for each in await manager.get("/incidents")]
    assert sorted(kinds) == ["database_full", "spill"]


async def test_a_clock_set_forward_makes_no_robot_silent(manager: Manager) -> None:
    await manager.hears("security_1")
    assert (await manager.get("/robots/security_1"))["status"] == "idle"
    manager.loop.clock._jump_s = 3600.0  # what a clock with `monotonic` notes
    manager.clock.set(manager.clock.now_s() + 3600.0)
    await manager.hears("security_3")
    robots = {each["name"]: each["status"] for each in await manager.get("/robots")}
    assert robots["security_1"] == "idle"
    assert [each["kind"] for each in await manager.get("/incidents")] == ["clock_jumped"]
