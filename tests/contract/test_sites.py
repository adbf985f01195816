"""Two campuses in one PostgreSQL, and one address for both that follows whoever leads each."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from fleet_manager.adapters.db import open_store
from fleet_manager.adapters.db.engine import site_of
from fleet_manager.adapters.db.sites import Sites
from fleet_manager.adapters.http.gateway import create_gateway
from fleet_manager.ports import Batch, EventRecord, StoreUnusable
from tests import postgresql

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def database(postgresql_server: postgresql.Server) -> str:
    return postgresql_server.new_database()


def event(seq: int, payload: str) -> EventRecord:
    return EventRecord(seq, 1.0, "test", None, 0, "Ask", "Asked", 1, payload)


async def test_sites_share_a_database_and_nothing_else(database: str) -> None:
    north, south = [await open_store(f"{database}?site={name}") for name in ("north", "south")]
    await north.commit(Batch(events=[event(1, "of north"), event(2, "of north")]))
    await south.commit(Batch(events=[event(1, "of south")]))
    assert [each.payload async for each in south.replay()] == ["of south"]
    assert (north.last_seq, south.last_seq) == (2, 1)
    await north.tell_address("http://10.0.0.1:8000")
    sites = Sites(database)
    async with contextlib.aclosing(sites):
        found = {each.name: each for each in await sites.all()}
        assert set(found) == {"north", "south"}
        assert found["north"].address == "http://10.0.0.1:8000"
        assert not found["north"].released
        await north.close()
        again = await sites.one("north")
        assert again is not None
        assert again.released
        assert await sites.one("west") is None
    next_one = await open_store(f"{database}?site=north")
    assert (next_one.manager_epoch, south.manager_epoch) == (2, 1)
    await next_one.close()
    await south.close()


@pytest.mark.parametrize("name", ["North", "a b", '"; DROP SCHEMA public', "x" * 41])
async def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(StoreUnusable, match="name of a site"):
        site_of(f"postgresql+asyncpg://fleet@localhost/fleet?site={name}")


def manager(name: str) -> ASGIApp:
    """What stands for a fleet manager: it says what it was asked."""

    async def answer(request: Request) -> Response:
        body = (await request.body()).decode()
        headers = request.headers
        told = {
            "by": name,
            "asked": f"{request.method} {request.url.path}?{request.url.query}",
            "body": body,
            "caller": headers.get("authorization"),
            "origin": headers.get("origin"),
        }
        found = JSONResponse(told, 201 if request.method == "POST" else 200)
        found.set_cookie("session", "secret", path="/")
        return found

    async def live(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(f"{name} for {socket.headers.get('cookie')}")
        await socket.send_text(await socket.receive_text())
        await socket.close(4000)

    routes = [
        WebSocketRoute("/live", live),
        Route("/{path:path}", answer, methods=["GET", "POST"]),
    ]
    return Starlette(routes=routes)


@contextlib.asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """An application on a free port; its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()  # who asks before it is ready waits
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


async def test_one_address_reaches_who_leads_each_site(database: str) -> None:
    async with contextlib.AsyncExitStack() as stack:
        sites = await stack.enter_async_context(contextlib.aclosing(Sites(database)))
        stores, addresses = [], []
        for name in ("north", "south"):
            store = await open_store(f"{database}?site={name}")
            stack.push_async_callback(store.close)
            addresses.append(await stack.enter_async_context(served(manager(name))))
            await store.tell_address(addresses[-1])
            stores.append(store)
        gateways = [
            await stack.enter_async_context(served(create_gateway(sites, ["127.0.0.1"])))
            for _ in range(2)
        ]
        http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
        for gateway in gateways:
            listed = []
            for _ in range(20):  # on a busy machine the leases are counted up late
                listed = (await http.get(f"{gateway}/sites")).json()
                if all(each["led"] for each in listed):
                    break
            assert [(each["site"], each["led"]) for each in listed] == [
                ("north", True),
                ("south", True),
            ]
            asked = await http.post(
                f"{gateway}/sites/south/tasks/dispatch?a=1&b=2",
                content="a task",
                headers={"Authorization": "Bearer me", "Origin": gateway},
            )
            assert asked.status_code == 201
            assert asked.json() == {
                "by": "south",
                "asked": "POST /tasks/dispatch?a=1&b=2",
                "body": "a task",
                "caller": "Bearer me",
                "origin": None,
            }
            assert "Path=/sites/south" in asked.headers["set-cookie"]
            live = f"ws{gateway.removeprefix('http')}/sites/north/live"
            async with connect(live, additional_headers={"Cookie": "me"}, proxy=None) as reader:
                assert await reader.recv() == "north for me"
                await reader.send("heard")
                assert await reader.recv() == "heard"
                with pytest.raises(ConnectionClosed) as closed:
                    await reader.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4000, "the manager's own word"
        foreign = {"Origin": "http://evil.example"}
        refused = await http.get(f"{gateways[0]}/sites/north/tasks", headers=foreign)
        assert refused.json()["code"] == "foreign_origin"
        unknown = await http.get(f"{gateways[0]}/sites/west/tasks")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_site")
        # Another manager takes north over: the next request reaches it.
        successor = await stack.enter_async_context(served(manager("north again")))
        await stores[0].tell_address(successor)
        for gateway in gateways:
            found = (await http.get(f"{gateway}/sites/north/")).json()
            assert found.get("by") == "north again", found
        await stores[1].close()
        away = await http.get(f"{gateways[0]}/sites/south/tasks")
        assert (away.status_code, away.json()["code"]) == (503, "no_manager")
