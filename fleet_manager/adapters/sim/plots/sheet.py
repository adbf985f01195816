"""A sheet for a plot: its letters, its colours, and writing it as PNG and SVG."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fleet_manager.adapters.sim.record import Activity

INK, PALE_INK, GRID = "#26313a", "#5a666f", "#dfe3e6"
DPI = 130
ACTIVITIES: Mapping[Activity, str] = {
    Activity.WORK: "#1f7a4d",
    Activity.TO_WORK: "#7cc49b",
    Activity.WAIT: "#e2963a",
    Activity.MOVE: "#a9c3dd",
    Activity.CHARGE: "#3d6fb6",
    Activity.IDLE: "#eceff1",
    Activity.ABSENT: "#c0402c",
}
SAID: Mapping[Activity, str] = {
    Activity.WORK: "at work",
    Activity.TO_WORK: "on the way to work",
    Activity.WAIT: "waits",
    Activity.MOVE: "drives home or makes way",
    Activity.CHARGE: "charges",
    Activity.IDLE: "has nothing to do",
    Activity.ABSENT: "not heard",
}
CATEGORIES = ("#2c5f9e", "#d1495b", "#2e8b57", "#8a4fc2", "#e2963a", "#4a5568", "#0b8a8f")
_FONTS = ("DejaVu Sans", "Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Zen Hei")


def sheet(width_in: float, height_in: float) -> Figure:
    """An empty figure."""
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    here = {each.name for each in font_manager.fontManager.ttflist}
    mpl.rcParams["font.family"] = [each for each in _FONTS if each in here] or ["sans-serif"]
    mpl.rcParams["svg.hashsalt"] = "campus-fleet"  # the same picture is the same file
    figure = Figure(figsize=(width_in, height_in), dpi=DPI)
    figure.patch.set_facecolor("white")
    return figure


def titled(figure: Figure, x: float, title: str, below: str) -> None:
    """A title at the top of a figure, and a line in smaller letters below it."""
    high_in = float(figure.get_figheight())
    y = 1.0 - 0.32 / high_in
    figure.text(x, y, title, color=INK, fontsize=14, fontweight="bold", va="center")
    figure.text(
        x, y - 0.28 / high_in, below, color=PALE_INK, fontsize=9.5, va="center", parse_math=False
    )


def plain(axes: Axes) -> None:
    """No box around, a pale grid behind."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(GRID)
    axes.tick_params(colors=PALE_INK, labelsize=9)
    axes.set_axisbelow(True)


def write(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write a figure as PNG and SVG; returns the files."""
    files = [folder / f"{name}.png", folder / f"{name}.svg"]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(files[0], dpi=DPI, metadata={"Software": None})
        figure.savefig(files[1], metadata={"Date": None, "Creator": None})
    return files


def said_time(seconds: float) -> str:
    """A time for people."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
