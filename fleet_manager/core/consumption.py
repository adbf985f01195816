"""How much more or less than its kind a robot draws: learned from its battery as it works."""

from __future__ import annotations

import math

from msgspec import Struct

SPREAD = 0.30
"""Robots of a kind draw up to this share more or less than the model, until more is known."""
SCATTER_AT_FIRST = 0.10
SCATTER_LEAST = 0.02
SCATTER_WEIGHT = 8.0
"""Stretches that the first guess of the scatter counts for."""
REMEMBERED = 50.0
"""The scatter is that of about so many stretches."""
DRIFT = 0.01
"""Standard deviation by which a robot's factor changes from one stretch to the next."""
CLIPPED_AT = 3.0
"""A stretch further off than so many deviations counts as one just there (Huber 1964)."""
SURE = 3.0
"""Deviations above the mean that count as the most that a way may take."""
LEAST, MOST = 0.4, 2.5


class Consumption(Struct, frozen=True):
    """A robot's consumption as a share of what the model of its kind says.

    Attributes:
        factor: the estimate; 1: as the model says.
        variance: of the estimate.
        scatter: variance of single stretches around the robot's own factor.
        stretches: measured so far.
    """

    factor: float = 1.0
    variance: float = SPREAD**2 / 3.0
    scatter: float = SCATTER_AT_FIRST**2
    stretches: int = 0

    @property
    def deviation(self) -> float:
        """Standard deviation of what a stretch to come takes, as a share of the model."""
        return math.sqrt(self.variance + self.scatter)

    @property
    def upper(self) -> float:
        """The most that a way to come is reckoned to take, as a share of the model.

        Three deviations above the estimate: more than the width of any even spread. That is never
        more than robots of a kind differ at all, except for one that is found to draw more still.
        """
        likely = self.factor + SURE * self.deviation
        return min(likely, max(1.0 + SPREAD, self.factor + self.deviation))

    def after(self, predicted_wh: float, used_wh: float, noise_wh: float) -> Consumption:
        """With a stretch more: a step of a filter (Kalman 1960) for a constant that drifts.

        Args:
            predicted_wh: by the model, above 0.
            noise_wh: standard deviation of `used_wh`, from how finely the battery tells its charge.
        """
        measured = used_wh / predicted_wh
        noise = (noise_wh / predicted_wh) ** 2
        prior = self.variance + DRIFT**2
        total = prior + self.scatter + noise
        limit = CLIPPED_AT * math.sqrt(total)
        off = min(max(measured - self.factor, -limit), limit)
        gain = prior / total
        weight = 1.0 / min(SCATTER_WEIGHT + self.stretches + 1.0, REMEMBERED)
        own = max(off * off - prior - noise, 0.0)
        scatter = self.scatter + weight * (own - self.scatter)
        return Consumption(
            factor=min(max(self.factor + gain * off, LEAST), MOST),
            variance=(1.0 - gain) * prior,
            scatter=max(scatter, SCATTER_LEAST**2),
            stretches=self.stretches + 1,
        )


def differs(one: Consumption, other: Consumption) -> bool:
    """Whether predictions change by so much that the log has to know."""
    return abs(one.factor - other.factor) > 0.01 or abs(one.upper - other.upper) > 0.02
