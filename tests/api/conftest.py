"""A manager for each test, and one behind a real server for those that need a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.api.manager import Manager, running_manager, served_manager

Served = tuple[str, Manager, asyncio.AbstractEventLoop]
Found = TypeVar("Found")


def call(served: Served, work: Coroutine[Any, Any, Found]) -> Found:
    """Have something done in the event loop of a manager behind a real server."""
    return asyncio.run_coroutine_threadsafe(work, served[2]).result(60)


@pytest.fixture
def anyio_backend() -> str:
    """Tests run on asyncio."""
    return "asyncio"


@pytest.fixture
async def manager(tmp_path: Path) -> AsyncIterator[Manager]:
    """A manager whose clock stands still, with a client that needs no network."""
    async with running_manager(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A manager behind a real HTTP server: its address, itself, its event loop."""
    with served_manager(tmp_path_factory.mktemp("served")) as running:
        yield running
