"""How often a camera's frames are looked at: as often as CPU and battery allow."""

from __future__ import annotations

from dataclasses import dataclass

FASTEST_HZ = 5.0
SLOWEST_HZ = 1.0
CPU_SHARE = 0.35
"""Of one core, for all cameras of a process together: the navigator shares the computer."""
BUSY_LOAD = 0.9
"""Processes that want to run, over cores, from which the rate is halved."""
BATTERY_LOW, BATTERY_RESERVE = 0.30, 0.15
LOW_HZ = 2.0
SMOOTHING = 0.2


@dataclass
class Pace:
    """The rate of one camera.

    Attributes:
        cameras: that share the process.
        work_s: what a frame takes, smoothed; None before the first.
    """

    cameras: int = 1
    work_s: float | None = None

    def took(self, seconds: float) -> None:
        """Take in how long a frame took."""
        before = self.work_s
        self.work_s = seconds if before is None else before + SMOOTHING * (seconds - before)

    def rate_hz(self, battery: float | None, load: float) -> float:
        """Frames a second from now on.

        Args:
            battery: state of charge, 0 to 1; None: it has none, or it is not known.
            load: processes that want to run, over cores.
        """
        rate = FASTEST_HZ
        if self.work_s:
            rate = min(rate, CPU_SHARE / self.work_s / self.cameras)
        if load > BUSY_LOAD:
            rate /= 2
        if battery is not None and battery < BATTERY_LOW:
            rate = min(rate, LOW_HZ)
        if battery is not None and battery < BATTERY_RESERVE:
            rate = SLOWEST_HZ
        return max(SLOWEST_HZ, rate)
