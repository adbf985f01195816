"""Draws GeoJSON features: rounded coordinates, closed rings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from fleet_manager.core.geometry import Xy

LEVEL = "ground"
"""The level that roads, paths and blocks lie on."""

Feature = dict[str, Any]


def feature(identifier: str, geometry: Feature, properties: Feature) -> Feature:
    """A feature with its properties."""
    return {"type": "Feature", "id": identifier, "geometry": geometry, "properties": properties}


def polygon(identifier: str, rings: Iterable[Iterable[Xy]], properties: Feature) -> Feature:
    """A polygon feature; the rings' first corners are repeated as their last."""
    closed = [[rounded(each) for each in ring] for ring in rings]
    coordinates = [[*ring, ring[0]] for ring in closed]
    return feature(identifier, {"type": "Polygon", "coordinates": coordinates}, properties)


def point(identifier: str, at: Xy, properties: Feature) -> Feature:
    """A point feature."""
    return feature(identifier, {"type": "Point", "coordinates": rounded(at)}, properties)


def line(identifier: str, points: Iterable[Xy], properties: Feature) -> Feature:
    """A line feature."""
    coordinates = [rounded(each) for each in points]
    return feature(identifier, {"type": "LineString", "coordinates": coordinates}, properties)


def pieces(shape: BaseGeometry, least_m2: float = 1.0) -> Iterator[list[list[Xy]]]:
    """Rings of the polygons that a shape is made of, from west to east; crumbs are left out."""
    parts = shape.geoms if isinstance(shape, MultiPolygon) else [shape]
    found = [each for each in parts if isinstance(each, Polygon) and each.area >= least_m2]
    for each in sorted(found, key=lambda part: part.bounds):
        turned = orient(each)
        rings = (turned.exterior, *turned.interiors)
        yield [[(float(x), float(y)) for x, y in ring.coords[:-1]] for ring in rings]


def rounded(at: Xy) -> list[float]:
    """A position to the centimetre."""
    return [round(at[0], 2) + 0.0, round(at[1], 2) + 0.0]
