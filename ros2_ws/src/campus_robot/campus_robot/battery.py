"""What the robot knows of its battery, and when that is too little."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Battery:
    """A battery reading; NaN where unknown. Current is positive when charging."""

    state_of_charge: float = math.nan
    voltage_v: float = math.nan
    current_a: float = math.nan
    charging: bool = False

    def is_low(self, reserve: float) -> bool:
        """Whether the charge (0 to 1) is known to be below the reserve."""
        return self.state_of_charge < reserve
