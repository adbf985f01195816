"""A part of a campus: what lies in a rectangle of it, or around one of its buildings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import shapely
from shapely.geometry import LineString, MultiPoint, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from fleet_manager.core.campus import Campus
from fleet_manager.core.errors import MapFormatError, UnknownFeature

AROUND_BUILDING_M = 15.0
"""What stands this near to a building is written with it, so that robots can be brought in."""

Bounds = tuple[float, float, float, float]
"""West, south, east, north, metres."""

Feature = TypeVar("Feature")


@dataclass(frozen=True)
class PartOf:
    """What to write of a campus; nothing given: all of it.

    Attributes:
        bbox: west, south, east, north in metres of the map.
        building: id or name of a building; with what stands around it.
    """

    bbox: Bounds | None = None
    building: str | None = None

    def area(self, campus: Campus) -> Polygon | None:
        """The area that is meant; None: the whole campus.

        Raises:
            UnknownFeature: the campus has no such building.
            MapFormatError: the rectangle has no area.
        """
        found: Polygon | None = None
        if self.bbox is not None:
            west, south, east, north = self.bbox
            if not (west < east and south < north):
                raise MapFormatError(
                    f"the rectangle {west:g},{south:g},{east:g},{north:g} has no area",
                    "give west,south,east,north in metres of the map, west < east, south < north",
                )
            found = box(*self.bbox)
        if self.building is not None:
            house = campus.buildings.get(self.building) or next(
                (each for each in campus.buildings.values() if each.name == self.building), None
            )
            if house is None:
                known = ", ".join(list(campus.buildings)[:20])
                raise UnknownFeature(
                    f"no building {self.building!r} on the map of {campus.name}",
                    f"choose one of {known}" if known else "it has none: give --bbox",
                )
            around = house.polygon.buffer(AROUND_BUILDING_M).bounds
            found = box(*around) if self.bbox is None else _overlap(self.bbox, around)
        return found


def part_of(campus: Campus, part: PartOf) -> Campus:
    """The campus with only what lies in a part of it.

    Houses, obstacles and lanes that reach into the part stay whole; covers of the ground and the
    boundary are cut. Nothing is a graph to drive on any more: lanes keep their ids, some of their
    waypoints may be missing.

    Raises:
        UnknownFeature: the campus has no such building.
        MapFormatError: the part has no area, or nothing lies in it.
    """
    area = part.area(campus)
    if area is None:
        return campus
    kept: dict[str, Any] = {
        "waypoints": _in(area, campus.waypoints, _point),
        "lanes": _in(area, campus.lanes, lambda each: LineString(each.points)),
        "zones": _in(area, campus.zones, _polygon),
        "assets": _in(area, campus.assets, _point),
        "buildings": _in(area, campus.buildings, _polygon),
        "obstacles": _in(area, campus.obstacles, _polygon),
        "walls": _in(area, campus.walls, lambda each: each.line),
        "passages": _in(area, campus.passages, lambda each: each.shape),
        "cameras": _in(area, campus.cameras, _point),
        "stations": _in(area, campus.stations, _point),
    }
    if not any(kept[each] for each in ("waypoints", "lanes", "buildings", "obstacles")):
        west, south, east, north = MultiPoint([w.xy for w in campus.waypoints.values()]).bounds
        raise MapFormatError(
            f"nothing lies in the chosen part of {campus.name}",
            f"its waypoints lie between x {west:g} and {east:g}, y {south:g} and {north:g} m",
        )
    ground = {
        f"{each.id}_{number}": replace(each, polygon=piece)
        for each in _in(area, campus.ground, _polygon).values()
        for number, piece in enumerate(shapely.get_parts(each.polygon.intersection(area)))
        if isinstance(piece, Polygon)
    }
    version = f"{campus.version}-{'-'.join(f'{each:g}' for each in area.bounds)}"
    return replace(campus, **kept, ground=ground, boundary=area, version=version, document={})


def _overlap(one: Bounds, other: Bounds) -> Polygon:
    """What two rectangles share; empty where they do not meet."""
    west, south = max(one[0], other[0]), max(one[1], other[1])
    east, north = min(one[2], other[2]), min(one[3], other[3])
    return box(west, south, east, north) if west < east and south < north else Polygon()


def _in(
    area: Polygon, features: Mapping[str, Feature], shape: Callable[[Any], BaseGeometry]
) -> dict[str, Feature]:
    return {key: each for key, each in features.items() if area.intersects(shape(each))}


def _point(feature: Any) -> Point:
    return Point(feature.x_m, feature.y_m)


def _polygon(feature: Any) -> Polygon:
    found: Polygon = feature.polygon
    return found
