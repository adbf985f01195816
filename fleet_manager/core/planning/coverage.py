"""Plans how a brush sweeps a zone: along its edges, then to and fro over the rest.

Boustrophedon decomposition after Choset and Pignon, "Coverage path planning: the boustrophedon
cellular decomposition" (1998), with one round along every edge first, so that the ends of the
strips need not meet the edge exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from shapely import affinity
from shapely.geometry import LineString, MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry

from fleet_manager.core.errors import CampusFleetError
from fleet_manager.core.geometry import Xy, heading_rad, length_m
from fleet_manager.core.planning.inside import InsideWays

TRACKING_ERROR_M = 0.05
"""By how much a robot may stray from the path without leaving a gap."""

_OVERLAP = 0.1  # of neighbouring strips, as a part of the brush
_TURN_COST_M = 1.0  # a strip costs what this much driving costs: braking, two turns
_MOST_ANGLES = 8
_SLIVER_M2 = 1e-4
_SIMPLER_M = 0.01


class CannotSweep(CampusFleetError):
    """A zone that the brush does not fit into."""


@dataclass(frozen=True)
class SweepPlan:
    """A path for the middle of the brush.

    Attributes:
        path: points, metres; inside the zone.
        length_m: along the path.
        area_m2: of the zone.
        covered_fraction: of the zone's area that a brush on this path touches, 0 to 1.
    """

    path: tuple[Xy, ...]
    length_m: float
    area_m2: float
    covered_fraction: float


def plan_sweep(
    polygon: Polygon,
    brush_width_m: float,
    start_xy: Xy | None = None,
    footprint_radius_m: float = 0.0,
) -> SweepPlan:
    """A path on which a brush cleans a polygon, holes left out.

    A robot that follows it within `TRACKING_ERROR_M` leaves no gap between the strips.

    Args:
        polygon: of the zone, metres.
        brush_width_m: what the brush cleans across the path.
        start_xy: where the robot comes from; the path begins near it.
        footprint_radius_m: a robot that has to stay inside the polygon wholly gives its radius;
            0: it may reach over the edge, as where nothing stands around the zone.

    Raises:
        CannotSweep: the brush is not positive, or nowhere fits into the polygon.
    """
    if not brush_width_m > 0.0:
        raise CannotSweep(
            f"a brush {brush_width_m} m wide cleans nothing", "correct brush_width_m of its kind"
        )
    ground = _Ground.of(polygon, brush_width_m, footprint_radius_m)
    rings = [_Ring(tuple(ring)) for ring in ground.rings()]
    start = start_xy if start_xy is not None else rings[0].points[0]
    plans = (
        _join([*rings, *_cells(ground, angle)], start, ground) for angle in _angles(ground.reach)
    )
    path = min(plans, key=_cost)
    swept = LineString(path).buffer(brush_width_m / 2) if len(path) > 1 else Polygon()
    return SweepPlan(
        path=path,
        length_m=length_m(path),
        area_m2=polygon.area,
        covered_fraction=swept.intersection(polygon).area / polygon.area,
    )


@dataclass(frozen=True)
class _Ground:
    """What is to be swept.

    Attributes:
        polygon: the zone.
        reach: where the middle of the brush may be.
        spacing_m: between strips, at most.
        margin_m: what tracking errors take of the brush on either side.
    """

    polygon: Polygon
    reach: MultiPolygon
    brush_width_m: float
    spacing_m: float
    margin_m: float

    @classmethod
    def of(cls, polygon: Polygon, brush_width_m: float, footprint_radius_m: float) -> _Ground:
        margin_m = min(TRACKING_ERROR_M, brush_width_m / 8)
        inset_m = max(brush_width_m / 2 - margin_m, footprint_radius_m)
        # Simplified inwards by what it may move, the outline has few corners and stays inside.
        inner = polygon.buffer(-inset_m - _SIMPLER_M).simplify(_SIMPLER_M)
        parts = [part for part in _polygons(inner) if part.area > _SLIVER_M2]
        if not parts:
            raise CannotSweep(
                f"nowhere in the zone ({polygon.area:.1f} m²) fits a robot that keeps "
                f"{inset_m:.2f} m from its edge",
                "draw the zone wider or clean it with a smaller machine",
            )
        spacing_m = min((1 - _OVERLAP) * brush_width_m, brush_width_m - 2 * margin_m)
        return cls(polygon, MultiPolygon(parts), brush_width_m, spacing_m, margin_m)

    def rings(self) -> Iterator[list[Xy]]:
        """Outlines of the reach, closed."""
        for part in self.reach.geoms:
            for ring in (part.exterior, *part.interiors):
                yield [(float(x), float(y)) for x, y in ring.coords]

    @cached_property
    def _ways_in_reach(self) -> InsideWays:
        return InsideWays(self.reach)

    @cached_property
    def _ways_in_zone(self) -> InsideWays:
        return InsideWays(self.polygon)

    def way(self, start: Xy, end: Xy) -> tuple[Xy, ...]:
        """The shortest way, in the reach where it is joined, else over a neck of the zone."""
        way = self._ways_in_reach.way(start, end) or self._ways_in_zone.way(start, end)
        assert way is not None, "a polygon is connected"
        return way

    @cached_property
    def inner(self) -> BaseGeometry:
        """What one round along every edge leaves to clean."""
        half_m = self.brush_width_m / 2 - self.margin_m
        rounds = self.reach.boundary.buffer(half_m)
        return self.reach.difference(rounds)


@dataclass(frozen=True)
class _Ring:
    """One round along an edge; may begin at any corner."""

    points: tuple[Xy, ...]

    def options(self, start: Xy) -> Iterator[tuple[Xy, ...]]:
        corners = self.points[:-1]
        first = min(range(len(corners)), key=lambda index: math.dist(corners[index], start))
        yield (*corners[first:], *corners[:first], corners[first])


@dataclass(frozen=True)
class _Cell:
    """Strips side by side with nothing between them; may begin at any of four ends."""

    strips: tuple[tuple[Xy, Xy], ...]

    def options(self, _start: Xy) -> Iterator[tuple[Xy, ...]]:
        for strips in (self.strips, self.strips[::-1]):
            for first in (0, 1):
                yield tuple(
                    point
                    for number, strip in enumerate(strips)
                    for point in (strip if (number + first) % 2 == 0 else strip[::-1])
                )


def _cells(ground: _Ground, angle_rad: float) -> list[_Cell]:
    """Strips in one direction over what the rounds leave, gathered into cells."""
    origin = (0.0, 0.0)
    reach = affinity.rotate(ground.reach, -angle_rad, origin, use_radians=True)
    inner = affinity.rotate(ground.inner, -angle_rad, origin, use_radians=True)
    cosine, sine = math.cos(angle_rad), math.sin(angle_rad)

    def turned_back(x: float, y: float) -> Xy:
        return (x * cosine - y * sine, x * sine + y * cosine)

    return [
        _Cell(tuple((turned_back(low, y), turned_back(high, y)) for y, low, high in cell))
        for cell in _linked(_rows(reach, inner, ground.spacing_m))
    ]


_Strip = tuple[float, float, float]  # y, least x, greatest x


def _rows(reach: BaseGeometry, inner: BaseGeometry, spacing_m: float) -> Iterator[list[_Strip]]:
    """Strips along x, row by row; only as long as there is something left to clean."""
    if inner.area <= _SLIVER_M2:
        return
    min_x, min_y, max_x, max_y = inner.bounds
    count = max(1, math.ceil((max_y - min_y) / spacing_m))
    step_m = (max_y - min_y) / count
    for number in range(count):
        y = min_y + (number + 0.5) * step_m
        line = LineString([(min_x - 1.0, y), (max_x + 1.0, y)])
        band = inner.intersection(box(min_x, y - step_m / 2, max_x, y + step_m / 2))
        row: list[_Strip] = []
        for low, high in _spans(reach.intersection(line)):
            left = band.intersection(box(low, y - step_m, high, y + step_m))
            if left.area > _SLIVER_M2:
                low_x, _, high_x, _ = left.bounds
                row.append((y, low_x, high_x))
        yield row


def _linked(rows: Iterable[list[_Strip]]) -> list[list[_Strip]]:
    """Cells: runs of strips of which each meets one strip of the row before and no other."""
    cells: list[list[_Strip]] = []
    open_cells: list[list[_Strip]] = []
    for row in rows:
        still_open: list[list[_Strip]] = []
        for strip in row:
            before = [cell for cell in open_cells if _overlap(cell[-1], strip)]
            lone = len(before) == 1 and sum(_overlap(before[0][-1], each) for each in row) == 1
            if lone:
                before[0].append(strip)
                still_open.append(before[0])
            else:
                cells.append([strip])
                still_open.append(cells[-1])
        open_cells = still_open
    return cells


def _overlap(a: _Strip, b: _Strip) -> bool:
    return a[1] < b[2] and b[1] < a[2]


def _join(pieces: Sequence[_Ring | _Cell], start: Xy, ground: _Ground) -> tuple[Xy, ...]:
    """Pieces one after the other, each time the nearest, with ways inside between them."""
    left = list(pieces)
    path: list[Xy] = []
    here = start
    while left:
        piece, points = min(
            ((piece, option) for piece in left for option in piece.options(here)),
            key=lambda each: math.dist(each[1][0], here),
        )
        left.remove(piece)
        for point in points:
            if not path:
                path.append(point)
            elif math.dist(path[-1], point) > 1e-9:
                path.extend(ground.way(path[-1], point)[1:])
        here = path[-1]
    return tuple(path)


def _angles(reach: MultiPolygon) -> list[float]:
    """Directions worth trying, 0 to pi: those of the longest edges."""
    lengths: dict[int, tuple[float, float]] = {}
    for part in reach.geoms:
        for ring in (part.exterior, *part.interiors):
            for a, b in pairwise(ring.coords):
                angle = heading_rad((a[0], a[1]), (b[0], b[1])) % math.pi
                degree = round(math.degrees(angle)) % 180
                before_m, first = lengths.get(degree, (0.0, angle))
                lengths[degree] = (before_m + math.dist(a, b), first)
    ranked = sorted(lengths.items(), key=lambda item: (-item[1][0], item[0]))
    return [angle for _, (_, angle) in ranked[:_MOST_ANGLES]]


def _cost(path: Sequence[Xy]) -> float:
    return length_m(path) + _TURN_COST_M * len(path)


def _spans(on_line: BaseGeometry) -> list[tuple[float, float]]:
    parts = getattr(on_line, "geoms", [on_line])
    spans = [(part.bounds[0], part.bounds[2]) for part in parts if part.length > 0.0]
    return sorted(spans)


def _polygons(shape: BaseGeometry) -> list[Polygon]:
    parts = getattr(shape, "geoms", [shape])
    return [part for part in parts if isinstance(part, Polygon) and not part.is_empty]
