"""How often anybody may ask: a bucket of requests each, which fills again with time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and then so many a second."""

    burst: int
    per_s: float


RECOGNISED = Rate(burst=1000, per_s=200.0)
UNKNOWN = Rate(burst=200, per_s=20.0)
"""Who has not logged in; by address."""


@dataclass
class RateLimit:
    """Token buckets by key.

    Attributes:
        clock: seconds that only grow.
    """

    clock: Callable[[], float] = time.monotonic
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait_s(self, key: str, rate: Rate) -> float:
        """Take one from a bucket; 0, or how long until there is one again."""
        now_s = self.clock()
        left, at_s = self._buckets.pop(key, (float(rate.burst), now_s))
        left = min(float(rate.burst), left + (now_s - at_s) * rate.per_s)
        wait_s = 0.0 if left >= 1 else (1 - left) / rate.per_s
        self._buckets[key] = (left - 1 if left >= 1 else left, now_s)
        if len(self._buckets) > KEPT:
            self._buckets.popitem(last=False)
        return wait_s
