"""A battery that drains by what a robot does and charges at a dock."""

from __future__ import annotations

from dataclasses import dataclass

from fleet_manager.core.config import KindSpec
from fleet_manager.core.planning.energy_model import charge_power_w, drive_j_per_m

SECONDS_PER_HOUR = 3600.0
EMPTY_VOLTAGE_V = 44.0
FULL_VOLTAGE_V = 52.0


@dataclass(frozen=True, slots=True)
class BatteryReading:
    """What a battery tells: charge 0 to 1; the current is positive when it charges."""

    state_of_charge: float
    voltage_v: float
    current_a: float
    charging: bool
    full: bool


class Battery:
    """The battery of one robot.

    Args:
        kind: of the robot.
        state_of_charge: 0 to 1.
    """

    def __init__(self, kind: KindSpec, state_of_charge: float) -> None:
        self._kind = kind
        self._spec = spec = kind.battery
        self._energy_wh = spec.capacity_wh * state_of_charge
        self._power_w = -spec.idle_w
        self._docked = False

    @property
    def state_of_charge(self) -> float:
        """0 to 1."""
        return self._energy_wh / self._spec.capacity_wh

    @property
    def empty(self) -> bool:
        """Whether there is nothing left to drive with."""
        return self._energy_wh <= 0.0

    def step(
        self, dt_s: float, speed_mps: float, slope: float = 0.0, *, tool: bool, docked: bool
    ) -> None:
        """Let time pass at a speed, with the tool on or off, at a dock's contacts or not.

        Args:
            slope: rise over run in the direction in which it moves.
        """
        spec = self._spec
        gained_w = charge_power_w(spec, self._energy_wh) if docked else -spec.idle_w
        driving_w = drive_j_per_m(self._kind, slope) * abs(speed_mps)
        drawn_w = driving_w + (spec.tool_w if tool else 0.0)
        # What a dock gives is net of what the robot draws when idle.
        self._power_w = gained_w - drawn_w
        energy_wh = self._energy_wh + self._power_w * dt_s / SECONDS_PER_HOUR
        self._energy_wh = min(max(energy_wh, 0.0), spec.capacity_wh)
        self._docked = docked

    def reading(self) -> BatteryReading:
        """What the battery tells now."""
        charge = self.state_of_charge
        voltage_v = EMPTY_VOLTAGE_V + (FULL_VOLTAGE_V - EMPTY_VOLTAGE_V) * charge
        full = charge >= 1.0
        power_w = 0.0 if full and self._docked else self._power_w
        return BatteryReading(
            charge, voltage_v, power_w / voltage_v, self._docked and not full, full
        )
