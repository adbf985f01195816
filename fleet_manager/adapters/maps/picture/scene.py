"""Composes the picture of a level: title, map, names, legend."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import shapely
from shapely.geometry import Point

from fleet_manager.adapters.maps.picture import palette
from fleet_manager.adapters.maps.picture.layers import LAYERS
from fleet_manager.adapters.maps.picture.legend import TITLE, footer, header
from fleet_manager.adapters.maps.picture.names import names
from fleet_manager.adapters.maps.picture.shapes import Scene, Shape
from fleet_manager.adapters.maps.picture.view import View
from fleet_manager.core.campus import Campus
from fleet_manager.core.errors import MapFormatError
from fleet_manager.core.level_shape import floor_of

DEFAULT_PX = 2400
LEAST_PX, MOST_PX = 200, 8000
ALL_LAYERS = (*LAYERS, "names", "legend")
USUAL_LAYERS = frozenset(ALL_LAYERS) - {"sectors"}
_MARGIN = 26.0
_AROUND_M = 6.0
_LEGEND_PX = 150.0  # room for the legend when the size is worked out


def campus_scene(
    campus: Campus,
    level: str,
    layers: frozenset[str] | None = None,
    size_px: int | None = None,
    progress: Callable[[float], None] = lambda _: None,
    above: Callable[[View], Iterable[Shape]] | None = None,
) -> Scene:
    """A picture of one level.

    Args:
        layers: of `ALL_LAYERS`; None: all but the sectors of patrols.
        size_px: of its longer side; about, if the legend is long.
        above: what is drawn over the map, below names and legend.

    Raises:
        MapFormatError: there is no such layer, nothing lies on the level, or the size is beyond
            200 to 8000 pixels.
    """
    size_px = DEFAULT_PX if size_px is None else size_px
    _check(layers, size_px)
    west, south, east, north = _bounds(campus, level)
    # Signs and letters grow less than a large picture, so that it has room for more of them.
    unit = min(size_px / DEFAULT_PX, (size_px / DEFAULT_PX) ** 0.6)
    margin, title = _MARGIN * unit, TITLE * unit
    wide_m, high_m = east - west, north - south
    px_per_m = min(
        (size_px - 2 * margin) / wide_m, (size_px - title - (_LEGEND_PX + 10) * unit) / high_m
    )
    # A narrow map keeps room for its legend.
    width = max(wide_m * px_per_m + 2 * margin, 0.55 * size_px)
    left = (width - wide_m * px_per_m) / 2
    view = View(campus, level, px_per_m, west, north, left, title, unit, width)
    scene = Scene(round(width), 0, campus.name, palette.BEYOND)
    chosen = [each for each in ALL_LAYERS if each in (layers or USUAL_LAYERS)]
    for number, name in enumerate(chosen):
        if name in LAYERS:
            scene.layers.append((name, list(LAYERS[name](view))))
        elif name == "names":
            if above is not None:
                scene.layers.append(("above", list(above(view))))
            scene.layers.append((name, list(names(view))))
        progress((number + 1) / (len(chosen) + 1))
    bottom = title + high_m * px_per_m
    if "legend" in chosen:
        drawn: list[Shape] = [shape for _, shapes in scene.layers for shape in shapes]
        legend, bottom = footer(view, bottom + 8 * unit, width, margin, drawn)
        scene.layers.append(("legend", [*header(view, width, margin), *legend]))
    scene.height = round(bottom + margin / 2)
    return scene


def _check(layers: frozenset[str] | None, size_px: int) -> None:
    unknown = sorted((layers or frozenset()) - {*ALL_LAYERS})
    if unknown:
        raise MapFormatError(
            f"a picture has no layer {', '.join(map(repr, unknown))}",
            f"layers are {', '.join(ALL_LAYERS)}",
        )
    if not LEAST_PX <= size_px <= MOST_PX:
        raise MapFormatError(
            f"a picture of {size_px} pixels cannot be drawn",
            f"choose a size between {LEAST_PX} and {MOST_PX} pixels",
        )


def _bounds(campus: Campus, level: str) -> tuple[float, float, float, float]:
    """What to show: the ground or floors of the level and all waypoints on it."""
    spots = [Point(each.xy) for each in campus.waypoints.values() if each.level == level]
    around = shapely.GeometryCollection([floor_of(campus, level), *spots])
    if around.is_empty:
        raise MapFormatError(
            f"nothing lies on level {level!r} of {campus.name}", "choose another level"
        )
    west, south, east, north = around.bounds
    return west - _AROUND_M, south - _AROUND_M, east + _AROUND_M, north + _AROUND_M
