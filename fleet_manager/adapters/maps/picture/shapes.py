"""What a picture is made of: areas, lines, marks and labels, in pixels from the upper left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from shapely.geometry import Polygon

from fleet_manager.core.geometry import Xy

Points = Sequence[Xy]
Sign = Literal["circle", "square", "diamond", "triangle", "arrow"]


@dataclass(frozen=True)
class Style:
    """How a shape looks.

    Attributes:
        fill, stroke: colours `#rrggbb`, or None.
        width: of the stroke, pixels.
        opacity: of the fill, 0 to 1.
        dash: lengths of strokes and gaps, pixels; empty: solid.
    """

    fill: str | None = None
    stroke: str | None = None
    width: float = 0.0
    opacity: float = 1.0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class Areas:
    """Polygons that look alike; a title tells who points at one what it is."""

    name: str
    style: Style
    polygons: Sequence[tuple[Polygon, str]]


@dataclass(frozen=True)
class Lines:
    """Lines that look alike, with round ends unless dashed or `butt`."""

    name: str
    style: Style
    lines: Sequence[Points]
    butt: bool = False


@dataclass(frozen=True)
class Marks:
    """Signs of `size` pixels across that look alike.

    Attributes:
        places: x, y, turn in degrees clockwise, and a title.
    """

    name: str
    style: Style
    sign: Sign
    size: float
    places: Sequence[tuple[float, float, float, str]]


@dataclass(frozen=True)
class Label:
    """A line of text.

    Attributes:
        at: the middle of its height; its left end, middle or right end by `anchor`.
        size: of the font, pixels.
        halo: colour around the letters, or None.
    """

    text: str
    at: Xy
    size: float
    colour: str = "#26313a"
    anchor: Literal["start", "middle", "end"] = "middle"
    bold: bool = False
    halo: str | None = None
    opacity: float = 1.0


Shape = Areas | Lines | Marks | Label


@dataclass
class Scene:
    """A picture before it is drawn: shapes in layers, the lowest first."""

    width: int
    height: int
    title: str
    background: str
    layers: list[tuple[str, list[Shape]]] = field(default_factory=list)


SIGNS: dict[Sign, Points] = {
    "square": ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)),
    "diamond": ((0.0, -0.6), (0.6, 0.0), (0.0, 0.6), (-0.6, 0.0)),
    "triangle": ((0.0, -0.6), (0.55, 0.4), (-0.55, 0.4)),
    "arrow": ((0.7, 0.0), (-0.5, 0.45), (-0.2, 0.0), (-0.5, -0.45)),
}
"""Corners of the signs that have corners, at size 1; an arrow points to the right."""


def text_width(text: str, size: float, bold: bool = False) -> float:
    """About how wide a text is, in pixels; ideographs are as wide as high."""
    wide = sum(1.0 if ord(each) > 0x2E7F else _WIDTHS.get(each, 0.6) for each in text)
    return wide * size * (1.1 if bold else 1.0)


_WIDTHS = (
    dict.fromkeys("iljI.,:;'|! ", 0.32)
    | dict.fromkeys("frt()[]-/", 0.4)
    | dict.fromkeys("mwMW", 0.9)
    | dict.fromkeys("ABCDEFGHKNOPQRSTUVXYZ", 0.7)
)
