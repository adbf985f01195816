"""Who may what, seen from outside with real sessions and tokens: every route as everybody."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from websockets.exceptions import ConnectionClosed, InvalidStatus

from fleet_manager.adapters.http.access_gate import cookie_name
from fleet_manager.adapters.http.rate import Rate, RateLimit
from fleet_manager.adapters.http.route_permissions import TABLE, WEBSOCKET, Found, RouteTable
from fleet_manager.app.accounts.access import HASHES_AT_ONCE
from fleet_manager.app.accounts.directory import Directory
from fleet_manager.app.permissions import SCOPES, Permission, Role, permissions_of
from fleet_manager.ports import StoreFull
from tests.api.conftest import Served, call
from tests.api.manager import BASE, Manager, asked, bearer, running_manager
from tests.api.test_live import following, frame
from tests.contract.accounts import PASSWORD

pytestmark = pytest.mark.anyio

NONSENSE = b"{"  # what is let in is refused for this, and changes nothing
REFUSED = {401, 403}
ENDLESS = {"/events": "/events?wait=false"}
ROUTES = [
    (
        method,
        ENDLESS.get(template, template)
        .replace("{path:path}", "x")
        .replace("{", "")
        .replace("}", ""),
        permission,
    )
    for (method, template), permission in ((key.split(" "), each) for key, each in TABLE.items())
    if method != WEBSOCKET
]
ROUTES.sort(key=lambda route: route[:2] == ("DELETE", "/session"))  # last: it ends who asks


async def status(manager: Manager, method: str, path: str, who: dict[str, str]) -> int:
    headers = {"Content-Type": "application/json", **who}
    content = None if method == "GET" else NONSENSE
    async with httpx.AsyncClient(transport=manager.http._transport, base_url=BASE) as http:
        return (await http.request(method, path, content=content, headers=headers)).status_code


async def test_every_route_as_every_role(manager: Manager) -> None:
    for role in Role:
        who = await manager.person(role.value, role)
        for method, path, permission in ROUTES:
            may = permission is None or permission in permissions_of(role)
            answered = await status(manager, method, path, who)
            assert (answered not in REFUSED) is may, (role, method, path, answered)


async def test_every_route_as_nobody(manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fleet_manager.adapters.http.access_gate.UNKNOWN", Rate(1000, 1.0))
    for method, path, permission in ROUTES:
        for who in ({}, bearer("cfs_guessed"), bearer("cft_guessed")):
            answered = await status(manager, method, path, who)
            assert (answered == 401) is (permission is not None), (method, path, answered)


async def test_every_route_as_a_machine_with_its_scope_and_with_all_others(
    manager: Manager,
) -> None:
    for scope in SCOPES:
        name = scope.value.replace(":", ".")
        alone = await manager.machine(f"with {name}", scope)
        others = await manager.machine(f"without {name}", *(set(SCOPES) - {scope}))
        for method, path, permission in ROUTES:
            if permission is scope:
                assert await status(manager, method, path, alone) not in REFUSED
                assert await status(manager, method, path, others) == 403
    everything = await manager.machine("everything", *SCOPES)
    for method, path, permission in ROUTES:
        if permission is not None and permission not in SCOPES:
            assert await status(manager, method, path, everything) == 403


def routes_of(manager: Manager) -> Iterator[tuple[str, str]]:
    """Method and path of all routes, with every value of parameters that have few."""
    document = manager.app._app._app._app.openapi()
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            paths = [path]
            for each in operation.get("parameters", ()):
                name = each["schema"].get("$ref", "").rpartition("/")[2]
                values = schemas.get(name, {}).get("enum") if each["in"] == "path" else None
                if values:
                    paths = [
                        given.replace(f"{{{each['name']}}}", value)
                        for given in paths
                        for value in values
                    ]
            yield from ((method.upper(), given) for given in paths)


async def test_the_table_has_every_route_of_the_application_and_no_other(manager: Manager) -> None:
    told = set(routes_of(manager))
    hidden = {key for key, each in TABLE.items() if each is None or key.startswith(WEBSOCKET)}
    assert {f"{method} {path}" for method, path in told} | hidden == set(TABLE)
    app = manager.app._app._app._app
    known = RouteTable(TABLE)
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        for method in getattr(context, "methods", None) or {WEBSOCKET}:
            if isinstance(route, APIRoute) and route.include_in_schema:
                continue  # in the document
            path = context.path.replace("{path:path}", "x").replace("{", "").replace("}", "")
            assert isinstance(known.find(method, path), Found), (method, path)


async def test_a_session_comes_as_a_cookie_that_no_script_reads(manager: Manager) -> None:
    await manager.person("Li", Role.OPERATOR)
    del manager.http.headers["Authorization"]
    origin = {"Origin": BASE}
    told = await manager.http.get("/session")
    assert told.json() == {"me": None, "site": "canalside", "any_accounts": True, "secret": None}
    body = {"name": "li", "password": PASSWORD}
    answer = await manager.http.post("/session", json=body, headers=origin)
    me = answer.json()["me"]
    assert (me["name"], me["role"], answer.json()["secret"]) == ("Li", "operator", None)
    assert me["permissions"] == sorted(permissions_of(Role.OPERATOR))
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(cookie_name("localhost:8000") + "=cfs_")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert (await manager.http.get("/robots")).status_code == 200
    assert (await manager.http.delete("/session", headers=origin)).json() == {"success": True}
    assert (await manager.http.get("/robots")).status_code == 401
    manager.http.cookies.set(*cookie.partition(";")[0].split("=", 1))
    assert (await manager.http.get("/robots")).status_code == 401, "it is over, not only forgotten"


async def test_over_https_a_cookie_goes_nowhere_else(manager: Manager) -> None:
    await manager.person("Li")
    body = {"name": "Li", "password": PASSWORD}
    answer = await manager.http.post("https://localhost/session", json=body)
    assert "Secure" in answer.headers["set-cookie"].split("; ")
    assert answer.headers["strict-transport-security"]


async def test_a_cookie_changes_nothing_unless_a_page_of_ours_asks(manager: Manager) -> None:
    li = await manager.person("Li")
    secret = li["Authorization"].removeprefix("Bearer ")
    del manager.http.headers["Authorization"]
    manager.http.cookies.set(cookie_name("localhost:8000"), secret)
    for headers, code in (
        ({}, "forbidden"),
        ({"Sec-Fetch-Site": "cross-site"}, "forbidden"),
        ({"Origin": "http://evil.example"}, "foreign_origin"),
    ):
        answer = await manager.http.post("/robots/pause", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert not manager.link.instant_actions
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": BASE}):
        assert (await manager.http.post("/robots/pause", headers=headers)).status_code == 200


async def test_a_program_gets_its_session_as_a_secret(manager: Manager) -> None:
    await manager.person("Li")
    body = {"name": "Li", "password": PASSWORD, "bearer": True}
    answer = await manager.http.post("/session", json=body)
    assert "set-cookie" not in answer.headers
    told = await manager.http.get("/session", headers=bearer(answer.json()["secret"]))
    assert told.json()["me"]["name"] == "Li"


async def test_a_link_logs_in_once(manager: Manager) -> None:
    admin = await manager.person("Li")
    made = await manager.post("/accounts", {"name": "Kim", "role": "viewer"}, **admin)
    assert (made["has_password"], made["sessions"]) == (False, 0)
    link = (await manager.post("/accounts/kim/link", **admin))["path"].partition("#")[2]
    first, second = [await manager.http.post("/session", json={"link": link}) for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 401)
    assert first.json()["me"]["name"] == "Kim"


async def test_an_admin_keeps_accounts_and_tokens(manager: Manager) -> None:
    admin = await manager.person("Li")
    kim = await manager.person("Kim", Role.VIEWER)
    changed = await manager.http.patch(
        "/accounts/kim", json={"role": "operator", "kinds": ["cleaning"]}, headers=admin
    )
    assert (changed.json()["role"], changed.json()["kinds"]) == ("operator", ["cleaning"])
    told = (await manager.http.get("/session", headers=kim)).json()["me"]
    assert (told["role"], told["kinds"]) == ("operator", ["cleaning"])
    await manager.http.patch("/accounts/kim", json={"disabled": True}, headers=admin)
    assert (await manager.http.get("/robots", headers=kim)).status_code == 401
    last = await manager.http.patch("/accounts/li", json={"role": "viewer"}, headers=admin)
    assert (last.status_code, last.json()["code"]) == (409, "wrong_state")
    made = await manager.post("/tokens", {"name": "kiosk", "scopes": ["fleet:see"]}, **admin)
    kiosk = bearer(made["secret"])
    assert (await manager.http.get("/robots", headers=kiosk)).status_code == 200
    listed = (await manager.http.get("/tokens", headers=admin)).json()
    assert made["id"] in {each["id"] for each in listed}
    assert not any("secret" in each for each in listed)
    await manager.http.delete(f"/tokens/{made['id']}", headers=admin)
    assert (await manager.http.get("/robots", headers=kiosk)).status_code == 401


async def test_the_own_password_and_sessions(manager: Manager) -> None:
    first, second = [await manager.person("Li", Role.VIEWER) for _ in range(2)]
    other = "a heron at noon"
    body = {"password": "not this", "new_password": other}
    wrong = await manager.http.put("/session/password", json=body, headers=first)
    assert wrong.status_code == 401
    body["password"] = PASSWORD
    await manager.http.put("/session/password", json=body, headers=first)
    assert (await manager.http.get("/robots", headers=second)).status_code == 401
    (left,) = (await manager.http.get("/sessions", headers=first)).json()
    assert left["current"]
    body = {"name": "Li", "password": other, "bearer": True}
    third = bearer((await manager.http.post("/session", json=body)).json()["secret"])
    ids = [each["id"] for each in (await manager.http.get("/sessions", headers=third)).json()]
    assert len(ids) == 2
    await manager.http.delete(f"/sessions/{left['id']}", headers=third)
    assert (await manager.http.get("/robots", headers=first)).status_code == 401


async def test_every_command_and_refusal_is_in_the_trail(manager: Manager) -> None:
    admin = await manager.person("Li")
    kim = await manager.person("Kim", Role.VIEWER)
    guess = {"name": "Li", "password": "hunter2 hunter2"}
    await manager.http.post("/session", json=guess)
    await manager.post("/robots/pause", {"reason": "visit"}, **{**admin, "X-Request-ID": "r-1"})
    await manager.http.post("/robots/pause", headers=kim)
    await manager.http.get("/audit", headers=kim)
    unknown = await manager.http.post("/robots/nobody/pause", headers=admin)
    await manager.http.get("/robots", headers=admin)
    rows = (await manager.http.get("/audit", headers=admin)).json()
    told = [(each["actor"], each["method"], each["path"], each["status"]) for each in rows]
    assert told == [
        ("Li", "POST", "/robots/nobody/pause", 404),
        ("Kim", "GET", "/audit", 403),
        ("Kim", "POST", "/robots/pause", 403),
        ("Li", "POST", "/robots/pause", 200),
        ("token:test", "POST", "/session", 401),
    ]
    assert rows[0]["detail"] == unknown.json()["detail"]
    assert rows[2]["detail"] == "Kim is viewer, and this takes operator"
    assert (rows[3]["request_id"], json.loads(rows[3]["body"])) == ("r-1", {"reason": "visit"})
    assert rows[3]["permission"] == "robots:pause"
    assert "hunter2" not in json.dumps(rows)
    page = (await manager.http.get(f"/audit?limit=1&before={rows[0]['seq']}", headers=admin)).json()
    assert page == rows[1:2]
    refused = (await manager.http.get("/audit?refused=true&actor=Kim", headers=admin)).json()
    assert refused == rows[1:3]


async def test_guesses_that_come_at_once_are_held_up_as_those_one_after_another(
    manager: Manager,
) -> None:
    await manager.person("Li")
    guess = {"name": "Li", "password": "hunter2 hunter2"}
    answers = await asyncio.gather(*(manager.http.post("/session", json=guess) for _ in range(20)))
    codes = [each.status_code for each in answers]
    # Five are free, and one more may be in hand beside the last of them.
    assert 5 <= codes.count(401) <= 4 + HASHES_AT_ONCE
    assert codes.count(429) == 20 - codes.count(401)


async def test_who_floods_the_manager_does_not_fill_the_trail(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fleet_manager.adapters.http.access_gate.UNKNOWN", Rate(2, 1e-6))
    nobody = {"Authorization": ""}
    codes = [
        (await manager.http.post("/robots/pause", headers=nobody)).status_code for _ in range(9)
    ]
    assert codes == [401, 401] + [429] * 7
    admin = await manager.person("Li")
    rows = (await manager.http.get("/audit", headers=admin)).json()
    assert [each["status"] for each in rows if each["path"] == "/robots/pause"] == [401, 401]


async def test_a_disk_that_is_full_keeps_nobody_out(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await manager.person("Li", Role.OPERATOR)
    now_s = manager.access.now_s()

    async def full(secret_hash: str, used_s: float) -> None:
        raise StoreFull("the disk is full", "make room")

    monkeypatch.setattr(manager.access.store, "touch", full)
    monkeypatch.setattr(manager.access, "now_s", lambda: now_s + 120.0)
    answer = await manager.http.post("/robots/security_1/emergency_stop", headers=who)
    assert answer.status_code == 200


async def test_who_commands_some_kinds_ends_no_plans_of_others(manager: Manager) -> None:
    wish = {"category": "patrol", "description": {"places": ["library"]}}
    rule = "FREQ=DAILY;BYHOUR=22;BYMINUTE=0;BYSECOND=0"
    night = {"id": "night", "name": "Night", "rrule": rule, "start": "2026-01-01", "request": wish}
    await manager.post("/schedules", night)
    watch = {"id": "watch", "name": "Watch", "sites": ["gate_a"], "promise_s": 1800}
    await manager.post("/programmes", watch)
    kim = await manager.person("Kim", Role.DISPATCHER, kinds=["cleaning"])
    own = {**night, "request": {"category": "clean", "description": {"zone": "plaza_a_west"}}}
    lane = next(iter(manager.loop.state.site.campus.lanes))
    tries = [
        ("DELETE", "/schedules/night", None, 403),
        ("PUT", "/schedules/night", own, 403),
        ("PATCH", "/programmes/watch", {"enabled": False}, 403),
        ("DELETE", "/programmes/watch", None, 403),
        ("POST", "/closures", {"lanes": [lane]}, 403),
        ("POST", "/closures", {"lanes": [lane], "kinds": ["cleaning"]}, 201),
        ("POST", "/schedules", {**own, "id": "own"}, 201),
        ("DELETE", "/schedules/own", None, 200),
    ]
    for method, path, body, status_code in tries:
        answer = await manager.http.request(method, path, json=body, headers=kim)
        assert answer.status_code == status_code, (method, path, answer.text)


async def test_a_person_asks_in_the_own_name_and_a_machine_for_others(manager: Manager) -> None:
    li = await manager.person("Li")
    body = asked("patrol", places=["library"])
    body["request"]["requester"] = "Kim"
    by_person = await manager.post("/tasks/dispatch_task", body, **li)
    by_machine = await manager.post("/tasks/dispatch_task", body)
    requesters = [each["state"]["booking"]["requester"] for each in (by_person, by_machine)]
    assert requesters == ["Li", "Kim"]
    log = [each async for each in manager.store.replay() if each.type == "TaskSubmitted"]
    assert [each.actor for each in log] == ["Li", "token:test for Kim"]


async def test_a_key_of_one_caller_repeats_nothing_of_another(manager: Manager) -> None:
    li = await manager.person("Li")
    key = {"Idempotency-Key": "1"}
    body = asked("patrol", places=["library"])
    states = [
        (await manager.post("/tasks/dispatch_task", body, **headers))["state"]["booking"]["id"]
        for headers in (key, key, {**key, **li})
    ]
    assert states == ["patrol-1", "patrol-1", "patrol-2"]


@pytest.mark.parametrize(
    ("path", "body", "allowed"),
    [
        ("/robots/cleaning_1/pause", {}, True),
        ("/robots/security_1/pause", {}, False),
        ("/robots/pause", {}, False),
        ("/robots/security_1/charge", {}, False),
        ("/robots/security_1/confirm_position", {"waypoint": "gate_a"}, False),
        ("/tasks/dispatch_task", asked("clean", zone="plaza_a_west"), True),
        ("/tasks/dispatch_task", asked("patrol", places=["library"]), False),
        ("/tasks/dispatch_task", asked("patrol", places=["library"], robot="security_1"), False),
        ("/tasks/cancel_task", {"type": "cancel_task_request", "task_id": "patrol-1"}, False),
    ],
)
async def test_who_commands_some_kinds_commands_no_others(
    manager: Manager, path: str, body: Any, allowed: bool
) -> None:
    await manager.dispatch("patrol", places=["library"])
    kim = await manager.person("Kim", Role.DISPATCHER, kinds=["cleaning"])
    answer = await manager.http.post(path, json=body, headers=kim)
    assert (answer.status_code == 200) is allowed, answer.text
    if not allowed:
        assert answer.status_code == 403
        assert "cleaning" in answer.json()["detail"]


async def test_who_asks_too_often_is_told_when_to_ask_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("fleet_manager.adapters.http.access_gate.RECOGNISED", Rate(3, 1.0))
    monkeypatch.setattr("fleet_manager.adapters.http.access_gate.UNKNOWN", Rate(2, 0.5))
    async with running_manager(tmp_path, limit=RateLimit(lambda: now[0])) as manager:
        codes = [(await manager.http.get("/system")).status_code for _ in range(4)]
        assert codes == [200, 200, 200, 429]
        now[0] += 1.0
        assert (await manager.http.get("/system")).status_code == 200
        del manager.http.headers["Authorization"]
        codes = [(await manager.http.get("/healthz")).status_code for _ in range(3)]
        assert codes == [200, 200, 429]
        assert (await manager.http.get("/healthz")).headers["retry-after"] == "2"


async def test_every_answer_keeps_browsers_from_mixing_it_with_other_sites(
    manager: Manager,
) -> None:
    for path in ("/robots", "/nothing", "/app/", "/docs", "/openapi.json"):
        headers = (await manager.http.get(path)).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe-eval" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-request-id"]
        assert headers["cache-control"] in ("no-store", "no-cache")


def test_the_live_feed_is_behind_the_same_gate(served: Served) -> None:
    for headers in (bearer("cfs_guessed"), {"Authorization": "Basic eDp4"}):
        with pytest.raises(InvalidStatus) as refused:
            following(served, **headers)
        assert refused.value.response.status_code == 401
    made = call(served, served[1].machine("metrics", Permission.SEE_METRICS))
    with pytest.raises(InvalidStatus) as refused:
        following(served, **made)
    assert refused.value.response.status_code == 403


def test_a_revoked_session_stops_following(served: Served) -> None:
    _, manager, _ = served
    headers = call(served, manager.person("follower", Role.VIEWER))
    with following(served, **headers) as socket:
        frame(socket)
        call(served, Directory(manager.access).end_sessions("follower"))
        with contextlib.suppress(ConnectionClosed):
            for _ in socket:  # until the connection ends
                pass
        assert socket.close_code == 4401
