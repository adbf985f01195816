"""How fast fleet time runs, measured."""

from __future__ import annotations

import time
from collections import deque

OVER_S = 5.0


class Pace:
    """Fleet seconds per second over the last seconds of the computer's clock."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, float]] = deque()

    def mark(self, fleet_s: float) -> None:
        """Note the fleet time of now."""
        wall_s = time.monotonic()
        self._marks.append((wall_s, fleet_s))
        while wall_s - self._marks[0][0] > OVER_S and len(self._marks) > 2:
            self._marks.popleft()

    @property
    def speed(self) -> float:
        """0 before it is known."""
        if len(self._marks) < 2:
            return 0.0
        (wall_a, fleet_a), (wall_b, fleet_b) = self._marks[0], self._marks[-1]
        return (fleet_b - fleet_a) / (wall_b - wall_a) if wall_b > wall_a else 0.0


def due(last_s: float | None, now_s: float, every_s: float) -> bool:
    """Whether what is done every so often is to be done; None: it never was."""
    return last_s is None or now_s - last_s >= every_s
