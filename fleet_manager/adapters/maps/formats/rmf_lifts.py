"""Lifts of an Open-RMF building: cabins, the levels they serve, and the rides between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from shapely.affinity import rotate, translate
from shapely.geometry import Polygon, box

from fleet_manager.adapters.maps.formats.base import Notes
from fleet_manager.adapters.maps.formats.drawing import Drawing
from fleet_manager.adapters.maps.formats.rmf_file import Building, Node
from fleet_manager.adapters.maps.formats.rmf_frame import Frame
from fleet_manager.core.geometry import Xy

_CABIN_M = 2.0
_LEVEL_ABOVE_M = 0.1


@dataclass
class Lift:
    """A lift of the building.

    Attributes:
        levels: that it serves, lowest first, by their names in the file.
        stops: waypoint in the cabin and its place, by level.
    """

    name: str
    cabin: Polygon
    levels: list[str]
    identifier: str = ""
    stops: dict[str, tuple[str, Xy]] = field(default_factory=dict)

    def draw(self, drawing: Drawing, level_ids: dict[str, str]) -> None:
        levels = [level_ids[each] for each in self.levels]
        self.identifier = drawing.area(
            self.name, "lift", self.cabin, name=self.name, levels=levels
        )[0]

    def join_levels(self, drawing: Drawing, notes: Notes) -> None:
        """A lane from each stop to the next one above."""
        stops = [each for each in self.levels if each in self.stops]
        if len(stops) < 2:
            notes.add("lanes lead into the lift on fewer than two levels", self.name)
        for lower, upper in pairwise(stops):
            (start, at), (end, above) = self.stops[lower], self.stops[upper]
            drawing.ride(
                f"{self.identifier}_{lower}_{upper}",
                [at, above],
                start,
                end,
            )


def lifts_of(building: Building, frame: Frame, notes: Notes) -> list[Lift]:
    """The lifts that serve two levels at least, one above the other."""
    lifts: list[Lift] = []
    for name, node in building.lifts.items():
        levels = _served(building, node)
        heights = [building.levels[each].elevation_m for each in levels]
        if len(levels) < 2 or any(b - a < _LEVEL_ABOVE_M for a, b in pairwise(heights)):
            notes.add("lifts that do not serve two levels of different height are left out", name)
            continue
        lifts.append(Lift(name, _cabin(building, node, frame), levels))
    return lifts


def _served(building: Building, node: Node) -> list[str]:
    """Levels with a door of the lift, from its lowest to its highest floor; lowest first."""
    by_height = sorted(building.levels.values(), key=lambda each: each.elevation_m)
    names = [each.name for each in by_height]
    for key in node.entries("level_doors"):
        if key not in names:
            raise node.at("level_doors").error(f"there is no level {key!r}")
    with_doors = {key for key, doors in node.entries("level_doors").items() if doors.value}
    ends = [node.at(key).text() for key in ("lowest_floor", "highest_floor")]
    if all(end in names for end in ends):
        names = names[names.index(ends[0]) : names.index(ends[1]) + 1]
    return [each for each in names if each in with_doors]


def _cabin(building: Building, node: Node, frame: Frame) -> Polygon:
    """The cabin's floor, width along its own x axis, depth along its y axis."""
    wanted = node.at("reference_floor_name").text()
    reference = wanted if wanted in building.levels else next(iter(building.levels))
    width_m = node.at("width").number(default=_CABIN_M)
    depth_m = node.at("depth").number(default=_CABIN_M)
    if not (0.1 <= width_m <= 50.0 and 0.1 <= depth_m <= 50.0):
        raise node.error(f"its cabin is {width_m:g} m by {depth_m:g} m")
    turn_rad = node.at("yaw").number(default=0.0) + frame.turn_rad[reference]
    at = frame.place[reference](node.at("x").number(), node.at("y").number())
    cabin = box(-width_m / 2, -depth_m / 2, width_m / 2, depth_m / 2)
    placed: Polygon = translate(rotate(cabin, turn_rad, origin=(0, 0), use_radians=True), *at)
    return placed
