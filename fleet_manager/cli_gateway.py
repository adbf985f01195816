"""`fleet gateway`: several campuses of one PostgreSQL behind one address."""

from __future__ import annotations

import asyncio
import contextlib

import uvicorn

from fleet_manager.adapters.db.engine import file_of
from fleet_manager.adapters.db.sites import Sites
from fleet_manager.adapters.http.gateway import create_gateway
from fleet_manager.app.logs import set_up_logs
from fleet_manager.core.errors import CampusFleetError


class OneSite(CampusFleetError):
    """There is nothing to choose from."""


def gateway_command(url: str, host: str, port: int, *, log_json: bool) -> None:
    """Serve until told to end.

    Raises:
        CampusFleetError: the address is not one of PostgreSQL.
    """
    if file_of(url) is not None:
        raise OneSite(
            "a file of SQLite has one campus", "give --db postgresql+asyncpg://… without a site"
        )
    set_up_logs(as_json=log_json)
    asyncio.run(_serve(url, host, port))


async def _serve(url: str, host: str, port: int) -> None:
    sites = Sites(url)
    app = create_gateway(sites, [host])
    async with contextlib.aclosing(sites):
        config = uvicorn.Config(
            app, host=host, port=port, log_config=None, access_log=False, server_header=False
        )
        await uvicorn.Server(config).serve()
