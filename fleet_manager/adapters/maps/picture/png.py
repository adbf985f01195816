"""Draws a scene as PNG with matplotlib's Agg renderer."""

from __future__ import annotations

import io
import logging
import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import font_manager, patheffects
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.path import Path
from PIL import Image
from shapely.geometry import Polygon
from shapely.geometry.polygon import orient

from fleet_manager.adapters.maps.picture.shapes import (
    SIGNS,
    Areas,
    Label,
    Lines,
    Marks,
    Scene,
    Shape,
    Style,
)

_DPI = 100
_POINTS = 72 / _DPI  # a pixel
_COLOURS = 256
_OWN = 120
_CIRCLE = [
    (math.cos(turn) / 2, math.sin(turn) / 2) for turn in np.linspace(0, 2 * math.pi, 20)[:-1]
]
_FONTS = (
    "DejaVu Sans",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
)
_ANCHORS = {"start": "left", "middle": "center", "end": "right"}


def scene_png(scene: Scene) -> bytes:
    """The file, with a palette of 256 colours."""
    figure = Figure(figsize=(scene.width / _DPI, scene.height / _DPI), dpi=_DPI)
    figure.patch.set_facecolor(scene.background)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0, scene.width)
    axes.set_ylim(scene.height, 0)
    axes.axis("off")
    fonts = _fonts()
    order = 1
    for _, shapes in scene.layers:
        for shape in shapes:
            _draw(axes, shape, order, fonts)
            order += 1
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        raw = io.BytesIO()
        figure.savefig(raw, format="raw", dpi=_DPI, facecolor=scene.background)
    del figure, axes
    pixels = np.frombuffer(raw.getbuffer(), dtype=np.uint8).reshape(scene.height, scene.width, 4)
    picture = Image.fromarray(pixels).convert("RGB")
    del pixels, raw
    file = io.BytesIO()
    _few_colours(picture, scene).save(file, "PNG", optimize=True)
    return file.getvalue()


def _few_colours(picture: Image.Image, scene: Scene) -> Image.Image:
    """A picture of 256 colours: those of the scene as they are, and the best of the others."""
    own = {scene.background: None}
    for _, shapes in scene.layers:
        for shape in shapes:
            if isinstance(shape, Label):
                own[shape.colour] = None
            else:
                own.update(dict.fromkeys(c for c in (shape.style.fill, shape.style.stroke) if c))
    flat = [round(part * 255) for colour in list(own)[:_OWN] for part in to_rgba(colour)[:3]]
    others = picture.quantize(_COLOURS - len(flat) // 3, dither=Image.Dither.NONE)
    palette = Image.new("P", (1, 1))
    palette.putpalette([*flat, *(others.getpalette() or [])][: 3 * _COLOURS])
    return picture.quantize(_COLOURS, palette=palette, dither=Image.Dither.NONE)


def _fonts() -> list[str]:
    """The fonts that are here, those with ideographs behind the first."""
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    here = {each.name for each in font_manager.fontManager.ttflist}
    return [each for each in _FONTS if each in here] or ["sans-serif"]


def _draw(axes: Axes, shape: Shape, order: int, fonts: Sequence[str]) -> None:
    if isinstance(shape, Label):
        _label(axes, shape, order, fonts)
    elif isinstance(shape, Lines):
        collection = LineCollection(
            [np.asarray(points) for points in shape.lines],
            colors=[to_rgba(shape.style.stroke or "#000000")],
            linewidths=shape.style.width * _POINTS,
            linestyles=_dash(shape.style),
            capstyle="butt" if shape.butt or shape.style.dash else "round",
            joinstyle="round",
            zorder=order,
        )
        axes.add_collection(collection, autolim=False)
    elif isinstance(shape, Areas):
        paths = [_compound(polygon) for polygon, _ in shape.polygons]
        axes.add_collection(PathCollection(paths, **_look(shape.style, order)), False)
    else:
        corners = [_corners(shape, place) for place in shape.places]
        axes.add_collection(PolyCollection(corners, **_look(shape.style, order)), False)


def _look(style: Style, order: int) -> dict[str, Any]:
    fill = to_rgba(style.fill, style.opacity) if style.fill is not None else "none"
    stroke = style.stroke if style.stroke is not None and style.width > 0.0 else "none"
    return {
        "facecolors": [fill],
        "edgecolors": [stroke],
        "linewidths": style.width * _POINTS,
        "linestyles": _dash(style),
        "zorder": order,
    }


def _dash(style: Style) -> Any:
    if not style.dash:
        return "solid"
    # matplotlib takes dashes in multiples of the line's width
    return (0, tuple(each / max(style.width, 0.1) for each in style.dash))


def _compound(polygon: Polygon) -> Path:
    turned = orient(polygon)  # holes are left open by the winding of their ring
    rings = [turned.exterior, *turned.interiors]
    codes = [
        np.array([Path.MOVETO, *[Path.LINETO] * (len(ring.coords) - 2), Path.CLOSEPOLY])
        for ring in rings
    ]
    return Path(np.vstack([np.asarray(ring.coords) for ring in rings]), np.concatenate(codes))


def _corners(marks: Marks, place: tuple[float, float, float, str]) -> list[tuple[float, float]]:
    x, y, turn, _ = place
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    sign = _CIRCLE if marks.sign == "circle" else SIGNS[marks.sign]
    return [
        (x + marks.size * (a * cos - b * sin), y + marks.size * (a * sin + b * cos))
        for a, b in sign
    ]


def _label(axes: Axes, label: Label, order: int, fonts: Sequence[str]) -> None:
    text = axes.text(
        label.at[0],
        label.at[1] + 0.36 * label.size,
        label.text,
        fontsize=label.size * _POINTS,
        color=label.colour,
        alpha=label.opacity,
        ha=_ANCHORS[label.anchor],
        va="baseline",
        fontweight="bold" if label.bold else "normal",
        fontfamily=list(fonts),
        zorder=order,
        parse_math=False,
    )
    if label.halo is not None:
        width = label.size * 0.22 * _POINTS
        text.set_path_effects([patheffects.withStroke(linewidth=width, foreground=label.halo)])
