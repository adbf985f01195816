"""Elements of SDF 1.7 to 1.9 (http://sdformat.org/spec): solids, extruded outlines, models."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

import shapely
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from fleet_manager.core.geometry import Xy

Colour = tuple[float, float, float]

LIDAR_ALONE = 2
"""Visibility flag of what rendered lidars see and cameras do not."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LEAST_M2 = 1e-3
_SMOOTH_M = 0.002


class Names:
    """Gives out names that differ, of which SDF reserves none."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, wanted: str) -> str:
        """The wanted name without what SDF reserves (`::`, `__name__`), numbered if it is taken."""
        name = _NOT_XML.sub("_", wanted).replace("::", "_").strip() or "_"
        if name.startswith("__") and name.endswith("__"):
            name = f"n{name}"
        found, number = name, 1
        while found in self._taken:
            number += 1
            found = f"{name}_{number}"
        self._taken.add(found)
        return found


@dataclass(frozen=True)
class Pose:
    """Where something stands: metres, and radians about y (pitch) and z (yaw)."""

    x_m: float
    y_m: float
    z_m: float
    pitch_rad: float = 0.0
    yaw_rad: float = 0.0

    def __str__(self) -> str:
        return (
            f"{number(self.x_m)} {number(self.y_m)} {number(self.z_m)} 0 "
            f"{number(self.pitch_rad, 5)} {number(self.yaw_rad, 5)}"
        )


@dataclass(frozen=True)
class Part:
    """A shape of a link.

    Attributes:
        geometry: the text of its SDF element.
        seen: whether cameras see it.
        touched: whether robots and lasers meet it.
    """

    geometry: str
    pose: Pose
    colour: Colour
    seen: bool = True
    touched: bool = True


def wall(ends: tuple[Xy, Xy], low_m: float, high_m: float, wide_m: float, colour: Colour) -> Part:
    """An upright box along a line, from one height to another."""
    (x1, y1), (x2, y2) = ends
    size = (math.dist(*ends), wide_m, high_m - low_m)
    yaw = math.atan2(y2 - y1, x2 - x1)
    pose = Pose((x1 + x2) / 2, (y1 + y2) / 2, (low_m + high_m) / 2, yaw_rad=yaw)
    return Part(_box(size), pose, colour)


def slab(
    ends: tuple[Xy, Xy],
    heights_m: tuple[float, float],
    wide_m: float,
    thick_m: float,
    colour: Colour,
) -> Part:
    """A lying box along a line whose top leads from one height to another."""
    (x1, y1), (x2, y2) = ends
    rise_m, run_m = heights_m[1] - heights_m[0], math.dist(*ends)
    pitch = -math.atan2(rise_m, run_m)
    middle_m = sum(heights_m) / 2 - thick_m / 2 / math.cos(pitch)
    pose = Pose((x1 + x2) / 2, (y1 + y2) / 2, middle_m, pitch, math.atan2(y2 - y1, x2 - x1))
    return Part(_box((math.hypot(run_m, rise_m), wide_m, thick_m)), pose, colour)


def extruded(
    area: BaseGeometry,
    low_m: float,
    high_m: float,
    colour: Colour,
    seen: bool = True,
    touched: bool = True,
) -> Iterator[Part]:
    """Areas that stand upright from one height to another; those with holes are cut in pieces."""
    for outline in outlines(area):
        points = "".join(
            f"<point>{number(x)} {number(y)}</point>" for x, y in outline.exterior.coords[:-1]
        )
        geometry = f"<polyline>{points}<height>{number(high_m - low_m)}</height></polyline>"
        yield Part(geometry, Pose(0.0, 0.0, low_m), colour, seen, touched)


def plane(width_m: float, height_m: float, pose: Pose, colour: Colour) -> Part:
    """A level plane without end; the size is that of what is seen."""
    size = f"<size>{number(width_m)} {number(height_m)}</size>"
    return Part(f"<plane><normal>0 0 1</normal>{size}</plane>", pose, colour)


def cylinder(pose: Pose, radius_m: float, high_m: float, colour: Colour, **how: bool) -> Part:
    """An upright cylinder about its middle; `how` is what `Part` takes."""
    size = f"<radius>{number(radius_m)}</radius><length>{number(high_m)}</length>"
    return Part(f"<cylinder>{size}</cylinder>", pose, colour, **how)


def sphere(pose: Pose, radius_m: float, colour: Colour, **how: bool) -> Part:
    """A sphere about its middle; `how` is what `Part` takes."""
    return Part(f"<sphere><radius>{number(radius_m)}</radius></sphere>", pose, colour, **how)


def cuboid(pose: Pose, size: tuple[float, float, float], colour: Colour, **how: bool) -> Part:
    """A box about its middle; `how` is what `Part` takes."""
    return Part(_box(size), pose, colour, **how)


def outlines(area: BaseGeometry) -> Iterator[Polygon]:
    """The polygons of an area without holes: cut through the middle of each hole."""
    for part in shapely.get_parts(shapely.get_parts(area)):
        if part.geom_type != "Polygon" or part.area < _LEAST_M2:
            continue
        plain = part.simplify(_SMOOTH_M)
        if not plain.interiors:
            yield Polygon(plain.exterior)
            continue
        middle_m = plain.interiors[0].centroid.x
        west, south, east, north = plain.bounds
        for half in (box(west, south, middle_m, north), box(middle_m, south, east, north)):
            yield from outlines(plain.intersection(half))


def model(
    name: str, links: Iterable[tuple[str, Sequence[Part]]], lidar_sees_visuals: bool = False
) -> Iterator[str]:
    """A model that stands still; links without parts are left out, and so is it without links.

    Args:
        lidar_sees_visuals: the simulator's lidar is rendered: what is touched but not seen gets a
            visual that only the lidar's visibility mask lets through.
    """
    filled = [(link, parts) for link, parts in links if parts]
    if not filled:
        return
    yield f"<model name={quoteattr(name)}>\n<static>true</static>\n"
    names = Names()
    for link, parts in filled:
        yield f"<link name={quoteattr(names.of(link))}>\n"
        for count, part in enumerate(parts, 1):
            yield from _part(part, count, lidar_sees_visuals)
        yield "</link>\n"
    yield "</model>\n"


def _part(part: Part, count: int, lidar_sees_visuals: bool) -> Iterator[str]:
    place = f"<pose>{part.pose}</pose><geometry>{part.geometry}</geometry>"
    if part.touched:
        yield f'<collision name="c{count}">{place}</collision>\n'
    for_lidar = lidar_sees_visuals and part.touched and not part.seen
    if part.seen or for_lidar:
        red, green, blue = part.colour
        rgba = f"{red:g} {green:g} {blue:g} 1"
        material = f"<material><ambient>{rgba}</ambient><diffuse>{rgba}</diffuse></material>"
        flags = f"<visibility_flags>{LIDAR_ALONE}</visibility_flags>" if for_lidar else ""
        yield f'<visual name="v{count}">{place}{material}{flags}</visual>\n'


def _box(size: tuple[float, float, float]) -> str:
    return f"<box><size>{' '.join(number(each) for each in size)}</size></box>"


def number(value: float, digits: int = 3) -> str:
    """A number without needless zeros."""
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
