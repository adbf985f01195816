"""A battery between two changes of what draws on it."""

from __future__ import annotations

import math

from fleet_manager.core.config import KindSpec
from fleet_manager.core.planning.energy_model import drive_j_per_m

S_PER_H = 3600.0


class Battery:
    """Linear between the times at which its power changes.

    Args:
        kind: of the robot.
        factor: what this robot draws, as a part of what its kind does.
        charge: 0 to 1, to begin with.

    Attributes:
        used_wh, charged_wh: since the beginning, up to the last change of power.
    """

    def __init__(self, kind: KindSpec, factor: float, charge: float, now_s: float) -> None:
        self._kind = kind
        self._spec = spec = kind.battery
        self._factor = factor
        self._left_wh = charge * spec.capacity_wh
        self._since_s = now_s
        self._draw_w = spec.idle_w * factor
        self._gain_w = 0.0
        self.used_wh = 0.0
        self.charged_wh = 0.0

    @property
    def charging(self) -> bool:
        """Whether it stands at a charger."""
        return self._gain_w > 0.0

    def charge(self, now_s: float) -> float:
        """0 to 1."""
        gone_h = (now_s - self._since_s) / S_PER_H
        power_w = self._gain_w if self._gain_w else -self._draw_w
        left_wh = self._left_wh + power_w * gone_h
        return min(1.0, max(0.0, left_wh / self._spec.capacity_wh))

    def draw(
        self, now_s: float, speed_mps: float, slope: float = 0.0, *, tool: float, docked: bool
    ) -> None:
        """From now on it is drawn on by driving at a speed, by the tool, or charged at a dock.

        Args:
            slope: rise over run of the lane, in driving direction.
            tool: part of the time that the tool runs, 0 to 1.
        """
        before_wh = self._left_wh
        self._left_wh = self.charge(now_s) * self._spec.capacity_wh
        gone_h = (now_s - self._since_s) / S_PER_H
        if self._gain_w:
            self.charged_wh += self._left_wh - before_wh
        else:
            self.used_wh += self._draw_w * gone_h
        self._since_s = now_s
        spec = self._spec
        driving_w = drive_j_per_m(self._kind, slope) * speed_mps
        drawn_w = spec.idle_w + driving_w + spec.tool_w * tool
        self._draw_w = drawn_w * self._factor
        self._gain_w = spec.charge_w if docked else 0.0

    def due_s(self, charge: float) -> float:
        """When it has come to a charge, if it goes on as it does; infinite: never."""
        power_w = self._gain_w if self._gain_w else -self._draw_w
        missing_wh = charge * self._spec.capacity_wh - self._left_wh
        if missing_wh == 0.0:
            return self._since_s
        if power_w == 0.0 or missing_wh / power_w < 0.0:
            return math.inf
        return self._since_s + missing_wh / power_w * S_PER_H
