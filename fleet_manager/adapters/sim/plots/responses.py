"""How long people wait until a robot begins, task by task."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fleet_manager.adapters.sim.plots.sheet import (
    CATEGORIES,
    GRID,
    INK,
    PALE_INK,
    plain,
    said_time,
    sheet,
    titled,
)
from fleet_manager.adapters.sim.record import Record, quantile
from fleet_manager.core.task import Category

SHOWN_PART = 0.98
_TICKS_MIN = (0.5, 1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1440)


def response_plot(record: Record, end_s: float) -> Figure:
    """The part of all tasks that a robot had begun after so many minutes, by category."""
    figure = sheet(11.0, 6.0)
    axes = figure.add_axes((0.07, 0.10, 0.60, 0.76))
    plain(axes)
    titled(
        figure,
        0.07,
        "How soon a robot begins",
        "from when a task is asked for until a robot works at its first place",
    )
    lines: list[Line] = []
    longest_s = 60.0
    for number, category in enumerate(each for each in Category if each is not Category.CHARGE):
        waits, asked = _waits(record, category, end_s)
        if not asked:
            continue
        colour = CATEGORIES[number % len(CATEGORIES)]
        minutes = np.array([0.01, *sorted(waits)]) / 60
        part = np.arange(len(waits) + 1) / asked
        axes.step([*minutes, 1e5], [*part, part[-1]], where="post", color=colour, linewidth=2)
        p90_s = quantile(waits, 0.9 * asked / max(1, len(waits))) if waits else None
        longest_s = max(longest_s, quantile(waits, SHOWN_PART) or 0.0)
        lines.append((category, colour, asked, len(waits), quantile(waits, 0.5), p90_s))
    axes.set_xscale("log")
    most_min = longest_s / 60 * 1.3
    axes.set_xlim(0.4, max(2.0, most_min))
    ticks = [each for each in _TICKS_MIN if 0.4 <= each <= most_min]
    axes.set_xticks(ticks, [f"{each:g}" if each < 120 else f"{each / 60:g} h" for each in ticks])
    axes.minorticks_off()
    axes.set_ylim(0.0, 1.02)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 0.9, 1.0], ["0", "25 %", "50 %", "75 %", "90 %", "100 %"])
    axes.grid(color=GRID, linewidth=0.8)
    axes.axhline(0.9, color=PALE_INK, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.set_xlabel("minutes", color=PALE_INK, fontsize=9)
    _legend(figure, lines)
    return figure


def _waits(record: Record, category: Category, end_s: float) -> tuple[list[float], int]:
    """How long those that were begun had waited, and how many were asked for."""
    stories = [s for s in record.tasks.values() if s.category is category and s.asked_s < end_s]
    begun = [each.begun_s - each.asked_s for each in stories if each.begun_s is not None]
    withdrawn = sum(1 for each in stories if each.begun_s is None and each.ended_s is not None)
    return begun, len(stories) - withdrawn


Line = tuple[Category, str, int, int, float | None, float | None]
"""Category, colour, how many were asked for and begun, p50 and p90 of the waits."""


def _legend(figure: Figure, lines: list[Line]) -> None:
    top = 0.80
    for number, (category, colour, asked, begun, p50_s, p90_s) in enumerate(lines):
        y = top - 0.115 * number
        figure.add_artist(_swatch(figure, 0.70, y, colour))
        name = category.value.replace("_", " ")
        figure.text(0.73, y, name, color=INK, fontsize=10.5, fontweight="bold", va="center")
        half = "-" if p50_s is None else said_time(p50_s)
        most = "-" if p90_s is None else said_time(p90_s)
        waiting = f", {asked - begun} not begun" if asked > begun else ""
        tasks = "1 task" if asked == 1 else f"{asked:,} tasks"
        soon = f"within {half}" if begun == 1 else f"half within {half}, 90 % within {most}"
        text = f"{soon}\n{tasks}{waiting}"
        figure.text(0.73, y - 0.020, text, color=PALE_INK, fontsize=8.5, va="top")


def _swatch(figure: Figure, x: float, y: float, colour: str) -> Line2D:
    return Line2D([x, x + 0.02], [y, y], color=colour, linewidth=3, transform=figure.transFigure)
