"""What goes wrong is told the same way everywhere; other sites and large bodies are kept out."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from fleet_manager.adapters.http.body_limit import BODY_AT_MOST
from fleet_manager.adapters.http.guard import Guard
from fleet_manager.ports import StoreFailed
from tests.api.manager import Manager, asked

pytestmark = pytest.mark.anyio

LARGE = b'"' + b"x" * BODY_AT_MOST + b'"'
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "code"),
    [
        ("GET", "/nothing", b"", 404, "not_found"),
        ("GET", "/tasks/nothing/state", b"", 404, "unknown"),
        ("PATCH", "/robots", b"", 405, "method_not_allowed"),
        ("GET", "/tasks?limit=1001", b"", 422, "invalid_request"),
        ("POST", "/tasks/dispatch_task", b"{", 422, "invalid_json"),
        ("POST", "/tasks/dispatch_task", b"[" * 100_000, 400, "bad_request"),
        ("POST", "/tasks/dispatch_task", b"\xff", 400, "bad_request"),
        ("POST", "/robots/pause", LARGE, 413, "body_too_large"),
    ],
)
async def test_every_error_is_a_problem(
    manager: Manager, method: str, path: str, content: bytes, status: int, code: str
) -> None:
    answer = await manager.http.request(method, path, content=content, headers=JSON)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "code", "remedy"}
    assert all(problem.values())
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)


async def test_a_body_that_comes_in_pieces_is_counted(manager: Manager) -> None:
    async def pieces() -> Any:
        for _ in range(20):
            yield b"x" * (BODY_AT_MOST // 16)

    answer = await manager.http.post("/robots/pause", content=pieces(), headers=JSON)
    assert answer.status_code == 413


async def test_a_database_that_fails_is_told_and_changes_nothing(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_batch: object) -> None:
        raise StoreFailed("the disk is full", "make room")

    monkeypatch.setattr(manager.store, "commit", fail)
    body = asked("patrol", places=["gate_a"])
    answer = await manager.http.post("/tasks/dispatch_task", json=body)
    assert (answer.status_code, answer.json()["code"]) == (503, "store_failed")
    assert answer.json()["remedy"] == "make room"
    monkeypatch.undo()
    assert (await manager.dispatch("patrol", places=["gate_a"]))["booking"]["id"] == "patrol-1"


async def test_a_defect_is_told_without_its_traceback(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(manager.loop), "speed", property(lambda _: 1 / 0))
    with capture_logs() as lines:
        answer = await manager.http.get("/system")
    assert [line["log_level"] for line in lines] == ["error"]
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer.json()["detail"] == "ZeroDivisionError"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "127.0.0.1:8000"}, 200),
        ({"Host": "[::1]:8000"}, 200),
        ({"Host": "localhost:5173", "Origin": "http://localhost:5173"}, 200),
        ({"Origin": "http://localhost:8000"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "localhost.evil.example"}, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://localhost:9999"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
async def test_other_sites_are_refused(
    manager: Manager, headers: dict[str, str], status: int
) -> None:
    answer = await manager.http.post("/robots/pause", headers=headers)
    assert answer.status_code == status
    assert bool(manager.link.instant_actions) is (status == 200)


async def test_a_wildcard_address_stands_for_addresses_but_no_names() -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    transport = httpx.ASGITransport(Guard(app, ["0.0.0.0"]))
    async with httpx.AsyncClient(transport=transport, base_url="http://10.1.2.3") as http:
        assert (await http.get("/")).status_code == 200
        assert (await http.get("/", headers={"Host": "rebound.example"})).status_code == 403


async def test_it_is_ready_while_the_robots_network_is_joined(manager: Manager) -> None:
    assert (await manager.http.get("/readyz")).status_code == 200
    manager.link.ended.set()
    assert (await manager.http.get("/readyz")).status_code == 503
    assert (await manager.http.get("/healthz")).status_code == 200


async def test_counters_are_told_in_json_and_to_prometheus(manager: Manager) -> None:
    await manager.hears("security_1")
    system = await manager.get("/system")
    assert system["manager_epoch"] == 1
    assert system["counters"]["commits"] >= 1
    assert system["counters"]["link_robot_states"] == 3
    text = (await manager.http.get("/metrics")).text
    assert "campus_fleet_link_robot_states_total 3.0" in text
    assert 'campus_fleet_robots{status="uninitialized"} 11.0' in text
