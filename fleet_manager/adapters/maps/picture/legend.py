"""Title, legend, scale bar and north arrow of a picture."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from shapely.affinity import translate
from shapely.geometry import Polygon, box

from fleet_manager.adapters.maps.picture import palette
from fleet_manager.adapters.maps.picture.shapes import (
    Areas,
    Label,
    Lines,
    Marks,
    Shape,
    Sign,
    Style,
    text_width,
)
from fleet_manager.adapters.maps.picture.view import View

_ROW = 27.0
_TEXT = 15.5
_SIGN = 26.0
TITLE = 74.0
"""Height of the title, at 2400 pixels."""
Entry = tuple[str, Shape]


def header(view: View, width: float, margin: float) -> Iterator[Shape]:
    """Name of the campus and its level on the left, facts below; the arrow to the north."""
    campus, unit = view.campus, view.unit
    level = campus.levels[view.level]
    lengths_m = sum(each.length_m for each in campus.lanes.values() if each.id == each.feature_id)
    km2 = campus.boundary.area / 1e6 if campus.boundary is not None else 0.0
    facts = [
        *([f"{km2:.2f} km²"] if km2 >= 0.005 else []),
        f"{len(campus.buildings)} buildings",
        f"{len(campus.waypoints):,} waypoints",
        f"{lengths_m / 1000:.0f} km of lanes",
        f"{len(campus.docks)} docks",
        f"{len(campus.bays) - len(campus.docks)} bays",
        f"{len(campus.zones)} zones",
        f"{len(campus.assets):,} assets",
        f"map {campus.version}",
    ]
    yield Areas("band", Style(palette.BEYOND), [(box(0, 0, width, TITLE * unit), "")])
    title = campus.name if len(campus.levels) == 1 else f"{campus.name} · {level.name}"
    yield Label(title, (margin, 30 * unit), 34 * unit, palette.INK, "start", bold=True)
    text = " · ".join([*facts, *([campus.note.rstrip(".")] if campus.note else [])])
    room = width - 2 * margin - 60 * unit
    size = min(_TEXT * unit, room / text_width(text, 1.0))
    yield Label(text, (margin, 61 * unit), size, palette.PALE_INK, "start")
    yield from _north(view, (width - margin - 24 * unit, 40 * unit))


def _north(view: View, middle: tuple[float, float]) -> Iterator[Shape]:
    """North lies where the map's y axis would be turned back by its bearing."""
    turn = -math.radians(view.campus.anchor.bearing_deg)
    unit = view.unit

    def at(x: float, y: float) -> tuple[float, float]:
        turned = (x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn))
        return (middle[0] + turned[0] * unit, middle[1] + turned[1] * unit)

    dark = Polygon([at(0, -16), at(0, 14), at(-11, 22)])
    light = Polygon([at(0, -16), at(11, 22), at(0, 14)])
    yield Areas("north", Style(palette.INK, palette.INK, unit), [(dark, "North")])
    yield Areas("north", Style("#ffffff", palette.INK, unit), [(light, "North")])
    yield Label("N", at(0, -27), 17 * unit, palette.INK, bold=True)


def footer(
    view: View, top: float, width: float, margin: float, drawn: Sequence[Shape]
) -> tuple[list[Shape], float]:
    """The legend of what was drawn with a scale bar; and where it ends, pixels."""
    unit = view.unit
    bar, bar_wide = _scale_bar(view, (width - margin - 22 * unit, top + 16 * unit))
    signs = [shape for shape in drawn if not isinstance(shape, Label)]
    x, y = margin, top + 16 * unit
    shapes: list[Shape] = []
    for label, sign in _entries(view, signs):
        size = _TEXT * unit
        wide = (_SIGN + 10) * unit + text_width(label, size) + 20 * unit
        if x + wide > width - margin - bar_wide - 60 * unit:
            x, y = margin, y + _ROW * unit
        shapes.append(_moved(sign, x + _SIGN / 2 * unit, y))
        shapes.append(Label(label, (x + (_SIGN + 8) * unit, y), size, palette.PALE_INK, "start"))
        x += wide
    end = max(y, top + 40 * unit) + _ROW * unit
    band = Areas("band", Style(palette.BEYOND), [(box(0, top - 8 * unit, width, end + margin), "")])
    return [band, *shapes, *bar], end


def _scale_bar(view: View, right: tuple[float, float]) -> tuple[list[Shape], float]:
    unit = view.unit
    lengths = (m * 10**power for power in range(6) for m in (1, 2, 5))
    fitting = [each for each in lengths if each * view.px_per_m < 330 * unit]
    metres = fitting[-1] if fitting else 1
    long = metres * view.px_per_m
    x, y = right[0] - long, right[1]
    halves = [box(x, y, x + long / 2, y + 8 * unit), box(x + long / 2, y, x + long, y + 8 * unit)]
    ink = Style(palette.INK, palette.INK, unit)
    shapes: list[Shape] = [
        Areas("scale", ink, [(halves[0], "")]),
        Areas("scale", replace(ink, fill="#ffffff"), [(halves[1], "")]),
    ]
    for share in (0.0, 0.5, 1.0):
        text = f"{metres * share:g}" + (" m" if share == 1.0 else "")
        at = (x + long * share, y + 22 * unit)
        shapes.append(Label(text, at, 14 * unit, palette.INK))
    return shapes, long


def _entries(view: View, drawn: Sequence[Areas | Lines | Marks]) -> Iterator[Entry]:
    """Signs around 0, 0 for what was drawn, with what they mean."""
    unit = view.unit
    names = {shape.name for shape in drawn}
    for name, label, sign, style, size in _MARKS:
        if name in names:
            yield label, Marks(name, style, sign, size * unit, [(0.0, 0.0, 0.0, "")])
    yield from _teams(drawn, unit)
    for name, style, label in (
        *((f"lane {kind}", style, _LANES[kind]) for kind, style in palette.LANES.items()),
        ("door", palette.DOOR, "door"),
        ("wall", Style(stroke=palette.WALL), "wall"),
    ):
        if name in names:
            stroke = style.stroke if style.stroke not in _PALE else "#8b939b"
            dashed = name == "lane underpass"
            dash: tuple[float, ...] = (5.0 * unit, 3.0 * unit) if dashed else ()
            if name == "lane bridge":
                stroke = palette.BRIDGE
            thick = (5.0 if name in ("door", "lane bridge") else 3.0) * unit
            line = [(-_SIGN / 2 * unit, 0.0), (_SIGN / 2 * unit, 0.0)]
            yield (
                label,
                Lines(name, Style(stroke=stroke, width=thick, dash=dash), [line], butt=True),
            )
    patch = box(-_SIGN / 2 * unit, -8 * unit, _SIGN / 2 * unit, 8 * unit)
    for name, style, label in _AREAS:
        if name in names:
            dash = tuple(each * unit for each in style.dash)
            edged = replace(style, width=max(style.width, 0.6) * unit, dash=dash)
            yield label, Areas(name, edged, [(patch, "")])
    fills = {shape.style.fill for shape in drawn if shape.name == "building"}
    low = 0.0
    for most, colour in palette.HEIGHTS:
        if colour in fills:
            label = f"building over {low:g} m" if most > 1e8 else f"building to {most:g} m"
            yield label, Areas("height", Style(colour, palette.BUILDING_LINE, unit), [(patch, "")])
        low = most
    if palette.FLOOR in fills:
        style = Style(palette.FLOOR, palette.BUILDING_LINE, 1.6 * unit)
        yield "building with indoor lanes", Areas("floor", style, [(patch, "")])


def _teams(drawn: Sequence[Areas | Lines | Marks], unit: float) -> Iterator[Entry]:
    """The tours of a patrol's teams."""
    line = [(-_SIGN / 2 * unit, 0.0), (_SIGN / 2 * unit, 0.0)]
    for shape in drawn:
        if isinstance(shape, Lines) and shape.name.startswith("team "):
            yield shape.name, replace(shape, lines=[line])


_PALE = {"#ffffff", "#fff3d6"}
_LANES = {
    "forward": "carriageway",
    "both": "path, both ways",
    "indoor": "indoor lane",
    "ramp": "ramp",
    "bridge": "bridge",
    "underpass": "underpass",
    "some kinds": "for some robot kinds",
}
_MARKS: tuple[tuple[str, str, Sign, Style, float], ...] = (
    ("dock", "dock", "circle", palette.DOCK, 14.0),
    ("bay", "bay", "circle", palette.BAY, 9.0),
    ("entrance", "entrance", "triangle", palette.ENTRANCE, 12.0),
    ("muster", "muster point", "diamond", palette.MUSTER, 15.0),
    ("camera", "camera and its view", "circle", palette.CAMERA, 9.0),
    ("station", "air, heat station", "triangle", palette.STATION, 12.0),
    *(
        (f"asset {kind.value}", kind.value.replace("_", " "), "square", style, 10.0)
        for kind, style in palette.ASSETS.items()
    ),
)
_AREAS = (
    ("lift", palette.LIFT, "lift"),
    ("crossing", palette.CROSSING, "signalled crossing"),
    ("clean", palette.CLEAN, "cleaned"),
    ("watch", palette.WATCH, "watched"),
    ("closed", palette.CLOSED, "closed"),
    ("keepclear", palette.KEEP_CLEAR, "keep clear"),
    ("sector", palette.SECTOR, "patrol sector"),
    *(
        (f"cover {cover.value}", style, cover.value.replace("_", " "))
        for cover, style in palette.COVERS.items()
    ),
    *(
        (f"obstacle {kind.value}", style, f"obstacle: {kind.value.replace('_', ' ')}")
        for kind, style in palette.OBSTACLES.items()
    ),
)


def _moved(shape: Shape, x: float, y: float) -> Shape:
    """A sign of the legend at its place."""
    if isinstance(shape, Marks):
        return replace(shape, places=[(x, y, 0.0, "")])
    if isinstance(shape, Lines):
        return replace(shape, lines=[[(a + x, b + y) for a, b in line] for line in shape.lines])
    if isinstance(shape, Areas):
        return replace(shape, polygons=[(translate(p, x, y), t) for p, t in shape.polygons])
    return shape
