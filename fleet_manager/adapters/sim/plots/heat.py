"""The campus with its lanes coloured by how long they go without a visit."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke
from shapely.geometry import Polygon
from shapely.geometry.polygon import orient

from fleet_manager.adapters.sim.plots.sheet import INK, PALE_INK, said_time, sheet, titled
from fleet_manager.adapters.sim.record import Record, quantile
from fleet_manager.core.campus import Campus, Cover, ObstacleKind
from fleet_manager.core.geometry import Xy

COVERS = {
    Cover.WATER: "#cfe3f0",
    Cover.GRASS: "#e9f1e0",
    Cover.TREES: "#dcead3",
    Cover.FIELD: "#eef4e2",
    Cover.PLAZA: "#f3eee4",
    Cover.CAR_PARK: "#e9ebee",
    Cover.PUBLIC_ROAD: "#dcdfe2",
}
BUILDING, BUILDING_LINE, CAMPUS, LANE = "#d9d5d0", "#b9b3ac", "#f6f7f3", "#c9ced2"
OBSTACLE = "#e2e8ea"
SHORTEST_S = 60.0
USUAL, RARE = 0.9, 2.0
"""Lanes on which visits are twice as rare as at nine of ten patrolled places are left grey."""
WORST_NAMED = 5
_TICKS_S = (60, 300, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800, 345600, 604800)


def heat_map(campus: Campus, record: Record, end_s: float) -> Figure:
    """A picture of the level on which patrols are.

    Lanes have the colour of the average time since the last visit by a robot that can patrol, at a
    random time; circles are the places that patrols were asked to visit, and the worst are named
    with their longest time without a visit; those of programmes in the hours of these.
    """
    span_s = max(end_s - record.start_s, 1.0)
    closed = {name: visits.closed(end_s) for name, visits in record.visits.items()}
    average_s = {name: max(SHORTEST_S, each[1] / (2 * span_s)) for name, each in closed.items()}
    idle = {site: record.idleness(site, end_s) for site in record.sites}
    average_s |= {site: max(SHORTEST_S, each.average_s) for site, each in idle.items()}
    worst_s = {site: each.worst_s for site, each in idle.items()}
    level = _level(campus, record)
    west, south, east, north = _bounds(campus, level)
    wide_in, top_in, foot_in = 12.0, 0.85, 0.15
    high_in = min(14.0, top_in + foot_in + 0.86 * wide_in * (north - south) / (east - west))
    figure = sheet(wide_in, high_in)
    axes = figure.add_axes((0.02, foot_in / high_in, 0.86, 1.0 - (top_in + foot_in) / high_in))
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect("equal", adjustable="box", anchor="W")
    axes.axis("off")
    _ground(axes, campus, level)
    most_s = RARE * (quantile([average_s[each] for each in record.sites], USUAL) or 3600.0)
    often = [s for name, s in average_s.items() if campus.waypoints[name].level == level]
    least_s = min([each for each in often if each <= most_s], default=SHORTEST_S)
    colours = ScalarMappable(LogNorm(least_s * 0.7, most_s, clip=True), "YlOrRd")
    _lanes(axes, campus, level, average_s, colours, most_s)
    _sites(axes, campus, level, average_s, worst_s, colours)
    _scale(figure, colours)
    name = campus.levels[level].name
    days = span_s / 86_400
    titled(
        figure,
        0.02,
        f"{campus.name}: how long since a patrol was here",
        f"average over {days:.3g} {'day' if days == 1 else 'days'}, {name.lower()}; circles: "
        "patrolled places, the worst with their longest time; grey lanes: hardly anybody came",
    )
    return figure


def _level(campus: Campus, record: Record) -> str:
    """The level with most of the patrolled places."""
    levels = [campus.waypoint(each).level for each in record.sites]
    return max(campus.levels, key=levels.count) if levels else next(iter(campus.levels))


def _bounds(campus: Campus, level: str) -> tuple[float, float, float, float]:
    if campus.boundary is not None:
        west, south, east, north = campus.boundary.bounds
    else:
        points = [each.xy for each in campus.waypoints.values() if each.level == level]
        xs, ys = zip(*points, strict=True)
        west, south, east, north = min(xs), min(ys), max(xs), max(ys)
    return west - 5.0, south - 5.0, east + 5.0, north + 5.0


def _ground(axes: Axes, campus: Campus, level: str) -> None:
    if campus.boundary is not None:
        _fill(axes, [campus.boundary], CAMPUS, "#aab3a4", 1)
    for number, (cover, colour) in enumerate(COVERS.items()):
        areas = [g.polygon for g in campus.ground.values() if (g.level, g.cover) == (level, cover)]
        _fill(axes, areas, colour, "none", 2 + number)
    stands = [each for each in campus.obstacles.values() if each.level == level]
    water = [each.polygon for each in stands if each.kind is ObstacleKind.WATER]
    other = [each.polygon for each in stands if each.kind is ObstacleKind.OTHER]
    _fill(axes, water, COVERS[Cover.WATER], "none", 10)
    _fill(axes, other, OBSTACLE, "none", 10)
    _fill(axes, [each.polygon for each in campus.buildings.values()], BUILDING, BUILDING_LINE, 11)


def _fill(axes: Axes, polygons: Iterable[Polygon], colour: str, line: str, order: int) -> None:
    paths = [_outline(each) for each in polygons]
    if paths:
        axes.add_collection(
            PathCollection(paths, facecolors=colour, edgecolors=line, linewidths=0.5, zorder=order),
            autolim=False,
        )


def _outline(polygon: Polygon) -> Outline:
    turned = orient(polygon)
    rings = [turned.exterior, *turned.interiors]
    codes = [
        np.array([Outline.MOVETO, *[Outline.LINETO] * (len(r.coords) - 2), Outline.CLOSEPOLY])
        for r in rings
    ]
    points = np.vstack([shapely.get_coordinates(ring) for ring in rings])
    return Outline(points, np.concatenate(codes))


def _lanes(
    axes: Axes,
    campus: Campus,
    level: str,
    average_s: dict[str, float],
    colours: ScalarMappable,
    most_s: float,
) -> None:
    seen: list[tuple[Xy, ...]] = []
    values: list[float] = []
    unseen: list[tuple[Xy, ...]] = []
    for lane in campus.lanes.values():
        if lane.level != level or lane.end_level not in ("", level) or lane.id != lane.feature_id:
            continue
        ends = [average_s.get(lane.start), average_s.get(lane.end)]
        known = [each for each in ends if each is not None]
        rare = any(each > most_s for each in known)
        if len(known) == len(ends) and not rare:
            seen.append(lane.points)
            values.append(sum(known) / len(known))
        else:
            unseen.append(lane.points)
    axes.add_collection(LineCollection(unseen, colors=LANE, linewidths=0.5, zorder=20), False)
    axes.add_collection(
        LineCollection(
            seen,
            colors=colours.to_rgba(np.array(values)) if values else None,
            linewidths=2.6,
            capstyle="round",
            zorder=21,
        ),
        False,
    )


def _sites(
    axes: Axes,
    campus: Campus,
    level: str,
    average_s: dict[str, float],
    worst_s: dict[str, float],
    colours: ScalarMappable,
) -> None:
    sites = [each for each in worst_s if campus.waypoint(each).level == level]
    if not sites:
        return
    points = np.array([campus.waypoint(each).xy for each in sites])
    values = np.array([average_s[each] for each in sites])
    axes.scatter(
        points[:, 0],
        points[:, 1],
        s=46,
        c=colours.to_rgba(values),
        edgecolors=INK,
        linewidths=0.8,
        zorder=30,
    )
    taken: list[Xy] = []
    apart_m = 0.05 * (axes.get_xlim()[1] - axes.get_xlim()[0])
    for site in sorted(sites, key=lambda each: -worst_s[each]):
        at = campus.waypoint(site).xy
        if len(taken) == WORST_NAMED or any(math.dist(at, each) < apart_m for each in taken):
            continue
        taken.append(at)
        text = axes.annotate(
            f"{campus.waypoint(site).name or site}: {said_time(worst_s[site])}",
            at,
            (6, 6),
            textcoords="offset points",
            fontsize=8.5,
            color=INK,
            zorder=40,
            parse_math=False,
        )
        text.set_path_effects([withStroke(linewidth=2.5, foreground="white")])


def _scale(figure: Figure, colours: ScalarMappable) -> None:
    axes = figure.add_axes((0.895, 0.12, 0.016, 0.62))
    least_s, most_s = colours.get_clim()
    ticks = [each for each in _TICKS_S if (least_s or 0) <= each <= (most_s or 0)]
    bar = figure.colorbar(colours, cax=axes)
    bar.set_ticks(ticks, labels=[said_time(each) for each in ticks])
    bar.ax.minorticks_off()
    bar.ax.tick_params(labelsize=9, colors=PALE_INK)
    bar.outline.set_visible(False)
    axes.set_title("average", fontsize=9, color=PALE_INK, loc="left")
