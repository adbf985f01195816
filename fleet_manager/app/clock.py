"""Fleet time: the wall's or the simulator's clock, which never goes back over restarts."""

from __future__ import annotations

import asyncio
import math
import time

import structlog

from fleet_manager.ports import Clock

# A clock that is set back by less (as NTP does) is waited for; fleet time stands still until then.
SET_BACK_TOLERANCE_S = 1.0
# A wall clock that is set forward must not leave a wait too long.
_LONGEST_SLEEP_S = 1.0

log = structlog.get_logger(__name__)


class WallClock:
    """The computer's clock, Unix seconds."""

    def now_s(self) -> float:
        """Unix seconds."""
        return time.time()

    async def wait_until(self, time_s: float) -> None:
        """Wait until the clock shows a time, a second at most."""
        await asyncio.sleep(min(_LONGEST_SLEEP_S, max(0.0, time_s - time.time())))


class FleetClock:
    """Fleet time on a source clock.

    Decisions are logged with their time, and a log in which time goes back means nothing. So where
    the source shows less than was logged (a simulation started anew on an older database, a clock
    set back), the difference is added to it from then on: durations stay right, and fleet time runs
    ahead of the source until the process is started again with the source caught up.
    """

    def __init__(self, source: Clock, not_before_s: float = -math.inf) -> None:
        self._source = source
        self._last_s = not_before_s
        self._offset_s = 0.0
        self.now_s()

    @property
    def offset_s(self) -> float:
        """Fleet time minus the source's time, seconds; 0 unless the source was set back."""
        return self._offset_s

    def now_s(self) -> float:
        """Fleet time, Unix seconds; never less than before."""
        source_s = self._source.now_s()
        now_s = source_s + self._offset_s
        if now_s < self._last_s - SET_BACK_TOLERANCE_S:
            self._offset_s = self._last_s - source_s
            log.warning("clock went back", fleet_time_runs_ahead_s=round(self._offset_s, 3))
        self._last_s = max(self._last_s, now_s)
        return self._last_s

    async def wait_until(self, time_s: float) -> None:
        """Wait until fleet time has come to a value."""
        # Less than the spacing of floats at this size must not make this a busy wait.
        while self.now_s() < time_s - 1e-6:
            await self._source.wait_until(time_s - self._offset_s)
