"""The picture of a sweep: the zone, what the brush cleans, the path, what is out of reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from fleet_manager.adapters.maps.picture import palette
from fleet_manager.adapters.maps.picture.layers import LAYERS
from fleet_manager.adapters.maps.picture.shapes import (
    Areas,
    Label,
    Lines,
    Marks,
    Scene,
    Shape,
    Style,
)
from fleet_manager.adapters.maps.picture.view import View
from fleet_manager.core.campus import Campus, Zone
from fleet_manager.core.geometry import Xy
from fleet_manager.core.planning.coverage.ground import polygons_of
from fleet_manager.core.planning.coverage.stretches import Stretch

SIZE_PX = 1000
_TALLEST = 4.0  # times its width
_AROUND_M = 2.0
_TITLE_PX = 58.0
_LINE_PX = 22.0
_SURROUNDINGS = ("ground", "buildings", "lanes", "walls")

CLEANED = Style("#8fd0c4", opacity=0.45)
NOT_CLEANED = Style("#f2b134", "#b87d0c", 0.8, opacity=0.9)
OUT_OF_REACH = Style("#d65a5a", "#8f2f2f", 0.8, opacity=0.75)
OUTLINE = Style(None, "#26313a", 2.0)
STRETCHES = ("#0b6e69", "#7a3fa0", "#b4531d", "#1f5fa8")
"""Colours of the path, stretch after stretch."""
BEGIN, END = Style("#2f9e44", "#ffffff", 1.5), Style("#c92a2a", "#ffffff", 1.5)


def sweep_scene(
    campus: Campus,
    zone: Zone,
    path: Sequence[Xy],
    brush_width_m: float,
    out_of_reach: Sequence[Polygon],
    stretches: Sequence[Stretch],
    caption: str,
) -> Scene:
    """A picture of one zone with the path that cleans it.

    Args:
        path: of the middle of the brush, metres.
        out_of_reach: what of the zone no brush touches.
        stretches: of the path, each drawn in a colour of its own.
        caption: the figures, one line.
    """
    view = _view(campus, zone)
    scene = Scene(round(view.width), 0, f"Sweep of {zone.id}", palette.BEYOND)
    for name in _SURROUNDINGS:
        shown = [_cropped(view, each) for each in LAYERS[name](view)]
        scene.layers.append((name, [each for each in shown if each is not None]))
    line = LineString(path)
    swept = line.buffer(brush_width_m / 2)
    missed = zone.polygon.difference(swept).difference(shapely.union_all(out_of_reach))
    scene.layers.append(
        (
            "sweep",
            [
                Areas("cleaned", CLEANED, _parts(view, swept.intersection(zone.polygon))),
                Areas("not cleaned", NOT_CLEANED, _parts(view, missed)),
                Areas("out of reach", OUT_OF_REACH, _parts(view, shapely.union_all(out_of_reach))),
                Areas("zone", OUTLINE, [(view.drawn(zone.polygon), zone.name)]),
                *_path(view, line, stretches),
                Marks("begin", BEGIN, "circle", 14.0, [(*view.place(path[0]), 0.0, "begin")]),
                Marks("end", END, "square", 12.0, [(*view.place(path[-1]), 0.0, "end")]),
            ],
        )
    )
    bottom = view.place((0.0, zone.polygon.bounds[1] - _AROUND_M))[1]
    scene.layers.append(("caption", _captions(view, zone, caption, bottom)))
    scene.height = round(bottom + 2.2 * _LINE_PX)
    return scene


def _cropped(view: View, shape: Shape) -> Shape | None:
    """What of a shape lies on the picture; None: nothing."""
    frame = shapely.box(0.0, 0.0, view.width, view.width * _TALLEST)
    if isinstance(shape, Areas):
        areas = [
            (part, title)
            for each, title in shape.polygons
            for part in polygons_of(each.intersection(frame))
        ]
        return replace(shape, polygons=areas) if areas else None
    if isinstance(shape, Lines):
        lines = [each for each in shape.lines if LineString(each).intersects(frame)]
        return replace(shape, lines=lines) if lines else None
    if isinstance(shape, Marks):
        places = [each for each in shape.places if frame.covers(Point(each[0], each[1]))]
        return replace(shape, places=places) if places else None
    return shape


def _view(campus: Campus, zone: Zone) -> View:
    west, south, east, north = zone.polygon.buffer(_AROUND_M).bounds
    longer_m = max(east - west, 0.8 * (north - south))
    px_per_m = SIZE_PX / longer_m
    width = max((east - west) * px_per_m, 0.6 * SIZE_PX)
    left = (width - (east - west) * px_per_m) / 2
    return View(campus, zone.level, px_per_m, west, north, left, _TITLE_PX, 0.6, width)


def _path(view: View, line: LineString, stretches: Sequence[Stretch]) -> list[Lines]:
    found = []
    for number, each in enumerate(stretches):
        part = substring(line, each.from_m, each.to_m)
        style = Style(None, STRETCHES[number % len(STRETCHES)], 1.6)
        points = view.line(shapely.get_coordinates(part).tolist())
        found.append(Lines(f"stretch {number + 1}", style, [points]))
    return found


def _captions(view: View, zone: Zone, caption: str, bottom: float) -> list[Shape]:
    middle = view.width / 2
    title = zone.id if zone.name in ("", zone.id) else f"{zone.name} ({zone.id})"
    band = shapely.box(0, 0, view.width, _TITLE_PX)
    foot = shapely.box(0, bottom, view.width, bottom + 2.2 * _LINE_PX)
    return [
        Areas("paper", Style("#ffffff"), [(band, ""), (foot, "")]),
        Label(title, (middle, 18.0), 19.0, bold=True),
        Label(caption, (middle, 43.0), 14.0),
        Label(
            "green: cleaned · yellow: left · red: out of reach · dot: begin · square: end",
            (middle, bottom + 1.1 * _LINE_PX),
            13.0,
            palette.PALE_INK,
        ),
    ]


def _parts(view: View, shape: BaseGeometry) -> list[tuple[Polygon, str]]:
    return [(view.drawn(each), "") for each in polygons_of(shape) if each.area > 1e-3]
