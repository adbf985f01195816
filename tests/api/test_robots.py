"""Robots over HTTP: as the log and they themselves have it; what they are told."""

from __future__ import annotations

import pytest

from fleet_manager.app.permissions import Role
from fleet_manager.core.report import ErrorLevel, RobotError, Safety
from tests.api.manager import Manager
from tests.contract.ledger import START_S

pytestmark = pytest.mark.anyio


async def test_a_robot_that_was_never_heard_has_no_position(manager: Manager) -> None:
    robots = await manager.get("/robots")
    assert len(robots) == 12
    robot = robots[0]
    assert robot["name"] == "security_1"
    assert robot["status"] == "uninitialized"
    unknown = ("x_m", "y_m", "yaw_rad", "level", "battery", "last_seen_s", "age_s")
    assert all(robot[key] is None for key in unknown)
    assert robot["home"] == "dock_a1"
    assert "patrol" in robot["skills"]


async def test_a_robot_shows_what_it_said_last(manager: Manager) -> None:
    stopped = Safety(
        emergency_stop_latched=True,
        emergency_stop_by="Li",
        emergency_stop_reason="fire",
        localized=False,
    )
    error = RobotError("OBSTACLE", ErrorLevel.WARNING, "a box", "move it")
    await manager.hears("security_1", safety=stopped, errors=(error,), paused=True, x_m=3.0)
    robot = await manager.get("/robots/security_1")
    assert (robot["x_m"], robot["battery"], robot["paused"]) == (3.0, 0.9, True)
    assert robot["emergency_stop"] == {"latched": True, "by": "Li", "reason": "fire"}
    assert robot["localized"] is False
    assert robot["errors"] == [
        {"type": "OBSTACLE", "level": "WARNING", "description": "a box", "remedy": "move it"}
    ]
    assert (robot["last_seen_s"], robot["age_s"]) == (START_S, 0.0)


async def test_one_robot_or_all_are_paused(manager: Manager) -> None:
    assert await manager.post("/robots/security_2/pause") == {"success": True}
    assert [robot for robot, _ in manager.link.instant_actions] == ["security_2"]
    await manager.post("/robots/pause", {"by": "Li", "reason": "visit"})
    assert len({robot for robot, _ in manager.link.instant_actions}) == 12


async def test_a_stop_is_released_by_a_named_person_alone(manager: Manager) -> None:
    await manager.post("/robots/security_1/emergency_stop")
    li = await manager.person("Li", Role.OPERATOR)
    for path in ("/robots/security_1/release_stop", "/robots/release_stop"):
        answer = await manager.http.post(path, json={"by": "Kim"})
        assert answer.status_code == 403
        assert "person" in answer.json()["remedy"]
        await manager.post(path, {"by": "Kim"}, **li)
    told = [each async for each in manager.store.replay() if "release_stop" in each.payload]
    assert len(told) == 13
    assert {each.actor for each in told} == {"Li"}
    assert not any("Kim" in each.payload for each in told)


async def test_a_robot_is_sent_to_charge_or_to_a_place_by_a_task_of_its_own(
    manager: Manager,
) -> None:
    await manager.post("/robots/security_3/charge", {"by": "Li"})
    await manager.post("/robots/safety_1/go_to", {"place": "library", "by": "Li"})
    go_to, charge = await manager.get("/tasks")
    assert (charge["category"], charge["detail"]["robot"]) == ("charge", "security_3")
    assert (go_to["detail"]["place"], go_to["detail"]["robot"]) == ("library", "safety_1")
    assert go_to["booking"]["requester"] == "Li"


async def test_a_silent_robot_is_where_a_person_has_seen_it(manager: Manager) -> None:
    await manager.post("/robots/security_1/confirm_position", {"waypoint": "gate_a", "by": "Li"})
    assert "gate_a" in (await manager.get("/traffic"))["robots"]["security_1"]["holds"]


@pytest.mark.parametrize(
    "path", ["/robots/nobody/pause", "/robots/nobody/charge", "/robots/nobody/confirm_position"]
)
async def test_a_robot_that_is_not_there_is_not_found(manager: Manager, path: str) -> None:
    body = {"waypoint": "gate_a"} if path.endswith("position") else {}
    answer = await manager.http.post(path, json=body)
    assert answer.status_code == 404
    assert "nobody" in answer.json()["detail"]
