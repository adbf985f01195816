"""Fills areas into cells of a grid, strip by strip, so that no grid is whole in memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

Codes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Frame:
    """A grid of square cells, its rows from the top (north) down.

    Attributes:
        west_m, south_m: lower left corner of the lower left cell.
        cell_m: width of a cell.
        columns, rows: how many cells.
    """

    west_m: float
    south_m: float
    cell_m: float
    columns: int
    rows: int

    @property
    def cells(self) -> int:
        """How many cells it has."""
        return self.columns * self.rows

    @staticmethod
    def around(bounds: tuple[float, float, float, float], cell_m: float, margin_m: float) -> Frame:
        """The least frame around west, south, east, north whose corners are whole cells from 0.

        So the grids of all levels lie cell on cell.
        """
        west, south = (math.floor((low - margin_m) / cell_m) for low in bounds[:2])
        east, north = (math.ceil((high + margin_m) / cell_m) for high in bounds[2:])
        return Frame(
            round(west * cell_m, 6), round(south * cell_m, 6), cell_m, east - west, north - south
        )


class Filler:
    """Says in which areas the middle of each cell lies (even-odd rule, as scan-line fills do).

    Every edge of an area toggles the cells on its right in each row that it passes; a running
    exclusive or along the row then tells inside from outside. An area is a bit, so that all of
    them are filled at once.

    Args:
        areas: eight at most, each of polygons that do not overlap, with holes or without; what
            has no area is left out.
    """

    def __init__(self, areas: Sequence[BaseGeometry], frame: Frame) -> None:
        self._frame = frame
        ends = [_edges(area) for area in areas]
        bits = np.repeat(1 << np.arange(len(areas)), [len(each) for each in ends])
        sides = np.vstack(ends)
        x = (sides[:, (0, 2)] - frame.west_m) / frame.cell_m - 0.5  # in columns, at their middles
        y = frame.rows - (sides[:, (1, 3)] - frame.south_m) / frame.cell_m - 0.5  # rows, downwards
        down = y[:, 0] <= y[:, 1]
        upper, lower = y.min(axis=1), y.max(axis=1)
        # An edge passes the rows upper <= row < lower; those that pass none are left out.
        first, last = np.ceil(upper).astype(np.int64), np.ceil(lower).astype(np.int64)
        passing = np.flatnonzero((first < last) & (last > 0) & (first < frame.rows))
        order = passing[np.argsort(first[passing], kind="stable")]
        top_x = np.where(down, x[:, 0], x[:, 1])[order]
        bottom_x = np.where(down, x[:, 1], x[:, 0])[order]
        self._first, self._last, self._upper = first[order], last[order], upper[order]
        self._bits = bits[order].astype(np.uint8)
        self._x = top_x
        self._slope = (bottom_x - top_x) / (lower[order] - self._upper)

    def rows(self, begin: int, end: int) -> Codes:
        """In which areas the cells of the rows begin to end - 1 lie, shape (end - begin, columns).

        The bit 1 << k says whether a cell lies in area k.
        """
        frame = self._frame
        toggles = np.zeros((end - begin, frame.columns + 1), dtype=np.uint8)
        known = np.searchsorted(self._first, end)  # the edges that begin above the strip's end
        hit = np.flatnonzero(self._last[:known] > begin)
        first, last = np.maximum(self._first[hit], begin), np.minimum(self._last[hit], end)
        count = last - first
        edge = np.repeat(hit, count)
        offset = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
        row = np.repeat(first, count) + offset
        x = self._x[edge] + (row - self._upper[edge]) * self._slope[edge]
        column = np.clip(np.ceil(x), 0, frame.columns).astype(np.int64)
        np.bitwise_xor.at(toggles, (row - begin, column), self._bits[edge])
        return np.bitwise_xor.accumulate(toggles[:, :-1], axis=1)


def _edges(area: BaseGeometry) -> Floats:
    """Sides of polygons: rows of x1, y1, x2, y2 in metres, shape (n, 4)."""
    pieces = [np.empty((0, 4))]
    for part in shapely.get_parts(shapely.get_parts(area)):
        if part.geom_type == "Polygon" and not part.is_empty:
            for ring in (part.exterior, *part.interiors):
                points = shapely.get_coordinates(ring)
                pieces.append(np.hstack([points[:-1], points[1:]]))
    return np.vstack(pieces)
