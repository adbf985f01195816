"""The live feed: a snapshot, then what changes and nothing else, twice a second at most."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from fleet_manager.adapters.http.live import LiveFeed, Reader
from fleet_manager.app.views.live import live_content
from fleet_manager.core.events import TaskMoved
from fleet_manager.core.task import TaskTrigger
from fleet_manager.ports import ZoneCondition
from tests.api.conftest import Served, call
from tests.api.manager import Manager, asked, bearer
from tests.contract.ledger import START_S


def following(served: Served, **headers: str) -> ClientConnection:
    """A connection to the live feed; without headers that of a machine."""
    address, manager, _ = served
    given = headers or bearer(manager.token)
    return connect(address.replace("http", "ws") + "/live", additional_headers=given, proxy=None)


def frame(socket: ClientConnection) -> Any:
    return json.loads(socket.recv(timeout=5))


def until(socket: ClientConnection, key: str) -> Any:
    """The next frame that tells something under a key."""
    while key not in (seen := frame(socket)):
        pass
    return seen


def hears(served: Served, name: str, **changes: object) -> None:
    call(served, served[1].hears(name, **changes))


def test_a_reader_gets_a_snapshot_and_then_what_changes(served: Served) -> None:
    address, manager, _ = served
    who = bearer(manager.token)
    hears(served, "security_1", yaw_rad=0.12345)
    with following(served) as socket:
        first = frame(socket)
        assert (first["type"], first["seq"], first["now_s"]) == ("snapshot", 1, START_S)
        rows = {row[0]: row for row in first["robots"]}
        assert len(rows) == 12
        name, _, _, yaw_rad, level, status, battery, speed_mps, task_id, heard_s, flags = rows[
            "security_1"
        ]
        assert (yaw_rad, level, status, battery) == (0.123, "ground", "idle", 0.9)
        assert (name, speed_mps, task_id, heard_s, flags) == ("security_1", 0.0, None, START_S, 0)
        assert rows["security_2"][1:6] == [None, None, None, None, "uninitialized"]

        body = asked("patrol", places=["library"])
        httpx.post(f"{address}/tasks/dispatch_task", json=body, headers=who, trust_env=False)
        delta = until(socket, "tasks")
        assert delta["type"] == "delta"
        (task,) = delta["tasks"]
        assert (task["title"], task["robot"]) == ("library", "security_1")
        assert [row[0] for row in delta["robots"]] == ["security_1"]
        route = delta["routes"]["security_1"]
        start, joint = first["robots"][0][1:3], route["base"] + route["horizon"]
        assert joint[0] == pytest.approx(start, abs=0.01)
        assert "incidents" not in delta
        assert "removed_tasks" not in delta

        cancel = {"type": "cancel_task_request", "task_id": task["id"]}
        httpx.post(f"{address}/tasks/cancel_task", json=cancel, headers=who, trust_env=False)
        assert until(socket, "tasks")["tasks"][0]["status"] == "canceled"


def test_it_tells_news_twice_a_second_at_most(served: Served) -> None:
    with following(served) as socket:
        frame(socket)
        for step in range(10):
            hears(served, "security_2", yaw_rad=0.1 * step)
            time.sleep(0.1)
        numbers = []
        with contextlib.suppress(TimeoutError):
            while True:
                numbers.append(json.loads(socket.recv(timeout=0.6))["seq"])
        assert numbers == list(range(2, 2 + len(numbers)))
        assert 1 <= len(numbers) <= 4


def test_another_site_cannot_follow(served: Served) -> None:
    address, _, _ = served
    with pytest.raises(InvalidStatus) as refused:
        connect(address.replace("http", "ws") + "/live", origin="http://evil.example")
    assert refused.value.response.status_code == 403


async def always() -> bool:
    """The session is good."""
    return True


class SlowSocket:
    """A WebSocket that takes its time."""

    def __init__(self, feed: LiveFeed) -> None:
        self.frames: list[Any] = []
        self.feed = feed

    async def send_text(self, text: str) -> None:
        self.frames.append(json.loads(text))


@pytest.mark.anyio
async def test_a_slow_reader_gets_a_snapshot_again(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed: LiveFeed = manager.app._app._app._app.state.live_feed
    socket = SlowSocket(feed)
    reader = Reader(socket, feed, always)  # type: ignore[arg-type]
    await reader._tell()
    await manager.hears("security_1")
    await reader._tell()
    monkeypatch.setattr("fleet_manager.adapters.http.live.SLOW_S", -1.0)
    await reader._tell()
    monkeypatch.undo()
    await reader._tell()
    told = [(each["type"], each["seq"]) for each in socket.frames]
    assert told == [("snapshot", 1), ("delta", 2), ("delta", 3), ("snapshot", 4)]


@pytest.mark.anyio
async def test_a_delta_holds_what_came_changed_and_went(manager: Manager, tmp_path: Path) -> None:
    await manager.hears("security_1")
    await manager.dispatch("patrol", places=["library"])
    conditions = {"plaza_a_west": ZoneCondition("plaza_a_west", "simulator", 290.0, 0.5, START_S)}
    state = manager.loop.state
    before = live_content(state, {}, START_S, 1.0)
    assert "security_1" in before.routes

    later = state.copy()
    cancel = TaskMoved("patrol-1", TaskTrigger.CANCEL, START_S)
    manager.loop._gate.apply(later, cancel)
    changed = live_content(later, conditions, START_S + 1, 1.0)
    delta = changed.delta(before)
    assert [each["status"] for each in delta["tasks"]] == ["canceled"]
    assert delta["zones"] == [{"id": "plaza_a_west", "clean_fraction": 0.5}]
    assert "routes" not in delta
    assert changed.delta(changed) == {"type": "delta", "now_s": START_S + 1, "speed": 1.0}

    hour_later = live_content(later, conditions, START_S + 3601, 1.0)
    assert hour_later.delta(changed)["removed_tasks"] == ["patrol-1"]
    arrived = live_content(manager.loop._gate.initial(), {}, START_S, 1.0)
    assert arrived.delta(before)["routes"] == {"security_1": None}
