"""Fleet time: the wall's or the simulator's clock, which never goes back over restarts."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

import structlog

from fleet_manager.ports import Clock

# A clock that is set back by less (as NTP does) is waited for; fleet time stands still until then.
SET_BACK_TOLERANCE_S = 1.0
SET_FORWARD_TOLERANCE_S = 3.0
SLOWER = 0.1
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
    set back), the difference is added to it: durations stay right, and fleet time runs ahead of the
    source. With `monotonic` it falls back to the source again, a tenth slower than the clock.

    A source that is set forward is followed at once, as schedules and closures mean its time; who
    counts durations is told by `take_jump`.

    Args:
        monotonic: seconds of a clock that nobody sets; None: the source is a simulation's, which
            may run at any speed and stop.
    """

    def __init__(
        self,
        source: Clock,
        not_before_s: float = -math.inf,
        monotonic: Callable[[], float] | None = None,
    ) -> None:
        self._source = source
        self._monotonic = monotonic
        self._marked_s = monotonic() if monotonic is not None else 0.0
        self._last_s = not_before_s
        self._offset_s = 0.0
        self._jump_s = 0.0
        self._begun = False
        self.now_s()

    @property
    def offset_s(self) -> float:
        """Fleet time minus the source's time, seconds; 0 unless the source was set back."""
        return self._offset_s

    @property
    def ahead_s(self) -> float:
        """How far fleet time runs ahead of the computer's clock, seconds; 0 in a simulation."""
        return 0.0 if self._monotonic is None else self._offset_s

    def now_s(self) -> float:
        """Fleet time, Unix seconds; never less than before."""
        source_s = self._source.now_s()
        gone_s = self._gone_s()
        self._offset_s = max(0.0, self._offset_s - SLOWER * gone_s)
        now_s = source_s + self._offset_s
        if now_s < self._last_s - SET_BACK_TOLERANCE_S:
            if self._begun:
                self._jump_s += now_s - self._last_s - gone_s
            self._offset_s = self._last_s + gone_s - source_s
            now_s = self._last_s + gone_s
            log.warning("clock went back", fleet_time_runs_ahead_s=round(self._offset_s, 3))
        elif self._monotonic is not None and self._begun:
            ahead_s = now_s - self._last_s - gone_s
            if ahead_s > SET_FORWARD_TOLERANCE_S:
                self._jump_s += ahead_s
                log.warning("clock went forward", by_s=round(ahead_s, 3))
        self._begun = True
        self._last_s = max(self._last_s, now_s)
        return self._last_s

    def take_jump(self) -> float:
        """By how much the source was set since the last time; positive: forward."""
        jump_s, self._jump_s = self._jump_s, 0.0
        return jump_s

    def _gone_s(self) -> float:
        """Seconds since the last time that it was asked, by the clock that nobody sets."""
        if self._monotonic is None:
            return 0.0
        before_s, self._marked_s = self._marked_s, self._monotonic()
        return self._marked_s - before_s

    async def wait_until(self, time_s: float) -> None:
        """Wait until fleet time has come to a value."""
        # Less than the spacing of floats at this size must not make this a busy wait.
        while self.now_s() < time_s - 1e-6:
            await self._source.wait_until(time_s - self._offset_s)
