"""Places names on a picture so that no two overlap; what finds no room has none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise

import shapely
from shapely.geometry import LineString, Point, Polygon, box

from fleet_manager.adapters.maps.picture import palette
from fleet_manager.adapters.maps.picture.shapes import Label, Shape, text_width
from fleet_manager.adapters.maps.picture.view import View
from fleet_manager.core.campus import ZonePurpose
from fleet_manager.core.geometry import Xy
from fleet_manager.core.level_shape import driven_lanes, levels_of

_LINE = 1.18  # from one line to the next, in sizes of the font
_PLACE = "#1f4f9e"
_ZONE = "#1d5c46"
_WATCH = "#46539b"
_PART = "#7d8a9c"


def names(view: View) -> Iterator[Shape]:
    """Names of parts, buildings, places and zones, the more important first."""
    room = _Room(view)
    yield from _buildings(view, room)
    yield from _places(view, room)
    yield from _zones(view, room)
    yield from _parts(view, room)


class _Room:
    """Where names lie already."""

    def __init__(self, view: View) -> None:
        self._taken: list[tuple[float, float, float, float]] = []
        self.texts: list[str] = []
        self._width = view.width

    def put(
        self, lines: Sequence[str], middle: Xy, size: float, bold: bool, margin: float = 2.0
    ) -> bool:
        """Take the room of some lines around a middle; False if something lies there already."""
        wide = max(text_width(each, size, bold) for each in lines)
        high = size * _LINE * len(lines)
        left, top = middle[0] - wide / 2 - margin, middle[1] - high / 2 - margin
        right, bottom = left + wide + 2 * margin, top + high + 2 * margin
        if left < 0.0 or right > self._width:
            return False
        if any(
            left < other[2] and right > other[0] and top < other[3] and bottom > other[1]
            for other in self._taken
        ):
            return False
        self._taken.append((left, top, right, bottom))
        self.texts.append(" ".join(lines))
        return True


def _labels(
    lines: Sequence[str], middle: Xy, size: float, colour: str, bold: bool, halo: str | None
) -> Iterator[Label]:
    first = middle[1] - size * _LINE * (len(lines) - 1) / 2
    for number, text in enumerate(lines):
        at = (middle[0], first + number * size * _LINE)
        yield Label(text, at, size, colour, bold=bold, halo=halo)


def _buildings(view: View, room: _Room) -> Iterator[Shape]:
    """Each in its house, in one to three lines; smaller, or across its edge, where it is tight."""
    full = view.sign(3.4, 14.0, 2.0)
    houses = [each for each in view.campus.buildings.values() if view.level in levels_of(each)]
    for house in sorted(houses, key=lambda each: -each.polygon.area):
        outline = view.drawn(house.polygon)
        places = _middles(outline)
        for scale, spill in ((1.0, 1.0), (0.86, 1.0), (0.74, 1.0), (0.86, 1.35), (0.74, 1.8)):
            size = full * scale
            found = _fitting(house.name, outline, places, size, spill, room)
            if found is not None:
                lines, middle = found
                yield from _labels(lines, middle, size, palette.INK, True, "#fbf7f2")
                break


def _fitting(
    text: str, outline: Polygon, places: Sequence[Xy], size: float, spill: float, room: _Room
) -> tuple[Sequence[str], Xy] | None:
    for lines in _broken(text):
        wide = max(text_width(each, size, True) for each in lines) / spill
        high = size * _LINE * len(lines) / spill
        for x, y in places:
            if outline.covers(box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)) and (
                room.put(lines, (x, y), size, True)
            ):
                return lines, (x, y)
    return None


def _middles(outline: Polygon) -> list[Xy]:
    """Where a name may lie in an outline: its middle, and where it is widest."""
    inner = shapely.maximum_inscribed_circle(outline, tolerance=2.0)
    widest = shapely.get_coordinates(inner)[0]
    bounds = outline.bounds
    spots = [outline.centroid, Point(widest), outline.representative_point()]
    for share in (0.25, 0.75, 0.15, 0.85):
        x = bounds[0] + (bounds[2] - bounds[0]) * share
        y = bounds[1] + (bounds[3] - bounds[1]) * share
        spots += [Point(x, (bounds[1] + bounds[3]) / 2), Point((bounds[0] + bounds[2]) / 2, y)]
    return [(each.x, each.y) for each in spots if outline.covers(each)]


def _broken(text: str) -> list[list[str]]:
    """A text in one line, and in two and three, broken where the widest line is least wide."""
    words = text.split()
    found = [[text]]
    for count in (2, 3):
        if len(words) >= count:
            ways = []
            for cuts in combinations(range(1, len(words)), count - 1):
                edges = [0, *cuts, len(words)]
                ways.append([" ".join(words[a:b]) for a, b in pairwise(edges)])
            found.append(min(ways, key=lambda way: max(text_width(each, 1.0) for each in way)))
    return found


def _places(view: View, room: _Room) -> Iterator[Shape]:
    """Named waypoints that no building's name tells already, beside their mark."""
    size = view.sign(3.4, 12.0, 1.6)
    shown = " ".join(room.texts)
    for waypoint in view.campus.waypoints.values():
        text = waypoint.name
        if waypoint.level != view.level or not text or "," in text or text in shown:
            continue
        x, y = view.place(waypoint.xy)
        wide = text_width(text, size, True)
        off = size * 1.1
        for middle in (
            (x + wide / 2 + off * 0.8, y),
            (x, y - off),
            (x, y + off),
            (x - wide / 2 - off * 0.8, y),
        ):
            if room.put([text], middle, size, True):
                yield from _labels([text], middle, size, _PLACE, True, "#ffffff")
                break


def _zones(view: View, room: _Room) -> Iterator[Shape]:
    """Zones' names where there is room in the zone."""
    size = view.sign(2.6, 9.5, 1.8)
    for zone in view.campus.zones.values():
        if zone.level != view.level:
            continue
        outline = view.drawn(zone.polygon)
        colour = _ZONE if zone.purpose is ZonePurpose.CLEAN else _WATCH
        for lines in _broken(zone.name):
            wide = max(text_width(each, size) for each in lines)
            left, top, right, bottom = outline.bounds
            if wide > (right - left) * 0.96 or size * _LINE * len(lines) > bottom - top:
                continue
            spot = (
                outline.centroid if outline.covers(outline.centroid) else outline.point_on_surface()
            )
            if room.put(lines, (spot.x, spot.y), size, False):
                yield from _labels(lines, (spot.x, spot.y), size, colour, False, "#ffffff")
                break


def _parts(view: View, room: _Room) -> Iterator[Shape]:
    """Names of the parts, large and pale, where there is most room near their middle."""
    size = 44.0 * view.unit
    lanes = shapely.STRtree(
        [LineString(view.line(each.points)) for each in driven_lanes(view.campus, view.level)]
    )
    for part in view.campus.parts.values():
        outline = view.drawn(part.polygon)
        half = (text_width(part.name, size, True) / 2, size * 0.6)
        for x, y in _around(outline):
            around = box(x - half[0], y - half[1], x + half[0], y + half[1])
            if len(lanes.query(around, predicate="intersects")):
                continue
            if room.put([part.name], (x, y), size, True):
                yield Label(part.name, (x, y), size, _PART, bold=True, halo="#ffffff", opacity=0.75)
                break


def _around(outline: Polygon) -> Iterable[Xy]:
    """Places in an area, from its middle outwards."""
    middle = outline.centroid
    left, top, right, bottom = outline.bounds
    grid = [
        (left + (right - left) * a / 40, top + (bottom - top) * b / 40)
        for a in range(1, 40)
        for b in range(1, 40)
    ]
    near = sorted(grid, key=lambda at: (at[0] - middle.x) ** 2 + (at[1] - middle.y) ** 2)
    return [at for at in near if outline.covers(Point(at))]
