"""Dirt on the zones that are cleaned: a grid on each, from which a brush takes what it passes."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import Polygon

CELL_M = 0.1


class DirtGrid:
    """The dirt of one zone, all of it dirty at first. A cell belongs to it by its centre.

    The grid is laid when it is first brushed: a large campus has more zones than are cleaned.
    """

    def __init__(self, polygon: Polygon) -> None:
        self._polygon = polygon
        self._bounds = polygon.bounds
        self._clean = 0

    @cached_property
    def dirty(self) -> npt.NDArray[np.bool_]:
        """Which cells are dirty, rows from the south."""
        polygon = self._polygon
        shapely.prepare(polygon)
        inside: npt.NDArray[np.bool_] = shapely.contains_xy(
            polygon, self._xs[None, :], self._ys[:, None]
        )
        self._cells = int(inside.sum())
        return inside

    @cached_property
    def _xs(self) -> npt.NDArray[np.float64]:
        return np.arange(self._bounds[0] + CELL_M / 2, self._bounds[2], CELL_M)

    @cached_property
    def _ys(self) -> npt.NDArray[np.float64]:
        return np.arange(self._bounds[1] + CELL_M / 2, self._bounds[3], CELL_M)

    @property
    def area_m2(self) -> float:
        """Area of the zone."""
        return float(self._polygon.area)

    @property
    def clean_fraction(self) -> float:
        """Share of the cells that is clean, 0 to 1."""
        if "dirty" not in self.__dict__:
            return 0.0
        return self._clean / self._cells if self._cells else 1.0

    def brush(self, start: tuple[float, float], end: tuple[float, float], width_m: float) -> bool:
        """Clean what a round brush of a width passes between two positions, metres.

        Returns:
            Whether there was anything to clean.
        """
        half_m = width_m / 2
        left_m, low_m, right_m, high_m = self._bounds
        if max(start[0], end[0]) < left_m - half_m or min(start[0], end[0]) > right_m + half_m:
            return False
        if max(start[1], end[1]) < low_m - half_m or min(start[1], end[1]) > high_m + half_m:
            return False
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
