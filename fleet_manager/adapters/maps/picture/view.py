"""Where a level of the campus lies on the picture: metres to pixels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from fleet_manager.core.campus import Campus
from fleet_manager.core.geometry import Xy

Drawn = TypeVar("Drawn", bound=BaseGeometry)


@dataclass(frozen=True)
class View:
    """A level and its place on the picture.

    Attributes:
        px_per_m: how large the map is drawn.
        west_m, north_m: of the map's upper left corner.
        left, top: where that corner lies, pixels.
        unit: of sizes that go with the picture, not with the map; 1 at 2400 pixels.
        width: of the picture.
    """

    campus: Campus
    level: str
    px_per_m: float
    west_m: float
    north_m: float
    left: float
    top: float
    unit: float
    width: float

    def place(self, at: Xy) -> Xy:
        """A position of the map on the picture."""
        return (
            self.left + (at[0] - self.west_m) * self.px_per_m,
            self.top + (self.north_m - at[1]) * self.px_per_m,
        )

    def line(self, points: Iterable[Xy]) -> list[Xy]:
        return [self.place(each) for each in points]

    def drawn(self, shape: Drawn) -> Drawn:
        """A shape of the map on the picture."""

        def moved(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            x = self.left + (points[:, 0] - self.west_m) * self.px_per_m
            y = self.top + (self.north_m - points[:, 1]) * self.px_per_m
            return np.column_stack([x, y])

        found: Drawn = shapely.transform(shape, moved)
        return found

    def px(self, metres: float, least: float = 0.0) -> float:
        """A length of the map in pixels, but no less than some (at 2400 pixels)."""
        return max(metres * self.px_per_m, least * self.unit)

    def sign(self, metres: float, least: float, times: float = 3.0) -> float:
        """The size of a sign or letters, pixels: as on the ground, but within bounds.

        Args:
            least: at 2400 pixels.
            times: how many times the least it is at most.
        """
        return min(self.px(metres, least), least * times * self.unit)
