"""One road or path of a plan, and the stations along it where waypoints will lie."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from shapely.geometry import LineString

from fleet_manager.adapters.maps.generator.plan import Road
from fleet_manager.core.errors import MapFormatError
from fleet_manager.core.geometry import Xy, length_m, point_at, project

APART_M = 2.0
"""Stations lie at least this far apart, so that robots at two of them do not touch; what is
asked for nearer to a station becomes part of it."""


@dataclass
class Station:
    """A place along a track.

    Attributes:
        at_m: from the beginning of the track's middle line.
        role: of its waypoints.
        turns: whether one can turn here from one carriageway to the other.
        bend: whether the track changes its direction here.
        passage: the crossing with signals that it lies on, or None.
    """

    at_m: float
    role: str = "junction"
    turns: bool = False
    bend: bool = False
    passage: str | None = None


@dataclass
class Track:
    """A road with its middle line.

    Attributes:
        points: of the middle line, from junction to junction.
        trim_start_m: length at the beginning that belongs to the junction there.
        trim_end_m: the same at the end.
        offset_m: from the middle line to each carriageway; 0 for a single track.
        stations: in no order until `sorted_stations`.
    """

    road: Road
    points: tuple[Xy, ...]
    trim_start_m: float
    trim_end_m: float
    offset_m: float
    stations: list[Station] = field(default_factory=list)

    def __post_init__(self) -> None:
        if length_m(self.points) < self.trim_start_m + self.trim_end_m + APART_M:
            raise self._fail("is too short for its junctions", "move its ends apart")
        at_m = 0.0
        self.stations = [Station(self.first_m), Station(self.last_m)]
        for before, here in pairwise(self.points[:-1]):
            at_m += math.dist(before, here)
            if not self.first_m + APART_M <= at_m <= self.last_m - APART_M:
                raise self._fail(f"bends at {here} inside its junction", "move the bend away")
            self.stations.append(Station(at_m, self.inner_role, bend=True))

    @property
    def inner_role(self) -> str:
        """Role of its waypoints between its ends."""
        if self.road.form == "bridge" or self.road.structure == "bridge":
            return "bridge"
        return "ramp" if self.road.structure is not None else "junction"

    @cached_property
    def shape(self) -> LineString:
        """Its middle line."""
        return LineString(self.points)

    @property
    def first_m(self) -> float:
        """Where its first station lies."""
        return self.trim_start_m

    @property
    def last_m(self) -> float:
        """Where its last station lies."""
        return length_m(self.points) - self.trim_end_m

    @property
    def dual(self) -> bool:
        """Whether it has two carriageways."""
        return self.road.form == "road"

    def distance_m(self, point: Xy) -> float:
        """From a point to the middle line."""
        return project(self.points, point)[1]

    def station_at(self, point: Xy, asker: str, snap_m: float = APART_M) -> Station:
        """The station nearest to a point, made where there is none near enough.

        Args:
            asker: id of the feature that needs it.
            snap_m: how near a station must be to serve.

        Raises:
            MapFormatError: it would lie on a bend, at a junction, or too near to another.
        """
        at_m, _ = project(self.points, point)
        nearest = min(self.stations, key=lambda each: abs(each.at_m - at_m))
        gap_m = abs(nearest.at_m - at_m)
        inner = self.first_m < nearest.at_m < self.last_m
        if gap_m <= snap_m and (inner or self._is_junction(nearest)) and nearest.role == "junction":
            return nearest
        if gap_m < APART_M or not self.first_m < at_m < self.last_m:
            raise MapFormatError(
                f"{asker!r} meets {self.road.id!r} {gap_m:.2f} m from another waypoint of it, "
                f"at {tuple(round(each, 2) for each in point_at(self.points, nearest.at_m))}",
                f"move it along the road until they are {APART_M:g} m apart or at the same place",
                asker,
            )
        station = Station(at_m, self.inner_role)
        self.stations.append(station)
        return station

    def fill(self, every_m: float) -> None:
        """Put stations between those that are further apart than this."""
        for before, after in pairwise(self.sorted_stations()):
            gap_m = after.at_m - before.at_m
            parts = math.ceil(gap_m / every_m - 1e-9)
            for number in range(1, parts):
                at_m = before.at_m + gap_m * number / parts
                self.stations.append(Station(at_m, self.inner_role, turns=not self.no_stopping))

    @property
    def no_stopping(self) -> bool:
        """Whether nobody stops between its ends."""
        return self.inner_role != "junction"

    def sorted_stations(self) -> list[Station]:
        """Stations from the beginning to the end."""
        return sorted(self.stations, key=lambda each: each.at_m)

    def _is_junction(self, station: Station) -> bool:
        """Whether a station at an end is the junction itself, as where paths meet."""
        if self.dual:
            return False
        return (station.at_m == self.first_m and self.trim_start_m == 0.0) or (
            station.at_m == self.last_m and self.trim_end_m == 0.0
        )

    def position(self, at_m: float, side: int) -> Xy:
        """Where a carriageway passes a station.

        Args:
            side: -1 for the carriageway on the right of the drawn direction (driven forwards),
                1 for the one on the left, 0 for a single track.
        """
        x_m, y_m = point_at(self.points, at_m)
        if side == 0 or self.offset_m == 0.0:
            return (x_m, y_m)
        before, after = self._directions(at_m)
        across = (-(before[1] + after[1]), before[0] + after[0])
        size = math.hypot(*across)
        # On the mitre of a bend the carriageway is further from the middle line's corner.
        cosine = size / 2.0
        stretch = side * self.offset_m / (size * cosine)
        return (x_m + across[0] * stretch, y_m + across[1] * stretch)

    def side_of(self, point: Xy) -> int:
        """-1 if a point lies on the right of the drawn direction, 1 on the left, 0 on a path."""
        if not self.dual:
            return 0
        at_m, _ = project(self.points, point)
        foot = point_at(self.points, at_m)
        (dx, dy), _ = self._directions(at_m)
        return 1 if dx * (point[1] - foot[1]) - dy * (point[0] - foot[0]) > 0.0 else -1

    def _directions(self, at_m: float) -> tuple[Xy, Xy]:
        """Unit vectors of the middle line just before and just after a station."""
        epsilon_m = 1e-3
        here = [point_at(self.points, at_m + shift) for shift in (-epsilon_m, 0.0, epsilon_m)]
        units = [
            ((b[0] - a[0]) / step_m, (b[1] - a[1]) / step_m)
            for a, b in pairwise(here)
            if (step_m := math.dist(a, b)) > 0.0
        ]
        return units[0], units[-1]

    def _fail(self, problem: str, remedy: str) -> MapFormatError:
        return MapFormatError(f"road {self.road.id!r} {problem}", remedy, self.road.id)
