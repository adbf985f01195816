"""Dirt on the zones that are cleaned: a grid on each, from which a brush takes what it passes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import Polygon

CELL_M = 0.1


class DirtGrid:
    """The dirt of one zone, all of it dirty at first. A cell belongs to it by its centre."""

    def __init__(self, polygon: Polygon) -> None:
        left_m, low_m, right_m, high_m = polygon.bounds
        self._xs = np.arange(left_m + CELL_M / 2, right_m, CELL_M)
        self._ys = np.arange(low_m + CELL_M / 2, high_m, CELL_M)
        shapely.prepare(polygon)
        self._inside = shapely.contains_xy(polygon, self._xs[None, :], self._ys[:, None])
        self.dirty: npt.NDArray[np.bool_] = self._inside.copy()
        self._cells = int(self._inside.sum())
        self._clean = 0

    @property
    def area_m2(self) -> float:
        """Area of all cells."""
        return self._cells * CELL_M**2

    @property
    def clean_fraction(self) -> float:
        """Share of the cells that is clean, 0 to 1."""
        return self._clean / self._cells if self._cells else 1.0

    def brush(self, start: tuple[float, float], end: tuple[float, float], width_m: float) -> bool:
        """Clean what a round brush of a width passes between two positions, metres.

        Returns:
            Whether there was anything to clean.
        """
        half_m = width_m / 2
        columns = self._window(self._xs, min(start[0], end[0]), max(start[0], end[0]), half_m)
        rows = self._window(self._ys, min(start[1], end[1]), max(start[1], end[1]), half_m)
        window = self.dirty[rows, columns]
        if not window.any():
            return False
        dx, dy = end[0] - start[0], end[1] - start[1]
        x, y = self._xs[None, columns] - start[0], self._ys[rows, None] - start[1]
        length2 = dx * dx + dy * dy
        along = np.clip((x * dx + y * dy) / length2, 0.0, 1.0) if length2 > 0 else 0.0
        passed = (x - along * dx) ** 2 + (y - along * dy) ** 2 <= half_m**2
        cleaned = int((window & passed).sum())
        window &= ~passed
        self._clean += cleaned
        return cleaned > 0

    @staticmethod
    def _window(
        centres: npt.NDArray[np.float64], low_m: float, high_m: float, margin_m: float
    ) -> slice:
        begin, end = np.searchsorted(centres, (low_m - margin_m, high_m + margin_m))
        return slice(int(begin), int(end))
