"""The layers of a picture: what the campus has, as shapes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString, Polygon
from shapely.geometry.base import BaseGeometry

from fleet_manager.adapters.maps.picture import palette
from fleet_manager.adapters.maps.picture.shapes import Areas, Lines, Marks, Points, Shape, Style
from fleet_manager.adapters.maps.picture.view import View
from fleet_manager.core.campus import (
    Building,
    Cover,
    Lane,
    ObstacleKind,
    PassageKind,
    Role,
    Structure,
    ZonePurpose,
)
from fleet_manager.core.geometry import heading_rad, point_at
from fleet_manager.core.level_shape import driven_lanes, levels_of, shape_of

SHADOW_M_PER_M = 0.45
_ARROW_EVERY_PX = 90.0
_BED = {True: 2.0, False: 1.0}  # of a lane's width: two carriageways are drawn as one road
_EDGE_M = 0.9


def ground(view: View) -> Iterator[Shape]:
    """The campus, what covers it, obstacles."""
    campus = view.campus
    if campus.boundary is not None:
        yield Areas("boundary", _thick(view, palette.CAMPUS), [(view.drawn(campus.boundary), "")])
    covers = [each for each in campus.ground.values() if each.level == view.level]
    for cover, style in palette.COVERS.items():
        shown = [(view.drawn(each.polygon), "") for each in covers if each.cover is cover]
        yield from _areas(view, f"cover {cover.value}", style, shown)
    painted = {Cover.WATER, Cover.PUBLIC_ROAD} & {each.cover for each in covers}
    under = shapely.union_all([each.polygon for each in covers if each.cover in painted])
    for kind, style in palette.OBSTACLES.items():
        shown = [
            (view.drawn(each.polygon), each.id)
            for each in campus.obstacles.values()
            if each.level == view.level
            and _look_of(each.id, each.kind) is kind
            and not under.buffer(0.5).covers(each.polygon)
        ]
        yield from _areas(view, f"obstacle {kind.value}", style, shown)


def _look_of(identifier: str, kind: ObstacleKind) -> ObstacleKind:
    """Maps of version 1 know no kinds; names of waters are told from their ids."""
    wet = any(word in identifier for word in ("canal", "pond", "fountain", "water"))
    return ObstacleKind.WATER if kind is ObstacleKind.OTHER and wet else kind


def zones(view: View) -> Iterator[Shape]:
    """Zones by purpose, keep-clear areas, sectors of patrols."""
    campus = view.campus
    for purpose, style in (
        (ZonePurpose.CLEAN, palette.CLEAN),
        (ZonePurpose.WATCH, palette.WATCH),
        (ZonePurpose.CLOSED, palette.CLOSED),
    ):
        found = [z for z in campus.zones.values() if z.level == view.level and z.purpose is purpose]
        shown = [(view.drawn(each.polygon), each.name) for each in found]
        yield from _areas(view, purpose.value, style, shown)
        if purpose is ZonePurpose.CLOSED and shown:
            hatch = [line for polygon, _ in shown for line in _hatched(polygon, 8.0 * view.unit)]
            yield Lines("hatch", _thick(view, palette.HATCH), hatch)
    clear = [a for a in campus.keep_clear.values() if a.level == view.level]
    shown = [(view.drawn(each.polygon), each.id) for each in clear]
    yield from _areas(view, "keepclear", palette.KEEP_CLEAR, shown)


def sectors(view: View) -> Iterator[Shape]:
    found = [each for each in view.campus.sectors.values() if each.level == view.level]
    shown = [(view.drawn(each.polygon), each.name) for each in found]
    yield from _areas(view, "sector", palette.SECTOR, shown)


def lanes(view: View) -> Iterator[Shape]:
    """What robots drive on: the surface below, then the middle lines by kind, then arrows."""
    shown = driven_lanes(view.campus, view.level)
    outdoor = [each for each in shown if not each.indoor and each.structure is None]
    surfaces = sorted({each.surface for each in outdoor}, key=_surface_order)
    for name, colour, wider_m in (("edge", palette.ROAD_EDGE, _EDGE_M), ("surface", None, 0.0)):
        for surface in surfaces:
            bed = colour or palette.SURFACES.get(surface, palette.OTHER_SURFACE)
            yield from _beds(view, f"{name} {surface}", bed, outdoor, surface, wider_m=wider_m)
    for structure, colour in (
        (Structure.UNDERPASS, palette.UNDERPASS),
        (Structure.BRIDGE, palette.BRIDGE),
    ):
        built = [each for each in shown if each.structure is structure]
        yield from _beds(view, f"surface {structure.value}", colour, built, None, 1.9)
    yield from _crossings(view)
    by_kind: dict[str, list[Points]] = {kind: [] for kind in palette.LANES}
    for each in shown:
        by_kind[lane_kind(each)].append(view.line(each.points))
    for kind, style in palette.LANES.items():
        if by_kind[kind]:
            width = view.sign(0.35, 0.9)
            dash = (6.0 * view.unit, 4.0 * view.unit) if kind == "underpass" else ()
            yield Lines(f"lane {kind}", replace(style, width=width, dash=dash), by_kind[kind])
    arrows = [place for each in shown if each.reverse is None for place in _arrows(view, each)]
    if arrows and view.px_per_m > 1.0:
        yield Marks("direction", palette.ARROW, "arrow", view.sign(1.5, 4.5), arrows)


def lane_kind(lane: Lane) -> str:
    """What the middle line of a lane tells, a key of the palette's lanes."""
    if lane.structure is not None:
        return lane.structure.value
    if lane.kinds is not None:
        return "some kinds"
    if lane.indoor:
        return "indoor"
    return "forward" if lane.reverse is None else "both"


def _surface_order(surface: str) -> tuple[int, str]:
    order = ["gravel", "paving", "timber", "tiles", "concrete", "asphalt"]
    return (order.index(surface) if surface in order else -1, surface)


def _beds(
    view: View,
    name: str,
    colour: str,
    shown: Iterable[Lane],
    surface: str | None,
    factor: float | None = None,
    wider_m: float = 0.0,
) -> Iterator[Shape]:
    """Lanes as wide as they are, in one stroke for each width; with `wider_m`, roads alone."""
    widths: dict[float, list[Points]] = {}
    for each in shown:
        if surface in {None, each.surface} and (each.reverse is None or not wider_m):
            wide_m = each.width_m * (factor or _BED[each.reverse is None]) + wider_m
            widths.setdefault(round(wide_m, 1), []).append(view.line(each.points))
    for wide_m, lines in sorted(widths.items()):
        style = Style(stroke=colour, width=view.px(wide_m, 1.6))
        yield Lines(name, style, lines, butt=factor is not None)


def _crossings(view: View) -> Iterator[Shape]:
    found = [
        each
        for each in view.campus.passages.values()
        if each.kind is PassageKind.CROSSING and view.level in each.levels
    ]
    shown = [(view.drawn(Polygon(each.shape)), each.name) for each in found]
    yield from _areas(view, "crossing", palette.CROSSING, shown)


def _arrows(view: View, lane: Lane) -> Iterator[tuple[float, float, float, str]]:
    long_px = lane.length_m * view.px_per_m
    for number in range(round(long_px / (_ARROW_EVERY_PX * view.unit))):
        at_m = lane.length_m * (number + 0.5) * _ARROW_EVERY_PX * view.unit / long_px
        here = point_at(lane.points, min(at_m, lane.length_m - 0.2))
        turn = -math.degrees(heading_rad(here, point_at(lane.points, at_m + 0.1)))
        yield (*view.place(here), turn, "")


def buildings(view: View) -> Iterator[Shape]:
    """Houses shaded by their height with a shadow; those with ways in them open, as a plan."""
    campus, level = view.campus, view.level
    houses = list(campus.buildings.values())
    there = [each for each in houses if level in levels_of(each)]
    away = [(view.drawn(b.polygon), b.name) for b in houses if level not in levels_of(b)]
    yield from _areas(view, "elsewhere", palette.OTHER_FLOOR, away)
    hollow = shape_of(campus, level).hollow
    if there:
        shadows = shapely.union_all([_shadow(view, each) for each in there])
        roofs = shapely.union_all([view.drawn(each.polygon) for each in there])
        fallen = [(part, "") for part in _polygons(shadows.difference(roofs))]
        yield from _areas(view, "shadow", palette.SHADOW, fallen)
    for colour in dict.fromkeys(colour for _, colour in palette.HEIGHTS):
        style = Style(colour, palette.BUILDING_LINE, 1.0)
        shown = [
            (view.drawn(each.polygon), f"{each.name}, {each.height_m:g} m")
            for each in there
            if palette.height_colour(each.height_m) == colour and each.id not in hollow
        ]
        yield from _areas(view, "building", style, shown)
    open_ = [
        (view.drawn(each.polygon), f"{each.name}, {each.height_m:g} m")
        for each in there
        if each.id in hollow
    ]
    yield from _areas(view, "building", Style(palette.FLOOR, palette.BUILDING_LINE, 1.6), open_)


def _shadow(view: View, house: Building) -> BaseGeometry:
    """The ground that a house keeps from the sun in the north-west."""
    by = house.height_m * SHADOW_M_PER_M * view.px_per_m
    outline = view.drawn(house.polygon)
    corners = shapely.get_coordinates(outline.exterior)
    fall = by * np.array([0.8, 0.6])
    swept = [Polygon([start, end, end + fall, start + fall]) for start, end in pairwise(corners)]
    return shapely.union_all([each for each in swept if each.is_valid])


def inside(view: View) -> Iterator[Shape]:
    """Walls, lifts and doors."""
    campus, level = view.campus, view.level
    shape = shape_of(campus, level)
    walls = [
        view.line(shapely.get_coordinates(part).tolist())
        for each in campus.walls.values()
        if each.level == level
        for part in shapely.get_parts(shape.lines[each.id])
    ]
    if walls:
        style = Style(stroke=palette.WALL, width=view.sign(0.25, 0.7))
        yield Lines("wall", style, walls, butt=True)
    passages = [each for each in campus.passages.values() if level in each.levels]
    lifts = [(view.drawn(Polygon(p.shape)), p.name) for p in passages if p.kind is PassageKind.LIFT]
    yield from _areas(view, "lift", palette.LIFT, lifts)
    doors = [
        view.line(shapely.get_coordinates(p.shape).tolist())
        for p in passages
        if p.kind is PassageKind.DOOR
    ]
    if doors:
        yield Lines("door", replace(palette.DOOR, width=view.sign(0.6, 2.6)), doors, butt=True)


def cameras(view: View) -> Iterator[Shape]:
    found = [each for each in view.campus.cameras.values() if each.level == view.level]
    if found:
        cones = [(view.drawn(each.view()), "") for each in found]
        yield from _areas(view, "view", palette.VIEW, cones)
        places = [(*view.place((c.x_m, c.y_m)), 0.0, c.name) for c in found]
        yield Marks("camera", _thick(view, palette.CAMERA), "circle", view.sign(1.2, 4.0), places)


def waypoints(view: View) -> Iterator[Shape]:
    """Junctions where there is room for them, bays, docks, entrances."""
    campus = view.campus
    there = [each for each in campus.waypoints.values() if each.level == view.level]
    if view.px_per_m > 2.5:
        others = [w for w in there if not w.is_bay]
        places = [(*view.place(w.xy), 0.0, f"{w.id} ({w.role.value})") for w in others]
        yield Marks("node", palette.NODE, "circle", view.sign(0.7, 2.0), places)
    gates = [each for each in campus.entrances.values() if each.level == view.level]
    entrances = [(*view.place((e.x_m, e.y_m)), 0.0, e.name) for e in gates]
    if entrances:
        yield Marks("entrance", palette.ENTRANCE, "triangle", view.sign(1.4, 5.5), entrances)
    for role, style, size in (
        (Role.BAY, palette.BAY, view.sign(1.5, 3.6)),
        (Role.DOCK, palette.DOCK, view.sign(1.9, 8.0)),
    ):
        places = [(*view.place(w.xy), 0.0, w.name or w.id) for w in there if w.role is role]
        if places:
            yield Marks(role.value, _thick(view, style), "circle", size, places)


def assets(view: View) -> Iterator[Shape]:
    """What is inspected, stations, muster points."""
    campus = view.campus
    for kind, style in palette.ASSETS.items():
        places = [
            (*view.place(each.xy), 0.0, each.name)
            for each in campus.assets.values()
            if each.level == view.level and each.kind is kind
        ]
        if places:
            size = view.sign(1.2, 3.8)
            yield Marks(f"asset {kind.value}", _thick(view, style), "square", size, places)
    stations = [
        (*view.place((each.x_m, each.y_m)), 0.0, each.name)
        for each in campus.stations.values()
        if each.level == view.level
    ]
    if stations:
        size = view.sign(1.6, 6.0)
        yield Marks("station", _thick(view, palette.STATION), "triangle", size, stations)
    muster = [
        (*view.place((each.x_m, each.y_m)), 0.0, each.name)
        for each in campus.muster_points.values()
        if each.level == view.level
    ]
    if muster:
        size = view.sign(2.4, 11.0)
        yield Marks("muster", _thick(view, palette.MUSTER), "diamond", size, muster)


LAYERS: Mapping[str, Callable[[View], Iterator[Shape]]] = {
    "ground": ground,
    "buildings": buildings,
    "zones": zones,
    "lanes": lanes,
    "walls": inside,
    "sectors": sectors,
    "cameras": cameras,
    "assets": assets,
    "waypoints": waypoints,
}
"""What draws each layer of the map, the lowest first; names and the legend lie above."""


def _areas(
    view: View, name: str, style: Style, shown: Sequence[tuple[Polygon, str]]
) -> Iterator[Shape]:
    if shown:
        yield Areas(name, _thick(view, style), shown)


def _thick(view: View, style: Style) -> Style:
    """A style of a picture of 2400 pixels, for this one."""
    dash = tuple(each * view.unit for each in style.dash)
    return replace(style, width=style.width * view.unit, dash=dash)


def _polygons(area: BaseGeometry) -> list[Polygon]:
    return [each for each in shapely.get_parts(area) if each.geom_type == "Polygon"]


def _hatched(polygon: Polygon, apart: float) -> Iterator[Points]:
    """Lines across an area from lower left to upper right."""
    left, top, right, bottom = polygon.bounds
    high = bottom - top
    starts = np.arange(left - high, right, apart)
    lines = MultiLineString([LineString([(x, bottom), (x + high, top)]) for x in starts])
    for part in shapely.get_parts(lines.intersection(polygon)):
        if part.geom_type == "LineString":
            yield list(part.coords)
