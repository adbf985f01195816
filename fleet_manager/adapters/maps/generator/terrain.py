"""Canals, public roads and parts of a plan, and where roads cross them."""

from __future__ import annotations

import math

from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize, unary_union

from fleet_manager.adapters.maps.generator.block_plan import Course
from fleet_manager.adapters.maps.generator.draw import LEVEL, pieces, polygon
from fleet_manager.adapters.maps.generator.plan import Plan
from fleet_manager.adapters.maps.generator.sheet import Sheet
from fleet_manager.adapters.maps.generator.track import Track
from fleet_manager.core.errors import MapFormatError
from fleet_manager.core.geometry import project

DECK_M = 3.5
"""Half the width of a bridge's deck, or of the gap in a public road at a crossing."""
BEFORE_M = 4.0
"""From the edge of a public road to where robots wait for the signal."""


def part_areas(plan: Plan) -> dict[str, Polygon]:
    """Areas of the parts: what canals and public roads that divide the campus leave together.

    Raises:
        MapFormatError: a part's point lies in no area, or in that of another part.
    """
    courses = {each.id: each for each in (*plan.canals, *plan.public_roads)}
    boundary = Polygon(plan.boundary)
    lines: list[BaseGeometry] = [boundary.exterior]
    for identifier in plan.divided_by:
        if identifier not in courses:
            raise MapFormatError(
                f"divided_by names {identifier!r}, which is no canal or public road",
                f"choose from {', '.join(courses)}",
                identifier,
            )
        lines.append(LineString(courses[identifier].line))
    areas = [each for each in polygonize(unary_union(lines)) if boundary.buffer(0.1).covers(each)]
    found: dict[str, Polygon] = {}
    for part in plan.parts:
        holding = [each for each in areas if each.contains(Point(part.holds))]
        if not holding or any(holding[0].equals(each) for each in found.values()):
            raise MapFormatError(
                f"part {part.id!r}: {part.holds} lies in no area of its own",
                "move `holds`, or let `divided_by` name what lies between the parts",
                part.id,
            )
        found[part.id] = holding[0]
    return found


def draw_parts(sheet: Sheet) -> None:
    """The parts as features."""
    for part in sheet.plan.parts:
        rings = next(pieces(sheet.parts[part.id]))
        sheet.ground.append(
            polygon(f"part_{part.id}", rings, {"feature": "part", "name": part.name})
        )


def draw_courses(sheet: Sheet) -> None:
    """Canals with bridges over them, public roads with crossings and underpasses.

    Raises:
        MapFormatError: a road runs into a canal without a bridge.
    """
    boundary = Polygon(sheet.plan.boundary)
    for canal in sheet.plan.canals:
        water = _bed(canal, boundary)
        decks: list[BaseGeometry] = []
        for track in sheet.network.tracks.values():
            if not track.shape.intersects(water):
                continue
            if not (track.no_stopping and track.road.structure in ("bridge", None)):
                raise MapFormatError(
                    f"road {track.road.id!r} runs into {canal.name}",
                    "give it the form or the structure bridge, or move it off the water",
                    track.road.id,
                )
            decks.append(_strip(track))
        _draw(sheet, canal, water, decks, "water", "water")
    for road in sheet.plan.public_roads:
        asphalt = _bed(road, boundary)
        gaps: list[BaseGeometry] = []
        for track in sheet.network.tracks.values():
            if track.shape.intersects(asphalt):
                gaps.append(_strip(track))
                if track.road.structure != "underpass":
                    _crossing(sheet, track, road)
        _draw(sheet, road, asphalt, gaps, "public_road", "public_road")


def _draw(
    sheet: Sheet,
    course: Course,
    bed: BaseGeometry,
    gaps: list[BaseGeometry],
    cover: str,
    kind: str,
) -> None:
    for number, rings in enumerate(pieces(bed), 1):
        sheet.lay_ground(f"ground_{course.id}_{number}", cover, rings)
    for number, rings in enumerate(pieces(bed.difference(unary_union(gaps))), 1):
        sheet.obstacle(f"{course.id}_{number}", kind, rings)


def _bed(course: Course, boundary: Polygon) -> BaseGeometry:
    bed = LineString(course.line).buffer(course.width_m / 2, join_style="round", cap_style="flat")
    return bed.intersection(boundary)


def _strip(track: Track) -> BaseGeometry:
    half_m = track.offset_m + DECK_M if track.dual else DECK_M
    return track.shape.buffer(half_m, cap_style="flat", join_style="mitre")


def _crossing(sheet: Sheet, track: Track, road: Course) -> None:
    """A crossing with signals: one robot at a time, waiting on either side of the public road."""
    middle = track.shape.intersection(LineString(road.line))
    if not isinstance(middle, Point) or not track.dual:
        raise MapFormatError(
            f"road {track.road.id!r} does not cross {road.name} once and plainly",
            "let a road with two carriageways cross its middle line once",
            track.road.id,
        )
    identifier = f"crossing_{track.road.id}"
    at = (middle.x, middle.y)
    sheet.network.add_crossing(identifier, at, track.road.id, identifier)
    at_m, _ = project(track.points, at)
    half_m = road.width_m / 2 + BEFORE_M
    for shift_m in (-half_m, half_m):
        where = track.shape.interpolate(at_m + shift_m)
        track.station_at((where.x, where.y), identifier)
    on_road = LineString([track.shape.interpolate(at_m + s) for s in (1 - half_m, half_m - 1)])
    area = on_road.buffer(track.offset_m + DECK_M - 0.5, cap_style="flat")
    assert not isinstance(area, MultiPolygon)
    where_on_it = f"rossing of {road.name} at {track.road.id.replace('_', ' ')}"
    properties = {
        "feature": "crossing",
        "name": f"C{where_on_it}",
        "level": LEVEL,
        "opening_s": 15.0,
        "timeout_s": 180.0,
    }
    sheet.built.append(polygon(identifier, next(pieces(area)), properties))
    heading_deg = math.degrees(math.atan2(track.points[-1][1] - at[1], track.points[-1][0] - at[0]))
    pole = track.position(at_m - half_m, 0)
    sheet.camera(
        f"camera_{identifier}",
        f"Camera of the c{where_on_it}",
        pole,
        heading_deg,
        range_m=45.0,
    )
