"""The stream of events: what is decided comes at once, and after a break nothing is missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from fleet_manager.app.accounts.directory import Directory
from fleet_manager.app.permissions import Role
from tests.api.conftest import Served, call
from tests.api.manager import Manager, asked, bearer


def told(lines: Iterator[str]) -> Iterator[tuple[int, str, Any]]:
    """Id, type and document of each event of a stream."""
    fields: dict[str, str] = {}
    for line in lines:
        key, _, value = line.partition(": ")
        if key:
            fields[key] = value
        elif "data" in fields:
            yield int(fields["id"]), fields["event"], json.loads(fields["data"])
            fields = {}


def dispatch(served: Served, place: str) -> None:
    call(served, served[1].dispatch("patrol", places=[place]))


def test_a_stream_goes_on_where_it_was_broken_off(served: Served) -> None:
    address, manager, _ = served
    only = {"type": "TaskSubmitted"}
    seen = []
    with httpx.Client(base_url=address, headers=bearer(manager.token), timeout=120) as http:
        with http.stream("GET", "/events", params=only) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            stream = told(answer.iter_lines())
            dispatch(served, "library")
            seen.append(next(stream))
        dispatch(served, "gate_a")
        dispatch(served, "gate_b")
        last = {"Last-Event-ID": str(seen[0][0])}
        with http.stream("GET", "/events", params=only, headers=last) as answer:
            stream = told(answer.iter_lines())
            seen += [next(stream), next(stream)]
            dispatch(served, "workshop")
            seen.append(next(stream))
        places = [each["payload"]["task"]["description"]["places"] for _, _, each in seen]
        assert places == [["library"], ["gate_a"], ["gate_b"], ["workshop"]]
        assert {kind for _, kind, _ in seen} == {"TaskSubmitted"}
        all_there_is = http.get("/events", params={**only, "after": "0", "wait": "false"})
        kept = [number for number, _, _ in told(iter(all_there_is.text.splitlines()))]
        assert [number for number, _, _ in seen] == kept[-4:]
        assert http.get("/events", params={"after": "yesterday"}).status_code == 422


def test_a_revoked_session_hears_no_more(served: Served) -> None:
    address, manager, _ = served
    headers = call(served, manager.person("listener", Role.VIEWER))
    with httpx.stream("GET", f"{address}/events", headers=headers, timeout=120) as answer:
        lines = answer.iter_lines()
        call(served, Directory(manager.access).end_sessions("listener"))
        dispatch(served, "library")  # wakes it up
        for _ in lines:
            pass  # until it ends; what was decided before that may still come


@pytest.mark.anyio
async def test_a_task_is_killed(manager: Manager) -> None:
    made = await manager.dispatch("patrol", places=["library"])
    body = {"type": "kill_task_request", "task_id": made["booking"]["id"]}
    await manager.post("/tasks/kill_task", body)
    assert (await manager.get("/tasks/patrol-1/state"))["status"] == "killed"


def test_open_rmf_hears_of_tasks_and_robots(served: Served) -> None:
    address, manager, _ = served
    call(served, manager.hears("security_1"))
    url = address.replace("http", "ws") + "/rmf/states"
    with connect(url, additional_headers=bearer(manager.token), proxy=None) as socket:
        body = asked("patrol", places=["clinic"])
        call(served, manager.post("/tasks/dispatch_task", body))
        seen: dict[str, Any] = {}
        while len(seen) < 2:
            update = json.loads(socket.recv(timeout=120))
            if update["type"] == "fleet_state_update":
                seen["fleet"] = update["data"]
            elif update["data"]["detail"].get("places") == ["clinic"]:
                seen["task"] = update["data"]
    robot = seen["fleet"]["robots"]["security_1"]
    assert robot["location"]["map"] == "ground"
    assert robot["status"] in ("idle", "charging", "working")
    assert None not in seen["task"].values()
