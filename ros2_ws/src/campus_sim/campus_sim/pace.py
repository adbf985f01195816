"""Holds simulated time to a speed: a ceiling, so that time lost is not made up for."""

from __future__ import annotations

import math


class Pace:
    """When the next step may be made.

    Args:
        speed: simulated seconds per wall second; 0 or inf: as fast as it goes.
        dt_s: length of a step.
        now_s: monotonic wall time.
    """

    def __init__(self, speed: float, dt_s: float, now_s: float) -> None:
        self._wall_s = dt_s / speed if speed > 0 and math.isfinite(speed) else 0.0
        self._due_s = now_s

    def wait_s(self, now_s: float) -> float:
        """Wall time until the next step may be made; 0 when it may be made now."""
        return max(self._due_s - now_s, 0.0)

    def stepped(self, now_s: float) -> None:
        """A step was made. A delay of up to one step is evened out, more is lost."""
        self._due_s = max(self._due_s, now_s - self._wall_s) + self._wall_s
