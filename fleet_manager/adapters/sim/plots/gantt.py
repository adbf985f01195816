"""A day of the fleet: what each robot does when."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fleet_manager.adapters.sim.plots.sheet import (
    ACTIVITIES,
    GRID,
    INK,
    PALE_INK,
    SAID,
    plain,
    sheet,
    titled,
)
from fleet_manager.adapters.sim.record import Activity, Record
from fleet_manager.core.scenario import DAY_S, HOUR_S
from fleet_manager.core.site import Site

ROW_IN = 0.165


def gantt(site: Site, record: Record, end_s: float, day: int = 0) -> Figure:
    """Robots, kind by kind, over the hours of a day of the simulation (the first is 0)."""
    zone = ZoneInfo(site.campus.timezone)
    from_s = record.start_s + day * DAY_S
    until_s = min(from_s + DAY_S, end_s)
    names = sorted(site.fleet.robots, key=lambda name: (site.fleet.robots[name].kind, _key(name)))
    high_in = max(3.2, ROW_IN * len(names)) + 1.7
    figure = sheet(13.0, high_in)
    axes = figure.add_axes((0.10, 0.45 / high_in, 0.88, 1.0 - 1.65 / high_in))
    plain(axes)
    date = datetime.fromtimestamp(from_s, zone)
    titled(figure, 0.10, "What the robots do", f"{date:%A}, {date.day} {date:%B %Y}")
    for activity, colour in ACTIVITIES.items():
        boxes = [
            Rectangle((begin_s - from_s, row - 0.42), last_s - begin_s, 0.84)
            for row, name in enumerate(names)
            for begin_s, last_s in _spans(record, name, activity, from_s, until_s)
        ]
        axes.add_collection(PatchCollection(boxes, facecolors=colour, linewidths=0.0))
    axes.set_xlim(0.0, max(until_s - from_s, 1.0))
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_yticks(range(len(names)), names, fontsize=7.5)
    _hours(axes, from_s, until_s, zone)
    _kinds(axes, site, names)
    _legend(figure, high_in)
    return figure


def _key(name: str) -> tuple[str, int]:
    stem, _, number = name.rpartition("_")
    return (stem, int(number)) if number.isdigit() else (name, 0)


def _spans(
    record: Record, robot: str, activity: Activity, from_s: float, until_s: float
) -> list[tuple[float, float]]:
    """When a robot was at something, within some time."""
    story = record.activities.get(robot, [])
    found = []
    for index, (begin_s, each) in enumerate(story):
        last_s = story[index + 1][0] if index + 1 < len(story) else until_s
        if each is activity and last_s > from_s and begin_s < until_s:
            found.append((max(begin_s, from_s), min(last_s, until_s)))
    return found


def _hours(axes: Axes, from_s: float, until_s: float, zone: ZoneInfo) -> None:
    every_s = 2 * HOUR_S if until_s - from_s > 8 * HOUR_S else HOUR_S / 2
    ticks = [from_s + every_s * n for n in range(int((until_s - from_s) / every_s) + 1)]
    labels = [f"{datetime.fromtimestamp(each, zone):%H:%M}" for each in ticks]
    axes.set_xticks([each - from_s for each in ticks], labels)
    axes.grid(axis="x", color=GRID, linewidth=0.8)


def _kinds(axes: Axes, site: Site, names: list[str]) -> None:
    """A line between kinds of robots."""
    kinds = [site.fleet.robots[name].kind for name in names]
    for row in range(1, len(kinds)):
        if kinds[row] != kinds[row - 1]:
            axes.axhline(row - 0.5, color=PALE_INK, linewidth=0.8)


def _legend(figure: Figure, high_in: float) -> None:
    x = 0.10
    y = 1.0 - 1.0 / high_in
    for activity, colour in ACTIVITIES.items():
        figure.add_artist(
            Rectangle(
                (x, y - 0.07 / high_in),
                0.012,
                0.14 / high_in,
                transform=figure.transFigure,
                facecolor=colour,
                edgecolor=GRID,
                linewidth=0.6,
            )
        )
        figure.text(x + 0.016, y, SAID[activity], fontsize=8.5, color=INK, va="center")
        x += 0.03 + 0.0068 * len(SAID[activity])
