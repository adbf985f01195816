"""The levels of a campus as robots touch and see them, each laid when a robot first comes there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from shapely.geometry import LineString

from campus_sim.sensors import RANGE_MAX_M
from campus_sim.walls import LevelWalls
from fleet_manager.core.campus import REVERSE, Campus, Lane
from fleet_manager.core.geometry import Xy, length_m, project

TOUCH_CELL_M = 2.0
SIGHT_CELL_M = 5.0


class Levels:
    """Walls of each level, doors between them, ramps from one to another.

    Attributes:
        leaves: doors of passages by passage and level, of the levels laid so far.

    Args:
        touch_m: how far from its middle a robot may touch something in a step.
    """

    def __init__(self, campus: Campus, touch_m: float) -> None:
        self._campus = campus
        self._touch_m = touch_m
        self._laid: dict[str, LevelWalls] = {}
        self._open_on: Callable[[str], Iterable[str]] = lambda _: ()
        self.leaves: dict[tuple[str, str], list[LineString]] = {}
        self._ramps = _ramps(campus)

    def of(self, level: str) -> LevelWalls:
        """A level."""
        found = self._laid.get(level)
        if found is None:
            touch, sight = (self._touch_m, TOUCH_CELL_M), (RANGE_MAX_M, SIGHT_CELL_M)
            found = self._laid[level] = LevelWalls(self._campus, level, touch, sight)
            found.open(self._open_on(level))
            for passage, (x1_m, y1_m, x2_m, y2_m) in found.shape.leaves:
                line = LineString([(x1_m, y1_m), (x2_m, y2_m)])
                self.leaves.setdefault((passage, level), []).append(line)
        return found

    def open(self, open_on: Callable[[str], Iterable[str]]) -> None:
        """Have the doors of those passages open that are open on their level."""
        self._open_on = open_on
        for level, laid in self._laid.items():
            laid.open(open_on(level))

    def on_ramp(self, level: str, here: Xy) -> str:
        """The level of who drives over the middle of a ramp; elsewhere the one it was on."""
        for ramp, (west_m, south_m, east_m, north_m) in self._ramps.get(level, ()):
            if not (west_m < here[0] < east_m and south_m < here[1] < north_m):
                continue
            along_m, beside_m = project(ramp.points, here)
            whole_m = length_m(ramp.points)
            if beside_m < ramp.width_m / 2 and 0.0 < along_m < whole_m:
                return ramp.end_level if along_m > whole_m / 2 else ramp.level
        return level


Box = tuple[float, float, float, float]


def _ramps(campus: Campus) -> Mapping[str, list[tuple[Lane, Box]]]:
    """Driven lanes to another level with the box around them, by both of their levels."""
    found: dict[str, list[tuple[Lane, Box]]] = {}
    for lane in campus.lanes.values():
        driven = lane.lift is None and lane.end_level not in {"", lane.level}
        if driven and not lane.id.endswith(REVERSE):
            box = LineString(lane.points).buffer(lane.width_m / 2).bounds
            for level in (lane.level, lane.end_level):
                found.setdefault(level, []).append((lane, box))
    return found
