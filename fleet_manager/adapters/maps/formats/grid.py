"""Occupancy grids (`.pgm` and `.yaml`, one a level) as Nav2's map server reads them.

Where a robot may drive is free, what stands is occupied, the rest is unknown. A cell that a wall
touches is occupied; one that the middle of a lane touches is free. Values and keys follow the map
server's documentation (https://docs.nav2.org/configuration/packages/configuring-map-server.html).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from fleet_manager.adapters.maps.formats.base import ExportOptions, Files, file_stem
from fleet_manager.adapters.maps.formats.graph import chosen_level
from fleet_manager.adapters.maps.formats.raster import Filler, Frame
from fleet_manager.core.campus import Campus
from fleet_manager.core.errors import MapFormatError
from fleet_manager.core.level_shape import LevelShape, driven_lanes, floor_of, shape_of

FREE, UNKNOWN, OCCUPIED = 254, 205, 0
# Grey 205 is occupied with probability 50/255 = 0.19608, which has to lie between the two.
FREE_THRESH, OCCUPIED_THRESH = 0.196, 0.65
WALL_M = 0.15
MARGIN_M = 0.5
RESOLUTIONS_M = (0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
USUAL_CELLS = 250_000_000
MOST_CELLS = 1_000_000_000
_STRIP_CELLS = 2_000_000

Layers = Sequence[tuple[int, BaseGeometry]]


def write(campus: Campus, options: ExportOptions) -> Files:
    """A grid and its description for each level, or the chosen one.

    Raises:
        UnknownFeature: the campus has no such level.
        MapFormatError: nothing lies on the level, or the grid would be too large.
    """
    level = chosen_level(campus, options)
    files: dict[str, Iterable[bytes]] = {}
    for each in campus.levels if level is None else [level]:
        known = floor_of(campus, each)
        if known.is_empty:
            continue
        shape = shape_of(campus, each)
        bounds = shapely.GeometryCollection([known, shape.all, *_ways(campus, each)]).bounds
        frame = _frame(each, bounds, options.resolution_m)
        stem = file_stem(campus.id, each)
        image = f"{stem}.pgm"
        layers = _layers(campus, each, known, shape, frame)
        files[image] = _picture(layers, frame, partial(options.progress, image))
        files[f"{stem}.yaml"] = [_description(image, frame).encode()]
    if not files:
        where = "" if level is None else f" on level {level!r}"
        raise MapFormatError(
            f"nothing lies{where} on the map of {campus.name}",
            "draw lanes or buildings, or choose another level",
        )
    return files


def _ways(campus: Campus, level: str) -> list[BaseGeometry]:
    return [LineString(lane.points) for lane in driven_lanes(campus, level)]


def _frame(
    level: str, bounds: tuple[float, float, float, float], resolution_m: float | None
) -> Frame:
    """The frame of a level; of the usual resolutions, the finest that is not too large.

    Raises:
        MapFormatError: the grid would be too large.
    """
    frames = [Frame.around(bounds, each, MARGIN_M) for each in RESOLUTIONS_M]
    if resolution_m is None:
        fitting = next((each for each in frames if each.cells <= USUAL_CELLS), None)
        if fitting is not None:
            return fitting
        resolution_m = RESOLUTIONS_M[-1]
    frame = Frame.around(bounds, resolution_m, MARGIN_M)
    if frame.cells > MOST_CELLS:
        fits = next((f"{each.cell_m:g}" for each in frames if each.cells <= MOST_CELLS), None)
        raise MapFormatError(
            f"a grid of level {level!r} at {resolution_m:g} m has {frame.columns} × {frame.rows} "
            f"cells, more than {MOST_CELLS:,}",
            f"choose --resolution {fits}" if fits else "check the positions on the map",
        )
    return frame


def _layers(
    campus: Campus, level: str, known: BaseGeometry, shape: LevelShape, frame: Frame
) -> Layers:
    """What to fill with which value, each over those before."""
    # The middle of a cell is nearer than this to whatever touches the cell.
    touches_m = 1.01 * frame.cell_m * math.sqrt(0.5)
    walls = shape.walls.buffer(max(WALL_M / 2, touches_m), cap_style="square", join_style="mitre")
    solid = shape.solid.buffer(touches_m, join_style="mitre")
    return (
        (FREE, known),
        (OCCUPIED, shapely.union_all([walls, solid])),
        (FREE, shapely.union_all(shapely.buffer(_ways(campus, level), touches_m))),
    )


def _picture(layers: Layers, frame: Frame, progress: Callable[[float], None]) -> Iterator[bytes]:
    """The picture's bytes (netpbm P5), some rows at a time from the top."""
    yield f"P5\n{frame.columns} {frame.rows}\n255\n".encode()
    filler = Filler([area for _, area in layers], frame)
    greys = np.full(1 << len(layers), UNKNOWN, dtype=np.uint8)
    for number, (value, _) in enumerate(layers):
        greys[(np.arange(len(greys)) >> number) & 1 == 1] = value
    step = max(1, _STRIP_CELLS // frame.columns)
    for begin in range(0, frame.rows, step):
        end = min(begin + step, frame.rows)
        yield greys[filler.rows(begin, end)].tobytes()
        progress(end / frame.rows)


def _description(image: str, frame: Frame) -> str:
    """The description; JSON's strings are YAML's too."""
    origin = f"[{frame.west_m:.6g}, {frame.south_m:.6g}, 0.0]"
    return (
        f"image: {json.dumps(image)}\n"
        "mode: trinary\n"
        f"resolution: {frame.cell_m:g}\n"
        f"origin: {origin}\n"
        "negate: 0\n"
        f"occupied_thresh: {OCCUPIED_THRESH}\n"
        f"free_thresh: {FREE_THRESH}\n"
    )
