"""The live feed: WebSocket `/live`, a snapshot and then what changes, at 2 Hz at most."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import msgspec
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from fleet_manager.adapters.http.service import Service, asking_of
from fleet_manager.app.views.live import LiveContent, live_content

PERIOD_S = 0.5
SIGN_OF_LIFE_S = 5.0
"""Without news a frame is sent all the same, so that silence means a lost connection."""
SLOW_S = 2.0
GIVEN_UP_S = 10.0
READERS_AT_MOST = 100
TRY_LATER = 1013
LOGGED_OUT = 4401
CHECKED_EVERY_S = 1.0

router = APIRouter()


@dataclass
class LiveFeed:
    """What all readers are shown; made once a version of the state."""

    service: Service
    readers: int = 0
    _version: int = -1
    _content: LiveContent | None = field(default=None, repr=False)

    def content(self) -> LiveContent:
        """The fleet as it is now."""
        loop = self.service.loop
        if self._content is None or self._version != loop.version:
            self._version = loop.version
            self._content = live_content(
                self.service.state, self.service.link.conditions, self.service.now_s, loop.speed
            )
        return self._content


@dataclass
class Reader:
    """One connection: what it has been told, and under which number.

    Attributes:
        allowed: whether its session is still good.
    """

    socket: WebSocket
    feed: LiveFeed
    allowed: Callable[[], Awaitable[bool]]
    seq: int = 0
    told: LiveContent | None = None
    told_at_s: float = 0.0

    async def follow(self) -> None:
        """Tell what changes until the reader goes away or takes too long."""
        heard = asyncio.create_task(self._hear(), name="live-reader")
        checked_s = time.monotonic()
        try:
            while not heard.done():
                if time.monotonic() - checked_s >= CHECKED_EVERY_S:
                    checked_s = time.monotonic()
                    if not await self.allowed():
                        await self.socket.close(LOGGED_OUT, "the session is over")
                        return
                if self._has_news():
                    await self._tell()
                await asyncio.wait({heard}, timeout=PERIOD_S)
        except TimeoutError:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
                async with asyncio.timeout(PERIOD_S):
                    await self.socket.close(TRY_LATER, "too slow")
        except WebSocketDisconnect:
            pass
        finally:
            heard.cancel()
            await asyncio.gather(heard, return_exceptions=True)

    def _has_news(self) -> bool:
        silent_s = time.monotonic() - self.told_at_s
        return self.feed.content() is not self.told or silent_s >= SIGN_OF_LIFE_S

    async def _tell(self) -> None:
        """Send a frame.

        Raises:
            TimeoutError: the reader does not take it.
            WebSocketDisconnect: it has gone.
        """
        content = self.feed.content()
        frame = content.snapshot() if self.told is None else content.delta(self.told)
        self.seq += 1
        began_s = time.monotonic()
        async with asyncio.timeout(GIVEN_UP_S):
            await self.socket.send_text(msgspec.json.encode({**frame, "seq": self.seq}).decode())
        self.told_at_s = time.monotonic()
        # Who took so long has missed much: everything anew is shorter than to catch up.
        self.told = None if self.told_at_s - began_s > SLOW_S else content

    async def _hear(self) -> None:
        """Wait until the reader goes; what it says is not asked for."""
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while True:
                await self.socket.receive_text()


@router.websocket("/live")
async def live(socket: WebSocket) -> None:
    """Follow the fleet (docs/api.md)."""
    feed: LiveFeed = socket.app.state.live_feed
    await socket.accept()
    if feed.readers >= READERS_AT_MOST:
        await socket.close(TRY_LATER, "too many readers")
        return
    feed.readers += 1
    try:
        await Reader(socket, feed, asking_of(socket).still).follow()
    finally:
        feed.readers -= 1
