"""The simulator's /clock for the asyncio side: written by the ROS thread, waited for by tasks."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading


class SimClock:
    """`ports.Clock` on /clock.

    `advance` is called in the ROS thread, everything else in the thread of the event loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._now_s: float | None = None
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    @property
    def started(self) -> bool:
        """Whether a /clock has been heard."""
        return self._now_s is not None

    def now_s(self) -> float:
        """Unix seconds as the simulator has them.

        Raises:
            RuntimeError: none was heard yet; wait for it first.
        """
        if self._now_s is None:
            raise RuntimeError("the simulator's time was asked for before the first /clock")
        return self._now_s

    async def wait_for_start(self) -> None:
        """Wait for the first /clock."""
        await self.wait_until(float("-inf"))

    async def wait_until(self, time_s: float) -> None:
        """Wait until /clock shows a time, or is set back."""
        with self._lock:
            if self._now_s is not None and self._now_s >= time_s:
                return
            future: asyncio.Future[None] = self._loop.create_future()
            heapq.heappush(self._waiting, (time_s, next(self._order), future))
        await future

    def advance(self, now_s: float) -> None:
        """Take over a /clock (ROS thread)."""
        with self._lock:
            set_back = self._now_s is not None and now_s < self._now_s
            self._now_s = now_s
            due = []
            while self._waiting and (set_back or self._waiting[0][0] <= now_s):
                due.append(heapq.heappop(self._waiting)[2])
        if due:
            self._loop.call_soon_threadsafe(_resolve, due)


def _resolve(futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)
