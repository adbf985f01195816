"""Tasks over HTTP: Open-RMF's shapes, asked for once, held, explained, and kept in the history."""

from __future__ import annotations

import pytest

from tests.api.manager import Manager, asked
from tests.contract.ledger import START_S

pytestmark = pytest.mark.anyio

MS = 1000


async def test_a_dispatched_task_has_open_rmfs_shape(manager: Manager) -> None:
    body = asked("patrol", places=["gate_a", "library"], rounds=2)
    later_ms = round(START_S + 60) * MS
    body["request"] |= {
        "priority": {"type": "level", "value": 5},
        "labels": ["night"],
        "requester": "Li",
        "unix_millis_earliest_start_time": later_ms,
    }
    answer = await manager.post("/tasks/dispatch_task", body)
    assert answer["success"] is True
    state = answer["state"]
    assert state["booking"] == {
        "id": "patrol-1",
        "unix_millis_earliest_start_time": later_ms,
        "unix_millis_request_time": round(START_S * MS),
        "priority": {"type": "level", "value": 5},
        "labels": ["night"],
        "requester": "Li",
    }
    assert state["category"] == "patrol"
    assert state["detail"]["places"] == ["gate_a", "library"]
    assert state["status"] == "queued"
    assert state["assigned_to"] is None
    assert [state["phases"][key]["detail"] for key in ("1", "2", "3", "4")] == [
        "gate_a",
        "library",
    ] * 2
    assert (state["completed"], state["active"], state["pending"]) == ([], None, [1, 2, 3, 4])
    assert state["progress"] == 0.0
    assert await manager.get("/tasks/patrol-1/state") == state


async def test_a_robot_that_is_there_gets_the_task(manager: Manager) -> None:
    await manager.hears("security_1")
    identifier = (await manager.dispatch("patrol", places=["library"]))["booking"]["id"]
    state = await manager.get(f"/tasks/{identifier}/state")
    assert state["assigned_to"] == {"group": "canalside", "name": "security_1"}
    assert state["attempts"][0]["robot"] == "security_1"
    robot = await manager.get("/robots/security_1")
    assert robot["task_id"] == identifier
    traffic = (await manager.get("/traffic"))["robots"]["security_1"]
    way = traffic["base"] + traffic["horizon"]
    assert way[0] == "dock_a1"
    assert "library" in way
    assert set(traffic["base"]) <= set(traffic["holds"])


async def test_an_idempotency_key_asks_once(manager: Manager) -> None:
    key = {"Idempotency-Key": "k1"}
    body = asked("clean", zone="plaza_a_west")
    first = await manager.post("/tasks/dispatch_task", body, **key)
    second = await manager.post("/tasks/dispatch_task", body, **key)
    assert first["state"]["booking"]["id"] == second["state"]["booking"]["id"]
    assert len(await manager.get("/tasks")) == 1
    await manager.post("/tasks/dispatch_task", body, **{"Idempotency-Key": "k2"})
    assert len(await manager.get("/tasks")) == 2


async def test_an_interrupted_task_goes_on_with_its_token(manager: Manager) -> None:
    await manager.dispatch("patrol", places=["gate_a"])
    body = {"type": "interrupt_task_request", "task_id": "patrol-1"}
    tokens = [(await manager.post("/tasks/interrupt_task", body))["token"] for _ in range(2)]
    assert len(set(tokens)) == 2
    for token, status in zip(tokens, ("standby", "queued"), strict=True):
        resume = {
            "type": "resume_task_request",
            "for_task": "patrol-1",
            "for_tokens": [token],
        }
        await manager.post("/tasks/resume_task", resume)
        assert (await manager.get("/tasks/patrol-1/state"))["status"] == status


async def test_what_has_ended_cannot_be_canceled(manager: Manager) -> None:
    await manager.dispatch("patrol", places=["gate_a"])
    body = {"type": "cancel_task_request", "task_id": "patrol-1", "by": "Li"}
    await manager.post("/tasks/cancel_task", body)
    assert (await manager.get("/tasks/patrol-1/state"))["status"] == "canceled"
    refused = await manager.http.post("/tasks/cancel_task", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    lines = (await manager.get("/tasks/patrol-1/log"))["log"]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))


async def test_a_waiting_task_is_explained_robot_by_robot(manager: Manager) -> None:
    await manager.hears("cleaning_1")
    await manager.dispatch("patrol", places=["gate_a"])
    explanation = await manager.get("/tasks/patrol-1/explain")
    assert explanation["status"] == "queued"
    assert explanation["reason"]
    robots = {each["robot"]: each for each in explanation["robots"]}
    assert len(robots) == 12
    assert not robots["cleaning_1"]["eligible"]
    assert robots["cleaning_1"]["cost_s"] is None


async def test_who_was_considered_is_told_when_a_task_has_a_robot_and_after_it_has_ended(
    manager: Manager,
) -> None:
    for robot in ("security_1", "security_2", "cleaning_1"):
        await manager.hears(robot)
    await manager.dispatch("patrol", places=["gate_a"])
    decided = (await manager.get("/tasks/patrol-1/explain"))["decided"]
    other = {"security_1": "security_2", "security_2": "security_1"}[decided["robot"]]
    assert "without the skill" in decided["reason"]
    (considered,) = decided["considered"]
    assert considered["robot"] == other
    assert considered["cost_s"] > 0
    await manager.post(
        "/tasks/cancel_task", {"type": "cancel_task_request", "task_id": "patrol-1", "by": "Li"}
    )
    del manager.loop.state.tasks["patrol-1"]
    kept = await manager.get("/tasks/patrol-1/explain")
    assert (kept["decided"], kept["never"], kept["robots"]) == (decided, None, [])


async def test_a_task_that_can_never_run_says_why(manager: Manager) -> None:
    await manager.hears("cleaning_1")
    await manager.post("/closures", {"zones": ["plaza_a_west"], "reason": "fair", "by": "Li"})
    await manager.dispatch("clean", zone="plaza_a_west")
    explanation = await manager.get("/tasks/clean-1/explain")
    assert "plaza_a_west is closed" in explanation["never"]
    state = await manager.get("/tasks/clean-1/state")
    assert state["reason"].startswith("can never run: ")


async def test_a_due_time_is_kept_and_one_that_is_past_is_refused(manager: Manager) -> None:
    body = asked("patrol", places=["gate_a"])
    body["request"]["unix_millis_due_time"] = round(START_S + 600) * MS
    state = (await manager.post("/tasks/dispatch_task", body))["state"]
    assert state["unix_millis_due_time"] == round(START_S + 600) * MS
    body["request"]["unix_millis_due_time"] = round(START_S - 600) * MS
    refused = await manager.http.post("/tasks/dispatch_task", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert "600 s ago" in refused.json()["detail"]


async def test_tasks_are_listed_newest_first_with_those_that_memory_has_forgotten(
    manager: Manager,
) -> None:
    for place in ("gate_a", "library", "hall_a"):
        await manager.dispatch("patrol", places=[place])
    manager.clock.set(START_S + 1)
    await manager.dispatch("clean", zone="plaza_a_west")
    for number in (1, 2):
        body = {"type": "cancel_task_request", "task_id": f"patrol-{number}"}
        await manager.post("/tasks/cancel_task", body)
    del manager.loop.state.tasks["patrol-1"]

    async def ids(**wanted: object) -> list[str]:
        return [each["booking"]["id"] for each in await manager.get("/tasks", **wanted)]

    assert await ids() == ["clean-4", "patrol-3", "patrol-2", "patrol-1"]
    assert await ids(limit=2, offset=1) == ["patrol-3", "patrol-2"]
    assert await ids(status="canceled") == ["patrol-2", "patrol-1"]
    assert await ids(category="clean") == ["clean-4"]
    assert await ids(robot="security_1") == []
    assert (await manager.get("/tasks/patrol-1/state"))["status"] == "canceled"
    assert (await manager.get("/tasks/patrol-1/explain"))["robots"] == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"priority": {"type": "level", "value": 10}}, "priority"),
        ({"category": "dance"}, "category"),
        ({"description": {"places": ["gate_a"], "speed": 3}}, "speed"),
        ({"requester": "x" * 201}, "requester"),
        ({"labels": ["x"] * 51}, "labels"),
        ({"unix_millis_earliest_start_time": -1}, "unix_millis_earliest_start_time"),
    ],
)
async def test_a_request_that_cannot_be_is_refused_by_the_name_of_its_field(
    manager: Manager, change: dict[str, object], named: str
) -> None:
    body = asked("patrol", places=["gate_a"])
    body["request"] |= change
    answer = await manager.http.post("/tasks/dispatch_task", json=body)
    assert answer.status_code == 422
    assert named in answer.json()["detail"]
    assert await manager.get("/tasks") == []


async def test_numbers_that_are_none_are_refused(manager: Manager) -> None:
    content = '{"type":"dispatch_task_request","request":{"category":"spot_clean","description":{"x_m":NaN,"y_m":0,"radius_m":2}}}'  # noqa: E501
    headers = {"Content-Type": "application/json"}
    answer = await manager.http.post("/tasks/dispatch_task", content=content, headers=headers)
    assert answer.status_code == 422
    assert "finite" in answer.json()["detail"]
