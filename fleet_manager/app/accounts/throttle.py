"""Slows down whoever guesses passwords, without locking out whose name is guessed."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

FIRST_WAIT_S = 2.0
LONGEST_WAIT_S = 900.0
FORGOTTEN_S = 3600.0
KEPT = 10_000


@dataclass(slots=True)
class _Tries:
    failed: int = 0
    last_s: float = 0.0


@dataclass
class Throttle:
    """Failures by key; after some free ones each doubles the wait, up to a quarter of an hour.

    Attributes:
        clock: seconds that only grow.
    """

    clock: Callable[[], float] = time.monotonic
    _tries: OrderedDict[str, _Tries] = field(default_factory=OrderedDict)

    def wait_s(self, keys: Iterable[tuple[str, int]]) -> float:
        """How long somebody has to wait; 0: not at all.

        Args:
            keys: each with how many failures are free.
        """
        return max((self._wait_s(key, free) for key, free in keys), default=0.0)

    def _wait_s(self, key: str, free: int) -> float:
        tries = self._tries.get(key)
        if tries is None or tries.failed < free:
            return 0.0
        doublings = min(tries.failed - free, 20)
        wait_s = min(FIRST_WAIT_S * 2.0**doublings, LONGEST_WAIT_S)
        return max(0.0, tries.last_s + wait_s - self.clock())

    def failed(self, keys: Iterable[tuple[str, int]]) -> None:
        """Somebody failed."""
        now_s = self.clock()
        for key, _ in keys:
            tries = self._tries.setdefault(key, _Tries())
            if now_s - tries.last_s > FORGOTTEN_S:
                tries.failed = 0
            tries.failed += 1
            tries.last_s = now_s
            self._tries.move_to_end(key)
        while len(self._tries) > KEPT:
            self._tries.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Somebody was right: their own failures are forgotten."""
        self._tries.pop(key, None)
