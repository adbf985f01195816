"""What furnishes a Gazebo world: kerbs, trees, docks, assets, people, litter and spills."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from itertools import pairwise

import shapely
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from fleet_manager.adapters.maps.formats.base import Furnishing
from fleet_manager.adapters.maps.formats.sdf_text import (
    Colour,
    Part,
    Pose,
    cuboid,
    cylinder,
    sphere,
    wall,
)
from fleet_manager.core.campus import (
    AssetKind,
    Campus,
    Cover,
    ObstacleKind,
    Waypoint,
    ZonePurpose,
)
from fleet_manager.core.geometry import heading_rad
from fleet_manager.core.level_shape import LevelShape, corridor, driven_lanes

Model = tuple[str, list[tuple[str, list[Part]]]]
"""Its name, and its links with their parts."""

KERB_HIGH_M, KERB_WIDE_M = 0.12, 0.15
ROBOT_ROOM_M = 0.7
"""What a robot touches stays this far from where robots drive and clean."""
TREES_APART_M = 8.0
PERSON_RADIUS_M, PERSON_HIGH_M = 0.25, 1.7
_PERSON_ASIDE_M = 0.8
_TRIES = 40
_TOUCHED_LEAST_M = 0.3

_KERB: Colour = (0.7, 0.7, 0.68)
_TRUNK: Colour = (0.42, 0.3, 0.2)
_CROWN: Colour = (0.24, 0.45, 0.22)
_DOCK: Colour = (0.15, 0.45, 0.75)
_SPILL: Colour = (0.3, 0.24, 0.16)
_COATS: tuple[Colour, ...] = ((0.75, 0.2, 0.2), (0.2, 0.3, 0.6), (0.2, 0.5, 0.3), (0.8, 0.7, 0.3))
_LITTER: tuple[tuple[tuple[float, float, float], Colour], ...] = (
    ((0.21, 0.15, 0.02), (0.93, 0.93, 0.9)),  # a sheet of paper, crumpled
    ((0.07, 0.07, 0.12), (0.8, 0.1, 0.1)),  # a can
    ((0.2, 0.07, 0.07), (0.3, 0.6, 0.85)),  # a bottle
    ((0.3, 0.2, 0.1), (0.7, 0.55, 0.35)),  # a carton
)
# Size and colour of an asset, and the height of its middle above the floor.
_ASSETS: Mapping[AssetKind, tuple[tuple[float, float, float], Colour, float]] = {
    AssetKind.EXTINGUISHER: ((0.16, 0.16, 0.5), (0.8, 0.1, 0.1), 0.9),
    AssetKind.HYDRANT: ((0.25, 0.25, 0.8), (0.85, 0.15, 0.1), 0.4),
    AssetKind.EXIT: ((0.4, 0.05, 0.2), (0.1, 0.6, 0.25), 2.2),
    AssetKind.AED: ((0.3, 0.15, 0.3), (0.1, 0.6, 0.3), 1.2),
    AssetKind.ELECTRICAL_PANEL: ((0.6, 0.2, 0.8), (0.55, 0.55, 0.5), 1.2),
}


class Props:
    """The furniture of the levels of a campus that are written.

    Args:
        campus: whole or a part.
        shapes: of the levels.
        furnishing: how many of what the map does not have.
    """

    def __init__(
        self, campus: Campus, shapes: Mapping[str, LevelShape], furnishing: Furnishing
    ) -> None:
        self._campus = campus
        self._shapes = shapes
        self._furnishing = furnishing
        self._driven = {
            level: shapely.union_all([corridor(each) for each in driven_lanes(campus, level)])
            for level in shapes
        }
        self._rng = random.Random(furnishing.seed)

    def models(self) -> Iterator[Model]:
        """All of them."""
        yield "kerbs", [(level, list(self._kerbs(level))) for level in self._shapes]
        yield "trees", [(level, list(self._trees(level))) for level in self._shapes]
        for dock in self._campus.docks:
            if dock.level in self._shapes:
                yield f"dock_{dock.id}", [("link", self._dock(dock))]
        yield from self._assets()
        yield from self._people()
        yield from self._dirt()

    def _height_m(self, level: str) -> float:
        return self._campus.levels[level].elevation_m

    def _kerbs(self, level: str) -> Iterator[Part]:
        """Along public roads and car parks, lowered where robots drive or clean."""
        roads = [
            each.polygon
            for each in self._campus.ground.values()
            if each.level == level and each.cover in (Cover.PUBLIC_ROAD, Cover.CAR_PARK)
        ]
        cleaned = [
            each.polygon
            for each in self._campus.zones.values()
            if each.level == level and each.purpose is ZonePurpose.CLEAN
        ]
        if not roads:
            return
        free = shapely.union_all([self._driven[level], *cleaned]).buffer(ROBOT_ROOM_M)
        solid = self._shapes[level].all
        edge = shapely.union_all(roads).boundary.simplify(0.2).difference(free).difference(solid)
        low_m = self._height_m(level)
        for line in shapely.get_parts(edge):
            for ends in pairwise(map(tuple, shapely.get_coordinates(line).tolist())):
                if math.dist(*ends) >= KERB_WIDE_M:
                    yield wall(ends, low_m, low_m + KERB_HIGH_M, KERB_WIDE_M, _KERB)

    def _trees(self, level: str) -> Iterator[Part]:
        """Trunks and crowns on ground under trees: to be seen, out of the way of nobody."""
        groves = [
            each.polygon
            for each in self._campus.ground.values()
            if each.level == level and each.cover is Cover.TREES
        ]
        groves += [
            each.polygon
            for each in self._campus.obstacles.values()
            if each.level == level and each.kind is ObstacleKind.TREES
        ]
        area = shapely.union_all(groves).difference(self._driven[level].buffer(1.0))
        houses = [each.polygon for each in self._campus.buildings.values()]
        area = area.difference(shapely.union_all(houses).buffer(1.5))
        low_m = self._height_m(level)
        for x_m, y_m in _lattice(area, TREES_APART_M):
            trunk = Pose(x_m, y_m, low_m + 1.25)
            yield cylinder(trunk, 0.13, 2.5, _TRUNK, touched=False)
            yield sphere(Pose(x_m, y_m, low_m + 3.6), 1.6, _CROWN, touched=False)

    def _dock(self, dock: Waypoint) -> list[Part]:
        """A plate to stand on and a low charger at its back, both out of the lidar's sight."""
        lanes = self._campus.lanes_from(dock.id)
        away_rad = heading_rad(*lanes[0].points[:2]) if lanes else dock.heading_rad or 0.0
        low_m, back_m = self._height_m(dock.level), 0.75
        x_m = dock.x_m - back_m * math.cos(away_rad)
        y_m = dock.y_m - back_m * math.sin(away_rad)
        plate = Pose(dock.x_m, dock.y_m, low_m + 0.005, yaw_rad=away_rad)
        charger = Pose(x_m, y_m, low_m + 0.1, yaw_rad=away_rad)
        return [
            cuboid(plate, (1.0, 0.8, 0.01), _DOCK, touched=False),
            cuboid(charger, (0.2, 0.6, 0.2), _DOCK, touched=False),
        ]

    def _assets(self) -> Iterator[Model]:
        for asset in self._campus.assets.values():
            if asset.level not in self._shapes:
                continue
            size, colour, middle_m = _ASSETS[asset.kind]
            near = Point(asset.xy).distance(self._driven[asset.level])
            # What stands where robots drive is only seen: on the map it is in nobody's way.
            touched = near > ROBOT_ROOM_M and middle_m - size[2] / 2 < _TOUCHED_LEAST_M
            pose = Pose(*asset.xy, self._height_m(asset.level) + middle_m)
            yield f"asset_{asset.id}", [("link", [cuboid(pose, size, colour, touched=touched)])]

    def _people(self) -> Iterator[Model]:
        """People beside lanes of the lowest level; their collision stops lidars and robots."""
        level = min(self._shapes, key=self._height_m)
        lanes = [each for each in driven_lanes(self._campus, level) if not each.indoor]
        taken = shapely.union_all([self._shapes[level].all, self._driven[level]])
        shapely.prepare(taken)
        found = 0
        for _ in range(self._furnishing.people * _TRIES if lanes else 0):
            if found == self._furnishing.people:
                return
            lane = self._rng.choice(lanes)
            side = self._rng.choice((-1.0, 1.0)) * (lane.width_m / 2 + _PERSON_ASIDE_M)
            spot = _beside(lane.points, self._rng.random(), side)
            if taken.distance(Point(spot)) < PERSON_RADIUS_M + 0.1:
                continue
            found += 1
            coat = _COATS[found % len(_COATS)]
            body = Pose(*spot, self._height_m(level) + PERSON_HIGH_M / 2)
            yield (
                f"person_{found}",
                [("link", [cylinder(body, PERSON_RADIUS_M, PERSON_HIGH_M, coat)])],
            )

    def _dirt(self) -> Iterator[Model]:
        """Litter and puddles on zones that are cleaned, flat or small: robots drive over them."""
        zones = [
            each
            for each in self._campus.zones.values()
            if each.purpose is ZonePurpose.CLEAN and each.level in self._shapes
        ]
        if not zones:
            return
        areas = [each.area_m2 for each in zones]
        for number in range(1, self._furnishing.litter + 1):
            (zone,) = self._rng.choices(zones, areas)
            size, colour = self._rng.choice(_LITTER)
            turn_rad = self._rng.uniform(-math.pi, math.pi)
            x_m, y_m = _within(zone.polygon, self._rng)
            pose = Pose(x_m, y_m, self._height_m(zone.level) + size[2] / 2, yaw_rad=turn_rad)
            yield f"litter_{number}", [("link", [cuboid(pose, size, colour, touched=False)])]
        for number in range(1, self._furnishing.spills + 1):
            (zone,) = self._rng.choices(zones, areas)
            x_m, y_m = _within(zone.polygon, self._rng)
            pose = Pose(x_m, y_m, self._height_m(zone.level) + 0.008)
            radius_m = self._rng.uniform(0.2, 0.6)
            puddle = cylinder(pose, radius_m, 0.004, _SPILL, touched=False)
            yield f"spill_{number}", [("link", [puddle])]


def _lattice(area: BaseGeometry, apart_m: float) -> Iterator[tuple[float, float]]:
    """Points of a triangular lattice that lie in an area."""
    if area.is_empty:
        return
    shapely.prepare(area)
    west, south, east, north = area.bounds
    row_m = apart_m * math.sqrt(3) / 2
    for row in range(math.floor(south / row_m), math.ceil(north / row_m) + 1):
        shift = 0.5 * (row % 2)
        first, last = math.floor(west / apart_m), math.ceil(east / apart_m)
        for column in range(first, last + 1):
            spot = ((column + shift) * apart_m, row * row_m)
            if area.contains(Point(spot)):
                yield spot


def _beside(
    points: tuple[tuple[float, float], ...], share: float, side_m: float
) -> tuple[float, float]:
    """A spot beside a line: at a share of its length, to the left of it."""
    line = shapely.LineString(points)
    at = line.interpolate(share, normalized=True)
    ahead = line.interpolate(min(share + 0.01, 1.0), normalized=True)
    behind = line.interpolate(max(share - 0.01, 0.0), normalized=True)
    along = math.atan2(ahead.y - behind.y, ahead.x - behind.x)
    return (at.x - side_m * math.sin(along), at.y + side_m * math.cos(along))


def _within(area: Polygon, rng: random.Random) -> tuple[float, float]:
    """A spot in an area, anywhere with the same likelihood."""
    west, south, east, north = area.bounds
    for _ in range(_TRIES):
        spot = (rng.uniform(west, east), rng.uniform(south, north))
        if area.contains(Point(spot)):
            return spot
    inside = area.representative_point()
    return (inside.x, inside.y)
