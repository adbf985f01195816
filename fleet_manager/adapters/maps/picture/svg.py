"""Draws a scene as SVG; who points at a shape is told what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from shapely.geometry import Polygon

from fleet_manager.adapters.maps.picture.shapes import (
    SIGNS,
    Areas,
    Label,
    Lines,
    Marks,
    Points,
    Scene,
    Shape,
    Style,
)

_FONTS = "'Helvetica Neue',Arial,'DejaVu Sans','Noto Sans','Noto Sans CJK SC',sans-serif"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def scene_svg(scene: Scene) -> Iterator[bytes]:
    """The file, a layer at a time."""
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {scene.width} {scene.height}" '
        f'width="{scene.width}" height="{scene.height}" font-family="{_FONTS}">\n'
        f"<title>{_text(scene.title)}</title>\n"
        f'<rect width="100%" height="100%" fill="{scene.background}"/>\n'
    ).encode()
    for name, shapes in scene.layers:
        body = "\n".join(line for shape in shapes for line in _shape(shape))
        yield f"<g id={quoteattr(name)}>\n{body}\n</g>\n".encode()
    yield b"</svg>\n"


def _shape(shape: Shape) -> Iterator[str]:
    if isinstance(shape, Label):
        yield _label(shape)
        return
    round_ = ""
    if isinstance(shape, Lines):
        ends = "butt" if shape.butt or shape.style.dash else "round"
        round_ = f' stroke-linecap="{ends}" stroke-linejoin="round"'
    yield f"<g class={quoteattr(shape.name)}{_style(shape.style)}{round_}>"
    if isinstance(shape, Areas):
        for polygon, title in shape.polygons:
            yield _titled(f'<path fill-rule="evenodd" d="{_rings(polygon)}"', "path", title)
    elif isinstance(shape, Lines):
        yield f'<path d="{" ".join(_path(points) for points in shape.lines)}"/>'
    else:
        yield from _marks(shape)
    yield "</g>"


def _marks(shape: Marks) -> Iterator[str]:
    for x, y, turn, title in shape.places:
        if shape.sign == "circle":
            start = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{shape.size / 2:.3g}"'
            yield _titled(start, "circle", title)
            continue
        corners = " ".join(
            f"{a * shape.size:.3g},{b * shape.size:.3g}" for a, b in SIGNS[shape.sign]
        )
        place = f"translate({x:.1f} {y:.1f})" + (f" rotate({turn:.0f})" if turn else "")
        yield _titled(f'<polygon points="{corners}" transform="{place}"', "polygon", title)


def _titled(start: str, tag: str, title: str) -> str:
    return f"{start}><title>{_text(title)}</title></{tag}>" if title else f"{start}/>"


def _label(label: Label) -> str:
    look = f' font-size="{label.size:.3g}" fill="{label.colour}" text-anchor="{label.anchor}"'
    if label.bold:
        look += ' font-weight="700"'
    if label.opacity < 1.0:
        look += f' opacity="{label.opacity:g}"'
    if label.halo is not None:
        look += (
            f' stroke="{label.halo}" stroke-width="{label.size * 0.22:.3g}" '
            'stroke-linejoin="round" paint-order="stroke"'
        )
    x, y = label.at
    return f'<text x="{x:.1f}" y="{y + 0.36 * label.size:.1f}"{look}>{_text(label.text)}</text>'


def _style(style: Style) -> str:
    fill = style.fill or "none"
    text = f' fill="{fill}"'
    if style.opacity < 1.0:
        text += f' fill-opacity="{style.opacity:g}"'
    if style.stroke is not None and style.width > 0.0:
        text += f' stroke="{style.stroke}" stroke-width="{style.width:.3g}"'
        if style.dash:
            text += f' stroke-dasharray="{" ".join(f"{each:.3g}" for each in style.dash)}"'
    return text


def _rings(polygon: Polygon) -> str:
    rings = (polygon.exterior, *polygon.interiors)
    return " ".join(_path(list(ring.coords)[:-1]) + "Z" for ring in rings)


def _path(points: Points) -> str:
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("�", text))
