"""The campus as cameras see it: what the map has near a place, as data of perception.scenes."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from fleet_manager.core.campus import AssetKind, Campus, Cover, ObstacleKind
from fleet_manager.core.level_shape import corridor, driven_lanes, shape_of
from perception.scenes.scene import Building, Colour, Ground, Kind, Scene, Thing

REACH_M = 60.0
CELL_M = 10.0
WALL_M = 0.12
WALL_HEIGHT_M = 3.0
TREES_PER_M2 = 0.02

Look = tuple[str, Colour, float]
"""Texture, colour, and the metres that a tile of it covers."""

SURFACES: dict[str, Look] = {
    "asphalt": ("asphalt", (0.1, 0.1, 0.1), 2.0),
    "concrete": ("concrete", (0.32, 0.31, 0.3), 3.0),
    "gravel": ("gravel", (0.3, 0.27, 0.22), 1.5),
    "metal": ("corrugated", (0.3, 0.31, 0.33), 1.5),
    "paving": ("paving", (0.34, 0.32, 0.3), 1.6),
    "tiles": ("tiles", (0.42, 0.41, 0.39), 1.8),
    "timber": ("planks", (0.32, 0.22, 0.14), 1.5),
}
GRASS: Look = ("grass", (0.13, 0.19, 0.06), 2.4)
WATER: Look = ("plain", (0.03, 0.06, 0.07), 6.0)
FACADES: tuple[tuple[str, Colour], ...] = (
    ("windows", (0.55, 0.52, 0.48)),
    ("windows", (0.4, 0.42, 0.45)),
    ("panels", (0.5, 0.5, 0.5)),
    ("brick", (0.38, 0.2, 0.14)),
    ("plaster", (0.6, 0.57, 0.5)),
)
ASSETS = {
    AssetKind.EXTINGUISHER: Kind.EXTINGUISHER,
    AssetKind.HYDRANT: Kind.HYDRANT,
    AssetKind.AED: Kind.CABINET,
    AssetKind.ELECTRICAL_PANEL: Kind.CABINET,
    AssetKind.EXIT: Kind.NOTICE,
}


class SiteScenes:
    """What stands near a place of a campus; found once for each cell of ten metres."""

    def __init__(self, campus: Campus) -> None:
        self._campus = campus
        self.near = lru_cache(maxsize=64)(self._near)
        self._shape = lru_cache(maxsize=16)(lambda level: shape_of(campus, level))
        self._lanes = lru_cache(maxsize=16)(lambda level: driven_lanes(campus, level))

    def cell(self, x_m: float, y_m: float) -> tuple[int, int]:
        """The cell of a place, for `near`."""
        return math.floor(x_m / CELL_M), math.floor(y_m / CELL_M)

    def place_of(self, asset: str) -> tuple[float, float]:
        """Where an asset of the map is."""
        return self._campus.assets[asset].xy

    def doors(self, level: str, opened: frozenset[str]) -> list[Thing]:
        """Doors of houses and lifts on a level, each as it is now; `opened` are open."""
        leaves = self._shape(level).leaves
        return [_door(passage, ends, passage in opened) for passage, ends in leaves]

    def is_indoors(self, level: str, x_m: float, y_m: float) -> bool:
        """Whether a place is in a house."""
        hollow = self._shape(level).hollow
        here = shapely.Point(x_m, y_m)
        return any(self._campus.buildings[each].polygon.contains(here) for each in hollow)

    def _near(self, level: str, cell: tuple[int, int]) -> Scene:
        x_m, y_m = (index * CELL_M + CELL_M / 2 for index in cell)
        window = box(x_m - REACH_M, y_m - REACH_M, x_m + REACH_M, y_m + REACH_M)
        return Scene(
            things=(*self._assets(level, window), *self._trees(level, window)),
            grounds=(*_ground(window, GRASS, 0), *self._covered(level, window)),
            buildings=(*self._houses(level, window), *self._walls(level, window)),
        )

    def _covered(self, level: str, window: Polygon) -> Iterable[Ground]:
        """Water, floors of houses, zones, lanes: what is driven on lies over the rest."""
        campus, paving = self._campus, SURFACES["paving"]
        layers: list[tuple[int, Look, BaseGeometry]] = [
            (1, WATER if each.cover is Cover.WATER else GRASS, each.polygon)
            for each in campus.ground.values()
            if each.level == level
        ]
        layers += [
            (2, SURFACES["tiles"], house.polygon)
            for house in campus.buildings.values()
            if level in (house.levels or (house.level,))
        ]
        layers += [
            (3, SURFACES.get(zone.surface, paving), zone.polygon)
            for zone in campus.zones.values()
            if zone.level == level
        ]
        strips: dict[str, list[BaseGeometry]] = {}
        for lane in self._lanes(level):
            if LineString(lane.points).intersects(window):
                strips.setdefault(lane.surface, []).append(corridor(lane))
        driven: BaseGeometry = Polygon()
        for surface, lanes in sorted(strips.items()):
            strip = shapely.union_all(lanes)
            look = SURFACES.get(surface, SURFACES["asphalt"])
            layers.append((4, look, strip.difference(driven)))
            driven = driven.union(strip)
        for layer, look, shape in layers:
            if shape.intersects(window):
                for part in _parts(shape.intersection(window)):
                    yield from _ground(part, look, layer)

    def _houses(self, level: str, window: Polygon) -> Iterable[Building]:
        for house in self._campus.buildings.values():
            if level not in (house.levels or (house.level,)):
                continue
            if house.id in self._shape(level).hollow or not house.polygon.intersects(window):
                continue
            family, colour = FACADES[_number(house.id) % len(FACADES)]
            for part in _parts(house.polygon):
                outline = tuple(part.exterior.coords)[:-1]
                yield Building(outline, house.height_m, family, colour, _number(house.id) % 4)
        for obstacle in self._campus.obstacles.values():
            if obstacle.level != level or not obstacle.polygon.intersects(window):
                continue
            if obstacle.kind in (ObstacleKind.WALL, ObstacleKind.FENCE, ObstacleKind.CONSTRUCTION):
                for part in _parts(obstacle.polygon.intersection(window)):
                    outline = tuple(part.exterior.coords)[:-1]
                    yield Building(outline, 2.0, "concrete", (0.4, 0.4, 0.38))

    def _walls(self, level: str, window: Polygon) -> Iterable[Building]:
        """Walls of houses with ways in them, cut open where lanes run."""
        shape = self._shape(level)
        for name, line in shape.lines.items():
            house = self._campus.buildings.get(name)
            outside = house is not None
            height = house.height_m if house is not None and not house.levels else WALL_HEIGHT_M
            family, colour = FACADES[_number(name) % len(FACADES)] if outside else FACADES[4]
            strip = line.intersection(window).buffer(
                WALL_M / 2, cap_style="flat", join_style="mitre"
            )
            for part in _parts(strip):
                for piece in _without_holes(part):
                    outline = tuple(piece.exterior.coords)[:-1]
                    yield Building(outline, height, family, colour, _number(name) % 4)

    def _assets(self, level: str, window: Polygon) -> Iterable[Thing]:
        west, south, east, north = window.bounds
        for asset in self._campus.assets.values():
            inside = west < asset.x_m < east and south < asset.y_m < north
            if asset.level != level or not inside:
                continue
            access = self._campus.waypoints[asset.access]
            heading = math.atan2(access.y_m - asset.y_m, access.x_m - asset.x_m)
            z_m = 0.4 if asset.kind is AssetKind.EXTINGUISHER else 0.0
            number = _number(asset.id)
            yield Thing(ASSETS[asset.kind], asset.x_m, asset.y_m, heading, z_m, look=number)

    def _trees(self, level: str, window: Polygon) -> Iterable[Thing]:
        for obstacle in self._campus.obstacles.values():
            if obstacle.kind is not ObstacleKind.TREES or obstacle.level != level:
                continue
            area = obstacle.polygon.intersection(window)
            count = int(area.area * TREES_PER_M2)
            rng = np.random.default_rng(_number(obstacle.id))
            west, south, east, north = area.bounds if count else (0, 0, 0, 0)
            for _ in range(count):
                x, y = float(rng.uniform(west, east)), float(rng.uniform(south, north))
                if area.contains(shapely.Point(x, y)):
                    yield Thing(Kind.TREE, x, y, look=int(rng.integers(1 << 30)))


def _number(identifier: str) -> int:
    """The same number for the same id, in every process."""
    return zlib.crc32(identifier.encode())


def _parts(geometry: BaseGeometry) -> list[Polygon]:
    """The polygons of a geometry that have an area to speak of."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return [each for each in parts if each.geom_type == "Polygon" and each.area > 0.02]


def _ground(part: Polygon, look: Look, layer: int) -> Iterable[Ground]:
    """A piece of ground; one with holes is cut in two, since outlines have none."""
    family, colour, tile_m = look
    for piece in _without_holes(part.simplify(0.02)):
        outline = tuple(piece.exterior.coords)[:-1]
        gloss = 0.7 if look is WATER else 0.0
        yield Ground(outline, family, colour, 0, tile_m, 0.0, gloss, layer)


def _without_holes(part: Polygon) -> Iterable[Polygon]:
    if not part.interiors:
        yield part
        return
    west, south, east, north = part.bounds
    middle = part.interiors[0].centroid.x
    for half in (box(west, south, middle, north), box(middle, south, east, north)):
        for piece in _parts(part.intersection(half)):
            yield from _without_holes(piece)


def _door(passage: str, ends: tuple[float, float, float, float], is_open: bool) -> Thing:
    x1, y1, x2, y2 = ends
    heading = math.atan2(y2 - y1, x2 - x1) - math.pi / 2
    size = math.hypot(x2 - x1, y2 - y1)
    return Thing(
        Kind.DOOR,
        (x1 + x2) / 2,
        (y1 + y2) / 2,
        heading,
        size=max(size, 0.6),
        look=_number(passage),
        opening=1.0 if is_open else 0.0,
    )
