"""How steep the ground is under a robot, by the lanes of the map: ramps, bridges, underpasses."""

from __future__ import annotations

import math
from collections.abc import Mapping

from shapely.geometry import LineString

from fleet_manager.core.campus import REVERSE, Campus, Lane
from fleet_manager.core.geometry import Xy, heading_rad, point_at, project

AHEAD_M = 0.05

Box = tuple[float, float, float, float]


class Slopes:
    """Sloping lanes of a campus by level; a ramp slopes on both of its levels."""

    def __init__(self, campus: Campus) -> None:
        self._lanes: Mapping[str, list[tuple[Lane, Box]]] = _sloping(campus)

    def under(self, level: str, here: Xy, theta_rad: float) -> float:
        """Rise over run in a heading; 0 off the sloping lanes, and across them."""
        for lane, (west_m, south_m, east_m, north_m) in self._lanes.get(level, ()):
            if not (west_m < here[0] < east_m and south_m < here[1] < north_m):
                continue
            along_m, beside_m = project(lane.points, here)
            if beside_m <= lane.width_m / 2 and 0.0 < along_m < lane.length_m:
                ends = (point_at(lane.points, along_m + each) for each in (-AHEAD_M, AHEAD_M))
                return lane.slope * math.cos(theta_rad - heading_rad(*ends))
        return 0.0


def _sloping(campus: Campus) -> dict[str, list[tuple[Lane, Box]]]:
    found: dict[str, list[tuple[Lane, Box]]] = {}
    for lane in campus.lanes.values():
        if lane.slope == 0.0 or lane.lift is not None or lane.id.endswith(REVERSE):
            continue
        box = LineString(lane.points).buffer(lane.width_m / 2).bounds
        for level in dict.fromkeys((lane.level, lane.end_level or lane.level)):
            found.setdefault(level, []).append((lane, box))
    return found
