"""The campus as a world of Gazebo: what stands still, for Gazebo 11 and for current Gazebo."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from fleet_manager.adapters.maps.formats.base import ExportOptions, Files, file_stem
from fleet_manager.adapters.maps.formats.campus_part import part_of
from fleet_manager.adapters.maps.formats.graph import chosen_level
from fleet_manager.adapters.maps.formats.sdf_props import Model, Props
from fleet_manager.adapters.maps.formats.sdf_target import Target, head, target_named
from fleet_manager.adapters.maps.formats.sdf_text import (
    Colour,
    Names,
    Part,
    Pose,
    extruded,
    model,
    plane,
    slab,
    wall,
)
from fleet_manager.core.campus import (
    REVERSE,
    Building,
    Campus,
    Cover,
    Lane,
    ObstacleKind,
    PassageKind,
    Structure,
)
from fleet_manager.core.errors import MapFormatError
from fleet_manager.core.geometry import Xy
from fleet_manager.core.level_shape import (
    LevelShape,
    corridor,
    driven_lanes,
    floor_of,
    levels_of,
    shape_of,
)

WALL_M = 0.15
FLOOR_M = 0.2
RAMP_M = 0.1
PAINT_M = 0.01  # height of what only lies on the ground, to be seen
DECK_M = 0.03
HAIR_M = 0.001
LEAST_STOREY_M = 2.5
FREE_WALL_M = 2.0

_GROUND: Colour = (0.62, 0.65, 0.58)
_WALL: Colour = (0.86, 0.84, 0.8)
_SOLID: Colour = (0.72, 0.68, 0.63)
_FLOOR: Colour = (0.8, 0.78, 0.74)
_DECK: Colour = (0.55, 0.46, 0.36)
_COVERS: Mapping[Cover, Colour] = {
    Cover.WATER: (0.35, 0.55, 0.7),
    Cover.GRASS: (0.45, 0.62, 0.35),
    Cover.TREES: (0.3, 0.5, 0.28),
    Cover.PLAZA: (0.78, 0.74, 0.68),
    Cover.CAR_PARK: (0.45, 0.46, 0.48),
    Cover.PUBLIC_ROAD: (0.3, 0.3, 0.32),
    Cover.FIELD: (0.55, 0.66, 0.4),
}
# Height of an obstacle; a robot's laser meets water and public roads as a bank, as it does in the
# embedded simulator.
_OBSTACLES: Mapping[ObstacleKind, tuple[float, Colour]] = {
    ObstacleKind.WATER: (0.5, _COVERS[Cover.WATER]),
    ObstacleKind.PUBLIC_ROAD: (0.5, _COVERS[Cover.PUBLIC_ROAD]),
    ObstacleKind.WALL: (2.0, _SOLID),
    ObstacleKind.FENCE: (1.5, (0.5, 0.5, 0.52)),
    ObstacleKind.TREES: (1.2, _COVERS[Cover.TREES]),  # underwood; trees stand in it
    ObstacleKind.CONSTRUCTION: (2.0, (0.8, 0.55, 0.25)),
    ObstacleKind.OTHER: (1.0, (0.6, 0.6, 0.6)),
}
_FLAT = {ObstacleKind.WATER, ObstacleKind.PUBLIC_ROAD}


def write(campus: Campus, options: ExportOptions) -> Files:
    """One world with all levels, or with the chosen one; of the whole campus or a part of it.

    Raises:
        UnknownFeature: the campus has no such level or building.
        MapFormatError: nothing lies on the level or in the part, or the target is unknown.
    """
    target = target_named(options.target)
    level = chosen_level(campus, options)
    levels = list(campus.levels) if level is None else [level]
    campus = part_of(campus, options.part)
    shapes = {each: shape_of(campus, each) for each in levels}
    world = _World(campus, shapes, target, Props(campus, shapes, options.furnishing))
    if world.bounds is None:
        where = "" if level is None else f" on level {level!r}"
        raise MapFormatError(
            f"nothing lies{where} on the map of {campus.name}",
            "draw lanes or buildings, or choose another level",
        )
    name = f"{file_stem(campus.id)}.sdf" if level is None else file_stem(campus.id, level) + ".sdf"
    return {name: _encoded(world, name, options)}


def _encoded(world: _World, name: str, options: ExportOptions) -> Iterator[bytes]:
    for text, done in world.texts():
        yield text.encode()
        options.progress(name, done)


@dataclass
class _World:
    """A campus, the shapes of those of its levels that are written, for whom, and furniture."""

    campus: Campus
    shapes: Mapping[str, LevelShape]
    target: Target
    props: Props

    def __post_init__(self) -> None:
        campus = self.campus
        xy = [each.xy for each in campus.waypoints.values() if each.level in self.shapes]
        everything = shapely.GeometryCollection(
            [
                shapely.MultiPoint(xy),
                *(each.all for each in self.shapes.values()),
                *((campus.boundary,) if campus.boundary is not None else ()),
            ]
        )
        self._owners = {each.id: each.building for each in campus.walls.values()}
        self._owners |= {each.id: each.building for each in campus.passages.values()}
        stands = xy or any(not each.all.is_empty for each in self.shapes.values())
        self.bounds = everything.bounds if stands else None

    def texts(self) -> Iterator[tuple[str, float]]:
        """The file in pieces, each with the part of it that is done then."""
        names = Names()
        yield head(self.target, names.of(self.campus.id), self.campus.anchor), 0.0
        models = [*self._ground(), *self._houses(), *self._alone(), *self._ramps()]
        models += self.props.models()
        for count, (name, links) in enumerate(models, 1):
            text = "".join(model(names.of(name), links, self.target.lidar_sees_visuals))
            yield text, count / (len(models) + 1)
        yield "</world>\n</sdf>\n", 1.0

    def _height_m(self, level: str) -> float:
        return self.campus.levels[level].elevation_m

    def _ground(self) -> Iterator[Model]:
        """A plane under the lowest level, what covers the ground, decks of bridges, floors."""
        assert self.bounds is not None
        lowest = min(self.shapes, key=self._height_m)
        west, south, east, north = self.bounds
        middle = Pose((west + east) / 2, (south + north) / 2, self._height_m(lowest))
        size = (east - west + 20.0, north - south + 20.0)
        yield "ground_plane", [("link", [plane(*size, middle, _GROUND)])]
        yield "ground_cover", [(level, self._covers(level)) for level in self.shapes]
        yield "bridges", [(level, self._decks(level)) for level in self.shapes]
        for level in self.shapes:
            if level != lowest:
                yield f"floor_{level}", [("link", self._floor(level))]

    def _covers(self, level: str) -> list[Part]:
        parts: list[Part] = []
        for each in self.campus.ground.values():
            if each.level == level:
                # Covers that overlap differ by a hair in height, so that they do not flicker.
                low_m = self._height_m(level) + HAIR_M * len(parts)
                colour = _COVERS[each.cover]
                parts += extruded(each.polygon, low_m, low_m + PAINT_M, colour, touched=False)
        return parts

    def _decks(self, level: str) -> list[Part]:
        lanes = driven_lanes(self.campus, level)
        bridges = [corridor(each) for each in lanes if each.structure is Structure.BRIDGE]
        low_m = self._height_m(level)
        high_m = low_m + DECK_M + HAIR_M * len(self.campus.ground)
        return list(extruded(shapely.union_all(bridges), low_m, high_m, _DECK, touched=False))

    def _floor(self, level: str) -> list[Part]:
        """The floor of a level above another, open where ramps come up and lifts run."""
        top_m = self._height_m(level)
        below = {each.id for each in self.campus.levels.values() if each.elevation_m < top_m}
        rising = [each for each in self._flights() if level in (each.level, each.end_level)]
        shafts = [corridor(each) for each in rising if {each.level, each.end_level} & below]
        shafts += [
            each.shape
            for each in self.campus.passages.values()
            if each.kind is PassageKind.LIFT and level in each.levels and below & {*each.levels}
        ]
        area = floor_of(self.campus, level).difference(shapely.union_all(shafts))
        return list(extruded(area, top_m - FLOOR_M, top_m, _FLOOR))

    def _houses(self) -> Iterator[Model]:
        """Solid houses, and walls of the others with the walls and lift shafts in them."""
        campus = self.campus
        within: dict[str, list[str]] = {}
        for identifier, owner in self._owners.items():
            within.setdefault(owner or "", []).append(identifier)
        for house in campus.buildings.values():
            storeys = [level for level in levels_of(house) if level in self.shapes]
            inside = [house.id, *within.get(house.id, ())]
            yield house.id, [(level, self._storey(house, level, inside)) for level in storeys]

    def _storey(self, house: Building, level: str, inside: Sequence[str]) -> list[Part]:
        shape, low_m = self.shapes[level], self._height_m(level)
        levels = [self._height_m(each) for each in levels_of(house)]
        high_m = min((each for each in levels if each > low_m), default=None)
        if high_m is None:
            high_m = max(self._height_m(house.level) + house.height_m, low_m + LEAST_STOREY_M)
        if house.id not in shape.hollow:
            return list(extruded(house.polygon.difference(shape.under), low_m, high_m, _SOLID))
        lines = [shape.lines[each] for each in inside if each in shape.lines]
        return list(_walls(lines, low_m, high_m - FLOOR_M))

    def _alone(self) -> Iterator[Model]:
        """Obstacles, and walls and lifts that belong to no house."""
        campus = self.campus
        for each in campus.obstacles.values():
            if each.level in self.shapes:
                area = each.polygon.difference(self.shapes[each.level].under)
                yield (
                    each.id,
                    [("link", list(_obstacle(each.kind, area, self._height_m(each.level))))],
                )
        for level, shape in self.shapes.items():
            low_m = self._height_m(level)
            for identifier, line in shape.lines.items():
                if self._owners.get(identifier, identifier) not in campus.buildings:
                    yield identifier, [("link", list(_walls([line], low_m, low_m + FREE_WALL_M)))]

    def _ramps(self) -> Iterator[Model]:
        for each in self._flights():
            if each.level in self.shapes or each.end_level in self.shapes:
                heights_m = self._height_m(each.level), self._height_m(each.end_level)
                yield each.id, [("link", list(_ramp(each, *heights_m)))]

    def _flights(self) -> list[Lane]:
        """Ramps between levels, one of each that is driven both ways."""
        return [
            each
            for each in self.campus.lanes.values()
            if each.lift is None
            and each.end_level not in {"", each.level}
            and not each.id.endswith(REVERSE)
        ]


def _obstacle(kind: ObstacleKind, area: BaseGeometry, low_m: float) -> Iterator[Part]:
    height_m, colour = _OBSTACLES[kind]
    yield from extruded(area, low_m, low_m + height_m, colour, seen=kind not in _FLAT)
    if kind in _FLAT:
        yield from extruded(area, low_m, low_m + DECK_M, colour, touched=False)


def _walls(lines: Sequence[BaseGeometry], low_m: float, high_m: float) -> Iterator[Part]:
    """A box for each straight piece; where pieces meet, they fill the corner."""
    pieces = [
        (ends[0], ends[1])
        for line in lines
        for part in shapely.get_parts(line)
        for ends in pairwise(map(tuple, shapely.get_coordinates(part).tolist()))
    ]
    meeting = Counter(_spot(end) for ends in pieces for end in ends)
    for start, end in pieces:
        length_m = math.dist(start, end)
        if length_m < HAIR_M:
            continue
        along = ((end[0] - start[0]) / length_m, (end[1] - start[1]) / length_m)
        before, behind = (WALL_M / 2 if meeting[_spot(each)] > 1 else 0.0 for each in (start, end))
        longer = (_moved(start, along, -before), _moved(end, along, behind))
        yield wall(longer, low_m, high_m, WALL_M, _WALL)


def _ramp(lane: Lane, low_m: float, high_m: float) -> Iterator[Part]:
    """Slopes along a lane, with a level landing at each bend."""
    exact = [(round(x_m, 3), round(y_m, 3)) for x_m, y_m in lane.points]
    points = [here for here, there in pairwise(exact) if here != there] + [exact[-1]]
    pieces = list(pairwise(points))
    half_m = lane.width_m / 2
    slopes: list[tuple[Xy, Xy]] = []
    for place, (start, end) in enumerate(pieces):
        length_m = math.dist(start, end)
        along = ((end[0] - start[0]) / length_m, (end[1] - start[1]) / length_m)
        before_m = half_m if place > 0 else 0.0
        behind_m = half_m if place < len(pieces) - 1 else 0.0
        if length_m - before_m - behind_m < half_m:  # too short for landings
            before_m = behind_m = 0.0
        slopes.append((_moved(start, along, before_m), _moved(end, along, -behind_m)))
    run_m = sum(math.dist(*each) for each in slopes)
    at_m = low_m
    for place, ends in enumerate(slopes):
        top_m = at_m + (high_m - low_m) * math.dist(*ends) / run_m
        yield slab(ends, (at_m, top_m), lane.width_m, RAMP_M, _FLOOR)
        if place < len(slopes) - 1 and math.dist(ends[1], points[place + 1]) > HAIR_M:
            bend = LineString([ends[1], points[place + 1], slopes[place + 1][0]])
            landing = bend.buffer(half_m, cap_style="flat", join_style="mitre")
            yield from extruded(landing, top_m - RAMP_M, top_m, _FLOOR)
        at_m = top_m


def _moved(start: Xy, along: Xy, by_m: float) -> Xy:
    return (start[0] + along[0] * by_m, start[1] + along[1] * by_m)


def _spot(end: Xy) -> tuple[int, int]:
    return (round(end[0] * 100), round(end[1] * 100))
