"""Where an Open-RMF building's coordinates lie: pixels, metres or degrees to the campus' metres."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fleet_manager.adapters.maps.formats.base import ImportOptions, Notes
from fleet_manager.adapters.maps.formats.projection import (
    LatLon,
    LocalPlane,
    from_web_mercator,
    middle_of,
)
from fleet_manager.adapters.maps.formats.rmf_file import Building, FileLevel, Node
from fleet_manager.core.campus import Anchor
from fleet_manager.core.errors import MapFileError
from fleet_manager.core.geometry import Xy

DEFAULT_SCALE_M = 0.05  # metres for a pixel, as the traffic editor assumes without measurements

Placing = Callable[[float, float], Xy]
"""From coordinates of the file to metres of the campus."""


@dataclass(frozen=True)
class Frame:
    """How each level's coordinates are placed.

    Attributes:
        turn_rad: by which directions of a level are turned, by level.
    """

    anchor: Anchor
    place: Mapping[str, Placing]
    turn_rad: Mapping[str, float]


def frame_of(building: Building, options: ImportOptions, notes: Notes) -> Frame:
    """The frame of a building, by its coordinate system.

    Raises:
        MapFileError: the coordinate system is none of the traffic editor's, or no vertex says
            where the site lies.
    """
    system = building.coordinate_system
    if system in {"wgs84", "web_mercator"}:
        return _geographic(building, options)
    if options.anchor is None:
        notes.add("the building has no place on the Earth: give it with --anchor")
    anchor = options.anchor or Anchor(0.0, 0.0)
    if system == "reference_image":
        return _of_pictures(building, anchor, notes)
    if system == "cartesian_meters":
        names = list(building.levels)
        return Frame(anchor, dict.fromkeys(names, lambda x, y: (x, y)), dict.fromkeys(names, 0.0))
    raise building.node.at("coordinate_system").error(
        f"{system!r} is none of reference_image, cartesian_meters, web_mercator, wgs84"
    )


def _geographic(building: Building, options: ImportOptions) -> Frame:
    def geographic(x: float, y: float) -> LatLon:
        return (y, x) if building.coordinate_system == "wgs84" else from_web_mercator(x, y)

    used = [
        _checked(level.vertices[index], geographic)
        for level in building.levels.values()
        for row in level.lanes
        for index in (row.start, row.end)
    ]
    if not used:
        raise MapFileError(f"{building.file}: it has no lanes", "draw lanes between its vertices")
    anchor = options.anchor or middle_of(used)
    plane = LocalPlane(anchor)

    def place(x: float, y: float) -> Xy:
        return plane.xy(geographic(x, y))

    names = list(building.levels)
    turn = math.radians(anchor.bearing_deg)
    return Frame(anchor, dict.fromkeys(names, place), dict.fromkeys(names, turn))


def _checked(vertex: Node, geographic: Callable[[float, float], LatLon]) -> LatLon:
    x, y = vertex.at(0).number(), vertex.at(1).number()
    try:
        latitude, longitude = geographic(x, y)
    except OverflowError:
        latitude = longitude = math.inf
    if not (abs(latitude) <= 90.0 and abs(longitude) <= 180.0):
        raise vertex.error(f"({x:g}, {y:g}) is no place on the Earth")
    return latitude, longitude


def _of_pictures(building: Building, anchor: Anchor, notes: Notes) -> Frame:
    """Levels drawn over pictures: y down, scaled by measurements, laid on each other by fiducials.

    As in the traffic editor, the reference level (or the first one) is not turned or moved.
    """
    wanted = building.node.at("reference_level_name").text()
    reference = building.levels.get(wanted) or next(iter(building.levels.values()))
    scale_m = _scale_m(reference, notes)
    marks = {name: at * scale_m for name, at in _fiducials(reference).items()}
    place: dict[str, Placing] = {}
    turn_rad: dict[str, float] = {}
    for level in building.levels.values():
        own = _fiducials(level)
        common = [(own[name], at) for name, at in marks.items() if name in own]
        if level is reference or not common:
            if level is not reference:
                notes.add(
                    "no fiducial in common with the reference level: its picture is laid on the "
                    "reference level's, corner on corner",
                    level.name,
                )
            factor, shift = complex(_scale_m(level, notes)), 0j
        elif len(common) == 1:
            factor = complex(_scale_m(level, notes))
            shift = common[0][1] - factor * common[0][0]
        else:
            factor, shift = _similarity(common, level)
        place[level.name] = _placing(factor, shift)
        turn_rad[level.name] = cmath.phase(factor)
    return Frame(anchor, place, turn_rad)


def _placing(factor: complex, shift: complex) -> Placing:
    def place(x: float, y: float) -> Xy:
        at = factor * complex(x, -y) + shift
        return (at.real, at.imag)

    return place


def _similarity(pairs: list[tuple[complex, complex]], level: FileLevel) -> tuple[complex, complex]:
    """Factor and shift that lay the first points on the second ones, by least squares.

    The turn, scale and shift of the least squared distances in the plane, with points as complex
    numbers.
    """
    from_middle = sum(a for a, _ in pairs) / len(pairs)
    to_middle = sum(b for _, b in pairs) / len(pairs)
    spread = sum(abs(a - from_middle) ** 2 for a, _ in pairs)
    if spread < 1e-9:
        raise level.node.at("fiducials").error("they lie on one spot")
    factor = sum((a - from_middle).conjugate() * (b - to_middle) for a, b in pairs) / spread
    if abs(factor) < 1e-9:
        raise level.node.at("fiducials").error("those of the reference level lie on one spot")
    return factor, to_middle - factor * from_middle


def _fiducials(level: FileLevel) -> dict[str, complex]:
    return {
        row.at(2).text(): complex(row.at(0).number(), -row.at(1).number())
        for row in level.fiducials
        if row.at(2).text()
    }


def _scale_m(level: FileLevel, notes: Notes) -> float:
    """Metres for a pixel: the mean of the level's measurements."""
    scales: list[float] = []
    for row in level.measurements:
        start, end = (
            complex(level.vertices[each].at(0).number(), level.vertices[each].at(1).number())
            for each in (row.start, row.end)
        )
        length_m = row.parameters.at("distance").number()
        if start == end or length_m <= 0.0:
            raise row.node.error("a measurement joins two places a distance apart")
        scales.append(length_m / abs(end - start))
    if not scales:
        notes.add(f"no measurement: taken as {DEFAULT_SCALE_M} m for a pixel", level.name)
        return DEFAULT_SCALE_M
    return sum(scales) / len(scales)
