"""What a path does for a zone, counted on a fine grid, apart from how the path was planned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from shapely.geometry import Polygon

from fleet_manager.core.config import KindSpec
from fleet_manager.core.geometry import Xy, angle_between_rad, heading_rad, length_m
from fleet_manager.core.planning.coverage.pace import CORNER_RAD, sweep_s

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

CELLS_ACROSS = 20
"""So many cells of the grid are as wide as the brush."""
_CELLS_AT_MOST = 2e6
_BACK_RAD = 2.0  # who turns further goes over the same ground again


@dataclass(frozen=True)
class SweepFigures:
    """Figures of one path in one zone.

    Attributes:
        area_m2: of the zone.
        reachable_m2: what a brush can touch that stays in the zone.
        covered: of what is reachable, 0 to 1.
        overlap: how often on average the brush comes again to what it has cleaned.
        length_m: of the path.
        over_bound: the length over reachable area by brush width, the least that cleans it all.
        turns: corners at which the robot stops to turn.
        duration_s: of the sweep, without the way to it.
        brushes_across: diameter of the largest circle in the zone, in brush widths.
    """

    area_m2: float
    reachable_m2: float
    covered: float
    overlap: float
    length_m: float
    over_bound: float
    turns: int
    duration_s: float
    brushes_across: float


def figures(
    polygon: Polygon,
    path: Sequence[Xy],
    brush_width_m: float,
    kind: KindSpec | None = None,
    footprint_radius_m: float = 0.0,
) -> SweepFigures:
    """Count what a path does for a zone.

    Args:
        polygon: of the zone, metres.
        path: of the middle of the brush.
        kind: of the robot, for the duration; None: as the pace's usual drive.
        footprint_radius_m: of a robot that has to stay inside the zone wholly, else 0.
    """
    grid = _Grid(polygon, brush_width_m)
    reachable = grid.reachable(max(brush_width_m / 2, footprint_radius_m))
    passes = grid.passes(path)
    touched = reachable & (passes > 0)
    cells, clean = int(reachable.sum()), int(touched.sum())
    reachable_m2 = cells * grid.cell_m**2
    driven_m = length_m(path)
    return SweepFigures(
        area_m2=polygon.area,
        reachable_m2=reachable_m2,
        covered=clean / max(cells, 1),
        overlap=(int(passes[touched].sum()) - clean) / max(clean, 1),
        length_m=driven_m,
        over_bound=driven_m * brush_width_m / max(reachable_m2, 1e-9),
        turns=sum(turn >= CORNER_RAD for turn in _turns_rad(path)),
        duration_s=sweep_s(path, kind),
        brushes_across=2 * shapely.maximum_inscribed_circle(polygon).length / brush_width_m,
    )


def _turns_rad(path: Sequence[Xy]) -> list[float]:
    headings = [heading_rad(a, b) for a, b in pairwise(path)]
    return [angle_between_rad(a, b) for a, b in pairwise(headings)]


class _Grid:
    """Square cells over a zone; a cell belongs to it by its centre."""

    def __init__(self, polygon: Polygon, brush_width_m: float) -> None:
        west, south, east, north = polygon.bounds
        finest_m = math.sqrt((east - west) * (north - south) / _CELLS_AT_MOST)
        self.cell_m = max(brush_width_m / CELLS_ACROSS, finest_m)
        self._half_m = brush_width_m / 2
        # A ring of cells around the zone is outside, so that its edge has a distance.
        self._xs: Array = np.arange(west - self.cell_m, east + 2 * self.cell_m, self.cell_m)
        self._ys: Array = np.arange(south - self.cell_m, north + 2 * self.cell_m, self.cell_m)
        shapely.prepare(polygon)
        self._inside: Flags = np.asarray(
            shapely.contains_xy(polygon, self._xs[None, :], self._ys[:, None])
        )

    def reachable(self, inset_m: float) -> Flags:
        """Cells that a brush touches whose middle stays so far from the edge."""
        cell_m = self.cell_m
        from_edge_m = distance_transform_edt(self._inside) * cell_m - cell_m / 2
        middle = from_edge_m >= inset_m
        if not middle.any():  # as wide as the brush is wide enough
            middle = from_edge_m >= inset_m - cell_m
        if not middle.any():
            return np.zeros_like(self._inside)
        to_middle_m = distance_transform_edt(~middle) * cell_m
        return np.asarray(self._inside & (to_middle_m <= self._half_m))

    def passes(self, path: Sequence[Xy]) -> NDArray[np.int32]:
        """How often the brush comes to each cell: once for each unbroken stay over it."""
        count = np.zeros(self._inside.shape, dtype=np.int32)
        last = np.full(self._inside.shape, -2, dtype=np.int32)
        backs = [turn >= _BACK_RAD for turn in [0.0, *_turns_rad(path)]]
        for number, (start, end) in enumerate(pairwise(path)):
            rows, columns, under = self._under(start, end)
            before = last[rows, columns]
            anew = under if backs[number] else under & (before != number - 1)
            count[rows, columns] += anew
            before[under] = number
        return count

    def _under(self, start: Xy, end: Xy) -> tuple[slice, slice, Flags]:
        """A window of the grid, and which cells of it a round brush passes on a straight run."""
        low = np.minimum(start, end) - self._half_m
        high = np.maximum(start, end) + self._half_m
        columns = slice(*np.searchsorted(self._xs, (low[0], high[0])).tolist())
        rows = slice(*np.searchsorted(self._ys, (low[1], high[1])).tolist())
        dx, dy = end[0] - start[0], end[1] - start[1]
        x, y = self._xs[None, columns] - start[0], self._ys[rows, None] - start[1]
        long2 = dx * dx + dy * dy
        along = np.clip((x * dx + y * dy) / long2, 0.0, 1.0) if long2 > 0.0 else 0.0
        off2 = (x - along * dx) ** 2 + (y - along * dy) ** 2
        return rows, columns, np.asarray(off2 <= self._half_m**2)
