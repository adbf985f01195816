"""Draws a patrol plan over the map: each team's tour in its colour, sites, and where robots are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from shapely.geometry import LineString

from fleet_manager.adapters.maps.picture.scene import campus_scene
from fleet_manager.adapters.maps.picture.shapes import (
    Label,
    Lines,
    Marks,
    Points,
    Scene,
    Shape,
    Style,
)
from fleet_manager.adapters.maps.picture.view import View
from fleet_manager.core.campus import Campus
from fleet_manager.core.planning.patrol.plan import PatrolPlan, Team

Ways = Callable[[str, str], Sequence[str]]
"""Waypoints from one to another, both included."""

COLOURS = (
    "#c2255c", "#1c7ed6", "#2b8a3e", "#e8590c", "#7048e8", "#0c8599", "#a61e4d", "#5c940d",
    "#862e9c", "#d9480f",
)  # fmt: skip
_UNDERLAY = frozenset({"ground", "buildings", "lanes", "walls", "names", "legend"})


def patrol_scene(
    campus: Campus,
    plan: PatrolPlan,
    ways: Ways,
    level: str,
    size_px: int | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Scene:
    """A picture of the plan on one level.

    Raises:
        MapFormatError: nothing lies on the level, or the size is beyond what can be drawn.
    """

    def drawn(view: View) -> Iterator[Shape]:
        return _plan(view, plan, ways)

    return campus_scene(campus, level, _UNDERLAY, size_px, progress, drawn)


def _plan(view: View, plan: PatrolPlan, ways: Ways) -> Iterator[Shape]:
    for number, team in enumerate(plan.teams):
        colour = COLOURS[number % len(COLOURS)]
        lines = list(_tour(view, plan, team, ways))
        if lines:
            yield Lines("tour", Style(stroke="#ffffff", width=9.0 * view.unit), lines)
            robots = f"{team.robots} robot{'s' if team.robots > 1 else ''}"
            round_s = f", {team.duration_s / 60:.0f} min a round" if team.duration_s else ""
            name = f"team {number + 1}: {robots}{round_s}"
            yield Lines(name, Style(stroke=colour, width=5.0 * view.unit), lines)
        yield from _sites(view, plan, team, colour)
        yield from _robots(view, plan, team, ways, colour)


def _tour(view: View, plan: PatrolPlan, team: Team, ways: Ways) -> Iterator[Points]:
    """The ways from visit to visit, as far as they lie on the level."""
    waypoints = view.campus.waypoints
    sites = [plan.waypoints[visit.site] for visit in team.visits]
    for here, there in pairwise((*sites, sites[0])):
        part: list[tuple[float, float]] = []
        for each in ways(here, there):
            waypoint = waypoints[each]
            if waypoint.level == view.level:
                part.append(waypoint.xy)
            elif len(part) > 1:
                yield view.line(part)
                part = []
        if len(part) > 1:
            yield view.line(part)


def _sites(view: View, plan: PatrolPlan, team: Team, colour: str) -> Iterator[Shape]:
    """A mark at each site; who points at it is told its weight and idleness."""
    places = []
    for site in sorted(team.sites):
        waypoint = view.campus.waypoints[plan.waypoints[site]]
        if waypoint.level == view.level:
            x, y = view.place(waypoint.xy)
            text = f"{waypoint.name or waypoint.id}: at most {plan.idleness_s[site] / 60:.1f} min"
            weight = plan.weights[site]
            places.append((x, y, 0.0, text + (f", weight {weight:g}" if weight != 1.0 else "")))
    if places:
        style = Style("#ffffff", colour, 3.0 * view.unit)
        yield Marks("site", style, "circle", 13.0 * view.unit, places)


def _robots(view: View, plan: PatrolPlan, team: Team, ways: Ways, colour: str) -> Iterator[Shape]:
    """Numbers of the robots where they are at the start."""
    waypoints = view.campus.waypoints
    sites = [plan.waypoints[visit.site] for visit in team.visits]
    ends_s = [*(visit.at_s for visit in team.visits[1:]), team.duration_s]
    for number, offset_s in enumerate(team.offsets_s):
        at = next((i for i, end_s in enumerate(ends_s) if offset_s < end_s), 0)
        way = [waypoints[each] for each in ways(sites[at], sites[(at + 1) % len(sites)])]
        begin_s = team.visits[at].at_s
        share = (offset_s - begin_s) / max(ends_s[at] - begin_s, 1e-9)
        spot = LineString([*(each.xy for each in way), way[-1].xy]).interpolate(
            share, normalized=True
        )
        if all(each.level == view.level for each in way):
            x, y = view.place((spot.x, spot.y))
            style = Style(colour, "#ffffff", 2.0 * view.unit)
            yield Marks("robot", style, "circle", 24.0 * view.unit, [(x, y, 0.0, "")])
            text = str(number + 1)
            yield Label(text, (x, y), 14.0 * view.unit, "#ffffff", bold=True)
