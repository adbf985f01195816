"""What is to happen when: the event list of the simulation."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable

Deed = Callable[[float], None]
"""Takes the time at which it happens, Unix seconds."""


class Agenda:
    """Deeds by time; of two at the same time, the one that was entered first comes first."""

    def __init__(self) -> None:
        self._entries: list[tuple[float, int, Deed]] = []
        self._count = 0

    def add(self, time_s: float, deed: Deed) -> None:
        """Enter a deed."""
        self._count += 1
        heapq.heappush(self._entries, (time_s, self._count, deed))

    @property
    def next_s(self) -> float:
        """When the next is due; infinite when there is none."""
        return self._entries[0][0] if self._entries else math.inf

    def take(self) -> tuple[float, Deed]:
        """The next deed and its time."""
        time_s, _, deed = heapq.heappop(self._entries)
        return time_s, deed
