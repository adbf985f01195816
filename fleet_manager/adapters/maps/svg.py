"""Draws a campus as an SVG picture, for people who check a map by eye."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

from shapely.geometry import Point, Polygon, box

from fleet_manager.core.campus import AssetKind, Campus, Lane, Role, Zone, ZonePurpose
from fleet_manager.core.geometry import Xy, heading_rad, length_m, point_at

_MARGIN_M = 14.0
_LEGEND_M = 26.0
_ARROW_EVERY_M = 28.0

_STYLE = """
text{font-family:'Helvetica Neue',Arial,'Noto Sans','Noto Sans CJK SC',sans-serif;fill:#26313a}
.ground{fill:#eef1e6}.boundary{fill:#e3ead8;stroke:#9aa88a;stroke-width:.8;stroke-dasharray:4 2}
.building{fill:#cdc4ba;stroke:#8b8178;stroke-width:.5}
.obstacle{fill:#b5d3a1;stroke:#8fb37a;stroke-width:.4}.water{fill:#a7cbe2;stroke:#7ba9c7}
.clean{fill:#7fc8a9;fill-opacity:.55;stroke:#2f8f6b;stroke-width:.4}
.watch{fill:#8d9fe0;fill-opacity:.16;stroke:#5b6fc0;stroke-width:.5;stroke-dasharray:2 1.4}
.closed{fill:url(#hatch);stroke:#c0563f;stroke-width:.6}
.keepclear{fill:#f2c14e;fill-opacity:.4;stroke:#c9962a;stroke-width:.3;stroke-dasharray:1 .8}
.bed{fill:none;stroke-linecap:round;stroke-linejoin:round}
.road{stroke:#b9bfc4}.path{stroke:#e9dfca}.deck{stroke:#b59a78}
.lane{fill:none;stroke-linecap:round}
.forward{stroke:#fff;stroke-width:.35}.both{stroke:#9c7d47;stroke-width:.35}
.bridge{stroke:#7a4a1e;stroke-width:.6}.arrow{fill:#fff;stroke:#7b858c;stroke-width:.12}
.junction{fill:#fff;stroke:#7b858c;stroke-width:.2}
.bay{fill:#3d7edb;stroke:#fff;stroke-width:.25}.dock{fill:#18a058;stroke:#fff;stroke-width:.25}
.crossing{fill:#222;stroke:#fff;stroke-width:.3}
.asset{stroke:#fff;stroke-width:.3}.name{font-size:5px;font-weight:600;text-anchor:middle}
.zonename{font-size:3px;text-anchor:middle;fill:#1d5c46}.watchname{fill:#46539b}
.place{font-size:3.4px;fill:#1f4f9e;font-weight:600;paint-order:stroke;stroke:#fff;
stroke-width:.7;stroke-opacity:.8}
.title{font-size:11px;font-weight:700}.small{font-size:4.6px;fill:#5a666f}
"""

_ASSET_COLOURS = {
    AssetKind.EXTINGUISHER: "#d63a2f",
    AssetKind.HYDRANT: "#b3204d",
    AssetKind.EXIT: "#1f9d55",
    AssetKind.AED: "#e0861a",
    AssetKind.ELECTRICAL_PANEL: "#7b4fc9",
}


def campus_svg(campus: Campus, level: str | None = None) -> str:
    """A picture of one level of a campus.

    Args:
        level: id of the level; None: the first of the map.
    """
    shown = level if level is not None else next(iter(campus.levels))
    frame = _frame(campus)
    min_x, min_y, max_x, max_y = frame.bounds
    width, height = max_x - min_x, max_y - min_y
    body = "\n".join(
        [
            *_grounds(campus, shown, frame),
            *_beds(campus, shown),
            *_areas(campus, shown),
            *_lanes(campus, shown),
            *_points(campus, shown),
            *_names(campus, shown),
            *_legend(campus, frame),
        ]
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{min_x:.1f} {-max_y:.1f} '
        f'{width:.1f} {height:.1f}" width="{width * 3.2:.0f}" height="{height * 3.2:.0f}">\n'
        f"<title>{escape(campus.name)}</title>\n<style>{_STYLE}</style>\n"
        '<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="5" height="5" fill="#f4d9d2"/>'
        '<rect width="1.6" height="5" fill="#dd8f7d"/></pattern></defs>\n'
        f"{body}\n</svg>\n"
    )


def _frame(campus: Campus) -> Polygon:
    around = campus.boundary or Polygon()
    points = [waypoint.xy for waypoint in campus.waypoints.values()]
    bounds = [around.bounds] if not around.is_empty else []
    xs = [x for x, _ in points] + [b[i] for b in bounds for i in (0, 2)]
    ys = [y for _, y in points] + [b[i] for b in bounds for i in (1, 3)]
    return box(
        min(xs, default=0.0) - _MARGIN_M,
        min(ys, default=0.0) - _MARGIN_M - _LEGEND_M,
        max(xs, default=1.0) + _MARGIN_M,
        max(ys, default=1.0) + _MARGIN_M,
    )


def _grounds(campus: Campus, level: str, frame: Polygon) -> Iterator[str]:
    yield _polygon(frame, "ground")
    if campus.boundary is not None:
        yield _polygon(campus.boundary, "boundary")
    for obstacle in campus.obstacles.values():
        if obstacle.level == level:
            wet = any(word in obstacle.id for word in ("canal", "pond", "fountain", "water"))
            yield _polygon(obstacle.polygon, "obstacle water" if wet else "obstacle")


def _beds(campus: Campus, level: str) -> Iterator[str]:
    """The surface under the lanes, drawn first so that junctions look like one piece."""
    lanes = [lane for lane in campus.lanes.values() if lane.level == level]
    for css, chosen in (
        ("path", [each for each in lanes if _is_path(each)]),
        ("road", [each for each in lanes if each.reverse is None or each.id.startswith("turn_")]),
        ("deck", [each for each in lanes if _on_bridge(campus, each)]),
    ):
        for lane in chosen:
            width = 3.6 if css != "path" else min(lane.width_m, 2.4)
            yield (
                f'<polyline class="bed {css}" stroke-width="{width:g}" '
                f'points="{_coordinates(lane.points)}"/>'
            )


def _areas(campus: Campus, level: str) -> Iterator[str]:
    for zone in campus.zones.values():
        if zone.level == level:
            yield _polygon(zone.polygon, zone.purpose.value)
    for area in campus.keep_clear.values():
        if area.level == level:
            yield _polygon(area.polygon, "keepclear")
    for building in campus.buildings.values():
        if building.level == level:
            yield _polygon(building.polygon, "building")


def _lanes(campus: Campus, level: str) -> Iterator[str]:
    for lane in campus.lanes.values():
        if lane.level != level or lane.id != lane.feature_id:
            continue
        css = "forward" if lane.reverse is None else "both"
        if _on_bridge(campus, lane):
            css = "bridge"
        yield f'<polyline class="lane {css}" points="{_coordinates(lane.points)}"/>'
    for lane in campus.lanes.values():
        if lane.level == level and lane.reverse is None and lane.length_m > 6.0:
            yield from _arrows(lane)


def _arrows(lane: Lane) -> Iterator[str]:
    count = max(1, round(lane.length_m / _ARROW_EVERY_M))
    for number in range(count):
        at_m = lane.length_m * (number + 0.5) / count
        x_m, y_m = point_at(lane.points, at_m)
        turn = -math.degrees(heading_rad((x_m, y_m), point_at(lane.points, at_m + 0.1)))
        yield (
            f'<path class="arrow" d="M1.3,0 L-.9,.8 L-.4,0 L-.9,-.8 Z" '
            f'transform="translate({x_m:.2f} {-y_m:.2f}) rotate({turn:.1f})"/>'
        )


def _points(campus: Campus, level: str) -> Iterator[str]:
    radii = {Role.BAY: 0.9, Role.DOCK: 0.9, Role.CROSSING: 0.9}
    for waypoint in campus.waypoints.values():
        if waypoint.level == level:
            x_m, y_m = waypoint.xy
            css = waypoint.role.value
            css = css if css in {"bay", "dock", "crossing"} else "junction"
            radius = radii.get(waypoint.role, 0.45)
            title = escape(f"{waypoint.id} ({waypoint.role})")
            yield (
                f'<circle class="{css}" cx="{x_m:.2f}" cy="{-y_m:.2f}" r="{radius}">'
                f"<title>{title}</title></circle>"
            )
    for asset in campus.assets.values():
        if asset.level == level:
            yield (
                f'<rect class="asset" x="{asset.x_m - 0.9:.2f}" y="{-asset.y_m - 0.9:.2f}" '
                f'width="1.8" height="1.8" fill="{_ASSET_COLOURS[asset.kind]}">'
                f"<title>{escape(asset.name)}</title></rect>"
            )


def _names(campus: Campus, level: str) -> Iterator[str]:
    for building in campus.buildings.values():
        if building.level == level:
            yield _text(building.name, _name_place(building.polygon), "name")
    for zone in campus.zones.values():
        if zone.level == level and zone.polygon.bounds:
            yield from _zone_name(zone)
    for waypoint in campus.waypoints.values():
        if waypoint.level == level and waypoint.name:
            yield _text(waypoint.name, (waypoint.x_m + 1.6, waypoint.y_m - 1.2), "place")


def _name_place(polygon: Polygon) -> Xy:
    """Where a building's name fits: near its middle, above a courtyard."""
    min_x, _, max_x, max_y = polygon.bounds
    middle = polygon.centroid
    if polygon.covers(middle):
        return (middle.x, middle.y - 1.6)
    above = Point((min_x + max_x) / 2, max_y - 8.0)
    at = above if polygon.covers(above) else polygon.representative_point()
    return (at.x, at.y - 1.6)


def _zone_name(zone: Zone) -> Iterator[str]:
    min_x, min_y, max_x, max_y = zone.polygon.bounds
    if zone.purpose is ZonePurpose.CLEAN:
        yield _text(zone.name, ((min_x + max_x) / 2, min_y - 3.2), "zonename")
    else:
        at = ((min_x + max_x) / 2, (min_y + max_y) / 2)
        yield _text(zone.name, at, "zonename watchname")


def _legend(campus: Campus, frame: Polygon) -> Iterator[str]:
    min_x, min_y, max_x, _ = frame.bounds
    x, y = min_x + _MARGIN_M, min_y + 24.0
    yield _text(campus.name, (x, y), "title")
    route_m = sum(lane.length_m for lane in campus.lanes.values())
    facts = (
        f"map {campus.version} · {len(campus.waypoints)} waypoints, {len(campus.lanes)} lanes "
        f"({route_m / 1000:.1f} km), {len(campus.bays)} bays of which {len(campus.docks)} docks, "
        f"{len(campus.zones)} zones, {len(campus.assets)} assets"
    )
    yield _text(facts, (x, y - 8.0), "small")
    entries = [
        ('<circle class="dock" r="1.5"/>', "dock"),
        ('<circle class="bay" r="1.5"/>', "bay"),
        ('<circle class="crossing" r="1.5"/>', "crossing"),
        *(
            (
                f'<rect class="asset" x="-1.4" y="-1.4" width="2.8" height="2.8" fill="{colour}"/>',
                kind.value.replace("_", " "),
            )
            for kind, colour in _ASSET_COLOURS.items()
        ),
        ('<rect class="clean" x="-2" y="-1.4" width="4" height="2.8"/>', "cleaned"),
        ('<rect class="watch" x="-2" y="-1.4" width="4" height="2.8"/>', "watched"),
        ('<rect class="closed" x="-2" y="-1.4" width="4" height="2.8"/>', "closed"),
        ('<rect class="keepclear" x="-2" y="-1.4" width="4" height="2.8"/>', "keep clear"),
    ]
    for sign, label in entries:
        yield f'<g transform="translate({x + 2:.1f} {-(y - 16.0):.1f})">{sign}</g>'
        yield _text(label, (x + 5.5, y - 17.6), "small")
        x += 11.0 + 2.5 * len(label)
    bar_x = max_x - _MARGIN_M - 50.0
    bar = [(bar_x, y - 2.0), (bar_x + 50.0, y - 2.0)]
    yield (
        f'<polyline points="{_coordinates(bar)}" fill="none" stroke="#26313a" stroke-width=".8"/>'
    )
    yield _text("50 m", (bar_x + 19.0, y), "small")


def _is_path(lane: Lane) -> bool:
    return lane.reverse is not None and not lane.id.startswith("turn_")


def _on_bridge(campus: Campus, lane: Lane) -> bool:
    ends = (campus.waypoints[lane.start], campus.waypoints[lane.end])
    return any(each.role is Role.BRIDGE for each in ends) and length_m(lane.points) > 0.0


def _polygon(polygon: Polygon, css: str) -> str:
    rings = (polygon.exterior, *polygon.interiors)
    drawn = " ".join(
        "M" + " L".join(f"{x:.2f},{-y:.2f}" for x, y in ring.coords[:-1]) + " Z" for ring in rings
    )
    return f'<path class="{css}" fill-rule="evenodd" d="{drawn}"/>'


def _coordinates(points: Iterable[Xy]) -> str:
    return " ".join(f"{x:.2f},{-y:.2f}" for x, y in points)


def _text(text: str, at: Xy, css: str) -> str:
    return f'<text class="{css}" x="{at[0]:.1f}" y="{-at[1]:.1f}">{escape(text)}</text>'
